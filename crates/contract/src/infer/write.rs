//! From what was seen to the text of a schema.

use std::fmt::Write as _;

use lockgate_forms::TextForm;

use super::nice;
use super::seen::{Different, Seen, SeenColumn};
use crate::table::TableAt;
use crate::value::{Literal, Type};

/// A set of more different values than this is none that a person would list.
const LARGEST_SET: usize = 12;

/// A set is believed when each of its values was seen this often on average.
const SEEN_OFTEN: u64 = 5;

/// Writes the schema of the table `from`.
pub(super) fn schema(name: &str, from: TableAt<'_>, seen: &Seen, keys: &[String]) -> String {
    let (rows, columns) = (seen.rows, seen.columns.len());
    let mut text = format!(
        "# Inferred from {}: {rows} rows, {columns} columns. Bounds are what was seen, rounded outward:\n\
         # tighten what you know better, and loosen what was chance.\n\
         schema: {}/1\nextra_columns: forbid\n",
        quoted(from.name),
        key(name)
    );
    if *from.form != TextForm::PLAIN {
        writeln!(text, "csv: {}", from.form).unwrap_or_default();
    }
    for key_column in keys {
        let evidence = format!("never null, another value in each of {rows} rows");
        writeln!(text, "# key: [{}]{}# {evidence}", key(key_column), " ".repeat(4)).unwrap_or_default();
    }
    if rows > 0 {
        writeln!(text, "rows: 1..{}# {rows} seen", " ".repeat(4)).unwrap_or_default();
    }
    text += if seen.columns.is_empty() { "\ncolumns: {}\n" } else { "\ncolumns:\n" };
    let lines: Vec<(String, String)> = seen.columns.iter().map(|column| line(column, rows)).collect();
    let width = lines.iter().map(|(said, _)| said.chars().count()).max().unwrap_or(0).min(WIDEST);
    for (said, evidence) in lines {
        writeln!(text, "{}", format!("{said:width$}  # {evidence}").trim_end()).unwrap_or_default();
    }
    text
}

/// Comments are aligned up to here.
const WIDEST: usize = 60;

/// Returns what is declared of a column, and the evidence for it.
fn line(column: &SeenColumn, rows: u64) -> (String, String) {
    let Some(ty) = &column.ty else {
        return (format!("  {}: any?", key(&column.name)), "a type that no column is declared with".to_owned());
    };
    let nullable = if column.nulls > 0 || rows == 0 { "?" } else { "" };
    let mut evidence = Vec::new();
    if column.nulls > 0 {
        evidence.push(format!("{} of {rows} null", column.nulls));
    }
    if column.nans > 0 {
        evidence.push(format!("{} NaN", column.nans));
    }
    evidence.push(different(column));
    evidence.extend(column.lengths.map(|(low, high)| format!("{low}..{high} characters")));
    let rule = rule(column, ty, rows);
    let said = match rule {
        None if column.nans > 0 => format!("{{type: {}, nan: ok}}", scalar(ty, nullable)),
        Some((word, value)) if column.nans > 0 => {
            format!("{{type: {}, {word}: {value}, nan: ok}}", scalar(ty, nullable))
        }
        None => scalar(ty, nullable),
        Some(("in", set)) => format!("{{type: {}, in: {set}}}", scalar(ty, nullable)),
        Some((_, range)) => format!("{} {range}", scalar(ty, nullable)),
    };
    (format!("  {}: {said}", key(&column.name)), evidence.join(", "))
}

fn different(column: &SeenColumn) -> String {
    match &column.different {
        Different::All(values) if column.ty.as_ref().is_some_and(Type::is_float) || values.is_empty() => {
            column.ends.as_ref().map_or("no value".to_owned(), |(low, high)| format!("{low} to {high}"))
        }
        Different::All(values) => match &column.ends {
            Some((low, high)) => format!("{low} to {high}, {} different", values.len()),
            None => format!("{} different", values.len()),
        },
        Different::TooMany => "more than 1000 different".to_owned(),
    }
}

/// Returns the rule that the values suggest: the key of the mapping form, and the value of it.
fn rule(column: &SeenColumn, ty: &Type, rows: u64) -> Option<(&'static str, String)> {
    if let (Type::Str, Different::All(values)) = (ty, &column.different) {
        let often = (rows - column.nulls) / SEEN_OFTEN >= values.len() as u64;
        let listed: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        let is_set = !listed.is_empty() && listed.len() <= LARGEST_SET && often;
        return is_set.then(|| ("in", format!("[{}]", listed.join(", "))));
    }
    let range = match column.ends.as_ref()? {
        (Literal::Int(low), Literal::Int(high)) => {
            let (domain_low, domain_high) = ty.int_domain()?;
            let (low, high) = nice::whole(*low, *high);
            format!("{}..{}", low.max(domain_low), high.min(domain_high))
        }
        (Literal::Float(low), Literal::Float(high)) if *ty == Type::F64 && low.is_finite() && high.is_finite() => {
            let (low, high) = nice::real(*low, *high);
            format!("{low}..{high}")
        }
        // The future of a table is later than what it has: its dates are bounded below only.
        (low @ Literal::Date(_), _) => format!("{}-01-01..", low.to_string().get(..4)?),
        _ => return None,
    };
    Some(("range", range))
}

/// Writes a type as a value of YAML; the brackets of a unit need quotes within `{…}`.
fn scalar(ty: &Type, nullable: &str) -> String {
    format!("{ty}{nullable}")
}

/// Writes a key of YAML, in quotes unless it is a plain word.
pub(super) fn key(name: &str) -> String {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = starts && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let reads_otherwise = ["null", "true", "false"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if plain && !reads_otherwise { name.to_owned() } else { quoted(name) }
}

/// Writes a YAML string in double quotes, whose escapes are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
