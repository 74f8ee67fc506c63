//! Why a task would run: every reason with what was and what is, and what its key covers.

use std::fmt::Write as _;

use lockgate_spanned::Style;
use serde_json::{Value, json};

use super::json::to_value;
use super::paint::{Ink, paint};
use super::status::origin;
use crate::fingerprint::{Field, Recipe};
use crate::lock::Entry;
use crate::plan::{Decision, Reason};
use crate::words::TaskId;
use crate::words::text::inert;

/// What is told of one task.
#[derive(Clone, Copy, Debug)]
pub struct Explained<'a> {
    pub task: &'a TaskId,
    pub decision: &'a Decision,
    /// What the lock holds of its last success.
    pub locked: Option<&'a Entry>,
}

/// Draws the decision, its reasons, and the fields of the recipe that was last published.
pub fn render(explained: &Explained<'_>, style: Style) -> String {
    let Explained { task, decision, locked } = explained;
    let mut text = format!("{}  {}\n", paint(style, Ink::Strong, &inert(&task.to_string())), headline(decision));
    for reason in decision.reasons() {
        text.push_str(&block(reason, style));
    }
    if let Decision::Blocked { by } = decision {
        for blocker in by {
            writeln!(text, "  {}", inert(&blocker.to_string())).unwrap_or_default();
        }
    }
    if let Some(entry) = locked {
        text.push_str(&covers(&entry.recipe, style));
    }
    text
}

/// Returns the same as one JSON value.
pub fn to_json(explained: &Explained<'_>) -> Value {
    let recipe = explained.locked.map(|entry| &entry.recipe);
    json!({
        "v": 1,
        "task": explained.task.to_string(),
        "decision": to_value(explained.decision),
        "locked_key": recipe.map(|recipe| recipe.key().to_string()),
        "locked": recipe.map(|recipe| recipe.fields().iter().map(|(label, field)| json!({
            "field": label.to_string(), "value": field.to_string(),
        })).collect::<Vec<_>>()),
    })
}

fn headline(decision: &Decision) -> String {
    match decision {
        Decision::Fresh => "is fresh: nothing it is made of has changed, and its outputs are in place".to_owned(),
        Decision::Held(held) => format!("is held: it {}", inert(&held.to_string())),
        Decision::Adopt { .. } => "is up to date, and would be adopted without running, because".to_owned(),
        Decision::Restore { from, .. } => format!("would be restored {}, because", origin(*from)),
        Decision::Run { .. } => "would run, because".to_owned(),
        Decision::Pending { on } => {
            let names: Vec<String> = on.iter().map(|task| format!("`{}`", inert(&task.to_string()))).collect();
            format!("may run: that is known after {}", crate::words::text::list(&names))
        }
        Decision::Refused { verdict } => {
            format!("refuses the data: {}, {}", verdict.state.word(), inert(&verdict.summary))
        }
        Decision::Blocked { .. } => "is blocked, because".to_owned(),
    }
}

fn block(reason: &Reason, style: Style) -> String {
    let Reason::Changed(change) = reason else {
        return format!("  {}\n", inert(&reason.to_string()));
    };
    let (was, now) = (side(change.was.as_ref()), side(change.now.as_ref()));
    let word = |word| paint(style, Ink::Faint, word);
    let head = match (&change.was, &change.now) {
        (None, Some(_)) => "is new",
        (Some(_), None) => "is gone",
        (Some(_), Some(_)) | (None, None) => "changed",
    };
    let mut text = format!("  {} {head}\n", inert(&change.label.to_string()));
    for (name, side) in [("was", was), ("now", now)] {
        let Some((first, rest)) = side.split_first() else { continue };
        writeln!(text, "      {}  {first}", word(name)).unwrap_or_default();
        for line in rest {
            writeln!(text, "           {line}").unwrap_or_default();
        }
    }
    text
}

/// One line per command, else the value on one line.
fn side(field: Option<&Field>) -> Vec<String> {
    match field {
        None => Vec::new(),
        Some(Field::Lines(lines)) => lines.iter().flat_map(|line| line.lines()).map(inert).collect(),
        Some(
            field @ (Field::Kind(_)
            | Field::Path(_)
            | Field::Content(_)
            | Field::Value(_)
            | Field::Env(_)
            | Field::Flags(_)
            | Field::Digest(_)
            | Field::Number(_)),
        ) => vec![inert(&field.to_string())],
    }
}

fn covers(recipe: &Recipe, style: Style) -> String {
    let fields = recipe.fields();
    let rows: Vec<(String, String)> =
        fields.iter().map(|(label, field)| (inert(&label.to_string()), inert(&field.to_string()))).collect();
    let widest = rows.iter().map(|(label, _)| super::table::width(label)).max().unwrap_or(0);
    let head = format!("the key of its last success, {}, covers", recipe.key().short());
    let mut text = format!("\n{}\n", paint(style, Ink::Faint, &head));
    for (label, field) in rows {
        let room = style.width.saturating_sub(widest + 4).max(20);
        writeln!(text, "  {label:<widest$}  {}", super::table::cut(&field, room, style)).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::fingerprint::{OutFlags, RecipeKind};
    use crate::lock::Verdict;
    use crate::pipeline::{OutKind, Value as Param};
    use crate::plan::{Blocker, Origin, Plan, Planned};
    use crate::report::paint::tests::PLAIN;
    use crate::report::status;
    use crate::words::GateState;
    use crate::words::{Content, Digest, FileMode, NodeName, Place, RelPath};

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("a path")
    }

    fn task(name: &str) -> TaskId {
        TaskId::whole(RelPath::root(), NodeName::new(name))
    }

    fn place(text: &str) -> Place {
        Place::parse(text).expect("a path")
    }

    fn file(text: &str) -> Content {
        Content::File { digest: Digest::of(text.as_bytes()), mode: FileMode::Plain }
    }

    fn recipe() -> Recipe {
        Recipe {
            kind: RecipeKind::Stage,
            cmd: vec!["python train.py".into()],
            wdir: RelPath::root(),
            deps: [(place("data/a.csv"), file("1"))].into(),
            params: [(path("params.yaml"), [("lr".to_owned(), Param::Float(0.1))].into())].into(),
            env: BTreeMap::new(),
            outs: [(place("model.bin"), OutFlags { kind: OutKind::Data, cache: true, persist: false })].into(),
            data: BTreeMap::new(),
            rules: None,
            degraded: BTreeSet::new(),
        }
    }

    fn changed() -> Vec<Reason> {
        let mut now = recipe();
        now.cmd = vec!["python train.py --fast".into(), "gzip model".into()];
        now.deps = [(place("data/a.csv"), file("2")), (place("data/b.csv"), file("3"))].into();
        now.params.clear();
        recipe().diff(&now).into_iter().map(Reason::Changed).collect()
    }

    #[test]
    fn every_reason_says_what_was_and_what_is() {
        let entry = Entry { recipe: recipe(), outs: BTreeMap::new(), verdict: None };
        let decision = Decision::Run { reasons: changed() };
        let explained = Explained { task: &task("train"), decision: &decision, locked: Some(&entry) };
        insta::assert_snapshot!(render(&explained, PLAIN), @"
        train  would run, because
          command changed
              was  python train.py
              now  python train.py --fast
                   gzip model
          dep `data/a.csv` changed
              was  file d63bd9a826
              now  file 813e9b7291
          dep `data/b.csv` is new
              now  file 58d6fd3dc6
          param `lr` of `params.yaml` is gone
              was  0.1

        the key of its last success, 7d18c67b71, covers
          kind of work                 stage
          command                      `python train.py`
          working folder               `.`
          dep `data/a.csv`             file d63bd9a826
          param `lr` of `params.yaml`  0.1
          out `model.bin`              out
        ");
    }

    #[test]
    fn a_listing_shows_the_first_reason_of_each_task() {
        let verdict = Verdict { state: GateState::Fail, summary: "3 of 21 rules failed".into() };
        let decisions = [
            ("load", Decision::Fresh),
            ("clean", Decision::Restore { from: Origin::RunCache, reasons: changed() }),
            ("validate", Decision::Refused { verdict }),
            ("train", Decision::Run { reasons: vec![Reason::NeverRun] }),
            ("predict", Decision::Pending { on: vec![task("train")] }),
            ("publish", Decision::Blocked { by: vec![Blocker::Gate { gate: task("validate") }] }),
        ];
        let tasks =
            decisions.map(|(name, decision)| Planned { task: task(name), decision, degraded: BTreeSet::new() }).into();
        let plan = Plan { tasks, data: Vec::new() };
        insta::assert_snapshot!(format!("{}{}", status::render(&plan, PLAIN), status::footer(&plan)), @"
        task      decision  because
        load      fresh
        clean     restore   from the run cache: command changed: `python train.py` -> `python train.py --fa…
        validate  refused   fail: 3 of 21 rules failed
        train     run       it has no entry in the lock
        predict   may run   `train` will run first
        publish   blocked   gate `validate` does not pass
        1 run, 1 may run, 1 restore, 1 refused, 1 blocked, 1 fresh
        ");
        insta::assert_snapshot!(status::to_json(&Plan { tasks: plan.tasks[3..5].into(), data: Vec::new() }), @r#"{"v":1,"fresh":false,"tasks":[{"task":"train","decision":{"do":"run","reasons":[{"reason":"never_run"}]}},{"task":"predict","decision":{"do":"pending","on":["train"]}}]}"#);
    }
}
