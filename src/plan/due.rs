//! Whether a stage with a condition is due, by the history of its gate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lock::Past;
use crate::pipeline::When;
use crate::words::text::{list, plural};
use crate::words::{GateState, NodeName};

/// Why a stage is not due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub gate: NodeName,
    /// Any of these, so many times in a row.
    pub states: Vec<GateState>,
    pub consecutive: u32,
    /// What the gate said the last times, the newest last.
    pub seen: Vec<GateState>,
}

/// Returns why the condition does not hold; `None` when it does. `pasts` are the gate's verdicts, the newest last.
pub fn held(when: &When, pasts: &[Past]) -> Option<Held> {
    let consecutive = when.consecutive as usize;
    let last = &pasts[pasts.len().saturating_sub(consecutive)..];
    let holds = last.len() == consecutive && last.iter().all(|past| when.states.contains(&past.state));
    (!holds).then(|| Held {
        gate: when.gate.clone(),
        states: when.states.clone(),
        consecutive: when.consecutive,
        seen: last.iter().map(|past| past.state).collect(),
    })
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states: Vec<String> = self.states.iter().map(|state| state.word().to_owned()).collect();
        let times = plural(self.consecutive as usize, "time");
        write!(f, "waits until gate `{}` says {} {times} in a row; ", self.gate, list(&states))?;
        let seen: Vec<&str> = self.seen.iter().map(|state| state.word()).collect();
        if seen.is_empty() { f.write_str("it has said nothing yet") } else { write!(f, "last: {}", seen.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::words::GateState::{Fail, Pass};

    #[test]
    fn a_condition_holds_when_the_last_verdicts_are_all_as_it_says() {
        let check = |states: &[GateState], consecutive, expect: Option<&str>| {
            let when = When { gate: NodeName::new("drift".to_owned()), states: vec![GateState::Fail], consecutive };
            let past = |state: &GateState| Past { state: *state, data: String::new(), metrics: BTreeMap::new() };
            let pasts: Vec<Past> = states.iter().map(past).collect();
            assert_eq!(held(&when, &pasts).map(|held| held.to_string()).as_deref(), expect, "{states:?}");
        };
        check(&[Fail, Fail], 2, None);
        check(&[Pass, Fail, Fail], 2, None);
        check(&[Fail, Pass, Fail], 1, None);
        check(&[Fail], 2, Some("waits until gate `drift` says fail 2 times in a row; last: fail"));
        check(&[Fail, Pass], 2, Some("waits until gate `drift` says fail 2 times in a row; last: fail, pass"));
        check(&[], 1, Some("waits until gate `drift` says fail 1 time in a row; it has said nothing yet"));
    }
}
