//! Which rules there are, in the order in which they are reported.

use std::borrow::Cow;
use std::rc::Rc;

use polars::prelude::DataType;

use super::layout::{Layout, Unfit};
use super::reference::Known;
use super::shape::Columns;
use crate::schema::{
    Ask, Asked, Cited, Column, ColumnOrder, Complete, Direction, Expr, ExtraColumns, Nan, Nulls, Rows, RuleKind,
    Schema, Shape, TableRule, Ties, ValueRule,
};
use crate::table::{Stored, Wanted, dtype};
use crate::value::Type;

/// One rule, and what it is about.
pub(super) enum Rule<'a> {
    Rows(&'a Cited<Rows>),
    Extra {
        at: &'a str,
        policy: ExtraColumns,
    },
    ColumnOrder {
        at: &'a str,
    },
    Type(Subject<'a>),
    NotNull(Subject<'a>),
    Value {
        subject: Subject<'a>,
        rule: &'a ValueRule,
        kind: Result<RuleKind, Unfit>,
        known: Option<Rc<Known>>,
    },
    /// The first `wide` columns are unique together; the others are those of `when`.
    Unique {
        from: UniqueFrom<'a>,
        wide: usize,
        columns: Vec<Subject<'a>>,
        when: Result<Option<Expr>, Unfit>,
        nulls: Nulls,
    },
    Row {
        rule: &'a TableRule,
        columns: Vec<Subject<'a>>,
        test: Result<Test, Unfit>,
    },
    Groups {
        rule: Grouped<'a>,
        by: Vec<Subject<'a>>,
        columns: Vec<Subject<'a>>,
        test: Result<Test, Unfit>,
    },
    /// The last of the columns is the one whose values are in order, those before it make the groups.
    Sequence {
        rule: &'a TableRule,
        columns: Vec<Subject<'a>>,
        direction: Direction,
        ties: Ties,
    },
    /// What is asked of the columns, and the columns that the table has.
    Shape {
        rule: &'a TableRule,
        shape: &'a Shape,
        table: Columns,
    },
    Complete {
        group: &'a Complete,
        asked: &'a Asked,
        columns: Vec<Subject<'a>>,
        unmatched: Vec<&'a str>,
    },
}

/// The conditions of a rule, with the types that the table has.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub when: Option<Expr>,
    /// A rule on the number of rows has none.
    pub check: Option<Expr>,
}

/// Where a combination of columns was said to be unique.
#[derive(Clone, Copy)]
pub(super) enum UniqueFrom<'a> {
    Key { at: &'a str },
    Also { at: &'a str },
    Rule(&'a TableRule),
}

/// A rule with a verdict for each group of rows.
#[derive(Clone, Copy)]
pub(super) enum Grouped<'a> {
    Rows(&'a Cited<Rows>),
    Rule(&'a TableRule),
}

/// A column that a rule looks at, and what became of it in the table.
#[derive(Clone)]
pub(super) struct Subject<'a> {
    pub column: Cow<'a, Column>,
    /// The declared type, or the one found for `any`; `any` still when there is none.
    pub ty: Type,
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
        Wanted { name: self.column.name.clone(), ty: self.ty.clone() }
    }

    pub fn stored(&self) -> Option<&Stored> {
        if let Presence::Ready(stored) = &self.presence { Some(stored) } else { None }
    }

    /// Returns the type of the values in batches, when the column is there.
    pub fn dtype(&self) -> Option<DataType> {
        self.stored().map(|stored| match stored {
            Stored::Typed(stored) => stored.clone(),
            Stored::Text => dtype(&self.ty),
        })
    }

    /// Says whether cells may hold text that is not a value of the type.
    pub fn is_text(&self) -> bool {
        self.stored() == Some(&Stored::Text)
    }

    /// Says whether NaN is one more way to be null.
    pub fn nan_is_null(&self) -> bool {
        self.ty.is_float() && self.column.nan == Nan::Null
    }

    /// Says whether the column may be absent, and is.
    pub fn is_excused(&self) -> bool {
        self.column.optional && self.presence == Presence::Missing
    }
}

impl<'a> Rule<'a> {
    /// Returns the columns that the rule looks at.
    pub fn subjects(&self) -> &[Subject<'a>] {
        match self {
            Self::Rows(_) | Self::Extra { .. } | Self::ColumnOrder { .. } | Self::Shape { .. } => &[],
            Self::Type(subject) | Self::NotNull(subject) | Self::Value { subject, .. } => std::slice::from_ref(subject),
            Self::Unique { columns, .. }
            | Self::Row { columns, .. }
            | Self::Groups { columns, .. }
            | Self::Sequence { columns, .. }
            | Self::Complete { columns, .. } => columns,
        }
    }

    /// Says why the values that are there cannot be judged.
    pub fn unfit(&self) -> Option<&Unfit> {
        match self {
            Self::Value { kind, .. } => kind.as_ref().err(),
            Self::Unique { when, .. } => when.as_ref().err(),
            Self::Row { test, .. } | Self::Groups { test, .. } => test.as_ref().err(),
            Self::Rows(_)
            | Self::Extra { .. }
            | Self::ColumnOrder { .. }
            | Self::Type(_)
            | Self::NotNull(_)
            | Self::Sequence { .. }
            | Self::Shape { .. }
            | Self::Complete { .. } => None,
        }
    }

    /// Says whether all columns are there with their types, so that cells can be looked at.
    pub fn is_ready(&self) -> bool {
        self.unfit().is_none() && self.subjects().iter().all(|subject| subject.stored().is_some())
    }

    pub fn range(&self) -> Option<&crate::schema::Range> {
        if let Self::Value { kind: Ok(RuleKind::Range(range)), .. } = self { Some(range) } else { None }
    }

    /// Says whether the rule is left out because a column that may be absent is.
    fn is_excused(&self) -> bool {
        !matches!(self, Self::Type(_)) && self.subjects().iter().any(Subject::is_excused)
    }
}

/// Returns all rules of the schema for a table of that layout.
pub(super) fn rules<'a>(schema: &'a Schema, layout: &Layout<'_>) -> Vec<Rule<'a>> {
    let plan = Plan { schema, layout };
    let mut rules = plan.table_rules();
    for column in &schema.columns {
        rules.extend(plan.column_rules(column));
    }
    rules.extend(schema.rules.iter().map(|rule| plan.named_rule(rule)));
    for group in &schema.complete {
        rules.extend(group.asks.iter().map(|asked| plan.complete(group, asked)));
    }
    // Without a table every column is missing, and all rules are asked for their places.
    rules.retain(|rule| !layout.is_known() || !rule.is_excused());
    rules
}

/// A schema beside a table.
struct Plan<'a, 'l> {
    schema: &'a Schema,
    layout: &'l Layout<'l>,
}

impl<'a> Plan<'a, '_> {
    fn table_rules(&self) -> Vec<Rule<'a>> {
        let schema = self.schema;
        let mut rules = Vec::new();
        if let Some(rows) = &schema.rows {
            let columns = self.subjects(&rows.value.per);
            rules.push(if columns.is_empty() {
                Rule::Rows(rows)
            } else {
                let test = Ok(Test { when: None, check: None });
                Rule::Groups { rule: Grouped::Rows(rows), by: columns.clone(), columns, test }
            });
        }
        if schema.extra_columns.value != ExtraColumns::Allow {
            rules.push(Rule::Extra { at: &schema.extra_columns.at, policy: schema.extra_columns.value });
        }
        if schema.column_order.value == ColumnOrder::Exact {
            rules.push(Rule::ColumnOrder { at: &schema.column_order.at });
        }
        if let Some(key) = &schema.key {
            rules.push(self.unique(UniqueFrom::Key { at: &key.at }, &key.value, None, Nulls::Counted));
        }
        for unique in &schema.also_unique {
            rules.push(self.unique(UniqueFrom::Also { at: &unique.at }, &unique.value, None, Nulls::Ignored));
        }
        rules
    }

    fn unique(&self, from: UniqueFrom<'a>, names: &[String], when: Option<&Expr>, nulls: Nulls) -> Rule<'a> {
        let all = when.into_iter().fold(names.to_vec(), |names, expr| named(names, |on| expr.columns(on)));
        let columns = self.subjects(&all);
        let when = when.map(|when| resolved(when, &columns)).transpose();
        Rule::Unique { from, wide: names.len(), columns, when, nulls }
    }

    fn column_rules(&self, column: &'a Column) -> Vec<Rule<'a>> {
        let subject = self.subject(column);
        let in_key = self.schema.key.as_ref().is_some_and(|key| key.value.contains(&column.name));
        let mut rules = vec![Rule::Type(subject.clone())];
        if !column.nullable || in_key {
            rules.push(Rule::NotNull(subject.clone()));
        }
        for rule in &column.rules {
            let kind = match (&column.ty, &subject.presence) {
                (Type::Any, Presence::Ready(_)) => self.layout.found(&column.name).and_then(|ty| {
                    rule.kind.of_type(&ty).map_err(|why| Unfit::Because(format!("`{}`: {why}", column.name)))
                }),
                _ => Ok(rule.kind.clone()),
            };
            rules.push(Rule::Value { subject: subject.clone(), rule, kind, known: None });
        }
        rules
    }

    fn named_rule(&self, rule: &'a TableRule) -> Rule<'a> {
        let columns = self.subjects(&named(Vec::new(), |on| rule.ask.columns(on)));
        match &rule.ask {
            Ask::Rows { when, check } => Rule::Row { rule, test: tested(when.as_ref(), check, &columns), columns },
            Ask::Groups { when, check, by } => {
                let test = tested(when.as_ref(), check, &columns);
                Rule::Groups { rule: Grouped::Rule(rule), by: self.subjects(by), columns, test }
            }
            Ask::Order { direction, ties, .. } => Rule::Sequence { rule, columns, direction: *direction, ties: *ties },
            Ask::Shape(shape) => Rule::Shape { rule, shape, table: self.shape(shape) },
            Ask::Unique { columns, when, nulls } => self.unique(UniqueFrom::Rule(rule), columns, when.as_ref(), *nulls),
        }
    }

    fn shape(&self, shape: &Shape) -> Columns {
        let ty = if let Shape::Typed { column, .. } = shape { self.layout.found(column) } else { Err(Unfit::NoValue) };
        Columns { names: self.layout.names().map(str::to_owned).collect(), orders: self.layout.orders(), ty }
    }

    /// A column of the table belongs to the group whether it is declared or not.
    fn complete(&self, group: &'a Complete, asked: &'a Asked) -> Rule<'a> {
        let names: Vec<&str> = self.layout.names().filter(|name| group.has(name)).collect();
        let is_matched = |glob: &&str| names.iter().any(|name| Complete::matches(glob, name));
        let unmatched = group.columns.iter().map(String::as_str).filter(|glob| !is_matched(glob)).collect();
        let columns = names.iter().map(|name| self.full_subject(name)).collect();
        Rule::Complete { group, asked, columns, unmatched }
    }

    /// Returns a column of which NaN is missing as null is, declared or not.
    fn full_subject(&self, name: &str) -> Subject<'a> {
        let declared = self.schema.columns.iter().find(|column| column.name == name);
        let undeclared = || Column {
            name: name.to_owned(),
            at: String::new(),
            ty: Type::Any,
            nullable: true,
            optional: false,
            missing: None,
            nan: Nan::Null,
            rules: Vec::new(),
            doc: None,
        };
        let column = Column { nan: Nan::Null, rules: Vec::new(), ..declared.cloned().unwrap_or_else(undeclared) };
        self.subject_of(Cow::Owned(column))
    }

    fn subjects(&self, names: &[String]) -> Vec<Subject<'a>> {
        let declared = |name: &String| {
            let found = self.schema.columns.iter().find(|column| column.name == *name);
            self.subject(found.expect("the columns of rules are declared: checked when the schema was read"))
        };
        names.iter().map(declared).collect()
    }

    fn subject(&self, column: &'a Column) -> Subject<'a> {
        self.subject_of(Cow::Borrowed(column))
    }

    fn subject_of(&self, column: Cow<'a, Column>) -> Subject<'a> {
        let presence = match self.layout.stored(&column.name) {
            None => Presence::Missing,
            Some(stored) if stored.is(&column.ty) => Presence::Ready(stored.clone()),
            Some(stored) => Presence::Mistyped(stored.name()),
        };
        let found = || self.layout.found(&column.name).unwrap_or(Type::Any);
        let ty = if column.ty == Type::Any { found() } else { column.ty.clone() };
        Subject { column, ty, presence }
    }
}

/// Adds the columns that `each` calls with to those that are named already.
fn named(mut names: Vec<String>, each: impl FnOnce(&mut dyn FnMut(&str))) -> Vec<String> {
    each(&mut |name| {
        if names.iter().all(|known| known != name) {
            names.push(name.to_owned());
        }
    });
    names
}

fn tested(when: Option<&Expr>, check: &Expr, columns: &[Subject<'_>]) -> Result<Test, Unfit> {
    let when = when.map(|when| resolved(when, columns)).transpose()?;
    Ok(Test { when, check: Some(resolved(check, columns)?) })
}

/// Returns a condition with the types that the table has.
fn resolved(expr: &Expr, columns: &[Subject<'_>]) -> Result<Expr, Unfit> {
    let untyped = |subject: &&Subject<'_>| subject.column.ty == Type::Any && subject.stored().is_some();
    if !columns.iter().any(|subject| untyped(&subject)) {
        return Ok(expr.clone());
    }
    let types = |name: &str| {
        let found = columns.iter().filter(untyped).find(|subject| subject.column.name == name);
        found.map(|subject| subject.ty.clone())
    };
    expr.resolved(&types).map_err(|why| {
        let has_value = |subject: &Subject<'_>| subject.ty != Type::Any || !subject.is_text();
        if columns.iter().filter(untyped).all(has_value) { Unfit::Because(why) } else { Unfit::NoValue }
    })
}
