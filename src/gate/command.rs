//! The verdict of a command gate.

use std::collections::BTreeMap;

use super::Judgement;
use crate::event::GateReport;
use crate::lock::Verdict;
use crate::sys::process::Ended;
use crate::sys::process::Waited;
use crate::words::GateState;
use crate::words::RelPath;

/// Judges by how the command ended: status 0 passes, any other fails; a signal, a timeout, 126 and 127 are errors.
pub fn judge_ended(ended: Waited, cmd: &[String], data: Vec<String>, log: RelPath, tail: &[String]) -> Judgement {
    let (state, summary) = match ended {
        Waited::Ended(Ended::Exit(0)) => (GateState::Pass, "exit status 0".to_owned()),
        Waited::Ended(Ended::Exit(126)) => (GateState::Error, "exit status 126: it could not be executed".to_owned()),
        Waited::Ended(Ended::Exit(127)) => (GateState::Error, "exit status 127: command not found".to_owned()),
        Waited::Ended(Ended::Exit(status)) => (GateState::Fail, format!("exit status {status}")),
        Waited::Ended(Ended::Signal(signal)) => (GateState::Error, format!("ended by signal {signal}")),
        Waited::TimedOut => (GateState::Error, "timed out".to_owned()),
        Waited::Cancelled => (GateState::Error, "interrupted".to_owned()),
    };
    let head = format!("  {}  {summary}\n", cmd.join("; "));
    let screen = if state.lets_pass() { String::new() } else { head };
    let screen = tail.iter().fold(screen, |screen, line| screen + "      " + line + "\n");
    let details = serde_json::json!({ "summary": summary, "output": tail });
    let report = GateReport { data, details, screen, rules: Vec::new(), metrics: BTreeMap::new(), log: Some(log) };
    Judgement { verdict: Verdict { state, summary }, report }
}
