//! How far the seeds are done, and what they came to; kept in a file, so that a run can go on where another one ended.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::session::Findings;
use super::tools::Fallible;

/// The sum of all seeds that were done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub first: u64,
    /// The seed that comes next.
    pub next: u64,
    pub n_rounds: u64,
    pub n_refused: u64,
    /// How often each difference on purpose was met, by the name of its reason.
    pub known: BTreeMap<String, u64>,
    /// Seeds with differences that are on no purpose.
    pub differing: Vec<u64>,
}

impl State {
    pub fn from(first: u64) -> Self {
        Self { first, next: first, ..Self::default() }
    }

    /// Reads the file; `None` where there is none.
    pub fn read(path: &Path) -> Fallible<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let value: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let number = |key: &str| value[key].as_u64().ok_or_else(|| format!("{}: no number `{key}`", path.display()));
        let known = value["known"].as_object().into_iter().flatten();
        let differing = value["differing"].as_array().into_iter().flatten();
        Ok(Some(Self {
            first: number("first")?,
            next: number("next")?,
            n_rounds: number("rounds")?,
            n_refused: number("refused")?,
            known: known.filter_map(|(name, count)| Some((name.clone(), count.as_u64()?))).collect(),
            differing: differing.filter_map(Value::as_u64).collect(),
        }))
    }

    /// Writes the file; what was there is replaced at once.
    pub fn write(&self, path: &Path) -> Fallible<()> {
        let value = json!({
            "first": self.first, "next": self.next, "rounds": self.n_rounds, "refused": self.n_refused,
            "known": self.known, "differing": self.differing,
        });
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = path.with_extension("new");
        fs::write(&draft, format!("{value:#}\n"))?;
        Ok(fs::rename(draft, path)?)
    }

    /// Takes in what the next seed came to.
    pub fn count(&mut self, seed: u64, findings: &Findings) {
        self.next = seed + 1;
        self.n_rounds += findings.n_rounds as u64;
        self.n_refused += findings.n_refused as u64;
        for (name, count) in &findings.known {
            *self.known.entry((*name).to_owned()).or_default() += *count as u64;
        }
        if !findings.differences.is_empty() {
            self.differing.push(seed);
        }
    }

    pub fn summary(&self) -> String {
        let mut text = format!(
            "seeds {} to {}: {} projects, {} rounds, in {} of them both refused the project\n",
            self.first,
            self.next.saturating_sub(1),
            self.next - self.first,
            self.n_rounds,
            self.n_refused
        );
        for (name, count) in &self.known {
            let _ = writeln!(text, "{count:6}  on purpose: {name}");
        }
        let _ = writeln!(text, "{:6}  seeds with other differences {:?}", self.differing.len(), self.differing);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dvcdiff::compare::{Aspect, Difference};

    #[test]
    fn a_state_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a temporary folder can be written and read");
        let path = folder.path().join("deeper/state.json");
        assert_eq!(State::read(&path).expect("a temporary folder can be written and read"), None);
        let mut state = State::from(5);
        let difference = Difference::new(Aspect::Lock, "dvc.lock", "a", "b");
        let findings = Findings {
            n_rounds: 3,
            n_refused: 1,
            known: BTreeMap::from([("one", 2)]),
            told: Vec::new(),
            differences: vec![(0, difference)],
        };
        state.count(5, &findings);
        state.write(&path).expect("a temporary folder can be written and read");
        assert_eq!(State::read(&path).expect("a temporary folder can be written and read"), Some(state.clone()));
        let summary = "\
            seeds 5 to 5: 1 projects, 3 rounds, in 1 of them both refused the project\n     \
            2  on purpose: one\n     1  seeds with other differences [5]\n";
        assert_eq!(state.summary(), summary);
    }
}
