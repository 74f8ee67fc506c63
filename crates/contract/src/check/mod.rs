//! Judging: a schema and tables in, a report out.
//!
//! Three phases a table. *Prove*: what the footer of a Parquet file soundly shows to hold is not read. *Measure*: one pass over
//! the columns still needed counts everything at once, uniqueness included. *Sample*: only for rules that are broken, a
//! look for their first rows, which stops as soon as it has them. It knows nothing of what a verdict leads to.

mod complete;
mod figures;
mod finding;
mod formula;
mod groups;
mod identity;
mod judge;
mod layout;
mod masks;
mod measure;
mod members;
mod names;
mod nothing;
mod plan;
mod reduce;
mod reference;
mod rejects;
mod row_set;
mod sample;
mod sequence;
mod shape;
mod spill;
mod strangers;
mod unique;
mod values;

use std::collections::BTreeMap;
use std::path::Path;

use self::layout::Layout;
use self::measure::Measured;
use self::plan::Rule;
use self::reference::References;
pub use self::rejects::Rejects;
use crate::report::{Report, RuleReport, State, TableReport};
use crate::schema::Schema;
use crate::table::{CheckError, Table, TableAt};
use crate::wall::caught;

/// A table to judge: the name it has in the report, and where it lies at the moment.
///
/// The two differ for a candidate that is not in its place yet.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub name: &'a str,
    pub path: &'a Path,
}

/// What a check needs besides the rules and the tables to judge, and what it may write.
#[derive(Clone, Debug, Default)]
pub struct Given<'a> {
    /// The tables that the schema refers to, by the names that it has for them; see [`Schema::tables`].
    pub tables: BTreeMap<String, TableAt<'a>>,
    /// The folder for what does not fit into memory, which has no name there and is gone at the end; by default the
    /// system's folder for temporary files.
    pub scratch: Option<&'a Path>,
    /// Files for the bad rows of the tables, in their order; of a table without one they are not written.
    pub rejects: &'a [Rejects<'a>],
}

/// Judges each of `tables` under all rules of `schema`.
///
/// A table that cannot be read as what it claims to be is an error, not a failed rule, and so is a reference to a table that
/// is not given or has no such column. A cell of a text format that is not a value of its column's type is a failed rule.
pub fn check(schema: &Schema, tables: &[Input<'_>], given: &Given<'_>) -> Result<Report, CheckError> {
    let mut report = Report { state: State::Pass, tables: Vec::new(), rules: Vec::new(), metrics: BTreeMap::new() };
    let mut references = References::new(&given.tables);
    for (index, input) in tables.iter().enumerate() {
        let what = || format!("`{}`", input.name);
        let (table, judged) = behind_wall(what, || one(schema, (index, input), &mut references, given))?;
        report.tables.push(table);
        report.rules.extend(judged);
    }
    // Without a rule nothing was judged.
    report.state = report.rules.iter().map(RuleReport::weight).max().unwrap_or(State::Inconclusive);
    Ok(report)
}

/// Judges the table with that index.
fn one(
    schema: &Schema,
    (index, input): (usize, &Input<'_>),
    references: &mut References<'_>,
    given: &Given<'_>,
) -> Result<(TableReport, Vec<RuleReport>), CheckError> {
    let mut table = Table::open(input.name, input.path, &schema.text_form())?;
    if let Some(scratch) = given.scratch {
        scratch.clone_into(&mut table.scratch);
    }
    let layout = Layout::of(&table, schema)?;
    let mut rules = plan::rules(schema, &layout);
    references.attach(&mut rules)?;
    let measured = measured(&table, &rules)?;
    let context = judge::Context { schema, table: &table, index, rows: measured.rows };
    let judge = |(rule, tally)| behind_wall(|| named(rule), || judge::judge(rule, tally, &context));
    let judged = rules.iter().zip(&measured.tallies).map(judge).collect::<Result<Vec<_>, _>>()?;
    let rejects = match given.rejects.get(index) {
        Some(to) => {
            let all = rules.iter().zip(&measured.tallies).zip(&judged);
            let all: Vec<_> = all.map(|((rule, tally), report)| (rule, tally, report)).collect();
            rejects::write(&all, &context, to)?
        }
        None => None,
    };
    Ok((TableReport { rejects, ..table.report(input.name, measured.rows) }, judged))
}

/// Measures for all rules at once; the rule at which the library stops, if it does, is found by measuring for each alone.
fn measured(table: &Table, rules: &[Rule<'_>]) -> Result<Measured, CheckError> {
    caught(|| measure::measure(table, rules)).unwrap_or_else(|why| {
        let stops = |rule: &&Rule<'_>| caught(|| measure::measure(table, std::slice::from_ref(*rule))).is_err();
        let what = rules.iter().find(stops).map_or_else(|| format!("`{}`", table.parts[0].name), named);
        Err(CheckError::Stopped { what, why })
    })
}

/// Runs what calls the data-frame library; a fall of it is an error that names `what` it was about.
fn behind_wall<T>(what: impl FnOnce() -> String, run: impl FnOnce() -> Result<T, CheckError>) -> Result<T, CheckError> {
    caught(run).unwrap_or_else(|why| Err(CheckError::Stopped { what: what(), why }))
}

fn named(rule: &Rule<'_>) -> String {
    let (subject, name) = names::names(rule);
    format!("the rule `{subject} {name}` at {}", names::citation(rule))
}

impl Report {
    /// Takes the places of the rules from `schema`, which has the same rules as the schema of the report.
    ///
    /// A report that is kept outlives the lines it cites: a comment above a rule moves it and leaves the verdict as it is.
    pub fn cite(&mut self, schema: &Schema) {
        let places: BTreeMap<(String, String), String> = plan::rules(schema, &Layout::NOWHERE)
            .iter()
            .map(|rule| (names::names(rule), names::citation(rule).to_owned()))
            .collect();
        for rule in &mut self.rules {
            if let Some(place) = places.get(&(rule.subject.clone(), rule.rule.clone())) {
                rule.citation.clone_from(place);
            }
        }
    }
}
