//! Which rules there are, in the order in which they are reported.

use polars::prelude::DataType;

use crate::schema::{Cited, Column, ColumnOrder, Expr, ExtraColumns, Nan, RowRule, Rows, RuleKind, Schema, ValueRule};
use crate::table::{Stored, Wanted, dtype};

/// One rule, and what it is about.
pub(super) enum Rule<'a> {
    Rows(&'a Cited<Rows>),
    Extra { at: &'a str, policy: ExtraColumns },
    Order { at: &'a str },
    Type(Subject<'a>),
    NotNull(Subject<'a>),
    Value { subject: Subject<'a>, rule: &'a ValueRule },
    Unique { at: &'a str, columns: Vec<Subject<'a>>, nulls: Nulls },
    Row { rule: &'a RowRule, columns: Vec<Subject<'a>> },
    Groups { rule: Grouped<'a>, by: Vec<Subject<'a>>, columns: Vec<Subject<'a>> },
}

/// A rule with a verdict for each group of rows.
#[derive(Clone, Copy)]
pub(super) enum Grouped<'a> {
    Rows(&'a Cited<Rows>),
}

/// Says how a column is stored, if it is there.
pub(super) type Columns<'a> = dyn Fn(&str) -> Option<Stored> + 'a;

/// Whether rows with a null take part in uniqueness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nulls {
    Ignored,
    /// In a key a null is a value like any other; that there is one is a broken rule besides.
    Counted,
}

/// A declared column and what became of it in the table.
#[derive(Clone)]
pub(super) struct Subject<'a> {
    pub column: &'a Column,
    pub presence: Presence,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Presence {
    Missing,
    /// It is stored with another type, which is named here.
    Mistyped(String),
    Ready(Stored),
}

impl Subject<'_> {
    pub fn wanted(&self) -> Wanted {
        Wanted { name: self.column.name.clone(), ty: self.column.ty.clone() }
    }

    pub fn stored(&self) -> Option<&Stored> {
        if let Presence::Ready(stored) = &self.presence { Some(stored) } else { None }
    }

    /// Returns the type of the values in batches, when the column is there.
    pub fn dtype(&self) -> Option<DataType> {
        self.stored().map(|stored| match stored {
            Stored::Typed(stored) => stored.clone(),
            Stored::Text => dtype(&self.column.ty),
        })
    }

    /// Says whether cells may hold text that is not a value of the type.
    pub fn is_text(&self) -> bool {
        self.stored() == Some(&Stored::Text)
    }

    /// Says whether NaN is one more way to be null.
    pub fn nan_is_null(&self) -> bool {
        self.column.ty.is_float() && self.column.nan == Nan::Null
    }
}

impl<'a> Rule<'a> {
    /// Returns the columns that the rule looks at.
    pub fn subjects(&self) -> &[Subject<'a>] {
        match self {
            Self::Rows(_) | Self::Extra { .. } | Self::Order { .. } => &[],
            Self::Type(subject) | Self::NotNull(subject) | Self::Value { subject, .. } => std::slice::from_ref(subject),
            Self::Unique { columns, .. } | Self::Row { columns, .. } | Self::Groups { columns, .. } => columns,
        }
    }

    /// Says whether all columns are there with their types, so that cells can be looked at.
    pub fn is_ready(&self) -> bool {
        self.subjects().iter().all(|subject| subject.stored().is_some())
    }

    pub fn range(&self) -> Option<&'a crate::schema::Range> {
        if let Self::Value { rule: ValueRule { kind: RuleKind::Range(range), .. }, .. } = self {
            Some(range)
        } else {
            None
        }
    }
}

/// Returns all rules of the schema for a table whose columns are stored as `table` says.
pub(super) fn rules<'a>(schema: &'a Schema, table: &Columns<'_>) -> Vec<Rule<'a>> {
    let mut rules = Vec::new();
    if let Some(rows) = &schema.rows {
        let columns = subjects(&rows.value.per, schema, table);
        rules.push(if columns.is_empty() {
            Rule::Rows(rows)
        } else {
            Rule::Groups { rule: Grouped::Rows(rows), by: columns.clone(), columns }
        });
    }
    if schema.extra_columns.value != ExtraColumns::Allow {
        rules.push(Rule::Extra { at: &schema.extra_columns.at, policy: schema.extra_columns.value });
    }
    if schema.column_order.value == ColumnOrder::Exact {
        rules.push(Rule::Order { at: &schema.column_order.at });
    }
    if let Some(key) = &schema.key {
        let columns = subjects(&key.value, schema, table);
        rules.push(Rule::Unique { at: &key.at, columns, nulls: Nulls::Counted });
    }
    for unique in &schema.also_unique {
        let columns = subjects(&unique.value, schema, table);
        rules.push(Rule::Unique { at: &unique.at, columns, nulls: Nulls::Ignored });
    }
    for column in &schema.columns {
        rules.extend(column_rules(column, schema, table));
    }
    for rule in &schema.rules {
        let names = rule.when.iter().chain([&rule.check]).fold(Vec::new(), named);
        rules.push(Rule::Row { rule, columns: subjects(&names, schema, table) });
    }
    rules
}

/// Adds the columns of an expression to those that are named already.
fn named(mut names: Vec<String>, expr: &Expr) -> Vec<String> {
    expr.columns(&mut |name| {
        if names.iter().all(|known| known != name) {
            names.push(name.to_owned());
        }
    });
    names
}

fn column_rules<'a>(column: &'a Column, schema: &Schema, table: &Columns<'_>) -> Vec<Rule<'a>> {
    let subject = subject(column, table);
    let in_key = schema.key.as_ref().is_some_and(|key| key.value.contains(&column.name));
    let mut rules = vec![Rule::Type(subject.clone())];
    if !column.nullable || in_key {
        rules.push(Rule::NotNull(subject.clone()));
    }
    rules.extend(column.rules.iter().map(|rule| Rule::Value { subject: subject.clone(), rule }));
    rules
}

fn subjects<'a>(names: &[String], schema: &'a Schema, table: &Columns<'_>) -> Vec<Subject<'a>> {
    let declared = |name: &String| {
        let found = schema.columns.iter().find(|column| column.name == *name);
        subject(found.expect("key columns are declared: checked when the schema was read"), table)
    };
    names.iter().map(declared).collect()
}

fn subject<'a>(column: &'a Column, table: &Columns<'_>) -> Subject<'a> {
    let presence = match table(&column.name) {
        None => Presence::Missing,
        Some(stored) if stored.is(&column.ty) => Presence::Ready(stored),
        Some(stored) => Presence::Mistyped(stored.name()),
    };
    Subject { column, presence }
}
