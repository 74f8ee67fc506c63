//! What a worker does for a task that DVC has done: its outs are kept in the store as they stand, or taken from DVC's cache.

use super::evidence::Vouched;
use super::knowledge::Outs;
use super::repro::Keeping;
use super::transaction::{Record, below};
use super::work::{Candidacy, Shop, StageEnd, begin, failed, failure, io_failure, kept};
use crate::event::{Before, Failure, FailureCause};
use crate::fingerprint::Recipe;
use crate::pipeline::Node;
use crate::sys::clock::Stopwatch;

/// A stage to adopt. The record is of the outs that are not in place.
pub struct AdoptJob {
    pub node: Node,
    pub recipe: Recipe,
    pub record: Record,
    pub outs: Outs,
    pub vouched: Vouched,
}

/// Adopts a stage in a transaction. What turns out to be another content than it was when that was decided is a failure,
/// after which the stage can be run.
pub fn adopt(shop: &Shop, job: AdoptJob) -> StageEnd {
    let watch = Stopwatch::start();
    let transaction = match begin(shop, &job.record) {
        Ok(transaction) => transaction,
        Err(failure) => return failed(&watch, failure),
    };
    match take_all(shop, &job) {
        Ok(()) => {
            let AdoptJob { recipe, outs, .. } = job;
            StageEnd::Made(Box::new(Candidacy { recipe, outs, transaction, elapsed_ms: watch.elapsed_ms() }))
        }
        Err(failure) => {
            let folder = below(&super::refused::quarantine(&job.record.task), "placed");
            let failure = match transaction.roll_back(Some(&folder)) {
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
    for claim in &job.vouched.claims {
        let expected = job.outs.get(&claim.path).expect("every out was looked at when the stage was decided");
        let lost = |why: &str| failure(FailureCause::Io, format!("`{}` could not be adopted: {why}", claim.path));
        let kept = job.node.outs().iter().filter_map(kept).find(|path| claim.path == **path);
        if job.vouched.absent.contains_key(&claim.path) {
            let path = claim.path.inside().ok_or_else(|| lost("it lies outside of the project"))?;
            let taken = shop.evidence.take(claim, &shop.store).map_err(|error| lost(&error.to_string()))?;
            if taken != *expected {
                return Err(lost("DVC's cache changed meanwhile"));
            }
            let placed = shop.store.place(&taken, path, shop.link, shop.protect);
            placed.map_err(|error| lost(&error.to_string()))?;
        } else if let Some(path) = kept.filter(|_| shop.keeping == Keeping::InStore) {
            let kept =
                shop.evidence.keep((claim, path), expected, &shop.store).map_err(|error| lost(&error.to_string()))?;
            if kept != *expected {
                return Err(lost("it changed meanwhile"));
            }
        }
    }
    Ok(())
}
