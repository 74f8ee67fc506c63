//! The recipe of a task, put together from what is known of its inputs.

use std::collections::BTreeMap;

use lockgate_forms::TextForms;

use super::{Knowledge, NoRecipe};
use crate::fingerprint::{OutFlags, Recipe, RecipeKind, Rules};
use crate::gate::rules_of_kind;
use crate::graph::TaskIx;
use crate::pipeline::{GateKind, Node, Work};
use crate::words::{Digest, Place, RelPath};

/// The version of how `command` gates judge; part of their key.
const COMMAND_CHECKER: u32 = 1;

impl Knowledge<'_> {
    /// Puts together the recipe of `task` from what it reads.
    pub fn recipe(&mut self, task: TaskIx) -> Result<Recipe, NoRecipe> {
        let node = self.node(task);
        let contents = self.inputs(task)?;
        let judged = node.gate().map_or(&[][..], |gate| &gate.data);
        let (deps, rest) = contents.split_at(node.deps.len());
        let (data, made) = rest.split_at(judged.len());
        Ok(Recipe {
            kind: kind(node),
            cmd: commands(node).to_vec(),
            wdir: node.wdir.clone(),
            deps: node
                .deps
                .iter()
                .zip(deps)
                .filter_map(|(dep, content)| Some((dep.path.clone(), (*content)?)))
                .collect(),
            params: self.params(task, made)?,
            env: node.env.iter().map(|name| (name.clone(), self.variable(name))).collect(),
            outs: outs(node),
            data: judged.iter().zip(data).filter_map(|(path, content)| Some((path.clone(), (*content)?))).collect(),
            rules: self.rules_of(node),
            // A verdict is about contents alone: it is the same whatever they came through.
            degraded: node.stage().map(|_| self.degraded_inputs(task)).unwrap_or_default(),
        })
    }

    fn variable(&self, name: &str) -> Option<Digest> {
        self.env.get(name).map(|value| Digest::of(value.as_bytes()))
    }

    fn rules_of(&self, node: &Node) -> Option<Rules> {
        let gate = node.gate()?;
        match &gate.kind {
            GateKind::Schema { file, environment, tables } => {
                let rules = self.rules.get(&(file.clone(), environment.clone()));
                rules.map(|rules| in_use(*rules, tables, &gate.forms))
            }
            GateKind::Command { .. } => Some(Rules { digest: Digest::of(b""), checker: COMMAND_CHECKER }),
            GateKind::Measured(measured) => Some(rules_of_kind(&measured.kind, &gate.forms)),
        }
    }
}

/// The rules of a schema as a gate uses them: with the tables that they refer to by name, and how those are written.
fn in_use(rules: Rules, tables: &[(String, RelPath)], forms: &TextForms) -> Rules {
    if tables.is_empty() && forms.is_plain() {
        return rules;
    }
    let mut use_of = postcard::to_stdvec(&(rules.digest, tables)).expect("the parts have fixed shapes");
    if !forms.is_plain() {
        use_of.extend(forms.normal_form().to_string().into_bytes());
    }
    Rules { digest: Digest::of(&use_of), ..rules }
}

/// Returns the commands of a stage or a command gate.
pub fn commands(node: &Node) -> &[String] {
    match &node.work {
        Work::Stage(stage) => &stage.cmd,
        Work::Gate(gate) => gate.kind.commands(),
    }
}

fn kind(node: &Node) -> RecipeKind {
    match &node.work {
        Work::Stage(_) => RecipeKind::Stage,
        Work::Gate(gate) => RecipeKind::of_gate(gate.kind.name()).expect("every kind of gate has its kind of recipe"),
    }
}

fn outs(node: &Node) -> BTreeMap<Place, OutFlags> {
    let flags = |out: &crate::pipeline::Out| OutFlags { kind: out.kind, cache: out.cache, persist: out.persist };
    node.outs().iter().map(|out| (out.path.clone(), flags(out))).collect()
}
