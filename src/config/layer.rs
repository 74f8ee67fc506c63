//! One layer: the text of a settings file to keys, values and places.

use std::sync::Arc;

use lockgate_spanned::{Problem, Problems, Source, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::dvc;
use super::key::{Key, Setting};

/// Which of the files a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The user's own, for all projects.
    User,
    /// What DVC has set for the project: `.dvc/config`.
    Dvc,
    /// What DVC has set for this workspace: `.dvc/config.local`.
    DvcLocal,
    /// Committed with the project.
    Project,
    /// This workspace only, not committed.
    Local,
}

/// The text of a settings file, and the name it has in messages.
#[derive(Clone, Debug)]
pub struct Text {
    pub layer: Layer,
    pub name: String,
    pub text: String,
}

/// A setting as a file gives it.
pub(super) struct Given {
    pub key: Key,
    pub setting: Setting,
    /// Of the value, in the file.
    pub span: Span,
    /// From 1.
    pub line: usize,
}

/// Reads all settings of a text; whatever is wrong with it becomes a problem.
pub(super) fn read(text: &Text, problems: &mut Problems) -> Vec<Given> {
    if matches!(text.layer, Layer::Dvc | Layer::DvcLocal) {
        return dvc::read(text, problems);
    }
    let source = Source::new(text.name.clone(), text.text.clone());
    match DeTable::parse(&text.text) {
        Ok(table) => {
            let mut reader = Reader { source, problems, given: Vec::new() };
            reader.table("", table.get_ref());
            reader.given
        }
        Err(error) => {
            let span = error.span().map_or(Span::default(), |range| span_of(&range));
            let message = format!("`{}` is not valid TOML: {}", text.name, error.message());
            let help = "write `key = value`, strings in quotes; `lockgate config --list` shows every key";
            problems.push(Problem::new("config::syntax", &source, span, message).help(help));
            Vec::new()
        }
    }
}

struct Reader<'a> {
    source: Arc<Source>,
    problems: &'a mut Problems,
    given: Vec<Given>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let path =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            match value.get_ref() {
                DeValue::Table(inner) if matches!(path.as_str(), "cache" | "dvc" | "parsing" | "pools") => {
                    self.table(&path, inner);
                }
                DeValue::Table(_)
                | DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => self.entry(&path, span_of(&name.span()), value),
            }
        }
    }

    fn entry(&mut self, path: &str, name: Span, value: &Spanned<DeValue<'_>>) {
        let Some(key) = Key::parse(path) else {
            let message = format!("there is no setting `{path}`");
            let problem = Problem::new("config::unknown-key", &self.source, name, message).label("not a setting");
            return self.problems.push(problem.help(Key::help_for(path)));
        };
        let span = span_of(&value.span());
        match scalar(value.get_ref()).ok_or("one value").and_then(|text| key.read(&text)) {
            Ok(setting) => {
                let line = self.source.position(name.start).line;
                self.given.push(Given { key, setting, span, line });
            }
            Err(expected) => {
                let message = format!("`{path}` is {}, not {expected}", self.source.slice(span).trim());
                let problem = Problem::new("config::value", &self.source, span, message);
                self.problems.push(problem.label(format!("expected {expected}")).help(key.meaning()));
            }
        }
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn span_of(range: &std::ops::Range<usize>) -> Span {
    Span { start: range.start, len: range.len() }
}
