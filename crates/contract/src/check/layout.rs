//! How the columns of a table are stored, as far as the rules ask for it.

use std::collections::BTreeMap;

use polars::prelude::DataType;

use crate::schema::Schema;
use crate::table::{CheckError, Stored, Table, scalars, type_of};
use crate::value::Type;

/// The columns of one table; without a table every column is missing.
pub(super) struct Layout<'a> {
    table: Option<&'a Table>,
    /// What text columns hold whose type is not declared.
    found: BTreeMap<String, Type>,
}

/// Why a rule cannot be judged on the values that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// There is none.
    NoValue,
    /// They are of a type that the rule is not for.
    Because(String),
}

impl<'a> Layout<'a> {
    /// No table: for the names and places of rules.
    pub const NOWHERE: Self = Self { table: None, found: BTreeMap::new() };

    /// Looks at the values of text columns whose type is not declared; all else is known.
    pub fn of(table: &'a Table, schema: &Schema) -> Result<Self, CheckError> {
        let untyped = |name: &str| schema.columns.iter().find(|column| column.name == name).map(|column| &column.ty);
        let is_asked = |name: &String| match untyped(name) {
            Some(ty) => *ty == Type::Any,
            None => schema.complete.iter().any(|group| group.has(name)),
        };
        let texts = table.columns.iter().filter(|(_, stored)| *stored == Stored::Text).map(|(name, _)| name.clone());
        let names: Vec<String> = texts.filter(is_asked).collect();
        Ok(Self { table: Some(table), found: scalars(table, &names)? })
    }

    pub fn is_known(&self) -> bool {
        self.table.is_some()
    }

    /// Returns the names of all columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.table.into_iter().flat_map(|table| table.columns.iter().map(|(name, _)| name.as_str()))
    }

    /// Returns the orders in which they stand in the parts.
    pub fn orders(&self) -> Vec<Vec<String>> {
        let orders = self.table.into_iter().flat_map(Table::orders);
        orders.map(|(_, names)| names.into_iter().map(str::to_owned).collect()).collect()
    }

    pub fn stored(&self, column: &str) -> Option<&'a Stored> {
        self.table?.stored(column)
    }

    /// Returns the type of the values of a column that is declared with any.
    pub fn found(&self, column: &str) -> Result<Type, Unfit> {
        match self.stored(column) {
            Some(Stored::Text) => self.found.get(column).cloned().ok_or(Unfit::NoValue),
            Some(Stored::Typed(DataType::Null)) | None => Err(Unfit::NoValue),
            Some(stored @ Stored::Typed(dtype)) => {
                type_of(dtype).ok_or_else(|| Unfit::Because(format!("`{column}` is stored as {}", stored.name())))
            }
        }
    }
}
