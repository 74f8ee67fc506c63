//! One column: the short form, or the mapping form with the same words as keys.

use lockgate_spanned::{Fields, Key, Node, Span, Value};

use super::ast::{Column, Nan, RuleKind, ValueRule};
use super::lower::{Reader, Word};
use super::rules::flag;
use super::{short, tolerance};
use crate::value::Type;

pub(super) const KEYS: [&str; 13] =
    ["type", "range", "in", "matches", "find", "len", "allow", "mostly", "level", "nan", "missing", "optional", "doc"];

/// Reads the column `key`; `None` when something in it is wrong.
pub(super) fn read(key: &Key, node: &Node, reader: &mut Reader<'_>) -> Option<Column> {
    match &node.value {
        Value::Str(text) => {
            let short = short::read(word_of(text, node.span, reader), reader)?;
            let rules = short.rules;
            let form = Form {
                ty: short.ty,
                nullable: short.nullable,
                rules,
                nan: None,
                missing: None,
                optional: false,
                tolerance: tolerance::Written::NOTHING,
            };
            form.column(key, None, reader)
        }
        Value::Map(_) => mapping(key, node, reader),
        other @ (Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::List(_)) => {
            let message = format!("column `{}` is {}, not a type", key.text, other.kind());
            reader.refuse("schema::bad-column", node.span, message, "write for example `i64 1..22` or `{type: i64}`")
        }
    }
}

/// Makes a word of a scalar; the place is exact when the text is written as it reads, also between quotes.
pub(super) fn word_of<'t>(text: &'t str, span: Span, reader: &Reader<'_>) -> Word<'t> {
    Word { text, span: reader.source.span_of(text, span) }
}

/// Makes a word of the value of `key`, or notes that it is not a scalar.
pub(super) fn scalar<'t, 'a: 't>(key: &str, node: &'t Node, reader: &mut Reader<'a>) -> Option<Word<'t>> {
    let source = reader.source;
    if let Some(text) = node.scalar_text(source) {
        return Some(word_of(text, node.span, reader));
    }
    let message = format!("`{key}` is {}, not one value", node.value.kind());
    reader.refuse("schema::bad-value", node.span, message, format!("write `{key}: VALUE`"))
}

/// A column as it is written, before what belongs together is checked.
struct Form {
    ty: Type,
    nullable: bool,
    rules: Vec<(RuleKind, Span)>,
    nan: Option<(Nan, Span)>,
    missing: Option<Vec<String>>,
    optional: bool,
    tolerance: tolerance::Written,
}

fn mapping(key: &Key, node: &Node, reader: &mut Reader<'_>) -> Option<Column> {
    let what = format!("column `{}`", key.text);
    let before = reader.problems.len();
    let fields = Fields::open(node, &what, &KEYS, reader.source, reader.problems)?;
    let Some(ty) = fields.get("type") else {
        return reader.refuse("schema::no-type", key.span, format!("{what} has no `type`"), "add `type: i64`");
    };
    let word = scalar("type", ty, reader)?;
    let (ty, nullable) = reader.ty(word)?;
    let form = Form {
        rules: rules(&fields, &ty, reader),
        nan: named("nan", &fields, &Nan::ALL, reader),
        missing: fields.get("missing").map(|node| reader.forms().missing(node)),
        optional: fields.get("optional").and_then(|node| flag("optional", node, reader)).unwrap_or(false),
        tolerance: tolerance::read(&fields, reader),
        ty,
        nullable,
    };
    let doc = fields.get("doc").and_then(|node| scalar("doc", node, reader)).map(|word| word.text.to_owned());
    let column = form.column(key, doc, reader);
    if reader.problems.len() == before { column } else { None }
}

fn named<T: Copy>(
    key: &str,
    fields: &Fields<'_>,
    all: &[(&'static str, T)],
    reader: &mut Reader<'_>,
) -> Option<(T, Span)> {
    let node = fields.get(key)?;
    // `nan: null` is a null to YAML.
    let text = if node.value == Value::Null { "null" } else { node.scalar_text(reader.source)? };
    let (word, key_span) = (Word { text, span: node.span }, fields.entry(key)?.0.span);
    reader.choice(key, word, all).map(|value| (value, key_span))
}

fn rules(fields: &Fields<'_>, ty: &Type, reader: &mut Reader<'_>) -> Vec<(RuleKind, Span)> {
    let mut found = Vec::new();
    for (key, node) in fields.entries() {
        let rule = match key.text.as_str() {
            "in" => set(ty, node, reader),
            "range" | "matches" | "find" | "len" => one(&key.text, ty, node, reader),
            _ => continue,
        };
        found.extend(rule.map(|rule| (rule, key.span)));
    }
    found
}

fn one(key: &str, ty: &Type, node: &Node, reader: &mut Reader<'_>) -> Option<RuleKind> {
    let word = scalar(key, node, reader)?;
    match key {
        "range" => reader.range(ty, word),
        "matches" => reader.regex(ty, word).map(RuleKind::Matches),
        "find" => reader.regex(ty, word).map(RuleKind::Find),
        _ => reader.len(ty, word),
    }
}

fn set(ty: &Type, node: &Node, reader: &mut Reader<'_>) -> Option<RuleKind> {
    if let Value::Str(text) = &node.value {
        return reader.reference(word_of(text, node.span, reader));
    }
    let Value::List(items) = &node.value else {
        let message = format!("`in` is {}, not a list of values", node.value.kind());
        return reader.refuse("schema::bad-set", node.span, message, "write `in: [scheduled, live, final]`");
    };
    let source = reader.source;
    let mut words = Vec::with_capacity(items.len());
    for item in items {
        match (&item.value, item.scalar_text(source)) {
            // YAML reads `1` and `true` as a number and a boolean: in a set of strings that is a trap.
            (Value::Int(_) | Value::Float(_) | Value::Bool(_), Some(text)) if *ty == Type::Str => {
                let message = format!("`{text}` is {} to YAML, and the column holds strings", item.value.kind());
                return reader.refuse("schema::bad-set", item.span, message, format!("put it in quotes: \"{text}\""));
            }
            (_, Some(text)) => words.push(word_of(text, item.span, reader)),
            (_, None) => {
                let message = format!("a set holds values, and this is {}", item.value.kind());
                let help = "null is allowed by `?` after the type, not by a set";
                return reader.refuse("schema::bad-set", item.span, message, help);
            }
        }
    }
    reader.set(ty, &words, node.span)
}

impl Form {
    /// Puts the column together, when what is written fits together.
    fn column(mut self, key: &Key, doc: Option<String>, reader: &mut Reader<'_>) -> Option<Column> {
        self.nan_rule(reader)?;
        self.has_rule_for_bounds(reader)?;
        let tolerance = self.tolerance.tolerance();
        let source = reader.source;
        let rule = |(kind, span)| ValueRule { kind, tolerance, at: source.cite(span) };
        Some(Column {
            name: key.text.clone(),
            at: source.cite(key.span),
            ty: self.ty,
            nullable: self.nullable,
            missing: self.missing,
            optional: self.optional,
            nan: self.nan.map_or(reader.semantics.nan(), |(nan, _)| nan),
            rules: self.rules.into_iter().map(rule).collect(),
            doc,
        })
    }

    /// `nan: fail` without a range is a rule by itself; with one the range says it.
    fn nan_rule(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let Some((nan, span)) = self.nan else { return Some(()) };
        if !self.ty.is_float() && self.ty != Type::Any {
            let message = format!("a column of type {} has no NaN", self.ty);
            return reader.refuse("schema::bad-value", span, message, "remove `nan`");
        }
        if nan == Nan::Fail && !self.rules.iter().any(|(kind, _)| matches!(kind, RuleKind::Range(_))) {
            self.rules.push((RuleKind::NotNan, span));
        }
        Some(())
    }

    fn has_rule_for_bounds(&self, reader: &mut Reader<'_>) -> Option<()> {
        if !self.rules.is_empty() {
            return Some(());
        }
        let Some((name, span)) = self.tolerance.first_given() else { return Some(()) };
        let help = "it is for range, in, matches, find, len and nan; type and nulls always fail";
        reader.refuse("schema::bad-value", span, format!("`{name}` has no rule to apply to"), help)
    }
}
