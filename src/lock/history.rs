//! The last verdicts of each gate, so that all machines plan alike: what they say, and what was measured.
//!
//! One line a verdict, the newest last. Two branches that both judged give both their lines, in the order of the merge.

use std::collections::BTreeMap;

use lockgate_spanned::{Node, Value as Tree};
use serde::{Deserialize, Serialize};

use crate::fingerprint::Recipe;
use crate::pipeline::MOST_VERDICTS;
use crate::pipeline::scalar::{put_hex, put_key, put_quoted};
use crate::words::{Digest, GateState};

/// One verdict of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub state: GateState,
    /// 16 hexadecimal digits of the digest of what was judged: the same data judged again is the same verdict.
    pub data: String,
    /// What was measured, by name, with six significant digits.
    pub metrics: BTreeMap<String, String>,
}

impl Past {
    /// Returns the verdict on the data of `recipe`.
    pub fn of(recipe: &Recipe, state: GateState, metrics: BTreeMap<String, String>) -> Self {
        let lines: Vec<String> = recipe.data.iter().map(|(path, content)| format!("{path} {content}\n")).collect();
        let mut data = Digest::of(lines.concat().as_bytes()).to_hex();
        data.truncate(16);
        Self { state, data, metrics }
    }
}

/// Adds a verdict to those of a gate: in place of the last one when that was on the same data, at the end otherwise.
pub fn remember(pasts: &mut Vec<Past>, past: Past) {
    if pasts.last().is_some_and(|last| last.data == past.data) {
        pasts.pop();
    }
    pasts.push(past);
    forget_the_oldest(pasts);
}

/// Returns the verdicts of two branches: the lines of the first, then what only the second has.
pub fn join(mut ours: Vec<Past>, theirs: Vec<Past>) -> Vec<Past> {
    for past in theirs {
        if !ours.contains(&past) {
            ours.push(past);
        }
    }
    forget_the_oldest(&mut ours);
    ours
}

fn forget_the_oldest(pasts: &mut Vec<Past>) {
    let too_many = pasts.len().saturating_sub(MOST_VERDICTS as usize);
    pasts.drain(..too_many);
}

/// Writes the lines of one gate.
pub fn put(out: &mut String, pasts: &[Past]) {
    for Past { state, data, metrics } in pasts {
        out.push_str("    - {verdict: ");
        out.push_str(state.word());
        out.push_str(", data: ");
        put_hex(out, data);
        if !metrics.is_empty() {
            out.push_str(", metrics: {");
            for (at, (name, value)) in metrics.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                put_key(out, |out| put_quoted(out, name));
                out.push_str(": ");
                put_quoted(out, value);
            }
            out.push('}');
        }
        out.push_str("}\n");
    }
}

/// Reads the lines of one gate; `None` when one of them is not what [`put`] writes.
pub fn read(node: &Node) -> Option<Vec<Past>> {
    let Tree::List(lines) = &node.value else { return None };
    lines.iter().map(line).collect()
}

fn line(node: &Node) -> Option<Past> {
    let Tree::Map(entries) = &node.value else { return None };
    let mut past = Past {
        state: GateState::from_word(node.get("verdict")?.as_str()?)?,
        data: node.get("data")?.as_str()?.to_owned(),
        metrics: BTreeMap::new(),
    };
    for (key, value) in entries {
        match (key.text.as_str(), &value.value) {
            ("verdict" | "data", _) => {}
            ("metrics", Tree::Map(metrics)) => {
                let metric = |(name, value): &(lockgate_spanned::Key, Node)| {
                    Some((name.text.clone(), value.as_str()?.to_owned()))
                };
                past.metrics = metrics.iter().map(metric).collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    Some(past)
}
