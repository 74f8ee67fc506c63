//! Proving what can be proved and counting the rest in one pass.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use polars::prelude::{AnyValue, DataFrame, Expr, IntoLazy, PlSmallStr};

use super::formula::Formula;
use super::groups::{Groups, Verdicts};
use super::masks::{self, named};
use super::plan::{Rule, Subject};
use super::unique::{Duplicates, Uniqueness};
use crate::schema::{End, Nan, Range};
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
            Source::Groups(index) => {
                pass.groups[*index].settle().map_err(|error| bug(&table.parts[0].name, &error))?.into()
            }
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
    Groups(usize),
    /// The measures of a row rule, by index.
    Rows {
        bad: usize,
        examined: usize,
        /// None when all rows count.
        applies: Option<usize>,
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
    /// The measures of nulls and of text that is no value, shared by the rules of a column.
    shared: BTreeMap<(String, Shared), usize>,
    uniques: Vec<Uniqueness>,
    groups: Vec<Groups>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Nulls,
    Misfits,
}

impl Pass {
    fn plan(&mut self, rule: &Rule<'_>, table: &Table) -> Source {
        if !rule.is_ready() {
            return Source::Unready;
        }
        if let Some(examined) = proved(rule, table) {
            return Source::Proved { examined };
        }
        match rule {
            Rule::Rows(_) | Rule::Extra { .. } | Rule::Order { .. } => Source::Table,
            Rule::Unique { columns, nulls, .. } => {
                for subject in columns {
                    self.want(subject);
                }
                self.uniques.push(Uniqueness::new(columns, *nulls, table));
                Source::Unique(self.uniques.len() - 1)
            }
            Rule::Groups { rule, by, columns } => {
                for subject in columns {
                    self.want(subject);
                }
                self.groups.push(Groups::new(*rule, by));
                Source::Groups(self.groups.len() - 1)
            }
            Rule::Row { rule, columns } => {
                for subject in columns {
                    self.want(subject);
                }
                let formula = Formula(columns);
                Source::Rows {
                    bad: self.add(formula.broken(rule).sum(), Fold::Sum),
                    examined: self.add(formula.examined(rule).sum(), Fold::Sum),
                    applies: formula.applies(rule).map(|mask| self.add(mask.sum(), Fold::Sum)),
                }
            }
            // A stored type that is the declared one holds for every row.
            Rule::Type(subject) if !subject.is_text() => Source::Table,
            Rule::Type(subject) => {
                self.want(subject);
                Source::Measured(Wires::of(
                    self.shared(subject, Shared::Misfits),
                    vec![self.shared(subject, Shared::Nulls)],
                ))
            }
            Rule::NotNull(subject) => {
                self.want(subject);
                Source::Measured(Wires::of(self.shared(subject, Shared::Nulls), Vec::new()))
            }
            Rule::Value { subject, .. } => {
                self.want(subject);
                Source::Measured(self.value(rule, subject))
            }
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
            let cell = named(&subject.column.name);
            wires.low = Some(self.add(cell.clone().min(), Fold::Min));
            wires.high = Some(self.add(cell.clone().max(), Fold::Max));
            let nan_counts = subject.column.ty.is_float() && subject.column.nan == Nan::Fail;
            wires.nans = nan_counts.then(|| self.add(cell.is_nan().sum(), Fold::Sum));
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
        let mask = match what {
            Shared::Nulls => masks::null(subject),
            Shared::Misfits => masks::misfit(subject),
        };
        let index = self.add(mask.sum(), Fold::Sum);
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
            if let Some(rows) = table.known_rows() {
                return Ok(rows);
            }
            // Only the number of rows is asked for; reading the first column gives it.
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
                for groups in &mut self.groups {
                    groups.take(&frame).map_err(|error| bug(&part.name, &error))?;
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
        | Rule::Order { .. }
        | Rule::Type(_)
        | Rule::Unique { .. }
        | Rule::Row { .. }
        | Rule::Groups { .. } => return None,
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
