//! What the values of each column have in common, in one pass over the table.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use lockgate_spanned::{Problems, Source};
use polars::prelude::{AnyValue, Column, DataFrame, PolarsResult};

use crate::check::{Given, Input, check};
use crate::report::State;
use crate::schema::Schema;
use crate::table::{CheckError, Stored, Table, TableAt, Wanted, bug, cell_text, declarable, guessed};
use crate::value::{Literal, Type};

/// What was seen of a table.
pub(super) struct Seen {
    pub rows: u64,
    pub columns: Vec<SeenColumn>,
}

/// What was seen of a column.
pub(super) struct SeenColumn {
    pub name: String,
    /// `None` when no column can be declared with the stored type.
    pub ty: Option<Type>,
    pub nulls: u64,
    pub nans: u64,
    /// The smallest and the largest value, of a type that has an order; NaN is none of them.
    pub ends: Option<(Literal, Literal)>,
    /// The shortest and the longest text, in characters.
    pub lengths: Option<(usize, usize)>,
    pub different: Different,
}

/// The different values of a column, as texts.
pub(super) enum Different {
    All(BTreeSet<String>),
    /// There are more than are kept.
    TooMany,
}

/// As many different values are kept.
const KEPT: usize = 1_000;

/// Looks at every value of the table.
pub(super) fn look(table: &Table) -> Result<Seen, CheckError> {
    let types = guessed(table)?;
    let columns = types.into_iter().map(|(name, stored)| SeenColumn::new(name, &stored)).collect();
    let mut seen = Seen { rows: 0, columns };
    let wanted: Vec<Wanted> = seen.columns.iter().filter_map(SeenColumn::wanted).collect();
    let counted = if wanted.is_empty() { table.first_wanted().into_iter().collect() } else { wanted };
    for part in table.parts.iter().filter(|_| !counted.is_empty()) {
        table.scan(part, &counted, &mut |frame| {
            seen.take(&frame).map_err(|error| bug(&part.name, &error))?;
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(seen)
}

impl Seen {
    fn take(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        self.rows += frame.height() as u64;
        for column in self.columns.iter_mut().filter(|column| column.ty.is_some()) {
            column.take(frame.column(&column.name)?)?;
        }
        Ok(())
    }
}

impl SeenColumn {
    fn new(name: String, stored: &Stored) -> Self {
        let different = Different::All(BTreeSet::new());
        Self { name, ty: declarable(stored), nulls: 0, nans: 0, ends: None, lengths: None, different }
    }

    fn wanted(&self) -> Option<Wanted> {
        self.ty.clone().map(|ty| Wanted { name: self.name.clone(), ty })
    }

    fn take(&mut self, cells: &Column) -> PolarsResult<()> {
        self.nulls += cells.null_count() as u64;
        match self.ty {
            Some(Type::Str) => cells.str()?.iter().flatten().for_each(|text| self.take_text(text)),
            Some(Type::F32 | Type::F64) => {
                let floats = cells.cast(&polars::prelude::DataType::Float64)?;
                floats.f64()?.iter().flatten().for_each(|value| self.take_float(value));
            }
            Some(_) => self.take_ordered(cells)?,
            None => {}
        }
        Ok(())
    }

    fn take_text(&mut self, text: &str) {
        let len = text.chars().count();
        self.lengths = Some(self.lengths.map_or((len, len), |(low, high)| (low.min(len), high.max(len))));
        self.different.take(text);
    }

    fn take_float(&mut self, value: f64) {
        if value.is_nan() {
            self.nans += 1;
        } else {
            let value = Literal::Float(value);
            self.widen(&value, &value);
        }
    }

    fn take_ordered(&mut self, cells: &Column) -> PolarsResult<()> {
        if let Different::All(_) = self.different {
            for at in 0..cells.len() {
                if let Some(text) = cell_text(&cells.get(at)?) {
                    self.different.take(&text);
                }
            }
        }
        let (low, high) = (cells.min_reduce()?, cells.max_reduce()?);
        let literal = |value: &AnyValue<'_>| self.ty.as_ref()?.parse_value(&cell_text(value)?);
        let has_order = self.ty.as_ref().is_some_and(Type::has_range);
        if let (true, Some(low), Some(high)) = (has_order, literal(low.value()), literal(high.value())) {
            self.widen(&low, &high);
        }
        Ok(())
    }

    fn widen(&mut self, low: &Literal, high: &Literal) {
        let ends = self.ends.take().unwrap_or_else(|| (low.clone(), high.clone()));
        let low = if low.order(&ends.0) == Some(Ordering::Less) { low.clone() } else { ends.0 };
        let high = if high.order(&ends.1) == Some(Ordering::Greater) { high.clone() } else { ends.1 };
        self.ends = Some((low, high));
    }

    /// Says whether the column could identify its rows: whole, and of a type that is compared exactly.
    fn may_be_key(&self, rows: u64) -> bool {
        let exact = self.ty.as_ref().is_some_and(|ty| !ty.is_float() && *ty != Type::Bool);
        let enough = match &self.different {
            Different::All(values) => values.len() as u64 == rows,
            Different::TooMany => true,
        };
        exact && rows > 1 && self.nulls == 0 && enough
    }
}

impl Different {
    fn take(&mut self, text: &str) {
        let Self::All(values) = self else { return };
        if !values.contains(text) {
            values.insert(text.to_owned());
        }
        if values.len() > KEPT {
            *self = Self::TooMany;
        }
    }
}

/// Returns the columns that have another value in every row, each by itself: the checker is asked, so that what is told
/// here is what a rule would find.
pub(super) fn keys(seen: &Seen, from: TableAt<'_>) -> Result<Vec<String>, CheckError> {
    let candidates: Vec<&SeenColumn> = seen.columns.iter().filter(|column| column.may_be_key(seen.rows)).collect();
    let given = Given::default();
    let mut keys = Vec::new();
    for column in candidates {
        let schema = Schema { csv: from.form.clone(), ..of_one(column) };
        let report = check(&schema, &[Input { name: from.name, path: from.path }], &given)?;
        if report.rules.iter().any(|rule| rule.rule == "unique" && rule.state == State::Pass) {
            keys.push(column.name.clone());
        }
    }
    Ok(keys)
}

/// Returns a schema that says only that a column is unique.
fn of_one(column: &SeenColumn) -> Schema {
    let name = super::write::key(&column.name);
    let ty = column.ty.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = format!("extra_columns: allow\nalso_unique: [[{name}]]\ncolumns:\n  {name}: {{type: \"{ty}\"}}\n");
    let source: Arc<Source> = Source::new("inferred", text);
    Schema::read(&source, &mut Problems::default()).expect("it is written here, of known words")
}
