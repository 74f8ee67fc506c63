//! What is known in this invocation of the contents of paths, and the recipes that follow from it.

mod degraded;
mod inputs;
mod params;
mod recipe;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use recipe::commands;

use super::compiled::{Compiled, RulesBy};
use super::evidence::Evidence;
use super::madeparams::MadeValues;
use super::still::Seen;
use super::tracked::{Promises, missing_parts};
use crate::graph::{EdgeKind, Graph, Maker, Selection, TaskIx};
use crate::lock::Lock;
use crate::observe::{ObserveError, Observer};
use crate::pipeline::{Need, Node, Pipeline};
use crate::plan::Blocker;
use crate::store::Store;
use crate::words::{Content, Place, RelPath, Spot};

/// The contents by path of one task's outs.
pub type Outs = BTreeMap<Place, Content>;

/// What is known, growing as tasks are settled.
pub struct Knowledge<'a> {
    pub pipeline: &'a Pipeline,
    pub graph: &'a Graph,
    pub selection: &'a Selection,
    pub observer: &'a Observer,
    store: &'a Store,
    /// The digest of the normalised rules of each schema file.
    rules: &'a RulesBy,
    pub env: &'a BTreeMap<String, String>,
    /// What DVC knows of the project.
    pub evidence: &'a Evidence,
    /// What was seen when the invocation began.
    seen: HashMap<Spot<'a>, Option<Content>>,
    /// The outs of each task that is settled or a candidate.
    made: Vec<Option<Made>>,
    /// The gates through which a task's results are degraded; a task without an entry is not.
    degraded: BTreeMap<TaskIx, BTreeSet<String>>,
    /// The stages whose outs are made anew.
    moved: BTreeSet<TaskIx>,
    /// What data that is missing was, when that is allowed.
    memory: Option<Memory>,
    /// What is missing and comes back before anything runs.
    promises: Promises,
    /// Tracked data that is missing, does not come back, and belongs into folders that are read.
    lost_parts: Vec<&'a RelPath>,
    /// What files of parameters say that stages make.
    values: MadeValues<'a>,
}

/// What the lock knows of data that is not in the workspace.
struct Memory {
    /// By task, what it has read.
    read: BTreeMap<TaskIx, BTreeMap<Place, Content>>,
    /// By path, the outs of tasks that are not part of this invocation.
    made: Outs,
    /// Tasks whose outs must be in place all the same, because something reads them.
    wanted: BTreeSet<TaskIx>,
}

/// The outs of a task, and whether they are in the workspace or only in the store.
#[derive(Clone, Debug)]
pub struct Made {
    pub outs: Outs,
    pub in_place: bool,
}

/// Why a task has no recipe yet, or will have none.
#[derive(Clone, Debug, PartialEq)]
pub enum NoRecipe {
    /// These tasks must run before.
    Pending(Vec<TaskIx>),
    Blocked(Vec<Blocker>),
}

impl<'a> Knowledge<'a> {
    /// Starts with nothing known.
    pub fn new(
        compiled: &'a Compiled,
        selection: &'a Selection,
        observer: &'a Observer,
        store: &'a Store,
        env: &'a BTreeMap<String, String>,
        evidence: &'a Evidence,
    ) -> Self {
        let Compiled { pipeline, graph, rules, .. } = compiled;
        let made = vec![None; graph.len()];
        Self {
            pipeline,
            graph,
            selection,
            observer,
            store,
            rules,
            env,
            evidence,
            seen: HashMap::new(),
            made,
            degraded: BTreeMap::new(),
            moved: BTreeSet::new(),
            memory: None,
            promises: Promises::default(),
            lost_parts: Vec::new(),
            values: MadeValues::new(observer.root(), store, evidence),
        }
    }

    /// Lets data that is missing count as what it was, but for what the tasks in `wanted` make.
    pub fn remember(&mut self, lock: &Lock, wanted: BTreeSet<TaskIx>) {
        let entry = |task: TaskIx| lock.tasks.get(&self.node(task).id);
        let read = self.selection.tasks().filter_map(|task| {
            let recipe = &entry(task)?.recipe;
            Some((task, recipe.inputs().map(|(path, content)| (path.to_place(), content)).collect()))
        });
        let others = (0..self.graph.len()).map(TaskIx::new).filter(|task| !self.selection.contains(*task));
        let made = others.filter_map(entry).flat_map(|entry| &entry.outs);
        let made = made.map(|(path, content)| (path.clone(), *content)).collect();
        self.memory = Some(Memory { read: read.collect(), made, wanted });
    }

    /// Lets a path inside of a folder be looked up in the store where the folder is not in its place: it was refused.
    pub fn look_into_store(&mut self) {
        let wanted = self.selection.tasks().collect();
        self.memory = Some(Memory { read: BTreeMap::new(), made: BTreeMap::new(), wanted });
    }

    /// Returns what `task` cannot run without: what of its inputs is missing and nobody is going to bring back.
    pub fn not_here(&self, task: TaskIx) -> Vec<Blocker> {
        let root = self.observer.root();
        let comes_back = |path: &Place| matches!(self.promises.content(path.spot(), self.observer), Ok(Some(_)));
        let is_missing = |path: &Place| root.stat(path).is_ok_and(|stat| stat.is_none()) && !comes_back(path);
        let is_needed = |need: Need| matches!(need, Need::Dep { optional: false } | Need::Params);
        let needed = self.node(task).inputs().filter(|input| is_needed(input.need)).map(|input| input.path.to_place());
        let blockers =
            needed.filter(is_missing).filter_map(|path| match self.makers_of(task, path.spot()).as_slice() {
                [] => Some(Blocker::MissingDep { path }),
                makers => makers.iter().any(|from| self.may_be_missing(*from)).then_some(Blocker::NotHere { path }),
            });
        blockers.collect()
    }

    /// Whether the outs of `task` may stay away.
    pub fn may_be_missing(&self, task: TaskIx) -> bool {
        self.memory.as_ref().is_some_and(|memory| !memory.wanted.contains(&task))
    }

    /// Looks at all the sources and schemas and at the outs of locked tasks at once, which is much faster than one by one;
    /// but not again at what was seen just now.
    pub fn look_around(&mut self, lock: &Lock, seen: &Seen) {
        let readers = self.selection.tasks().filter(|task| !self.selection.is_bystander(*task));
        self.lost_parts = missing_parts(self.observer.root(), self.pipeline, readers.map(|task| self.node(task)));
        let seen: HashMap<&str, Option<Content>> = seen.iter().map(|(path, found)| (path.as_str(), *found)).collect();
        self.evidence.read_ahead(self.to_weigh(lock).into_iter());
        let mut paths: Vec<Spot<'a>> = Vec::new();
        let mut is_new = HashSet::new();
        for task in self.selection.tasks() {
            let node = self.node(task);
            let reads = !self.selection.is_bystander(task);
            let inputs = node.inputs().zip(self.graph.makers(task)).filter(|_| reads);
            let sources = inputs.filter(|(_, maker)| self.is_source(**maker)).map(|(input, _)| input.path);
            let outs = node.outs().iter().map(|out| out.path.spot()).filter(|_| lock.tasks.contains_key(&node.id));
            paths.extend(sources.chain(outs).chain(schema_of(node)).filter(|path| is_new.insert(*path)));
        }
        let (known, unknown): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| seen.contains_key(path.as_str()));
        let found = self.observer.observe_all(&unknown);
        // Makers that are not part of this invocation left their results as the lock says.
        for task in (0..self.graph.len()).map(TaskIx::new).filter(|task| !self.selection.contains(*task)) {
            let entry = lock.tasks.get(&self.node(task).id);
            self.degrade(task, entry.map(|entry| entry.recipe.degraded.clone()).unwrap_or_default());
        }
        // What could not be read is looked at again, and reported, when a task wants it.
        let found = unknown.into_iter().zip(found).filter_map(|(path, found)| Some((path, found.ok()?)));
        self.seen = known.into_iter().map(|path| (path, seen[path.as_str()])).chain(found).collect();
    }

    /// Takes what comes back before anything runs for what stands there.
    pub fn rely_on(&mut self, promises: Promises) {
        if promises.is_empty() {
            return;
        }
        for (path, content) in &mut self.seen {
            // What cannot be read is told to the task that reads it.
            if let Ok(Some(promised)) = promises.content(*path, self.observer) {
                *content = Some(promised);
            }
        }
        let comes_back = |path: &RelPath| matches!(promises.content(path.into(), self.observer), Ok(Some(_)));
        self.lost_parts.retain(|path| !comes_back(path));
        self.promises = promises;
    }

    /// Returns what a folder is not whole without: data that `.dvc` files track in it, that is missing and does not come back.
    fn lost_in<'s>(&'s self, folder: Spot<'s>) -> impl Iterator<Item = Spot<'a>> + use<'s, 'a> {
        let parts = self.lost_parts.iter().map(|part| Spot::from(*part));
        parts.filter(move |part| folder.contains(*part) && *part != folder)
    }

    /// The same, as what is in the way of a task that reads the folder.
    fn whole(&self, dep: Spot<'_>) -> Result<(), NoRecipe> {
        let Some(part) = self.lost_in(dep).next() else { return Ok(()) };
        Err(NoRecipe::Blocked(vec![Blocker::MissingPart { dep: dep.to_place(), part: part.to_place() }]))
    }

    /// Returns what comes back before anything runs.
    pub fn promises(&self) -> &Promises {
        &self.promises
    }

    /// Returns the stages of which only evidence can say something, and may: no source that they are made of is missing.
    fn to_weigh(&self, lock: &Lock) -> Vec<&'a Node> {
        let is_unknown = |node: &Node| node.stage().is_some() && !lock.tasks.contains_key(&node.id);
        let unknown = self.selection.tasks().map(|task| self.node(task)).filter(|node| is_unknown(node));
        let folders: HashSet<&RelPath> = unknown.map(|node| &node.id.folder).collect();
        if !folders.into_iter().any(|folder| self.evidence.may_speak(folder)) {
            return Vec::new();
        }
        let root = self.observer.root();
        let mut lacks = vec![false; self.graph.len()];
        let mut to_weigh = Vec::new();
        for task in self.graph.order().iter().copied().filter(|task| self.selection.contains(*task)) {
            let node = self.node(task);
            lacks[task.at()] = node.inputs().zip(self.graph.makers(task)).any(|(input, maker)| match maker {
                Maker::Nobody => root.stat(input.path).is_ok_and(|stat| stat.is_none()),
                Maker::Out(maker) => lacks[maker.at()],
                Maker::Parts => false,
            });
            if !lacks[task.at()] && is_unknown(node) {
                to_weigh.push(node);
            }
        }
        to_weigh
    }

    /// Returns what `task` reads as it stands.
    pub fn sources(&self, task: TaskIx) -> impl Iterator<Item = Spot<'a>> + use<'_, 'a> {
        let reads = !self.selection.is_bystander(task);
        let inputs = self.node(task).inputs().zip(self.graph.makers(task)).filter(move |_| reads);
        inputs.filter(|(_, maker)| !matches!(maker, Maker::Out(_))).map(|(input, _)| input.path)
    }

    /// Returns what nobody makes and was not there when the invocation began.
    pub fn missing_sources(&self) -> HashSet<Spot<'a>> {
        let tasks = self.selection.tasks().filter(|task| !self.selection.is_bystander(*task));
        let inputs = tasks.flat_map(|task| {
            let inputs = self.node(task).inputs().zip(self.graph.makers(task));
            inputs.map(move |(input, maker)| (task, input, *maker))
        });
        let mut missing = HashSet::new();
        for (task, input, maker) in inputs.filter(|(_, input, _)| !input.need.is_optional()) {
            let path = input.path;
            let itself = (maker == Maker::Nobody && self.seen.get(&path) == Some(&None)).then_some(path);
            let mut lacking = self.lost_in(path).chain(itself).peekable();
            if lacking.peek().is_some() && self.remembered(task, path, maker).is_none() {
                missing.extend(lacking);
            }
        }
        let schemas = self.selection.tasks().filter_map(|task| schema_of(self.node(task)));
        missing.extend(schemas.filter(|path| self.seen.get(path) == Some(&None)));
        missing
    }

    /// Returns the folders in which the stages that were selected are to run and make nothing.
    pub fn working_folders(&self) -> impl Iterator<Item = Spot<'a>> {
        let tasks = self.selection.tasks().filter(|task| !self.selection.is_bystander(*task));
        let own = |node: &&Node| {
            let folder = Spot::from(&node.wdir);
            node.wdir != node.id.folder && !node.outs().iter().any(|out| folder.contains(out.path.spot()))
        };
        tasks.map(|task| self.node(task)).filter(own).map(|node| Spot::from(&node.wdir))
    }

    pub fn node(&self, task: TaskIx) -> &'a Node {
        &self.pipeline.nodes[task.at()]
    }

    /// Whether a path is taken as it stands: nobody makes it, or its maker is not part of this invocation.
    fn is_source(&self, maker: Maker) -> bool {
        match maker {
            Maker::Nobody => true,
            Maker::Out(task) => !self.selection.contains(task),
            Maker::Parts => false,
        }
    }

    /// Remembers the outs of a task.
    pub fn learn(&mut self, task: TaskIx, outs: Outs, in_place: bool) {
        self.made[task.at()] = Some(Made { outs, in_place });
    }

    /// Notes that the outs of a stage are made anew.
    pub fn move_on(&mut self, task: TaskIx) {
        self.moved.insert(task);
    }

    /// Whether the task reads what another makes anew.
    pub fn reads_what_moved(&self, task: TaskIx) -> bool {
        self.graph.inputs(task).iter().any(|edge| edge.kind == EdgeKind::Data && self.moved.contains(&edge.from))
    }

    /// Takes the outs of a task's last success for what it made, with what they were degraded by.
    pub fn fall_back(&mut self, task: TaskIx, outs: Outs, degraded: BTreeSet<String>) {
        self.moved.remove(&task);
        self.degraded.remove(&task);
        self.degrade(task, degraded);
        self.learn(task, outs, true);
    }

    /// Forgets the outs of a task that were taken back.
    pub fn forget(&mut self, task: TaskIx) {
        self.made[task.at()] = None;
    }

    /// Returns the outs of a task, if they are known.
    pub fn made(&self, task: TaskIx) -> Option<&Made> {
        self.made[task.at()].as_ref()
    }

    /// Returns the tasks that make a path which `task` reads, the folder that it is in, or something in it.
    fn makers_of(&self, task: TaskIx, path: Spot<'_>) -> Vec<TaskIx> {
        let inputs = self.graph.inputs(task).iter().filter(|edge| edge.kind == EdgeKind::Data);
        let overlaps = |from: &TaskIx| self.node(*from).outs().iter().any(|out| out.path.overlaps(path));
        inputs.map(|edge| edge.from).filter(overlaps).collect()
    }

    /// Returns the secrets of `task` that no variable gives.
    pub fn unset_secrets(&self, task: TaskIx) -> impl Iterator<Item = &'a str> + use<'_, 'a> {
        self.node(task).secrets.iter().map(String::as_str).filter(|name| !self.env.contains_key(*name))
    }

    /// Returns what stands at a path that no task of this run has written to.
    pub fn look(&mut self, path: impl Into<Spot<'a>>) -> Result<Option<Content>, ObserveError> {
        let path = path.into();
        if let Some(known) = self.seen.get(&path) {
            return Ok(*known);
        }
        let content = self.observer.observe(path)?;
        self.seen.insert(path, content);
        Ok(content)
    }
}

fn schema_of(node: &Node) -> Option<Spot<'_>> {
    node.gate()?.kind.schema().map(Spot::from)
}
