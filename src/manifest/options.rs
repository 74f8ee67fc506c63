//! A mapping as options of a command: `--key value`, nested keys joined with dots, in the order of its text.

use super::datum::{Datum, Shape};
use crate::pipeline::{FlagForm, ListForm, Parsing};

/// Writes a mapping as options; `None` when it holds a list of lists or of mappings.
pub(super) fn options(datum: &Datum, parsing: Parsing) -> Option<String> {
    let mut words = Words { parsing, words: Vec::new() };
    words.add(datum, "")?;
    Some(words.words.join(" "))
}

struct Words {
    parsing: Parsing,
    words: Vec<String>,
}

impl Words {
    fn add(&mut self, datum: &Datum, name: &str) -> Option<()> {
        match &datum.shape {
            Shape::Map(entries) => {
                for (key, value) in entries {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    self.add(value, &name)?;
                }
            }
            Shape::Bool(true) => self.words.push(format!("--{name}")),
            Shape::Bool(false) => match self.parsing.flags {
                FlagForm::StoreTrue => {}
                FlagForm::BooleanOptional => self.words.push(format!("--no-{name}")),
            },
            Shape::List(items) => {
                for (nth, item) in items.iter().enumerate() {
                    if nth == 0 || self.parsing.lists == ListForm::Append {
                        self.words.push(format!("--{name}"));
                    }
                    self.words.push(shell_word(item)?);
                }
            }
            Shape::Null | Shape::Int(_) | Shape::Float(_) | Shape::Str(_) => {
                self.words.push(format!("--{name}"));
                self.words.push(shell_word(datum)?);
            }
        }
        Some(())
    }
}

/// Writes a scalar as one word of a shell: a string in quotes where it needs them, all else as Python's `str` writes it.
fn shell_word(datum: &Datum) -> Option<String> {
    let text = datum.in_python()?;
    let safe = |c: char| c.is_ascii_alphanumeric() || "@%_-+=:,./".contains(c);
    if !matches!(datum.shape, Shape::Str(_)) || (!text.is_empty() && text.chars().all(safe)) {
        return Some(text);
    }
    Some(format!("'{}'", text.replace('\'', "'\"'\"'")))
}
