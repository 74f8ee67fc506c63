//! A played match, its day and its outcome, and the clean table that holds matches.

use std::path::Path;

use polars::prelude::Column;

use crate::error::StageError;
use crate::table::{self, Table, column, day_column};

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

/// A team within its division; the same name in two divisions is two teams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Team<'m> {
    pub division: &'m str,
    pub name: &'m str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Home,
    Draw,
    Away,
}

/// Probabilities of a home win, a draw and an away win, in the order of `Outcome::ALL`.
pub type Probabilities = [f64; 3];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub day: Day,
    /// The year in which the season started.
    pub season: i16,
    pub division: String,
    pub home_team: String,
    pub away_team: String,
    pub home_goals: i16,
    pub away_goals: i16,
}

impl Day {
    /// Reads `YYYY-MM-DD`; `None` if it is anything else or no day of the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse::<i32>().ok()
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let parsed = Self::from_civil(year, month, day);
        // 2015-02-30 counts on into March: a day that does not come back as it went in is none.
        (parsed.civil() == (year, month, day)).then_some(parsed)
    }

    /// Returns the year in which the season of this day started, where seasons start in `first_month` (1 to 12) or later.
    pub fn season(self, first_month: u8) -> i16 {
        let (year, month, _) = self.civil();
        let season = if month >= i32::from(first_month) { year } else { year - 1 };
        i16::try_from(season).expect("years have four digits: checked in Day::parse")
    }

    // Both directions after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start in March, so that
    // the leap day is the last of its year.
    fn from_civil(year: i32, month: i32, day: i32) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    fn civil(self) -> (i32, i32, i32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1)
    }
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Home, Self::Draw, Self::Away];

    pub fn letter(self) -> &'static str {
        match self {
            Self::Home => "H",
            Self::Draw => "D",
            Self::Away => "A",
        }
    }

    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.letter() == letter)
    }

    /// Returns the place of the outcome in a triple of probabilities.
    pub fn index(self) -> usize {
        match self {
            Self::Home => 0,
            Self::Draw => 1,
            Self::Away => 2,
        }
    }
}

impl Match {
    pub fn home(&self) -> Team<'_> {
        Team { division: &self.division, name: &self.home_team }
    }

    pub fn away(&self) -> Team<'_> {
        Team { division: &self.division, name: &self.away_team }
    }

    pub fn outcome(&self) -> Outcome {
        match self.home_goals.cmp(&self.away_goals) {
            std::cmp::Ordering::Greater => Outcome::Home,
            std::cmp::Ordering::Equal => Outcome::Draw,
            std::cmp::Ordering::Less => Outcome::Away,
        }
    }
}

/// Puts matches in the order of play; within a day by division and home team.
pub fn sort(matches: &mut [Match]) {
    matches.sort_by(|a, b| (a.day, a.home(), a.away()).cmp(&(b.day, b.home(), b.away())));
}

pub fn write(path: &Path, matches: &[Match]) -> Result<(), StageError> {
    table::write_parquet(path, columns(matches))
}

fn columns(matches: &[Match]) -> Vec<Column> {
    let texts = |text: fn(&Match) -> &str| matches.iter().map(text).collect::<Vec<_>>();
    let wholes = |whole: fn(&Match) -> i16| matches.iter().map(whole).collect::<Vec<_>>();
    vec![
        day_column("date", &matches.iter().map(|m| m.day.0).collect::<Vec<_>>()),
        column("season", wholes(|m| m.season)),
        column("division", texts(|m| &m.division)),
        column("home_team", texts(|m| &m.home_team)),
        column("away_team", texts(|m| &m.away_team)),
        column("home_goals", wholes(|m| m.home_goals)),
        column("away_goals", wholes(|m| m.away_goals)),
        column("result", texts(|m| m.outcome().letter())),
    ]
}

pub fn read(path: &Path) -> Result<Vec<Match>, StageError> {
    let table = Table::read_parquet(path)?;
    let texts = |name| table.all(name, table.texts(name)?);
    let wholes = |name| table.all(name, table.wholes(name)?);
    let days = table.all("date", table.days("date")?)?;
    let (divisions, home_teams, away_teams) = (texts("division")?, texts("home_team")?, texts("away_team")?);
    let (seasons, home_goals, away_goals) = (wholes("season")?, wholes("home_goals")?, wholes("away_goals")?);
    let small = |number: i64| i16::try_from(number).map_err(|_| table.problem(format!("{number} is out of range")));
    let row = |idx: usize| {
        Ok(Match {
            day: Day(days[idx]),
            season: small(seasons[idx])?,
            division: divisions[idx].to_owned(),
            home_team: home_teams[idx].to_owned(),
            away_team: away_teams[idx].to_owned(),
            home_goals: small(home_goals[idx])?,
            away_goals: small(away_goals[idx])?,
        })
    };
    (0..days.len()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(i32, i16)>) {
        assert_eq!(Day::parse(text).map(|day| (day.0, day.season(7))), expect, "{text}");
    }

    #[test]
    fn days_are_counted_from_1970() {
        check("1970-01-01", Some((0, 1969)));
        check("2000-02-29", Some((11_016, 1999)));
        check("2016-06-30", Some((16_982, 2015)));
        check("2016-07-01", Some((16_983, 2016)));
        check("2017-05-28", Some((17_314, 2016)));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["2015-02-29", "2016-13-01", "2016-04-31", "2016-00-10", "2016-1-01", "13/08/16", "2016-08-+1", ""]
        {
            check(text, None);
        }
    }
}
