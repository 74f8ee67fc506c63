//! Columns of other tables, to which values must belong.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use lockgate_spanned::nearest;
use polars::prelude::{Expr, IntoSeries, PlSmallStr, Series, lit};

use super::measure::bug;
use super::plan::Rule;
use crate::schema::{Reference, RuleKind};
use crate::table::{CheckError, Table, TableAt, Wanted, cell_text, dtype};
use crate::value::Type;

/// The different values of a column of another table.
pub(super) struct Known {
    /// The name by which messages call the other table.
    pub path: String,
    pub column: String,
    values: Series,
}

/// Values that have come in are made different from one another when they outnumber those by this.
const PENDING_VALUES: usize = 1 << 20;

impl Known {
    pub fn count(&self) -> u64 {
        self.values.len() as u64
    }

    /// Returns the values as a set to look into.
    pub fn set(&self) -> Expr {
        lit(self.values.implode().expect("a series can be put into a list").into_series())
    }

    /// Returns the text that is nearest to `word`.
    pub fn nearest(&self, word: &str) -> Option<String> {
        let texts: Vec<String> = self.values.iter().filter_map(|value| cell_text(&value)).collect();
        nearest(word, texts.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// The columns that were read already.
pub(super) struct References<'g> {
    tables: &'g BTreeMap<String, TableAt<'g>>,
    known: BTreeMap<(String, String, String), Rc<Known>>,
}

impl<'g> References<'g> {
    pub fn new(tables: &'g BTreeMap<String, TableAt<'g>>) -> Self {
        Self { tables, known: BTreeMap::new() }
    }

    /// Gives the rules that refer to another table the values they need.
    pub fn attach(&mut self, rules: &mut [Rule<'_>]) -> Result<(), CheckError> {
        for rule in rules {
            let Rule::Value { subject, rule, kind: Ok(RuleKind::Reference(reference)), known } = rule else { continue };
            *known = Some(self.values(reference, &subject.ty, &rule.at)?);
        }
        Ok(())
    }

    fn values(&mut self, reference: &Reference, ty: &Type, at: &str) -> Result<Rc<Known>, CheckError> {
        let key = (reference.table.clone(), reference.column.clone(), ty.to_string());
        if let Some(known) = self.known.get(&key) {
            return Ok(Rc::clone(known));
        }
        let Some(input) = self.tables.get(&reference.table) else {
            return Err(CheckError::NoTable { name: reference.table.clone(), at: at.to_owned() });
        };
        let known = Rc::new(read(reference, *input, ty, at)?);
        self.known.insert(key, Rc::clone(&known));
        Ok(known)
    }
}

fn read(reference: &Reference, input: TableAt<'_>, ty: &Type, at: &str) -> Result<Known, CheckError> {
    let table = Table::open(input.name, input.path, input.form)?;
    let wrong = |why: String| CheckError::NoReference {
        reference: reference.to_string(),
        path: input.name.to_owned(),
        at: at.to_owned(),
        why,
    };
    match table.stored(&reference.column) {
        Some(stored) if stored.is(ty) => {}
        Some(stored) => return Err(wrong(format!("it is stored as {}, and the column is {ty}", stored.name()))),
        None => {
            let names = table.columns.iter().map(|(name, _)| name.as_str());
            let near = nearest(&reference.column, names);
            return Err(wrong(near.map_or("it is not there".to_owned(), |near| format!("did you mean `{near}`?"))));
        }
    }
    let values = distinct(&table, &Wanted { name: reference.column.clone(), ty: ty.clone() })?;
    Ok(Known { path: input.name.to_owned(), column: reference.column.clone(), values })
}

/// Reads the different values of a column; nulls and text that is no value of its type are none.
fn distinct(table: &Table, wanted: &Wanted) -> Result<Series, CheckError> {
    let mut values = Series::new_empty(PlSmallStr::from_static("known"), &dtype(&wanted.ty));
    let mut settled = 0;
    let wrong = |error| bug(&table.parts[0].name, &error);
    for part in &table.parts {
        table.scan(part, std::slice::from_ref(wanted), &mut |frame| {
            let column = frame.column(&wanted.name).map_err(wrong)?.as_materialized_series().drop_nulls();
            let column = if values.is_empty() { column } else { column.cast(values.dtype()).map_err(wrong)? };
            if values.is_empty() {
                values = column;
            } else {
                values.append(&column).map_err(wrong)?;
            }
            if values.len() > settled * 2 + PENDING_VALUES {
                values = values.unique().map_err(wrong)?;
                settled = values.len();
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    values.unique_stable().map_err(wrong)
}
