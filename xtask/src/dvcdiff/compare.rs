//! What differs between what the two tools came to. Nothing here touches the disk.

use std::collections::{BTreeMap, BTreeSet};

use super::tools::{End, Ran, Resolved, Stale, Status};

/// In which respect the tools differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// One refuses what the other takes.
    Refusal,
    Stages,
    Graph,
    Status,
    End,
    Ran,
    Outs,
    Lock,
    /// The order of the entries of a lock.
    Order,
    /// What is up to date for one is not for the other in the same folder.
    Turns,
}

/// A difference, with both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub aspect: Aspect,
    /// The stage or path it is about; empty where it is about the whole.
    pub about: String,
    pub dvc: String,
    pub lockgate: String,
}

/// What a run left, beside what it says itself.
#[derive(Clone, Debug)]
pub struct Left {
    pub ran: Ran,
    /// The content of outs by path.
    pub outs: BTreeMap<String, String>,
    /// The text of every `dvc.lock` by path.
    pub locks: BTreeMap<String, String>,
}

impl Difference {
    pub fn new(aspect: Aspect, about: &str, dvc: impl Into<String>, lockgate: impl Into<String>) -> Self {
        Self { aspect, about: about.to_owned(), dvc: dvc.into(), lockgate: lockgate.into() }
    }
}

/// Compares stages and graph.
pub fn resolved(dvc: &Resolved, lockgate: &Resolved) -> Vec<Difference> {
    let mut differences = by_key(Aspect::Stages, &dvc.stages, &lockgate.stages);
    if dvc.dot != lockgate.dot {
        differences.push(Difference::new(Aspect::Graph, "", &dvc.dot, &lockgate.dot));
    }
    differences
}

/// Compares what is not up to date. What only follows something else is no business of DVC's.
pub fn status(dvc: &Status, lockgate: &Status) -> Vec<Difference> {
    let names: BTreeSet<&String> = dvc.keys().chain(lockgate.keys()).collect();
    let told = |stale: Option<&Stale>| match stale {
        None => "up to date".to_owned(),
        Some(Stale::Follows) => "follows".to_owned(),
        Some(Stale::Itself(why)) => why.clone(),
    };
    let differs = |name: &&&String| {
        matches!((dvc.get(**name), lockgate.get(**name)), (Some(_), None) | (None, Some(Stale::Itself(_))))
    };
    let of = |name: &String| Difference::new(Aspect::Status, name, told(dvc.get(name)), told(lockgate.get(name)));
    names.iter().filter(differs).map(|name| of(name)).collect()
}

/// Compares what two runs left.
pub fn left(dvc: &Left, lockgate: &Left) -> Vec<Difference> {
    let (theirs, ours) = (&dvc.ran, &lockgate.ran);
    let told = |ran: &Ran| format!("{:?}\n{}", ran.end, if ran.end == End::Ok { "" } else { &ran.said });
    let mut differences = Vec::new();
    if theirs.end != ours.end {
        differences.push(Difference::new(Aspect::End, "", told(theirs), told(ours)));
    }
    if ours.end == End::Refused || theirs.end == End::Refused {
        return differences;
    }
    let names: BTreeSet<&String> = theirs.stages.iter().chain(&ours.stages).collect();
    let times = |ran: &Ran, name: &String| ran.stages.iter().filter(|each| *each == name).count();
    for name in names.into_iter().filter(|name| times(theirs, name) != times(ours, name)) {
        let told = |ran: &Ran| format!("ran {} times", times(ran, name));
        differences.push(Difference::new(Aspect::Ran, name, told(theirs), told(ours)));
    }
    differences.extend(by_key(Aspect::Outs, &dvc.outs, &lockgate.outs));
    differences.extend(locks(Aspect::Lock, &dvc.locks, &lockgate.locks));
    differences
}

/// Compares the texts of locks entry by entry, and then the order of those entries that both have.
pub fn locks(aspect: Aspect, dvc: &BTreeMap<String, String>, lockgate: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let paths: BTreeSet<&String> = dvc.keys().chain(lockgate.keys()).collect();
    for path in paths {
        let of = |side: &BTreeMap<String, String>| entries(side.get(path).map_or("", String::as_str));
        let (theirs, ours) = (of(dvc), of(lockgate));
        let by_name = |entries: &[(String, String)]| -> BTreeMap<String, String> {
            entries.iter().map(|(name, text)| (format!("{path}: {name}"), text.clone())).collect()
        };
        differences.extend(by_key(aspect, &by_name(&theirs), &by_name(&ours)));
        let names = |entries: &[(String, String)], other: &[(String, String)]| -> Vec<String> {
            let is_shared = |name: &&String| other.iter().any(|(each, _)| each == *name);
            entries.iter().map(|(name, _)| name).filter(is_shared).cloned().collect()
        };
        let (theirs, ours) = (names(&theirs, &ours), names(&ours, &theirs));
        if theirs != ours {
            differences.push(Difference::new(Aspect::Order, path, theirs.join(" "), ours.join(" ")));
        }
    }
    differences
}

/// Returns the entries of a lock, by name and text; what stands before the first is one without a name.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut entries = vec![(String::new(), String::new())];
    for line in text.lines() {
        if line.starts_with("  ") && !line.starts_with("   ") {
            entries.push((line.trim().trim_end_matches(':').to_owned(), String::new()));
        }
        let (_, body) = entries.last_mut().expect("there is one from the beginning");
        body.push_str(line);
        body.push('\n');
    }
    entries
}

/// Compares the locks of one copy before and after a run that had nothing to do.
pub fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Difference> {
    locks(Aspect::Turns, before, after)
}

fn by_key(aspect: Aspect, dvc: &BTreeMap<String, String>, lockgate: &BTreeMap<String, String>) -> Vec<Difference> {
    let keys: BTreeSet<&String> = dvc.keys().chain(lockgate.keys()).collect();
    let told = |side: &BTreeMap<String, String>, key: &String| side.get(key).map_or("(none)".to_owned(), Clone::clone);
    let differing = keys.into_iter().filter(|key| dvc.get(*key) != lockgate.get(*key));
    differing.map(|key| Difference::new(aspect, key, told(dvc, key), told(lockgate, key))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn left_with(stages: &[&str], outs: &[(&str, &str)]) -> Left {
        let stages = stages.iter().map(|name| (*name).to_owned()).collect();
        Left { ran: Ran { end: End::Ok, said: String::new(), stages }, outs: map(outs), locks: map(&[]) }
    }

    #[test]
    fn runs_that_left_the_same_do_not_differ() {
        let side = left_with(&["a", "b"], &[("o", "1")]);
        assert_eq!(left(&side, &side), []);
    }

    #[test]
    fn a_stage_that_ran_on_one_side_and_an_out_of_another_content_are_told() {
        let (dvc, lockgate) = (left_with(&["a", "b"], &[("o", "1")]), left_with(&["a"], &[("o", "2"), ("p", "")]));
        let expected = [
            Difference::new(Aspect::Ran, "b", "ran 1 times", "ran 0 times"),
            Difference::new(Aspect::Outs, "o", "1", "2"),
            Difference::new(Aspect::Outs, "p", "(none)", ""),
        ];
        assert_eq!(left(&dvc, &lockgate), expected);
    }

    #[test]
    fn what_only_follows_is_no_difference_of_status() {
        let itself = || Stale::Itself("why".to_owned());
        let dvc = Status::from([("a".to_owned(), itself())]);
        let follows = |name: &str| (name.to_owned(), Stale::Follows);
        assert_eq!(status(&dvc, &Status::from([follows("a"), follows("b")])), []);
        let told = status(&dvc, &Status::from([("b".to_owned(), itself())]));
        let expected = [
            Difference::new(Aspect::Status, "a", "why", "up to date"),
            Difference::new(Aspect::Status, "b", "up to date", "why"),
        ];
        assert_eq!(told, expected);
    }
}
