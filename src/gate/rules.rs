//! Rules as they are written: a schema, or a suite of another tool that is read as one.

use lockgate_contract::{Report, Schema};
use lockgate_spanned::{Problem, Problems, Source, Span};
use lockgate_suites::{Options, Translation};

use super::Use;
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
        let ruled = Self::read_whole(file, text, &mut problems).filter(|_| problems.is_empty());
        let Some(Self { schema, translation }) = ruled else { return Err(problems) };
        let schema = match asked.environment.map(|name| schema.in_environment(name)) {
            None => schema,
            Some(Ok(schema)) => schema,
            Some(Err(unknown)) => {
                problems.push(Problem::of_file("schema::environment", file.to_string(), unknown.to_string()));
                return Err(problems);
            }
        };
        for table in schema.tables().into_iter().filter(|table| !asked.tables.contains(&table.name.as_str())) {
            let message = format!("{}: the schema refers to a table `{}`, which is not given", table.at, table.name);
            let problem = Problem::of_file("schema::no-table", file.to_string(), message);
            let help = format!("add `tables: {{{}: PATH}}` to the gate", table.name);
            problems.push(problem.help(help));
        }
        if problems.is_empty() { Ok(Self { schema, translation }) } else { Err(problems) }
    }

    fn read_whole(file: &RelPath, text: &str, problems: &mut Problems) -> Option<Self> {
        let source = Source::new(file.to_string(), text);
        if !lockgate_suites::is_suite(text) {
            return Some(Self { schema: Schema::read(&source, problems)?, translation: None });
        }
        let translation = lockgate_suites::translate(&source, &Options::default(), problems)?;
        for unmapped in &translation.unmapped {
            let message = format!("{}: `{}` cannot be judged as it is: {}", unmapped.at, unmapped.rule, unmapped.why);
            let help = "translate it with `lockgate schema import`, and say the rest in rules of your own";
            problems.push(Problem::new("suite::unmapped", &source, Span::default(), message).help(help));
        }
        let schema = Schema::read(&Source::new(file.to_string(), &translation.text), problems)?;
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
