//! The run: it observes, plans, starts, judges and publishes. One thread owns the state of a run and is the only one that
//! emits events.
//!
//! | module | what |
//! |---|---|
//! | `project` | where the project is, before anything of it is read |
//! | `workspace` | a project opened for one invocation: pipeline, lock, store; the plan |
//! | `compiled`, `snapshot` | the texts as read, kept in binary |
//! | `still` | the end of a run that has nothing to do |
//! | `records` | lock and state log, read and written together |
//! | `knowledge` | contents known so far, and the recipes that follow |
//! | `links` | paths that go through symlinks |
//! | `decider` | gathers what the pure decision needs |
//! | `evidence`, `dvccache`, `recall` | what DVC knows of the same project |
//! | `tracked`, `unsaved` | data that `.dvc` files track: where it is missing, and where it is another |
//! | `import`, `dvcwrite`, `dvcrecord`, `scribe` | DVC's records taken over, and kept in step |
//! | `repro`, `run`, `tally` | from the request to the summary |
//! | `publication`, `verdicts` | what a run does with candidates, and with what gates say |
//! | `tide` | sync points while a run goes on |
//! | `hire`, `crew`, `work`, `reread`, `adopt`, `judge` | the threads and what they do for one task |
//! | `asker` | asking a person before a task is done |
//! | `transaction`, `refused`, `recovery` | outputs that are all published or none |
//! | `commit`, `retire` | outputs recorded as they stand; stages that go |
//! | `ignores` | lines of `.gitignore` for what stages make |
//! | `settle` | conflict markers taken out of locks |
//! | `upkeep` | what may go from the store |
//! | `side` | the workspace or a commit, for commands that compare values |
//! | `kept`, `logs` | run-cache entries; the files of a run |

mod adopt;
mod asker;
mod case;
mod commit;
mod compiled;
mod court;
mod crew;
mod decider;
mod dvccache;
mod dvcrecord;
mod dvcwrite;
mod errors;
mod evidence;
mod foreseen;
mod full;
mod hire;
mod ignores;
mod import;
mod judge;
mod kept;
mod knowledge;
mod links;
mod logs;
mod madeparams;
mod outlook;
mod project;
mod publication;
mod recall;
mod records;
mod recovery;
mod refused;
mod repro;
mod reread;
mod retire;
mod run;
mod scratch;
mod scribe;
mod settle;
mod side;
mod site;
mod snapshot;
mod still;
mod tally;
mod tide;
mod tracked;
mod transaction;
mod unsaved;
mod upkeep;
mod verdicts;
mod work;
mod workspace;

pub use asker::{Answer, Ask};
pub use case::{Case, ReferenceError};
pub use commit::{CommitError, Committed};
pub use compiled::check_texts;
pub use decider::{Asked, Force, Links, Missing, RunCache};
pub use dvcwrite::DvcLockUse;
pub use evidence::{Doubt, Evidence};
pub use import::{Fate, ImportMode, Imported};
pub use kept::Kept;
pub use project::{NoPull, OpenError, Place, Project};
pub use refused::quarantine;
pub use repro::{AfterFailure, Keeping, RunError, RunRequest, WhenBusy, WhenLost};
pub use retire::{Leftovers, Retired};
pub use settle::{NotSettled, Settled};
pub use side::{Side, Unreadable};
pub use still::Glimpse;
pub use tracked::Manner;
pub use unsaved::{LeftData, Unsaved};
pub use upkeep::GcError;
pub use workspace::Workspace;
