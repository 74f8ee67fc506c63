//! The condition of a stage, and what it does with degraded inputs.

use lockgate_spanned::{Fields, Node, Span, Value as Yaml, nearest};

use super::report::Report;
use crate::pipeline::{Degraded, When};
use crate::words::{GateState, NodeName};

const KEYS: [&str; 3] = ["gate", "state", "consecutive"];

/// The states that are a verdict on data; an error is none.
const STATES: [GateState; 5] =
    [GateState::Pass, GateState::Warn, GateState::Fail, GateState::Review, GateState::Inconclusive];

impl Report {
    /// Reads `degraded: run|skip`.
    pub(super) fn degraded(&mut self, node: &Node, subject: &str) -> Degraded {
        match self.text(node, format_args!("`degraded` of {subject}")).as_deref() {
            Some("skip") => Degraded::Skip,
            None | Some("run") => Degraded::Run,
            Some(other) => {
                let message = format!("`degraded` of {subject} is `{other}`");
                let help = "write `run` (as without it), or `skip` to stand aside while an input is degraded";
                self.push(self.at("stage::degraded", node.span, message).help(help));
                Degraded::Run
            }
        }
    }

    /// Reads `when: {gate: no_drift, state: fail, consecutive: 2}`.
    pub(super) fn when(&mut self, node: &Node, subject: &str) -> Option<When> {
        let source = self.source.clone();
        let what = format!("`when` of {subject}");
        let fields = Fields::open(node, &what, &KEYS, &source, &mut self.problems)?;
        let gate = self.wanted(&fields, "gate", &what)?;
        let gate = self.text(gate, format_args!("`gate` of {what}"));
        let states = self.wanted(&fields, "state", &what).map(|node| self.states(node, &what))?;
        let consecutive = fields.get("consecutive").map_or(Some(1), |node| self.consecutive(node, &what))?;
        Some(When { gate: NodeName::new(gate?), states, consecutive })
    }

    fn wanted<'n>(&mut self, fields: &Fields<'n>, key: &str, what: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            let help = "write it as `{gate: no_drift, state: fail, consecutive: 2}`";
            self.push(self.at("when::missing", fields.span(), format!("{what} has no `{key}`")).help(help));
        }
        found
    }

    fn states(&mut self, node: &Node, what: &str) -> Vec<GateState> {
        let mut states = Vec::new();
        for (text, span) in self.text_or_texts(node, format_args!("`state` of {what}")) {
            match STATES.into_iter().find(|state| state.word() == text) {
                Some(state) if states.contains(&state) => {}
                Some(state) => states.push(state),
                None => self.unknown_state(&text, span),
            }
        }
        states
    }

    fn unknown_state(&mut self, text: &str, span: Span) {
        let words = STATES.map(GateState::word);
        let help = match nearest(text, words) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("states are {}", words.join(", ")),
        };
        self.push(self.at("when::state", span, format!("`{text}` is no state of a verdict")).help(help));
    }

    fn consecutive(&mut self, node: &Node, what: &str) -> Option<u32> {
        let most = crate::pipeline::MOST_VERDICTS;
        let count = if let Yaml::Int(value) = node.value { u32::try_from(value).ok() } else { None };
        let count = count.filter(|count| (1..=most).contains(count));
        if count.is_none() {
            let message = format!("`consecutive` of {what} is not a number from 1 to {most}");
            let help = format!("the lock keeps the last {most} verdicts of a gate");
            self.push(self.at("when::consecutive", node.span, message).help(help));
        }
        count
    }
}
