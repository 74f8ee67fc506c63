//! `regression`: whether metrics are worse, or suspiciously better, than those of a committed baseline.
//!
//! Numbers are only compared when they were computed on the same data; a model that is much better than the last one asks
//! for a review, because most such jumps are leaks.

mod baseline;
mod rows;

use lockgate_contract::{Level, Report, State, six_digits};
use lockgate_kinds::{Better, Metric, Regression};
use lockgate_spanned::nearest;
use lockgate_stats::{Comparison, Direction, Limits, StatError};
use serde_json::Value;

use self::baseline::Baseline;
use self::rows::Losses;
use crate::finding::{Draft, Finding};
use crate::words::{listed, percent};
use crate::{Given, JudgeError, files};

/// Judges the metrics of the gate's first datum that is not the table of rows.
pub fn judge(settings: &Regression, given: &Given<'_>) -> Result<Report, JudgeError> {
    let candidate = Candidate::read(settings, given)?;
    let text = files::text(&settings.baseline, &(given.file)(&settings.baseline))?;
    let baseline = text.map(|text| Baseline::read(&settings.baseline, &text, given.gate)).transpose()?;
    let mut draft = Draft::new(given);
    for input in given.data {
        match &settings.rows {
            Some(rows) if rows.file == input.name => drop(draft.open(input)?),
            Some(_) | None => draft.file(input)?,
        }
    }
    for (name, value) in &candidate.baseline.metrics {
        draft.history(name, *value);
    }
    let again = format!("`lockgate gate reference {}`", given.gate);
    let Some(baseline) = baseline else {
        let why = format!("there is no baseline: make it with {again} of a model that you approve, and commit it");
        draft.found(Finding::new("baseline", &settings.baseline).lacking(why));
        return Ok(draft.finish());
    };
    let differences = candidate.differences(&baseline);
    draft.found(same_data(&differences, &candidate, &again));
    for metric in &settings.metrics {
        draft.found(candidate.judge(metric, &baseline, differences.is_empty(), &again)?);
    }
    if let (Some(rows), Some(losses), Some(before)) = (&settings.rows, &candidate.losses, &baseline.rows)
        && differences.is_empty()
    {
        let finding = losses.compare(before, &rows.loss, &rows.file)?;
        draft.found(Finding { level: Level::Info, ..finding });
    }
    Ok(draft.finish())
}

/// Makes the baseline of the metrics as they are.
pub fn reference(settings: &Regression, given: &Given<'_>) -> Result<String, JudgeError> {
    let candidate = Candidate::read(settings, given)?;
    if let Some(why) = candidate.unknown().into_iter().next() {
        let step = "evaluate the model, and make the baseline of that".to_owned();
        return Err(JudgeError::CannotRefer { why, step });
    }
    Ok(candidate.baseline.text())
}

/// The model that is judged, in the form of the baseline that it would be.
struct Candidate {
    /// The file of the metrics.
    file: String,
    baseline: Baseline,
    /// The keys of `evaluation` that are null.
    nulls: Vec<String>,
    losses: Option<Losses>,
}

impl Candidate {
    fn read(settings: &Regression, given: &Given<'_>) -> Result<Self, JudgeError> {
        let is_rows = |name: &str| settings.rows.as_ref().is_some_and(|rows| rows.file == name);
        let mut files = given.data.iter().filter(|input| !is_rows(input.name));
        let (Some(input), None) = (files.next(), files.next()) else {
            return Err(JudgeError::Setting {
                problem: "`data` is not one file of metrics".to_owned(),
                citation: given.citation.to_owned(),
                step: "name one JSON or YAML file, and beside it at most the table of `rows`".to_owned(),
            });
        };
        let values = files::values(input.name, input.path)?;
        let metric = |metric: &Metric| Ok((metric.name.clone(), number(&values, &metric.name, input.name)?));
        let metrics = settings.metrics.iter().map(metric).collect::<Result<_, JudgeError>>()?;
        let mut baseline = Baseline::new(metrics);
        let mut nulls = Vec::new();
        for key in &settings.evaluation.keys {
            let value = value(&values, key, input.name)?;
            nulls.extend(value.is_null().then(|| key.clone()));
            baseline.evaluation.insert(key.clone(), as_text(value));
        }
        for file in &settings.evaluation.files {
            baseline.files.insert(file.clone(), files::digest(file, &(given.file)(file))?);
        }
        let losses = settings.rows.as_ref().map(|rows| Losses::read(rows, given)).transpose()?;
        baseline.rows = losses.as_ref().map(Losses::keep);
        Ok(Self { file: input.name.to_owned(), baseline, nulls, losses })
    }

    /// Says what of the data of the evaluation is not known, and would be enough.
    fn unknown(&self) -> Vec<String> {
        let nulls = self.nulls.iter().map(|key| format!("`{key}` is null in `{}`; needs a value", self.file));
        let no_row = self.losses.as_ref().is_some_and(Losses::is_empty);
        nulls.chain(no_row.then(|| "no row was evaluated; needs one".to_owned())).collect()
    }

    /// Says in what the data of the two evaluations differ.
    fn differences(&self, baseline: &Baseline) -> Vec<String> {
        let mut differences = self.unknown();
        for (key, now) in self.baseline.evaluation.iter().filter(|(key, _)| !self.nulls.contains(key)) {
            let was = baseline.evaluation.get(key);
            if was != Some(now) {
                differences.push(format!("`{key}` was {} and is {now}", was.map_or("unknown", String::as_str)));
            }
        }
        for (file, now) in &self.baseline.files {
            match baseline.files.get(file) {
                Some(was) if was == now => {}
                Some(_) => differences.push(format!("`{file}` has changed")),
                None => differences.push(format!("the baseline does not know `{file}`")),
            }
        }
        match (&self.losses, &baseline.rows) {
            (Some(losses), Some(rows)) => differences.extend(losses.differ(rows)),
            (Some(_), None) => differences.push("the baseline has no rows".to_owned()),
            (None, _) => {}
        }
        differences
    }

    fn judge(&self, metric: &Metric, baseline: &Baseline, same: bool, again: &str) -> Result<Finding, JudgeError> {
        let finding = Finding::new(&metric.name, rule(metric)).count(0, 1);
        let now = self.baseline.metrics[&metric.name];
        let Some(was) = baseline.metrics.get(&metric.name).copied() else {
            return Ok(finding.lacking(format!("the baseline does not have it: make it again with {again}")));
        };
        let finding = finding.expecting(format!("near {}", six_digits(was)));
        let change = format!("{} → {}", six_digits(was), six_digits(now));
        if !same {
            return Ok(finding.lacking(format!("{change}, but not on the same data")));
        }
        let direction = match metric.better {
            Better::Lower => Direction::LowerIsBetter,
            Better::Higher => Direction::HigherIsBetter,
        };
        let limits = Limits::new(metric.max_drop, metric.max_gain);
        let compared = limits.map_err(StatError::from).and_then(|limits| limits.compare(was, now, direction));
        let seen = |improvement: f64| {
            let word = if improvement < 0.0 { "worse" } else { "better" };
            format!("{change}, {} {word}", percent(improvement.abs()))
        };
        match compared {
            Ok(Comparison::Within { improvement }) => Ok(finding.seen(State::Pass, seen(improvement))),
            Ok(Comparison::Fail { improvement, .. }) => Ok(finding.count(1, 1).seen(State::Fail, seen(improvement))),
            Ok(Comparison::Review { improvement, .. }) => {
                let finding = finding.count(1, 1).seen(State::Review, seen(improvement));
                Ok(finding.note("much better is mostly a leak: look for one before it counts"))
            }
            Err(StatError::Inconclusive(lack)) => Ok(finding.lacking(format!("{change}: {lack}"))),
            Err(StatError::Invalid(cause)) => {
                Err(JudgeError::Metric { path: self.file.clone(), metric: metric.name.clone(), cause })
            }
        }
    }
}

fn same_data(differences: &[String], candidate: &Candidate, again: &str) -> Finding {
    let finding = Finding::new("evaluation", "on the data of the baseline").expecting("the same data");
    if differences.is_empty() {
        let named = candidate.baseline.evaluation.iter();
        let mut seen: Vec<String> = named.map(|(key, value)| format!("{key} {value}")).collect();
        seen.extend(candidate.baseline.files.keys().cloned());
        seen.extend(candidate.baseline.rows.as_ref().map(|rows| format!("{} rows", rows.n)));
        return finding.count(0, seen.len()).seen(State::Pass, seen.join(", "));
    }
    let why = format!("{}: evaluate both on one data set, then make the baseline with {again}", differences.join("; "));
    finding.count(differences.len(), differences.len()).lacking(why)
}

fn rule(metric: &Metric) -> String {
    let drop = metric.max_drop.map(|limit| format!("≤ {} worse", percent(limit)));
    let gain = metric.max_gain.map(|limit| format!("≤ {} better", percent(limit)));
    drop.into_iter().chain(gain).collect::<Vec<_>>().join(", ")
}

/// Returns the value at a key with dots between levels; a level may have dots in its own name.
fn value<'v>(values: &'v Value, key: &str, file: &str) -> Result<&'v Value, JudgeError> {
    find(values, key).ok_or_else(|| {
        let known = known_keys(values, "");
        let help = match nearest(key, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", listed(&known, 12)),
        };
        JudgeError::NoKey { path: file.to_owned(), key: key.to_owned(), help }
    })
}

/// Shows a value so that it is the same after it has been written and read: the last digits of a float may not be.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => number.as_f64().map_or_else(|| number.to_string(), six_digits),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn find<'v>(values: &'v Value, key: &str) -> Option<&'v Value> {
    let direct = values.get(key);
    direct.or_else(|| {
        let mut splits = key.match_indices('.').map(|(at, _)| (&key[..at], &key[at + 1..]));
        splits.find_map(|(first, rest)| find(values.get(first)?, rest))
    })
}

fn known_keys(values: &Value, prefix: &str) -> Vec<String> {
    let Value::Object(entries) = values else { return vec![prefix.trim_end_matches('.').to_owned()] };
    entries.iter().flat_map(|(key, value)| known_keys(value, &format!("{prefix}{key}."))).collect()
}

fn number(values: &Value, key: &str, file: &str) -> Result<f64, JudgeError> {
    let found = value(values, key, file)?;
    found.as_f64().filter(|number| number.is_finite()).ok_or_else(|| JudgeError::NotA {
        path: file.to_owned(),
        what: "a file of this metric",
        why: format!("`{key}` is {found}, not a finite number"),
        step: "correct what computes it, or name another metric".to_owned(),
    })
}
