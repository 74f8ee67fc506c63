//! Expectations about the table as a whole: its rows, its columns and their types.

use super::kwargs::Kwargs;
use super::values::Drafted;
use super::why::Why;
use crate::draft::{Draft, Field};
use crate::words;

pub(super) fn rows(kwargs: &Kwargs<'_>) -> Drafted {
    Ok(vec![Draft::check("rows", kwargs.bounds()?.of("count()"), &[])])
}

pub(super) fn rows_equal(kwargs: &Kwargs<'_>) -> Drafted {
    let value = kwargs.get("value").ok_or(Why::Missing("value"))?;
    Ok(vec![Draft::check("rows", format!("count() = {}", kwargs.literal("value", value)?), &[])])
}

pub(super) fn column_count(kwargs: &Kwargs<'_>) -> Drafted {
    let counts = |key: &str| kwargs.get(key).map(|node| whole(kwargs, key, node)).transpose();
    let (low, high) = (counts("min_value")?, counts("max_value")?);
    if low.is_none() && high.is_none() {
        return Err(Why::Inexpressible("it has neither `min_value` nor `max_value`"));
    }
    let low = low.unwrap_or(0) + i64::from(kwargs.flag("strict_min", false)?);
    let high = match high {
        Some(high) => (high - i64::from(kwargs.flag("strict_max", false)?)).to_string(),
        None => String::new(),
    };
    Ok(vec![counted(&format!("{low}..{high}"))])
}

pub(super) fn column_count_equal(kwargs: &Kwargs<'_>) -> Drafted {
    let value = whole(kwargs, "value", kwargs.get("value").ok_or(Why::Missing("value"))?)?;
    Ok(vec![counted(&format!("{value}..{value}"))])
}

fn counted(range: &str) -> Draft {
    Draft::of("column-count", "column_count", Field::Word(range.to_owned()), &[])
}

fn whole(kwargs: &Kwargs<'_>, key: &str, node: &lockgate_spanned::Node) -> Result<i64, Why> {
    let literal = kwargs.literal(key, node)?;
    // Great Expectations writes counts as floats when they were typed as such.
    let text = literal.strip_suffix(".0").unwrap_or(&literal);
    text.parse().map_err(|_| Why::kwarg(key, "is not a whole number"))
}

pub(super) fn exists(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    let draft = Draft::of(format!("{name}-exists"), "has_columns", Field::Names(vec![name.to_owned()]), &[]);
    let Some(node) = kwargs.get("column_index") else { return Ok(vec![draft]) };
    // Theirs counts from 0 and, when negative, from the end.
    match whole(kwargs, "column_index", node)? {
        index @ 0.. => Ok(vec![draft.with("position", Field::Word((index + 1).to_string()))]),
        _ => Err(Why::kwarg("column_index", "counts from the end")),
    }
}

pub(super) fn column_set(kwargs: &Kwargs<'_>) -> Drafted {
    let draft = has(kwargs, "column_set")?;
    let exact = kwargs.flag("exact_match", true)?;
    Ok(vec![if exact { draft.with("extra", Field::Word("forbid".to_owned())) } else { draft }])
}

pub(super) fn column_list(kwargs: &Kwargs<'_>) -> Drafted {
    let draft = has(kwargs, "column_list")?.with("extra", Field::Word("forbid".to_owned()));
    Ok(vec![draft.with("order", Field::Word("exact".to_owned()))])
}

fn has(kwargs: &Kwargs<'_>, key: &'static str) -> Result<Draft, Why> {
    let names = kwargs.texts(key)?.into_iter().map(str::to_owned).collect();
    Ok(Draft::of("columns", "has_columns", Field::Names(names), &[]))
}

/// The names of types that mean the same whatever the version of pandas, and ours for them.
const TYPES: [(&str, &str); 19] = [
    ("int", "i64"),
    ("int8", "i8"),
    ("int16", "i16"),
    ("int32", "i32"),
    ("int64", "i64"),
    ("uint8", "u8"),
    ("uint16", "u16"),
    ("uint32", "u32"),
    ("uint64", "u64"),
    ("float", "f64"),
    ("float32", "f32"),
    ("float64", "f64"),
    ("bool", "bool"),
    ("bool_", "bool"),
    ("str", "str"),
    ("datetime64", "datetime"),
    ("datetime64[ms]", "datetime"),
    ("datetime64[us]", "datetime"),
    ("datetime64[ns]", "datetime"),
];

fn type_of(key: &str, name: &str) -> Result<&'static str, Why> {
    let found = TYPES.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours);
    found.ok_or_else(|| {
        Why::kwarg(
            key,
            format!("has `{name}`, which says how pandas keeps a column, not what is in it: declare the column's type"),
        )
    })
}

pub(super) fn of_type(kwargs: &Kwargs<'_>) -> Drafted {
    typed(kwargs, vec![type_of("type_", kwargs.needed_text("type_")?)?])
}

pub(super) fn in_type_list(kwargs: &Kwargs<'_>) -> Drafted {
    let names = kwargs.texts("type_list")?;
    if names.contains(&"str") {
        // Great Expectations 1.24 refuses a column of texts for a list with `str` in it, and takes it for `str` alone.
        return Err(Why::kwarg(
            "type_list",
            "has `str`, whose meaning depends on the version of pandas: declare the column's type",
        ));
    }
    typed(kwargs, names.into_iter().map(|name| type_of("type_list", name)).collect::<Result<_, _>>()?)
}

fn typed(kwargs: &Kwargs<'_>, mut types: Vec<&'static str>) -> Drafted {
    let name = kwargs.column()?;
    if kwargs.get("row_condition").is_some() || kwargs.mostly()?.is_some() {
        return Err(Why::Inexpressible("a type is what a column has as a whole: not for some rows, and not mostly"));
    }
    let mut seen = std::collections::BTreeSet::new();
    types.retain(|ty| seen.insert(*ty));
    let types = types.into_iter().map(str::to_owned).collect();
    let draft = Draft::of(format!("{name}-type"), "column_type", Field::Word(words::yaml(name)), &[name]);
    Ok(vec![draft.with("in", Field::Names(types))])
}
