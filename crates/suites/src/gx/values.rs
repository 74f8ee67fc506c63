//! Expectations about each value of one column.
//!
//! Great Expectations leaves nulls out before it looks; so does a condition of the language that names only that column, for
//! with a null it is neither true nor false.

use super::kwargs::Kwargs;
use super::why::Why;
use crate::draft::{Draft, Field};
use crate::words;

pub(super) type Drafted = Result<Vec<Draft>, Why>;

fn one(column: &str, what: &str, condition: String) -> Vec<Draft> {
    vec![Draft::check(format!("{column}-{what}"), condition, &[column])]
}

pub(super) fn not_null(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(one(name, "not-null", format!("{} is not null", words::column(name))))
}

pub(super) fn null(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(one(name, "null", format!("{} is null", words::column(name))))
}

pub(super) fn between(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(one(name, "between", kwargs.bounds()?.of(&words::column(name))))
}

pub(super) fn in_set(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(one(name, "in-set", format!("{} in [{}]", words::column(name), kwargs.literals("value_set")?.join(", "))))
}

pub(super) fn not_in_set(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(one(
        name,
        "not-in-set",
        format!("{} not in [{}]", words::column(name), kwargs.literals("value_set")?.join(", ")),
    ))
}

pub(super) fn lengths_between(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(one(name, "lengths", kwargs.bounds()?.of(&format!("len(text({}))", words::column(name)))))
}

pub(super) fn lengths_equal(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    let value = kwargs.get("value").ok_or(Why::Missing("value"))?;
    Ok(one(name, "lengths", format!("len(text({})) = {}", words::column(name), kwargs.literal("value", value)?)))
}

pub(super) fn date_format(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    let format = words::text(kwargs.needed_text("strftime_format")?);
    Ok(one(name, "date-format", format!("is_date({}, {format})", words::column(name))))
}

/// Whether an expression has to be found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Wanted,
    Unwanted,
}

pub(super) fn regex(kwargs: &Kwargs<'_>) -> Drafted {
    found(kwargs, &[kwargs.needed_text("regex")?], " and ", Found::Wanted)
}

pub(super) fn not_regex(kwargs: &Kwargs<'_>) -> Drafted {
    found(kwargs, &[kwargs.needed_text("regex")?], " and ", Found::Unwanted)
}

pub(super) fn regex_list(kwargs: &Kwargs<'_>) -> Drafted {
    let join = match kwargs.text("match_on")?.unwrap_or("any") {
        "any" => " or ",
        "all" => " and ",
        _ => return Err(Why::kwarg("match_on", "is neither `any` nor `all`")),
    };
    found(kwargs, &kwargs.texts("regex_list")?, join, Found::Wanted)
}

pub(super) fn not_regex_list(kwargs: &Kwargs<'_>) -> Drafted {
    found(kwargs, &kwargs.texts("regex_list")?, " and ", Found::Unwanted)
}

fn found(kwargs: &Kwargs<'_>, regexes: &[&str], join: &str, wanted: Found) -> Drafted {
    let name = kwargs.column()?;
    let not = if wanted == Found::Wanted { "" } else { "not " };
    let mut parts = Vec::with_capacity(regexes.len());
    for regex in regexes {
        let regex = translated(regex)?;
        parts.push(format!("{not}find(text({}), {})", words::column(name), words::text(&regex)));
    }
    Ok(one(name, if wanted == Found::Wanted { "regex" } else { "not-regex" }, parts.join(join)))
}

/// Takes a regular expression of Python over into the syntax here, which differs in the names of the ends of a text.
fn translated(python: &str) -> Result<String, Why> {
    let mut text = String::new();
    let mut chars = python.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('Z')) => text.push_str(r"\z"),
            ('\\', Some(next)) => text.extend([c, next]),
            _ => text.push(c),
        }
    }
    regex::Regex::new(&text).map(|_| text).map_err(|_| {
        Why::kwarg(
            "regex",
            format!("`{python}` looks around or back, or is not valid: write one without, or a `command` gate"),
        )
    })
}

pub(super) fn unique(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    Ok(vec![Draft::of(format!("{name}-unique"), "unique", Field::Names(vec![name.to_owned()]), &[name])])
}

pub(super) fn increasing(kwargs: &Kwargs<'_>) -> Drafted {
    in_order(kwargs, "increasing")
}

pub(super) fn decreasing(kwargs: &Kwargs<'_>) -> Drafted {
    in_order(kwargs, "decreasing")
}

fn in_order(kwargs: &Kwargs<'_>, direction: &'static str) -> Drafted {
    let name = kwargs.column()?;
    if kwargs.get("row_condition").is_some() {
        return Err(Why::Inexpressible(
            "an order of some rows only has no rule: put those rows into a table of their own",
        ));
    }
    let draft = Draft::of(format!("{name}-{direction}"), direction, Field::Word(words::yaml(name)), &[name]);
    let strict = kwargs.flag("strictly", false)?;
    Ok(vec![if strict { draft.with("strict", Field::Word("true".to_owned())) } else { draft }])
}
