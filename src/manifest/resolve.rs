//! Templates resolved in a tree, in place: after this the tree reads as if it had been written without them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;

use lockgate_spanned::{Key, Node, Span, Value as Yaml, nearest};

use super::context::{Scope, Unknown};
use super::datum::{Datum, Entries, Shape};
use super::options::options;
use super::report::Report;
use super::template::{Misplaced, Piece, has_template, looks_like_shell, pieces, segments, unescaped};
use crate::pipeline::Parsing;

/// What may become of a list or mapping that an expression names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Composites {
    Refused,
    /// Inside of a command, a mapping becomes `--key value`.
    AsOptions(Parsing),
    /// Where it stands alone, it is taken as it is.
    Whole,
}

/// Resolves every string and key under `node`; `cmd` and `command` take mappings as options.
pub(super) fn resolve_stage(node: &mut Node, scope: &Scope, parsing: Parsing, report: &mut Report) {
    let Yaml::Map(entries) = &mut node.value else { return };
    for (key, value) in entries {
        match key.text.as_str() {
            "cmd" => resolve(value, scope, Composites::AsOptions(parsing), report),
            "gate" => resolve_gate(value, scope, parsing, report),
            _ => resolve(value, scope, Composites::Refused, report),
        }
    }
}

fn resolve_gate(node: &mut Node, scope: &Scope, parsing: Parsing, report: &mut Report) {
    let Yaml::Map(entries) = &mut node.value else { return };
    for (key, value) in entries {
        let is_command = key.text == "command";
        let composites = if is_command { Composites::AsOptions(parsing) } else { Composites::Refused };
        resolve(value, scope, composites, report);
    }
}

/// Resolves every string and key under `node`.
pub(super) fn resolve(node: &mut Node, scope: &Scope, composites: Composites, report: &mut Report) {
    match &mut node.value {
        Yaml::Str(text) if has_template(text) => {
            let resolving = Resolving { scope, composites, span: node.span };
            if let Some(value) = resolving.value(text, report) {
                node.value = value;
            }
        }
        Yaml::List(items) => items.iter_mut().for_each(|item| resolve(item, scope, composites, report)),
        Yaml::Map(entries) => {
            for (_, value) in entries.iter_mut() {
                resolve(value, scope, composites, report);
            }
            resolve_keys(entries, scope, report);
        }
        Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) => {}
    }
}

fn resolve_keys(entries: &mut Vec<(Key, Node)>, scope: &Scope, report: &mut Report) {
    if !entries.iter().any(|(key, _)| has_template(&key.text)) {
        return;
    }
    let mut seen = BTreeSet::new();
    entries.retain_mut(|(key, _)| {
        if let Some(text) = resolved_key(key, scope, report) {
            key.text = text;
        }
        let is_new = seen.insert(key.text.clone());
        if !is_new {
            let problem = report.at("yaml::duplicate-key", key.span, format!("key `{}` is given twice", key.text));
            report.push(problem.help("keep one of the two, or merge them"));
        }
        is_new
    });
}

/// Returns a key that has templates as it comes to; `None` when it has none, or was reported.
pub(super) fn resolved_key(key: &Key, scope: &Scope, report: &mut Report) -> Option<String> {
    if !has_template(&key.text) {
        return None;
    }
    let resolving = Resolving { scope, composites: Composites::Refused, span: key.span };
    resolving.value(&key.text, report).and_then(|value| super::datum::rendered(&value))
}

/// A value that was written out, or named by an expression that stands alone.
pub(super) enum Resolved {
    Written(Rc<Datum>),
    Named(Rc<Datum>),
}

impl Resolved {
    pub(super) fn datum(&self) -> &Rc<Datum> {
        match self {
            Self::Written(datum) | Self::Named(datum) => datum,
        }
    }
}

/// Returns what `node` comes to as data, in which an expression that stands alone may be anything. `None` was reported.
pub(super) fn resolve_data(node: &Node, scope: &Scope, report: &mut Report) -> Option<Resolved> {
    let shape = match &node.value {
        Yaml::Str(text) if has_template(text) => {
            let resolving = Resolving { scope, composites: Composites::Whole, span: node.span };
            if let [Piece::Expression(expression)] = pieces(text)[..] {
                return resolving.find(expression, 0, report).cloned().map(Resolved::Named);
            }
            Shape::Str(resolving.joined(text, report)?)
        }
        Yaml::List(items) => {
            let items: Vec<_> = items.iter().map(|item| resolve_data(item, scope, report)).collect();
            let items: Option<Vec<_>> = items.into_iter().map(|item| Some(Rc::clone(item?.datum()))).collect();
            Shape::List(items?)
        }
        Yaml::Map(entries) => {
            let mut resolved = Some(Entries::new());
            for (key, value) in entries {
                let text = resolved_key(key, scope, report).unwrap_or_else(|| super::datum::key_text(key));
                match (resolve_data(value, scope, report), &mut resolved) {
                    (Some(value), Some(entries)) => drop(entries.insert(text, Rc::clone(value.datum()))),
                    _ => resolved = None,
                }
            }
            Shape::Map(resolved?)
        }
        Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) => {
            return Some(Resolved::Written(Rc::new(Datum::from_yaml(node, &report.source))));
        }
    };
    Some(Resolved::Written(Rc::new(Datum::new(&report.source, node.span, shape))))
}

impl Report {
    /// Reports expressions under `node` that are none, in a body of which no member is made.
    pub(super) fn check_expressions(&mut self, node: &Node) {
        match &node.value {
            Yaml::Str(text) => {
                for (nth, expression) in expressions(text) {
                    if let Err(bad) = segments(expression) {
                        self.refuse_syntax(expression, place(self, node.span, expression, nth), bad);
                    }
                }
            }
            Yaml::List(items) => items.iter().for_each(|item| self.check_expressions(item)),
            Yaml::Map(entries) => entries.iter().for_each(|(_, value)| self.check_expressions(value)),
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) => {}
        }
    }

    /// Marks the character at which an expression stops being one, if it stands in the text as it is.
    fn refuse_syntax(&mut self, expression: &str, span: Span, bad: Misplaced) {
        let is_there = span.len == expression.len();
        let marked = if is_there { Span { start: span.start + bad.at, len: 1 } } else { span };
        let message = format!("`{expression}` is not a template");
        let problem = self.at("template::syntax", marked, message).label(bad.wanted);
        self.push(problem.help(SYNTAX));
        self.holes = true;
    }
}

const SYNTAX: &str =
    "write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\\${…}` or `$NAME`";

/// Returns the expressions of a string, each with the number of its equals before it.
fn expressions(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let pieces = if has_template(text) { pieces(text) } else { Vec::new() };
    let expressions: Vec<&str> = pieces
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Expression(expression) => Some(expression),
            Piece::Text(_) => None,
        })
        .collect();
    (0..expressions.len()).map(move |at| {
        let nth = expressions[..at].iter().filter(|earlier| **earlier == expressions[at]).count();
        (nth, expressions[at])
    })
}

/// Returns the place of an expression inside of the string at `span`, or of the string when it is written with escapes.
fn place(report: &Report, span: Span, expression: &str, nth: usize) -> Span {
    let text = report.source.slice(span);
    match text.match_indices(expression).nth(nth) {
        Some((at, _)) => Span { start: span.start + at, len: expression.len() },
        None => span,
    }
}

/// One string that is being resolved.
struct Resolving<'a> {
    scope: &'a Scope,
    composites: Composites,
    span: Span,
}

impl Resolving<'_> {
    /// Returns the value of `text`: of its own kind when it is one expression, else a string. `None` was reported.
    fn value(&self, text: &str, report: &mut Report) -> Option<Yaml> {
        let [Piece::Expression(expression)] = pieces(text)[..] else {
            return self.joined(text, report).map(Yaml::Str);
        };
        let datum = self.find(expression, 0, report)?;
        if datum.is_composite() && self.composites != Composites::Whole {
            self.refuse(expression, 0, datum, report);
            return None;
        }
        Some(datum.to_yaml(self.span))
    }

    /// Returns the string that `text` comes to.
    fn joined(&self, text: &str, report: &mut Report) -> Option<String> {
        let pieces = pieces(text);
        let mut out = String::with_capacity(text.len());
        let mut complete = true;
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Expression(expression) => {
                    let nth = pieces[..at].iter().filter(|earlier| *earlier == piece).count();
                    match self.part(expression, nth, report) {
                        Some(part) => out.push_str(&part),
                        None => complete = false,
                    }
                }
            }
        }
        complete.then(|| unescaped(out))
    }

    fn part(&self, expression: &str, nth: usize, report: &mut Report) -> Option<String> {
        let datum = self.find(expression, nth, report)?;
        let text = match (&datum.shape, self.composites) {
            (Shape::Map(_), Composites::AsOptions(parsing)) => options(datum, parsing),
            _ => datum.rendered(),
        };
        if text.is_none() {
            self.refuse(expression, nth, datum, report);
        }
        text
    }

    fn find(&self, expression: &str, nth: usize, report: &mut Report) -> Option<&Rc<Datum>> {
        let span = || place(report, self.span, expression, nth);
        let path = match segments(expression) {
            Ok(path) => path,
            Err(bad) => {
                let span = span();
                report.refuse_syntax(expression, span, bad);
                return None;
            }
        };
        let unknown = match self.scope.find(&path) {
            Ok(datum) => return Some(datum),
            Err(unknown) => unknown,
        };
        let span = span();
        report.holes = true;
        if looks_like_shell(path[unknown.depth]) {
            let message = format!("`{expression}` is not a template");
            report.push(report.at("template::syntax", span, message).help(SYNTAX));
        } else if !self.scope.context.incomplete {
            let message = format!("`{expression}` is not defined");
            report.push(report.at("template::unknown", span, message).help(self.meant(&path, &unknown)));
        }
        None
    }

    fn meant(&self, path: &[&str], unknown: &Unknown) -> String {
        let prefix = if unknown.known.is_empty() { String::new() } else { format!("{}.", unknown.known) };
        let word = path[unknown.depth];
        if let Some(near) = nearest(word, unknown.next.iter().map(String::as_str)) {
            return format!("did you mean `${{{prefix}{near}}}`?");
        }
        let shell = match (self.composites, path) {
            (Composites::AsOptions(_), [name]) => format!("; for the shell's own variable write `${name}`"),
            _ => String::new(),
        };
        match (&*unknown.known, self.scope.is_empty()) {
            ("", true) => format!("define it in `params.yaml` beside the pipeline file, or under `vars`{shell}"),
            ("", false) => format!("defined are: {}{shell}", shortened(&unknown.next)),
            (known, _) if unknown.next.is_empty() => format!("`{known}` holds nothing that could be named"),
            (known, _) => format!("`{known}` has: {}", shortened(&unknown.next)),
        }
    }

    fn refuse(&self, expression: &str, nth: usize, datum: &Datum, report: &mut Report) {
        let message = format!("`{expression}` is {} ({}), not one value", datum.kind(), datum.place.cite());
        let help = match (&datum.shape, self.composites) {
            (Shape::Map(_), Composites::AsOptions(_)) => {
                "inside of a longer command it becomes `--key value`, one level of lists at most"
            }
            (Shape::List(_), _) => "name one of its items, such as `[0]`",
            _ => "name one of its keys",
        };
        let span = place(report, self.span, expression, nth);
        report.push(report.at("template::kind", span, message).help(help));
        report.holes = true;
    }
}

fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        write!(text, " and {} more", names.len() - SHOWN).unwrap_or_default();
    }
    text
}
