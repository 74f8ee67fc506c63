//! Measures the schema gate: 10 million rows of 10 columns in Parquet, 11 rules, one key that is unique and not sorted.
//!
//! `bench_gate FOLDER [ROWS [values]]` makes the table in FOLDER, unless it is there already, writes its schema beside it, judges it and
//! prints CPU seconds and peak memory: of the rules that the footer alone proves, of all rules, and of rules that every row
//! breaks, all of which are written to a file. The table is made in a process of its own, so that the memory of making it is not
//! counted; the peak is that of the process so far. With `values` only rules are judged that need all values of a column in which
//! each value is there once.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

mod bench;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lockgate_contract::{Given, Input, Rejects, Report, Schema, check};
use lockgate_spanned::{Problems, Source};
use polars::prelude::*;

use bench::{Spent, make, scramble};

const ROWS: u64 = 10_000_000;
const GROUP: u64 = 1_000_000;

/// The rules that the footer alone proves, of the columns whose bounds and nulls it has.
const PROVED: &str = "\
extra_columns: allow
columns:
  id:     i64
  season: i16? 1999..2030
  week:   i8? 1..22
  epa:    f64
";

/// Rules that all rows break, the key among them.
const BROKEN: &str = "\
extra_columns: allow
key: [season, week]
columns:
  season: i16? 1900..1998
  week:   i8? 1..2
  spread: f64? 0..1
";

const RULES: &str = "\
key: [id]
rows: {ROWS}
rules: [teams-differ: home <> away, epa-mean: abs(avg(epa)) < 0.5]
columns:
  id:         i64
  season:     i16? 1999..2030
  week:       i8? 1..22
  home:       str? in [T00, T01, T02, T03, T04, T05, T06, T07, T08, T09, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22, T23, T24, T25, T26, T27, T28, T29, T30, T31]
  away:       str?
  spread:     f64? -30..30
  wp:         f64? 0..1
  epa:        f64
  game_id:    str? /\\d{4}_\\d{2}_[A-Z]\\d{2}_[A-Z]\\d{2}/
  updated_at: datetime[us]?
";

/// Rules that need all values, of numbers and of texts that are all different.
const VALUES: &str = "\
extra_columns: allow
columns: {id: i64, season: 'i16?'}
rules:
  - different: n_unique(id) > 1 and share_unique(id) = 1
  - middle:    {check: abs(median(id)) < 1e17, level: warn}
  - upper:     \"quantile(id, 0.9) > 0\"
  - common:    \"most_common(id) <> 0\"
  - per-group: {check: n_unique(id) > 1, by: season}
  - texts:     \"n_unique(text(id)) > 1\"
  - text:      \"most_common(text(id)) <> ''\"
";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().ok_or("usage: bench_gate FOLDER [ROWS]")?);
    let rows = arguments.get(1).map_or(Ok(ROWS), |rows| rows.parse())?;
    let path = folder.join("games.parquet");
    let word = arguments.get(2).map(String::as_str);
    if word == Some("make") {
        return make(&path, rows, usize::try_from(GROUP)?, group);
    }
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        let made = Command::new(std::env::current_exe()?).arg(&folder).arg(rows.to_string()).arg("make").status()?;
        if !made.success() {
            return Err("the table could not be made".into());
        }
    }
    if word == Some("values") {
        return measure("rules that need all values", VALUES, &path, &[]);
    }
    let rules = RULES.replace("{ROWS}", &rows.to_string());
    fs::write(folder.join("games.yaml"), &rules)?;
    fs::write(folder.join("proved.yaml"), PROVED)?;
    // First, while the memory of nothing else is in the peak.
    measure("rules that the footer proves", PROVED, &path, &[])?;
    measure("all rules", &rules, &path, &[])?;
    let bad_rows = folder.join("bad_rows.parquet");
    measure("rules that all rows break", BROKEN, &path, &[Rejects { path: &bad_rows, name: "bad_rows.parquet" }])?;
    Ok(fs::remove_file(bad_rows)?)
}

/// Judges the table and prints what that took.
fn measure(what: &str, rules: &str, path: &Path, rejects: &[Rejects<'_>]) -> Result<(), Box<dyn Error>> {
    let (report, spent) = Spent::on(|| judge(rules, path, rejects))?;
    let passed = report.count(lockgate_contract::State::Pass);
    println!("{what}: {passed} of {} pass, {:?}", report.rules.len(), report.state);
    println!("{}", report.screen(100));
    println!("{spent}");
    Ok(())
}

fn judge(rules: &str, path: &Path, rejects: &[Rejects<'_>]) -> Result<Report, Box<dyn Error>> {
    let source = Source::new("games.yaml", rules);
    let mut problems = Problems::default();
    let schema = Schema::read(&source, &mut problems).ok_or("the schema is wrong")?;
    Ok(check(&schema, &[Input { name: "games.parquet", path }], &Given { rejects, ..Given::default() })?)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "made-up numbers, each within the range of its column"
)]
fn group(start: u64) -> PolarsResult<DataFrame> {
    let rows = || (start..start + GROUP).map(|n| (n, scramble(n + 1)));
    let part = |random: u64, shift: u32| (random >> shift & 0xFFFF) as f64 / 65_535.0;
    let team = |random: u64| format!("T{:02}", random % 32);
    // No team plays against itself.
    let home = |random: u64| team(random >> 16);
    let away = |random: u64| team((random >> 16) + 1 + (random >> 24) % 31);
    let ticks =
        Series::new("updated_at".into(), rows().map(|(n, _)| 1_700_000_000_000_000 + n as i64).collect::<Vec<_>>());
    let mut frame = df!(
        "id" => rows().map(|(_, r)| r as i64).collect::<Vec<_>>(),
        "season" => rows().map(|(_, r)| 1999 + (r >> 8 & 15) as i16).collect::<Vec<_>>(),
        "week" => rows().map(|(_, r)| 1 + (r >> 12 & 15) as i8).collect::<Vec<_>>(),
        "home" => rows().map(|(_, r)| home(r)).collect::<Vec<_>>(),
        "away" => rows().map(|(_, r)| away(r)).collect::<Vec<_>>(),
        "spread" => rows().map(|(_, r)| part(r, 20).mul_add(60.0, -30.0)).collect::<Vec<_>>(),
        "wp" => rows().map(|(_, r)| part(r, 28)).collect::<Vec<_>>(),
        "epa" => rows().map(|(_, r)| part(r, 36) - 0.5).collect::<Vec<_>>(),
        "game_id" => rows().map(|(_, r)| format!("{}_{:02}_{}_{}", 1999 + (r >> 8 & 15), 1 + (r >> 12 & 15), away(r), home(r))).collect::<Vec<_>>(),
    )?;
    frame.with_column(ticks.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?.into())?;
    Ok(frame)
}
