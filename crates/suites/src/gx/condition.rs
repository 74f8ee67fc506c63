//! What restricts an expectation to some rows, as a condition of the schema language.
//!
//! To pandas a comparison with a missing value is false, and `!=` is true; in the language both are null. What is written
//! here is true for exactly the rows that pandas selects: where the difference shows, the missing values are named.

use lockgate_spanned::{Node, Value};

use super::kwargs::Kwargs;
use super::query;
use super::why::Why;
use crate::words;

/// A condition on a row that is true or false, never null.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Compare(Order, Operand, Operand),
    In(Operand, Vec<String>),
    IsNull(String),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Column(String),
    /// As the language writes it.
    Literal(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether a condition is wanted to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Holds,
    Fails,
}

/// A condition of the language, and the columns it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub text: String,
    pub columns: Vec<String>,
}

impl Order {
    pub const SYMBOLS: [&'static str; 6] = ["==", "!=", "<", "<=", ">", ">="];

    pub fn of(symbol: &str) -> Self {
        match symbol {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            _ => Self::GreaterOrEqual,
        }
    }

    fn written(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }
}

impl Operand {
    fn written(&self) -> String {
        match self {
            Self::Column(name) => words::column(name),
            Self::Literal(text) => text.clone(),
        }
    }

    fn column(&self) -> Option<&str> {
        if let Self::Column(name) = self { Some(name) } else { None }
    }
}

impl Condition {
    pub fn all(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::All)
    }

    pub fn any(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::Any)
    }

    fn joined(mut parts: Vec<Self>, join: fn(Vec<Self>) -> Self) -> Self {
        if parts.len() == 1 { parts.remove(0) } else { join(parts) }
    }

    fn write(&self, sense: Sense) -> String {
        match self {
            Self::Compare(order, left, right) => compare(*order, left, right, sense),
            Self::In(operand, items) => member(operand, items, sense),
            Self::IsNull(name) => {
                let not = if sense == Sense::Holds { "" } else { "not " };
                format!("{} is {not}null", words::column(name))
            }
            Self::Not(inner) => inner.write(if sense == Sense::Holds { Sense::Fails } else { Sense::Holds }),
            Self::All(parts) => join(parts, sense, if sense == Sense::Holds { " and " } else { " or " }),
            Self::Any(parts) => join(parts, sense, if sense == Sense::Holds { " or " } else { " and " }),
        }
    }

    fn columns(&self, found: &mut Vec<String>) {
        match self {
            Self::Compare(_, left, right) => {
                found.extend([left, right].into_iter().filter_map(Operand::column).map(str::to_owned));
            }
            Self::In(operand, _) => found.extend(operand.column().map(str::to_owned)),
            Self::IsNull(name) => found.push(name.clone()),
            Self::Not(inner) => inner.columns(found),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.columns(found)),
        }
    }
}

fn compare(order: Order, left: &Operand, right: &Operand, sense: Sense) -> String {
    let (wanted, with_null) = match sense {
        Sense::Holds => (order, order == Order::Unequal),
        Sense::Fails => (order.opposite(), order != Order::Unequal),
    };
    let text = format!("{} {} {}", left.written(), wanted.written(), right.written());
    if with_null { or_null(text, &[left, right]) } else { text }
}

fn member(operand: &Operand, items: &[String], sense: Sense) -> String {
    let list = items.join(", ");
    match sense {
        Sense::Holds => format!("{} in [{list}]", operand.written()),
        Sense::Fails => or_null(format!("{} not in [{list}]", operand.written()), &[operand]),
    }
}

fn or_null(text: String, operands: &[&Operand]) -> String {
    let mut columns: Vec<&str> = operands.iter().filter_map(|operand| operand.column()).collect();
    columns.dedup();
    let nulls: Vec<String> = columns.iter().map(|name| format!("{} is null", words::column(name))).collect();
    if nulls.is_empty() { text } else { format!("({text} or {})", nulls.join(" or ")) }
}

fn join(parts: &[Condition], sense: Sense, with: &str) -> String {
    format!("({})", parts.iter().map(|part| part.write(sense)).collect::<Vec<_>>().join(with))
}

/// Reads the row condition of an expectation, if it has one.
pub(super) fn read(kwargs: &Kwargs<'_>) -> Result<Option<When>, Why> {
    let Some(node) = kwargs.get("row_condition") else { return Ok(None) };
    let condition = match node.as_str() {
        Some(text) if text.trim().is_empty() => return Ok(None),
        Some(_) if kwargs.text("condition_parser")? == Some("spark") => {
            return Err(Why::Condition("the syntax of Spark: say it as a `when` yourself".to_owned()));
        }
        Some(text) => query::parse(text)?,
        None => object(node, kwargs)?,
    };
    let mut columns = Vec::new();
    condition.columns(&mut columns);
    if columns.is_empty() {
        return Err(Why::Condition("no column in it".to_owned()));
    }
    let text = condition.write(Sense::Holds);
    let bare = matches!(condition, Condition::All(_) | Condition::Any(_));
    let text = if bare { text[1..text.len() - 1].to_owned() } else { text };
    Ok(Some(When { text, columns }))
}

/// Reads the form that Great Expectations 1.x has: a mapping with a `type`.
fn object(node: &Node, kwargs: &Kwargs<'_>) -> Result<Condition, Why> {
    let kind = node.get("type").and_then(Node::as_str).unwrap_or_default();
    match kind {
        "pass_through" => query::parse(node.get("pass_through_filter").and_then(Node::as_str).unwrap_or_default()),
        "nullity" => {
            let found = Condition::IsNull(column(node)?);
            let is_null = node.get("is_null").map(|node| &node.value) == Some(&Value::Bool(true));
            Ok(if is_null { found } else { Condition::Not(Box::new(found)) })
        }
        "comparison" => comparison(node, kwargs),
        "and" | "or" => {
            let Some(parts) = node.get("conditions").and_then(Node::as_list) else {
                return Err(Why::Condition(format!("`{kind}` without a list `conditions`")));
            };
            let parts = parts.iter().map(|part| object(part, kwargs)).collect::<Result<Vec<_>, _>>()?;
            Ok(if kind == "and" { Condition::all(parts) } else { Condition::any(parts) })
        }
        _ => Err(Why::Condition(format!("the type `{kind}`, which is not known"))),
    }
}

fn column(node: &Node) -> Result<String, Why> {
    let name = node.get("column").and_then(|column| column.get("name").and_then(Node::as_str).or(column.as_str()));
    name.map(str::to_owned).ok_or_else(|| Why::Condition("a comparison without a column".to_owned()))
}

fn comparison(node: &Node, kwargs: &Kwargs<'_>) -> Result<Condition, Why> {
    let left = Operand::Column(column(node)?);
    let operator = node.get("operator").and_then(Node::as_str).unwrap_or_default();
    let parameter = node.get("parameter").ok_or_else(|| Why::Condition("a comparison without a value".to_owned()))?;
    match (operator, &parameter.value) {
        ("IN" | "NOT_IN", Value::List(items)) if !items.is_empty() => {
            let items = items.iter().map(|item| kwargs.literal("row_condition", item)).collect::<Result<_, _>>()?;
            let found = Condition::In(left, items);
            Ok(if operator == "IN" { found } else { Condition::Not(Box::new(found)) })
        }
        (symbol, _) if Order::SYMBOLS.contains(&symbol) => {
            let right = Operand::Literal(kwargs.literal("row_condition", parameter)?);
            Ok(Condition::Compare(Order::of(symbol), left, right))
        }
        _ => Err(Why::Condition(format!("the operator `{operator}` with {}", parameter.value.kind()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        query::parse(text).map_or_else(|why| why.to_string(), |condition| condition.write(Sense::Holds))
    }

    #[test]
    fn a_query_selects_the_rows_that_pandas_selects() {
        let check = |text, expect| assert_eq!(written(text), expect, "{text}");
        check("week > 1", "week > 1");
        check("1 < week <= 18", "(1 < week and week <= 18)");
        check("week != 1", "(week <> 1 or week is null)");
        check("not week > 1", "(week <= 1 or week is null)");
        check("not week != 1", "week = 1");
        check("home == away", "home = away");
        check("home != away", "(home <> away or home is null or away is null)");
        check("`home team` == \"O'Brien\"", "`home team` = 'O''Brien'");
        check("home in ['KC', \"BUF\"]", "home in ['KC', 'BUF']");
        check("home not in ('KC', 'SF')", "(home not in ['KC', 'SF'] or home is null)");
        check("~(a > 1 & b.isnull()) | c == -2.5", "(((a <= 1 or a is null) or b is not null) or c = -2.5)");
        check("col(\"week\").notNull()", "week is not null");
        check("ok == True and x.notna()", "(ok = true and x is not null)");
    }

    #[test]
    fn what_a_query_cannot_say_here_is_named() {
        let check = |text, expect: &str| assert_eq!(written(text), format!("its row condition has {expect}"), "{text}");
        check("a + b > 3", "`+`, which has no translation: say it as a `when` yourself");
        check("name.str.len() > 3", "`str`, which has no translation: say it as a `when` yourself");
        check("a >", "an end that comes too early");
        check("a == 'x", "a quoted text without an end");
        check("@limit < a", "`@`, which has no translation: say it as a `when` yourself");
    }
}
