//! The records of waivers and approvals: their text, and on what they count.

use std::collections::BTreeMap;

use jiff::civil::date;
use lockgate_spanned::{Charset, Style};

use super::*;
use crate::lock::sample;
use crate::words::{Digest, TaskId};

fn waiver(recipe: &crate::fingerprint::Recipe) -> Waiver {
    Waiver {
        gate: "validate".into(),
        rule: "week range 1..22".into(),
        rules: recipe.rules_key(),
        data: Scope::Exactly(recipe.data.clone()),
        reason: "the \"week 23\" of the strike: one season only".into(),
        given: date(2026, 11, 22),
        until: date(2026, 12, 1),
    }
}

fn gate() -> (TaskId, crate::fingerprint::Recipe) {
    let gate = sample::task("validate");
    let lock = sample::golden();
    let found = lock.in_order().into_iter().find(|(_, entry)| entry.recipe.rules.is_some());
    (gate, found.expect("the sample has a gate").1.recipe.clone())
}

#[test]
fn a_waiver_that_was_written_is_read_as_it_was() {
    let (_, recipe) = gate();
    let text = with_waiver(&with_waiver("", &waiver(&recipe)), &Waiver { data: Scope::Any, ..waiver(&recipe) });
    let read = read_waivers("w.yaml", &text).expect("what was written can be read");
    assert_eq!(read, [waiver(&recipe), Waiver { data: Scope::Any, ..waiver(&recipe) }]);
}

#[test]
fn a_waiver_counts_for_its_data_its_rules_and_its_days() {
    let (task, recipe) = gate();
    let consents = Consents { waivers: vec![waiver(&recipe)], approvals: Vec::new() };
    let count = |recipe: &crate::fingerprint::Recipe, day: i8, month: i8| {
        let grounds = Grounds { gate: &task, recipe, today: date(2026, month, day) };
        (consents.on(grounds).waivers.len(), consents.idle_on(grounds).concat())
    };
    assert_eq!(count(&recipe, 1, 12), (1, String::new()));
    assert_eq!(count(&recipe, 2, 12).1, "the waiver of `week range 1..22` does not count: it expired on 2026-12-01");
    assert_eq!(
        count(&recipe, 20, 11).1,
        "the waiver of `week range 1..22` does not count: it counts from 2026-11-22 on"
    );
    let mut edited = recipe.clone();
    edited.rules.as_mut().expect("a gate has rules").digest = Digest::of(b"other");
    assert_eq!(count(&edited, 1, 12).1, "the waiver of `week range 1..22` does not count: the rules were edited since");
    let other = crate::fingerprint::Recipe { data: BTreeMap::new(), ..recipe };
    assert_eq!(count(&other, 1, 12).1, "the waiver of `week range 1..22` does not count: it was given for other data");
}

#[test]
fn an_approval_counts_for_exactly_its_inputs() {
    let (task, recipe) = gate();
    let approval = Approval {
        gate: "validate".into(),
        inputs: recipe.key(),
        data: recipe.data.clone(),
        reason: "looked at the confusion matrix".into(),
        given: date(2026, 11, 22),
    };
    let text = with_approval("# ours\napprovals:\n", &approval);
    let approvals = read_approvals("a.yaml", &text).expect("what was written can be read");
    assert_eq!(approvals, std::slice::from_ref(&approval));
    assert!(text.starts_with("# ours\n"), "comments stay: {text}");
    let consents = Consents { waivers: Vec::new(), approvals };
    let today = date(2026, 11, 23);
    assert_eq!(consents.on(Grounds { gate: &task, recipe: &recipe, today }).approval, Some(&approval));
    let other = crate::fingerprint::Recipe { data: BTreeMap::new(), ..recipe };
    assert_eq!(consents.on(Grounds { gate: &task, recipe: &other, today }).approval, None);
}

#[test]
fn mistakes_in_records_are_errors_with_their_places() {
    let text =
        "waivers:\n  - gate: validate\n    rule: [x]\n    rules: zz\n    data: some\n    reson: x\n    given: soon\n";
    let problems = read_waivers(".lockgate/waivers.yaml", text).expect_err("nothing of it is right");
    let style = Style { width: 80, colour: false, charset: Charset::Unicode };
    insta::assert_snapshot!(problems.render(style));
}
