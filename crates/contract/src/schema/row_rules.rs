//! `rules:` — a list of named rules: `- teams-differ: home <> away`, or with the keys of the mapping form.

use lockgate_spanned::{Fields, Key, Node, Value};

use super::ast::RowRule;
use super::column::{scalar, word_of};
use super::declared::Declared;
use super::formula::{Expr, condition};
use super::lower::Reader;
use super::tolerance::{self, Tolerance};

const KEYS: [&str; 5] = ["check", "when", "allow", "level", "doc"];

const FORM: &str = "write a list of named rules: `- teams-differ: home <> away`";

/// Reads all rules; those with a mistake are noted and left out.
pub(super) fn read(node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Vec<RowRule> {
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

fn rule(key: &Key, node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<RowRule> {
    let at = reader.source.cite(key.span);
    let name = key.text.clone();
    if !matches!(node.value, Value::Map(_)) {
        let check = expression(&key.text, node, declared, reader)?;
        return Some(RowRule { name, when: None, check, tolerance: Tolerance::NONE, at });
    }
    let what = format!("rule `{name}`");
    let fields = Fields::open(node, &what, &KEYS, reader.source, reader.problems)?;
    let when = fields.get("when").map(|node| expression("when", node, declared, reader));
    let written = tolerance::read(&fields, reader);
    let Some(check) = fields.get("check") else {
        return reader.refuse(
            "schema::bad-rule",
            key.span,
            format!("{what} has no `check`"),
            "add `check: home <> away`",
        );
    };
    let check = expression("check", check, declared, reader)?;
    // A `when` with a mistake makes another rule of it.
    let when = when.map_or(Some(None), |when| when.map(Some))?;
    Some(RowRule { name, when, check, tolerance: written.tolerance(), at })
}

fn expression(key: &str, node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Expr> {
    let word = scalar(key, node, reader)?;
    condition(word_of(word.text, node.span, reader), declared, reader)
}
