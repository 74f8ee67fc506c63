//! Differences that are on purpose, each by a name and with the line of `docs/dvc-differences.md` that gives the reason.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::{Aspect, Difference};
use super::edit::Effect;
use super::tools::{Wake, overlap};

/// What a round is about: what was edited before it, and what is known of the project.
#[derive(Clone, Debug, Default)]
pub struct Round {
    pub effects: Vec<Effect>,
    /// Outs that were edited or deleted by hand.
    pub hurt: Vec<String>,
    /// Whether the tools have changed places.
    pub is_turned: bool,
    /// Stages that DVC's run cache leaves out: no deps, `persist`, or an out with `cache: false`.
    pub unkept: BTreeSet<String>,
    /// Stages with a `wdir`.
    pub elsewhere: BTreeSet<String>,
    pub frozen: BTreeSet<String>,
    /// Stages of which something was removed.
    pub removed: Wake,
    /// Frozen stages of which an out was edited or deleted.
    pub hurt_frozen: Wake,
    /// Stages with a `persist` out of which an out was edited or deleted.
    pub hurt_persisting: Wake,
    /// The outs of all stages.
    pub made: BTreeSet<String>,
}

/// A difference on purpose.
struct Reason {
    /// The area and the beginning of the line in the document.
    name: &'static str,
    holds: fn(&Difference, &Round) -> bool,
}

const REASONS: [Reason; 15] = [
    Reason { name: "deciding: something that was removed from a stage", holds: is_after_removal },
    Reason { name: "deciding: values that only Python calls equal", holds: is_of_equals },
    Reason { name: "deciding: the flags of an out", holds: is_after_flags },
    Reason { name: "names: stages of files in folders", holds: |difference, _| is_of_names(difference) },
    Reason { name: "dag: `.dvc` files", holds: |difference, _| is_without_dvc_files(difference) },
    Reason { name: "repro: outs of a stage that fails", holds: is_after_failure },
    Reason { name: "status: a stage that reads an out that will be put back", holds: is_put_back },
    Reason { name: "status: a file of parameters that a stage makes was edited", holds: is_unreadable },
    Reason { name: "cache: stages that DVC's run cache leaves out", holds: is_restored },
    Reason { name: "cache: DVC's run cache is not written", holds: is_of_run_cache },
    Reason { name: "run cache: stages with a `wdir`", holds: is_of_another_folder },
    Reason { name: "repro: frozen stages keep their record", holds: is_frozen },
    Reason { name: "repro: frozen stages, an out that is missing or edited", holds: is_frozen_out },
    Reason {
        name: "repro: a `persist` out that was edited",
        holds: |difference, round| is_in(difference, &round.hurt_persisting),
    },
    Reason { name: "repro: what is missing is told before the run", holds: |difference, _| is_told_early(difference) },
];

/// Returns the name of the reason for a difference, if there is one.
pub fn reason(difference: &Difference, round: &Round) -> Option<&'static str> {
    REASONS.iter().find(|reason| (reason.holds)(difference, round)).map(|reason| reason.name)
}

fn is_after_removal(difference: &Difference, round: &Round) -> bool {
    // What reads an out that nobody declares any more does not wait for it, and must not see half of it.
    let is_torn = difference.aspect == Aspect::End && difference.lockgate.contains("changed while it ran");
    // A stage that fails when it runs does so under lockgate alone when only the removal makes it run.
    let fails = |stage: &String| difference.lockgate.contains(&format!("stage {stage}  FAILED"));
    let is_broken = difference.aspect == Aspect::End
        && difference.dvc.starts_with("Ok")
        && round.effects.contains(&Effect::Broken)
        && round.removed.stages.iter().any(fails);
    is_in(difference, &round.removed) || is_broken || (is_torn && !round.removed.stages.is_empty())
}

fn is_in(difference: &Difference, wake: &Wake) -> bool {
    match difference.aspect {
        Aspect::Status | Aspect::Ran | Aspect::Lock => wake.stages.contains(&stage_of(difference)),
        Aspect::Outs => wake.outs.iter().any(|out| overlap(out, &difference.about)),
        Aspect::Refusal | Aspect::Stages | Aspect::Graph | Aspect::End | Aspect::Order | Aspect::Turns => false,
    }
}

/// Returns the stage a difference is about, also where that is said as an entry of a lock.
fn stage_of(difference: &Difference) -> String {
    let Some((file, name)) = difference.about.split_once(": ") else { return difference.about.clone() };
    file.strip_suffix("/dvc.lock").map_or_else(|| name.to_owned(), |folder| format!("{folder}:{name}"))
}

fn is_after_flags(difference: &Difference, round: &Round) -> bool {
    let is_of = |name: &String| difference.about.split(['@', ':']).any(|part| part == name);
    let is_of_it = round.effects.iter().any(|effect| matches!(effect, Effect::Unseen(name) if is_of(name)));
    is_of_it && matches!(difference.aspect, Aspect::Status | Aspect::Ran)
}

fn is_of_equals(difference: &Difference, round: &Round) -> bool {
    let is_unseen = match difference.aspect {
        Aspect::Status => difference.dvc == "up to date",
        Aspect::Ran => difference.dvc == "ran 0 times",
        Aspect::Lock => true,
        Aspect::Refusal
        | Aspect::Stages
        | Aspect::Graph
        | Aspect::End
        | Aspect::Outs
        | Aspect::Order
        | Aspect::Turns => false,
    };
    is_unseen && round.effects.contains(&Effect::Equal)
}

fn is_of_names(difference: &Difference) -> bool {
    difference.aspect == Aspect::Graph && plain_names(&difference.dvc) == difference.lockgate
}

fn plain_names(dot: &str) -> String {
    dot.replace("/dvc.yaml:", ":")
}

fn is_without_dvc_files(difference: &Difference) -> bool {
    let without = |dot: &str| dot.lines().filter(|line| !line.contains(".dvc\"")).collect::<Vec<_>>().join("\n");
    difference.aspect == Aspect::Graph && without(&plain_names(&difference.dvc)) == difference.lockgate.trim_end()
}

fn is_after_failure(difference: &Difference, round: &Round) -> bool {
    round.effects.contains(&Effect::Broken) && difference.aspect == Aspect::Outs && difference.dvc == "(none)"
}

/// Whether DVC names nothing but deps that stages make, which lockgate knows to come back as they were.
fn is_put_back(difference: &Difference, round: &Round) -> bool {
    let Ok(Value::Array(reasons)) = serde_json::from_str(&difference.dvc) else { return false };
    let is_made = |path: &String| round.made.iter().any(|out| overlap(out, path));
    let is_of_made_deps = |reason: &Value| {
        let deps = reason["changed deps"].as_object().filter(|_| reason.as_object().is_some_and(|all| all.len() == 1));
        deps.is_some_and(|deps| deps.keys().all(is_made))
    };
    difference.aspect == Aspect::Status && difference.lockgate == "up to date" && reasons.iter().all(is_of_made_deps)
}

/// Whether DVC cannot say anything because an out that was edited is no file of parameters any more.
fn is_unreadable(difference: &Difference, round: &Round) -> bool {
    let is_of_edited = |path: &String| difference.dvc.contains(&format!("Unable to read parameters from '{path}'"));
    difference.aspect == Aspect::Status && round.hurt.iter().any(is_of_edited)
}

fn ran_only_under_dvc(difference: &Difference) -> bool {
    difference.aspect == Aspect::Ran && difference.lockgate == "ran 0 times"
}

fn is_restored(difference: &Difference, round: &Round) -> bool {
    ran_only_under_dvc(difference) && round.unkept.contains(&difference.about)
}

fn is_of_run_cache(difference: &Difference, round: &Round) -> bool {
    ran_only_under_dvc(difference) && round.is_turned
}

/// Whether only DVC restores what it had made before the tools changed places.
fn is_of_another_folder(difference: &Difference, round: &Round) -> bool {
    let ran_only_here = difference.aspect == Aspect::Ran && difference.dvc == "ran 0 times";
    ran_only_here && round.is_turned && round.elsewhere.contains(&difference.about)
}

fn is_frozen(difference: &Difference, round: &Round) -> bool {
    let is_of_status = difference.aspect == Aspect::Status && difference.lockgate == "up to date";
    (is_of_status || difference.aspect == Aspect::Lock) && round.frozen.contains(&stage_of(difference))
}

fn is_frozen_out(difference: &Difference, round: &Round) -> bool {
    let is_of_end = difference.aspect == Aspect::End && difference.dvc.starts_with("Failed");
    let is_missed = is_of_end && difference.lockgate.starts_with("Ok") && !round.hurt_frozen.stages.is_empty();
    is_missed || is_in(difference, &round.hurt_frozen)
}

/// Whether DVC takes what lockgate refuses, and then fails at it.
fn is_told_early(difference: &Difference) -> bool {
    let fails = ["Failed", "Refused"].iter().any(|end| difference.dvc.starts_with(end));
    let is_refused = difference.aspect == Aspect::Refusal
        || (difference.aspect == Aspect::End && difference.lockgate.starts_with("Refused"));
    fails && is_refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_for_the_stages_it_is_about_only() {
        let stages = BTreeSet::from(["a".to_owned(), "sub:a@1".to_owned()]);
        let round = Round { removed: Wake { stages, outs: BTreeSet::new() }, ..Round::default() };
        let of = |about: &str| reason(&Difference::new(Aspect::Ran, about, "ran 0 times", "ran 1 times"), &round);
        assert_eq!(of("a"), Some("deciding: something that was removed from a stage"));
        assert_eq!(of("sub:a@1"), of("a"));
        assert_eq!(of("b"), None);
        let lock = Difference::new(Aspect::Lock, "sub/dvc.lock: a@1", "x", "y");
        assert_eq!(reason(&lock, &round), of("a"));
    }

    #[test]
    fn a_dep_that_comes_back_is_one_that_a_stage_makes() {
        let round = Round { made: BTreeSet::from(["out".to_owned()]), ..Round::default() };
        let of = |why: &str| reason(&Difference::new(Aspect::Status, "a", why, "up to date"), &round);
        let expected = Some("status: a stage that reads an out that will be put back");
        assert_eq!(of(r#"[{"changed deps": {"out/part": "modified"}}]"#), expected);
        assert_eq!(of(r#"[{"changed deps": {"in.txt": "modified"}}]"#), None);
        assert_eq!(of(r#"[{"changed deps": {"out": "modified"}}, "changed command"]"#), None);
    }

    #[test]
    fn a_graph_without_the_dvc_files_is_on_purpose_and_one_without_a_stage_is_not() {
        let theirs = "strict digraph {\n\"d.dvc\";\n\"sub/dvc.yaml:a\";\n\"d.dvc\" -> \"sub/dvc.yaml:a\";\n}\n";
        let reason_of = |ours: &str| reason(&Difference::new(Aspect::Graph, "", theirs, ours), &Round::default());
        assert_eq!(reason_of("strict digraph {\n\"sub:a\";\n}\n"), Some("dag: `.dvc` files"));
        assert_eq!(reason_of("strict digraph {\n}\n"), None);
    }
}
