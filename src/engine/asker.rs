//! Asking a person whether a task may be done, while the run goes on beside it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crossbeam_channel::{Sender, unbounded};

use super::crew::News;
use crate::graph::TaskIx;
use crate::plan::Decision;
use crate::words::TaskId;

/// How a person is asked: shows the task with what would be done, and waits for the answer.
#[derive(Clone)]
pub struct Ask(Arc<AskFn>);

type AskFn = dyn Fn(&TaskId, &Decision) -> Answer + Send + Sync;

/// What a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

impl Ask {
    pub fn new(ask: impl Fn(&TaskId, &Decision) -> Answer + Send + Sync + 'static) -> Self {
        Self(Arc::new(ask))
    }
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}

/// The questions of a run. Without somebody to ask there are none.
///
/// They are asked one after the other on a thread of their own. One that nobody answers ends with the process.
pub struct Questions {
    asker: Option<Sender<(TaskIx, TaskId, Decision)>>,
    /// Tasks of which nobody has said yet whether they may be done.
    open: BTreeSet<TaskIx>,
}

impl Questions {
    /// Prepares to ask; answers come as news.
    pub fn new(ask: Option<Ask>, news: &Sender<News>) -> Self {
        Self { asker: ask.map(|ask| asker(ask, news.clone())), open: BTreeSet::new() }
    }

    /// Puts a question at the end of the line; returns whether there is somebody to answer it.
    pub fn put(&mut self, task: TaskIx, id: &TaskId, decision: &Decision) -> bool {
        let Some(asker) = &self.asker else { return false };
        self.open.insert(task);
        // The thread hears until the run is over.
        asker.send((task, id.clone(), decision.clone())).is_ok()
    }

    /// Takes an answer in; returns whether it still matters.
    pub fn answered(&mut self, task: TaskIx) -> bool {
        self.open.remove(&task)
    }

    /// Takes all questions back.
    pub fn withdraw(&mut self) -> BTreeSet<TaskIx> {
        std::mem::take(&mut self.open)
    }
}

fn asker(ask: Ask, news: Sender<News>) -> Sender<(TaskIx, TaskId, Decision)> {
    let (questions, asked) = unbounded::<(TaskIx, TaskId, Decision)>();
    std::thread::spawn(move || {
        for (task, id, decision) in asked {
            if news.send(News::Answer(task, (ask.0)(&id, &decision))).is_err() {
                return;
            }
        }
    });
    questions
}
