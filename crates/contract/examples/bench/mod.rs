//! What the measurements share: made-up tables, and what an act costs.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::time::Instant;

use polars::prelude::{DataFrame, ParquetCompression, ParquetWriter, PolarsResult};

/// Scrambles a number; equal numbers give equal results and different ones different results (splitmix64).
pub fn scramble(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

/// Writes `rows` rows to a Parquet file, so many to a group; `group` makes those from a row on.
pub fn make(
    path: &Path,
    rows: u64,
    in_group: usize,
    group: impl Fn(u64) -> PolarsResult<DataFrame>,
) -> Result<(), Box<dyn Error>> {
    let unfinished = path.with_extension("unfinished");
    let writer = ParquetWriter::new(File::create(&unfinished)?).with_compression(ParquetCompression::Zstd(None));
    let mut batches = writer.batched(group(0)?.schema())?;
    for start in (0..rows).step_by(in_group) {
        batches.write_batch(&group(start)?)?;
    }
    batches.finish()?;
    Ok(fs::rename(unfinished, path)?)
}

/// What something took.
pub struct Spent {
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    /// The most memory that the process has had so far.
    pub peak_mb: u64,
}

impl Spent {
    /// Does something and returns what it gives, with what it took.
    pub fn on<T>(act: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<(T, Self), Box<dyn Error>> {
        let (wall, cpu) = (Instant::now(), cpu_seconds()?);
        let done = act()?;
        let (wall_seconds, cpu_seconds) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        Ok((done, Self { wall_seconds, cpu_seconds, peak_mb: peak_mb()? }))
    }
}

impl std::fmt::Display for Spent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { wall_seconds, cpu_seconds, peak_mb } = self;
        write!(f, "wall {wall_seconds:.3} s, CPU {cpu_seconds:.2} s, peak {peak_mb} MB")
    }
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
