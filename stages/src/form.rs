//! Rolling form: what a team made of its last matches.

use std::collections::{BTreeMap, VecDeque};

use crate::matches::{Match, Team};

#[derive(Debug, Clone, Copy)]
pub struct FormRules {
    /// Matches that the form looks back on.
    pub window: usize,
    /// Fewer earlier matches than this leave the form unknown.
    pub min_matches: usize,
}

/// Means per match over the last matches of a team.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Form {
    /// Three for a win, one for a draw.
    pub points: f64,
    pub scored: f64,
    pub conceded: f64,
}

/// The last matches of every team, and how many it has played in all.
pub struct Histories<'m> {
    rules: FormRules,
    of: BTreeMap<Team<'m>, History>,
}

#[derive(Default)]
struct History {
    n_played: i16,
    recent: VecDeque<Goals>,
}

#[derive(Clone, Copy)]
struct Goals {
    scored: i16,
    conceded: i16,
}

impl<'m> Histories<'m> {
    pub fn new(rules: FormRules) -> Self {
        Self { rules, of: BTreeMap::new() }
    }

    pub fn n_played(&self, team: Team<'m>) -> i16 {
        self.of.get(&team).map_or(0, |history| history.n_played)
    }

    /// Returns the team's form, or `None` when it has played too few matches.
    pub fn form(&self, team: Team<'m>) -> Option<Form> {
        let recent = &self.of.get(&team)?.recent;
        (recent.len() >= self.rules.min_matches).then(|| Form {
            points: mean(recent, Goals::points),
            scored: mean(recent, |goals| goals.scored),
            conceded: mean(recent, |goals| goals.conceded),
        })
    }

    pub fn record(&mut self, played: &'m Match) {
        let Match { home_goals, away_goals, .. } = *played;
        self.push(played.home(), Goals { scored: home_goals, conceded: away_goals });
        self.push(played.away(), Goals { scored: away_goals, conceded: home_goals });
    }

    fn push(&mut self, team: Team<'m>, goals: Goals) {
        let history = self.of.entry(team).or_default();
        history.n_played += 1;
        history.recent.push_back(goals);
        if history.recent.len() > self.rules.window {
            history.recent.pop_front();
        }
    }
}

impl Goals {
    fn points(self) -> i16 {
        match self.scored.cmp(&self.conceded) {
            std::cmp::Ordering::Greater => 3,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Less => 0,
        }
    }
}

/// Sums in whole numbers, so that the order of summation cannot matter.
#[expect(clippy::cast_precision_loss, reason = "a window is far below 2^52 matches")]
fn mean(recent: &VecDeque<Goals>, value: impl Fn(Goals) -> i16) -> f64 {
    let sum: i32 = recent.iter().map(|goals| i32::from(value(*goals))).sum();
    f64::from(sum) / recent.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matches::Day;

    fn home_match(home_goals: i16, away_goals: i16) -> Match {
        let (home_team, away_team) = ("A".to_owned(), "B".to_owned());
        Match { day: Day(0), season: 2013, division: "D".to_owned(), home_team, away_team, home_goals, away_goals }
    }

    #[test]
    fn form_is_unknown_at_first_and_then_forgets_what_is_older_than_the_window() {
        let played = [home_match(9, 0), home_match(1, 1), home_match(2, 1)];
        let mut histories = Histories::new(FormRules { window: 2, min_matches: 2 });
        let home = played[0].home();
        let forms = played.each_ref().map(|played| {
            histories.record(played);
            histories.form(home)
        });
        let form = |points, scored, conceded| Some(Form { points, scored, conceded });
        assert_eq!(forms, [None, form(2.0, 5.0, 0.5), form(2.0, 1.5, 1.0)]);
        assert_eq!(histories.n_played(home), 3);
    }
}
