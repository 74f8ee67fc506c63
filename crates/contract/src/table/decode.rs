//! Bytes of other encodings, read as UTF-8, and written again.
//!
//! Bytes that are no character of the encoding are an error with the number of the first of them, never a replacement
//! character: a rule would judge what is not in the file.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::iter;

use lockgate_forms::Encoding;

/// Returns a reader of the same text in UTF-8.
pub(super) fn as_utf8(inner: impl Read + 'static, encoding: Encoding) -> Box<dyn Read> {
    let step: Step = match encoding {
        // What is not UTF-8 is found where the text is cut into records, with its line.
        Encoding::Utf8 => return Box::new(inner),
        Encoding::Latin1 => |bytes| bytes.pop_front().map(|byte| Ok(char::from(byte))),
        Encoding::Windows1252 => |bytes| bytes.pop_front().map(|byte| windows_1252(byte).ok_or("windows-1252")),
        Encoding::Utf16 => return Box::new(Utf16 { inner, order: None, decoded: Decoded::new() }),
    };
    Box::new(Bytewise { inner, step, decoded: Decoded::new() })
}

/// Returns the bytes of a text that was read with [`as_utf8`], or the first character that the encoding does not have.
pub(super) fn encoded(text: &str, encoding: Encoding) -> Result<Vec<u8>, char> {
    match encoding {
        Encoding::Utf8 => Ok(text.as_bytes().to_vec()),
        Encoding::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).map_err(|_| c)).collect(),
        Encoding::Windows1252 => {
            let byte = |c: char| (0..=u8::MAX).find(|byte| windows_1252(*byte) == Some(c)).ok_or(c);
            text.chars().map(byte).collect()
        }
        Encoding::Utf16 => Ok(iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()),
    }
}

/// Takes one character off the bytes; `None` when there are none.
type Step = fn(&mut VecDeque<u8>) -> Option<Result<char, &'static str>>;

const BLOCK: usize = 1 << 16;

/// What has been read and decoded and not yet been taken.
struct Decoded {
    bytes: VecDeque<u8>,
    text: Vec<u8>,
    taken: usize,
    /// Bytes of the file that have been decoded.
    offset: u64,
}

impl Decoded {
    fn new() -> Self {
        Self { bytes: VecDeque::new(), text: Vec::new(), taken: 0, offset: 0 }
    }

    /// Reads another block; `false` at the end of the file.
    fn refill(&mut self, inner: &mut impl Read) -> io::Result<bool> {
        let mut block = vec![0; BLOCK];
        let read = inner.read(&mut block)?;
        self.bytes.extend(&block[..read]);
        (self.taken, self.text) = (0, Vec::new());
        Ok(read > 0)
    }

    fn push(&mut self, c: char, bytes: u64) {
        self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        self.offset += bytes;
    }

    fn is_taken(&self) -> bool {
        self.taken == self.text.len()
    }

    fn take(&mut self, room: &mut [u8]) -> usize {
        let left = &self.text[self.taken..];
        let len = left.len().min(room.len());
        room[..len].copy_from_slice(&left[..len]);
        self.taken += len;
        len
    }

    fn refuse(&self, encoding: &str) -> io::Error {
        let at = self.offset + 1;
        io::Error::new(ErrorKind::InvalidData, format!("byte {at} is not {encoding} text"))
    }
}

struct Bytewise<R> {
    inner: R,
    step: Step,
    decoded: Decoded,
}

impl<R: Read> Read for Bytewise<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.decoded.is_taken() && self.decoded.refill(&mut self.inner)? {
            while let Some(c) = (self.step)(&mut self.decoded.bytes) {
                let c = c.map_err(|encoding| self.decoded.refuse(encoding))?;
                self.decoded.push(c, 1);
            }
        }
        Ok(self.decoded.take(room))
    }
}

struct Utf16<R> {
    inner: R,
    order: Option<ByteOrder>,
    decoded: Decoded,
}

#[derive(Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.decoded.is_taken() {
            let more = self.decoded.refill(&mut self.inner)?;
            self.decode()?;
            if !more {
                // Half a character is left when the file ends within it.
                return if self.decoded.bytes.is_empty() { Ok(0) } else { Err(self.decoded.refuse("UTF-16")) };
            }
        }
        Ok(self.decoded.take(room))
    }
}

impl<R> Utf16<R> {
    fn decode(&mut self) -> io::Result<()> {
        while let Some(first) = self.unit(0)? {
            let units = if (0xD800..0xDC00).contains(&first) {
                self.unit(1)?.map(|low| vec![first, low])
            } else {
                Some(vec![first])
            };
            let Some(units) = units else { return Ok(()) };
            let c = char::decode_utf16(units.iter().copied()).next();
            let c = c.and_then(Result::ok).ok_or_else(|| self.decoded.refuse("UTF-16"))?;
            self.decoded.bytes.drain(..units.len() * 2);
            self.decoded.push(c, units.len() as u64 * 2);
        }
        Ok(())
    }

    /// Returns the unit at an index, when both of its bytes are there.
    fn unit(&mut self, index: usize) -> io::Result<Option<u16>> {
        let (Some(order), true) = (self.byte_order()?, self.decoded.bytes.len() >= 2 * index + 2) else {
            return Ok(None);
        };
        let pair = [self.decoded.bytes[2 * index], self.decoded.bytes[2 * index + 1]];
        Ok(Some(match order {
            ByteOrder::Little => u16::from_le_bytes(pair),
            ByteOrder::Big => u16::from_be_bytes(pair),
        }))
    }

    fn byte_order(&mut self) -> io::Result<Option<ByteOrder>> {
        if self.order.is_none() && self.decoded.bytes.len() >= 2 {
            self.order = Some(match (self.decoded.bytes[0], self.decoded.bytes[1]) {
                (0xFF, 0xFE) => ByteOrder::Little,
                (0xFE, 0xFF) => ByteOrder::Big,
                _ => {
                    let why = "it does not start with the byte order mark of UTF-16";
                    return Err(io::Error::new(ErrorKind::InvalidData, why));
                }
            });
            self.decoded.bytes.drain(..2);
            self.decoded.offset += 2;
        }
        Ok(self.order)
    }
}

/// Unicode's mapping of code page 1252 (`CP1252.TXT`), in which five bytes are no character.
fn windows_1252(byte: u8) -> Option<char> {
    const HIGH: [u16; 32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D,
        0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,
        0x017E, 0x0178,
    ];
    match byte {
        0x80..=0x9F => {
            Some(HIGH[usize::from(byte - 0x80)]).filter(|code| *code != 0).and_then(|code| char::from_u32(code.into()))
        }
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoding: Encoding, bytes: &[u8], expect: Result<&str, &str>) {
        let mut text = String::new();
        let read = as_utf8(io::Cursor::new(bytes.to_vec()), encoding).read_to_string(&mut text);
        let found = read.map(|_| text.as_str()).map_err(|error| error.to_string());
        assert_eq!(found.as_ref().map(|text| *text).map_err(String::as_str), expect, "{bytes:?}");
    }

    #[test]
    fn each_encoding_is_read_and_what_is_none_of_its_characters_is_told() {
        check(Encoding::Latin1, b"caf\xe9 \x80", Ok("caf\u{e9} \u{80}"));
        check(Encoding::Windows1252, b"caf\xe9 \x80", Ok("caf\u{e9} \u{20ac}"));
        check(Encoding::Windows1252, b"ab\x81", Err("byte 3 is not windows-1252 text"));
        check(Encoding::Utf16, b"\xff\xfea\0\n\0", Ok("a\n"));
        check(Encoding::Utf16, b"\xfe\xff\0a\xd8\x3d\xde\x00", Ok("a\u{1f600}"));
        check(Encoding::Utf16, b"\xfe\xff\0a\xd8\x3d\0b", Err("byte 5 is not UTF-16 text"));
        check(Encoding::Utf16, b"\xff\xfea\0\n", Err("byte 5 is not UTF-16 text"));
        check(Encoding::Utf16, b"\xff\xfea\0\x3d\xd8", Err("byte 5 is not UTF-16 text"));
        check(Encoding::Utf16, b"a\0", Err("it does not start with the byte order mark of UTF-16"));
        check(Encoding::Utf16, b"", Ok(""));
    }

    #[test]
    fn what_was_read_is_written_again() {
        let check = |encoding, bytes: &[u8]| {
            let mut text = String::new();
            as_utf8(io::Cursor::new(bytes.to_vec()), encoding).read_to_string(&mut text).expect("it is text");
            assert_eq!(encoded(&text, encoding).as_deref(), Ok(bytes));
        };
        check(Encoding::Utf8, "caf\u{e9}".as_bytes());
        check(Encoding::Latin1, b"caf\xe9 \x80");
        check(Encoding::Windows1252, b"caf\xe9 \x80\x9f");
        check(Encoding::Utf16, b"\xff\xfea\0\x3d\xd8\x00\xde");
        assert_eq!(encoded("\u{20ac}", Encoding::Latin1), Err('\u{20ac}'));
    }

    #[test]
    fn a_character_may_lie_across_two_blocks() {
        let text = format!("{}\u{1f600}x", "a".repeat(BLOCK / 2 - 2));
        let bytes: Vec<u8> = std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        check(Encoding::Utf16, &bytes, Ok(&text));
    }
}
