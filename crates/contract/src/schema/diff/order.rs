//! Which of two bounds allows less: `Greater` for the stricter one, `None` when neither allows all that the other does.

use std::cmp::Ordering;

use crate::schema::ast::{Counts, End, Range};
use crate::schema::tolerance::{Allow, Tolerance};
use crate::value::Literal;

/// Joins two comparisons: two that agree, or of which one is equal, give one; others cannot be told.
pub(super) fn both(one: Option<Ordering>, other: Option<Ordering>) -> Option<Ordering> {
    match (one?, other?) {
        (one, Ordering::Equal) => Some(one),
        (Ordering::Equal, other) => Some(other),
        (one, other) if one == other => Some(one),
        _ => None,
    }
}

pub(super) fn ranges(now: &Range, was: &Range) -> Option<Ordering> {
    let side = |now: &Option<Literal>, was: &Option<Literal>| match (now, was) {
        (None, None) => Some(Ordering::Equal),
        (Some(_), None) => Some(Ordering::Greater),
        (None, Some(_)) => Some(Ordering::Less),
        (Some(now), Some(was)) => now.order(was),
    };
    let high = match side(&now.high, &was.high) {
        // The greater upper bound is the looser one, and of two equal ones the one that belongs to the range.
        Some(Ordering::Equal) => Some((now.end == End::Excluded).cmp(&(was.end == End::Excluded))),
        order if now.high.is_some() && was.high.is_some() => order.map(Ordering::reverse),
        order => order,
    };
    both(side(&now.low, &was.low), high)
}

pub(super) fn sets(now: &[Literal], was: &[Literal]) -> Option<Ordering> {
    let is_within = |some: &[Literal], all: &[Literal]| some.iter().all(|value| all.contains(value));
    match (is_within(now, was), is_within(was, now)) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Greater),
        (false, true) => Some(Ordering::Less),
        (false, false) => None,
    }
}

pub(super) fn counts(now: Counts, was: Counts) -> Option<Ordering> {
    let high = |counts: Counts| counts.high.unwrap_or(u64::MAX);
    both(Some(now.low.cmp(&was.low)), Some(high(was).cmp(&high(now))))
}

/// A level that only warns or informs is looser than one that fails.
pub(super) fn tolerances(now: &Tolerance, was: &Tolerance) -> Option<Ordering> {
    let warned = match (now.warn_above, was.warn_above) {
        (None, None) => Some(Ordering::Equal),
        (Some(_), None) => Some(Ordering::Greater),
        (None, Some(_)) => Some(Ordering::Less),
        (Some(now), Some(was)) => allowed(now, was),
    };
    both(both(allowed(now.allow, was.allow), warned), Some(now.level.rank().cmp(&was.level.rank())))
}

fn allowed(now: Allow, was: Allow) -> Option<Ordering> {
    // Zero is the same however it is counted.
    if now.is_nothing() || was.is_nothing() {
        return Some(now.is_nothing().cmp(&was.is_nothing()));
    }
    match (now, was) {
        (Allow::Rows(now), Allow::Rows(was)) => Some(was.cmp(&now)),
        (Allow::Percent(now), Allow::Percent(was)) => was.partial_cmp(&now),
        (Allow::Mostly(now), Allow::Mostly(was)) => now.partial_cmp(&was),
        (Allow::Rows(_) | Allow::Percent(_) | Allow::Mostly(_), _) => None,
    }
}
