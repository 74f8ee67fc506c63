//! Stage `clean`: the played matches, with parsed days, seasons and results, in the order of play.
//!
//! Drops fixtures without a score, but refuses when there are more of them than a source has honest reasons for: a
//! provider that stops to fill in scores must not shrink the training data in silence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::StageError;
use crate::matches::{self, Day, Match};
use crate::table::Table;

/// Keeps the played matches and types their columns.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Raw table
    #[arg(long, value_name = "FILE")]
    raw: PathBuf,
    /// Month in which seasons start, 1 to 12
    #[arg(long, value_name = "MONTH", value_parser = clap::value_parser!(u8).range(1..=12))]
    season_starts_in: u8,
    /// Share of fixtures that may have no score
    #[arg(long, value_name = "SHARE")]
    max_unplayed_share: f64,
    /// Parquet file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    let raw = Table::read_parquet(&args.raw)?;
    let fixtures = parse(&raw, args.season_starts_in)?;
    let n_fixtures = fixtures.len();
    let mut played: Vec<Match> = fixtures.into_iter().flatten().collect();
    let n_unplayed = n_fixtures - played.len();
    check_unplayed(n_unplayed, n_fixtures, args)?;
    matches::sort(&mut played);
    check_one_match_a_day(&played, &args.raw)?;
    matches::write(&args.out, &played)?;
    Ok(format!(
        "{} played matches in `{}`, {n_unplayed} fixtures without a score dropped",
        played.len(),
        args.out.display()
    ))
}

/// Returns each row's match, or `None` for a fixture without a score.
fn parse(raw: &Table, first_month: u8) -> Result<Vec<Option<Match>>, StageError> {
    let texts = |name| raw.all(name, raw.texts(name)?);
    let (dates, divisions) = (texts("date")?, texts("division")?);
    let (home_teams, away_teams) = (texts("home_team")?, texts("away_team")?);
    let (home_goals, away_goals) = (raw.wholes("home_goals")?, raw.wholes("away_goals")?);
    let row = |idx: usize| -> Result<Option<Match>, String> {
        let day = Day::parse(dates[idx]).ok_or_else(|| format!("`{}` in `date` is no day", dates[idx]))?;
        let score = score(home_goals[idx], away_goals[idx])?;
        Ok(score.map(|(home_goals, away_goals)| Match {
            day,
            season: day.season(first_month),
            division: divisions[idx].trim().to_owned(),
            home_team: home_teams[idx].trim().to_owned(),
            away_team: away_teams[idx].trim().to_owned(),
            home_goals,
            away_goals,
        }))
    };
    let named =
        |idx| row(idx).map_err(|problem| StageError::Row { path: raw.path().to_owned(), row: idx + 1, problem });
    (0..dates.len()).map(named).collect()
}

fn score(home_goals: Option<i64>, away_goals: Option<i64>) -> Result<Option<(i16, i16)>, String> {
    let goals = |number: i64| {
        let in_range = i16::try_from(number).ok().filter(|goals| *goals >= 0);
        in_range.ok_or_else(|| format!("{number} is no number of goals"))
    };
    match (home_goals, away_goals) {
        (None, None) => Ok(None),
        (Some(home_goals), Some(away_goals)) => Ok(Some((goals(home_goals)?, goals(away_goals)?))),
        (Some(_), None) | (None, Some(_)) => Err("one side has goals and the other has none recorded".to_owned()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
fn check_unplayed(n_unplayed: usize, n_fixtures: usize, args: &Args) -> Result<(), StageError> {
    if n_unplayed as f64 <= args.max_unplayed_share * n_fixtures as f64 {
        return Ok(());
    }
    let (path, allowed) = (args.raw.clone(), args.max_unplayed_share);
    Err(StageError::Unplayed { path, n_unplayed, n_fixtures, allowed })
}

/// Refuses a team that plays twice on one day: a match that stands in the source twice would count twice in its form.
fn check_one_match_a_day(played: &[Match], raw: &Path) -> Result<(), StageError> {
    let mut seen = BTreeSet::new();
    for one in played {
        for team in [one.home(), one.away()] {
            if !seen.insert((one.day, team)) {
                let (team, division) = (team.name.to_owned(), team.division.to_owned());
                return Err(StageError::TwiceADay { path: raw.to_owned(), team, division });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_whole_or_absent() {
        assert_eq!(score(Some(2), Some(0)), Ok(Some((2, 0))));
        assert_eq!(score(None, None), Ok(None));
        assert_eq!(score(Some(2), None).unwrap_err(), "one side has goals and the other has none recorded");
        assert_eq!(score(Some(-1), Some(0)).unwrap_err(), "-1 is no number of goals");
    }
}
