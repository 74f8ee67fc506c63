//! Rules as they are written: a schema, or a suite of another tool that is read as one.

use std::sync::Arc;

use lockgate_contract::{Report, Schema, TableRef, UnknownEnvironment};
use lockgate_forms::TextForm;
use lockgate_spanned::{Problem, Problems, Source, Span};
use lockgate_suites::{Options, Translation};

use super::{Use, User};
use crate::fingerprint::Rules;
use crate::words::{Digest, RelPath};

/// The rules of a file, in one of its environments.
pub(super) struct Ruled {
    pub schema: Schema,
    /// Where the rules come from, when they were translated.
    translation: Option<Translation>,
}

impl Ruled {
    /// Reads a schema, or a suite all of whose rules can be said in a schema.
    pub fn read(file: &RelPath, text: &str, asked: &Use<'_>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let ruled = Self::read_whole(file, text, asked, &mut problems).filter(|_| problems.is_empty());
        let Some(Self { schema, translation }) = ruled else { return Err(problems) };
        let schema = match asked.environment.map(|name| schema.in_environment(name)) {
            None => schema,
            Some(Ok(schema)) => schema,
            Some(Err(unknown)) => {
                problems.push(no_environment(file, &unknown, asked.by));
                return Err(problems);
            }
        };
        let source = Source::new(file.to_string(), text);
        for table in schema.tables().iter().filter(|table| !asked.tables.contains(&table.name.as_str())) {
            problems.push(not_given(table, &source, asked.by));
        }
        if problems.is_empty() { Ok(Self { schema, translation }) } else { Err(problems) }
    }

    fn read_whole(file: &RelPath, text: &str, asked: &Use<'_>, problems: &mut Problems) -> Option<Self> {
        let source = Source::new(file.to_string(), text);
        if !lockgate_suites::is_suite(text) {
            if *asked.csv != TextForm::PLAIN {
                problems.push(says_itself(file, asked));
            }
            return Some(Self { schema: Schema::read(&source, problems)?, translation: None });
        }
        let translation = lockgate_suites::translate(&source, &Options::default(), problems)?;
        for unmapped in &translation.unmapped {
            let message = format!("{}: `{}` cannot be judged as it is: {}", unmapped.at, unmapped.rule, unmapped.why);
            let help = "translate it with `lockgate schema import`, and say the rest in rules of your own";
            problems.push(Problem::new("suite::unmapped", &source, Span::default(), message).help(help));
        }
        let schema = Schema::read(&Source::new(file.to_string(), &translation.text), problems)?;
        let schema = Schema { csv: written(schema.csv.clone(), asked.csv), ..schema };
        Some(Self { schema, translation: Some(translation) })
    }

    /// Returns what stands for the rules in a fingerprint.
    pub fn digest(&self) -> Rules {
        Rules { digest: Digest::of(&self.schema.normal_form()), checker: lockgate_contract::CHECKER_VERSION }
    }

    /// Has a report cite what the user wrote, and not what it was translated to.
    pub fn cite(&self, report: &mut Report) {
        let Some(translation) = &self.translation else { return };
        for rule in &mut report.rules {
            if let Some(origin) = translation.origin_of(&rule.citation) {
                origin.clone_into(&mut rule.citation);
            }
        }
    }
}

/// Adds what is said beside a suite to what the suite says: a Table Schema knows what is missing.
fn written(known: TextForm, said: &TextForm) -> TextForm {
    let missing = if said.missing.is_empty() { known.missing } else { said.missing.clone() };
    TextForm { missing, ..said.clone() }
}

fn says_itself(file: &RelPath, asked: &Use<'_>) -> Problem {
    let user = match asked.by {
        User::Gate(gate) => format!("`csv` of gate `{gate}`"),
        User::Command => "`--csv`".to_owned(),
    };
    let message = format!("{user} is for suites of other tools; a schema says itself how its table is written");
    Problem::of_file("schema::csv", file.to_string(), message).help(format!("write `csv: {}` in it", asked.csv))
}

fn no_environment(file: &RelPath, unknown: &UnknownEnvironment, by: User<'_>) -> Problem {
    let user = match by {
        User::Gate(gate) => format!("gate `{gate}`"),
        User::Command => "`--environment`".to_owned(),
    };
    let message = format!("the schema has no environment `{}`, which {user} names", unknown.name);
    Problem::of_file("schema::environment", file.to_string(), message).help(unknown.next_step())
}

fn not_given(table: &TableRef, source: &Arc<Source>, by: User<'_>) -> Problem {
    let name = &table.name;
    let (message, help) = match by {
        User::Gate(gate) => (
            format!("the schema refers to a table `{name}`, which gate `{gate}` does not give"),
            format!("add `tables: {{{name}: PATH}}` to the gate"),
        ),
        User::Command => {
            (format!("the schema refers to a table `{name}`, which is not given"), format!("add `--table {name}=PATH`"))
        }
    };
    Problem::new("schema::no-table", source, line_of(&table.at, source), message).help(help)
}

/// Returns the line that a citation `file:line` means.
fn line_of(citation: &str, source: &Source) -> Span {
    let line = citation.rsplit_once(':').and_then(|(_, line)| line.parse().ok()).unwrap_or(1);
    let start = source.offset(line, 1);
    let text = source.text()[start..].lines().next().unwrap_or_default();
    Span { start: start + text.len() - text.trim_start().len(), len: text.trim().len() }
}
