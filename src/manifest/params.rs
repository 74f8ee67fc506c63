//! The parameters that a node names: first which, and once all stages are known, what their values are.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_spanned::{Node as Tree, Problems, Source, Span, Value as Yaml, nearest};

use super::check::subject;
use super::datum::Datum;
use super::load::Loaded;
use super::once::once_each;
use super::places::{NamedParam, NodePlaces};
use super::report::Report;
use super::texts::{Opened, Shelf, parse};
use super::waits::Index;
use crate::pipeline::{MadeParams, Node, Param, Value};
use crate::words::RelPath;

/// The file that a key without a file names.
const DEFAULT: &str = "params.yaml";

/// What one node names of one file: keys, or all of it as the empty key.
type Keys = BTreeMap<String, Span>;

/// The list `params` of one node while it is read.
pub(super) struct Params<'a> {
    pub(super) report: &'a mut Report,
    pub(super) wdir: &'a RelPath,
    pub(super) subject: &'a str,
}

impl Params<'_> {
    /// Reads the list; returns what it names, sorted by file and key. The values come when all nodes are known: a stage may
    /// make them.
    pub(super) fn read(&mut self, node: &Tree) -> Vec<NamedParam> {
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
        named.into_iter().flat_map(|(file, keys)| named_params(file, keys)).collect()
    }

    fn keys(&mut self, node: &Tree, file_span: Span, keys: &mut Keys) {
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
}

fn named_params(file: RelPath, mut keys: Keys) -> impl Iterator<Item = NamedParam> {
    // The whole file says everything that its keys could say.
    if let Some(span) = keys.get("").copied() {
        keys = BTreeMap::from([(String::new(), span)]);
    }
    keys.into_iter().map(move |(key, span)| NamedParam { file: file.clone(), key, span })
}

/// Gives the nodes the values that they name of files which are there, and leaves open those that stages make.
///
/// `holes` says whether a stage that makes a file may be missing.
pub(super) fn fill_params(loaded: &mut Loaded, shelf: &mut Shelf<'_>, holes: bool) -> Problems {
    let made = made_files(loaded);
    let mut filling = Filling { shelf, holes, problems: Problems::default() };
    for (node, places) in loaded.pipeline.nodes.iter_mut().zip(&loaded.places.nodes) {
        let (mut params, mut late) = (Vec::new(), Vec::new());
        for named in places.params.chunk_by(|a, b| a.file == b.file) {
            if made.contains(&named[0].file) {
                late.push(named);
            } else {
                params.extend(filling.values(node, places, named));
            }
        }
        late.sort_by_key(|named| named.iter().map(|named| named.span.start).min());
        node.params = params;
        node.made_params = late.into_iter().map(made_params).collect();
    }
    once_each(filling.problems)
}

/// Returns the files of parameters that stages make.
fn made_files(loaded: &Loaded) -> BTreeSet<RelPath> {
    let named: BTreeSet<&RelPath> =
        loaded.places.nodes.iter().flat_map(|places| &places.params).map(|named| &named.file).collect();
    if named.is_empty() {
        return BTreeSet::new();
    }
    let index = Index::of(&loaded.pipeline.nodes);
    named.into_iter().filter(|file| index.maker(*file).is_some()).cloned().collect()
}

fn made_params(named: &[NamedParam]) -> MadeParams {
    MadeParams { file: named[0].file.clone(), keys: named.iter().map(|named| named.key.clone()).collect() }
}

/// The values of the nodes while they are looked up.
struct Filling<'a, 't> {
    shelf: &'a mut Shelf<'t>,
    holes: bool,
    problems: Problems,
}

impl Filling<'_, '_> {
    /// Returns what `named`, all of one file, come to.
    fn values(&mut self, node: &Node, places: &NodePlaces, named: &[NamedParam]) -> Vec<Param> {
        let file = &named[0].file;
        let datum = match self.shelf.open(file, &mut self.problems) {
            Opened::Data(datum) => datum,
            Opened::Missing if self.holes => return Vec::new(),
            Opened::Missing => {
                let span = named.iter().map(|named| named.span).min().unwrap_or_default();
                let message = format!("{} reads parameters of `{file}`, which does not exist", subject(node));
                let help = "create it, or name another file as `- FILE: [KEY, …]`";
                self.problems.push(places.problem("params::missing-file", span, message).help(help));
                return Vec::new();
            }
            Opened::Broken => return Vec::new(),
        };
        named.iter().filter_map(|named| self.value(node, places, named, &datum)).collect()
    }

    fn value(&mut self, node: &Node, places: &NodePlaces, named: &NamedParam, datum: &Datum) -> Option<Param> {
        let NamedParam { file, key, span } = named;
        match find(datum, key) {
            Ok(found) => Some(Param { file: file.clone(), key: key.clone(), value: found.to_value() }),
            Err(help) => {
                let message = format!("{} reads `{key}`, which `{file}` does not have", subject(node));
                self.problems.push(places.problem("params::missing-key", *span, message).help(help));
                None
            }
        }
    }
}

/// A file of parameters that was read after a stage had made it.
#[derive(Debug)]
pub struct ParamFile(Datum);

impl ParamFile {
    /// Reads a text; the suffix of `file` says the format.
    pub fn read(file: &RelPath, text: &str) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let source = Source::new(file.to_string(), text.strip_prefix('\u{feff}').unwrap_or(text));
        parse(file, &source, &mut problems).map(Self).ok_or(problems)
    }

    /// Returns the value of a dotted key, or how to go on where there is none.
    pub fn value(&self, key: &str) -> Result<Value, String> {
        find(&self.0, key).map(Datum::to_value)
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
