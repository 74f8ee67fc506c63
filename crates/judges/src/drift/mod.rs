//! `drift`: how far the columns of a table are from a stored reference.
//!
//! A column drifts when a distance is above its bound *and* above what chance alone would do at that number of rows. NaN
//! counts as null, and nulls are a bin of their own.

mod column;
mod make;
mod reference;

use std::collections::BTreeMap;

use lockgate_contract::{Level, Report, State, TableFile};
use lockgate_kinds::{Columns, Drift, Watched};
use lockgate_stats::{Invalid, NanPolicy, Sample, StatError, Subject};

use self::column::{Judged, Pair};
use self::make::levels;
pub use self::make::reference;
use self::reference::{Kept, Reference};
use crate::finding::{Draft, Finding};
use crate::words::{listed, percent};
use crate::{Given, JudgeError, files};

/// So many columns are held in memory at once.
const AT_ONCE: usize = 8;

/// Judges each table against the reference.
pub fn judge(settings: &Drift, given: &Given<'_>) -> Result<Report, JudgeError> {
    let name = &settings.reference;
    let text = files::text(name, &(given.file)(name))?;
    let reference = text.map(|text| Reference::read(name, &text, given.gate)).transpose()?;
    let mut draft = Draft::new(given);
    for input in given.data {
        let table = draft.open(input)?;
        let again = format!("`lockgate gate reference {}`", given.gate);
        match usable(reference.as_ref(), settings, draft.rows(), &again) {
            Ok(reference) => {
                let bench = Bench { table: &table, name: input.name, settings, reference, again };
                bench.judge(&mut draft)?;
            }
            Err(why) => draft.found(Finding::new("reference", name).lacking(why)),
        }
    }
    Ok(draft.finish())
}

/// Returns the reference, or says why so many rows cannot be compared with it.
fn usable<'r>(
    reference: Option<&'r Reference>,
    settings: &Drift,
    rows: u64,
    again: &str,
) -> Result<&'r Reference, String> {
    let reference = reference.ok_or_else(|| format!("there is none: make it with {again} and commit it"))?;
    let Reference { bins: was, columns, .. } = reference;
    let (bins, needs) = (settings.bins, settings.min_rows);
    if *was != bins {
        return Err(format!("it was made with {was} bins, and {bins} are wanted: make it again with {again}"));
    }
    if columns.is_empty() {
        return Err(format!("it has no column: make it again with {again}, of data in which columns vary"));
    }
    if rows < needs {
        return Err(format!("needs n ≥ {needs}, has {rows}: widen the window"));
    }
    Ok(reference)
}

/// A table, its reference, and how to compare them.
struct Bench<'a> {
    table: &'a TableFile,
    name: &'a str,
    settings: &'a Drift,
    reference: &'a Reference,
    /// The command that makes the reference again.
    again: String,
}

/// What became of a column as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Kept,
    /// There was not enough to tell.
    Unknown,
    Drifted,
}

impl Bench<'_> {
    fn judge(&self, draft: &mut Draft<'_>) -> Result<(), JudgeError> {
        let watched = self.watched();
        if let Columns::All(_) = self.settings.columns {
            self.left_out()?.into_iter().for_each(|finding| draft.found(finding));
        }
        let tests = watched.len();
        let mut fates: BTreeMap<&str, Fate> = BTreeMap::new();
        for some in watched.chunks(AT_ONCE) {
            let mut numbers = self.numbers(some)?;
            for one in some {
                let judged = self.column(one, numbers.remove(&one.name), tests)?;
                for Judged { distance, value, mut finding } in judged {
                    if let Some(value) = value {
                        draft.metric(&format!("{distance} {}", one.name), value);
                    }
                    let fate = fates.entry(&one.name).or_insert(Fate::Kept);
                    *fate = (*fate).max(Fate::of(finding.state));
                    // Of a column that the reference lacks nothing can ever be told, alone or with others.
                    if self.fails_together(&one.name) && self.reference.columns.contains_key(&one.name) {
                        soften(&mut finding);
                    }
                    draft.found(finding);
                }
            }
        }
        if let Some(limit) = self.settings.share_drifted {
            fates.retain(|name, _| self.fails_together(name));
            if !fates.is_empty() {
                draft.found(together(&fates, limit));
            }
        }
        Ok(())
    }

    fn watched(&self) -> Vec<Watched> {
        match &self.settings.columns {
            Columns::These(watched) => watched.clone(),
            Columns::All(distances) => {
                let known = self.reference.columns.keys();
                let critical = self.settings.critical.iter();
                let names = known.chain(critical.filter(|name| !self.reference.columns.contains_key(*name)));
                names.map(|name| Watched { name: name.clone(), distances: *distances }).collect()
            }
        }
    }

    /// Tells of the columns of the table that `*` does not mean, for the reference does not have them.
    fn left_out(&self) -> Result<Option<Finding>, JudgeError> {
        let known = &self.reference.columns;
        let columns = self.table.columns()?;
        let others = columns.iter().map(|(name, _)| name).filter(|name| !known.contains_key(*name));
        let why = |name: &String| match self.reference.left_out.get(name) {
            Some(why) => format!("`{name}`: {why}"),
            None => format!("`{name}`: it was not there when the reference was made"),
        };
        let notes: Vec<String> = others.map(why).collect();
        if notes.is_empty() {
            return Ok(None);
        }
        let finding = Finding::new("columns", "all that the reference has").count(0, known.len());
        let seen = format!("{} of {} are judged", known.len(), known.len() + notes.len());
        Ok(Some(Finding { notes, ..finding.seen(State::Pass, seen) }))
    }

    fn fails_together(&self, column: &str) -> bool {
        self.settings.share_drifted.is_some() && self.settings.critical.iter().all(|critical| critical != column)
    }

    /// Reads those of the columns that the reference has as numbers, in one pass.
    fn numbers(&self, columns: &[Watched]) -> Result<BTreeMap<String, Sample>, JudgeError> {
        let is_number = |one: &&Watched| matches!(self.reference.columns.get(&one.name), Some(Kept::Numbers(_)));
        let names: Vec<&str> = columns.iter().filter(is_number).map(|one| one.name.as_str()).collect();
        let mut samples = BTreeMap::new();
        for (name, column) in names.iter().zip(self.table.numbers(&names)?) {
            let sample = Sample::new(Subject::Current, column.values, column.nulls, NanPolicy::IsNull);
            samples.insert((*name).to_owned(), sample.map_err(|cause| self.mistake(name, cause))?);
        }
        Ok(samples)
    }

    fn column(&self, one: &Watched, current: Option<Sample>, tests: usize) -> Result<Vec<Judged>, JudgeError> {
        let pair = match (self.reference.columns.get(&one.name), current) {
            (Some(Kept::Numbers(reference)), Some(current)) => Pair::Numbers { reference, current },
            (Some(Kept::Levels(reference)), _) => Pair::Levels { reference, current: levels(self.table, &one.name)? },
            (Some(Kept::Numbers(_)) | None, _) => return Ok(vec![self.unknown(one)]),
        };
        let judged = pair.judge(&one.name, &one.distances, tests).map_err(|error| match error {
            StatError::Invalid(cause) => self.mistake(&one.name, cause),
            StatError::Inconclusive(lack) => unreachable!("a lack of evidence is a finding: {lack}"),
        })?;
        if judged.is_empty() { Err(self.no_distance(one)) } else { Ok(judged) }
    }

    /// Says that the reference does not have a column.
    fn unknown(&self, one: &Watched) -> Judged {
        let why = self.reference.left_out.get(&one.name).map(|why| format!(" ({why})")).unwrap_or_default();
        let observed = format!("the reference does not have it{why}: make it again with {}", self.again);
        Judged { distance: "", value: None, finding: Finding::new(&one.name, "drift").lacking(observed) }
    }

    fn no_distance(&self, one: &Watched) -> JudgeError {
        JudgeError::CannotRefer {
            why: format!(
                "`ks` and `wasserstein` are distances of numbers, and `{}` of `{}` has categories",
                one.name, self.name
            ),
            step: "add `psi`, `jensen_shannon` or `chi_square`, or leave the column out".to_owned(),
        }
    }

    fn mistake(&self, column: &str, cause: Invalid) -> JudgeError {
        JudgeError::Statistic { path: self.name.to_owned(), column: column.to_owned(), cause }
    }
}

impl Fate {
    fn of(state: State) -> Self {
        match state {
            State::Pass | State::Warn => Self::Kept,
            State::Review | State::Inconclusive => Self::Unknown,
            State::Fail => Self::Drifted,
        }
    }
}

/// A column that fails only together with others warns alone.
fn soften(finding: &mut Finding) {
    finding.level = Level::Warn;
    if finding.state == State::Fail {
        finding.state = State::Warn;
    }
}

/// Judges the share of the columns that drifted; columns of which too little is known count either way.
fn together(fates: &BTreeMap<&str, Fate>, limit: f64) -> Finding {
    let named = |fate: Fate| -> Vec<String> {
        fates.iter().filter(|(_, one)| **one == fate).map(|(name, _)| (*name).to_owned()).collect()
    };
    let (drifted, unknown) = (named(Fate::Drifted), named(Fate::Unknown));
    let share = |count: usize| count as f64 / fates.len() as f64;
    let finding = Finding::new("columns", format!("drifted ≤ {}", percent(limit)));
    let finding = finding.expecting(format!("≤ {}", percent(limit))).count(drifted.len(), fates.len());
    let observed = format!("{} of {} ({})", drifted.len(), fates.len(), percent(share(drifted.len())));
    let named = (!drifted.is_empty()).then(|| format!("drifted: {}", listed(&drifted, 12)));
    let finding = named.into_iter().fold(finding, Finding::note);
    if share(drifted.len()) > limit {
        return finding.seen(State::Fail, observed);
    }
    if share(drifted.len() + unknown.len()) > limit || unknown.len() == fates.len() {
        return finding.lacking(format!("{observed}, and of {} too little is known", listed(&unknown, 12)));
    }
    finding.seen(State::Pass, observed)
}
