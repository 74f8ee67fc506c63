//! The loss of each row that was evaluated: which rows they are, and how exactly a difference of means is known.

use std::collections::BTreeMap;

use lockgate_contract::{State, TableFile};
use lockgate_kinds::LossRows;
use lockgate_stats::{Draws, Estimate, Invalid, StatError, paired_bootstrap_mean};

use super::baseline::BaselineRows;
use crate::error::{Misfit, evidence};
use crate::finding::Finding;
use crate::words::three_digits;
use crate::{Given, JudgeError};

/// So many losses are kept in a baseline: those whose keys have the smallest digests, which is a choice without a favourite.
const KEPT: usize = 10_000;

const DRAWS: Draws = Draws { count: 2000, seed: 1 };
const CONFIDENCE: u8 = 95;

/// The losses by key.
pub struct Losses(BTreeMap<String, f64>);

impl Losses {
    /// Reads the losses; a row without one, a key that is not unique and a loss that is no number are errors.
    pub fn read(settings: &LossRows, given: &Given<'_>) -> Result<Self, JudgeError> {
        let input = given.data.iter().find(|input| input.name == settings.file);
        let input = input.ok_or_else(|| JudgeError::Setting {
            problem: format!("`rows` names `{}`, which is not among the data of the gate", settings.file),
            citation: given.citation.to_owned(),
            step: format!("add `{}` to `data`", settings.file),
        })?;
        let table = TableFile::open(given.table(input))?;
        let keys = settings.key.iter().map(|column| table.texts(column)).collect::<Result<Vec<_>, _>>()?;
        let mut losses = BTreeMap::new();
        for (row, loss) in table.aligned(&[&settings.loss])?.remove(0).into_iter().enumerate() {
            let wrong = |column: &str, text: &str, wanted: &str| {
                JudgeError::from(Misfit {
                    path: input.name.to_owned(),
                    row: row as u64 + 1,
                    column: column.to_owned(),
                    text: text.to_owned(),
                    wanted: wanted.to_owned(),
                    step: "correct what writes it".to_owned(),
                })
            };
            let key: Option<Vec<&str>> = keys.iter().map(|column| column[row].as_deref()).collect();
            let key = key.ok_or_else(|| wrong(&settings.key.join(", "), "null", "a key"))?.join("|");
            let loss = match loss {
                Some(loss) if loss.is_finite() => loss,
                Some(loss) => return Err(wrong(&settings.loss, &loss.to_string(), "a finite loss")),
                None => return Err(wrong(&settings.loss, "null", "a loss")),
            };
            if losses.insert(key.clone(), loss).is_some() {
                return Err(wrong(&settings.key.join(", "), &key, "a key that no row above has"));
            }
        }
        Ok(Self(losses))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what a baseline keeps.
    pub fn keep(&self) -> BaselineRows {
        let mut keys: Vec<&String> = self.0.keys().collect();
        if keys.len() > KEPT {
            keys.sort_by_cached_key(|key| *blake3::hash(key.as_bytes()).as_bytes());
            keys.truncate(KEPT);
        }
        let losses = keys.into_iter().map(|key| (key.clone(), self.0[key].to_string())).collect();
        BaselineRows { n: self.0.len() as u64, digest: self.digest(), losses }
    }

    fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for key in self.0.keys() {
            hasher.update(&(key.len() as u64).to_le_bytes()).update(key.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Says how the rows differ from those of the baseline, if there are any and they do.
    pub fn differ(&self, baseline: &BaselineRows) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let (was, now) = (baseline.n, self.0.len() as u64);
        match (baseline.digest == self.digest(), was == now) {
            (true, _) => None,
            (false, true) => Some(format!("{now} rows as in the baseline, but with other keys")),
            (false, false) => Some(format!("{now} rows, and the baseline has {was}")),
        }
    }

    /// Estimates how much the mean loss differs, with an interval; for information.
    pub fn compare(&self, baseline: &BaselineRows, loss: &str, file: &str) -> Result<Finding, JudgeError> {
        let mut pairs = Vec::new();
        for (key, before) in &baseline.losses {
            let before: Option<f64> = before.parse().ok();
            if let (Some(before), Some(after)) = (before, self.0.get(key)) {
                pairs.push((before, *after));
            }
        }
        let (before, after): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let mean = |values: &[f64]| three_digits(values.iter().sum::<f64>() / values.len().max(1) as f64);
        let finding = Finding::new(loss, "paired difference of means").count(0, before.len());
        let mistake = |cause: Invalid| JudgeError::Statistic { path: file.to_owned(), column: loss.to_owned(), cause };
        let estimate: Result<Estimate, StatError> = paired_bootstrap_mean(&before, &after, CONFIDENCE, DRAWS);
        Ok(match evidence(estimate, mistake)? {
            Err(lack) => finding.lacking(lack.to_string()),
            Ok(Estimate { value, interval }) => {
                let certain = if interval.contains(0.0) { "which may be chance" } else { "which is not chance" };
                let seen = format!(
                    "{} → {}, a difference of {} ({CONFIDENCE} % interval {}..{}), {certain}",
                    mean(&before),
                    mean(&after),
                    three_digits(value),
                    three_digits(interval.low),
                    three_digits(interval.high)
                );
                finding.seen(State::Pass, seen)
            }
        })
    }
}
