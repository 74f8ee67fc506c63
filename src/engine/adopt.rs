//! What a worker does for a task that DVC has done: its outs are kept in the store as they stand, or taken from DVC's cache.

use super::evidence::Absent;
use super::knowledge::Outs;
use super::transaction::{Record, Transaction, below};
use super::work::{Candidacy, Shop, StageEnd, failed, failure, io_failure, is_kept, not_set_aside};
use crate::event::{Before, Failure, FailureCause};
use crate::fingerprint::Recipe;
use crate::pipeline::Node;
use crate::sys::clock::Stopwatch;
use crate::words::{Content, RelPath};

/// A stage to adopt. The record is of the outs that are not in place.
pub struct AdoptJob {
    pub node: Node,
    pub recipe: Recipe,
    pub record: Record,
    pub outs: Outs,
    pub absent: Vec<Absent>,
}

/// Adopts a stage in a transaction. What turns out to be another content than it was when that was decided is a failure,
/// after which the stage can be run.
pub fn adopt(shop: &Shop, job: AdoptJob) -> StageEnd {
    let watch = Stopwatch::start();
    let transaction = match Transaction::begin(&shop.root, job.record.clone()) {
        Ok(transaction) => transaction,
        Err(error) => return failed(&watch, not_set_aside(&error)),
    };
    match take_all(shop, &job) {
        Ok(()) => {
            let AdoptJob { recipe, outs, .. } = job;
            StageEnd::Made(Box::new(Candidacy { recipe, outs, transaction, elapsed_ms: watch.elapsed_ms() }))
        }
        Err(failure) => {
            let folder = below(&super::refused::quarantine(&job.record.task), "placed");
            let failure = match transaction.roll_back(&folder) {
                Ok(()) => Failure { before: Before::Back, ..failure },
                Err(error) => {
                    Failure { before: Before::Aside, ..io_failure("its old outputs could not be put back", &error) }
                }
            };
            failed(&watch, failure)
        }
    }
}

fn take_all(shop: &Shop, job: &AdoptJob) -> Result<(), Failure> {
    for out in job.node.outs() {
        let expected = job.outs.get(&out.path).expect("every out was looked at when the stage was decided");
        let absent = job.absent.iter().find(|absent| absent.claim.path == out.path);
        match absent {
            Some(absent) => place(shop, absent, expected)?,
            None if is_kept(out) => keep(shop, &out.path, expected)?,
            None => {}
        }
    }
    Ok(())
}

fn place(shop: &Shop, absent: &Absent, expected: &Content) -> Result<(), Failure> {
    let path = &absent.claim.path;
    let lost = |why: String| failure(FailureCause::Io, format!("`{path}` could not be taken from DVC's cache: {why}"));
    let taken = shop.evidence.take(&absent.claim, &shop.store).map_err(|error| lost(error.to_string()))?;
    if taken != *expected {
        return Err(lost("it changed meanwhile".to_owned()));
    }
    shop.store.place(&taken, path, shop.link, shop.protect).map_err(|error| lost(error.to_string()))
}

fn keep(shop: &Shop, path: &RelPath, expected: &Content) -> Result<(), Failure> {
    let lost = |why: String| failure(FailureCause::Io, format!("`{path}` could not be adopted: {why}"));
    let kept = shop.store.keep(path).map_err(|error| lost(error.to_string()))?;
    if kept == *expected { Ok(()) } else { Err(lost("it changed meanwhile".to_owned())) }
}
