//! The parameters that a node names, with their values.

use std::collections::BTreeMap;

use lockgate_spanned::{Node, Span, Value as Yaml, nearest};

use super::datum::Datum;
use super::report::Report;
use super::texts::{Opened, Shelf};
use crate::pipeline::Param;
use crate::words::RelPath;

/// The file that a key without a file names.
const DEFAULT: &str = "params.yaml";

/// What one node names of one file: keys, or all of it as the empty key.
type Keys = BTreeMap<String, Span>;

/// The parameters of one node while they are read.
pub(super) struct Params<'a, 't> {
    pub(super) report: &'a mut Report,
    pub(super) shelf: &'a mut Shelf<'t>,
    pub(super) wdir: &'a RelPath,
    pub(super) subject: &'a str,
}

impl Params<'_, '_> {
    /// Reads the list `params`; returns them sorted by file and key.
    pub(super) fn read(&mut self, node: &Node) -> Vec<(Param, Span)> {
        let mut named: BTreeMap<RelPath, Keys> = BTreeMap::new();
        for item in self.report.items(node, format_args!("`params` of {}", self.subject)) {
            if let Yaml::Map(files) = &item.value {
                for (file, keys) in files {
                    let what = format_args!("a parameter file of {}", self.subject);
                    let Some(path) = self.report.path_of(self.wdir, &file.text, file.span, what) else { continue };
                    self.keys(keys, file.span, named.entry(path).or_default());
                }
            } else if let Some(key) = self.report.words(item, format_args!("a parameter of {}", self.subject)) {
                let what = format_args!("the parameter file of {}", self.subject);
                let Some(path) = self.report.path_of(self.wdir, DEFAULT, item.span, what) else { continue };
                named.entry(path).or_default().entry(key).or_insert(item.span);
            }
        }
        named.into_iter().flat_map(|(file, keys)| self.values(&file, keys)).collect()
    }

    fn keys(&mut self, node: &Node, file_span: Span, keys: &mut Keys) {
        match &node.value {
            Yaml::Null => drop(keys.insert(String::new(), file_span)),
            Yaml::List(items) if items.is_empty() => drop(keys.insert(String::new(), file_span)),
            Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) | Yaml::Map(_) => {
                for (key, span) in self.report.texts(node, format_args!("the list of parameters of {}", self.subject)) {
                    keys.entry(key).or_insert(span);
                }
            }
        }
    }

    fn values(&mut self, file: &RelPath, mut keys: Keys) -> Vec<(Param, Span)> {
        // The whole file says everything that its keys could say.
        if let Some(span) = keys.get("").copied() {
            keys = BTreeMap::from([(String::new(), span)]);
        }
        let Some(span) = keys.values().min().copied() else { return Vec::new() };
        let datum = match self.shelf.open(file, &mut self.report.problems) {
            Opened::Data(datum) => datum,
            Opened::Missing => {
                let message = format!("{} reads parameters of `{file}`, which does not exist", self.subject);
                let help = "create it, or name another file as `- FILE: [KEY, …]`";
                self.report.push(self.report.at("params::missing-file", span, message).help(help));
                return Vec::new();
            }
            Opened::Broken => return Vec::new(),
        };
        keys.into_iter().filter_map(|(key, span)| self.value(file, &datum, key, span)).collect()
    }

    fn value(&mut self, file: &RelPath, datum: &Datum, key: String, span: Span) -> Option<(Param, Span)> {
        match find(datum, &key) {
            Ok(found) => Some((Param { file: file.clone(), key, value: found.to_value() }, span)),
            Err(help) => {
                let message = format!("{} reads `{key}`, which `{file}` does not have", self.subject);
                self.report.push(self.report.at("params::missing-key", span, message).help(help));
                None
            }
        }
    }
}

/// Returns what the dotted `key` names, or how to go on.
fn find<'a>(file: &'a Datum, key: &str) -> Result<&'a Datum, String> {
    let mut datum = file;
    let mut before = String::new();
    for segment in key.split('.').filter(|_| !key.is_empty()) {
        datum = datum.step(segment).ok_or_else(|| meant(datum, &before, segment))?;
        before = before + segment + ".";
    }
    Ok(datum)
}

fn meant(datum: &Datum, before: &str, segment: &str) -> String {
    if let Some((list, index)) = segment.strip_suffix(']').and_then(|text| text.split_once('[')) {
        return format!("write an item of a list as `{before}{list}.{index}`");
    }
    let known = datum.steps();
    match nearest(segment, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{before}{near}`?"),
        None if known.is_empty() => format!("add it to `{}`, or remove it here", datum.place.source.name()),
        None => {
            let known: Vec<String> = known.iter().take(8).map(|name| format!("`{before}{name}`")).collect();
            format!("add it; it has {}", known.join(", "))
        }
    }
}
