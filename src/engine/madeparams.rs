//! The values of parameters in files that stages make: read when the stage is settled, wherever its output lies by then.
//!
//! It knows what content such a file has, not who makes it nor who reads it. A file that many stages read is parsed once.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::evidence::Evidence;
use crate::manifest::ParamFile;
use crate::pipeline::{MadeParams, Value};
use crate::store::Store;
use crate::sys::disk::Root;
use crate::words::{Content, Digest, RelPath};

/// Files of parameters, read as far as they were asked for.
pub struct MadeValues<'a> {
    root: &'a Root,
    store: &'a Store,
    evidence: &'a Evidence,
    read: BTreeMap<(RelPath, Digest), Rc<Result<ParamFile, String>>>,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoValue {
    /// The content is in no place from which it could be read.
    NotHere,
    /// It was read and is of no use, for this reason and with this next step.
    Unusable(String),
}

impl<'a> MadeValues<'a> {
    /// Prepares to read; `root` is that of the workspace.
    pub fn new(root: &'a Root, store: &'a Store, evidence: &'a Evidence) -> Self {
        Self { root, store, evidence, read: BTreeMap::new() }
    }

    /// Returns the values of `wanted` by key, given the content that its file has.
    pub fn values(&mut self, wanted: &MadeParams, content: &Content) -> Result<BTreeMap<String, Value>, NoValue> {
        let MadeParams { file, keys } = wanted;
        let Content::File { digest, .. } = content else {
            return Err(NoValue::Unusable("it is a folder; name a file in it".to_owned()));
        };
        let read = self.open(file, digest).ok_or(NoValue::NotHere)?;
        let read = read.as_ref().as_ref().map_err(|why| NoValue::Unusable(why.clone()))?;
        values_of(read, keys).map_err(NoValue::Unusable)
    }

    fn open(&mut self, file: &RelPath, digest: &Digest) -> Option<Rc<Result<ParamFile, String>>> {
        let at = (file.clone(), *digest);
        if let Some(read) = self.read.get(&at) {
            return Some(Rc::clone(read));
        }
        let read = Rc::new(parsed(file, self.bytes(file, digest)?));
        self.read.insert(at, Rc::clone(&read));
        Some(read)
    }

    /// Looks in the workspace first: there the file is as a rule.
    fn bytes(&self, file: &RelPath, digest: &Digest) -> Option<Vec<u8>> {
        let in_place = self.root.read(file).ok().filter(|bytes| Digest::of(bytes) == *digest);
        in_place.or_else(|| self.store.bytes(digest).ok()).or_else(|| self.evidence.bytes(digest))
    }
}

/// Returns the values of `wanted` as its file stands in the workspace; `None` when it cannot be read.
pub fn values_in_place(root: &Root, wanted: &MadeParams) -> Option<BTreeMap<String, Value>> {
    let file = parsed(&wanted.file, root.read(&wanted.file).ok()?).ok()?;
    values_of(&file, &wanted.keys).ok()
}

fn parsed(file: &RelPath, bytes: Vec<u8>) -> Result<ParamFile, String> {
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text; let it be written as UTF-8".to_owned())?;
    ParamFile::read(file, &text).map_err(|problems| {
        let first = problems.iter().next().expect("what cannot be read has a problem");
        format!("{} ({}); let it be written as {}", first.message(), first.cite(), format_of(file))
    })
}

fn format_of(file: &RelPath) -> &'static str {
    match file.file_name().rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("json") => "JSON",
        Some("toml") => "TOML",
        Some("py") => "assignments of literals in Python",
        Some(_) | None => "YAML",
    }
}

/// Returns the values of all the keys, or every key that is missing.
fn values_of(file: &ParamFile, keys: &[String]) -> Result<BTreeMap<String, Value>, String> {
    let (mut values, mut missing) = (BTreeMap::new(), Vec::new());
    for key in keys {
        match file.value(key) {
            Ok(value) => drop(values.insert(key.clone(), value)),
            Err(help) => missing.push(format!("it has no `{key}` ({help})")),
        }
    }
    if missing.is_empty() { Ok(values) } else { Err(missing.join("; ")) }
}
