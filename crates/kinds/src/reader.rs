//! The reading that all kinds share: text, numbers, shares, durations and paths, each with what to write instead.

use std::sync::Arc;
use std::time::Duration;

use lockgate_forms::{Reading, Said, TextForms};
use lockgate_spanned::{Fields, Key, Node, Problem, Problems, Source, Span, Value, nearest};

use crate::quantity;

/// The text of one gate's settings while it is read.
///
/// A mistake is noted and the reading goes on, with a default where it can: [`Reader::is_clean`] says at the end
/// whether what came of it counts.
pub(crate) struct Reader<'a> {
    /// The kind, as it is written.
    kind: &'static str,
    source: &'a Arc<Source>,
    problems: &'a mut Problems,
    place: &'a mut dyn FnMut(&str, Span) -> Option<String>,
    before: usize,
    all_placed: bool,
    forms: TextForms,
}

impl<'a> Reader<'a> {
    pub fn new(
        kind: &'static str,
        source: &'a Arc<Source>,
        problems: &'a mut Problems,
        place: &'a mut dyn FnMut(&str, Span) -> Option<String>,
    ) -> Self {
        let before = problems.len();
        Self { kind, source, problems, place, before, all_placed: true, forms: TextForms::default() }
    }

    /// Says whether nothing was wrong so far.
    pub fn is_clean(&self) -> bool {
        self.all_placed && self.problems.len() == self.before
    }

    /// Returns how the files are written of which the settings say it.
    pub fn into_forms(self) -> TextForms {
        self.forms
    }

    /// Notes a mistake; returns `None` so that a reader can return it.
    pub fn refuse<T>(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new("gate::setting", self.source, span, message).help(help));
        None
    }

    /// Opens the settings of the kind itself.
    pub fn settings<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<Fields<'n>> {
        self.open(self.kind, node, known)
    }

    /// Opens a mapping whose keys are all known.
    pub fn open<'n>(&mut self, what: &str, node: &'n Node, known: &[&str]) -> Option<Fields<'n>> {
        Fields::open(node, &format!("`{what}`"), known, self.source, self.problems)
    }

    /// Returns the value of a key that must be there; `example` is how it is written.
    pub fn needed<'n>(&mut self, fields: &Fields<'n>, key: &str, example: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            let message = format!("`{}` has no `{key}`", self.kind);
            self.refuse::<()>(fields.span(), message, format!("add `{key}: {example}`"));
        }
        found
    }

    /// Notes that a value is of another kind than wanted.
    pub fn wrong_kind<T>(&mut self, what: &str, node: &Node, wanted: &str, help: &str) -> Option<T> {
        self.refuse(node.span, format!("`{what}` is {}, not {wanted}", node.value.kind()), help)
    }

    /// Reads a text that says something; a whole number or a boolean is taken as its text.
    pub fn text(&mut self, what: &str, node: &Node) -> Option<String> {
        let text = match &node.value {
            Value::Str(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Float(_) | Value::List(_) | Value::Map(_) => {
                return self.wrong_kind(what, node, "a text", "write one text, in quotes where it is a number");
            }
        };
        if text.trim().is_empty() {
            return self.refuse(node.span, format!("`{what}` is empty"), "fill it in or remove it");
        }
        Some(text)
    }

    /// Reads a text or a list of different ones, at least one.
    pub fn texts(&mut self, what: &str, node: &Node) -> Option<Vec<String>> {
        let Value::List(items) = &node.value else { return self.text(what, node).map(|text| vec![text]) };
        if items.is_empty() {
            return self.refuse(node.span, format!("`{what}` is empty"), "name at least one");
        }
        let mut texts: Vec<String> = Vec::new();
        for item in items {
            let Some(text) = self.text(what, item) else { continue };
            if texts.contains(&text) {
                self.refuse::<()>(item.span, format!("`{what}` has `{text}` twice"), "remove one of the two");
            }
            texts.push(text);
        }
        Some(texts)
    }

    /// Returns the entries of a mapping whose keys are names of the user's, at least one.
    pub fn entries<'n>(&mut self, what: &str, node: &'n Node, example: &str) -> Vec<(&'n Key, &'n Node)> {
        let help = format!("write `{what}: {example}`");
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => entries.iter().map(|(key, value)| (key, value)).collect(),
            Value::Map(_) => self.refuse(node.span, format!("`{what}` is empty"), help).unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) => {
                self.wrong_kind(what, node, "a mapping", &help).unwrap_or_default()
            }
        }
    }

    /// Reads a path into the project's own form.
    pub fn path(&mut self, what: &str, node: &Node) -> Option<String> {
        let text = self.text(what, node)?;
        self.placed(&text, node.span)
    }

    /// Puts a path that stands at `span` into the project's own form.
    pub fn placed(&mut self, text: &str, span: Span) -> Option<String> {
        let placed = (self.place)(text, span);
        self.all_placed &= placed.is_some();
        placed
    }

    /// Reads the path of a table, or `{path: …, csv: …}`.
    pub fn table(&mut self, what: &str, node: &Node) -> Option<String> {
        let named = self.writing().named(&format!("`{what}`"), node)?;
        let path = self.path(what, named.path);
        self.learn(path.as_deref(), named.said);
        path
    }

    /// Reads how a file is written, when the fields say it under `csv`.
    pub fn written(&mut self, file: Option<&str>, fields: &Fields<'_>) {
        let said = self.writing().said(fields);
        self.learn(file, said);
    }

    fn learn(&mut self, file: Option<&str>, said: Option<Said>) {
        let (Some(file), Some(said)) = (file, said) else { return };
        let mut forms = std::mem::take(&mut self.forms);
        forms.learn(file, said, &mut self.writing());
        self.forms = forms;
    }

    fn writing(&mut self) -> Reading<'_> {
        Reading { source: self.source, problems: self.problems, code: "gate::setting" }
    }

    /// Reads a finite number that is not negative.
    pub fn positive(&mut self, what: &str, node: &Node) -> Option<f64> {
        let number = match node.value {
            #[expect(clippy::cast_precision_loss, reason = "a bound with more than 53 bits is no one's intention")]
            Value::Int(number) => number as f64,
            Value::Float(number) => number,
            Value::Null | Value::Bool(_) | Value::Str(_) | Value::List(_) | Value::Map(_) => {
                return self.wrong_kind(what, node, "a number", "write a number such as `0.2`");
            }
        };
        if number.is_finite() && number >= 0.0 {
            return Some(number);
        }
        self.refuse(node.span, format!("`{what}` is {number}"), "write a finite number, zero or more")
    }

    /// Reads a bound of what is never above `most`: one that nothing can exceed would be no bound.
    pub fn below(&mut self, what: &str, most: f64, node: &Node) -> Option<f64> {
        let bound = self.positive(what, node)?;
        if bound < most {
            return Some(bound);
        }
        let message = format!("`{what}` is {bound}, and nothing is ever above {most}");
        self.refuse(node.span, message, format!("write a number from 0 to less than {most}"))
    }

    /// Reads a whole number of at least `least`.
    pub fn count(&mut self, what: &str, node: &Node, least: u64) -> Option<u64> {
        let help = format!("write a whole number, {least} or more");
        let Value::Int(number) = node.value else { return self.wrong_kind(what, node, "a whole number", &help) };
        match u64::try_from(number) {
            Ok(count) if count >= least => Some(count),
            Ok(_) | Err(_) => self.refuse(node.span, format!("`{what}` is {number}"), help),
        }
    }

    /// Reads the probability of a false alarm, within (0, 1).
    pub fn alpha(&mut self, node: &Node) -> Option<f64> {
        let alpha = self.positive("alpha", node)?;
        if alpha > 0.0 && alpha < 1.0 {
            return Some(alpha);
        }
        let help = "write a probability between 0 and 1, such as `0.01`";
        self.refuse(node.span, format!("`alpha` is {alpha}"), help)
    }

    /// Reads `2%` as 0.02.
    pub fn share(&mut self, what: &str, node: &Node) -> Option<f64> {
        if let Some(share) = node.as_str().and_then(quantity::share) {
            return Some(share);
        }
        let written = self.source.slice(node.span).trim_end();
        self.refuse(node.span, format!("`{what}` is `{written}`, not a percentage"), "write a percentage such as `5%`")
    }

    /// Reads `30m`.
    pub fn duration(&mut self, what: &str, node: &Node) -> Option<Duration> {
        if let Some(duration) = node.as_str().and_then(lockgate_spanned::duration) {
            return Some(duration);
        }
        let written = self.source.slice(node.span).trim_end();
        let help = "write a number with its unit: `90s`, `30m`, `1h30m` or `2d`";
        self.refuse(node.span, format!("`{what}` is `{written}`, not a duration"), help)
    }

    /// Reads one of a few names.
    pub fn choice<T: Copy>(&mut self, what: &str, node: &Node, all: &[(&str, T)]) -> Option<T> {
        let text = self.text(what, node)?;
        if let Some((_, value)) = all.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let help = match nearest(&text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", names.join(", ")),
        };
        self.refuse(node.span, format!("`{what}` cannot be `{text}`"), help)
    }
}
