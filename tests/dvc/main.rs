//! What DVC's own tests say of a pipeline, said again of lockgate from outside: the headings are those of DVC's suite, the
//! names are behaviours. `README.md` beside this says where each case is; what differs is in `docs/dvc-differences.md`.
#![expect(clippy::disallowed_methods, reason = "a test is the user: it makes files and starts programs")]
#![expect(clippy::too_many_lines, reason = "a test is as long as what it shows")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod dag;
mod lock;
mod made_params;
mod missing;
mod params;
mod pull;
mod repro;
mod run_cache;
#[path = "../cli/sandbox.rs"]
#[expect(dead_code, reason = "the tests of the command line need more of it")]
mod sandbox;
mod script;
mod targets;
mod templating;
