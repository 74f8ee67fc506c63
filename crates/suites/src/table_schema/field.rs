//! One field: its type, its format and its constraints.

use lockgate_spanned::{Node, Value};

use super::Ledger;
use super::keys::{Match, missing_texts};
use crate::draft::{Draft, yaml_key};
use crate::words::{self, quoted};

/// A column as it will be written.
pub(super) struct Column {
    pub name: String,
    pub at: String,
    ty: Written,
    is_required: bool,
    is_optional: bool,
    pub is_unique: bool,
    /// `TABLE.COLUMN` in which the values are to be found.
    pub reference: Option<String>,
    /// Keys of the mapping form and their values as YAML.
    keys: Vec<(&'static str, String)>,
    pub rules: Vec<Draft>,
}

/// What a type of theirs is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Str,
    Int,
    Float,
    Bool,
    Date,
    Any,
}

impl Written {
    fn name(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "i64",
            Self::Float => "f64",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Any => "any",
        }
    }

    fn is_ordered(self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Date)
    }
}

impl Column {
    pub fn line(&self) -> String {
        let nullable = if self.is_required { "" } else { "?" };
        let ty = format!("{}{nullable}", self.ty.name());
        let mut keys = self.keys.clone();
        keys.extend(self.reference.iter().map(|reference| ("in", reference.clone())));
        keys.extend(self.is_optional.then(|| ("optional", "true".to_owned())));
        if keys.is_empty() {
            return format!("  {}: {ty}", yaml_key(&self.name));
        }
        let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        format!("  {}: {{type: {ty}, {}}}", yaml_key(&self.name), keys.join(", "))
    }

    fn check(&mut self, stem: &str, condition: String) {
        self.rules.push(Draft::check(format!("{}-{stem}", self.name), condition, &[]));
    }
}

/// Reads a field; what cannot be said of it is noted.
pub(super) fn read(name: &str, node: &Node, policy: Match, ledger: &mut Ledger<'_>) -> Column {
    let mut column = Column {
        name: name.to_owned(),
        at: ledger.source.cite(node.get("name").map_or(node.span, |name| name.span)),
        ty: Written::Any,
        is_required: false,
        is_optional: policy.is_optional(),
        is_unique: false,
        reference: None,
        keys: Vec::new(),
        rules: Vec::new(),
    };
    ty(&mut column, node, ledger);
    constraints(&mut column, node, ledger);
    categories(&mut column, node, ledger);
    let missing = node.get("missingValues");
    let missing = missing.and_then(|node| missing_texts(node, &format!("field `{name}`: missingValues"), ledger));
    column.keys.extend(missing.map(|texts| ("missing", texts)));
    let doc = ["description", "title"].iter().find_map(|key| node.get(key).and_then(Node::as_str));
    column.keys.extend(doc.filter(|doc| !doc.is_empty()).map(|doc| ("doc", quoted(doc))));
    column
}

fn ty(column: &mut Column, node: &Node, ledger: &mut Ledger<'_>) {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    let (ty, format) = (text("type").unwrap_or("any"), text("format").unwrap_or("default"));
    let named = format!("field `{}`: type {ty}", column.name);
    let span = node.get("type").unwrap_or(node).span;
    let spelling =
        ["decimalChar", "groupChar", "bareNumber"].iter().find_map(|key| node.get(key).map(|node| (key, node)));
    if let Some((key, spelt)) =
        spelling.filter(|(_, spelt)| !matches!(&spelt.value, Value::Bool(true)) && spelt.as_str() != Some("."))
    {
        column.ty = Written::Any;
        return ledger.refuse(
            spelt.span,
            format!("{named}, {key}"),
            "numbers are written one way in the whole file: see `csv: {decimal: …}`",
        );
    }
    column.ty = match (ty, format) {
        ("string", "default") => Written::Str,
        ("integer", _) => Written::Int,
        ("number", _) => Written::Float,
        ("any", _) => Written::Any,
        ("date", "default") => Written::Date,
        ("boolean", _) => return boolean(column, node, ledger),
        ("date" | "datetime" | "time", pattern) if pattern.contains('%') => {
            let pattern = pattern.strip_prefix("fmt:").unwrap_or(pattern);
            let condition = format!("is_date({}, {})", words::column(&column.name), words::text(pattern));
            column.check("format", condition);
            Written::Str
        }
        ("string", format) => {
            ledger.refuse(
                span,
                format!("{named}, format {format}"),
                "a text of this format has no rule: write a regular expression",
            );
            column.ty = Written::Str;
            return;
        }
        ("datetime" | "time", _) => {
            let why =
                "whether the values have a zone is not told: declare `datetime[us, UTC]`, `datetime[us]` or `time`";
            return ledger.refuse(span, named, why);
        }
        _ => return ledger.refuse(span, named, "there is no such type here"),
    };
    ledger.say();
}

/// The spellings of booleans that Table Schema takes by default; `1` is none of ours.
const TRUE: [&str; 4] = ["true", "True", "TRUE", "1"];
const FALSE: [&str; 4] = ["false", "False", "FALSE", "0"];

fn boolean(column: &mut Column, node: &Node, ledger: &mut Ledger<'_>) {
    let values = |key: &str, default: [&str; 4]| match node.get(key).and_then(Node::as_list) {
        Some(items) => items.iter().filter_map(Node::as_str).map(str::to_owned).collect::<Vec<_>>(),
        None => default.map(str::to_owned).to_vec(),
    };
    let (yes, no) = (values("trueValues", TRUE), values("falseValues", FALSE));
    let ours = |values: &[String], known: &[&str]| {
        values.len() == 3 && values.iter().all(|value| known.contains(&value.as_str()))
    };
    ledger.say();
    if ours(&yes, &TRUE[..3]) && ours(&no, &FALSE[..3]) {
        column.ty = Written::Bool;
        return;
    }
    column.ty = Written::Str;
    let all: Vec<String> = yes.iter().chain(&no).map(|value| quoted(value)).collect();
    column.keys.push(("in", format!("[{}]", all.join(", "))));
}

fn constraints(column: &mut Column, node: &Node, ledger: &mut Ledger<'_>) {
    let mut bounds = Bounds::default();
    for (key, node) in node.get("constraints").and_then(Node::as_map).unwrap_or_default() {
        let said = match key.text.as_str() {
            "required" => flag(node).map(|value| column.is_required = value),
            "unique" => flag(node).map(|value| column.is_unique = value),
            "minimum" | "maximum" => bounds.take(&key.text, column.ty, node, ledger.source),
            "exclusiveMinimum" => beyond(column, node, ">", ledger),
            "exclusiveMaximum" => beyond(column, node, "<", ledger),
            "minLength" | "maxLength" if column.ty == Written::Str => {
                bounds.take(&key.text, Written::Int, node, ledger.source)
            }
            "pattern" if column.ty == Written::Str => pattern(column, node),
            "enum" => set(column, node, ledger),
            _ => None,
        };
        if said.is_some() {
            ledger.say();
        } else {
            let rule = format!("field `{}`: {}", column.name, key.text);
            ledger.refuse(key.span, rule, format!("it has no exact rule on {}", column.ty.name()));
        }
    }
    bounds.write(column);
}

fn flag(node: &Node) -> Option<bool> {
    if let Value::Bool(value) = node.value { Some(value) } else { None }
}

/// The ends of the range and of the length.
#[derive(Default)]
struct Bounds {
    range: [Option<String>; 2],
    len: [Option<String>; 2],
}

impl Bounds {
    fn take(&mut self, key: &str, ty: Written, node: &Node, source: &lockgate_spanned::Source) -> Option<()> {
        let text = node.scalar_text(source).filter(|text| is_value(ty, text))?.to_owned();
        let side = usize::from(key.starts_with("max"));
        let ends = if key.ends_with("Length") { &mut self.len } else { &mut self.range };
        ends[side] = Some(text);
        Some(())
    }

    fn write(self, column: &mut Column) {
        for (key, [low, high]) in [("range", self.range), ("len", self.len)] {
            if low.is_some() || high.is_some() {
                let low = low.or((key == "len").then(|| "0".to_owned())).unwrap_or_default();
                column.keys.push((key, quoted(&format!("{low}..{}", high.unwrap_or_default()))));
            }
        }
    }
}

/// Says whether a bound, which may be written as a text, is a value of an ordered type.
fn is_value(ty: Written, text: &str) -> bool {
    match ty {
        Written::Int => text.parse::<i64>().is_ok(),
        Written::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        Written::Date => text.len() == 10 && text.split('-').count() == 3,
        Written::Str | Written::Bool | Written::Any => false,
    }
}

fn beyond(column: &mut Column, node: &Node, symbol: &str, ledger: &Ledger<'_>) -> Option<()> {
    let text = node.scalar_text(ledger.source).filter(|text| column.ty.is_ordered() && is_value(column.ty, text))?;
    let literal = if column.ty == Written::Date { words::text(text) } else { text.to_owned() };
    let condition = format!("{} {symbol} {literal}", words::column(&column.name));
    column.check(if symbol == ">" { "above" } else { "below" }, condition);
    Some(())
}

/// A pattern has to match the whole value, as `matches` does.
fn pattern(column: &mut Column, node: &Node) -> Option<()> {
    let text = node.as_str().filter(|text| regex::Regex::new(text).is_ok())?;
    column.keys.push(("matches", quoted(text)));
    Some(())
}

fn set(column: &mut Column, node: &Node, ledger: &Ledger<'_>) -> Option<()> {
    let items = node.as_list()?;
    let has_set = column.keys.iter().any(|(key, _)| *key == "in");
    let values: Vec<String> = items.iter().map(|item| member(column.ty, item, ledger)).collect::<Option<_>>()?;
    if has_set || values.is_empty() {
        return None;
    }
    column.keys.push(("in", format!("[{}]", values.join(", "))));
    Some(())
}

fn member(ty: Written, item: &Node, ledger: &Ledger<'_>) -> Option<String> {
    let text = item.scalar_text(ledger.source)?;
    match ty {
        Written::Str => item.as_str().map(quoted),
        Written::Date => is_value(ty, text).then(|| quoted(text)),
        Written::Int | Written::Float => is_value(ty, text).then(|| text.to_owned()),
        Written::Bool | Written::Any => None,
    }
}

/// Version 2: the values of a field, each alone or as `{"value": …, "label": …}`.
fn categories(column: &mut Column, node: &Node, ledger: &mut Ledger<'_>) {
    let Some((node, items)) = node.get("categories").and_then(|node| Some((node, node.as_list()?))) else { return };
    let values: Option<Vec<String>> =
        items.iter().map(|item| member(column.ty, item.get("value").unwrap_or(item), ledger)).collect();
    let has_set = column.keys.iter().any(|(key, _)| *key == "in");
    match values {
        Some(values) if !values.is_empty() && !has_set => {
            column.keys.push(("in", format!("[{}]", values.join(", "))));
            ledger.say();
        }
        _ => ledger.refuse(
            node.span,
            format!("field `{}`: categories", column.name),
            "they are no set of values of the type",
        ),
    }
}
