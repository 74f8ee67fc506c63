//! Judging: a schema and tables in, a report out.
//!
//! Three phases a table. *Prove*: what the footer of a Parquet file soundly shows to hold is not read. *Measure*: one pass over
//! the columns still needed counts everything at once, uniqueness included. *Sample*: only for rules that are broken, a
//! look for their first rows, which stops as soon as it has them. It knows nothing of what a verdict leads to.

mod formula;
mod groups;
mod judge;
mod masks;
mod measure;
mod plan;
mod rejects;
mod row_set;
mod sample;
mod spill;
mod unique;

use std::collections::BTreeMap;
use std::path::Path;

pub use self::rejects::Rejects;
use crate::report::{Report, State, TableReport};
use crate::schema::Schema;
use crate::table::{CheckError, Table};

/// A table to judge: the name it has in the report, and where it lies at the moment.
///
/// The two differ for a candidate that is not in its place yet.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub name: &'a str,
    pub path: &'a Path,
}

/// What a check may write, and where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places<'a> {
    /// The folder for what does not fit into memory, which has no name there and is gone at the end; by default the
    /// system's folder for temporary files.
    pub scratch: Option<&'a Path>,
    /// Files for the bad rows of the tables, in their order; of a table without one they are not written.
    pub rejects: &'a [Rejects<'a>],
}

/// Judges each of `tables` under all rules of `schema`, without writing down bad rows.
///
/// A table that cannot be read as what it claims to be is an error, not a failed rule. A cell of a text format that is not a value of its
/// column's type is a failed rule, not an error.
pub fn check(schema: &Schema, tables: &[Input<'_>]) -> Result<Report, CheckError> {
    check_into(schema, tables, &Places::default())
}

/// Does what [`check`] does, and writes what `places` has a place for.
pub fn check_into(schema: &Schema, tables: &[Input<'_>], places: &Places<'_>) -> Result<Report, CheckError> {
    let mut report = Report { state: State::Pass, tables: Vec::new(), rules: Vec::new(), metrics: BTreeMap::new() };
    for (index, input) in tables.iter().enumerate() {
        let mut table = Table::open(input.name, input.path, &schema.csv)?;
        if let Some(scratch) = places.scratch {
            scratch.clone_into(&mut table.scratch);
        }
        let rules = plan::rules(schema, &|column| table.stored(column).cloned());
        let measured = measure::measure(&table, &rules)?;
        let context = judge::Context { schema, table: &table, index, rows: measured.rows };
        let judge = |(rule, tally)| judge::judge(rule, tally, &context);
        let judged = rules.iter().zip(&measured.tallies).map(judge).collect::<Result<Vec<_>, _>>()?;
        let rejects = match places.rejects.get(index) {
            Some(to) => {
                let all = rules.iter().zip(&measured.tallies).zip(&judged);
                rejects::write(
                    &all.map(|((rule, tally), report)| (rule, tally, report)).collect::<Vec<_>>(),
                    &context,
                    to,
                )?
            }
            None => None,
        };
        report.tables.push(TableReport { rejects, ..table.report(input.name, measured.rows) });
        report.rules.extend(judged);
    }
    report.state = report.rules.iter().map(crate::report::RuleReport::weight).max().unwrap_or(State::Pass);
    Ok(report)
}

impl Report {
    /// Takes the places of the rules from `schema`, which has the same rules as the schema of the report.
    ///
    /// A report that is kept outlives the lines it cites: a comment above a rule moves it and leaves the verdict as it is.
    pub fn cite(&mut self, schema: &Schema) {
        let places: BTreeMap<(String, String), String> = plan::rules(schema, &|_| None)
            .iter()
            .map(|rule| (judge::names(rule), judge::citation(rule).to_owned()))
            .collect();
        for rule in &mut self.rules {
            if let Some(place) = places.get(&(rule.subject.clone(), rule.rule.clone())) {
                rule.citation.clone_from(place);
            }
        }
    }
}
