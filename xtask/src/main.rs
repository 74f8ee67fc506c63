//! Tasks of the workshop: `cargo xtask bench` measures lockgate against its peers.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a tool for the terminal")]

mod bench;
mod graphs;
mod measure;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask bench [--binary PATH] [--runs N] [NAME…]

Times lockgate against the peers that are installed, in turn within one run, and prints a table in Markdown.
NAMEs: version noop cold dvc dvc-first dvc-many dvc-folder hash folder gate; all of them when none is given.

  --binary PATH  the lockgate to measure (default: target/release/lockgate, or under $CARGO_TARGET_DIR)
  --runs N       runs of each command after one warm-up (default: 7)

Peers are looked for in PATH; one that is missing is left out and named:
  ninja   pip install ninja
  dvc     pip install dvc
  b3sum   cargo install b3sum
The gate's peers are modules of the Python that LOCKGATE_BENCH_PYTHON names (default: python3):
  pip install polars duckdb 'pandera[polars]' great_expectations pandas pyarrow
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["bench", rest @ ..] => bench::run(rest),
        ["measure", command @ ..] => measure::child(command),
        _ => {
            print!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
