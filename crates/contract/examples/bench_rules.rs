//! Measures many rules: 500 on 1 million rows of 200 columns in Parquet, against reading the same columns.
//!
//! `bench_rules FOLDER` makes the table in FOLDER, unless it is there already, reads all its columns, judges it, and prints
//! CPU seconds and the ratio of the two. Reading is what `polars` does with the columns when nothing is asked of them but
//! how many values are there.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

mod bench;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use lockgate_contract::{Given, Input, Schema, State, check};
use lockgate_spanned::{Problems, Source};
use polars::prelude::*;

use bench::{Spent, make, scramble};

const ROWS: u64 = 1_000_000;
const GROUP: u64 = 250_000;

/// Columns of each kind: floats, whole numbers, short text, and whole numbers of few values.
const KINDS: [(&str, u64); 4] = [("f", 80), ("i", 60), ("s", 30), ("k", 30)];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: bench_rules FOLDER")?);
    let path = folder.join("wide.parquet");
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        make(&path, ROWS, usize::try_from(GROUP)?, group)?;
    }
    let text = rules();
    fs::write(folder.join("wide.yaml"), &text)?;
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let ((), read) = Spent::on(|| read(&path))?;
        let ((), judged) = Spent::on(|| judge(&path, &text))?;
        let ratio = judged.cpu_seconds / read.cpu_seconds;
        ratios.push(ratio);
        println!("reading: {read}\njudging: {judged}\nratio {ratio:.2} in CPU seconds");
    }
    ratios.sort_by(f64::total_cmp);
    println!("ratio {:.2} (the middle of three)", ratios[1]);
    Ok(())
}

fn read(path: &Path) -> Result<(), Box<dyn Error>> {
    let rows = LazyFrame::scan_parquet(PlRefPath::try_from_path(path)?, ScanArgsParquet::default())?;
    let counted = rows.select([all().as_expr().count()]).collect_with_engine(Engine::Streaming)?;
    println!("  {} columns of {ROWS} rows", counted.unwrap_single().width());
    Ok(())
}

fn judge(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    let mut problems = Problems::default();
    let source = Source::new("wide.yaml", text);
    let schema = Schema::read(&source, &mut problems).ok_or("the schema is wrong")?;
    let report = check(&schema, &[Input { name: "wide.parquet", path }], &Given::default())?;
    let (rules, passed) = (report.rules.len(), report.count(State::Pass));
    println!("  {passed} of {rules} rules pass\n{}", report.screen(100));
    Ok(())
}

/// Range, null and type rules on every column, and rules on rows, aggregates and fullness: 500 without the types.
fn rules() -> String {
    let mut text = "columns:\n".to_owned();
    for (kind, columns) in KINDS {
        for column in 0..columns {
            let form = match kind {
                "f" => "f64 0..1",
                "i" => "i64 0..1000000",
                "s" => "str len 3..12",
                _ => "i64 in [0, 1, 2, 3, 4, 5, 6, 7]",
            };
            let _ = writeln!(text, "  {kind}{column}: {form}");
        }
    }
    text += "rules:\n";
    for column in 0..40 {
        let _ = writeln!(text, "  - row-{column}: f{column} < 2 or i{column} >= 0");
        let _ = writeln!(text, "  - mean-{column}: avg(f{column}) > 0.4 and std(f{column}) < 0.4");
    }
    for column in 0..10 {
        let _ = writeln!(
            text,
            "  - share-{column}: {{check: share_zero(i{column}) < 0.5 and max(f{column}) <= 1, by: k0}}"
        );
        let _ = writeln!(text, "  - re-{column}: \"matches(s{column}, '[a-z0-9]+')\"");
    }
    text
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "made-up numbers below 2^53")]
fn group(start: u64) -> PolarsResult<DataFrame> {
    let height = usize::try_from(GROUP).unwrap_or(usize::MAX);
    let mut columns = Vec::new();
    for (kind, count) in KINDS {
        for column in 0..count {
            let random = || (start..start + GROUP).map(move |row| scramble(row * 257 + column * 7 + 1));
            let name = PlSmallStr::from(format!("{kind}{column}"));
            columns.push(match kind {
                "f" => Column::new(name, random().map(|r| (r % 1_000_003) as f64 / 1_000_003.0).collect::<Vec<_>>()),
                "i" => Column::new(name, random().map(|r| (r % 1_000_000) as i64).collect::<Vec<_>>()),
                "s" => Column::new(name, random().map(|r| format!("a{:05}", r % 100_000)).collect::<Vec<_>>()),
                _ => Column::new(name, random().map(|r| (r % 8) as i64).collect::<Vec<_>>()),
            });
        }
    }
    DataFrame::new(height, columns)
}
