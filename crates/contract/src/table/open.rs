//! From a path to a table: the format, the parts, their columns.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use lockgate_forms::TextForm;
use polars::prelude::{DataType, FileMetadataRef, ParquetReader, SerReader};

use super::binary::Run;
use super::folders::{self, FolderKey};
use super::footer::{ColumnFacts, chunks};
use super::pages::wrong_pages;
use super::{CheckError, Format, Stored, Wanted, binary, csv, jsonl};
use crate::report::{StoredColumn, TableReport};
use crate::value::Type;

/// A table that was found and looks whole; its rows are not read yet.
pub(crate) struct Table {
    pub format: Format,
    /// How its text is written, if it is text.
    pub form: TextForm,
    /// The columns, in the order of the first part, then those that folders give.
    pub columns: Vec<(String, Stored)>,
    pub parts: Vec<Part>,
    pub bytes: u64,
    /// The folder for what does not fit into memory while the table is judged.
    pub scratch: PathBuf,
}

/// One file of a table.
pub(crate) struct Part {
    /// The name in messages: the table's, and below a folder the path in it.
    pub name: String,
    pub path: PathBuf,
    /// The columns that the folders above it give, as far as the file does not hold them itself.
    pub keys: Vec<FolderKey>,
    /// The number of rows, when it is known without reading them.
    pub rows: Option<u64>,
    /// The columns in their order, where it is not that of the first part.
    order: Option<Vec<String>>,
    /// The columns that are stored as categories of text, and are read as text.
    pub(super) categories: Vec<String>,
    footer: Option<FileMetadataRef>,
}

impl Table {
    /// Opens the file or folder at `path`, which messages call `name`; text in it is written as `form` says.
    pub fn open(name: &str, path: &Path, form: &TextForm) -> Result<Self, CheckError> {
        let mut files = Vec::new();
        list(name, path, &[], &mut files)?;
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let Some(first) = files.first() else {
            return Err(not_a_table(name, "the folder holds no file"));
        };
        let format = format_of(first)?;
        let mut table = Self {
            format,
            form: form.clone(),
            columns: Vec::new(),
            parts: Vec::new(),
            bytes: 0,
            scratch: std::env::temp_dir(),
        };
        for mut part in files {
            table.bytes += part.metadata()?.len();
            let columns = part.open(format, form)?;
            table.add_columns(&mut part, columns)?;
            table.parts.push(part);
        }
        table.add_folder_keys();
        Ok(table)
    }

    /// Says whether a column is given by the names of folders.
    pub fn is_folder_key(&self, column: &str) -> bool {
        self.parts.first().is_some_and(|part| part.keys.iter().any(|key| key.name == column))
    }

    fn add_folder_keys(&mut self) {
        let Self { columns, parts, .. } = self;
        for part in parts.iter_mut() {
            part.keys.retain(|key| columns.iter().all(|(name, _)| *name != key.name));
        }
        let keys = parts.first().map_or(&[][..], |part| part.keys.as_slice());
        columns.extend(keys.iter().map(|key| (key.name.clone(), Stored::Text)));
    }

    /// Returns the orders in which the columns stand, each with the first part that has it.
    pub fn orders(&self) -> impl Iterator<Item = (&Part, Vec<&str>)> {
        let first = self.parts.iter().take(1).map(|part| (part, self.columns.iter().map(|(name, _)| name.as_str())));
        let first = first.map(|(part, names)| (part, names.collect::<Vec<_>>()));
        let others = self.parts.iter().filter_map(|part| {
            let keys = part.keys.iter().map(|key| key.name.as_str());
            Some((part, part.order.as_ref()?.iter().map(String::as_str).chain(keys).collect()))
        });
        first.chain(others)
    }

    /// Returns how a column is stored, if it is there.
    ///
    /// JSON lines name their columns in every line: without a line there are none to miss, so each is taken to be there.
    pub fn stored(&self, column: &str) -> Option<&Stored> {
        if self.format == Format::JsonLines && self.known_rows() == Some(0) {
            return Some(&Stored::Text);
        }
        self.columns.iter().find(|(name, _)| name == column).map(|(_, stored)| stored)
    }

    /// Returns some column with its stored type as the wanted one, for when only rows are counted.
    pub fn first_wanted(&self) -> Option<Wanted> {
        // Text is read as text; a type the schema language does not know is not parsed, only read.
        self.columns.first().map(|(name, _)| Wanted { name: name.clone(), ty: Type::Str })
    }

    /// Returns the number of rows, when it is known without reading them.
    pub fn known_rows(&self) -> Option<u64> {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// Returns what the footers prove about a column; `None` when any part says nothing.
    pub fn facts(&self, column: &str) -> Option<ColumnFacts> {
        let Stored::Typed(stored) = self.stored(column)? else { return None };
        self.parts.iter().try_fold(ColumnFacts::NONE, |all, part| {
            Some(all.and(ColumnFacts::read(part.footer.as_ref()?, column, stored)?))
        })
    }

    /// Returns what a report says of the table itself.
    pub fn report(&self, name: &str, rows: u64) -> TableReport {
        let column = |(name, stored): &(String, Stored)| StoredColumn { name: name.clone(), stored: stored.name() };
        TableReport {
            path: name.to_owned(),
            rows,
            columns: self.columns.len() as u64,
            bytes: self.bytes,
            stored: self.columns.iter().map(column).collect(),
            rejects: None,
        }
    }

    fn add_columns(&mut self, part: &mut Part, columns: Vec<(String, Stored)>) -> Result<(), CheckError> {
        let Some(first) = self.parts.first() else {
            self.columns = columns;
            return Ok(());
        };
        folders::expect_same((&first.name, &first.keys), (&part.name, &part.keys))?;
        if self.format == Format::JsonLines {
            // Each line has its own keys, so a part may well have fewer; a key is a column wherever it is met.
            let new = columns.into_iter().filter(|(name, _)| self.columns.iter().all(|(known, _)| known != name));
            let new: Vec<_> = new.collect();
            self.columns.extend(new);
            return Ok(());
        }
        match difference(&self.columns, &columns) {
            None => {
                let names = || columns.iter().map(|(name, _)| name);
                let is_other = names().ne(self.columns.iter().map(|(name, _)| name));
                part.order = is_other.then(|| names().cloned().collect());
                Ok(())
            }
            Some(why) => Err(CheckError::PartsDiffer { path: part.name.clone(), first: first.name.clone(), why }),
        }
    }
}

/// Says how the columns differ; their order does not matter.
fn difference(first: &[(String, Stored)], other: &[(String, Stored)]) -> Option<String> {
    let find =
        |columns: &[(String, Stored)], name: &str| columns.iter().find(|(n, _)| n == name).map(|(_, s)| s.clone());
    for (name, stored) in first {
        match find(other, name) {
            None => return Some(format!("`{name}` is missing")),
            Some(found) if found != *stored => {
                return Some(format!("`{name}` is {} and not {}", found.name(), stored.name()));
            }
            Some(_) => {}
        }
    }
    other.iter().find(|(name, _)| find(first, name).is_none()).map(|(name, _)| format!("`{name}` is extra"))
}

/// Adds all files at or below `path`; those that start with a dot or an underscore are other programs' notes.
fn list(name: &str, path: &Path, keys: &[FolderKey], files: &mut Vec<Part>) -> Result<(), CheckError> {
    let unreadable = |cause| CheckError::unreadable(name, cause);
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_file() {
        let keys = keys.to_vec();
        let (name, path) = (name.to_owned(), path.to_owned());
        files.push(Part { name, path, keys, rows: None, order: None, categories: Vec::new(), footer: None });
        return Ok(());
    }
    if !metadata.is_dir() {
        return Err(not_a_table(name, "it is neither a file nor a folder"));
    }
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Ok(file_name) = entry.file_name().into_string() else {
            return Err(not_a_table(name, "the name of a file in it is not UTF-8"));
        };
        let key = if entry.path().is_dir() { FolderKey::read(&file_name) } else { None };
        if key.is_none() && file_name.starts_with(['.', '_']) {
            continue;
        }
        let name = format!("{name}/{file_name}");
        if key.as_ref().is_some_and(|key| keys.iter().any(|above| above.name == key.name)) {
            return Err(not_a_table(&name, "a folder above it has the same key"));
        }
        let keys: Vec<FolderKey> = keys.iter().cloned().chain(key).collect();
        list(&name, &entry.path(), &keys, files)?;
    }
    Ok(())
}

impl Part {
    pub fn file(&self) -> Result<File, CheckError> {
        File::open(&self.path).map_err(|cause| CheckError::unreadable(&self.name, cause))
    }

    /// Returns the pieces in which a binary file is read.
    pub(super) fn runs(&self) -> Vec<Run> {
        match &self.footer {
            Some(footer) => binary::runs((0..footer.row_groups.len()).map(|at| footer.row_groups[at].num_rows())),
            None => vec![Run::All],
        }
    }

    fn metadata(&self) -> Result<fs::Metadata, CheckError> {
        fs::metadata(&self.path).map_err(|cause| CheckError::unreadable(&self.name, cause))
    }

    /// Reads the columns, and for Parquet the footer.
    fn open(&mut self, format: Format, form: &TextForm) -> Result<Vec<(String, Stored)>, CheckError> {
        self.expect_format(format)?;
        let as_text = |names: Vec<String>| names.into_iter().map(|name| (name, Stored::Text)).collect();
        match format {
            Format::Csv => csv::header(&self.name, self.file()?, form).map(as_text),
            Format::JsonLines => {
                let (names, rows) = jsonl::keys(&self.name, self.file()?)?;
                self.rows = Some(rows);
                Ok(as_text(names))
            }
            Format::Parquet => {
                let file = self.file()?;
                let footer = binary::guarded(&self.name, move || ParquetReader::new(file).get_metadata().cloned())?;
                self.check_pages(&footer)?;
                self.rows = Some(footer.num_rows as u64);
                self.footer = Some(footer);
                self.typed_columns(format)
            }
            Format::Ipc => self.typed_columns(format),
        }
    }

    /// Makes sure that the library can follow the footer and the page headers without a fall.
    fn check_pages(&self, footer: &FileMetadataRef) -> Result<(), CheckError> {
        let unreadable = |cause| CheckError::unreadable(&self.name, cause);
        let mut file = self.file()?;
        for chunk in chunks(footer, self.metadata()?.len()).map_err(|why| CheckError::damaged(&self.name, why))? {
            if let Some(why) = wrong_pages(&mut file, &chunk).map_err(unreadable)? {
                return Err(CheckError::damaged(&self.name, why));
            }
        }
        Ok(())
    }

    /// Returns the columns of a binary file; categories are one more way to write text.
    fn typed_columns(&mut self, format: Format) -> Result<Vec<(String, Stored)>, CheckError> {
        let schema = binary::columns(format, self)?;
        let is_category = |dtype: &DataType| dtype.is_categorical() || dtype.is_enum();
        let categories = schema.iter().filter(|(_, dtype)| is_category(dtype));
        self.categories = categories.map(|(name, _)| name.to_string()).collect();
        let stored = |dtype: &DataType| if is_category(dtype) { DataType::String } else { dtype.clone() };
        Ok(schema.iter().map(|(name, dtype)| (name.to_string(), Stored::Typed(stored(dtype)))).collect())
    }

    /// The name says what a file is meant to be; its first and last bytes must agree.
    fn expect_format(&self, format: Format) -> Result<(), CheckError> {
        let named = self.named_format();
        if named.is_some_and(|named| named != format) {
            return Err(not_a_table(&self.name, &format!("it is not {} as the other parts are", format.name())));
        }
        let magic = self.magic()?;
        let found = by_magic(&magic.head);
        match format {
            Format::Csv | Format::JsonLines => match found {
                Some(found) => Err(foreign(self, format, found.name())),
                None => Ok(()),
            },
            Format::Parquet | Format::Ipc if magic.len == 0 => {
                Err(CheckError::damaged(&self.name, "the file is empty"))
            }
            Format::Parquet | Format::Ipc if found != Some(format) => {
                Err(foreign(self, format, found.map_or("something else", Format::name)))
            }
            Format::Parquet if !magic.tail.ends_with(b"PAR1") => Err(truncated(self, magic.len)),
            Format::Ipc if !magic.tail.ends_with(b"ARROW1") => Err(truncated(self, magic.len)),
            Format::Parquet | Format::Ipc => Ok(()),
        }
    }

    /// The format of which the name speaks; a file that is not in its place yet has the name it is going to have.
    fn named_format(&self) -> Option<Format> {
        by_extension(Path::new(&self.name)).or_else(|| by_extension(&self.path))
    }

    fn magic(&self) -> Result<Magic, CheckError> {
        use std::io::{Seek, SeekFrom};
        let unreadable = |cause| CheckError::unreadable(&self.name, cause);
        let mut file = self.file()?;
        let len = self.metadata()?.len();
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        (&mut file).take(8).read_to_end(&mut head).map_err(unreadable)?;
        file.seek(SeekFrom::Start(len.saturating_sub(8))).map_err(unreadable)?;
        file.take(8).read_to_end(&mut tail).map_err(unreadable)?;
        Ok(Magic { head, tail, len })
    }
}

/// The first and the last bytes of a file.
struct Magic {
    head: Vec<u8>,
    tail: Vec<u8>,
    len: u64,
}

fn format_of(part: &Part) -> Result<Format, CheckError> {
    if let Some(format) = part.named_format() {
        return Ok(format);
    }
    let magic = part.magic()?;
    by_magic(&magic.head).ok_or_else(|| match magic.len {
        0 => not_a_table(&part.name, "the file is empty and its name has no known ending"),
        _ => not_a_table(&part.name, "its name has no known ending and its first bytes are of no known format"),
    })
}

fn by_extension(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Format::Csv),
        "jsonl" | "ndjson" => Some(Format::JsonLines),
        "parquet" => Some(Format::Parquet),
        "arrow" | "ipc" | "feather" => Some(Format::Ipc),
        _ => None,
    }
}

fn by_magic(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"PAR1") {
        Some(Format::Parquet)
    } else if head.starts_with(b"ARROW1") {
        Some(Format::Ipc)
    } else {
        None
    }
}

fn not_a_table(name: &str, why: &str) -> CheckError {
    CheckError::NotATable { path: name.to_owned(), why: why.to_owned() }
}

fn foreign(part: &Part, expected: Format, found: &str) -> CheckError {
    CheckError::damaged(&part.name, format!("its name says {}, and its first bytes say {found}", expected.name()))
}

fn truncated(part: &Part, len: u64) -> CheckError {
    CheckError::damaged(&part.name, format!("it ends without its footer after {len} bytes: the rest is missing"))
}
