//! `rules:` — a list of named rules: `- teams-differ: home <> away`, or with the keys of a mapping form.

use lockgate_spanned::{Fields, Key, Node, Span, Value};

use super::column::{scalar, word_of};
use super::declared::Declared;
use super::formula::{Bare, Expr, condition};
use super::lower::{Reader, Word};
use super::names::column_names;
use super::shape;
use super::table_rule::{Ask, Direction, Nulls, TableRule, Ties};
use super::tolerance::{self, Tolerance};

const FORM: &str = "write a list of named rules: `- teams-differ: home <> away`";

/// What a rule asks about, which its form tells.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Check,
    Order(Direction),
    Unique,
    Has,
    Count,
    Typed,
}

/// The mapping forms: the keys that each may have, the first of which tells it. The first form is meant when none is told.
pub(super) const FORMS: [(&[&str], Kind); 7] = [
    (&["check", "when", "by", "allow", "mostly", "level", "doc"], Kind::Check),
    (&["increasing", "by", "strict", "allow", "mostly", "level", "doc"], Kind::Order(Direction::Increasing)),
    (&["decreasing", "by", "strict", "allow", "mostly", "level", "doc"], Kind::Order(Direction::Decreasing)),
    (&["unique", "when", "nulls", "allow", "mostly", "level", "doc"], Kind::Unique),
    (&["has_columns", "extra", "order", "position", "level", "doc"], Kind::Has),
    (&["column_count", "level", "doc"], Kind::Count),
    (&["column_type", "in", "level", "doc"], Kind::Typed),
];

/// Reads all rules; those with a mistake are noted and left out.
pub(super) fn read(node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Vec<TableRule> {
    let Value::List(items) = &node.value else {
        let message = format!("`rules` is {}, not a list", node.value.kind());
        return reader.refuse("schema::bad-rule", node.span, message, FORM).unwrap_or_default();
    };
    let mut names: Vec<&str> = Vec::new();
    let mut rules = Vec::new();
    for item in items {
        let Some((key, node)) = named(item, reader) else { continue };
        if names.contains(&key.text.as_str()) {
            let message = format!("two rules are called `{}`", key.text);
            reader.refuse::<()>("schema::bad-rule", key.span, message, "rename one: a rule is known by its name");
        }
        names.push(&key.text);
        rules.extend(rule(key, node, declared, reader));
    }
    rules
}

/// Returns the one entry of an item, the name of the rule and what it says.
fn named<'n>(item: &'n Node, reader: &mut Reader<'_>) -> Option<(&'n Key, &'n Node)> {
    match &item.value {
        Value::Map(entries) => {
            if let [(key, node)] = entries.as_slice() {
                return Some((key, node));
            }
            let help = "indent its keys below the name, and start each rule with `-`";
            reader.refuse("schema::bad-rule", item.span, "a rule has one name", help)
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) => reader
            .refuse("schema::bad-rule", item.span, format!("a rule is {}, without a name", item.value.kind()), FORM),
    }
}

fn rule(key: &Key, node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<TableRule> {
    let at = reader.source.cite(key.span);
    let name = key.text.clone();
    if !matches!(node.value, Value::Map(_)) {
        let bare = expression(&key.text, node, declared, reader)?;
        let ask = checked(bare, None, None, reader)?;
        return Some(TableRule { name, ask, tolerance: Tolerance::NONE, at });
    }
    let what = format!("rule `{name}`");
    let (known, kind) = form(node);
    let fields = Fields::open(node, &what, known, reader.source, reader.problems)?;
    let written = tolerance::read(&fields, reader);
    let form = Form { key, fields: &fields, declared };
    let ask = match kind {
        Kind::Check => form.check(reader),
        Kind::Order(direction) => form.order(direction, reader),
        Kind::Unique => form.unique(reader),
        Kind::Has => shape::has(&fields, reader).map(Ask::Shape),
        Kind::Count => shape::count(&fields, reader).map(Ask::Shape),
        Kind::Typed => shape::typed(&fields, reader).map(Ask::Shape),
    }?;
    if let (Ask::Groups { by, .. }, Some((name, span))) = (&ask, written.share())
        && by.is_empty()
    {
        let help = "it tolerates groups: add `by: [season]`, or widen the bound";
        return reader.refuse("schema::bad-value", span, format!("`{name}` has no groups to apply to"), help);
    }
    Some(TableRule { name, ask, tolerance: written.tolerance(), at })
}

/// Returns the keys of the form that a rule is written in, and its kind.
fn form(node: &Node) -> (&'static [&'static str], Kind) {
    let written = FORMS.iter().find(|(keys, _)| node.get(keys[0]).is_some());
    *written.unwrap_or(&FORMS[0])
}

/// A mapping form while it is read.
struct Form<'f> {
    key: &'f Key,
    fields: &'f Fields<'f>,
    declared: &'f Declared,
}

impl Form<'_> {
    fn check(&self, reader: &mut Reader<'_>) -> Option<Ask> {
        let when = self.when(reader);
        let by = self.by(reader);
        let Some(check) = self.fields.get("check") else {
            let message = format!("rule `{}` has no `check`", self.key.text);
            let help = "add `check: home <> away`, or `increasing: kickoff`, or `unique: [season, week]`";
            return reader.refuse("schema::bad-rule", self.key.span, message, help);
        };
        let check = expression("check", check, self.declared, reader)?;
        // A `when` with a mistake makes another rule of it.
        checked(check, when.ok()?, by.ok()?, reader)
    }

    fn order(&self, direction: Direction, reader: &mut Reader<'_>) -> Option<Ask> {
        let strict = self.fields.get("strict").map(|node| flag("strict", node, reader));
        let ties = if strict.map_or(Some(false), |strict| strict)? { Ties::Forbidden } else { Ties::Allowed };
        let node = self.fields.get(direction.name()).expect("the form is known by this key");
        let word = scalar(direction.name(), node, reader)?;
        self.declared.expect(&format!("`{}`", direction.name()), word, reader)?;
        let by = self.by(reader).ok()?.map_or(Vec::new(), |(by, _)| by);
        if self.declared.ty(word.text).is_some_and(|ty| *ty == crate::value::Type::Bool) {
            return reader.refuse("schema::bad-rule", word.span, "bool has no order", "name a column that has one");
        }
        Some(Ask::Order { column: word.text.to_owned(), by, direction, ties })
    }

    fn unique(&self, reader: &mut Reader<'_>) -> Option<Ask> {
        let node = self.fields.get("unique").expect("the form is known by this key");
        let columns = column_names("unique", node, self.declared, reader);
        let when = self.when(reader);
        let nulls = self.fields.get("nulls").map_or(Some(Nulls::Ignored), |node| {
            scalar("nulls", node, reader).and_then(|word| reader.choice("nulls", word, &Nulls::ALL))
        });
        Some(Ask::Unique { columns: columns?, when: when.ok()?, nulls: nulls? })
    }

    /// Returns the condition that says which rows the rule is about, if there is one.
    fn when(&self, reader: &mut Reader<'_>) -> Result<Option<Expr>, Noted> {
        let Some(node) = self.fields.get("when") else { return Ok(None) };
        let bare = expression("when", node, self.declared, reader).ok_or(Noted)?;
        if let Some(span) = bare.aggregate {
            let help = "it says of each single row whether the rule is about it";
            reader.refuse::<()>("schema::bad-expression", span, "`when` has an aggregate", help);
            return Err(Noted);
        }
        Ok(Some(bare.expr))
    }

    fn by(&self, reader: &mut Reader<'_>) -> Result<Option<(Vec<String>, Span)>, Noted> {
        let Some((key, node)) = self.fields.entry("by") else { return Ok(None) };
        column_names("by", node, self.declared, reader).map(|by| Some((by, key.span))).ok_or(Noted)
    }
}

/// There is a mistake in what was read, and it is noted already.
struct Noted;

/// Makes a rule on rows or one on groups of a condition.
fn checked(check: Bare, when: Option<Expr>, by: Option<(Vec<String>, Span)>, reader: &mut Reader<'_>) -> Option<Ask> {
    if check.aggregate.is_none() {
        let Some((_, span)) = by else { return Some(Ask::Rows { when, check: check.expr }) };
        let help = "it makes groups for aggregates such as avg(…): remove `by`, or aggregate";
        return reader.refuse("schema::bad-rule", span, "`by` is said of a rule on single rows", help);
    }
    let by = by.map_or(Vec::new(), |(by, _)| by);
    let stray = check.columns.iter().find(|(name, _)| !by.contains(name));
    if let Some((name, span)) = stray {
        let message = format!("`{name}` has a value for each row, and an aggregate has one for a group");
        let help = format!("aggregate it, as in max({name}), or group by it: `by: [{name}]`");
        return reader.refuse("schema::bad-expression", *span, message, help);
    }
    Some(Ask::Groups { when, check: check.expr, by })
}

fn expression(key: &str, node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Bare> {
    let word: Word<'_> = scalar(key, node, reader)?;
    condition(word_of(word.text, node.span, reader), declared, reader)
}

/// Reads `true` or `false`.
pub(super) fn flag(key: &str, node: &Node, reader: &mut Reader<'_>) -> Option<bool> {
    if let Value::Bool(value) = node.value {
        return Some(value);
    }
    let message = format!("`{key}` is {}, not true or false", node.value.kind());
    reader.refuse("schema::bad-value", node.span, message, format!("write `{key}: true`"))
}
