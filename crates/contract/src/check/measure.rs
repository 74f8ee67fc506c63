//! Proving what can be proved and counting the rest in one pass.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;

use polars::prelude::{AnyValue, DataFrame, Expr, IntoLazy, PlSmallStr};

use super::complete::{self, Fill};
use super::formula::Formula;
use super::groups::{Cohort, Verdicts};
use super::masks::{self, named};
use super::plan::{Rule, Subject};
use super::sequence::{Order, Sequence};
use super::unique::{Duplicates, Uniqueness};
use crate::schema::{End, Fullness, Nan, Range};
pub(super) use crate::table::bug;
use crate::table::{CheckError, ColumnFacts, Table, Wanted, any_value, cell_text};
use crate::value::Literal;

/// What was counted for one rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub bad: u64,
    pub examined: u64,
    /// Of a row rule: the rows for which its `when` holds.
    pub applies: u64,
    /// The smallest value, when it lies below a range, and the largest, when above.
    pub below: Option<String>,
    pub above: Option<String>,
    /// Of a range that NaN violates: how many there are.
    pub nans: u64,
    pub duplicates: Option<Duplicates>,
    pub groups: Option<Verdicts>,
    pub order: Option<Order>,
    pub fills: Vec<Fill>,
}

pub(super) struct Measured {
    pub rows: u64,
    /// One for each rule, in the same order.
    pub tallies: Vec<Tally>,
}

/// Counts for every rule how many rows were examined and how many break it.
pub(super) fn measure(table: &Table, rules: &[Rule<'_>]) -> Result<Measured, CheckError> {
    let mut pass = Pass::default();
    let sources: Vec<Source> = rules.iter().map(|rule| pass.plan(rule, table)).collect();
    let rows = pass.run(table)?;
    let settle = |cohort: &mut Cohort| cohort.settle(table).map_err(|error| error.of(table));
    let groups: Vec<Vec<Verdicts>> = pass.cohorts.iter_mut().map(settle).collect::<Result<_, _>>()?;
    let mut tallies = Vec::with_capacity(rules.len());
    for (rule, source) in rules.iter().zip(&sources) {
        tallies.push(match source {
            Source::Table => Tally { examined: rows, ..Tally::default() },
            Source::Unready => Tally::default(),
            Source::Proved { examined } => Tally { examined: *examined, ..Tally::default() },
            Source::Measured(wires) => pass.tally(rule, wires, rows),
            Source::Unique(index) => pass.uniques[*index].settle(table)?.into(),
            Source::Rows { bad, examined, applies } => Tally {
                bad: pass.count(*bad),
                examined: pass.count(*examined),
                applies: applies.map_or(rows, |index| pass.count(index)),
                ..Tally::default()
            },
            Source::Groups { cohort, rule } => groups[*cohort][*rule].clone().into(),
            Source::Sequence(index) => pass.sequences[*index].settle().into(),
            Source::Complete { bad_rows, columns } => Tally {
                bad: bad_rows.map_or(0, |index| pass.count(index)),
                examined: rows,
                fills: columns.iter().map(|wires| pass.fill(wires, rows)).collect(),
                ..Tally::default()
            },
        });
    }
    Ok(Measured { rows, tallies })
}

impl From<Duplicates> for Tally {
    fn from(duplicates: Duplicates) -> Self {
        Self { bad: duplicates.rows, examined: duplicates.examined, duplicates: Some(duplicates), ..Self::default() }
    }
}

impl From<Verdicts> for Tally {
    fn from(verdicts: Verdicts) -> Self {
        Self { bad: verdicts.broken, examined: verdicts.judged, groups: Some(verdicts), ..Self::default() }
    }
}

impl From<Order> for Tally {
    fn from(order: Order) -> Self {
        Self { bad: order.bad, examined: order.examined, order: Some(order), ..Self::default() }
    }
}

/// Why rows could not be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    #[error(transparent)]
    Library(#[from] polars::error::PolarsError),
    #[error(transparent)]
    Scratch(#[from] io::Error),
    /// When the table is read again.
    #[error(transparent)]
    Table(#[from] CheckError),
}

impl TakeError {
    /// Names the table on which it happened.
    pub fn of(self, table: &Table) -> CheckError {
        match self {
            Self::Library(error) => bug(&table.parts[0].name, &error),
            Self::Scratch(cause) => CheckError::Scratch { path: table.scratch.clone(), cause },
            Self::Table(error) => error,
        }
    }
}

/// Where the numbers of a rule come from.
enum Source {
    /// The rule is about the table as a whole.
    Table,
    /// A column is missing or has another type: nothing can be counted.
    Unready,
    /// The footer shows that no row breaks the rule.
    Proved {
        examined: u64,
    },
    Measured(Wires),
    Unique(usize),
    Sequence(usize),
    Groups {
        cohort: usize,
        rule: usize,
    },
    /// The measures of a row rule, by index.
    Rows {
        bad: usize,
        examined: usize,
        /// None when all rows count.
        applies: Option<usize>,
    },
    Complete {
        bad_rows: Option<usize>,
        columns: Vec<FillWires>,
    },
}

/// The measures of one rule, by index.
struct Wires {
    bad: usize,
    /// What is taken off the rows to get the rows examined.
    unexamined: Vec<usize>,
    low: Option<usize>,
    high: Option<usize>,
    nans: Option<usize>,
}

/// The measures of one column that has to be full, by index.
struct FillWires {
    column: String,
    missing: usize,
    zeros: Option<usize>,
    extremes: Option<(usize, usize)>,
}

/// How the values of the batches become one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fold {
    Sum,
    Min,
    Max,
}

/// All that is counted in the one pass.
#[derive(Default)]
struct Pass {
    wanted: Vec<Wanted>,
    exprs: Vec<Expr>,
    folds: Vec<Fold>,
    values: Vec<AnyValue<'static>>,
    /// The measures of single columns, shared by the rules that need them.
    shared: BTreeMap<(String, Shared), usize>,
    uniques: Vec<Uniqueness>,
    cohorts: Vec<Cohort>,
    sequences: Vec<Sequence>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Nulls,
    Misfits,
    Least,
    Most,
    Nans,
    /// For completeness, to which NaN is nothing.
    Missing,
    Zeros,
}

impl Pass {
    fn plan(&mut self, rule: &Rule<'_>, table: &Table) -> Source {
        if !rule.is_ready() {
            return Source::Unready;
        }
        if let Some(examined) = proved(rule, table) {
            return Source::Proved { examined };
        }
        // A stored type that is the declared one holds for every row: its column is not read for that.
        if matches!(rule, Rule::Type(subject) if !subject.is_text()) {
            return Source::Table;
        }
        for subject in rule.subjects() {
            self.want(subject);
        }
        match rule {
            Rule::Rows(_) | Rule::Extra { .. } | Rule::ColumnOrder { .. } | Rule::Shape { .. } => Source::Table,
            Rule::Unique { columns, wide, when, nulls, .. } => {
                let when = when.as_ref().ok().and_then(Option::as_ref);
                let takes_part = Formula(columns).applies(when);
                self.uniques.push(Uniqueness::new(&columns[..*wide], *nulls, takes_part, columns, table));
                Source::Unique(self.uniques.len() - 1)
            }
            Rule::Groups { .. } => self.groups(rule, table),
            Rule::Sequence { columns, direction, ties, .. } => {
                self.sequences.push(Sequence::new(columns, *direction, *ties));
                Source::Sequence(self.sequences.len() - 1)
            }
            Rule::Row { columns, test: Ok(test), .. } => {
                let formula = Formula(columns);
                Source::Rows {
                    bad: self.add(formula.broken(test).sum(), Fold::Sum),
                    examined: self.add(formula.examined(test).sum(), Fold::Sum),
                    applies: formula.applies(test.when.as_ref()).map(|mask| self.add(mask.sum(), Fold::Sum)),
                }
            }
            Rule::Row { test: Err(_), .. } => Source::Unready,
            Rule::Complete { asked, columns, .. } => Source::Complete {
                bad_rows: complete::sparse_row(asked.what, columns).map(|mask| self.add(mask.sum(), Fold::Sum)),
                columns: columns.iter().map(|subject| self.fill_wires(subject, asked.what)).collect(),
            },
            Rule::Type(subject) => Source::Measured(Wires::of(
                self.shared(subject, Shared::Misfits),
                vec![self.shared(subject, Shared::Nulls)],
            )),
            Rule::NotNull(subject) => Source::Measured(Wires::of(self.shared(subject, Shared::Nulls), Vec::new())),
            Rule::Value { subject, .. } => Source::Measured(self.value(rule, subject)),
        }
    }

    /// Adds the rule to those on the same groups, if there are any.
    fn groups(&mut self, rule: &Rule<'_>, table: &Table) -> Source {
        let Rule::Groups { rule, by, columns, test: Ok(test) } = rule else { return Source::Unready };
        let when = test.when.as_ref();
        let known = self.cohorts.iter().position(|cohort| cohort.is_for(by, when));
        let cohort = known.unwrap_or_else(|| {
            self.cohorts.push(Cohort::new(by, when, columns, &table.scratch));
            self.cohorts.len() - 1
        });
        Source::Groups { cohort, rule: self.cohorts[cohort].add(*rule, test, columns) }
    }

    fn fill_wires(&mut self, subject: &Subject<'_>, what: Fullness) -> FillWires {
        let has_zeros = matches!(what, Fullness::ZeroShareMax(_)) && complete::zero(subject).is_some();
        let has_order = what == Fullness::NotConstant;
        FillWires {
            column: subject.column.name.clone(),
            missing: self.shared(subject, Shared::Missing),
            zeros: has_zeros.then(|| self.shared(subject, Shared::Zeros)),
            extremes: has_order.then(|| (self.shared(subject, Shared::Least), self.shared(subject, Shared::Most))),
        }
    }

    fn fill(&self, wires: &FillWires, rows: u64) -> Fill {
        let same =
            |(least, most): (usize, usize)| !self.values[least].is_null() && self.values[least] == self.values[most];
        Fill {
            column: wires.column.clone(),
            present: rows - self.count(wires.missing),
            zeros: wires.zeros.map(|index| self.count(index)),
            is_constant: wires.extremes.is_some_and(same),
        }
    }

    fn value(&mut self, rule: &Rule<'_>, subject: &Subject<'_>) -> Wires {
        let bad = masks::broken(rule).expect("a value rule is about single rows");
        let mut unexamined = vec![self.shared(subject, Shared::Nulls)];
        if subject.is_text() {
            unexamined.push(self.shared(subject, Shared::Misfits));
        }
        let mut wires = Wires::of(self.add(bad.sum(), Fold::Sum), unexamined);
        if rule.range().is_some() {
            wires.low = Some(self.shared(subject, Shared::Least));
            wires.high = Some(self.shared(subject, Shared::Most));
            let nan_counts = subject.ty.is_float() && subject.column.nan == Nan::Fail;
            wires.nans = nan_counts.then(|| self.shared(subject, Shared::Nans));
        }
        wires
    }

    fn want(&mut self, subject: &Subject<'_>) {
        if self.wanted.iter().all(|wanted| wanted.name != subject.column.name) {
            self.wanted.push(subject.wanted());
        }
    }

    fn shared(&mut self, subject: &Subject<'_>, what: Shared) -> usize {
        let key = (subject.column.name.clone(), what);
        if let Some(index) = self.shared.get(&key) {
            return *index;
        }
        let cell = named(&subject.column.name);
        let (expr, fold) = match what {
            Shared::Nulls => (masks::null(subject).sum(), Fold::Sum),
            Shared::Misfits => (masks::misfit(subject).sum(), Fold::Sum),
            Shared::Least => (cell.min(), Fold::Min),
            Shared::Most => (cell.max(), Fold::Max),
            Shared::Nans => (cell.is_nan().sum(), Fold::Sum),
            Shared::Missing => (complete::missing(subject).sum(), Fold::Sum),
            Shared::Zeros => (complete::zero(subject).expect("zeros are counted among numbers").sum(), Fold::Sum),
        };
        let index = self.add(expr, fold);
        self.shared.insert(key, index);
        index
    }

    fn add(&mut self, expr: Expr, fold: Fold) -> usize {
        let index = self.exprs.len();
        self.exprs.push(expr.alias(PlSmallStr::from(index.to_string())));
        self.folds.push(fold);
        self.values.push(AnyValue::Null);
        index
    }

    /// Reads all parts, if anything is still to be counted, and returns the number of rows.
    fn run(&mut self, table: &Table) -> Result<u64, CheckError> {
        if self.wanted.is_empty() {
            if let Some(rows) = table.known_rows().filter(|_| self.cohorts.is_empty()) {
                return Ok(rows);
            }
            // Only the number of rows is asked for, by the table or a rule; reading the first column gives it.
            self.wanted.extend(table.first_wanted());
        }
        let wanted = self.wanted.clone();
        let mut rows = 0;
        for part in &table.parts {
            table.scan(part, &wanted, &mut |frame| {
                rows += frame.height() as u64;
                for unique in &mut self.uniques {
                    unique.take(&frame).map_err(|error| error.of(table))?;
                }
                for cohort in &mut self.cohorts {
                    cohort.take(&frame).map_err(|error| error.of(table))?;
                }
                for sequence in &mut self.sequences {
                    let shown = table.parts.len() > 1;
                    sequence.take(&frame, part, shown).map_err(|error| bug(&part.name, &error))?;
                }
                self.take(frame).map_err(|error| bug(&part.name, &error))?;
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(rows)
    }

    fn take(&mut self, frame: DataFrame) -> polars::prelude::PolarsResult<()> {
        if self.exprs.is_empty() || frame.height() == 0 {
            return Ok(());
        }
        let found = frame.lazy().select(self.exprs.clone()).collect()?;
        for ((value, fold), column) in self.values.iter_mut().zip(&self.folds).zip(found.columns()) {
            fold.add(value, column.get(0)?.into_static());
        }
        Ok(())
    }

    fn count(&self, index: usize) -> u64 {
        self.values[index].extract::<u64>().unwrap_or(0)
    }

    fn tally(&self, rule: &Rule<'_>, wires: &Wires, rows: u64) -> Tally {
        let count = |index: usize| self.count(index);
        let unexamined: u64 = wires.unexamined.iter().map(|index| count(*index)).sum();
        let mut tally = Tally { bad: count(wires.bad), examined: rows - unexamined, ..Tally::default() };
        if let (Some(range), Some(stored)) = (rule.range(), rule.subjects().first().and_then(Subject::dtype)) {
            let bound = |bound: &Option<Literal>| bound.as_ref().and_then(|bound| any_value(bound, &stored));
            let value = |index: Option<usize>| index.map(|index| &self.values[index]).filter(|value| !value.is_null());
            let below = value(wires.low).zip(bound(&range.low)).filter(|(value, low)| *value < low);
            let above = value(wires.high)
                .zip(bound(&range.high))
                .filter(|(value, high)| if range.end == End::Included { *value > high } else { *value >= high });
            tally.below = below.and_then(|(value, _)| cell_text(value));
            tally.above = above.and_then(|(value, _)| cell_text(value));
            tally.nans = wires.nans.map_or(0, count);
        }
        tally
    }
}

impl Wires {
    fn of(bad: usize, unexamined: Vec<usize>) -> Self {
        Self { bad, unexamined, low: None, high: None, nans: None }
    }
}

impl Fold {
    fn add(self, all: &mut AnyValue<'static>, next: AnyValue<'static>) {
        let is_nan = matches!(next, AnyValue::Float32(value) if value.is_nan())
            || matches!(next, AnyValue::Float64(value) if value.is_nan());
        if next.is_null() || is_nan {
            return;
        }
        let replaces = match self {
            Self::Sum => {
                let sum = all.extract::<u64>().unwrap_or(0) + next.extract::<u64>().unwrap_or(0);
                *all = AnyValue::UInt64(sum);
                return;
            }
            Self::Min => all.is_null() || next < *all,
            Self::Max => all.is_null() || next > *all,
        };
        if replaces {
            *all = next;
        }
    }
}

/// Returns the rows examined when the footer shows that the rule holds for all of them.
fn proved(rule: &Rule<'_>, table: &Table) -> Option<u64> {
    let subject = match rule {
        Rule::NotNull(subject) if !subject.nan_is_null() => subject,
        Rule::Value { subject, .. } if rule.range().is_some() => subject,
        Rule::NotNull(_)
        | Rule::Value { .. }
        | Rule::Rows(_)
        | Rule::Extra { .. }
        | Rule::ColumnOrder { .. }
        | Rule::Shape { .. }
        | Rule::Type(_)
        | Rule::Unique { .. }
        | Rule::Row { .. }
        | Rule::Groups { .. }
        | Rule::Sequence { .. }
        | Rule::Complete { .. } => return None,
    };
    let facts = table.facts(&subject.column.name)?;
    let holds = match rule.range() {
        None => facts.nulls == 0,
        Some(range) => facts.bounds.is_some() && holds(range, &facts),
    };
    (holds && facts.values > 0).then_some(facts.values)
}

fn holds(range: &Range, facts: &ColumnFacts) -> bool {
    let Some((low, high)) = facts.bounds else { return false };
    let above = range.low.as_ref().is_none_or(|bound| whole(bound).is_some_and(|bound| low >= bound));
    let below = range.high.as_ref().is_none_or(|bound| {
        whole(bound).is_some_and(|bound| if range.end == End::Included { high <= bound } else { high < bound })
    });
    above && below
}

fn whole(bound: &Literal) -> Option<i128> {
    match bound {
        Literal::Int(value) => Some(*value),
        Literal::Date(days) => Some(i128::from(*days)),
        Literal::Bool(_) | Literal::Float(_) | Literal::Str(_) | Literal::Time(_) | Literal::Datetime(_) => None,
    }
}
