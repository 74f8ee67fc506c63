//! Expectations about several columns of a row.
//!
//! `ignore_row_if` says which rows are left out for their nulls. In the others a null is a value that is equal to nothing
//! and greater than nothing, so the conditions ask for the nulls first.

use lockgate_spanned::Node;

use super::kwargs::Kwargs;
use super::values::Drafted;
use super::why::Why;
use crate::draft::{Draft, Field};
use crate::words;

/// Which rows are left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ignored {
    /// Those with a null in any of the columns.
    Any,
    /// Those with a null in all of them.
    All,
    None,
}

fn ignored(kwargs: &Kwargs<'_>, default: Ignored) -> Result<Ignored, Why> {
    match kwargs.text("ignore_row_if")? {
        None => Ok(default),
        Some("either_value_is_missing" | "any_value_is_missing") => Ok(Ignored::Any),
        Some("both_values_are_missing" | "all_values_are_missing") => Ok(Ignored::All),
        Some("neither" | "never") => Ok(Ignored::None),
        Some(_) => Err(Why::kwarg("ignore_row_if", "is not known")),
    }
}

/// Makes a rule of a condition that is null when one of the columns is.
fn on_row(stem: &str, condition: &str, columns: &[&str], ignored: Ignored) -> Draft {
    let stem = format!("{}-{stem}", columns.join("-"));
    let nulls = |what: &str, join: &str| {
        let each: Vec<String> = columns.iter().map(|name| format!("{} is {what}", words::column(name))).collect();
        each.join(join)
    };
    match ignored {
        // A single comparison with a null is null, and the row is left out; several may be false all the same.
        Ignored::Any if condition.contains(" and ") => {
            Draft::check(stem, condition, columns).with("when", Field::Text(nulls("not null", " and ")))
        }
        Ignored::Any => Draft::check(stem, condition, columns),
        Ignored::All | Ignored::None => {
            let condition = if condition.contains(" or ") { format!("({condition})") } else { condition.to_owned() };
            let draft = Draft::check(stem, format!("{} and {condition}", nulls("not null", " and ")), columns);
            let when = || Field::Text(nulls("not null", " or "));
            if ignored == Ignored::All { draft.with("when", when()) } else { draft }
        }
    }
}

fn pair<'a>(kwargs: &Kwargs<'a>) -> Result<[&'a str; 2], Why> {
    Ok([kwargs.needed_text("column_A")?, kwargs.needed_text("column_B")?])
}

pub(super) fn greater(kwargs: &Kwargs<'_>) -> Drafted {
    let columns = pair(kwargs)?;
    let symbol = if kwargs.flag("or_equal", false)? { ">=" } else { ">" };
    let condition = format!("{} {symbol} {}", words::column(columns[0]), words::column(columns[1]));
    Ok(vec![on_row("greater", &condition, &columns, ignored(kwargs, Ignored::All)?)])
}

pub(super) fn equal(kwargs: &Kwargs<'_>) -> Drafted {
    let columns = pair(kwargs)?;
    let condition = format!("{} = {}", words::column(columns[0]), words::column(columns[1]));
    Ok(vec![on_row("equal", &condition, &columns, ignored(kwargs, Ignored::All)?)])
}

pub(super) fn pair_in_set(kwargs: &Kwargs<'_>) -> Drafted {
    let columns = pair(kwargs)?;
    let mut members = Vec::new();
    for member in kwargs.list("value_pairs_set")? {
        let Some([one, other]) = member.as_list() else {
            return Err(Why::kwarg("value_pairs_set", "needs pairs of values"));
        };
        let side = |name: &str, node: &Node| -> Result<String, Why> {
            Ok(format!("{} = {}", words::column(name), kwargs.literal("value_pairs_set", node)?))
        };
        members.push(format!("({} and {})", side(columns[0], one)?, side(columns[1], other)?));
    }
    Ok(vec![on_row("in-set", &members.join(" or "), &columns, ignored(kwargs, Ignored::All)?)])
}

pub(super) fn compound_unique(kwargs: &Kwargs<'_>) -> Drafted {
    let columns = kwargs.texts("column_list")?;
    let names = columns.iter().map(|&name| name.to_owned()).collect();
    let draft = Draft::of(format!("{}-unique", columns.join("-")), "unique", Field::Names(names), &columns);
    let nulls = match ignored(kwargs, Ignored::All)? {
        Ignored::Any => return Ok(vec![draft]),
        Ignored::All => "ignored_together",
        Ignored::None => "counted",
    };
    Ok(vec![draft.with("nulls", Field::Word(nulls.to_owned()))])
}

/// Rows with a null are refused here but for the ones that are left out: with one null, two values are compared to nothing.
pub(super) fn different_within_row(kwargs: &Kwargs<'_>) -> Drafted {
    pairwise(kwargs, "different", "<>")
}

pub(super) fn same_within_row(kwargs: &Kwargs<'_>) -> Drafted {
    pairwise(kwargs, "same", "=")
}

fn pairwise(kwargs: &Kwargs<'_>, stem: &str, symbol: &str) -> Drafted {
    let columns = kwargs.texts("column_list")?;
    only_whole_rows(kwargs)?;
    let mut parts = Vec::new();
    for (at, one) in columns.iter().enumerate() {
        for other in &columns[at + 1..] {
            parts.push(format!("{} {symbol} {}", words::column(one), words::column(other)));
        }
    }
    if parts.is_empty() {
        return Err(Why::kwarg("column_list", "needs two columns or more"));
    }
    Ok(vec![on_row(stem, &parts.join(" and "), &columns, Ignored::Any)])
}

pub(super) fn sum(kwargs: &Kwargs<'_>) -> Drafted {
    let columns = kwargs.texts("column_list")?;
    only_whole_rows(kwargs)?;
    let total = kwargs.literal("sum_total", kwargs.get("sum_total").ok_or(Why::Missing("sum_total"))?)?;
    let terms: Vec<String> = columns.iter().map(|name| words::column(name)).collect();
    Ok(vec![on_row("sum", &format!("{} = {total}", terms.join(" + ")), &columns, Ignored::Any)])
}

fn only_whole_rows(kwargs: &Kwargs<'_>) -> Result<(), Why> {
    if ignored(kwargs, Ignored::All)? == Ignored::Any {
        return Ok(());
    }
    let reason = "it computes with rows that have nulls in some of the columns: with `ignore_row_if: any_value_is_missing` it can be said";
    Err(Why::Inexpressible(reason))
}
