//! Where in the text each part of a pipeline stands, for problems that are found after the text was read.

use std::sync::Arc;

use lockgate_spanned::{Problem, Source, Span};

use crate::pipeline::Pipeline;
use crate::words::{RelPath, TaskId};

/// The places of a pipeline's nodes, in the order of [`Pipeline::nodes`].
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    pub nodes: Vec<NodePlaces>,
}

/// The places of one node; each list of spans has one for each element of the node's list of that name.
#[derive(Clone, Debug)]
pub struct NodePlaces {
    /// The file that declares the node.
    pub source: Arc<Source>,
    pub name: Span,
    pub cmd: Span,
    /// Where the working folder is named, when it is.
    pub wdir: Option<Span>,
    pub deps: Vec<Span>,
    /// What it names under `params`, sorted by file and key.
    pub params: Vec<NamedParam>,
    pub outs: Vec<Span>,
    pub needs: Vec<Span>,
    /// The gate that a stage's condition is about.
    pub when: Option<Span>,
    /// The data that a gate judges.
    pub data: Vec<Span>,
    /// The settings of a gate that measures.
    pub kind: Span,
    /// The schema file of a gate.
    pub schema: Option<Span>,
}

/// A parameter as a node names it.
#[derive(Clone, Debug)]
pub struct NamedParam {
    pub file: RelPath,
    /// The dotted key, or empty for the whole file.
    pub key: String,
    pub span: Span,
}

impl SourceMap {
    /// Returns the places of the node that is `task` in `pipeline`, the pipeline this map was made with.
    pub fn of(&self, pipeline: &Pipeline, task: &TaskId) -> Option<&NodePlaces> {
        let index = pipeline.nodes.iter().position(|node| node.id == *task)?;
        self.nodes.get(index)
    }
}

impl NodePlaces {
    /// Makes the places of a node of which only the file is known.
    pub fn unknown(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            name: Span::default(),
            cmd: Span::default(),
            wdir: None,
            deps: Vec::new(),
            params: Vec::new(),
            outs: Vec::new(),
            needs: Vec::new(),
            when: None,
            data: Vec::new(),
            kind: Span::default(),
            schema: None,
        }
    }

    /// Makes a problem at a place of the node.
    pub fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.source, span, message)
    }

    /// Marks a place of this node in a problem, whose main place may be in another file.
    pub fn also(&self, problem: Problem, span: Span, text: impl Into<String>) -> Problem {
        problem.also_in(&self.source, span, text)
    }
}
