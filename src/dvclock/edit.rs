//! Entries to text, and new entries into a text that DVC wrote.
//!
//! DVC reads and writes the whole file for every stage; what it writes for the other stages is what was there. So the blocks
//! of other stages are kept as they are, and a new one is put where the old one was, or at the end.

use std::collections::BTreeMap;

use super::emit;
use super::entry::{Cmd, Entry, Item, Plain};
use super::read::DvcLock;
use crate::lock::pieces::Piece;
use crate::words::Md5Form;

/// The text cannot be taken apart safely, so it is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not one that DVC can read")]
pub struct NotEditable;

const HEAD: &str = "schema: '2.0'\nstages:\n";

/// Returns the block of one stage, as it stands under `stages:`.
pub fn render(stage: &str, entry: &Entry) -> String {
    emit::entry(stage, &plain(entry), 2)
}

/// Returns the text with these entries in place of what it says of their stages.
pub fn with_entries(text: Option<&str>, entries: &[(String, Entry)]) -> Result<String, NotEditable> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(entries.iter().fold(HEAD.to_owned(), |text, (stage, entry)| text + &render(stage, entry)));
    };
    let (lock, trouble) = DvcLock::read(text);
    if trouble.is_some() {
        return Err(NotEditable);
    }
    let mut parts = Parts::of(text, &lock)?;
    for (stage, entry) in entries {
        parts.put(stage, render(stage, entry));
    }
    let text = parts.text();
    let (made, trouble) = DvcLock::read(&text);
    let is_as_meant =
        |(stage, entry): &(String, Entry)| made.entry(stage).is_some_and(|read| says_same(read.as_ref(), entry));
    let is_sound = trouble.is_none() && entries.iter().all(is_as_meant);
    if is_sound { Ok(text) } else { Err(NotEditable) }
}

/// Returns the text without the entries of these stages, and nothing when no other is left: DVC then has no such file.
pub fn without_entries(text: &str, stages: &[&str]) -> Result<Option<String>, NotEditable> {
    let (lock, trouble) = DvcLock::read(text);
    if trouble.is_some() {
        return Err(NotEditable);
    }
    let left: Vec<&str> = lock.names().filter(|name| !stages.contains(name)).collect();
    if left.len() == lock.names().count() {
        return Ok(Some(text.to_owned()));
    }
    if left.is_empty() {
        return Ok(None);
    }
    let mut parts = Parts::of(text, &lock)?;
    for stage in stages {
        parts.take(stage);
    }
    let text = parts.text();
    let (made, trouble) = DvcLock::read(&text);
    if trouble.is_none() && made.names().eq(left) { Ok(Some(text)) } else { Err(NotEditable) }
}

fn says_same<E>(read: Result<&Entry, E>, entry: &Entry) -> bool {
    read.is_ok_and(|read| read.cmd == entry.cmd && read.deps == entry.deps && read.outs == entry.outs)
}

/// A text as what stands before the stages, their blocks in order, and what stands after.
pub(super) struct Parts {
    head: String,
    blocks: Vec<String>,
    /// Where the block of each stage is.
    places: BTreeMap<String, usize>,
    tail: String,
}

impl Parts {
    pub(super) fn of(text: &str, lock: &DvcLock) -> Result<Self, NotEditable> {
        let top = Piece { line: 1, text }.cut();
        let stages = top.iter().find(|piece| piece.text.starts_with("stages:")).ok_or(NotEditable)?;
        let start: usize = text.split_inclusive('\n').take(stages.line - 1).map(str::len).sum();
        let (head, tail) = (&text[..start], &text[start + stages.text.len()..]);
        let (first, rest) = stages.split_first_line();
        let is_open = matches!(first, "stages:" | "stages: {}");
        let blocks = rest.cut();
        if !is_open || blocks.len() != lock.names().count() {
            return Err(NotEditable);
        }
        let at = |line: usize| blocks.binary_search_by_key(&line, |block| block.line).ok();
        let place = |name: &str| Some((name.to_owned(), at(lock.line(name)?)?));
        let places: BTreeMap<String, usize> = lock.names().filter_map(place).collect();
        let blocks = blocks.iter().map(|block| with_break(block.text)).collect();
        Ok(Self { head: head.to_owned(), blocks, places, tail: tail.to_owned() })
    }

    pub(super) fn put(&mut self, stage: &str, block: String) {
        if let Some(at) = self.places.get(stage) {
            self.blocks[*at] = block;
        } else {
            self.places.insert(stage.to_owned(), self.blocks.len());
            self.blocks.push(block);
        }
    }

    /// Takes the block of a stage out.
    pub(super) fn take(&mut self, stage: &str) -> Option<String> {
        self.places.remove(stage).map(|at| std::mem::take(&mut self.blocks[at]))
    }

    pub(super) fn text(self) -> String {
        let blocks = self.blocks.concat();
        let open = if blocks.is_empty() { "stages: {}\n" } else { "stages:\n" };
        [self.head, open.to_owned(), blocks, self.tail].concat()
    }
}

fn with_break(block: &str) -> String {
    if block.ends_with('\n') { block.to_owned() } else { format!("{block}\n") }
}

/// The entry as a value whose keys are in the order in which DVC writes them.
pub(super) fn plain(entry: &Entry) -> Plain {
    let cmd = match &entry.cmd {
        Cmd::One(line) => Plain::Str(line.clone()),
        Cmd::List(lines) => Plain::List(lines.iter().cloned().map(Plain::Str).collect()),
    };
    let mut keys = vec![("cmd".to_owned(), cmd)];
    let mut add = |key: &str, value: Plain, is_empty: bool| {
        if !is_empty {
            keys.push((key.to_owned(), value));
        }
    };
    let items = |items: &[Item]| Plain::List(items.iter().map(plain_item).collect());
    let params = entry.params.iter().map(|(file, keys)| (file.clone(), Plain::Map(keys.clone()))).collect();
    add("deps", items(&entry.deps), entry.deps.is_empty());
    add("params", Plain::Map(params), entry.params.is_empty());
    add("outs", items(&entry.outs), entry.outs.is_empty());
    Plain::Map(keys)
}

fn plain_item(item: &Item) -> Plain {
    let text = |key: &str, value: &str| (key.to_owned(), Plain::Str(value.to_owned()));
    let count = |key: &str, value: Option<u64>| {
        let count = value.map(|value| Plain::Int(value.into()));
        count.map(|count| (key.to_owned(), count))
    };
    let mut keys = vec![text("path", &item.path)];
    keys.extend((item.form == Md5Form::Bytes).then(|| text("hash", "md5")));
    keys.extend(item.oid.map(|oid| text("md5", &oid.to_string())));
    keys.extend(count("size", item.size));
    keys.extend(count("nfiles", item.n_files));
    keys.extend(item.is_executable.then(|| ("isexec".to_owned(), Plain::Bool(true))));
    Plain::Map(keys)
}
