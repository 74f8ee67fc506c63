//! Waivers and approvals, and what they are good for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fingerprint::Recipe;
use crate::words::{Content, Digest, RelPath, TaskId};

/// All the records of a project, in the order of their files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consents {
    pub waivers: Vec<Waiver>,
    pub approvals: Vec<Approval>,
}

/// A rule of a gate may be broken, by this data or any, until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The gate as tasks are written.
    pub gate: String,
    /// The rule as the report names it.
    pub rule: String,
    /// All by which the gate judged at the time: after an edit the waiver does not count.
    pub rules: Digest,
    pub data: Scope,
    pub reason: String,
    pub given: Date,
    /// The last day, in UTC, on which it counts.
    pub until: Date,
}

/// Which data a waiver is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    Exactly(BTreeMap<RelPath, Content>),
    Any,
}

/// A person has looked at what a gate wants reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub gate: String,
    /// The key of the gate's recipe: data, rules and all else that it reads.
    pub inputs: Digest,
    /// What was judged, for people.
    pub data: BTreeMap<RelPath, Content>,
    pub reason: String,
    pub given: Date,
}

/// What a consent must be about to count.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    pub gate: &'a TaskId,
    pub recipe: &'a Recipe,
    /// In UTC.
    pub today: Date,
}

/// The consents that count for one verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed<'a> {
    pub waivers: Vec<&'a Waiver>,
    pub approval: Option<&'a Approval>,
}

impl Consents {
    /// Returns the consents that count on `grounds`.
    pub fn on(&self, grounds: Grounds<'_>) -> Allowed<'_> {
        let Grounds { gate, recipe, today } = grounds;
        let gate = gate.to_string();
        let waivers =
            self.waivers.iter().filter(|waiver| waiver.gate == gate && waiver.counts(recipe, today)).collect();
        // The newest is the one that people look for.
        let mut approvals = self.approvals.iter().rev().filter(|approval| approval.gate == gate);
        Allowed { waivers, approval: approvals.find(|approval| approval.inputs == recipe.key()) }
    }

    /// Returns the consents of a gate that do not count on `grounds`, each with why.
    pub fn idle_on(&self, grounds: Grounds<'_>) -> Vec<String> {
        let Grounds { gate, recipe, today } = grounds;
        let gate = gate.to_string();
        let waivers = self.waivers.iter().filter(|waiver| waiver.gate == gate);
        waivers.filter_map(|waiver| waiver.why_idle(recipe, today)).collect()
    }
}

impl Waiver {
    fn counts(&self, recipe: &Recipe, today: Date) -> bool {
        self.why_idle(recipe, today).is_none()
    }

    fn why_idle(&self, recipe: &Recipe, today: Date) -> Option<String> {
        let why = if today > self.until {
            format!("it expired on {}", self.until)
        } else if today < self.given {
            format!("it counts from {} on", self.given)
        } else if recipe.rules_key() != self.rules {
            "the rules were edited since".to_owned()
        } else if !self.data.holds(&recipe.data) {
            "it was given for other data".to_owned()
        } else {
            return None;
        };
        Some(format!("the waiver of `{}` does not count: {why}", self.rule))
    }
}

impl Scope {
    fn holds(&self, data: &BTreeMap<RelPath, Content>) -> bool {
        match self {
            Self::Exactly(exactly) => exactly == data,
            Self::Any => true,
        }
    }
}
