//! `leakage`: whether features of the past move when outcomes of the future change.
//!
//! The probe is in parts, because the engine runs the stage between them: the [`Features`] that were judged give the
//! [`Cutoff`]s; the inputs of a scratch copy are written anew by [`perturb`]; after the stage has run there, [`compare`] says
//! what moved; [`report`] judges all [`Probe`]s. Two controls keep it honest. *Determinism*: a run on inputs written anew without
//! a change ([`Cutoff::never`]) must give the same features, which [`control`] checks. *Sensitivity*: something after the
//! cutoff must move, or the stage did not read what was changed, and the probe is inconclusive.

mod features;
mod perturb;

use lockgate_contract::{Report, Sample, State};
use lockgate_kinds::Leakage;

pub use self::features::{Cutoff, Features};
pub use self::perturb::perturb;
use crate::finding::{Draft, Finding, SHOWN, sample};
use crate::{Given, JudgeError};

/// What one cutoff has shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    pub cutoff: Cutoff,
    /// Rows of all inputs whose outcomes were changed.
    pub perturbed: u64,
    pub moved: Moved,
}

/// What differs between two runs of a stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moved {
    /// Cells of rows that are not later than the cutoff and differ.
    pub leaked: u64,
    /// All cells of such rows.
    pub examined: u64,
    /// Rows that leaked cells are in.
    pub leaked_rows: u64,
    /// Cells of later rows.
    pub later: u64,
    /// The first of the leaked cells, by row and then by column.
    pub first: Vec<Leak>,
}

/// A cell that should not have moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    /// The row in the judged data, from 0.
    pub row: usize,
    pub key: Vec<Option<String>>,
    pub feature: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Compares the features that were judged with those of a run on changed outcomes.
///
/// Columns that are outcomes themselves may move. A row that is not there any more, or is new, has moved in all its columns.
pub fn compare(base: &Features, other: &Features, cutoff: Cutoff) -> Result<Moved, JudgeError> {
    let pairs = base.paired(other);
    let mut moved = Moved::default();
    let mut leaked_rows = vec![false; base.rows()];
    for column in base.columns() {
        let (before, after) = (base.texts(&column)?, other.texts(&column)?);
        for (row, there) in pairs.iter().enumerate() {
            let after = there.map(|there| after[there].clone());
            if after.as_ref() == Some(&before[row]) {
                continue;
            }
            if base.is_after(row, cutoff) {
                moved.later += 1;
                continue;
            }
            moved.leaked += 1;
            leaked_rows[row] = true;
            let after = after.unwrap_or_else(|| Some("(row gone)".to_owned()));
            let (key, before) = (base.key(row), before[row].clone());
            moved.first.push(Leak { row, key, feature: column.clone(), before, after });
        }
        // Only the first rows are shown; the sort is stable, so that columns keep their order within a row.
        moved.first.sort_by_key(|leak| leak.row);
        moved.first.truncate(SHOWN);
    }
    let earlier = (0..base.rows()).filter(|row| !base.is_after(*row, cutoff)).count();
    moved.examined = (earlier * base.columns().len()) as u64;
    moved.leaked_rows = leaked_rows.iter().filter(|leaked| **leaked).count() as u64;
    for (row, _) in other.paired(base).iter().enumerate().filter(|(_, there)| there.is_none()) {
        if other.is_after(row, cutoff) {
            moved.later += 1;
        } else {
            moved.leaked += 1;
            moved.leaked_rows += 1;
            let (feature, after) = ("(new row)".to_owned(), Some(format!("row {} of the run", row + 1)));
            moved.first.push(Leak { row: base.rows(), key: other.key(row), feature, before: None, after });
        }
    }
    moved.first.truncate(SHOWN);
    Ok(moved)
}

/// Makes sure that a run without a change gives the same features, in the same rows.
///
/// A stage that does not cannot be probed: what moves could have moved by itself.
pub fn control(settings: &Leakage, base: &Features, again: &Features, given: &Given<'_>) -> Result<(), JudgeError> {
    let moved = compare(base, again, Cutoff::never(base))?;
    let Some(first) = moved.first.first() else { return Ok(()) };
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
    let key: Vec<String> = first.key.iter().map(shown).collect();
    Err(JudgeError::Setting {
        problem: format!(
            "stage `{}` gives other features when it runs again on the same inputs: `{}` of {} was {} and is {}",
            settings.stage,
            first.feature,
            key.join(", "),
            shown(&first.before),
            shown(&first.after)
        ),
        citation: given.citation.to_owned(),
        step: "make it deterministic (seeds, order, the clock), or its leaks cannot be told from chance".to_owned(),
    })
}

/// Judges what the probes have shown; without any, the gate is inconclusive.
pub fn report(settings: &Leakage, given: &Given<'_>, probes: &[Probe]) -> Result<Report, JudgeError> {
    let mut draft = Draft::new(given);
    for input in given.data {
        draft.open(input)?;
    }
    for probe in probes {
        draft.found(judged(settings, probe));
    }
    if probes.is_empty() {
        let why = format!(
            "`{}` has not two different times, so there is no cutoff; needs rows before and after one",
            settings.time
        );
        draft.found(Finding::new("features", "unmoved by the future").lacking(why));
    }
    draft.history("leaked cells", probes.iter().map(|probe| probe.moved.leaked).sum::<u64>() as f64);
    Ok(draft.finish())
}

fn judged(settings: &Leakage, probe: &Probe) -> Finding {
    let Probe { cutoff, perturbed, moved } = probe;
    let finding = Finding::new("features", format!("unmoved up to {cutoff}"));
    let finding = finding.expecting("what is not later stays as it is when later outcomes change");
    let finding = Finding { examined: moved.examined, ..finding };
    let changed = format!("{perturbed} outcomes from {cutoff} on were changed");
    if moved.leaked > 0 {
        let seen = format!("{} cells of {} rows that are not later moved with them", moved.leaked, moved.leaked_rows);
        let finding = finding
            .seen(State::Fail, seen)
            .note(changed)
            .samples(moved.first.iter().map(|leak| shown(settings, leak)).collect());
        return Finding { bad: moved.leaked, ..finding };
    }
    if moved.later == 0 {
        let why = format!(
            "{changed}, and no feature moved, not even later ones: declare the `outcomes` that stage `{}` reads",
            settings.stage
        );
        return finding.lacking(why);
    }
    finding.seen(State::Pass, format!("{changed}, and {} later cells moved with them", moved.later))
}

fn shown(settings: &Leakage, leak: &Leak) -> Sample {
    let key = settings.key.iter().map(String::as_str).zip(leak.key.iter().cloned());
    let rest =
        [("feature", Some(leak.feature.clone())), ("before", leak.before.clone()), ("after", leak.after.clone())];
    sample(Some(leak.row), key.chain(rest))
}
