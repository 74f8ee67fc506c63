//! The plan as a listing: what would be done with each task, and the first reason.

use std::collections::BTreeSet;

use lockgate_spanned::Style;
use serde_json::{Value, json};

use super::json::to_value;
use super::paint::Ink;
use super::table::{Cell, Table};
use crate::plan::{Datum, DatumState, Decision, Origin, Plan, Planned};
use crate::words::text::{inert, list, plural};

/// The version of the JSON form.
const VERSION: u32 = 1;

/// Draws one row per task.
pub fn render(plan: &Plan, style: Style) -> String {
    let mut table = Table::new(&["task", "decision", "because"]);
    for datum @ Datum { path, state, .. } in &plan.data {
        let (ink, because) = stands(datum);
        table.row([inert(path.as_str()).into(), Cell::inked(ink, state.word()), because.into()]);
    }
    for planned in &plan.tasks {
        let word = Cell::inked(ink(&planned.decision), planned.decision.word());
        table.row([inert(&planned.task.to_string()).into(), word, told(planned).into()]);
    }
    table.render(style)
}

/// Returns how data stands, in words.
fn stands(datum: &Datum) -> (Ink, String) {
    let file = inert(datum.tracked_by.as_str());
    match datum.state {
        DatumState::AsRecorded => (Ink::Faint, String::new()),
        DatumState::Edited => (Ink::Faint, format!("as it was edited: `{file}` records another version")),
        DatumState::Returns => (Ink::Good, format!("from DVC's cache: it is missing, and `{file}` tracks it")),
        DatumState::Lost => (Ink::Bad, format!("it is missing, and DVC's cache does not have what `{file}` records")),
    }
}

/// Returns the counts of the plan: `2 run, 1 may run, 6 fresh`.
pub fn counts(plan: &Plan) -> String {
    let words = ["run", "may run", "restore", "refused", "blocked", "held", "adopt", "fresh"];
    let data = |word: &str| plan.data.iter().filter(|datum| datum.state.word() == word).count();
    let tasks = |word: &str| plan.tasks.iter().filter(|planned| planned.decision.word() == word).count();
    let count = |word: &str| tasks(word) + data(word);
    let parts: Vec<String> = words
        .iter()
        .map(|word| (count(word), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() { "no tasks".to_owned() } else { parts.join(", ") }
}

/// Returns the plan as one JSON value.
pub fn to_json(plan: &Plan) -> Value {
    let mut value = json!({ "v": VERSION, "fresh": plan.is_fresh() });
    if !plan.data.is_empty() {
        value["data"] = to_value(&plan.data);
    }
    value["tasks"] = to_value(&plan.tasks);
    value
}

fn ink(decision: &Decision) -> Ink {
    match decision {
        Decision::Fresh | Decision::Held(_) => Ink::Faint,
        Decision::Adopt { .. } | Decision::Restore { .. } => Ink::Good,
        Decision::Run { .. } | Decision::Pending { .. } => Ink::Caution,
        Decision::Refused { .. } | Decision::Blocked { .. } => Ink::Bad,
    }
}

/// Returns why, and by which gates what the task makes is degraded.
fn told(planned: &Planned) -> String {
    let because = because(&planned.decision);
    if planned.degraded.is_empty() || matches!(planned.decision, Decision::Blocked { .. }) {
        return because;
    }
    let degraded = format!("degraded by {}", gates(&planned.degraded));
    if because.is_empty() { degraded } else { format!("{because}; {degraded}") }
}

fn gates<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", inert(name))).collect();
    list(&names)
}

/// Returns the first reason and how many more there are.
fn because(decision: &Decision) -> String {
    let (first, n_all) = match decision {
        Decision::Fresh => (None, 0),
        Decision::Held(held) => (Some(held.to_string()), 1),
        Decision::Pending { on } => (on.first().map(|task| format!("`{task}` will run first")), on.len()),
        Decision::Adopt { reasons } | Decision::Restore { reasons, .. } | Decision::Run { reasons } => {
            first_of(reasons)
        }
        Decision::Refused { verdict } => (Some(format!("{}: {}", verdict.state.word(), verdict.summary)), 1),
        Decision::Blocked { by } => first_of(by),
    };
    let from =
        if let Decision::Restore { from, .. } = decision { format!("{}: ", origin(*from)) } else { String::new() };
    let more = if n_all > 1 { format!("  +{} more", n_all - 1) } else { String::new() };
    first.map(|first| format!("{from}{}{more}", inert(&first))).unwrap_or_default()
}

fn first_of(items: &[impl ToString]) -> (Option<String>, usize) {
    (items.first().map(ToString::to_string), items.len())
}

/// Returns where restored outputs come from, in words.
pub const fn origin(from: Origin) -> &'static str {
    match from {
        Origin::Lock => "from the store",
        Origin::RunCache => "from the run cache",
        Origin::Refused => "from quarantine, to be judged again",
        Origin::DvcCache => "from DVC's cache",
    }
}

/// Returns the last line of a listing, for standard error.
pub fn footer(plan: &Plan) -> String {
    let degraded: BTreeSet<&String> = plan.tasks.iter().flat_map(|planned| &planned.degraded).collect();
    let way_out = if degraded.is_empty() {
        String::new()
    } else {
        let show: Vec<String> = degraded.iter().map(|gate| format!("`lockgate gate show {}`", inert(gate))).collect();
        format!("degraded until {} passes: {} says why\n", gates(degraded), list(&show))
    };
    let is_adopted = |planned: &Planned| matches!(planned.decision, Decision::Adopt { .. });
    if plan.is_fresh() && plan.tasks.is_empty() && !plan.data.is_empty() {
        "the data is in place\n".to_owned()
    } else if plan.is_fresh() && !plan.tasks.iter().any(is_adopted) {
        format!("{way_out}everything is fresh: {}\n", plural(plan.tasks.len(), "task"))
    } else if plan.is_fresh() {
        format!("{way_out}everything is up to date: {}\n", counts(plan))
    } else {
        format!("{way_out}{}\n", counts(plan))
    }
}
