//! Samples: what was known of both teams before a match, and how it ended. The features table holds one a row.

use std::path::Path;

use polars::prelude::Column;

use crate::error::StageError;
use crate::form::Form;
use crate::matches::{Day, Outcome};
use crate::table::{self, Table, column, day_column};

/// The inputs of the model, in order.
pub const INPUTS: [&str; N_INPUTS] =
    ["elo_diff", "home_points", "home_scored", "home_conceded", "away_points", "away_scored", "away_conceded"];
pub const N_INPUTS: usize = 7;

pub type Inputs = [f64; N_INPUTS];

#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub day: Day,
    pub season: i16,
    pub division: String,
    pub home: Side,
    pub away: Side,
    pub result: Outcome,
}

/// What was known of a team before the match.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    pub team: String,
    pub n_played: i16,
    pub elo: f64,
    pub form: Option<Form>,
}

impl Sample {
    /// Returns the inputs of the model, or `None` while the form of a team is unknown.
    pub fn inputs(&self) -> Option<Inputs> {
        let (home, away) = (self.home.form?, self.away.form?);
        let elo_diff = self.elo_diff();
        Some([elo_diff, home.points, home.scored, home.conceded, away.points, away.scored, away.conceded])
    }

    fn elo_diff(&self) -> f64 {
        self.home.elo - self.away.elo
    }
}

pub fn write(path: &Path, samples: &[Sample]) -> Result<(), StageError> {
    let texts = |text: fn(&Sample) -> &str| samples.iter().map(text).collect::<Vec<_>>();
    let mut columns = vec![
        day_column("date", &samples.iter().map(|sample| sample.day.0).collect::<Vec<_>>()),
        column("season", samples.iter().map(|sample| sample.season).collect::<Vec<_>>()),
        column("division", texts(|sample| &sample.division)),
    ];
    columns.extend(side_columns("home", samples, |sample| &sample.home));
    columns.extend(side_columns("away", samples, |sample| &sample.away));
    columns.push(column("elo_diff", samples.iter().map(Sample::elo_diff).collect::<Vec<_>>()));
    columns.push(column("result", texts(|sample| sample.result.letter())));
    table::write_parquet(path, columns)
}

fn side_columns(prefix: &str, samples: &[Sample], side: fn(&Sample) -> &Side) -> Vec<Column> {
    let name = |what: &str| format!("{prefix}_{what}");
    let form = |value: fn(Form) -> f64| samples.iter().map(|sample| side(sample).form.map(value)).collect::<Vec<_>>();
    vec![
        column(&name("team"), samples.iter().map(|sample| side(sample).team.as_str()).collect::<Vec<_>>()),
        column(&name("played"), samples.iter().map(|sample| side(sample).n_played).collect::<Vec<_>>()),
        column(&name("elo"), samples.iter().map(|sample| side(sample).elo).collect::<Vec<_>>()),
        column(&name("points"), form(|form| form.points)),
        column(&name("scored"), form(|form| form.scored)),
        column(&name("conceded"), form(|form| form.conceded)),
    ]
}

pub fn read(path: &Path) -> Result<Vec<Sample>, StageError> {
    let table = Table::read_parquet(path)?;
    let days = table.all("date", table.days("date")?)?;
    let seasons = whole_numbers(&table, "season")?;
    let divisions = table.all("division", table.texts("division")?)?;
    let (homes, aways) = (read_sides(&table, "home")?, read_sides(&table, "away")?);
    let letters = table.all("result", table.texts("result")?)?;
    let rows = days.into_iter().zip(seasons).zip(divisions).zip(homes).zip(aways).zip(letters);
    rows.map(|(((((day, season), division), home), away), letter)| {
        let result = Outcome::from_letter(letter);
        let result =
            result.ok_or_else(|| table.problem(format!("column `result` has `{letter}`, expected H, D or A")))?;
        Ok(Sample { day: Day(day), season, division: division.to_owned(), home, away, result })
    })
    .collect()
}

fn read_sides(table: &Table, prefix: &str) -> Result<Vec<Side>, StageError> {
    let name = |what: &str| format!("{prefix}_{what}");
    let teams = table.all(&name("team"), table.texts(&name("team"))?)?;
    let n_played = whole_numbers(table, &name("played"))?;
    let elos = table.all(&name("elo"), table.reals(&name("elo"))?)?;
    let points = table.reals(&name("points"))?;
    let scored = table.reals(&name("scored"))?;
    let conceded = table.reals(&name("conceded"))?;
    let side = |idx: usize| Side {
        team: teams[idx].to_owned(),
        n_played: n_played[idx],
        elo: elos[idx],
        form: form(points[idx], scored[idx], conceded[idx]),
    };
    Ok((0..teams.len()).map(side).collect())
}

fn form(points: Option<f64>, scored: Option<f64>, conceded: Option<f64>) -> Option<Form> {
    Some(Form { points: points?, scored: scored?, conceded: conceded? })
}

fn whole_numbers(table: &Table, name: &str) -> Result<Vec<i16>, StageError> {
    let numbers = table.all(name, table.wholes(name)?)?.into_iter();
    let small: Result<Vec<i16>, _> = numbers.map(i16::try_from).collect();
    small.map_err(|_| table.problem(format!("column `{name}` has a number out of range")))
}
