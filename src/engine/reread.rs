//! Whether what a stage reads is still what it was decided by.

use std::collections::BTreeMap;

use super::full::cause_of;
use super::work::{Shop, StageJob, failure};
use crate::event::{Failure, FailureCause};
use crate::observe::ObserveError;
use crate::pipeline::Node;
use crate::words::{Content, Place, RelPath, Spot, TaskId};

/// What may not change while a stage reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub path: Place,
    /// The task that has settled it.
    pub by: TaskId,
    pub act: Act,
}

/// How a task settles what others read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Judges,
    Makes,
}

impl Act {
    pub fn of(node: &Node) -> Self {
        if node.gate().is_some() { Self::Judges } else { Self::Makes }
    }
}

/// Fails when something that is settled was edited before the stage begins.
pub(super) fn nothing_edited(shop: &Shop, job: &StageJob) -> Result<(), Failure> {
    for (path, expected) in &job.recipe.deps {
        let settled = job.settled.iter().filter(|settled| settled.path.overlaps(path));
        let Some(by) = settled.min_by_key(|settled| settled.act) else { continue };
        match shop.observer.observe(path) {
            Ok(Some(now)) if now == *expected => {}
            Ok(Some(_)) => return Err(edited(path, "edited", by)),
            Ok(None) => return Err(edited(path, "removed", by)),
            // Whoever reads it says why it cannot be read.
            Err(_) => {}
        }
    }
    Ok(())
}

fn edited(path: &Place, how: &str, Settled { by, act, .. }: &Settled) -> Failure {
    let (when, next) = match act {
        Act::Judges => (format!("gate `{by}` had judged other bytes"), "the gate judges it as it is now"),
        Act::Makes => (format!("`{by}` had made other bytes"), "what the stage made comes back"),
    };
    Failure {
        help: Some(format!("run `lockgate repro` again: {next}")),
        ..failure(
            FailureCause::InputChanged,
            format!("`{path}` was {how} after the run began, and {when}; its command was not started"),
        )
    }
}

/// What is read before anything runs means other work by now.
pub(super) fn text_edited(text: &RelPath) -> Failure {
    Failure {
        help: Some("run `lockgate repro` again: it reads the file anew".into()),
        ..failure(
            FailureCause::InputChanged,
            format!("`{text}` was edited after the run began; its command was not started"),
        )
    }
}

pub(super) fn input_changed<'p>(path: impl Into<Spot<'p>>) -> Failure {
    let path = path.into();
    Failure {
        help: Some("stop what writes to it, or make it an output of a stage; then run `lockgate repro` again".into()),
        ..failure(FailureCause::InputChanged, format!("its input `{path}` changed while it ran"))
    }
}

pub(super) fn read_deps(shop: &Shop, deps: &BTreeMap<Place, Content>) -> Result<BTreeMap<Place, Content>, Failure> {
    let mut now = BTreeMap::new();
    for path in deps.keys() {
        match shop.observer.observe(path) {
            Ok(Some(content)) => drop(now.insert(path.clone(), content)),
            Ok(None) | Err(ObserveError::Changed { .. }) => return Err(input_changed(path)),
            Err(error) => return Err(failure(cause_of(error.disk()), error.to_string())),
        }
    }
    Ok(now)
}
