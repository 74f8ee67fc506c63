//! The work of a drift gate on many columns: `time cargo run --release -p lockgate-stats --example five_distances`.
//!
//! Fifty columns of a million rows against references of 10,000 values: sorting, PSI, Jensen-Shannon, chi-square,
//! Kolmogorov-Smirnov with its p-value, and Wasserstein.
#![expect(clippy::print_stdout, reason = "the figure is what it is for")]

use lockgate_stats::{
    Histogram, LogBase, NanPolicy, PER_BIN, Sample, Smoothing, StatError, Subject, ThinColumns, chi_square,
    jensen_shannon_distance, kolmogorov_smirnov, psi, wasserstein,
};

const COLUMNS: u64 = 50;
const ROWS: u64 = 1_000_000;
const KEPT: u64 = 10_000;

fn main() -> Result<(), StatError> {
    let mut total = 0.0;
    for column in 0..COLUMNS {
        let reference = Sample::new(Subject::Reference, values(column, KEPT), 0, NanPolicy::IsError)?;
        let current = Sample::new(Subject::Current, values(column + COLUMNS, ROWS), 0, NanPolicy::IsError)?;
        total += five(&reference, &current)?;
    }
    println!("{COLUMNS} columns of {ROWS} rows: {total}");
    Ok(())
}

fn five(reference: &Sample, current: &Sample) -> Result<f64, StatError> {
    let table = Histogram::of_reference(reference, 10)?.against(current)?;
    let [p, q] = table.shares(Smoothing::None)?;
    let test = kolmogorov_smirnov(reference, current)?;
    Ok(psi(&table, Smoothing::HALF, PER_BIN)?.value
        + jensen_shannon_distance(&p, &q, LogBase::Two)?
        + chi_square(&table, ThinColumns::Merge)?.p_value
        + test.statistic
        + test.p_value()
        + wasserstein(reference, current)?)
}

/// Values without order: the fractional part of the multiples of an irrational number, bent so that they are not uniform.
fn values(seed: u64, n: u64) -> Vec<f64> {
    let uniform = |row: u64| (row.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed.wrapping_mul(0xD1B5_4A32_D192_ED03)) >> 11;
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    let bent = |bits: u64| (bits as f64 / 9_007_199_254_740_992.0).sqrt();
    (0..n).map(|row| bent(uniform(row.wrapping_mul(row + seed)))).collect()
}
