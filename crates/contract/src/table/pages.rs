//! A walk over the pages of a Parquet file, before the library reads them.
//!
//! The library takes the sizes in page headers on trust: a negative one makes it ask for 2^61 bytes, which ends the whole
//! process and cannot be caught. So each header is read here first, a few bytes a page (the format's `PageHeader`, in Thrift's
//! compact protocol), and what does not fit into its column chunk is damage.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Where the pages of one column chunk lie, after the footer.
pub(super) struct Chunk {
    pub start: u64,
    pub end: u64,
    pub values: u64,
}

/// Headers longer than this hold statistics with endless strings; no writer makes them.
const LONGEST_HEADER: u64 = 1 << 20;

/// Read first; nearly all headers fit.
const USUAL_HEADER: u64 = 512;

/// Says what is wrong with the pages of a chunk.
pub(super) fn wrong_pages(file: &mut File, chunk: &Chunk) -> io::Result<Option<&'static str>> {
    let (mut at, mut values) = (chunk.start, 0u64);
    // What lies behind the last value is of no interest: some writers leave a gap.
    while values < chunk.values && at < chunk.end {
        let Some((page, header_len)) = read_header(file, at, chunk.end)? else {
            return Ok(Some("a page header in it makes no sense"));
        };
        let Some(sizes) = page.sizes() else { return Ok(Some("a page in it has a negative size")) };
        at = at.saturating_add(header_len).saturating_add(sizes.compressed);
        values = values.saturating_add(sizes.values);
    }
    Ok(if at > chunk.end {
        Some("a page in it is larger than its place")
    } else if values == chunk.values {
        None
    } else {
        Some("its pages hold another number of values than its footer says")
    })
}

/// Reads the header at `at` and its length; `None` when there is none.
fn read_header(file: &mut File, at: u64, end: u64) -> io::Result<Option<(PageHeader, u64)>> {
    for most in [USUAL_HEADER, LONGEST_HEADER] {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        file.take(most.min(end - at)).read_to_end(&mut bytes)?;
        let mut thrift = Thrift { bytes: &bytes, at: 0 };
        if let Some(page) = PageHeader::read(&mut thrift) {
            return Ok(Some((page, thrift.at as u64)));
        }
    }
    Ok(None)
}

/// The numbers of a page header.
#[derive(Default)]
struct PageHeader {
    uncompressed: i64,
    compressed: i64,
    /// Of a data page: its values; nulls and the lengths of its levels, if it says so.
    values: i64,
    others: Vec<i64>,
}

struct Sizes {
    compressed: u64,
    values: u64,
}

impl PageHeader {
    fn read(thrift: &mut Thrift<'_>) -> Option<Self> {
        let mut page = Self::default();
        thrift.structure(0, &mut |field, thrift, kind| match (field, kind) {
            (2, Thrift::I32) => thrift.number().map(|size| page.uncompressed = size),
            (3, Thrift::I32) => thrift.number().map(|size| page.compressed = size),
            (5 | 8, Thrift::STRUCT) => thrift.structure(1, &mut |field, thrift, kind| match (field, kind) {
                (1, Thrift::I32) => thrift.number().map(|values| page.values = values),
                (_, Thrift::I32) => thrift.number().map(|other| page.others.push(other)),
                _ => thrift.skip(kind, 2),
            }),
            (7, Thrift::STRUCT) => thrift.structure(1, &mut |_, thrift, kind| match kind {
                Thrift::I32 => thrift.number().map(|other| page.others.push(other)),
                _ => thrift.skip(kind, 2),
            }),
            _ => thrift.skip(kind, 1),
        })?;
        Some(page)
    }

    /// Returns the sizes when none of the numbers is negative, as all of them are counts or codes.
    fn sizes(&self) -> Option<Sizes> {
        let negative = self.uncompressed < 0 || self.others.iter().any(|other| *other < 0);
        if negative {
            return None;
        }
        Some(Sizes { compressed: u64::try_from(self.compressed).ok()?, values: u64::try_from(self.values).ok()? })
    }
}

/// Thrift's compact protocol, as far as page headers use it.
struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What is done with a field: its number, and its type.
type OnField<'a> = dyn FnMut(i64, &mut Thrift<'_>, u8) -> Option<()> + 'a;

impl Thrift<'_> {
    const I32: u8 = 5;
    const STRUCT: u8 = 12;

    /// Deeper nesting than any header has.
    const DEEPEST: u32 = 16;

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Reads a number in zigzag form.
    fn number(&mut self) -> Option<i64> {
        let raw = self.varint()?;
        Some((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    fn structure(&mut self, depth: u32, on_field: &mut OnField<'_>) -> Option<()> {
        let mut field = 0;
        if depth > Self::DEEPEST {
            return None;
        }
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            let delta = i64::from(head >> 4);
            field = if delta == 0 { self.number()? } else { field + delta };
            on_field(field, self, head & 0x0F)?;
        }
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        match kind {
            // A boolean field is its own value.
            1 | 2 => Some(()),
            3 => self.byte().map(|_| ()),
            4..=6 => self.varint().map(|_| ()),
            7 => self.jump(8),
            8 => {
                let len = self.varint()?;
                self.jump(len)
            }
            9 | 10 => self.skip_list(depth),
            12 => self.structure(depth, &mut |_, thrift, kind| thrift.skip(kind, depth + 1)),
            _ => None,
        }
    }

    fn skip_list(&mut self, depth: u32) -> Option<()> {
        let head = self.byte()?;
        let len = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        for _ in 0..len {
            // Booleans take a byte each in a list.
            match head & 0x0F {
                1 | 2 => self.jump(1)?,
                kind => self.skip(kind, depth + 1)?,
            }
        }
        Some(())
    }

    fn jump(&mut self, len: u64) -> Option<()> {
        let at = self.at.checked_add(usize::try_from(len).ok()?)?;
        (at <= self.bytes.len()).then(|| self.at = at)
    }
}
