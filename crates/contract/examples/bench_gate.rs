//! Measures the schema gate: 10 million rows of 10 columns in Parquet, 11 rules, one key that is unique and not sorted.
//!
//! `bench_gate FOLDER [ROWS]` makes the table in FOLDER, unless it is there already, writes its schema beside it, judges it and
//! prints CPU seconds and peak memory: of the rules that the footer alone proves, of all rules, and of rules that every row
//! breaks, all of which are written to a file. The table is made in a process of its own, so that the memory of making it is not
//! counted; the peak is that of the process so far.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use lockgate_contract::{Given, Input, Rejects, Report, Schema, check};
use lockgate_spanned::{Problems, Source};
use polars::prelude::*;

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

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().ok_or("usage: bench_gate FOLDER [ROWS]")?);
    let rows = arguments.get(1).map_or(Ok(ROWS), |rows| rows.parse())?;
    let path = folder.join("games.parquet");
    if arguments.get(2).is_some_and(|word| word == "make") {
        return make(&path, rows);
    }
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        let made = Command::new(std::env::current_exe()?).arg(&folder).arg(rows.to_string()).arg("make").status()?;
        if !made.success() {
            return Err("the table could not be made".into());
        }
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
    let (wall, cpu) = (Instant::now(), cpu_seconds()?);
    let report = judge(rules, path, rejects)?;
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
    let passed = report.count(lockgate_contract::State::Pass);
    println!("{what}: {passed} of {} pass, {:?}", report.rules.len(), report.state);
    println!("{}", report.screen(100));
    println!("wall {wall:.3} s, CPU {cpu:.2} s, peak {} MB", peak_mb()?);
    Ok(())
}

fn judge(rules: &str, path: &Path, rejects: &[Rejects<'_>]) -> Result<Report, Box<dyn Error>> {
    let source = Source::new("games.yaml", rules);
    let mut problems = Problems::default();
    let schema = Schema::read(&source, &mut problems).ok_or("the schema is wrong")?;
    Ok(check(&schema, &[Input { name: "games.parquet", path }], &Given { rejects, ..Given::default() })?)
}

fn make(path: &Path, rows: u64) -> Result<(), Box<dyn Error>> {
    let unfinished = path.with_extension("unfinished");
    let file = File::create(&unfinished)?;
    let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None));
    let mut batches = writer.batched(group(0)?.schema())?;
    for start in (0..rows).step_by(usize::try_from(GROUP)?) {
        batches.write_batch(&group(start)?)?;
    }
    batches.finish()?;
    fs::rename(unfinished, path)?;
    Ok(())
}

/// Scrambles a number; equal numbers give equal results and different ones different results (splitmix64).
fn scramble(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
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

/// The CPU time of the process, in user and in system mode, as the kernel counts it in hundredths of a second.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| {
        fields.get(at).ok_or("the kernel gives no CPU time")?.parse::<f64>().map_err(Box::<dyn Error>::from)
    };
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

fn peak_mb() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel gives no peak")?;
    Ok(peak.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}
