//! Tasks of the workshop: `cargo xtask bench` measures lockgate against its peers, `cargo xtask dvc-diff` compares what it does
//! with what DVC does.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a tool for the terminal")]

mod bench;
mod dvcdiff;
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

cargo xtask dvc-diff [--binary PATH] [--python PATH] [--from SEED] [--count N] [--state FILE] [--folder FOLDER]
cargo xtask dvc-diff [--binary PATH] [--python PATH] --seed N

Lets DVC and lockgate work on random projects after random edits, compares all they do, and tells what differs. Without
--from it goes on after the last seed of the state file. Exits with 1 when something differs that is not on purpose.

  --binary PATH    the lockgate to compare (default: as with bench)
  --python PATH    a Python with DVC in it: pip install dvc (default: python3)
  --from SEED      begin at this seed, with new counts
  --count N        how many seeds (default: 100)
  --state FILE     the last seed and the counts (default: dvc-diff.json in the target folder)
  --folder FOLDER  where projects are made; those that differ are kept (default: in the folder for temporary files)
  --seed N         one seed; its project is kept
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["bench", rest @ ..] => bench::run(rest),
        ["dvc-diff", rest @ ..] => dvcdiff::run(rest),
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
