//! Stage `load_data_from_sources`: the source files as one raw table.
//!
//! Judges layout only. A day stays text and a score stays a number of any size: whether they make sense is for the gate
//! `validate_raw` to say.

use std::path::PathBuf;

use crate::error::StageError;
use crate::layout::{Layout, check_lines};
use crate::table::{self, Table, column};

/// Joins the source files into one raw table.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Layout of the source files
    #[arg(long, value_enum)]
    layout: Layout,
    /// Source files, in CSV with a header row
    #[arg(long = "source", value_name = "FILE", num_args = 1.., required = true)]
    sources: Vec<PathBuf>,
    /// Division of the matches, for a layout that does not name it
    #[arg(long)]
    division: Option<String>,
    /// Parquet file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The columns of the raw table; a null is what an empty field became.
#[derive(Default)]
struct RawMatches {
    date: Vec<Option<String>>,
    division: Vec<Option<String>>,
    home_team: Vec<Option<String>>,
    away_team: Vec<Option<String>>,
    home_goals: Vec<Option<i64>>,
    away_goals: Vec<Option<i64>>,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    let mut raw = RawMatches::default();
    for source in &args.sources {
        let text = String::from_utf8(table::read(source)?)
            .map_err(|error| StageError::Encoding { path: source.clone(), cause: error.utf8_error() })?;
        check_lines(source, &text)?;
        let table = Table::parse_csv(source, &text)?;
        args.layout.check(&table)?;
        raw.append(&table, args)?;
    }
    let n_rows = raw.date.len();
    raw.write(args)?;
    Ok(format!("{n_rows} rows of {} in `{}`", sources(&args.sources), args.out.display()))
}

impl RawMatches {
    fn append(&mut self, table: &Table, args: &Args) -> Result<(), StageError> {
        let places = args.layout.places();
        let owned = |name| -> Result<Vec<Option<String>>, StageError> {
            Ok(table.texts(name)?.into_iter().map(|text| text.map(str::to_owned)).collect())
        };
        let date = owned(places.date)?;
        let division = match (places.division, &args.division) {
            (Some(name), _) => owned(name)?,
            (None, Some(division)) => vec![Some(division.clone()); date.len()],
            (None, None) => return Err(division_missing(args.layout)),
        };
        self.date.extend(date);
        self.division.extend(division);
        self.home_team.extend(owned(places.home_team)?);
        self.away_team.extend(owned(places.away_team)?);
        self.home_goals.extend(goals(table, places.home_goals)?);
        self.away_goals.extend(goals(table, places.away_goals)?);
        Ok(())
    }

    fn write(self, args: &Args) -> Result<(), StageError> {
        let columns = vec![
            column("date", self.date),
            column("division", self.division),
            column("home_team", self.home_team),
            column("away_team", self.away_team),
            column("home_goals", self.home_goals),
            column("away_goals", self.away_goals),
        ];
        table::write_parquet(&args.out, columns)
    }
}

fn sources(sources: &[PathBuf]) -> String {
    match sources {
        [only] => format!("`{}`", only.display()),
        several => format!("{} source files", several.len()),
    }
}

fn division_missing(layout: Layout) -> StageError {
    StageError::Setting {
        flag: "--division",
        found: "not given".to_owned(),
        must: format!("the name of the league, which the layout `{}` does not hold", layout.name()),
    }
}

/// Reads a column of whole numbers, or says where first, and in how many rows, the source holds something else.
fn goals(table: &Table, name: &str) -> Result<Vec<Option<i64>>, StageError> {
    let texts = table.texts(name)?;
    let is_odd = |text: Option<&str>| text.is_some_and(|text| text.parse::<i64>().is_err());
    let n_odd = texts.iter().filter(|text| is_odd(**text)).count();
    match texts.iter().position(|text| is_odd(*text)) {
        None => Ok(texts.iter().map(|text| text.and_then(|text| text.parse().ok())).collect()),
        Some(row_idx) => Err(StageError::Line {
            path: table.path().to_owned(),
            // The header is line 1, and no field spans lines: `check_lines` refused those.
            line: row_idx + 2,
            problem: format!(
                "column `{name}` holds `{}`, expected a whole number ({n_odd} of {} rows are not)",
                texts[row_idx].unwrap_or_default(),
                texts.len()
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn check(column: &str, expect: &str) {
        let table = Table::parse_csv(Path::new("m.csv"), &format!("a,g\n{column}")).unwrap();
        let read = goals(&table, "g").map_or_else(|error| error.to_string(), |goals| format!("{goals:?}"));
        assert_eq!(read, expect);
    }

    #[test]
    fn strange_numbers_pass_on_to_the_gate() {
        check("x,99\nx,-1\nx,\n", "[Some(99), Some(-1), None]");
    }

    #[test]
    fn a_retyped_column_is_refused_with_its_first_line() {
        check(
            "x,2\nx,2.0\nx,\nx,n/a\n",
            "`m.csv`, line 3: column `g` holds `2.0`, expected a whole number (2 of 4 rows are not)",
        );
    }
}
