//! Where in the text each part of a pipeline stands, for problems that are found after the text was read.

use std::sync::Arc;

use lockgate_spanned::{Problem, Source, Span};

use crate::pipeline::Pipeline;
use crate::words::TaskId;

/// The places of a pipeline's nodes, in the order of [`Pipeline::nodes`].
#[derive(Clone, Debug)]
pub struct SourceMap {
    pub source: Arc<Source>,
    pub nodes: Vec<NodePlaces>,
}

/// The places of one node; each list has one span for each element of the node's list of that name.
#[derive(Clone, Debug, Default)]
pub struct NodePlaces {
    pub name: Span,
    pub cmd: Span,
    pub deps: Vec<Span>,
    pub params: Vec<Span>,
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

impl SourceMap {
    /// Returns the places of the node that is `task` in `pipeline`, the pipeline this map was made with.
    pub fn of(&self, pipeline: &Pipeline, task: &TaskId) -> Option<&NodePlaces> {
        let index = pipeline.nodes.iter().position(|node| node.id == *task)?;
        self.nodes.get(index)
    }

    /// Makes a problem at a place of the pipeline file.
    pub fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.source, span, message)
    }
}
