//! A schema on its way to text: columns, rules with their origins, and the lines they are written on.

use std::collections::{BTreeMap, BTreeSet};

use crate::words::{quoted, slug, yaml};

/// A rule as it will be written: `- STEM: {KEY: VALUE, …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// What the rule is called, before names are made different from each other.
    pub stem: String,
    pub fields: Vec<(&'static str, Field)>,
    /// The columns that conditions of the rule name, which have to be declared.
    pub columns: Vec<String>,
}

/// The value of a key of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// A text in quotes, such as a condition.
    Text(String),
    /// A word or number as it is.
    Word(String),
    /// A list of names.
    Names(Vec<String>),
}

impl Draft {
    /// Makes a rule of a condition.
    pub fn check(stem: impl Into<String>, condition: impl Into<String>, columns: &[&str]) -> Self {
        Self::of(stem, "check", Field::Text(condition.into()), columns)
    }

    /// Makes a rule whose kind is a key.
    pub fn of(stem: impl Into<String>, key: &'static str, field: Field, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        Self { stem: stem.into(), fields: vec![(key, field)], columns }
    }

    #[must_use]
    pub fn with(mut self, key: &'static str, field: Field) -> Self {
        self.fields.push((key, field));
        self
    }

    /// Restricts the rule to the rows for which `condition` holds, besides what it is restricted to already.
    pub fn restrict(&mut self, condition: &str) {
        match self.fields.iter_mut().find(|(key, _)| *key == "when") {
            Some((_, Field::Text(when))) => *when = format!("({when}) and ({condition})"),
            _ => self.fields.push(("when", Field::Text(condition.to_owned()))),
        }
    }

    fn line(&self, name: &str) -> String {
        let fields: Vec<String> =
            self.fields.iter().map(|(key, field)| format!("{key}: {}", field.written())).collect();
        format!("  - {}: {{{}}}", yaml_key(name), fields.join(", "))
    }
}

impl Field {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Word(word) => word.clone(),
            Self::Names(names) => {
                format!("[{}]", names.iter().map(|name| yaml(name)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Writes a key of a block mapping; hyphens within need no quotes.
pub(crate) fn yaml_key(name: &str) -> String {
    let plain = yaml(&name.replace('-', "_"));
    if plain.starts_with('"') || name.starts_with('-') { quoted(name) } else { name.to_owned() }
}

/// The text of a schema, line by line.
#[derive(Debug, Default)]
pub(crate) struct Page {
    lines: Vec<String>,
    origins: BTreeMap<usize, String>,
    names: BTreeSet<String>,
}

impl Page {
    pub fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// Adds a line that comes from `origin`.
    pub fn cited(&mut self, text: impl Into<String>, origin: &str) {
        self.lines.push(text.into());
        self.origins.insert(self.lines.len(), origin.to_owned());
    }

    /// Adds a rule that comes from `origin`, under a name that no other rule has.
    pub fn rule(&mut self, draft: &Draft, origin: &str) {
        let name = self.name(&draft.stem);
        self.cited(draft.line(&name), origin);
    }

    fn name(&mut self, stem: &str) -> String {
        let stem = slug(stem);
        let numbered = (2..).map(|n| format!("{stem}-{n}"));
        let name = std::iter::once(stem.clone())
            .chain(numbered)
            .find(|name| !self.names.contains(name))
            .expect("the numbers do not end");
        self.names.insert(name.clone());
        name
    }

    /// Returns the text and the origins of its lines.
    pub fn finish(self) -> (String, BTreeMap<usize, String>) {
        (self.lines.join("\n") + "\n", self.origins)
    }
}
