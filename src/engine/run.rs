//! The run: one thread owns its state, hears what happens, and carries out what the schedule says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::adopt::AdoptJob;
use super::asker::{Answer, Ask, Questions};
use super::court::{Court, Law};
use super::crew::{Crew, Job, News};
use super::decider::{Asked, Decided, Decider};
use super::errors::Errors;
use super::full::{help_for, next_step};
use super::hire::Terms;
use super::ignores::Unnamed;
use super::judge::GateJob;
use super::knowledge::Knowledge;
use super::logs::Journal;
use super::records::Records;
use super::repro::{AfterFailure, WhenLost};
use super::reread::{Act, Settled};
use super::tally::Tally;
use super::tide::Tide;
use super::transaction::{Handling, Record};
use super::work::{Candidacy, PlaceJob, StageEnd, StageJob, failure};
use crate::event::{Before, Event, Failure, FailureCause};
use crate::graph::{EdgeKind, TaskIx};
use crate::lock::Entry;
use crate::plan::{Blocker, Decision, Origin, Reason};
use crate::schedule::{Action, Fact, Outcome, Schedule};
use crate::store::Store;
use crate::sys::disk::DiskError;
use crate::words::text::list;
use crate::words::{Exit, Place, RelPath};

/// The state of a run.
pub struct Run<'a> {
    pub terms: &'a Terms,
    pub store: &'a Store,
    pub known: Knowledge<'a>,
    pub schedule: Schedule<'a>,
    pub records: &'a mut Records,
    pub errors: &'a mut Errors,
    pub asked: Asked,
    after_failure: AfterFailure,
    pub law: Law<'a>,
    pub sink: &'a mut dyn FnMut(&Event),
    pub tally: Tally,
    hands: Hands,
    questions: Questions,
    /// What was decided of each task that needs work.
    pub(super) decided: BTreeMap<TaskIx, Decided>,
    pub(super) tide: Tide,
    /// Candidates with their open transactions.
    pub(super) open: BTreeMap<TaskIx, Candidacy>,
    /// Verdicts that pass, recorded when what they judge is published.
    pub(super) passed: BTreeMap<TaskIx, Entry>,
    /// Tasks that are as they were because they are not due.
    pub(super) held: BTreeSet<TaskIx>,
    pub(super) unnamed: Unnamed,
    /// Whether a disk was found to be full, and the schedule does not know yet.
    is_full: bool,
}

/// The crew, and the way back from it.
struct Hands {
    crew: Option<Crew>,
    journal: Option<Journal>,
    news: Sender<News>,
    heard: Receiver<News>,
}

/// What a run is made of.
pub struct Parts<'a> {
    pub terms: &'a Terms,
    pub store: &'a Store,
    pub known: Knowledge<'a>,
    pub schedule: Schedule<'a>,
    pub records: &'a mut Records,
    pub errors: &'a mut Errors,
    pub asked: Asked,
    pub after_failure: AfterFailure,
    pub ask: Option<Ask>,
    pub law: Law<'a>,
    pub sink: &'a mut dyn FnMut(&Event),
}

/// What a run came to.
pub struct Played {
    pub tally: Tally,
    /// Whether anything was executed.
    pub executed: bool,
    /// Still open, for what is told after the last task.
    pub journal: Option<Journal>,
}

impl<'a> Run<'a> {
    /// Prepares a run in which nothing has happened.
    pub fn new(parts: Parts<'a>) -> Self {
        let Parts { terms, store, known, schedule, records, errors, asked, after_failure, ask, law, sink } = parts;
        let (news, heard) = unbounded();
        let questions = Questions::new(ask, &news);
        let hands = Hands { crew: None, journal: None, news, heard };
        let (decided, open, passed) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (tally, tide) = (Tally::default(), Tide::new(&terms.root));
        Self {
            terms,
            store,
            known,
            schedule,
            records,
            errors,
            asked,
            after_failure,
            law,
            sink,
            tally,
            hands,
            questions,
            decided,
            tide,
            open,
            passed,
            held: BTreeSet::new(),
            unnamed: Unnamed::default(),
            is_full: false,
        }
    }

    /// Plays the run to its end.
    pub fn play(mut self) -> Played {
        let mut actions: VecDeque<Action> = self.schedule.begin().into();
        loop {
            while let Some(action) = actions.pop_front() {
                let fact = self.carry_out(action);
                actions.extend(self.step(fact));
            }
            if self.schedule.is_finished() {
                let executed = self.hands.crew.is_some();
                return Played { tally: self.tally, executed, journal: self.hands.journal };
            }
            let news = self.hands.heard.recv().expect("the run holds a sender itself");
            let fact = self.take_news(news);
            actions.extend(self.step(fact));
            for fact in self.withdraw_questions() {
                actions.extend(self.step(Some(fact)));
            }
        }
    }

    /// Returns what to do after a fact. That a disk is full counts first: what would follow is not begun then.
    fn step(&mut self, fact: Option<Fact>) -> Vec<Action> {
        let halted = std::mem::take(&mut self.is_full).then_some(Fact::Halted);
        halted.into_iter().chain(fact).flat_map(|fact| self.schedule.step(&fact)).collect()
    }

    pub(super) fn tell(&mut self, event: &Event) {
        (self.sink)(event);
        let written = self.hands.journal.as_mut().map_or(Ok(()), |journal| journal.write(event));
        if let Err(error) = written {
            let goes_on = if error.is_full() { "nothing more is started" } else { "the run goes on" };
            self.journal_lost(&error, goes_on);
        }
    }

    /// The journal only tells about the run; but where it finds no room, neither will the outputs.
    fn journal_lost(&mut self, error: &DiskError, goes_on: &str) {
        if error.is_full() {
            self.machine_failed(error);
        }
        let message = format!("the journal of this run cannot be written any more: {error}; {goes_on}");
        (self.sink)(&Event::Warning { message, help: help_for(&self.terms.root, error) });
    }

    /// Notes that the machine failed: on a full disk nothing more is begun.
    pub(super) fn machine_failed(&mut self, error: &DiskError) {
        if error.is_full() { self.disk_is_full() } else { self.tally.note(Exit::Damaged) }
    }

    pub(super) fn disk_is_full(&mut self) {
        self.tally.note(Exit::Halted);
        self.is_full = true;
    }

    /// Tells what could not be done for a reason that is the machine's, and what to do about it.
    pub(super) fn warn(&mut self, message: String, error: Option<&DiskError>) {
        let help = error.and_then(|error| help_for(&self.terms.root, error));
        self.tell(&Event::Warning { message, help });
    }

    fn carry_out(&mut self, action: Action) -> Option<Fact> {
        match action {
            Action::Decide(task) => self.decide(task),
            Action::Start(task) => self.start(task),
            Action::Publish(task) => Some(self.publish(task)),
            Action::Refuse(task, by) => {
                self.refuse(task, &by);
                None
            }
            Action::Block(task, against) => {
                let by = against.into_iter().map(|(task, outcome)| self.blocker(task, outcome)).collect();
                self.block(task, by);
                None
            }
            Action::Skip(task) => {
                self.tally.summary.skipped += 1;
                self.tell(&Event::Skipped { task: self.known.node(task).id.clone() });
                None
            }
        }
    }

    fn blocker(&self, task: TaskIx, outcome: Outcome) -> Blocker {
        let node = self.known.node(task);
        let task = node.id.clone();
        match outcome {
            Outcome::Halted => Blocker::Gate { gate: task },
            Outcome::Refused if node.gate().is_some() => Blocker::Gate { gate: task },
            Outcome::Failed | Outcome::FellBack => Blocker::Failed { task },
            Outcome::Refused | Outcome::Blocked | Outcome::Skipped | Outcome::Good => Blocker::Blocked { task },
        }
    }

    fn block(&mut self, task: TaskIx, by: Vec<Blocker>) {
        self.tally.summary.blocked += 1;
        let is_gate = self.known.node(task).gate().is_some();
        self.tally.blocked(&by, if is_gate { Exit::GateBlocked } else { Exit::StageFailed });
        self.tell(&Event::Blocked { task: self.known.node(task).id.clone(), by });
    }

    fn take_news(&mut self, news: News) -> Option<Fact> {
        match news {
            News::Event(event) => {
                self.tell(&event);
                None
            }
            News::Signal(signal) => {
                let urgency = self.hands.crew.as_ref().expect("signals are heard by a crew").cancel();
                self.tally.note(Exit::Interrupted);
                self.tell(&Event::Interrupted { signal, urgency });
                Some(Fact::Interrupted)
            }
            News::Answer(task, answer) => {
                let is_open = self.questions.answered(task);
                is_open.then(|| if answer == Answer::Yes { Fact::NeedsWork(task) } else { self.decline(task) })
            }
            News::Stage(task, end) => {
                self.hands.crew.as_mut().expect("news come from a crew").heard_of_one();
                self.stage_ended(task, end)
            }
            News::Gate(task, end) => {
                self.hands.crew.as_mut().expect("news come from a crew").heard_of_one();
                Some(self.gate_ended(task, end))
            }
        }
    }

    fn decline(&mut self, task: TaskIx) -> Fact {
        self.block(task, vec![Blocker::Declined]);
        Fact::CannotGoOn(task)
    }

    /// Nobody is asked any more once the run is to end.
    fn withdraw_questions(&mut self) -> Vec<Fact> {
        if !self.tally.has(Exit::Interrupted) {
            return Vec::new();
        }
        let open = self.questions.withdraw();
        open.into_iter().map(|task| self.decline(task)).collect()
    }

    /// A task that needs work is begun at once, or when a person says so. Gates cost nothing, so nobody is asked.
    fn needs_work(&mut self, task: TaskIx, decided: Decided) -> Option<Fact> {
        let node = self.known.node(task);
        let is_asked = node.stage().is_some() && self.questions.put(task, &node.id, &decided.decision);
        self.decided.insert(task, decided);
        (!is_asked).then_some(Fact::NeedsWork(task))
    }

    /// Returns nothing while a person is asked.
    fn decide(&mut self, task: TaskIx) -> Option<Fact> {
        let court = Court { lock: self.records.lock(), store: self.store, errors: self.errors, law: self.law };
        let decider = Decider { court, asked: self.asked };
        let decided = decider.decide(task, &mut self.known);
        if decided.decision != Decision::Fresh {
            let id = self.known.node(task).id.clone();
            self.tell(&Event::Decided { task: id, decision: decided.decision.clone() });
        }
        let is_gate = self.known.node(task).gate().is_some();
        Some(match &decided.decision {
            Decision::Fresh if is_gate => self.repeat_verdict(task, &decided),
            Decision::Refused { .. } => self.repeat_verdict(task, &decided),
            decision @ (Decision::Fresh | Decision::Held(_)) => {
                if let Decision::Held(_) = decision {
                    self.held.insert(task);
                }
                self.known.learn(task, decided.outs.unwrap_or_default(), decided.in_place);
                Fact::Known(task)
            }
            Decision::Restore { from: Origin::Refused, .. } if self.is_refused_again(task, &decided) => {
                Fact::Known(task)
            }
            Decision::Adopt { .. } | Decision::Restore { .. } | Decision::Run { .. } => {
                return self.needs_work(task, decided);
            }
            Decision::Blocked { by } => {
                self.block(task, by.clone());
                Fact::CannotGoOn(task)
            }
            Decision::Pending { .. } => unreachable!("the inputs of a task that is decided are settled"),
        })
    }

    /// A candidate that was refused before is refused again without placing it, if every gate already knows its verdict
    /// and one of them is against it.
    fn is_refused_again(&mut self, task: TaskIx, decided: &Decided) -> bool {
        let outs = decided.outs.clone().expect("what is restored is known");
        self.known.learn(task, outs, false);
        let guards: Vec<TaskIx> =
            self.known.graph.guards(task).filter(|gate| self.known.selection.contains(*gate)).collect();
        let court = Court { lock: self.records.lock(), store: self.store, errors: self.errors, law: self.law };
        let decider = Decider { court, asked: self.asked };
        let verdicts: Vec<Decision> =
            guards.iter().map(|gate| decider.decide(*gate, &mut self.known).decision).collect();
        let is_known = |decision: &Decision| matches!(decision, Decision::Fresh | Decision::Refused { .. });
        let refused = verdicts.iter().all(is_known) && verdicts.iter().any(|decision| *decision != Decision::Fresh);
        if !refused {
            self.known.forget(task);
        }
        refused
    }

    fn start(&mut self, task: TaskIx) -> Option<Fact> {
        match self.prepare(task) {
            Ok(job) => {
                self.hands.crew.as_mut().expect("preparing hires the crew").give(task, job);
                None
            }
            Err(failure) => Some(self.failed(task, failure, 0)),
        }
    }

    fn prepare(&mut self, task: TaskIx) -> Result<Job, Failure> {
        self.hire()?;
        let decided = self.decided.get(&task).expect("only decided tasks are started");
        let recipe = decided.recipe.clone().expect("work has a recipe");
        let node = self.known.node(task);
        if node.gate().is_some() {
            let last = self.records.lock().tasks.get(&node.id).map(|entry| entry.recipe.key());
            let no_secret = self.no_secret(task);
            let made_files = self.known.made_files(task);
            return Ok(Job::Judge(GateJob { node: node.clone(), recipe, made_files, last, no_secret }));
        }
        match (&decided.decision, decided.outs.clone()) {
            (Decision::Adopt { .. } | Decision::Restore { from: Origin::DvcCache, .. }, Some(outs)) => {
                let vouched = decided.vouched.clone();
                let paths: Vec<_> = inside(vouched.absent.keys()).map(|path| (path, Handling::Replaced)).collect();
                let record = self.begin_transaction(task, &paths)?;
                Ok(Job::Adopt(AdoptJob { node: node.clone(), recipe, record, outs, vouched }))
            }
            (Decision::Restore { reasons, from }, Some(outs)) => {
                let differing = differing(reasons, *from, &outs);
                let record = self.begin_transaction(task, &differing)?;
                Ok(Job::Place(PlaceJob { recipe, record, outs }))
            }
            _ => self.prepare_run(task),
        }
    }

    fn prepare_run(&mut self, task: TaskIx) -> Result<Job, Failure> {
        if let Some(failure) = self.no_secret(task) {
            return Err(failure);
        }
        let node = self.known.node(task);
        let recipe = self.decided[&task].recipe.clone().expect("work has a recipe");
        let handling = |persist| if persist { Handling::Continued } else { Handling::Replaced };
        let replaced = node.outs().iter().filter_map(|out| Some((out.path.inside()?.clone(), handling(out.persist))));
        let outs: Vec<_> = replaced.collect();
        let record = self.begin_transaction(task, &outs)?;
        let (made_files, settled) = (self.known.made_files(task), self.settled_deps(task));
        Ok(Job::Run(StageJob { node: node.clone(), recipe, made_files, record, settled }))
    }

    /// Returns why a task cannot be begun, when it wants secrets that no variable gives.
    fn no_secret(&self, task: TaskIx) -> Option<Failure> {
        let names: Vec<String> = self.known.unset_secrets(task).map(|name| format!("`{name}`")).collect();
        if names.is_empty() {
            return None;
        }
        let message =
            format!("could not be started: the environment has no {}, which it declares as secret", list(&names));
        let help = Some(format!("set {} and run again; what was published is kept", list(&names)));
        Some(Failure { help, ..failure(FailureCause::NotStarted, message) })
    }

    /// Returns what may not change while `task` reads it: what this run made, and what a gate has judged.
    fn settled_deps(&self, task: TaskIx) -> Vec<Settled> {
        let inputs = self.known.graph.inputs(task).iter().filter(|edge| self.known.selection.contains(edge.from));
        let settled = inputs.flat_map(|edge| {
            let node = self.known.node(edge.from);
            let paths: Vec<Place> = match node.gate().filter(|_| edge.kind == EdgeKind::Verdict) {
                Some(gate) => gate.data.iter().map(Place::from).collect(),
                None => node.outs().iter().map(|out| out.path.clone()).collect(),
            };
            paths.into_iter().map(move |path| Settled { path, by: node.id.clone(), act: Act::of(node) })
        });
        settled.collect()
    }

    fn begin_transaction(&mut self, task: TaskIx, outs: &[(RelPath, Handling)]) -> Result<Record, Failure> {
        let io = |error| super::work::io_failure("its transaction could not be begun", &error);
        let txn = self.records.next_txn();
        let record = Record::look(&self.terms.root, &self.known.node(task).id, txn, outs).map_err(io)?;
        self.records.begun(&record).map_err(io)?;
        Ok(record)
    }

    /// Hires the crew when the first task needs work.
    fn hire(&mut self) -> Result<(), Failure> {
        if self.hands.crew.is_some() {
            return Ok(());
        }
        let crew = self.terms.hire(&self.hands.news)?;
        let mut lost = None;
        let run = &crew.shop().run;
        match Journal::open(run) {
            Ok(journal) => self.hands.journal = Some(journal),
            Err(error) if error.is_full() => {
                return Err(super::work::io_failure("its journal could not be begun", &error));
            }
            Err(error) => lost = Some(error),
        }
        let started = Event::RunStarted {
            run: run.id().to_owned(),
            tasks: self.known.selection.n_chosen(),
            jobs: self.terms.jobs,
        };
        self.tally.run = Some(run.id().to_owned());
        let begun = self.records.run_begun(run.id());
        begun.map_err(|error| super::work::io_failure("the run could not be recorded", &error))?;
        self.hands.crew = Some(crew);
        self.tell(&started);
        if let Some(error) = lost {
            self.journal_lost(&error, "the run goes on");
        }
        self.name_outs();
        Ok(())
    }

    fn stage_ended(&mut self, task: TaskIx, end: StageEnd) -> Option<Fact> {
        match end {
            StageEnd::Made(candidacy) => {
                self.known.learn(task, candidacy.outs.clone(), true);
                self.open.insert(task, *candidacy);
                Some(Fact::Made(task))
            }
            StageEnd::Failed { failure, elapsed_ms } => {
                let decided = self.decided.get_mut(&task).expect("only decided tasks are started");
                let is_interrupt = failure.cause == FailureCause::Interrupted || self.tally.has(Exit::Interrupted);
                let is_frozen = self.known.node(task).stage().is_some_and(|stage| stage.frozen);
                let may_run = self.terms.when_lost == WhenLost::Run && !is_frozen;
                let is_settled = failure.before != Before::Aside;
                let is_full = matches!(failure.cause, FailureCause::DiskFull { .. });
                let was_known = matches!(decided.decision, Decision::Adopt { .. } | Decision::Restore { .. });
                if was_known && may_run && !is_interrupt && !is_full && is_settled {
                    let reasons = decided.decision.reasons().to_vec();
                    decided.decision = Decision::Run { reasons };
                    decided.outs = None;
                    return self.run_instead(task, &failure.message);
                }
                // What is still aside is put back by the next run, as long as the transaction is open.
                if is_settled {
                    self.end_transaction(task);
                }
                let was_interrupted = is_interrupt || !is_settled;
                let failed = self.failed(task, failure, elapsed_ms);
                Some(if was_interrupted { failed } else { self.go_on_after(task, failed) })
            }
        }
    }

    /// Lets what depends on a failed stage begin, if that is wanted and the outputs of its last success are in place.
    fn go_on_after(&mut self, task: TaskIx, failed: Fact) -> Fact {
        let node = self.known.node(task);
        let entry = self.records.lock().tasks.get(&node.id);
        let stands = |entry: &Entry| {
            let observer = self.known.observer;
            entry.outs.iter().all(|(path, was)| observer.observe(path).is_ok_and(|now| now == Some(*was)))
        };
        let Some(entry) = entry.filter(|entry| self.after_failure == AfterFailure::Ignore && stands(entry)) else {
            return failed;
        };
        let (outs, degraded) = (entry.outs.clone(), entry.recipe.degraded.clone());
        let message = format!("`{}` failed; what depends on it goes on with the outputs of its last success", node.id);
        self.known.fall_back(task, outs, degraded);
        self.tell(&Event::Warning { message, help: None });
        Fact::FellBack(task)
    }

    /// What could not be restored is made again.
    fn run_instead(&mut self, task: TaskIx, why: &str) -> Option<Fact> {
        let id = self.known.node(task).id.clone();
        let message = format!("{why}; `{id}` runs instead");
        self.tell(&Event::Warning { message, help: None });
        self.end_transaction(task);
        self.known.move_on(task);
        match self.prepare_run(task) {
            Ok(job) => {
                self.hands.crew.as_mut().expect("the crew is there").give(task, job);
                None
            }
            Err(failure) => Some(self.failed(task, failure, 0)),
        }
    }

    pub(super) fn end_transaction(&mut self, task: TaskIx) {
        // Without this record the next run puts the outputs back once more, which changes nothing.
        let _ = self.records.ended(&self.known.node(task).id);
    }

    pub(super) fn failed(&mut self, task: TaskIx, mut failure: Failure, elapsed_ms: u64) -> Fact {
        self.tally.failed(&failure);
        if let FailureCause::DiskFull { path } = &failure.cause {
            failure.help = Some(next_step(&self.terms.root, path));
            self.disk_is_full();
        }
        self.tell(&Event::Failed { task: self.known.node(task).id.clone(), failure, elapsed_ms });
        Fact::Failed(task)
    }
}

/// Returns the outs that are to be placed: those that differ from what is there, or all when nothing is known of them.
fn differing(reasons: &[Reason], from: Origin, outs: &super::knowledge::Outs) -> Vec<(RelPath, Handling)> {
    let paths: Vec<&Place> = match from {
        Origin::Lock => reasons.iter().filter_map(Reason::differing_out).collect(),
        Origin::RunCache | Origin::Refused | Origin::DvcCache => outs.keys().collect(),
    };
    inside(paths).map(|path| (path, Handling::Replaced)).collect()
}

/// Returns the paths that a transaction may be about.
fn inside<'p>(paths: impl IntoIterator<Item = &'p Place>) -> impl Iterator<Item = RelPath> {
    paths.into_iter().filter_map(|path| path.inside().cloned())
}
