//! The parameters of a task as they are known now, among them those in files that stages make.

use super::inputs::in_the_way;
use super::{Knowledge, NoRecipe, Outs};
use crate::engine::madeparams::NoValue;
use crate::graph::TaskIx;
use crate::pipeline::{MadeParams, ParamValues};
use crate::plan::Blocker;
use crate::words::{Content, RelPath};

impl Knowledge<'_> {
    /// Returns the contents of the files from which `task` reads parameters and which stages make.
    pub fn made_files(&mut self, task: TaskIx) -> Outs {
        let files = &self.node(task).made_params;
        if files.is_empty() {
            return Outs::new();
        }
        let contents = self.inputs(task).unwrap_or_default();
        let contents = contents.into_iter().rev().take(files.len()).rev();
        files.iter().zip(contents).filter_map(|(made, content)| Some(((&made.file).into(), content?))).collect()
    }

    /// Returns the values of the task's parameters; `made` are the contents of the files that stages make.
    pub(super) fn params(&mut self, task: TaskIx, made: &[Option<Content>]) -> Result<ParamValues, NoRecipe> {
        let node = self.node(task);
        let (mut params, mut pending, mut blocked) = (node.known_params(), Vec::new(), Vec::new());
        for (wanted, content) in node.made_params.iter().zip(made) {
            let content = content.expect("only a dep is optional");
            match self.values.values(wanted, &content) {
                Ok(values) => drop(params.insert(wanted.file.clone(), values)),
                Err(lack) => match self.without_values(task, wanted, lack) {
                    NoRecipe::Pending(on) => pending.extend(on),
                    NoRecipe::Blocked(by) => blocked.extend(by),
                },
            }
        }
        in_the_way(pending, blocked).map_or(Ok(params), Err)
    }

    /// Says what follows for a task when a file of parameters has no values.
    fn without_values(&self, task: TaskIx, wanted: &MadeParams, lack: NoValue) -> NoRecipe {
        let file = &wanted.file;
        let makers = self.makers_of(task, file.into());
        let in_place =
            |maker: &TaskIx| !self.selection.contains(*maker) || self.made(*maker).is_some_and(|m| m.in_place);
        match lack {
            NoValue::Unusable(why) => NoRecipe::Blocked(vec![self.blocked_by_params(task, file, |_| why)]),
            NoValue::NotHere if makers.iter().any(|maker| self.may_be_missing(*maker)) => {
                NoRecipe::Blocked(vec![Blocker::NotHere { path: file.into() }])
            }
            NoValue::NotHere if makers.iter().all(in_place) => {
                let message = format!("`{file}` changed while its parameters were read; run again");
                NoRecipe::Blocked(vec![Blocker::Unreadable { message }])
            }
            NoValue::NotHere => NoRecipe::Pending(makers),
        }
    }

    /// Says that a file of parameters is not there, and what makes it.
    pub(super) fn missing_params(&self, task: TaskIx, file: &RelPath) -> Blocker {
        self.blocked_by_params(task, file, |maker| {
            let id = &self.node(maker).id;
            let is_made = self.selection.contains(maker);
            let next = if is_made { format!("let `{id}` write it") } else { format!("`lockgate repro {id}` makes it") };
            format!("it does not exist; {next}")
        })
    }

    /// Says that a file of parameters is in the way of a task; `message` says why, given the task that makes it.
    fn blocked_by_params(&self, task: TaskIx, file: &RelPath, message: impl FnOnce(TaskIx) -> String) -> Blocker {
        let maker = self.makers_of(task, file.into()).first().copied();
        let maker = maker.expect("a file of parameters that nobody makes is read with the pipeline");
        let (file, message) = (file.clone(), message(maker));
        Blocker::Params { file, maker: self.node(maker).id.clone(), message }
    }
}
