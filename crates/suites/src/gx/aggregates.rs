//! Expectations about one number of a column.

use lockgate_spanned::{Node, Value};

use super::kwargs::Kwargs;
use super::values::Drafted;
use super::why::Why;
use crate::draft::{Draft, Field};
use crate::words;

fn bounded(kwargs: &Kwargs<'_>, function: &str) -> Drafted {
    let name = kwargs.column()?;
    let condition = kwargs.bounds()?.of(&format!("{function}({})", words::column(name)));
    Ok(vec![Draft::check(format!("{name}-{}", function.replace('_', "-")), condition, &[name])])
}

pub(super) fn max(kwargs: &Kwargs<'_>) -> Drafted {
    bounded(kwargs, "max")
}

pub(super) fn min(kwargs: &Kwargs<'_>) -> Drafted {
    bounded(kwargs, "min")
}

pub(super) fn mean(kwargs: &Kwargs<'_>) -> Drafted {
    bounded(kwargs, "avg")
}

pub(super) fn median(kwargs: &Kwargs<'_>) -> Drafted {
    bounded(kwargs, "median")
}

pub(super) fn stdev(kwargs: &Kwargs<'_>) -> Drafted {
    bounded(kwargs, "std")
}

pub(super) fn sum(kwargs: &Kwargs<'_>) -> Drafted {
    let name = words::column(kwargs.column()?);
    zero_of_none(kwargs, &format!("sum({name})"), &format!("count({name})"), "sum")
}

/// Writes bounds of a figure that is 0 to Great Expectations where nothing is counted, and null here.
fn zero_of_none(kwargs: &Kwargs<'_>, figure: &str, count: &str, stem: &str) -> Drafted {
    let (name, bounds) = (kwargs.column()?, kwargs.bounds()?);
    let within = bounds.of(figure);
    let condition = if bounds.have_zero() { format!("{count} = 0 or ({within})") } else { within };
    Ok(vec![Draft::check(format!("{name}-{stem}"), condition, &[name])])
}

pub(super) fn n_unique(kwargs: &Kwargs<'_>) -> Drafted {
    bounded(kwargs, "n_unique")
}

pub(super) fn share_unique(kwargs: &Kwargs<'_>) -> Drafted {
    let name = words::column(kwargs.column()?);
    zero_of_none(kwargs, &format!("share_unique({name})"), &format!("count({name})"), "share-unique")
}

pub(super) fn share_not_null(kwargs: &Kwargs<'_>) -> Drafted {
    let name = words::column(kwargs.column()?);
    zero_of_none(kwargs, &format!("count({name}) / count()"), "count()", "share-not-null")
}

pub(super) fn quantiles(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    if kwargs.get("allow_relative_error").and_then(|node| node.as_str()).is_some_and(|how| how != "nearest") {
        return Err(Why::kwarg(
            "allow_relative_error",
            "asks for an interpolation: quantiles here are values of the column",
        ));
    }
    let ranges = kwargs.get("quantile_ranges").ok_or(Why::Missing("quantile_ranges"))?;
    let malformed = || Why::kwarg("quantile_ranges", "needs `quantiles` and as many `value_ranges` of two");
    let items = |key: &str| ranges.get(key).and_then(Node::as_list).unwrap_or_default();
    let (shares, ranges) = (items("quantiles"), items("value_ranges"));
    if shares.is_empty() || shares.len() != ranges.len() {
        return Err(malformed());
    }
    let mut parts = Vec::new();
    for (share, range) in shares.iter().zip(ranges) {
        let quantile = format!("quantile({}, {})", words::column(name), kwargs.literal("quantile_ranges", share)?);
        let Some([low, high]) = range.as_list() else { return Err(malformed()) };
        for (bound, symbol) in [(low, ">="), (high, "<=")] {
            if bound.value != Value::Null {
                parts.push(format!("{quantile} {symbol} {}", kwargs.literal("quantile_ranges", bound)?));
            }
        }
    }
    if parts.is_empty() {
        return Err(Why::kwarg("quantile_ranges", "has no bound"));
    }
    Ok(vec![Draft::check(format!("{name}-quantiles"), parts.join(" and "), &[name])])
}

pub(super) fn distinct_in_set(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    let condition = format!("{} in [{}]", words::column(name), kwargs.literals("value_set")?.join(", "));
    Ok(vec![Draft::check(format!("{name}-distinct-in-set"), condition, &[name])])
}

/// Each value of the set is there: of the rows with one of them, there are as many different ones as the set has.
pub(super) fn distinct_contain(kwargs: &Kwargs<'_>) -> Drafted {
    let name = kwargs.column()?;
    let values = different(kwargs.literals("value_set")?);
    let condition = format!("n_unique({}) = {}", words::column(name), values.len());
    let draft = Draft::check(format!("{name}-distinct-contain"), condition, &[name]);
    Ok(vec![draft.with("when", Field::Text(format!("{} in [{}]", words::column(name), values.join(", "))))])
}

/// No other value is there, and each of the set is: two rules.
pub(super) fn distinct_equal(kwargs: &Kwargs<'_>) -> Drafted {
    Ok([distinct_in_set(kwargs)?, distinct_contain(kwargs)?].concat())
}

fn different(mut values: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}
