//! Templates resolved in a tree, in place: after this the tree reads as if it had been written without them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lockgate_spanned::{Node, Span, Value as Yaml, nearest};

use super::context::{Context, Unknown};
use super::datum::{Datum, Shape, rendered};
use super::report::Report;
use super::template::{Piece, has_template, pieces, segments};

/// Whether a mapping may be named inside of a string: in a command it becomes `--key value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mappings {
    Refused,
    AsOptions,
}

/// Resolves every string and key under `node`.
pub(super) fn resolve(node: &mut Node, context: &Context, mappings: Mappings, report: &mut Report) {
    match &mut node.value {
        Yaml::Str(text) if has_template(text) => {
            let resolving = Resolving { context, mappings, span: node.span };
            if let Some(value) = resolving.value(text, report) {
                node.value = value;
            }
        }
        Yaml::List(items) => items.iter_mut().for_each(|item| resolve(item, context, mappings, report)),
        Yaml::Map(entries) => {
            for (key, value) in entries.iter_mut() {
                let mappings = if matches!(&*key.text, "cmd" | "command") { Mappings::AsOptions } else { mappings };
                resolve(value, context, mappings, report);
            }
            resolve_keys(node, context, report);
        }
        Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) => {}
    }
}

fn resolve_keys(node: &mut Node, context: &Context, report: &mut Report) {
    let Yaml::Map(entries) = &mut node.value else { return };
    if !entries.iter().any(|(key, _)| has_template(&key.text)) {
        return;
    }
    let mut seen = BTreeSet::new();
    entries.retain_mut(|(key, _)| {
        let resolving = Resolving { context, mappings: Mappings::Refused, span: key.span };
        if has_template(&key.text)
            && let Some(value) = resolving.value(&key.text, report)
        {
            key.text = rendered(&value).unwrap_or_default();
        }
        let is_new = seen.insert(key.text.clone());
        if !is_new {
            let problem = report.at("yaml::duplicate-key", key.span, format!("key `{}` is given twice", key.text));
            report.push(problem.help("keep one of the two, or merge them"));
        }
        is_new
    });
}

/// One string that is being resolved.
struct Resolving<'a> {
    context: &'a Context,
    mappings: Mappings,
    span: Span,
}

impl Resolving<'_> {
    /// Returns the value of `text`: of its own kind when it is one expression, else a string. `None` was reported.
    fn value(&self, text: &str, report: &mut Report) -> Option<Yaml> {
        let pieces = pieces(text);
        if let [Piece::Expression(expression)] = pieces[..] {
            let datum = self.find(expression, 0, report)?;
            let value = datum.to_scalar();
            if value.is_none() {
                self.refuse(expression, 0, datum, report);
            }
            return value;
        }
        let mut out = String::new();
        let mut complete = true;
        for (nth, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Escaped => out.push_str("${"),
                Piece::Expression(expression) => {
                    let nth = pieces[..nth].iter().filter(|earlier| *earlier == piece).count();
                    match self.part(expression, nth, report) {
                        Some(part) => out.push_str(&part),
                        None => complete = false,
                    }
                }
            }
        }
        complete.then_some(Yaml::Str(out))
    }

    fn part(&self, expression: &str, nth: usize, report: &mut Report) -> Option<String> {
        let datum = self.find(expression, nth, report)?;
        let text = match (&datum.shape, self.mappings) {
            (Shape::Map(_), Mappings::AsOptions) => options(datum),
            (Shape::Map(_) | Shape::List(_), _) => None,
            (Shape::Null | Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) | Shape::Str(_), _) => {
                datum.to_scalar().as_ref().and_then(rendered)
            }
        };
        if text.is_none() {
            self.refuse(expression, nth, datum, report);
        }
        text
    }

    fn find(&self, expression: &str, nth: usize, report: &mut Report) -> Option<&Datum> {
        let Some(path) = segments(expression) else {
            let message = format!("`{expression}` is not a template");
            let help =
                "write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\\${…}` or `$NAME`";
            let span = self.place(expression, nth, report);
            report.push(report.at("template::syntax", span, message).help(help));
            report.holes = true;
            return None;
        };
        match self.context.find(&path) {
            Ok(datum) => Some(datum),
            Err(_) if self.context.incomplete => {
                report.holes = true;
                None
            }
            Err(unknown) => {
                let message = format!("`{expression}` is not defined");
                let help = self.meant(&path, &unknown);
                let span = self.place(expression, nth, report);
                report.push(report.at("template::unknown", span, message).help(help));
                report.holes = true;
                None
            }
        }
    }

    fn meant(&self, path: &[&str], unknown: &Unknown) -> String {
        let prefix = if unknown.known.is_empty() { String::new() } else { format!("{}.", unknown.known) };
        let word = path[unknown.depth];
        if let Some(near) = nearest(word, unknown.next.iter().map(String::as_str)) {
            return format!("did you mean `${{{prefix}{near}}}`?");
        }
        let shell = match (self.mappings, path) {
            (Mappings::AsOptions, [name]) => format!("; for the shell's own variable write `${name}`"),
            _ => String::new(),
        };
        match (&*unknown.known, self.context.is_empty()) {
            ("", true) => format!("define it in `params.yaml` beside the pipeline file, or under `vars`{shell}"),
            ("", false) => format!("defined are: {}{shell}", shortened(&unknown.next)),
            (known, _) if unknown.next.is_empty() => format!("`{known}` holds nothing that could be named"),
            (known, _) => format!("`{known}` has: {}", shortened(&unknown.next)),
        }
    }

    fn refuse(&self, expression: &str, nth: usize, datum: &Datum, report: &mut Report) {
        let message = format!("`{expression}` is {} ({}), not one value", datum.kind(), datum.place.cite());
        let help = match (&datum.shape, self.mappings) {
            (Shape::Map(_), Mappings::AsOptions) => {
                "inside of a longer command it becomes `--key value`, one level of lists at most"
            }
            (Shape::List(_), _) => "name one of its items, such as `[0]`",
            _ => "name one of its keys",
        };
        let span = self.place(expression, nth, report);
        report.push(report.at("template::kind", span, message).help(help));
        report.holes = true;
    }

    /// Returns the place of an expression inside of the string, or of the string when it is written with escapes.
    fn place(&self, expression: &str, nth: usize, report: &Report) -> Span {
        let text = report.source.slice(self.span);
        match text.match_indices(expression).nth(nth) {
            Some((at, _)) => Span { start: self.span.start + at, len: expression.len() },
            None => self.span,
        }
    }
}

/// Writes a mapping as options of a command, sorted by key; `None` when it holds a list of lists or of mappings.
fn options(datum: &Datum) -> Option<String> {
    let mut words = Vec::new();
    add_options(datum, "", &mut words)?;
    Some(words.join(" "))
}

fn add_options(datum: &Datum, name: &str, words: &mut Vec<String>) -> Option<()> {
    match &datum.shape {
        Shape::Map(entries) => {
            for (key, value) in entries {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                add_options(value, &name, words)?;
            }
        }
        Shape::Bool(true) => words.push(format!("--{name}")),
        Shape::Bool(false) => {}
        Shape::List(items) if items.is_empty() => {}
        Shape::List(items) => {
            words.push(format!("--{name}"));
            for item in items {
                words.push(shell_word(item)?);
            }
        }
        Shape::Null | Shape::Int(_) | Shape::Float(_) | Shape::Str(_) => {
            words.push(format!("--{name}"));
            words.push(shell_word(datum)?);
        }
    }
    Some(())
}

fn shell_word(datum: &Datum) -> Option<String> {
    let text = rendered(&datum.to_scalar()?)?;
    let safe = |c: char| c.is_ascii_alphanumeric() || "@%_-+=:,./".contains(c);
    if !matches!(datum.shape, Shape::Str(_)) || (!text.is_empty() && text.chars().all(safe)) {
        return Some(text);
    }
    Some(format!("'{}'", text.replace('\'', "'\"'\"'")))
}

fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        write!(text, " and {} more", names.len() - SHOWN).unwrap_or_default();
    }
    text
}
