//! What a gate says of its inputs as they are now, for whoever wants to allow something.

use std::path::PathBuf;

use super::court::Precedent;
use super::decider::{Asked, Decider};
use super::refused::{REFUSED, quarantine};
use super::site::Site;
use super::transaction::below;
use super::workspace::Workspace;
use crate::event::GateReport;
use crate::fingerprint::Recipe;
use crate::gate::reference_of;
use crate::graph::{Scope, TaskIx};
use crate::lock::Verdict;
use crate::pipeline::GateKind;
use crate::words::{Content, RelPath};

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    #[error("a gate of kind `{kind}` compares with no file that could be made")]
    NoneOfKind { kind: &'static str },
    #[error("what the gate judges has to be made first")]
    NoData,
    #[error("{0}")]
    Unmade(String),
}

/// A verdict with all that it is about.
pub struct Case {
    pub recipe: Recipe,
    pub verdict: Verdict,
    pub report: Option<GateReport>,
}

impl Workspace {
    /// Returns the file with which a gate compares, and its text made of what the gate judges now.
    pub fn reference_of(&self, gate: TaskIx) -> Result<(RelPath, String), ReferenceError> {
        let node = &self.pipeline().nodes[gate.at()];
        let declared = node.gate().expect("only gates have references");
        let no_file = ReferenceError::NoneOfKind { kind: declared.kind.name() };
        let GateKind::Measured(measured) = &declared.kind else { return Err(no_file) };
        let kind = &measured.kind;
        let file = kind.reference().ok_or(no_file)?;
        let file = RelPath::parse(file).expect("the path was made by the manifest");
        let (recipe, _) = self.case_of(gate).ok_or(ReferenceError::NoData)?;
        // What stands in the workspace may be the data of before, which was put back.
        let is_somewhere = |(path, content): (&RelPath, &Content)| {
            self.store().sound_file(content).is_some()
                || self.refused(path, content).is_some()
                || self.stands_at(path, content)
        };
        if !recipe.data.iter().all(is_somewhere) {
            return Err(ReferenceError::NoData);
        }
        let refused = |path: &RelPath, content: &Content| self.refused(path, content);
        let site = Site { root: self.root(), store: self.store(), files: &self.pipeline().files, refused: &refused };
        let text = site.with_case(node, declared, &recipe, |case| reference_of(kind, case));
        Ok((file, text.map_err(ReferenceError::Unmade)?))
    }

    /// Returns the recipe of a gate, and its verdict if that is known; `None` while its inputs have to be made first.
    ///
    /// Data that was made and refused counts as made: it is kept, and is what a person has looked at.
    pub fn case_of(&self, gate: TaskIx) -> Option<(Recipe, Option<Case>)> {
        let node = &self.pipeline().nodes[gate.at()];
        let selection = self.select(&[node.id.to_string()], Scope::Upstream).ok()?;
        let decider = Decider { court: self.court(), asked: Asked::default() };
        let mut known = self.look(&selection);
        known.look_into_store();
        let mut recipe = None;
        decider.walk(&mut known, |task, decided, _| {
            if task == gate {
                recipe = decided.recipe;
            }
        });
        let recipe = recipe?;
        let precedent = self.court().precedent(node, node.gate()?, &recipe);
        let case = precedent.map(|Precedent { verdict, report }| Case { recipe: recipe.clone(), verdict, report });
        Some((recipe, case))
    }

    /// Returns where the data is that its gates have refused, if it is still what they refused.
    fn refused(&self, path: &RelPath, content: &Content) -> Option<PathBuf> {
        let makers = self.pipeline().nodes.iter();
        let makers = makers.filter(|node| node.outs().iter().any(|out| out.path.overlaps(path)));
        let mut kept = makers.map(|node| below(&below(&quarantine(&node.id), REFUSED), path.as_str()));
        kept.find(|kept| self.stands_at(kept, content)).map(|kept| kept.under(self.root().path()))
    }

    fn stands_at(&self, path: &RelPath, content: &Content) -> bool {
        self.observer().observe(path).is_ok_and(|found| found.as_ref() == Some(content))
    }
}
