//! One stage or gate: what the pipeline declares, and what the lock holds of it.

use std::fmt::Write as _;

use lockgate_spanned::Style;
use serde_json::{Value, json};

use super::json::to_value;
use super::paint::{Ink, paint};
use crate::lock::Entry;
use crate::pipeline::{Gate, GateKind, Node, Out, OutKind, Stage, Work};
use crate::words::RelPath;
use crate::words::text::inert;

/// Draws the declaration, then the entry of the lock.
pub fn render(node: &Node, locked: Option<&Entry>, style: Style) -> String {
    let kind = if node.gate().is_some() { "gate" } else { "stage" };
    let mut text = format!("{kind} {}\n", paint(style, Ink::Strong, &inert(&node.id.to_string())));
    let mut facts: Vec<(&str, String)> = Vec::new();
    facts.extend(node.desc.iter().map(|desc| ("desc", desc.clone())));
    match &node.work {
        Work::Stage(stage) => facts.extend(stage_facts(stage)),
        Work::Gate(gate) => {
            facts.extend(gate.data.iter().map(|path| ("data", path.to_string())));
            facts.extend(gate_facts(gate));
        }
    }
    if !node.wdir.is_root() {
        facts.push(("wdir", node.wdir.to_string()));
    }
    facts.extend(node.deps.iter().map(|dep| ("dep", dep.path.to_string())));
    facts.extend(
        node.params.iter().map(|param| ("param", format!("{} = {}  ({})", param.key, param.value, param.file))),
    );
    let made = node.made_params.iter().flat_map(|made| made.keys.iter().map(move |key| (&made.file, key)));
    facts.extend(made.map(|(file, key)| ("param", made_fact(file, key))));
    facts.extend(node.needs.iter().map(|need| ("needs", need.to_string())));
    facts.extend(node.env.iter().map(|name| ("env", name.clone())));
    facts.extend(node.outs().iter().map(|out| ("out", out_fact(out))));
    facts.extend(locked_facts(locked));
    for (name, fact) in facts {
        writeln!(text, "  {}  {}", paint(style, Ink::Faint, &format!("{name:<7}")), inert(&fact)).unwrap_or_default();
    }
    text
}

/// Says a parameter that has its value only once its file is made.
fn made_fact(file: &RelPath, key: &str) -> String {
    if key.is_empty() {
        format!("{file}, which a stage makes")
    } else {
        format!("{key}  ({file}, which a stage makes)")
    }
}

/// Returns the same as one JSON value.
pub fn to_json(node: &Node, locked: Option<&Entry>) -> Value {
    json!({ "v": 1, "node": to_value(node), "locked": locked.map(to_value) })
}

fn stage_facts(stage: &Stage) -> Vec<(&'static str, String)> {
    let mut facts: Vec<(&str, String)> = stage.cmd.iter().map(|cmd| ("cmd", cmd.clone())).collect();
    if stage.frozen {
        facts.push(("frozen", "yes: its deps are ignored and it never runs".to_owned()));
    }
    if stage.always_changed {
        facts.push(("always", "it runs every time".to_owned()));
    }
    facts
}

fn gate_facts(gate: &Gate) -> Vec<(&'static str, String)> {
    let mut facts = kind_facts(&gate.kind);
    facts.extend(gate.forms.said().into_iter().map(|said| ("csv", said)));
    facts
}

fn kind_facts(kind: &GateKind) -> Vec<(&'static str, String)> {
    match kind {
        GateKind::Schema { file, environment, tables } => {
            let mut facts = vec![("schema", file.to_string())];
            facts.extend(environment.iter().map(|name| ("in", format!("environment {name}"))));
            facts.extend(tables.iter().map(|(name, path)| ("table", format!("{name} = {path}"))));
            facts
        }
        GateKind::Command { cmd, .. } => cmd.iter().map(|cmd| ("cmd", cmd.clone())).collect(),
        GateKind::Measured(measured) => {
            let kind = &measured.kind;
            let settings = serde_json::to_value(kind).expect("settings have only string keys");
            let settings = settings.get(kind.name()).map(ToString::to_string).unwrap_or_default();
            vec![("kind", kind.name().to_owned()), ("by", settings)]
        }
    }
}

fn out_fact(out: &Out) -> String {
    let mut notes = Vec::new();
    match out.kind {
        OutKind::Data => {}
        OutKind::Metric => notes.push("metric"),
        OutKind::Plot => notes.push("plot"),
    }
    if !out.cache {
        notes.push("not cached");
    }
    if out.persist {
        notes.push("persistent");
    }
    if notes.is_empty() { out.path.to_string() } else { format!("{}  ({})", out.path, notes.join(", ")) }
}

fn locked_facts(locked: Option<&Entry>) -> Vec<(&'static str, String)> {
    let Some(entry) = locked else { return vec![("lock", "has no entry: it was not run yet".to_owned())] };
    let mut facts = vec![("lock", format!("key {}", entry.recipe.key().short()))];
    let verdict = |verdict: &crate::lock::Verdict| ("", format!("{}: {}", verdict.state.word(), verdict.summary));
    facts.extend(entry.verdict.as_ref().map(verdict));
    facts.extend(entry.outs.iter().map(|(path, content)| ("", format!("{path}  {}", content.short()))));
    facts
}
