//! `freshness`: the age of the newest row by its own time, of the whole table or of each group.
//!
//! When a row was received is not known here and does not count: a provider that sends old prices again has not made them
//! fresh. A time in the future is no fresh one but a mistake.

use std::collections::BTreeMap;

use lockgate_contract::{Report, Sample, State, TableFile, TimeKind, instant_in_zone};
use lockgate_kinds::{Freshness, Moment, Now};

use crate::error::Future;
use crate::finding::{Draft, Finding, SHOWN, sample};
use crate::words::{age, instant, listed, nanos};
use crate::{Given, JudgeError};

/// The newest row of a group.
#[derive(Clone, Copy)]
struct Newest {
    row: usize,
    /// As it stands in the column: of a local time not yet an instant.
    time: i128,
}

/// A group by the values of its columns, and its newest row; `None` when no row of it has a time.
type Groups = BTreeMap<Vec<Option<String>>, Option<Newest>>;

/// Judges each table by the age of its newest row, or of the newest row of each group.
pub fn judge(settings: &Freshness, given: &Given<'_>) -> Result<Report, JudgeError> {
    let mut draft = Draft::new(given);
    for input in given.data {
        let table = draft.open(input)?;
        let place = Place { table: input.name, settings, given };
        let mut groups = newest(&table, settings, &place)?;
        let now = place.now()?;
        let others = take_unexpected(&mut groups, settings);
        if let Some(oldest) = oldest(&groups) {
            draft.metric(&format!("age {}", settings.column), (now - oldest.time).max(0) as f64 / 1e9);
        }
        let found = judge_groups(&groups, now, settings);
        let has_rows = draft.rows() > 0;
        draft.found(others.into_iter().fold(found, Finding::note));
        if !settings.expected.is_empty() {
            draft.found(expected(&groups, has_rows, settings));
        }
    }
    Ok(draft.finish())
}

/// Takes out the groups that nobody expects, and tells of them.
///
/// They are left alone because a table keeps what is over: the newest row of a season that has ended is old for ever.
fn take_unexpected(groups: &mut Groups, settings: &Freshness) -> Option<String> {
    if settings.expected.is_empty() {
        return None;
    }
    let is_expected = |group: &[Option<String>]| settings.expected.iter().any(|values| is_group(values, group));
    let shown = |cell: &Option<String>| cell.as_deref().unwrap_or("null").to_owned();
    let unexpected = groups.keys().filter(|group| !is_expected(group));
    let names: Vec<String> = unexpected.map(|group| group.iter().map(shown).collect::<Vec<_>>().join(", ")).collect();
    groups.retain(|group, _| is_expected(group));
    (!names.is_empty()).then(|| format!("not among the expected groups and not judged: {}", listed(&names, SHOWN)))
}

/// Returns the oldest of the newest rows.
fn oldest(groups: &Groups) -> Option<Newest> {
    groups.values().flatten().copied().min_by_key(|newest| newest.time)
}

/// What a moment is relative to, and how errors name it.
struct Place<'a> {
    table: &'a str,
    settings: &'a Freshness,
    given: &'a Given<'a>,
}

/// Finds the groups, with the times of their newest rows as instants.
fn newest(table: &TableFile, settings: &Freshness, place: &Place<'_>) -> Result<Groups, JudgeError> {
    let times = table.times(&settings.column)?;
    let per = settings.per.iter().map(|column| table.texts(column)).collect::<Result<Vec<_>, _>>()?;
    let mut groups = Groups::new();
    if per.is_empty() {
        groups.insert(Vec::new(), None);
    }
    for (row, time) in times.values.iter().enumerate() {
        let group: Vec<Option<String>> = per.iter().map(|column| column[row].clone()).collect();
        let known = groups.entry(group).or_default();
        if let Some(time) = *time
            && known.is_none_or(|known| time > known.time)
        {
            *known = Some(Newest { row, time });
        }
    }
    for newest in groups.values_mut().flatten() {
        newest.time = place.instant(newest.time, times.kind)?;
        place.refuse_future(*newest)?;
    }
    Ok(groups)
}

impl Place<'_> {
    fn now(&self) -> Result<i128, JudgeError> {
        match self.settings.now {
            Now::Clock => Ok(self.given.now),
            Now::At(Moment::Instant(nanos)) => Ok(nanos),
            Now::At(Moment::Wall(nanos)) if self.settings.timezone.is_none() => Ok(nanos),
            Now::At(Moment::Wall(nanos)) => self.zoned(nanos),
        }
    }

    fn instant(&self, time: i128, kind: TimeKind) -> Result<i128, JudgeError> {
        match kind {
            TimeKind::Zoned => Ok(time),
            TimeKind::Local | TimeKind::Day if self.settings.timezone.is_none() => Err(JudgeError::NoZone {
                path: self.table.to_owned(),
                column: self.settings.column.clone(),
                citation: self.given.citation.to_owned(),
            }),
            TimeKind::Local | TimeKind::Day => self.zoned(time),
        }
    }

    /// Makes an instant of what the clocks of the declared zone show.
    ///
    /// Of an hour that they show twice the first is taken: the data may be older than it seems, never fresher.
    fn zoned(&self, wall: i128) -> Result<i128, JudgeError> {
        let zone = self.settings.timezone.as_deref().unwrap_or("UTC");
        instant_in_zone(zone, wall)
            .ok_or_else(|| JudgeError::UnknownZone { zone: zone.to_owned(), citation: self.given.citation.to_owned() })
    }

    fn refuse_future(&self, newest: Newest) -> Result<(), JudgeError> {
        let now = self.now()?;
        if newest.time - now <= nanos(self.settings.skew) {
            return Ok(());
        }
        let future = Future {
            path: self.table.to_owned(),
            column: self.settings.column.clone(),
            row: newest.row as u64 + 1,
            time: instant(newest.time),
            ahead: age(newest.time - now),
            now: instant(now),
            citation: self.given.citation.to_owned(),
        };
        Err(future.into())
    }
}

/// What the age of one group means.
fn state_of(newest: Option<Newest>, now: i128, settings: &Freshness) -> State {
    let Some(newest) = newest else { return State::Inconclusive };
    let older_than = |limit: Option<std::time::Duration>| limit.is_some_and(|limit| now - newest.time > nanos(limit));
    match (older_than(settings.fail_after), older_than(settings.warn_after)) {
        (true, _) => State::Fail,
        (false, true) => State::Warn,
        (false, false) => State::Pass,
    }
}

fn rule(settings: &Freshness) -> String {
    let shown = |limit: std::time::Duration| age(nanos(limit));
    match (settings.fail_after, settings.warn_after) {
        (Some(fail), Some(warn)) => format!("age ≤ {}, warned above {}", shown(fail), shown(warn)),
        (Some(limit), None) | (None, Some(limit)) => format!("age ≤ {}", shown(limit)),
        (None, None) => "age".to_owned(),
    }
}

fn judge_groups(groups: &Groups, now: i128, settings: &Freshness) -> Finding {
    let per = if settings.per.is_empty() { String::new() } else { format!(" per {}", settings.per.join(", ")) };
    let finding = Finding::new(format!("{}{per}", settings.column), rule(settings));
    let finding = finding.expecting(format!("a row that is not older at {}", instant(now)));
    let state_of = |newest: &Option<Newest>| state_of(*newest, now, settings);
    let state = groups.values().map(state_of).max().unwrap_or(State::Inconclusive);
    let bad: Vec<_> = groups.iter().filter(|(_, newest)| state_of(newest) != State::Pass).collect();
    let finding = finding.count(bad.len(), groups.len());
    let Some(oldest) = oldest(groups) else {
        return finding.lacking(format!("no row has a value in `{}`; needs one", settings.column));
    };
    let when = format!("{}, {} before {}", instant(oldest.time), age(now - oldest.time), instant(now));
    if settings.per.is_empty() {
        let cells = [(settings.column.as_str(), Some(instant(oldest.time)))];
        return finding.seen(state, format!("newest {when}")).samples(vec![sample(Some(oldest.row), cells)]);
    }
    let shown = bad.iter().take(SHOWN).map(|(group, newest)| group_sample(group, **newest, now, settings)).collect();
    let observed = match bad.len() {
        0 => format!("the oldest group has {when}"),
        bad => format!("{bad} of {} groups too old or without a time; the oldest has {when}", groups.len()),
    };
    finding.seen(state, observed).samples(shown)
}

fn group_sample(group: &[Option<String>], newest: Option<Newest>, now: i128, settings: &Freshness) -> Sample {
    let names = settings.per.iter().map(String::as_str).zip(group.iter().cloned());
    let time = (settings.column.as_str(), newest.map(|newest| instant(newest.time)));
    let old = ("age", newest.map(|newest| age(now - newest.time)));
    sample(newest.map(|newest| newest.row), names.chain([time, old]))
}

fn is_group(values: &[String], group: &[Option<String>]) -> bool {
    values.iter().map(Some).eq(group.iter().map(Option::as_ref))
}

fn expected(groups: &Groups, has_rows: bool, settings: &Freshness) -> Finding {
    let names: Vec<String> = settings.expected.iter().map(|values| values.join(", ")).collect();
    let missing: Vec<String> = settings
        .expected
        .iter()
        .filter(|values| !groups.keys().any(|group| is_group(values, group)))
        .map(|values| values.join(", "))
        .collect();
    let finding = Finding::new(settings.per.join(", "), "has the expected groups");
    let finding = finding.expecting(listed(&names, 12)).count(missing.len(), names.len());
    if missing.is_empty() {
        return finding.seen(State::Pass, format!("all {}", names.len()));
    }
    // A table without rows lacks evidence, not one group.
    let state = if has_rows { State::Fail } else { State::Inconclusive };
    finding.seen(state, format!("no row of {}", listed(&missing, 12)))
}
