//! The order in which DVC comes to the stages of a project.

use super::build::{TaskIx, outs_of};
use super::index::PathIndex;
use crate::pipeline::Pipeline;

/// Returns the stages as `dvc repro -P` runs them: from one to the next as they are declared, and before each of them what it
/// reads, dep by dep and then file of parameters by file. What a frozen stage reads is not before it.
pub fn as_dvc_runs(pipeline: &Pipeline) -> Vec<TaskIx> {
    let visit = Visit { pipeline, outs: outs_of(pipeline), seen: vec![false; pipeline.nodes.len()], done: Vec::new() };
    visit.all()
}

struct Visit<'a> {
    pipeline: &'a Pipeline,
    outs: PathIndex<TaskIx>,
    seen: Vec<bool>,
    done: Vec<TaskIx>,
}

/// A stage that waits until what it reads was visited; the next of which comes last.
struct Waiting {
    task: TaskIx,
    makers: Vec<TaskIx>,
}

impl Visit<'_> {
    fn all(mut self) -> Vec<TaskIx> {
        for at in 0..self.pipeline.nodes.len() {
            self.one(TaskIx::new(at));
        }
        self.done
    }

    /// Visits a task after all that it reads. A chain of stages may be longer than the stack of calls is deep.
    fn one(&mut self, task: TaskIx) {
        let mut path: Vec<Waiting> = self.enter(task).into_iter().collect();
        while let Some(last) = path.last_mut() {
            match last.makers.pop() {
                Some(maker) => path.extend(self.enter(maker)),
                None => self.done.extend(path.pop().map(|left| left.task)),
            }
        }
    }

    fn enter(&mut self, task: TaskIx) -> Option<Waiting> {
        let node = &self.pipeline.nodes[task.at()];
        let stage = node.stage()?;
        if std::mem::replace(&mut self.seen[task.at()], true) {
            return None;
        }
        let read = node.inputs().filter(|_| !stage.frozen);
        let mut makers: Vec<TaskIx> = read
            .flat_map(|input| self.outs.overlapping(input.path).map(|(_, task)| task).collect::<Vec<_>>())
            .collect();
        makers.reverse();
        Some(Waiting { task, makers })
    }
}
