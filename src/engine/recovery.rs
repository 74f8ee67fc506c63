//! Puts right what a dead run left: its processes, its open transactions, its temporary files.
//!
//! It is called with the workspace's lock held, so nothing in flight belongs to a living run.

use super::records::Records;
use super::transaction::{left_over, put_back};
use crate::sys::disk::{DiskError, Layout, Root};
use crate::sys::process::end_orphans;
use crate::words::TaskId;
use crate::words::text::plural;

/// Recovers and returns what was done, one line for people; `None` when there was nothing to do.
pub fn recover(root: &Root, records: &mut Records) -> Result<Option<String>, DiskError> {
    let in_flight = !root.list(&Layout::tmp())?.is_empty();
    if !records.is_unclean() && !in_flight {
        return Ok(None);
    }
    let n_orphans = end_orphans(root.path());
    let open: Vec<_> = records.open().cloned().collect();
    for transaction in &open {
        put_back(root, &transaction.outs, None)?;
    }
    // A log that was lost does not know of these; their folders do.
    let known = |task: &TaskId| open.iter().any(|transaction| transaction.task == *task);
    let mut n_put_back = open.len();
    for record in left_over(root)?.iter().filter(|record| !known(&record.task) && !records.is_over(record.txn)) {
        put_back(root, &record.asides(), None)?;
        n_put_back += 1;
    }
    // Where an out is on another file system, temporaries of it stand beside it.
    open.iter().flat_map(|transaction| &transaction.outs).try_for_each(|(path, _)| root.sweep_beside(path))?;
    root.remove(&Layout::tmp())?;
    root.create_dir_all(&Layout::tmp())?;
    if records.is_unclean() {
        records.recovered()?;
    }
    let tasks = format!("the outputs of {} were put back", plural(n_put_back, "task"));
    let processes = format!("{} ended", plural(n_orphans, "left-over process"));
    Ok(match (n_put_back, n_orphans) {
        (0, 0) => None,
        (_, 0) => Some(format!("an earlier run did not come to its end: {tasks}")),
        (0, _) => Some(format!("an earlier run did not come to its end: {processes}")),
        (_, _) => Some(format!("an earlier run did not come to its end: {tasks}, {processes}")),
    })
}
