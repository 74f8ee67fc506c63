//! The step function.

use std::collections::BTreeSet;

use super::pools::Pools;
use crate::graph::{EdgeKind, Graph, Selection, TaskIx};
use crate::pipeline::{Node, Pipeline, Resources, Work};

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The task's commands must run, or its gate must judge.
    NeedsWork(TaskIx),
    /// The task's outputs are known without work: in place, or by digest.
    Known(TaskIx),
    /// The task cannot go on.
    CannotGoOn(TaskIx),
    /// The commands have run and the outputs are in the store.
    Made(TaskIx),
    /// A gate has a verdict.
    Judged(TaskIx, Outcome),
    Published(TaskIx),
    Failed(TaskIx),
    /// The task failed, and what depends on it goes on with the outputs of its last success.
    FellBack(TaskIx),
    /// Nothing more can be begun, whatever was asked for.
    Halted,
    /// A person wants the run to end.
    Interrupted,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Decide the task; answered by `NeedsWork`, `Known`, `CannotGoOn` or, for a gate, `Judged`.
    Decide(TaskIx),
    /// Start the work; answered by `Made`, `Judged` or `Failed`.
    Start(TaskIx),
    /// Publish the candidate; answered by `Published` or `Failed`.
    Publish(TaskIx),
    /// Take the candidate back, because of these gates.
    Refuse(TaskIx, Vec<TaskIx>),
    /// Tell that the task is blocked by these.
    Block(TaskIx, Vec<(TaskIx, Outcome)>),
    /// Tell that the task was not started.
    Skip(TaskIx),
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Published, or a verdict that passes.
    Good,
    Failed,
    /// Failed, with the outputs of its last success in place: what depends on it may begin.
    FellBack,
    /// A candidate that was taken back, or a verdict that does not pass.
    Refused,
    /// A verdict after which nothing more is begun.
    Halted,
    Blocked,
    Skipped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotSelected,
    /// Waits for this many edges.
    Waiting(usize),
    Deciding,
    Queued,
    Running,
    /// Its gates, so many of them, have not judged yet.
    Candidate(usize),
    Publishing,
    Settled(Outcome),
}

impl State {
    const fn is_busy(self) -> bool {
        match self {
            Self::Deciding | Self::Running | Self::Publishing => true,
            Self::NotSelected | Self::Waiting(_) | Self::Queued | Self::Candidate(_) | Self::Settled(_) => false,
        }
    }
}

/// What may still begin. A run only becomes stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Go,
    /// Something failed: no stage, but every gate whose data is there. One mistake in the data must not hide another.
    Judge,
    /// Only the gates of what was begun.
    Halt,
    Interrupted,
}

/// The state of a run.
#[derive(Debug)]
pub struct Schedule<'a> {
    graph: &'a Graph,
    nodes: &'a [Node],
    states: Vec<State>,
    queue: BTreeSet<TaskIx>,
    /// Ready to be decided, in the order of the graph.
    ready: Vec<TaskIx>,
    pools: Pools,
    mode: Mode,
    keep_going: bool,
    n_open: usize,
    /// Tasks that the world will bring news of: deciding, running or publishing.
    n_busy: usize,
    /// Everything before this place in the graph's order is settled; only moves at a standstill.
    settled_before: usize,
}

const NO_RESOURCES: &Resources = &Resources(std::collections::BTreeMap::new());

impl<'a> Schedule<'a> {
    /// Begins a run of the selected tasks; [`Self::begin`] gives its first actions.
    pub fn new(
        pipeline: &'a Pipeline,
        graph: &'a Graph,
        selection: &Selection,
        pools: Pools,
        keep_going: bool,
    ) -> Self {
        let mut states = vec![State::NotSelected; graph.len()];
        for task in selection.tasks() {
            let waits = graph.inputs(task).iter().filter(|edge| selection.contains(edge.from)).count();
            states[task.at()] = State::Waiting(waits);
        }
        let ready = graph.order().iter().copied().filter(|task| states[task.at()] == State::Waiting(0)).collect();
        let n_open = selection.len();
        let nodes = &pipeline.nodes;
        Self {
            graph,
            nodes,
            states,
            queue: BTreeSet::new(),
            ready,
            pools,
            mode: Mode::Go,
            keep_going,
            n_open,
            n_busy: 0,
            settled_before: 0,
        }
    }

    /// Returns the first actions.
    pub fn begin(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        self.settle_what_can(&mut actions);
        actions
    }

    /// Takes a fact and returns what to do next, in order.
    pub fn step(&mut self, fact: &Fact) -> Vec<Action> {
        let mut actions = Vec::new();
        self.take(fact, &mut actions);
        self.settle_what_can(&mut actions);
        actions
    }

    /// Whether every selected task is settled.
    pub fn is_finished(&self) -> bool {
        self.n_open == 0
    }

    fn take(&mut self, fact: &Fact, actions: &mut Vec<Action>) {
        match *fact {
            Fact::NeedsWork(task) => {
                self.set(task, State::Queued);
                self.queue.insert(task);
            }
            Fact::Known(task) => self.becomes_candidate(task, actions),
            Fact::CannotGoOn(task) => self.settle(task, Outcome::Blocked, actions),
            Fact::Made(task) => {
                self.release(task);
                self.becomes_candidate(task, actions);
            }
            Fact::Judged(task, outcome) => {
                self.release(task);
                self.settle(task, outcome, actions);
            }
            Fact::Published(task) => self.settle(task, Outcome::Good, actions),
            Fact::Failed(task) => {
                self.release(task);
                self.settle(task, Outcome::Failed, actions);
            }
            Fact::FellBack(task) => {
                self.release(task);
                self.settle(task, Outcome::FellBack, actions);
            }
            Fact::Halted => self.tighten(Mode::Halt),
            Fact::Interrupted => self.tighten(Mode::Interrupted),
        }
    }

    fn set(&mut self, task: TaskIx, state: State) {
        let was = std::mem::replace(&mut self.states[task.at()], state);
        self.n_busy = self.n_busy + usize::from(state.is_busy()) - usize::from(was.is_busy());
    }

    fn release(&mut self, task: TaskIx) {
        if self.states[task.at()] == State::Running {
            self.pools.give_back(resources(&self.nodes[task.at()]));
        }
    }

    /// The outputs are known: gates may look at them, and without gates they are published.
    fn becomes_candidate(&mut self, task: TaskIx, actions: &mut Vec<Action>) {
        let guards: Vec<TaskIx> = self.graph.guards(task).filter(|gate| self.is_selected(*gate)).collect();
        self.set(task, State::Candidate(guards.len()));
        for gate in &guards {
            self.one_less(*gate);
        }
        if guards.is_empty() {
            self.set(task, State::Publishing);
            actions.push(Action::Publish(task));
        } else {
            self.close_candidate(task, actions);
        }
    }

    fn is_selected(&self, task: TaskIx) -> bool {
        self.states[task.at()] != State::NotSelected
    }

    fn one_less(&mut self, task: TaskIx) {
        if let State::Waiting(waits) = self.states[task.at()] {
            self.set(task, State::Waiting(waits - 1));
            if waits == 1 {
                self.ready.push(task);
            }
        }
    }

    fn settle(&mut self, task: TaskIx, outcome: Outcome, actions: &mut Vec<Action>) {
        let was_candidate = matches!(self.states[task.at()], State::Candidate(_) | State::Publishing);
        self.set(task, State::Settled(outcome));
        self.n_open -= 1;
        match outcome {
            Outcome::Failed | Outcome::Refused if !self.keep_going => self.tighten(Mode::Judge),
            Outcome::Halted => self.tighten(Mode::Halt),
            Outcome::Failed
            | Outcome::FellBack
            | Outcome::Refused
            | Outcome::Good
            | Outcome::Blocked
            | Outcome::Skipped => {}
        }
        let consumers: Vec<_> = self.graph.consumers(task).to_vec();
        for edge in consumers {
            // A gate was released when its data became a candidate; here it is released only if that never happened.
            if edge.kind != EdgeKind::Candidate || !was_candidate {
                self.one_less(edge.to);
            }
        }
        self.judged_for(task, actions);
    }

    fn tighten(&mut self, mode: Mode) {
        self.mode = self.mode.max(mode);
    }

    /// A gate is settled: each task whose data it judges has one gate less to wait for.
    fn judged_for(&mut self, gate: TaskIx, actions: &mut Vec<Action>) {
        let judged = self.graph.inputs(gate).iter().filter(|edge| edge.kind == EdgeKind::Candidate);
        let judged: Vec<TaskIx> = judged.map(|edge| edge.from).collect();
        for task in judged {
            if let State::Candidate(_) = self.states[task.at()] {
                self.close_candidate(task, actions);
            }
        }
    }

    fn close_candidate(&mut self, task: TaskIx, actions: &mut Vec<Action>) {
        let guards = || self.graph.guards(task).filter(|gate| self.is_selected(*gate));
        let open = guards().filter(|gate| self.outcome(*gate).is_none()).count();
        self.set(task, State::Candidate(open));
        if open > 0 {
            return;
        }
        let guards = self.graph.guards(task).filter(|gate| self.is_selected(*gate));
        let against: Vec<TaskIx> = guards.filter(|gate| self.outcome(*gate) != Some(Outcome::Good)).collect();
        if against.is_empty() {
            self.set(task, State::Publishing);
            actions.push(Action::Publish(task));
        } else {
            actions.push(Action::Refuse(task, against));
            self.settle(task, Outcome::Refused, actions);
        }
    }

    /// Returns how a task ended, or `None` while it has not.
    pub fn outcome(&self, task: TaskIx) -> Option<Outcome> {
        match self.states[task.at()] {
            State::Settled(outcome) => Some(outcome),
            State::NotSelected
            | State::Waiting(_)
            | State::Deciding
            | State::Queued
            | State::Running
            | State::Candidate(_)
            | State::Publishing => None,
        }
    }

    /// Decides, starts and blocks until only the world can bring news; at a standstill, settles what is left.
    fn settle_what_can(&mut self, actions: &mut Vec<Action>) {
        loop {
            self.open_ready(actions);
            self.start_queued(actions);
            if self.ready.is_empty() && !(self.is_standing_still() && self.give_up_one(actions)) {
                return;
            }
        }
    }

    /// What may not begin now stays waiting: the mode only tightens, so it is given up at the standstill.
    fn open_ready(&mut self, actions: &mut Vec<Action>) {
        // Taken out, so that what becomes ready meanwhile is looked at in the next round.
        for task in std::mem::take(&mut self.ready) {
            let against = self.against(task);
            if !against.is_empty() {
                self.dismiss(task, against, actions);
            } else if self.may_begin(task) {
                self.set(task, State::Deciding);
                actions.push(Action::Decide(task));
            }
        }
    }

    /// Settles a task that was not begun: blocked by what went wrong, or skipped because the run stopped.
    fn dismiss(&mut self, task: TaskIx, mut against: Vec<(TaskIx, Outcome)>, actions: &mut Vec<Action>) {
        against.retain(|(_, outcome)| *outcome != Outcome::Skipped);
        if against.is_empty() {
            actions.push(Action::Skip(task));
            self.settle(task, Outcome::Skipped, actions);
        } else {
            actions.push(Action::Block(task, against));
            self.settle(task, Outcome::Blocked, actions);
        }
    }

    /// Returns the inputs that did not end well.
    fn against(&self, task: TaskIx) -> Vec<(TaskIx, Outcome)> {
        let mut against: Vec<(TaskIx, Outcome)> = Vec::new();
        for edge in self.graph.inputs(task) {
            // A condition is about what the gate says: that it refuses its data may be what is waited for.
            let is_fine = |outcome: &Outcome| match outcome {
                Outcome::Good | Outcome::FellBack => true,
                Outcome::Refused => edge.kind == EdgeKind::Condition,
                Outcome::Failed | Outcome::Halted | Outcome::Blocked | Outcome::Skipped => false,
            };
            if let Some(outcome) = self.outcome(edge.from).filter(|outcome| !is_fine(outcome)) {
                against.push((edge.from, outcome));
            }
        }
        against.sort_unstable();
        against.dedup();
        against
    }

    fn may_begin(&self, task: TaskIx) -> bool {
        match self.mode {
            Mode::Go => true,
            Mode::Judge => self.nodes[task.at()].gate().is_some(),
            Mode::Halt => self.judges_a_candidate(task),
            Mode::Interrupted => false,
        }
    }

    fn judges_a_candidate(&self, gate: TaskIx) -> bool {
        let mut judged = self.graph.inputs(gate).iter().filter(|edge| edge.kind == EdgeKind::Candidate);
        judged.any(|edge| matches!(self.states[edge.from.at()], State::Candidate(_)))
    }

    fn start_queued(&mut self, actions: &mut Vec<Action>) {
        while !self.pools.is_full() {
            let wants = |task: TaskIx| resources(&self.nodes[task.at()]);
            let mut queued = self.queue.iter().copied();
            let next = queued.find(|task| self.may_begin(*task) && self.pools.has_room_for(wants(*task)));
            let Some(task) = next else { return };
            self.pools.take(resources(&self.nodes[task.at()]));
            self.queue.remove(&task);
            self.set(task, State::Running);
            actions.push(Action::Start(task));
        }
    }

    fn is_standing_still(&self) -> bool {
        self.n_open > 0 && self.n_busy == 0
    }

    /// Settles the first task that is left after nothing more will start; returns whether there was one.
    fn give_up_one(&mut self, actions: &mut Vec<Action>) -> bool {
        let open = |task: TaskIx| !matches!(self.states[task.at()], State::Settled(_) | State::NotSelected);
        let order = self.graph.order();
        let rest = order.iter().skip(self.settled_before);
        let Some(place) = rest.clone().position(|task| open(*task)) else { return false };
        self.settled_before += place;
        let task = order[self.settled_before];
        self.queue.remove(&task);
        if let State::Candidate(_) = self.states[task.at()] {
            actions.push(Action::Refuse(task, Vec::new()));
            self.settle(task, Outcome::Skipped, actions);
        } else {
            let against = self.against(task);
            self.dismiss(task, against, actions);
        }
        true
    }
}

/// Gates take a slot of `cpu` like any task.
fn resources(node: &Node) -> &Resources {
    match &node.work {
        Work::Stage(stage) => &stage.resources,
        Work::Gate(_) => NO_RESOURCES,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lockgate_forms::TextForms;
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::{Dep, Files, Gate, GateKind, OnFail, Out, OutKind, OutNotes, Stage};
    use crate::words::{NodeName, RelPath, TaskId};

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("a path")
    }

    fn node(name: String, deps: &[usize], work: Work) -> Node {
        Node {
            id: TaskId::whole(RelPath::root(), NodeName::new(name)),
            desc: None,
            needs: Vec::new(),
            deps: deps.iter().map(|dep| Dep { path: path(&format!("out/{dep}")).into(), optional: false }).collect(),
            params: Vec::new(),
            made_params: Vec::new(),
            wdir: RelPath::root(),
            env: Vec::new(),
            secrets: Vec::new(),
            timeout: None,
            work,
        }
    }

    fn stage(at: usize, deps: &[usize]) -> Node {
        let out = Out {
            path: path(&format!("out/{at}")).into(),
            kind: OutKind::Data,
            cache: true,
            persist: false,
            push: true,
            notes: OutNotes::default(),
        };
        let work = Work::Stage(Stage { cmd: vec!["true".into()], outs: vec![out], ..Stage::default() });
        node(format!("s{at}"), deps, work)
    }

    /// A gate on what a stage makes, or on a source.
    fn gate(at: usize, judged: Option<usize>) -> Node {
        let judged = judged.map_or_else(|| path(&format!("source/{at}")), |stage| path(&format!("out/{stage}")));
        let kind = GateKind::Command { cmd: vec!["true".into()], volatile: false };
        let gate = Gate { data: vec![judged], kind, forms: TextForms::default(), on_fail: OnFail::Block, line: 1 };
        node(format!("g{at}"), &[], Work::Gate(gate))
    }

    /// Stages that read earlier ones, and gates on some of them and on sources.
    fn pipelines() -> impl Strategy<Value = Pipeline> {
        (1usize..9).prop_flat_map(|n_stages| {
            let deps = (0..n_stages).map(|at| prop::collection::btree_set(0..at.max(1), 0..=at.min(3)));
            let gates = prop::collection::vec(prop::option::of(0..n_stages), 0..5);
            (deps.collect::<Vec<_>>(), gates).prop_map(|(deps, gates)| {
                let stages = deps
                    .iter()
                    .enumerate()
                    .map(|(at, deps)| stage(at, &deps.iter().copied().filter(|dep| *dep < at).collect::<Vec<_>>()));
                let gates = gates.iter().enumerate().map(|(at, judged)| gate(at, *judged));
                let nodes = stages.chain(gates).collect();
                Pipeline {
                    files: Files::single(path("p.yaml")),
                    nodes,
                    params: vec![],
                    metrics: vec![],
                    plots: vec![],
                    tracked: vec![],
                }
            })
        })
    }

    /// What a played run did with each task, and what it began after something had ended badly.
    #[derive(Debug, PartialEq)]
    struct Played {
        log: BTreeMap<TaskIx, Vec<Action>>,
        begun_late: Vec<TaskIx>,
        has_halted: bool,
    }

    /// Plays a run: `choices` picks which running task ends next and how, over and over.
    fn play(pipeline: &Pipeline, choices: &[u8], keep_going: bool) -> Played {
        let graph = Graph::new(pipeline).expect("no cycle");
        let mut schedule =
            Schedule::new(pipeline, &graph, &Selection::all(&graph), Pools::new(2, &BTreeMap::new()), keep_going);
        let mut log: BTreeMap<TaskIx, Vec<Action>> = BTreeMap::new();
        let mut open: Vec<Action> = Vec::new();
        let mut choices = choices.iter().copied().cycle();
        let mut actions = schedule.begin();
        let (mut begun_late, mut has_ended_badly, mut has_halted) = (Vec::new(), false, false);
        loop {
            for action in actions.drain(..) {
                let (Action::Decide(task)
                | Action::Start(task)
                | Action::Publish(task)
                | Action::Skip(task)
                | Action::Refuse(task, _)
                | Action::Block(task, _)) = action;
                has_ended_badly |= matches!(action, Action::Refuse(..));
                if let Action::Start(task) = action {
                    begun_late.extend(has_ended_badly.then_some(task));
                    for edge in graph.inputs(task).iter().filter(|edge| edge.kind != EdgeKind::Candidate) {
                        let outcome = schedule.outcome(edge.from);
                        let may_begin = matches!(outcome, Some(Outcome::Good | Outcome::FellBack));
                        assert!(may_begin, "{task:?} before {edge:?}: {outcome:?}");
                    }
                }
                log.entry(task).or_default().push(action.clone());
                if matches!(action, Action::Decide(_) | Action::Start(_) | Action::Publish(_)) {
                    open.push(action);
                }
            }
            let Some(choice) = choices.next() else { break };
            if open.is_empty() {
                break;
            }
            let action = open.remove(usize::from(choice) % open.len());
            let is_gate = |task: TaskIx| pipeline.nodes[task.at()].gate().is_some();
            let well = choice % 5 != 0;
            let fact = match action {
                Action::Decide(task) if choice % 3 == 0 && !is_gate(task) => Fact::Known(task),
                Action::Decide(task) => Fact::NeedsWork(task),
                Action::Start(task) if is_gate(task) => {
                    let ill = if choice % 10 == 0 { Outcome::Halted } else { Outcome::Refused };
                    Fact::Judged(task, if well { Outcome::Good } else { ill })
                }
                Action::Start(task) if well => Fact::Made(task),
                Action::Start(task) if choice % 2 == 0 => Fact::FellBack(task),
                Action::Start(task) => Fact::Failed(task),
                Action::Publish(task) => Fact::Published(task),
                Action::Refuse(..) | Action::Block(..) | Action::Skip(_) => unreachable!("not kept open"),
            };
            has_halted |= matches!(fact, Fact::Judged(_, Outcome::Halted));
            has_ended_badly |= matches!(fact, Fact::Judged(_, Outcome::Halted | Outcome::Refused) | Fact::Failed(_));
            actions = schedule.step(&fact);
        }
        assert!(schedule.is_finished(), "{schedule:?}");
        Played { log, begun_late, has_halted }
    }

    proptest! {
        #[test]
        fn every_task_settles_once_and_never_before_its_inputs(
            pipeline in pipelines(),
            choices in prop::collection::vec(any::<u8>(), 1..40),
            keep_going: bool,
        ) {
            let played = play(&pipeline, &choices, keep_going);
            prop_assert_eq!(&played, &play(&pipeline, &choices, keep_going), "equal histories give equal actions");
            prop_assert_eq!(played.log.len(), pipeline.nodes.len());
            for (task, actions) in &played.log {
                let starts = actions.iter().filter(|action| matches!(action, Action::Start(_))).count();
                let ends = actions.iter().filter(|a| matches!(a, Action::Publish(_) | Action::Refuse(..))).count();
                let never = actions.iter().filter(|a| matches!(a, Action::Block(..) | Action::Skip(_))).count();
                prop_assert!(starts <= 1 && ends <= 1 && never <= 1 && ends + never <= 1, "{:?} {:?}", task, actions);
            }
        }

        #[test]
        fn nothing_is_published_before_all_its_gates_have_passed(
            pipeline in pipelines(),
            choices in prop::collection::vec(any::<u8>(), 1..40),
        ) {
            let graph = Graph::new(&pipeline).expect("no cycle");
            let log = play(&pipeline, &choices, true).log;
            for (task, actions) in &log {
                let published = actions.iter().any(|action| matches!(action, Action::Publish(_)));
                for gate in graph.guards(*task).filter(|_| published) {
                    let judged = log[&gate].iter().any(|action| matches!(action, Action::Start(_)));
                    prop_assert!(judged, "{:?} was published without {:?}", task, gate);
                }
            }
        }

        #[test]
        fn after_a_failure_no_stage_is_begun_but_every_gate_whose_data_is_there(
            pipeline in pipelines(),
            choices in prop::collection::vec(any::<u8>(), 1..40),
        ) {
            let graph = Graph::new(&pipeline).expect("no cycle");
            let Played { log, begun_late, has_halted } = play(&pipeline, &choices, false);
            let is_gate = |task: TaskIx| pipeline.nodes[task.at()].gate().is_some();
            prop_assert!(begun_late.iter().all(|task| is_gate(*task)), "{:?}", begun_late);
            let does = |task: TaskIx, what: fn(&Action) -> bool| log[&task].iter().any(what);
            // Data is there when its stage came as far as to be published or refused; a source always is.
            let is_there = |gate: TaskIx| {
                let came = |action: &Action| matches!(action, Action::Publish(_) | Action::Refuse(..));
                graph.inputs(gate).iter().all(|edge| does(edge.from, came))
            };
            for (gate, _) in log.iter().filter(|(task, _)| is_gate(**task) && is_there(**task) && !has_halted) {
                prop_assert!(does(*gate, |action| matches!(action, Action::Start(_))), "{:?} was not judged", gate);
            }
        }
    }
}
