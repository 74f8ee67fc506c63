//! Measures the drift gate: all five distances of every column of a table, against a reference made of the same table.
//!
//! `bench_drift TABLE [FOLDER]` writes the reference into FOLDER (else the folder for temporary files) and prints CPU seconds
//! and peak memory of making it and of judging. `xtask/peers/drift_table.py` makes the table of 50 columns and 1 million rows.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use lockgate_contract::Input;
use lockgate_forms::TextForms;
use lockgate_judges::{Given, judge, reference};
use lockgate_kinds::{Bounds, Columns, Distances, Drift, Kind, Tested};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let table = arguments.first().ok_or("usage: bench_drift TABLE [FOLDER]")?;
    let made = arguments.get(1).cloned().unwrap_or_else(std::env::temp_dir).join("bench-drift-reference.json");
    let data = [Input { name: "table", path: table }];
    let file = |_: &str| made.clone();
    let forms = TextForms::default();
    let given = Given { gate: "drift", citation: "pipeline.yaml:1", data: &data, forms: &forms, file: &file, now: 0 };
    let kind = kind();
    let text = measured("the reference", || reference(&kind, &given))?;
    fs::write(&made, &text)?;
    println!("{} bytes", text.len());
    let report = measured("all distances", || judge(&kind, &given))?;
    println!("{:?}, {} rules, {} numbers", report.state, report.rules.len(), report.metrics.len());
    Ok(())
}

fn kind() -> Kind {
    let bounds = Bounds { warn: None, fail: Some(0.2) };
    let tested = Tested { bounds, alpha: 0.01 };
    let distances = Distances {
        psi: Some(bounds),
        ks: Some(tested),
        wasserstein: Some(bounds),
        jensen_shannon: Some(bounds),
        chi_square: Some(tested),
    };
    let (columns, critical) = (Columns::All(distances), Vec::new());
    Kind::Drift(Drift { reference: "r".to_owned(), columns, bins: 10, min_rows: 50, critical, share_drifted: None })
}

fn measured<T, E>(what: &str, run: impl FnOnce() -> Result<T, E>) -> Result<T, Box<dyn Error>>
where
    E: Error + 'static,
{
    let (wall, cpu) = (Instant::now(), cpu_seconds()?);
    let made = run()?;
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
    println!("{what}: wall {wall:.2} s, CPU {cpu:.2} s, peak {} MB", peak_mb()?);
    Ok(made)
}

/// The CPU time of the process, in user and in system mode, as the kernel counts it in hundredths of a second.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).ok_or("the kernel gives no times");
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

fn peak_mb() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the kernel gives no peak")?;
    Ok(peak.trim().trim_end_matches("kB").trim().parse::<u64>()? / 1024)
}
