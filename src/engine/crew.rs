//! The threads that work on tasks, and what surrounds them: hired when the first task needs work.

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::adopt::{AdoptJob, adopt};
use super::asker::Answer;
use super::judge::{GateEnd, GateJob, judge};
use super::work::{PlaceJob, Shop, StageEnd, StageJob, place, run_stage};
use crate::event::{Event, Urgency};
use crate::graph::TaskIx;
use crate::sys::process::{Cancelled, Canceller, Signals};

/// What a worker is given.
pub enum Job {
    Run(StageJob),
    Place(PlaceJob),
    Adopt(AdoptJob),
    Judge(GateJob),
}

/// What the owner of the run hears of.
pub enum News {
    Event(Event),
    Stage(TaskIx, StageEnd),
    Gate(TaskIx, GateEnd),
    Signal(i32),
    /// A person has said whether the task may be done.
    Answer(TaskIx, Answer),
}

/// The workers, their queue, and the thread that hears signals.
pub struct Crew {
    shop: Arc<Shop>,
    canceller: Canceller,
    jobs: Option<Sender<(TaskIx, Job)>>,
    queue: Receiver<(TaskIx, Job)>,
    news: Sender<News>,
    workers: Vec<JoinHandle<()>>,
    n_most: usize,
    n_busy: usize,
    stop_listening: Box<dyn Fn() + Send>,
    listener: Option<JoinHandle<()>>,
}

impl Crew {
    /// Prepares a crew of at most `n_most` threads; from here on signals come as news.
    pub fn hire(shop: Shop, canceller: Canceller, news: Sender<News>, n_most: usize) -> std::io::Result<Self> {
        let mut signals = Signals::catch()?;
        let stop_listening = Box::new(signals.closer());
        let told = news.clone();
        let listener = std::thread::spawn(move || {
            while let Some(signal) = signals.wait() {
                if told.send(News::Signal(signal)).is_err() {
                    return;
                }
            }
        });
        let (jobs, queue) = unbounded();
        Ok(Self {
            shop: Arc::new(shop),
            canceller,
            jobs: Some(jobs),
            queue,
            news,
            workers: Vec::new(),
            n_most,
            n_busy: 0,
            stop_listening,
            listener: Some(listener),
        })
    }

    pub fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Ends what is running: gently the first time, at once the second.
    pub fn cancel(&self) -> Urgency {
        match self.canceller.cancel() {
            Cancelled::Gently => Urgency::Gently,
            Cancelled::AtOnce => Urgency::AtOnce,
        }
    }

    /// Gives a job to the next free worker.
    pub fn give(&mut self, task: TaskIx, job: Job) {
        self.n_busy += 1;
        if self.n_busy > self.workers.len() && self.workers.len() < self.n_most {
            let (shop, queue, news) = (Arc::clone(&self.shop), self.queue.clone(), self.news.clone());
            self.workers.push(std::thread::spawn(move || serve(&shop, &queue, &news)));
        }
        let jobs = self.jobs.as_ref().expect("the queue is closed only when the crew is dropped");
        jobs.send((task, job)).expect("the crew holds a receiver itself");
    }

    /// Says that a job's end was heard of.
    pub fn heard_of_one(&mut self) {
        self.n_busy -= 1;
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        drop(self.jobs.take());
        (self.stop_listening)();
        for thread in self.workers.drain(..).chain(self.listener.take()) {
            // A worker that panicked has told so on stderr; the run has ended by then.
            let _ = thread.join();
        }
    }
}

/// Works until the queue is closed.
fn serve(shop: &Shop, queue: &Receiver<(TaskIx, Job)>, news: &Sender<News>) {
    for (task, job) in queue {
        let end = match job {
            Job::Run(job) => News::Stage(task, run_stage(shop, &job, news)),
            Job::Place(job) => News::Stage(task, place(shop, job)),
            Job::Adopt(job) => News::Stage(task, adopt(shop, job)),
            Job::Judge(job) => News::Gate(task, judge(shop, job, news)),
        };
        if news.send(end).is_err() {
            return;
        }
    }
}
