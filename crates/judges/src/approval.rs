//! `approval`: a person has to look.

use lockgate_contract::{Report, State};
use lockgate_kinds::Approval;

use crate::finding::{Draft, Finding};
use crate::{Given, JudgeError};

/// Asks for a review of the data.
pub fn judge(approval: &Approval, given: &Given<'_>) -> Result<Report, JudgeError> {
    let mut draft = Draft::new(given);
    for input in given.data {
        draft.file(input)?;
    }
    let step = format!("lockgate approve {} --reason \"…\"", given.gate);
    let asked = Finding::new("approval", "by a person").expecting("an approval of exactly this data");
    draft.found(asked.seen(State::Review, approval.ask.clone()).note(format!("when that is done: {step}")));
    Ok(draft.finish())
}
