//! Elo ratings of teams, brought forward match by match.
//!
//! The rating system is Elo's (A. Elo, "The Rating of Chessplayers, Past and Present", 1978) with the usual additions for
//! football: points for playing at home, and a pull towards the start value over the summer.

use std::collections::BTreeMap;

use crate::matches::{Match, Outcome, Team};

const LN_10: f64 = std::f64::consts::LN_10;

#[derive(Debug, Clone, Copy)]
pub struct EloRules {
    /// Rating of every team in the first season of its division.
    pub start: f64,
    /// Rating of a team that joins a division in a later season.
    pub newcomer: f64,
    /// Points at stake in a match.
    pub k: f64,
    /// Points added to the home side's rating when a result is expected.
    pub home_advantage: f64,
    /// Share of the distance from `start` that a rating keeps from one season to the next.
    pub carry_over: f64,
}

/// The ratings after the matches recorded so far.
pub struct Ratings<'m> {
    rules: EloRules,
    last: BTreeMap<Team<'m>, Rating>,
    first_season: BTreeMap<&'m str, i16>,
}

struct Rating {
    points: f64,
    season: i16,
}

impl<'m> Ratings<'m> {
    pub fn new(rules: EloRules) -> Self {
        Self { rules, last: BTreeMap::new(), first_season: BTreeMap::new() }
    }

    /// Returns the rating with which a team goes into a match of `season`.
    pub fn of(&self, team: Team<'m>, season: i16) -> f64 {
        let EloRules { start, newcomer, carry_over, .. } = self.rules;
        match self.last.get(&team) {
            Some(rating) if rating.season == season => rating.points,
            Some(rating) => start + carry_over * (rating.points - start),
            None => match self.first_season.get(team.division) {
                Some(first) if *first < season => newcomer,
                Some(_) | None => start,
            },
        }
    }

    pub fn record(&mut self, played: &'m Match) {
        let (home, away) = (self.of(played.home(), played.season), self.of(played.away(), played.season));
        let expected = expected_score(home + self.rules.home_advantage - away);
        let gained = self.rules.k * (home_score(played.outcome()) - expected);
        let season = played.season;
        self.last.insert(played.home(), Rating { points: home + gained, season });
        self.last.insert(played.away(), Rating { points: away - gained, season });
        self.first_season.entry(&played.division).or_insert(season);
    }
}

/// Returns the share of the points that a side rated `lead` points above its opponent is expected to win.
fn expected_score(lead: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-lead * LN_10 / 400.0))
}

fn home_score(outcome: Outcome) -> f64 {
    match outcome {
        Outcome::Home => 1.0,
        Outcome::Draw => 0.5,
        Outcome::Away => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matches::Day;

    const RULES: EloRules = EloRules { start: 1500.0, newcomer: 1400.0, k: 20.0, home_advantage: 0.0, carry_over: 0.5 };

    fn played(season: i16, home_team: &str, away_team: &str, home_goals: i16) -> Match {
        let (home_team, away_team) = (home_team.to_owned(), away_team.to_owned());
        Match { day: Day(0), season, division: "D".to_owned(), home_team, away_team, home_goals, away_goals: 0 }
    }

    #[test]
    fn equal_teams_stake_half_of_k() {
        let first = played(2013, "A", "B", 1);
        let mut ratings = Ratings::new(RULES);
        ratings.record(&first);
        assert_eq!((ratings.of(first.home(), 2013), ratings.of(first.away(), 2013)), (1510.0, 1490.0));
    }

    #[test]
    fn a_lead_of_400_points_is_ten_to_one() {
        assert!((expected_score(400.0) - 10.0 / 11.0).abs() < 1e-15);
    }

    #[test]
    fn a_new_season_pulls_towards_the_start_and_rates_newcomers_below_it() {
        let (first, second) = (played(2013, "A", "B", 1), played(2014, "A", "C", 0));
        let mut ratings = Ratings::new(RULES);
        ratings.record(&first);
        assert_eq!((ratings.of(second.home(), 2014), ratings.of(second.away(), 2014)), (1505.0, 1400.0));
    }
}
