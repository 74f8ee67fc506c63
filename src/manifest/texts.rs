//! The texts that a load reads: asked for once each, parsed, and remembered with every name that was looked for.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use lockgate_spanned::{Node, Problem, Problems, Source, read};

use super::datum::{Datum, Shape};
use super::{json, python, toml};
use crate::pipeline::Value;
use crate::words::RelPath;

/// Where texts come from; the disk in a run, a map in a test.
pub trait Texts {
    /// Returns the text at `path`, which is relative to the project's root.
    fn read(&self, path: &RelPath) -> TextFound;
}

impl<F: Fn(&RelPath) -> TextFound> Texts for F {
    fn read(&self, path: &RelPath) -> TextFound {
        self(path)
    }
}

/// What stands where a text was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextFound {
    Text(String),
    Missing,
    /// Its bytes.
    NotUtf8(Vec<u8>),
    /// It is there and cannot be read, for the reason given: a folder, no permission, a failing disk.
    Unreadable(String),
}

impl From<Vec<u8>> for TextFound {
    fn from(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::NotUtf8(error.into_bytes()), Self::Text)
    }
}

/// A parameter file as it was found.
#[derive(Clone, Debug)]
pub(super) enum Opened {
    Data(Rc<Datum>),
    Missing,
    /// It could not be read; its problem was reported when it was first opened.
    Broken,
}

/// The texts opened so far, in the order in which they were first asked for.
pub(super) struct Shelf<'a> {
    texts: &'a dyn Texts,
    opened: BTreeMap<RelPath, Opened>,
    order: Vec<RelPath>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(texts: &'a dyn Texts) -> Self {
        Self { texts, opened: BTreeMap::new(), order: Vec::new() }
    }

    /// Returns every text that was read or looked for.
    pub(super) fn into_files(self) -> Vec<RelPath> {
        self.order
    }

    /// Returns every text that was read or looked for so far.
    pub(super) fn files(&self) -> &[RelPath] {
        &self.order
    }

    /// Reads the pipeline file itself.
    pub(super) fn pipeline(&mut self, file: &RelPath, problems: &mut Problems) -> Option<Arc<Source>> {
        self.order.push(file.clone());
        match source(file, self.texts.read(file)) {
            Ok(source) => Some(source),
            Err(Unusable::Missing) => {
                let help = "run lockgate in a folder that has one, or name another with `--file`";
                problems.push(bare("file::missing", file, format!("there is no `{file}`")).help(help));
                None
            }
            Err(Unusable::Reported(problem)) => {
                problems.push(*problem);
                None
            }
        }
    }

    /// Opens a parameter file; what is wrong with its text is reported the first time only.
    pub(super) fn open(&mut self, file: &RelPath, problems: &mut Problems) -> Opened {
        if let Some(opened) = self.opened.get(file) {
            return opened.clone();
        }
        self.order.push(file.clone());
        let opened = match source(file, self.texts.read(file)) {
            Ok(source) => parse(file, &source, problems).map_or(Opened::Broken, |datum| Opened::Data(Rc::new(datum))),
            Err(Unusable::Missing) => Opened::Missing,
            Err(Unusable::Reported(problem)) => {
                problems.push(*problem);
                Opened::Broken
            }
        };
        self.opened.insert(file.clone(), opened.clone());
        opened
    }
}

enum Unusable {
    Missing,
    Reported(Box<Problem>),
}

fn source(file: &RelPath, found: TextFound) -> Result<Arc<Source>, Unusable> {
    match found {
        // A byte order mark is not part of the first line's columns.
        TextFound::Text(text) => Ok(Source::new(file.to_string(), text.strip_prefix('\u{feff}').unwrap_or(&text))),
        TextFound::Missing => Err(Unusable::Missing),
        TextFound::NotUtf8(bytes) => {
            let problem = Problem::not_utf8(file.to_string(), &bytes, format!("`{file}` is not UTF-8 text"));
            Err(Unusable::Reported(Box::new(problem)))
        }
        TextFound::Unreadable(cause) => {
            let problem = bare("file::unreadable", file, format!("`{file}` cannot be read: {cause}"));
            Err(Unusable::Reported(Box::new(problem.help("make it a file that you may read"))))
        }
    }
}

/// Reads the values of a file of parameters; its suffix says the format.
pub fn read_values(file: &RelPath, text: &str) -> Result<Value, Problems> {
    let mut problems = Problems::default();
    let source = Source::new(file.to_string(), text);
    let datum = parse(file, &source, &mut problems).filter(|_| problems.is_empty());
    datum.map(|datum| datum.to_value()).ok_or(problems)
}

/// Reads the same values as a tree, every mapping in the order of its text.
pub fn read_values_in_order(file: &RelPath, text: &str) -> Result<Node, Problems> {
    let mut problems = Problems::default();
    let source = Source::new(file.to_string(), text);
    let node = |datum: Datum| Node { span: datum.place.span, value: datum.to_yaml(datum.place.span) };
    parse(file, &source, &mut problems).map(node).ok_or(problems)
}

fn bare(code: &'static str, file: &RelPath, message: String) -> Problem {
    Problem::of_file(code, file.to_string(), message)
}

/// Reads a file of values in the format that its suffix says.
pub(super) fn parse(file: &RelPath, source: &Arc<Source>, problems: &mut Problems) -> Option<Datum> {
    let datum = match file.file_name().rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("json") => json::read(source, problems),
        Some("toml") => toml::read(source, problems),
        Some("py") => python::read(source, problems),
        Some(_) | None => parse_yaml(source, problems),
    }?;
    if matches!(datum.shape, Shape::Map(_)) {
        return Some(datum);
    }
    let message = format!("`{file}` is {}, not a mapping of names to values", datum.kind());
    let problem = Problem::new("params::not-a-mapping", source, datum.place.span, message);
    problems.push(problem.help("write it as `name: value`, one to a line"));
    None
}

fn parse_yaml(source: &Arc<Source>, problems: &mut Problems) -> Option<Datum> {
    read(source, problems).map(|node| Datum::from_yaml(&node, source))
}
