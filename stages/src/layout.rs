//! The layouts that source files may have, and the check that a file still has the one it should.
//!
//! Strict about columns, lenient about values: a strange value goes on to the gate, which shows it with its row.

use std::path::Path;

use clap::ValueEnum;

use crate::error::StageError;
use crate::table::{Table, quoted};

/// How a source file lays out its matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// `data/football.csv` of this repository.
    Openfootball,
    /// One season of one league as football-data.co.uk publishes it, reduced to results and match statistics.
    FootballData,
}

/// Where a layout keeps what the pipeline needs.
pub struct Places {
    pub date: &'static str,
    /// `None`: a file holds one division and does not name it.
    pub division: Option<&'static str>,
    pub home_team: &'static str,
    pub away_team: &'static str,
    pub home_goals: &'static str,
    pub away_goals: &'static str,
}

impl Layout {
    pub fn name(self) -> &'static str {
        match self {
            Self::Openfootball => "openfootball",
            Self::FootballData => "football-data",
        }
    }

    pub fn places(self) -> Places {
        match self {
            Self::Openfootball => Places {
                date: "date",
                division: Some("division"),
                home_team: "home_team",
                away_team: "away_team",
                home_goals: "home_goals",
                away_goals: "away_goals",
            },
            Self::FootballData => Places {
                date: "Date",
                division: None,
                home_team: "HomeTeam",
                away_team: "AwayTeam",
                home_goals: "FTHG",
                away_goals: "FTAG",
            },
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Openfootball => &["date", "division", "home_team", "away_team", "home_goals", "away_goals"],
            Self::FootballData => &[
                "Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG", "FTR", "HTHG", "HTAG", "HTR", "Referee", "HS", "AS",
                "HST", "AST", "HF", "AF", "HC", "AC", "HY", "AY", "HR", "AR",
            ],
        }
    }

    /// Refuses a table whose columns are not those of the layout; their order is free.
    pub fn check(self, table: &Table) -> Result<(), StageError> {
        let (expected, found) = (self.columns(), table.column_names());
        let gone: Vec<&str> = expected.iter().filter(|name| !found.contains(name)).copied().collect();
        let new: Vec<&str> = found.iter().filter(|name| !expected.contains(name)).copied().collect();
        if gone.is_empty() && new.is_empty() {
            return Ok(());
        }
        let line = |what: &str, names: &[&str]| match names {
            [] => String::new(),
            _ => format!("\n  {what}: {}", quoted(names)),
        };
        let difference = line("columns gone", &gone) + &line("columns new", &new);
        Err(StageError::Layout { path: table.path().to_owned(), layout: self.name(), difference })
    }
}

/// Refuses text in which a line has more or fewer fields than the header, or ends inside quotes.
///
/// A reader would fill a short line with nulls, and a match whose score was cut off would pass for one not yet played.
pub fn check_lines(path: &Path, text: &str) -> Result<(), StageError> {
    let header = text.lines().next().map_or(Some(0), n_fields);
    for (line_idx, line) in text.lines().enumerate() {
        let problem = match (n_fields(line), header) {
            (None, _) => "a quote is left open".to_owned(),
            (Some(found), Some(expected)) if found != expected => {
                format!("{found} fields, but the header has {expected}")
            }
            (Some(_), _) => continue,
        };
        return Err(StageError::Line { path: path.to_owned(), line: line_idx + 1, problem });
    }
    Ok(())
}

/// Returns the number of fields in a line, or `None` if it ends inside quotes.
fn n_fields(line: &str) -> Option<usize> {
    let mut fields = 1;
    let mut in_quotes = false;
    for byte in line.bytes() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b',' if !in_quotes => fields += 1,
            _ => {}
        }
    }
    (!in_quotes).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let path = Path::new("m.csv");
        let checked = check_lines(path, text)
            .and_then(|()| Table::parse_csv(path, text))
            .and_then(|table| Layout::Openfootball.check(&table));
        assert_eq!(checked.map_or_else(|error| error.to_string(), |()| "ok".to_owned()), expect);
    }

    #[test]
    fn the_columns_may_stand_in_any_order() {
        check("away_goals,date,division,home_team,away_team,home_goals\n1,2016-08-13,B,C,D,0\n", "ok");
    }

    #[test]
    fn a_changed_layout_is_refused_with_the_difference() {
        check(
            "day,division,home_team,away_team,home_goals,away_goals,referee\n2016-08-13,B,C,D,0,1,E\n",
            "`m.csv` does not have the layout `openfootball`\n  columns gone: `date`\n  columns new: `day`, `referee`",
        );
    }

    #[test]
    fn a_broken_line_is_refused_with_its_number() {
        let header = "date,division,home_team,away_team,home_goals,away_goals";
        check(&format!("{header}\n2016-08-13,B,C,D\n"), "`m.csv`, line 2: 4 fields, but the header has 6");
        check(&format!("{header}\n2016-08-13,B,\"C,D,0,1\n"), "`m.csv`, line 2: a quote is left open");
        check(&format!("{header}\n2016-08-13,B,\"C, D\",E,0,1\n"), "ok");
    }
}
