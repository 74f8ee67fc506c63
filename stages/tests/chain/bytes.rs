//! Outputs are the same bytes, whoever makes them.

use std::fs;

use crate::example::Workspace;

const OUTS: [&str; 7] = [
    "data/raw/matches.parquet",
    "data/clean/matches.parquet",
    "data/features/matches.parquet",
    "models/outcome.json",
    "reports/metrics.json",
    "reports/calibration.csv",
    "reports/predictions.csv",
];

fn outputs(threads: &'static str) -> [Vec<u8>; 7] {
    let workspace = Workspace::new().with_threads(threads);
    workspace.run_all();
    OUTS.map(|out| fs::read(workspace.path(out)).unwrap())
}

#[test]
fn outputs_do_not_depend_on_the_number_of_threads() {
    let one = outputs("1");
    for threads in ["2", "5"] {
        for (out, (was, now)) in OUTS.iter().zip(one.iter().zip(&outputs(threads))) {
            assert!(was == now, "`{out}` differs between 1 and {threads} threads");
        }
    }
}

/// FNV-1a, 64 bits: enough to tell two files apart, and short enough to need no crate.
fn digest(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// Pins the bytes, so that another machine, profile or version of a library that makes others is noticed here and not in
/// a lock file that no longer fits.
#[test]
fn outputs_are_those_of_every_other_machine() {
    let listing: Vec<String> =
        OUTS.iter().zip(outputs("2")).map(|(out, bytes)| format!("{} {out}", digest(&bytes))).collect();
    insta::assert_snapshot!(listing.join("\n"), @"
    5f003c772c46dc19 data/raw/matches.parquet
    b4bbba65588e6af8 data/clean/matches.parquet
    4864d64ba242287b data/features/matches.parquet
    3a5cb40d84e64f65 models/outcome.json
    5135cc19609b436d reports/metrics.json
    196ddd2c48d32688 reports/calibration.csv
    67e3f307cf8664ae reports/predictions.csv
    ");
}
