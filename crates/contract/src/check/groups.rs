//! Rules with a verdict for each group of rows.
//!
//! Rules on the same groups of the same rows share one reduction. Above a limit nothing is judged. Text that is no value of
//! its type belongs to no group; null is a group.

use std::path::Path;

use polars::prelude::{
    AnyValue, DataFrame, DataType, Expr, IntoLazy, PolarsResult, SortMultipleOptions, col, lit, when,
};

use super::figures::Parts;
use super::formula::{self, Formula, Leaves};
use super::masks::{self, named};
use super::measure::TakeError;
use super::members::{Members, key};
use super::plan::{Grouped, Subject, Test};
use super::reduce::Reduction;
use super::values::Values;
use crate::report::{Cell, Sample, six_digits};
use crate::schema::{self, Aggregate, Compare, Counts};
use crate::table::{Table, cell_text};
use crate::value::Type;

/// Groups in memory at one time.
const MOST_GROUPS: usize = 1 << 20;

/// Different values in memory at one time, over all groups; above it they are on disk.
const MOST_VALUES: usize = 1 << 18;

/// Groups shown of a rule that is broken.
const SAMPLES: u32 = 5;

/// The hidden columns of a table of groups, besides keys and figures: whether a rule holds, and by how much not.
const HOLDS: &str = "\u{0}holds";
const EXCESS: &str = "\u{0}excess";

/// What became of the groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdicts {
    /// Groups with a verdict, and those without a value that could have led to one.
    pub judged: u64,
    pub unknown: u64,
    pub broken: u64,
    /// Broken groups, the worst first; when all rows are one group, that group.
    pub shown: Vec<Sample>,
    /// Why there is no verdict at all.
    pub inconclusive: Option<Absence>,
}

/// Why no group was judged.
#[derive(Clone, Debug)]
pub(super) enum Absence {
    NoRow(String),
    TooMany(String),
}

/// The groups of the rules that have the same ones, while they are being found.
pub(super) struct Cohort {
    members: Members,
    /// The text of the condition on rows, by which rules find their groups.
    when: Option<String>,
    parts: Parts,
    rules: Vec<Judging>,
    figures: Vec<Figure>,
    values: Vec<Values>,
    groups: Option<Reduction>,
    /// More groups than this are too many, and more values are written.
    most_groups: usize,
    pub most_values: usize,
}

/// An aggregate, and how it is read off a table of groups.
struct Figure {
    name: String,
    value: Expr,
}

/// One rule on the groups.
struct Judging {
    /// True where the figures of a group keep the rule, null where there is nothing to judge.
    holds: Expr,
    /// How far a group is from keeping the rule.
    excess: Expr,
    /// Indices of the figures that are shown, with the names they are shown under.
    shown: Vec<(String, usize)>,
}

impl Cohort {
    /// Starts without a rule; what does not fit into memory goes to a file in `scratch`.
    pub fn new(by: &[Subject<'_>], when: Option<&schema::Expr>, columns: &[Subject<'_>], scratch: &Path) -> Self {
        let valued = by.iter().filter(|subject| subject.is_text()).map(|subject| masks::misfit(subject).not());
        let takes_part = valued.chain(Formula(columns).applies(when)).reduce(Expr::and);
        let mut parts = Parts::default();
        // A group is a number of rows, also where all that is asked of it is read off values.
        let _ = parts.rows();
        let members = Members {
            by: by.iter().map(|subject| subject.column.name.clone()).collect(),
            takes_part,
            read: Vec::new(),
            scratch: scratch.to_owned(),
        };
        Self {
            members,
            when: when.map(ToString::to_string),
            parts,
            rules: Vec::new(),
            figures: Vec::new(),
            values: Vec::new(),
            groups: None,
            most_groups: MOST_GROUPS,
            most_values: MOST_VALUES,
        }
    }

    /// Says whether a rule is about the same groups of the same rows.
    pub fn is_for(&self, by: &[Subject<'_>], when: Option<&schema::Expr>) -> bool {
        self.when == when.map(ToString::to_string)
            && self.members.by.iter().eq(by.iter().map(|subject| &subject.column.name))
    }

    /// Adds a rule and returns its index.
    pub fn add(&mut self, rule: Grouped<'_>, test: &Test, columns: &[Subject<'_>]) -> usize {
        self.members.read(columns);
        let judging = match (rule, &test.check) {
            (Grouped::Rows(rows), _) => self.rows(rows.value.counts),
            (Grouped::Rule(_), Some(check)) => self.check(check, columns),
            (Grouped::Rule(_), None) => unreachable!("a rule on groups has a condition"),
        };
        self.rules.push(judging);
        self.rules.len() - 1
    }

    fn rows(&mut self, counts: Counts) -> Judging {
        let rows = self.parts.rows();
        let at = self.figure("rows", rows);
        Judging { holds: within(at, counts), excess: beyond(at, counts), shown: vec![("rows".to_owned(), at)] }
    }

    fn check(&mut self, check: &schema::Expr, columns: &[Subject<'_>]) -> Judging {
        let mut shown = Vec::new();
        for aggregate in check.aggregates() {
            let name = aggregate.to_string();
            let value = match self.parts.figure(aggregate, &Formula(columns)) {
                Some(value) => value,
                None => self.of_values(aggregate, columns),
            };
            shown.push((name.clone(), self.figure(&name, value)));
        }
        let leaves = OfGroups { by: &self.members.by, figures: &self.figures };
        let holds = formula::condition(&leaves, check);
        let excess = if let schema::Expr::Compare(how, left, right) = check
            && *how != Compare::Unequal
            && left.ty() != Type::Str
        {
            let side = |operand| formula::value(&leaves, operand).cast(DataType::Float64);
            distance(side(left) - side(right))
        } else {
            lit(0.0)
        };
        Judging { holds, excess, shown }
    }

    /// Returns the index of a figure, which is added when it is new.
    fn figure(&mut self, name: &str, value: Expr) -> usize {
        let known = self.figures.iter().position(|figure| figure.name == name);
        known.unwrap_or_else(|| {
            self.figures.push(Figure { name: name.to_owned(), value });
            self.figures.len() - 1
        })
    }

    /// Returns what stands for an aggregate that needs all values.
    fn of_values(&mut self, aggregate: &Aggregate, columns: &[Subject<'_>]) -> Expr {
        let of = aggregate.of.as_ref().expect("only `count` has no argument");
        let text = of.to_string();
        let at = self.values.iter().position(|values| values.is_of(&text)).unwrap_or_else(|| {
            self.values.push(Values::new(text, formula::value(&Formula(columns), of), self.most_values));
            self.values.len() - 1
        });
        let name = format!("\u{0}{aggregate}");
        self.values[at].read(&name, aggregate.how);
        named(&name)
    }

    /// Takes the next rows of the table.
    pub fn take(&mut self, frame: &DataFrame) -> Result<(), TakeError> {
        if frame.height() == 0 || self.is_over() {
            return Ok(());
        }
        let rows = self.members.of(frame)?;
        let groups = self.groups.get_or_insert_with(|| {
            Reduction::new(self.members.keys(), self.parts.partial(), self.parts.merged(), self.most_groups)
        });
        groups.take(&rows)?;
        self.values.iter_mut().try_for_each(|values| values.take(&rows, groups, &self.members))
    }

    fn is_over(&self) -> bool {
        self.groups.as_ref().is_some_and(Reduction::is_over)
    }

    /// Judges the groups after the last row: one value for each rule.
    pub fn settle(&mut self, table: &Table) -> Result<Vec<Verdicts>, TakeError> {
        let why = match self.table(table)? {
            Ok(groups) => {
                let verdicts = self.rules.iter().map(|rule| self.verdicts(rule, &groups));
                return Ok(verdicts.collect::<PolarsResult<_>>()?);
            }
            Err(why) => why,
        };
        let none = Verdicts { inconclusive: Some(why), ..Verdicts::default() };
        Ok(vec![none; self.rules.len()])
    }

    /// Returns keys and figures under their own hidden names, or why there is nothing to judge.
    fn table(&mut self, table: &Table) -> Result<Result<DataFrame, Absence>, TakeError> {
        let no_rows = || match &self.when {
            Some(when) => format!("no row for which `{when}` holds"),
            None => "no row that takes part".to_owned(),
        };
        let no_rows = Absence::NoRow(no_rows());
        let Some(reduction) = &mut self.groups else { return Ok(Err(no_rows)) };
        let Some(groups) = reduction.groups()?.filter(|groups| groups.height() > 0) else { return Ok(Err(no_rows)) };
        if groups.height() > self.most_groups {
            let why = format!("more than {} groups: group by columns with fewer values", self.most_groups);
            return Ok(Err(Absence::TooMany(why)));
        }
        let mut groups = groups.clone();
        for values in &mut self.values {
            match values.columns(reduction, &self.members, table)? {
                Ok(columns) => groups.hstack_mut(&columns).map(|_| ())?,
                Err(why) => return Ok(Err(Absence::TooMany(why))),
            }
        }
        let keys = self.members.keys();
        let keys = keys.iter().map(|name| named(name));
        let figures = self.figures.iter().enumerate().map(|(at, figure)| figure.value.clone().alias(value(at)));
        Ok(Ok(groups.lazy().select(keys.chain(figures).collect::<Vec<_>>()).collect()?))
    }

    fn verdicts(&self, rule: &Judging, groups: &DataFrame) -> PolarsResult<Verdicts> {
        let verdict = [rule.holds.clone().alias(HOLDS), rule.excess.clone().alias(EXCESS)];
        let groups = groups.clone().lazy().with_columns(verdict).collect()?;
        let holds = groups.column(HOLDS)?.bool()?;
        let (kept, unknown) = (u64::from(holds.sum().unwrap_or(0)), holds.null_count() as u64);
        let judged = groups.height() as u64 - unknown;
        let shown =
            if self.members.by.is_empty() { vec![self.sample(rule, &groups, 0)?] } else { self.worst(rule, &groups)? };
        Ok(Verdicts { judged, unknown, broken: judged - kept, shown, inconclusive: None })
    }

    /// Returns the broken groups, those first that are farthest from keeping the rule.
    fn worst(&self, rule: &Judging, groups: &DataFrame) -> PolarsResult<Vec<Sample>> {
        let order = SortMultipleOptions::default().with_order_descending(true).with_nulls_last(true);
        let broken = groups.clone().lazy().filter(named(HOLDS).not());
        let worst = broken.sort_by_exprs([col(EXCESS)], order.with_maintain_order(true)).limit(SAMPLES).collect()?;
        (0..worst.height()).map(|at| self.sample(rule, &worst, at)).collect()
    }

    fn sample(&self, rule: &Judging, groups: &DataFrame, at: usize) -> PolarsResult<Sample> {
        let keys = self.members.by.iter().enumerate().map(|(index, name)| (name, key(index)));
        let figures = rule.shown.iter().map(|(name, index)| (name, value(*index)));
        let mut cells = Vec::new();
        for (column, hidden) in keys.chain(figures) {
            cells.push(Cell { column: column.clone(), value: figure_text(&groups.column(&hidden)?.get(at)?) });
        }
        Ok(Sample { part: None, row: None, line: None, cells })
    }
}

/// Keys and aggregates in a table of groups.
struct OfGroups<'a> {
    by: &'a [String],
    figures: &'a [Figure],
}

impl Leaves for OfGroups<'_> {
    fn column(&self, name: &str) -> Expr {
        let at = self.by.iter().position(|by| by == name);
        named(&key(at.expect("a column outside of aggregates is one of `by`: checked when the schema was read")))
    }

    fn is_null(&self, name: &str) -> Expr {
        self.column(name).is_null()
    }

    fn aggregate(&self, aggregate: &Aggregate) -> Expr {
        let text = aggregate.to_string();
        let at = self.figures.iter().position(|figure| figure.name == text);
        named(&value(at.expect("the figures of a rule are collected before its condition is made")))
    }
}

fn distance(apart: Expr) -> Expr {
    when(apart.clone().lt(lit(0.0))).then(lit(0.0) - apart.clone()).otherwise(apart)
}

/// The hidden name of the figure at `at` in the table of groups.
fn value(at: usize) -> String {
    format!("\u{0}value {at}")
}

fn figure_text(value: &AnyValue<'_>) -> Option<String> {
    let is_float = matches!(value, AnyValue::Float64(_) | AnyValue::Float32(_));
    value.extract::<f64>().filter(|_| is_float).map(six_digits).or_else(|| cell_text(value))
}

fn within(at: usize, counts: Counts) -> Expr {
    let rows = named(&value(at));
    let enough = rows.clone().gt_eq(lit(counts.low));
    counts.high.map_or(enough.clone(), |high| enough.and(rows.lt_eq(lit(high))))
}

/// The rows that are missing, or those above the upper bound.
fn beyond(at: usize, counts: Counts) -> Expr {
    let rows = named(&value(at)).cast(DataType::Float64);
    let missing = lit(counts.low).cast(DataType::Float64) - rows.clone();
    match counts.high {
        None => missing,
        Some(high) => {
            let above = rows - lit(high).cast(DataType::Float64);
            when(missing.clone().gt(above.clone())).then(missing).otherwise(above)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use lockgate_forms::TextForm;
    use lockgate_spanned::{Problems, Source};
    use polars::prelude::df;

    use super::*;
    use crate::check::plan::Presence;
    use crate::schema::Schema;
    use crate::table::Stored;

    #[test]
    fn above_the_limit_nothing_is_judged_and_nothing_more_is_kept() {
        let source = Source::new("s.yaml", "rows: 1 per k\ncolumns: {k: i64}\n");
        let schema = Schema::read(&source, &mut Problems::default()).expect("the schema is valid");
        let rows = schema.rows.as_ref().expect("it has rows");
        let column = &schema.columns[0];
        let presence = Presence::Ready(Stored::Typed(DataType::Int64));
        let by = [Subject { column: Cow::Borrowed(column), ty: column.ty.clone(), presence }];
        let desk = tempfile::tempdir().expect("there is room for a folder");
        let path = desk.path().join("t.csv");
        std::fs::write(&path, "k\n1\n").expect("files can be written");
        let table = Table::open("t", &path, TextForm::plain()).expect("it is a table");
        let check = |keys: i64, expect: Option<&str>| {
            let mut groups = Cohort { most_groups: 100_000, ..Cohort::new(&by, None, &by, desk.path()) };
            groups.add(Grouped::Rows(rows), &Test { when: None, check: None }, &by);
            for start in (0..keys).step_by(50_000) {
                let batch = df!("k" => (start..keys.min(start + 50_000)).collect::<Vec<_>>());
                groups.take(&batch.expect("one column is even")).expect("a batch can be grouped");
            }
            let kept = groups.groups.as_ref().map_or(0, Reduction::kept);
            assert!(kept <= 250_000, "{kept}");
            let verdicts = groups.settle(&table).expect("groups can be judged");
            let why =
                verdicts[0].inconclusive.as_ref().map(|(Absence::NoRow(why) | Absence::TooMany(why))| why.as_str());
            assert_eq!(why, expect, "{keys}");
        };
        check(100_000, None);
        check(1_000_000, Some("more than 100000 groups: group by columns with fewer values"));
    }
}
