//! Stage `features`: what was known of both teams strictly before the day of each match.
//!
//! Every match of a day is described before any of them is recorded, so no feature can see a result of its own day.

use std::path::PathBuf;

use crate::elo::{EloRules, Ratings};
use crate::error::StageError;
use crate::form::{FormRules, Histories};
use crate::matches::{self, Match, Team};
use crate::samples::{self, Sample, Side};

/// Rates teams and rolls up their form.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Clean table of played matches
    #[arg(long, value_name = "FILE")]
    matches: PathBuf,
    /// Rating of every team in the first season of its division
    #[arg(long, value_name = "POINTS")]
    elo_start: f64,
    /// Rating of a team that joins a division later
    #[arg(long, value_name = "POINTS")]
    elo_newcomer: f64,
    /// Points at stake in a match
    #[arg(long, value_name = "POINTS")]
    elo_k: f64,
    /// Points that playing at home is worth
    #[arg(long, value_name = "POINTS")]
    elo_home_advantage: f64,
    /// Share of the distance from the start that a rating keeps over the summer
    #[arg(long, value_name = "SHARE")]
    elo_carry_over: f64,
    /// Matches that the form looks back on
    #[arg(long, value_name = "MATCHES")]
    form_window: usize,
    /// Earlier matches without which the form is unknown
    #[arg(long, value_name = "MATCHES")]
    form_min_matches: usize,
    /// Parquet file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    let (elo, form) = rules(args)?;
    let mut played = matches::read(&args.matches)?;
    matches::sort(&mut played);
    let samples = describe(&played, elo, form);
    let n_known = samples.iter().filter(|sample| sample.inputs().is_some()).count();
    samples::write(&args.out, &samples)?;
    Ok(format!("features of {} matches in `{}`, both forms known in {n_known}", samples.len(), args.out.display()))
}

fn rules(args: &Args) -> Result<(EloRules, FormRules), StageError> {
    let elo = EloRules {
        start: args.elo_start,
        newcomer: args.elo_newcomer,
        k: args.elo_k,
        home_advantage: args.elo_home_advantage,
        carry_over: args.elo_carry_over,
    };
    if !(0.0..=1.0).contains(&elo.carry_over) {
        let must = "a share between 0 and 1".to_owned();
        return Err(StageError::Setting { flag: "--elo-carry-over", found: elo.carry_over.to_string(), must });
    }
    let form = FormRules { window: args.form_window, min_matches: args.form_min_matches };
    if !(1..=form.window).contains(&form.min_matches) {
        let must = format!("between 1 and the window of {} matches", form.window);
        return Err(StageError::Setting { flag: "--form-min-matches", found: form.min_matches.to_string(), must });
    }
    Ok((elo, form))
}

/// Describes matches in the order of play, each by what was recorded on earlier days.
fn describe(played: &[Match], elo: EloRules, form: FormRules) -> Vec<Sample> {
    let mut ratings = Ratings::new(elo);
    let mut histories = Histories::new(form);
    let mut samples = Vec::with_capacity(played.len());
    for day in played.chunk_by(|a, b| a.day == b.day) {
        samples.extend(day.iter().map(|upcoming| sample(upcoming, &ratings, &histories)));
        for played in day {
            ratings.record(played);
            histories.record(played);
        }
    }
    samples
}

fn sample<'m>(upcoming: &'m Match, ratings: &Ratings<'m>, histories: &Histories<'m>) -> Sample {
    let side = |team: Team<'m>| Side {
        team: team.name.to_owned(),
        n_played: histories.n_played(team),
        elo: ratings.of(team, upcoming.season),
        form: histories.form(team),
    };
    Sample {
        day: upcoming.day,
        season: upcoming.season,
        division: upcoming.division.clone(),
        home: side(upcoming.home()),
        away: side(upcoming.away()),
        result: upcoming.outcome(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matches::Day;

    const ELO: EloRules = EloRules { start: 1500.0, newcomer: 1400.0, k: 20.0, home_advantage: 65.0, carry_over: 0.8 };
    const FORM: FormRules = FormRules { window: 3, min_matches: 1 };

    /// Four teams that meet two and two on twelve days.
    fn fixtures() -> Vec<Match> {
        let pairs = [[("A", "B"), ("C", "D")], [("B", "C"), ("D", "A")], [("A", "C"), ("B", "D")]];
        let on = |day: i32, (home_team, away_team): (&str, &str)| Match {
            day: Day(day),
            season: 2013,
            division: "D".to_owned(),
            home_team: home_team.to_owned(),
            away_team: away_team.to_owned(),
            home_goals: i16::try_from(day % 4).unwrap(),
            away_goals: 1,
        };
        (0..12_u8).flat_map(|day| pairs[usize::from(day) % 3].map(|pair| on(i32::from(day), pair))).collect()
    }

    #[test]
    fn a_result_moves_no_feature_of_its_own_day_or_before() {
        let played = fixtures();
        let before = describe(&played, ELO, FORM);
        for changed_idx in 0..played.len() {
            let mut changed = played.clone();
            changed[changed_idx].away_goals = 7;
            let after = describe(&changed, ELO, FORM);
            for (was, now) in before.iter().zip(&after).filter(|(was, _)| was.day <= played[changed_idx].day) {
                assert_eq!((&was.home, &was.away), (&now.home, &now.away));
            }
        }
    }

    #[test]
    fn a_result_moves_the_features_of_the_next_day() {
        let played = fixtures();
        let mut changed = played.clone();
        changed[0].away_goals = 7;
        let (before, after) = (describe(&played, ELO, FORM), describe(&changed, ELO, FORM));
        assert_ne!((&before[2].home, &before[2].away), (&after[2].home, &after[2].away));
    }
}
