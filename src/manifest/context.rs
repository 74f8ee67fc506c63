//! What templates can name: `params.yaml`, then `vars` in their order; in a member of a group, `item` and `key` before all.

use std::collections::BTreeMap;
use std::rc::Rc;

use lockgate_spanned::{Node, Span, Value as Yaml, nearest};

use super::datum::{Datum, Entries, Place, Shape};
use super::report::Report;
use super::template::has_expression;
use super::texts::{Opened, Shelf};
use crate::words::RelPath;

/// The names that templates can use, merged from all their sources.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    values: Entries,
    imports: BTreeMap<RelPath, Import>,
    /// Whether a source could not be read, so that a name that is not known may be in it.
    pub(super) incomplete: bool,
}

/// How much of a file is in the context.
#[derive(Clone, Debug)]
enum Import {
    Whole,
    Keys(Vec<String>),
}

/// What the templates of one node see: the names of the file, and those of its member.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) context: Rc<Context>,
    pub(super) member: Option<Member>,
}

/// What makes one member of a group differ from the others.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) item: Rc<Datum>,
    /// The key in a mapping, or the name of a combination; a list has none.
    pub(super) key: Option<Rc<Datum>>,
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

impl Scope {
    pub(super) fn global(context: &Rc<Context>) -> Self {
        Self { context: Rc::clone(context), member: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.member.is_none() && self.context.values.is_empty()
    }

    /// Returns what the path `segments` names.
    pub(super) fn find(&self, segments: &[&str]) -> Result<&Rc<Datum>, Unknown> {
        let unknown = |depth, next| Unknown { known: segments[..depth].join("."), next, depth };
        let (first, rest) = segments.split_first().expect("an expression has a name");
        let mut datum = self.top(first).ok_or_else(|| unknown(0, self.names()))?;
        for (depth, segment) in rest.iter().enumerate() {
            datum = datum.step(segment).ok_or_else(|| unknown(depth + 1, datum.steps()))?;
        }
        Ok(datum)
    }

    fn top(&self, name: &str) -> Option<&Rc<Datum>> {
        let of_member = self.member.as_ref().and_then(|member| match name {
            "item" => Some(&member.item),
            "key" => member.key.as_ref(),
            _ => None,
        });
        of_member.or_else(|| self.context.values.get(name))
    }

    fn names(&self) -> Vec<String> {
        let member = self.member.iter().flat_map(Member::names).map(ToOwned::to_owned);
        let mut names: Vec<String> = member.chain(self.context.values.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Member {
    /// Returns the names that templates have for its parts.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once("item").chain(self.key.is_some().then_some("key"))
    }
}

impl Context {
    /// Returns the place of a top-level name.
    pub(super) fn place_of(&self, name: &str) -> Option<&Place> {
        self.values.get(name).map(|datum| &datum.place)
    }

    /// Adds the parameter file at `file` when there is one; nobody has asked for it by name.
    pub(super) fn add_default(&mut self, file: &RelPath, texts: &mut Shelf<'_>, report: &mut Report) {
        match texts.open(file, &mut report.problems) {
            Opened::Data(datum) => {
                self.imports.insert(file.clone(), Import::Whole);
                self.merge(&datum, Span::default(), report);
            }
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
                report.push(
                    report
                        .at("vars::missing", span, message)
                        .help("create it, or remove it from `vars`: templates are read before anything runs"),
                );
                self.incomplete = true;
                return;
            }
            Opened::Broken => {
                self.incomplete = true;
                return;
            }
        };
        let keys: Vec<&str> = keys.into_iter().flat_map(|keys| keys.split(',')).map(str::trim).collect();
        let keys: Vec<&str> = keys.into_iter().filter(|key| !key.is_empty()).collect();
        match self.imported(&file, &keys) {
            Imported::New if keys.is_empty() => {
                self.imports.insert(file, Import::Whole);
                self.merge(&datum, span, report);
            }
            Imported::New => self.add_keys(&file, &keys, &datum, span, report),
            Imported::Same => {}
            Imported::Before(what) => {
                let message = format!("`vars` names {} of `{file}` again: {what}", said(&keys));
                let help = "name a file once, as a whole or with each key once";
                report.push(report.at("vars::again", span, message).help(help));
            }
        }
    }

    /// Says whether what is asked of a file is there already.
    fn imported(&self, file: &RelPath, keys: &[&str]) -> Imported {
        match self.imports.get(file) {
            None => Imported::New,
            Some(Import::Whole) if keys.is_empty() => Imported::Same,
            Some(Import::Whole) if file.file_name() == "params.yaml" => {
                Imported::Before("all of it is there, as `params.yaml` always is".to_owned())
            }
            Some(Import::Whole) => Imported::Before("all of it is there".to_owned()),
            Some(Import::Keys(known)) => {
                let again: Vec<&str> = known.iter().map(String::as_str).filter(|key| keys.contains(key)).collect();
                match (keys.is_empty(), again.is_empty()) {
                    (true, _) => Imported::Before(format!(
                        "{} is there",
                        said(&known.iter().map(String::as_str).collect::<Vec<_>>())
                    )),
                    (false, true) => Imported::New,
                    (false, false) => Imported::Before(format!("{} is there", said(&again))),
                }
            }
        }
    }

    fn add_keys(&mut self, file: &RelPath, keys: &[&str], from: &Rc<Datum>, span: Span, report: &mut Report) {
        let Import::Keys(imported) = self.imports.entry(file.clone()).or_insert_with(|| Import::Keys(Vec::new()))
        else {
            return;
        };
        imported.extend(keys.iter().map(|key| (*key).to_owned()));
        for key in keys {
            // Only top-level keys, also when the file is a list: that was refused when it was read.
            let Some(value) = from.step(key) else {
                let name = from.place.source.name();
                let known = from.steps();
                let help = match nearest(key, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its top-level keys: {}", known.join(", ")),
                };
                report.push(report.at("vars::key", span, format!("`{name}` has no key `{key}`")).help(help));
                self.incomplete = true;
                continue;
            };
            let only = Entries::from([((*key).to_owned(), Rc::clone(value))]);
            self.merge(&Datum { place: from.place.clone(), shape: Shape::Map(only) }, span, report);
        }
    }

    fn merge(&mut self, from: &Datum, asked_at: Span, report: &mut Report) {
        let Shape::Map(entries) = &from.shape else { return };
        let mut clashes = Vec::new();
        merge_into(&mut self.values, entries, &mut Vec::new(), &mut clashes);
        for Clash { path, first, second } in clashes {
            let message = format!("`{path}` is set in {} and again in {}", first.cite(), second.cite());
            let mut problem = report.at("vars::redefined", asked_at, message).label("brings it in again");
            if second.source == report.source {
                problem = report.at("vars::redefined", second.span, problem.message()).label("set again here");
            }
            report.push(problem.help("keep one of the two; a name has one value in all of `params.yaml` and `vars`"));
        }
    }

    /// Reports names that `vars` of a member cannot set, because the group sets them.
    pub(super) fn refuse_names_of_members(&self, globals: &Self, member: &Member, vars: &Node, report: &mut Report) {
        for name in member.names() {
            let (Some(place), false) = (self.place_of(name), globals.values.contains_key(name)) else { continue };
            let message = format!("`vars` sets `{name}` ({}), which names a part of the member", place.cite());
            let span = if place.source == report.source { place.span } else { vars.span };
            report.push(report.at("vars::reserved", span, message).help("give it another name"));
        }
    }
}

/// What of a file is asked for, held against what is there.
enum Imported {
    New,
    Same,
    Before(String),
}

/// Says keys in a sentence; none of them are the whole file.
fn said(keys: &[&str]) -> String {
    if keys.is_empty() {
        return "all".to_owned();
    }
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

struct Clash {
    path: String,
    first: Place,
    second: Place,
}

/// Merges mappings in depth.
fn merge_into(into: &mut Entries, from: &Entries, path: &mut Vec<String>, clashes: &mut Vec<Clash>) {
    for (key, value) in from {
        let Some(known) = into.get_mut(key) else {
            into.insert(key.clone(), Rc::clone(value));
            continue;
        };
        path.push(key.clone());
        if let (Shape::Map(_), Shape::Map(from)) = (&known.shape, &value.shape) {
            let Shape::Map(into) = &mut Rc::make_mut(known).shape else { unreachable!("it was one a line ago") };
            merge_into(into, from, path, clashes);
        } else {
            clashes.push(Clash { path: path.join("."), first: known.place.clone(), second: value.place.clone() });
        }
        path.pop();
    }
}

impl Report {
    /// Reports templates inside of `vars`; returns whether there were any.
    fn refuse_templates(&mut self, node: &Node) -> bool {
        let found = match &node.value {
            Yaml::Str(text) => has_expression(text),
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
