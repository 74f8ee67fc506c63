//! What templates can name: `params.yaml`, then `vars` in their order.

use std::collections::BTreeMap;
use std::rc::Rc;

use lockgate_spanned::{Node, Span, Value as Yaml, nearest};

use super::datum::{Datum, Place, Shape};
use super::report::Report;
use super::template::has_template;
use super::texts::{Opened, Shelf};
use crate::words::RelPath;

/// The names that templates can use, merged from all their sources.
#[derive(Clone, Debug)]
pub(super) struct Context {
    root: Datum,
    /// Whether a source could not be read, so that a name that is not known may be in it.
    pub(super) incomplete: bool,
}

/// Why an expression names nothing.
pub(super) struct Unknown {
    /// The part of the path that is there, as it would be written.
    pub(super) known: String,
    /// What could follow it.
    pub(super) next: Vec<String>,
    /// How many segments were found.
    pub(super) depth: usize,
}

impl Context {
    pub(super) fn empty(report: &Report) -> Self {
        let place = Place { source: report.source.clone(), span: Span::default() };
        Self { root: Datum { place, shape: Shape::Map(BTreeMap::new()) }, incomplete: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(&self.root.shape, Shape::Map(entries) if entries.is_empty())
    }

    /// Returns what the path `segments` names.
    pub(super) fn find(&self, segments: &[&str]) -> Result<&Datum, Unknown> {
        let mut datum = &self.root;
        for (depth, segment) in segments.iter().enumerate() {
            datum = datum.step(segment).ok_or_else(|| Unknown {
                known: segments[..depth].join("."),
                next: datum.steps(),
                depth,
            })?;
        }
        Ok(datum)
    }

    /// Adds the parameter file at `file` when there is one; nobody has asked for it by name.
    pub(super) fn add_default(&mut self, file: &RelPath, texts: &mut Shelf<'_>, report: &mut Report) {
        match texts.open(file, &mut report.problems) {
            Opened::Data(datum) => self.merge(&datum, Span::default(), report),
            Opened::Missing => {}
            Opened::Broken => self.incomplete = true,
        }
    }

    /// Adds the items of a `vars` list; files are relative to `base`.
    pub(super) fn add_vars(&mut self, vars: &Node, base: &RelPath, texts: &mut Shelf<'_>, report: &mut Report) {
        for item in report.items(vars, format_args!("`vars`")) {
            match &item.value {
                Yaml::Map(_) | Yaml::Str(_) if report.refuse_templates(item) => self.incomplete = true,
                Yaml::Map(_) => self.merge(&Datum::from_yaml(item, &report.source), item.span, report),
                Yaml::Str(text) => self.add_file(text, item.span, base, texts, report),
                Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::List(_) => {
                    let problem = report.wrong_kind(item, format_args!("an item of `vars`"), "a file or a mapping");
                    report.push(problem.help("write `file.yaml`, `file.yaml:key1,key2` or `name: value`"));
                }
            }
        }
    }

    fn add_file(&mut self, text: &str, span: Span, base: &RelPath, texts: &mut Shelf<'_>, report: &mut Report) {
        let (name, keys) = match text.split_once(':') {
            Some((name, keys)) if !keys.starts_with("//") => (name, Some(keys)),
            Some(_) | None => (text, None),
        };
        let Some(file) = report.path_of(base, name, span, format_args!("a file of `vars`")) else { return };
        let datum = match texts.open(&file, &mut report.problems) {
            Opened::Data(datum) => datum,
            Opened::Missing => {
                let message = format!("`vars` names `{file}`, which does not exist");
                report.push(report.at("vars::missing", span, message).help("create it, or remove it from `vars`"));
                self.incomplete = true;
                return;
            }
            Opened::Broken => {
                self.incomplete = true;
                return;
            }
        };
        match keys {
            None => self.merge(&datum, span, report),
            Some(keys) => self.add_keys(keys, &datum, span, report),
        }
    }

    fn add_keys(&mut self, keys: &str, file: &Rc<Datum>, span: Span, report: &mut Report) {
        for key in keys.split(',').map(str::trim) {
            let Some(value) = file.step(key) else {
                let name = file.place.source.name();
                let known = file.steps();
                let help = match nearest(key, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its top-level keys: {}", known.join(", ")),
                };
                report.push(report.at("vars::key", span, format!("`{name}` has no key `{key}`")).help(help));
                self.incomplete = true;
                continue;
            };
            let only = BTreeMap::from([(key.to_owned(), value.clone())]);
            self.merge(&Datum { place: file.place.clone(), shape: Shape::Map(only) }, span, report);
        }
    }

    fn merge(&mut self, from: &Datum, asked_at: Span, report: &mut Report) {
        let mut clashes = Vec::new();
        merge_into(&mut self.root, from, &mut Vec::new(), &mut clashes);
        for Clash { path, first, second } in clashes {
            let message = format!("`{path}` is set in {} and again in {}", first.cite(), second.cite());
            let mut problem = report.at("vars::redefined", asked_at, message).label("brings it in again");
            if second.source == report.source {
                problem = report.at("vars::redefined", second.span, problem.message()).label("set again here");
            }
            report.push(problem.help("keep one of the two; a name has one value in all of `params.yaml` and `vars`"));
        }
    }
}

struct Clash {
    path: String,
    first: Place,
    second: Place,
}

/// Merges mappings in depth. The same value of the same file may come in twice, by `params.yaml` and by `vars`.
fn merge_into(into: &mut Datum, from: &Datum, path: &mut Vec<String>, clashes: &mut Vec<Clash>) {
    if let (Shape::Map(into), Shape::Map(from)) = (&mut into.shape, &from.shape) {
        for (key, value) in from {
            let Some(known) = into.get_mut(key) else {
                into.insert(key.clone(), value.clone());
                continue;
            };
            path.push(key.clone());
            merge_into(known, value, path, clashes);
            path.pop();
        }
    } else if into.place.source.name() != from.place.source.name() || into.place.span != from.place.span {
        clashes.push(Clash { path: path.join("."), first: into.place.clone(), second: from.place.clone() });
    }
}

impl Report {
    /// Reports templates inside of `vars`; returns whether there were any.
    fn refuse_templates(&mut self, node: &Node) -> bool {
        let found = match &node.value {
            Yaml::Str(text) => has_template(text),
            Yaml::List(items) => self.refuse_templates_in(items),
            Yaml::Map(entries) => self.refuse_templates_in(entries.iter().map(|(_, item)| item)),
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) => false,
        };
        if found && matches!(node.value, Yaml::Str(_)) {
            let message = "`vars` cannot use templates: they are what templates are made of";
            self.push(self.at("vars::template", node.span, message).help("write the value out"));
        }
        found
    }

    /// Looks at every item, also after one was refused.
    fn refuse_templates_in<'n>(&mut self, items: impl IntoIterator<Item = &'n Node>) -> bool {
        items.into_iter().filter(|item| self.refuse_templates(item)).count() > 0
    }
}
