//! A project with all that is recorded of it, opened for one invocation.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use lockgate_spanned::Problems;

use super::compiled::{Compiled, TextWarning};
use super::court::{Court, Law};
use super::decider::{Asked, Decider, Missing};
use super::errors::Errors;
use super::evidence::Evidence;
use super::knowledge::Knowledge;
use super::links::{Links, dead_link};
use super::outlook::Outlooks;
use super::project::{OpenError, Project};
use super::records::Records;
use super::repro::RunError;
use super::still::{Glimpse, Seen};
use crate::graph::{EdgeKind, Graph, Reading, Scope, SelectError, Selection, Standpoint, Targets, TaskIx};
use crate::lock::{Lock, LockWarning, Realm};
use crate::manifest::{DeadLink, Link, Look};
use crate::observe::Observer;
use crate::pipeline::{Pipeline, Tracked};
use crate::plan::{DatumState, Plan, Planned};
use crate::store::Store;
use crate::sys::clock::today;
use crate::sys::disk::Root;
use crate::words::{Place, RelPath, Spot};

/// A pipeline with its lock, its store and what is known of its files.
pub struct Workspace {
    pub(super) root: Root,
    pub(super) compiled: Arc<Compiled>,
    pub(super) records: Records,
    pub(super) observer: Arc<Observer>,
    pub(super) store: Arc<Store>,
    pub(super) evidence: Arc<Evidence>,
    pub(super) errors: Errors,
    pub(super) env: BTreeMap<String, String>,
    stand: Standpoint,
    lock_warning: Option<LockWarning>,
    pub(super) glimpse: Glimpse,
}

impl Workspace {
    /// Reads the pipeline and its lock.
    pub fn open(project: Project) -> Result<Self, OpenError> {
        let Project { root, files, entry, cwd, env, remote, passed_over: _ } = project;
        let compiled = Arc::new(Compiled::load(&root, &files).map_err(OpenError::Invalid)?);
        let (records, lock_warning) = Records::read(&root, &Realm::of(&files))?;
        let observer = Arc::new(Observer::of(&root, files.flavour));
        let store = Arc::new(Store::open(Arc::clone(&observer)));
        let evidence = Arc::new(Evidence::open(&observer, remote));
        let errors = Errors::read(&root);
        let stand = Standpoint { cwd, entry };
        let glimpse = Glimpse::default();
        Ok(Self { root, compiled, records, observer, store, evidence, errors, env, stand, lock_warning, glimpse })
    }

    /// Lets the next run start from what was seen of the project just now.
    #[must_use]
    pub fn after(self, glimpse: Glimpse) -> Self {
        Self { glimpse, ..self }
    }

    pub fn root(&self) -> &Root {
        &self.root
    }

    pub fn pipeline(&self) -> &Pipeline {
        &self.compiled.pipeline
    }

    /// Returns the folder from which paths are meant and shown.
    pub fn cwd(&self) -> &RelPath {
        &self.stand.cwd
    }

    pub fn graph(&self) -> &Graph {
        &self.compiled.graph
    }

    pub fn lock(&self) -> &Lock {
        self.records.lock()
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Returns what DVC knows of the project.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    pub fn observer(&self) -> &Arc<Observer> {
        &self.observer
    }

    /// Returns what is allowed in the texts of the pipeline and probably not meant.
    pub fn warnings(&self) -> &[TextWarning] {
        &self.compiled.warnings
    }

    /// Returns what was wrong with the text of the lock, if something was.
    pub fn lock_warning(&self) -> Option<&LockWarning> {
        self.lock_warning.as_ref()
    }

    /// Reads everything again, after another run has ended. What was selected stays selected, so the tasks and the edges
    /// between them must be what they were.
    pub(super) fn reread(&mut self) -> Result<(), RunError> {
        let compiled = Compiled::load(&self.root, &self.pipeline().files).map_err(RunError::Invalid)?;
        if !compiled.has_shape_of(&self.compiled) {
            return Err(RunError::Reshaped);
        }
        self.compiled = Arc::new(compiled);
        let (records, warning) = Records::read(&self.root, &Realm::of(&self.pipeline().files))?;
        self.records = records;
        self.lock_warning = warning;
        self.observer = Arc::new(Observer::of(&self.root, self.pipeline().files.flavour));
        self.store = Arc::new(Store::open(Arc::clone(&self.observer)));
        self.evidence = Arc::new(self.evidence.opened_anew(&self.observer));
        self.errors = Errors::read(&self.root);
        self.glimpse = Glimpse::default();
        Ok(())
    }

    /// Selects tasks by the names of stages and gates, by groups, files and output paths; everything without targets.
    pub fn select(&self, targets: &[String], scope: Scope) -> Result<Selection, SelectError> {
        self.select_by(Reading::Name, targets, scope)
    }

    /// Selects tasks by names, patterns or folders.
    pub fn select_by(&self, reading: Reading, texts: &[String], scope: Scope) -> Result<Selection, SelectError> {
        let texts: Vec<String> = texts.iter().map(|text| self.as_meant_here(text)).collect();
        Selection::of(self.pipeline(), self.graph(), &self.stand, Targets { texts: &texts, reading }, scope)
    }

    /// Selects what a run is about: without targets the pipeline file from which the invocation starts, with all that its
    /// stages are made of.
    pub fn select_to_run(&self, reading: Reading, targets: &[String], scope: Scope) -> Result<Selection, SelectError> {
        match &self.stand.entry {
            Some(entry) if targets.is_empty() && self.pipeline().files.pipelines.len() > 1 => {
                Ok(Selection::of_file(self.pipeline(), self.graph(), entry, scope))
            }
            Some(_) | None => self.select_by(reading, targets, scope),
        }
    }

    /// Returns a target that is an absolute path as it is meant from the folder here, if it lies in the project.
    fn as_meant_here(&self, target: &str) -> String {
        let inside = Path::new(target).strip_prefix(self.root.path()).ok().and_then(Path::to_str);
        let path = inside.and_then(|inside| RelPath::parse(inside).ok());
        path.map_or_else(|| target.to_owned(), |path| path.seen_from(&self.stand.cwd))
    }

    /// Returns what a `.dvc` file tracks that a target names.
    pub fn tracked(&self, target: &str) -> Option<&Tracked> {
        let path = self.stand.cwd.join(&self.as_meant_here(target)).ok()?;
        self.pipeline().tracked.iter().find(|tracked| tracked.file == path)
    }

    /// Returns the pipeline file from which the invocation starts, if there is one here or above.
    pub fn entry(&self) -> Option<&RelPath> {
        self.stand.entry.as_ref()
    }

    /// Returns where earlier verdicts and consents are looked up.
    pub(super) fn court(&self) -> Court<'_> {
        let law = Law { consents: &self.compiled.consents, today: today() };
        Court { lock: self.lock(), store: &self.store, errors: &self.errors, law }
    }

    pub(super) fn knowledge<'a>(&'a self, selection: &'a Selection) -> Knowledge<'a> {
        Knowledge::new(&self.compiled, selection, &self.observer, &self.store, &self.env, &self.evidence)
    }

    /// Says what would be done with each selected task, and why. Nothing is written and no lock is taken.
    pub fn plan(&self, selection: &Selection, asked: Asked) -> Plan {
        self.plan_with(self.look_as(selection, asked), asked)
    }

    /// Says what a run would do: it would not begin when a source is missing.
    pub fn plan_of_run(&self, selection: &Selection, asked: Asked) -> Result<Plan, Problems> {
        let known = self.look_as(selection, asked);
        mistakes_on_disk(&self.root, &known).map_or_else(|| Ok(self.plan_with(known, asked)), Err)
    }

    /// Starts with what can be seen at once.
    pub(super) fn look<'a>(&'a self, selection: &'a Selection) -> Knowledge<'a> {
        let mut known = self.knowledge(selection);
        known.look_around(self.lock(), &Seen::new());
        known.rely_on(self.promises(selection));
        known
    }

    /// The same, with what is asked of data that is missing.
    fn look_as<'a>(&'a self, selection: &'a Selection, asked: Asked) -> Knowledge<'a> {
        let mut known = self.look(selection);
        if asked.missing == Missing::Allowed {
            known.remember(self.lock(), self.wanted(selection, asked));
        }
        known
    }

    /// Returns the tasks whose outs must be in place although they may be missing: those of which something is made anew.
    ///
    /// What is brought back for one task may have to be made, and so want more itself.
    pub(super) fn wanted(&self, selection: &Selection, asked: Asked) -> BTreeSet<TaskIx> {
        let mut wanted = BTreeSet::new();
        loop {
            let mut known = self.look(selection);
            known.remember(self.lock(), wanted.clone());
            let plan = self.plan_with(known, asked);
            let tasks = self.graph().order().iter().filter(|task| selection.contains(**task));
            let works = tasks.zip(&plan.tasks).filter(|(_, planned)| planned.decision.works());
            let inputs = works.flat_map(|(task, _)| self.graph().inputs(*task));
            let reads = inputs.filter(|edge| matches!(edge.kind, EdgeKind::Data | EdgeKind::Candidate));
            let before = wanted.len();
            wanted.extend(reads.map(|edge| edge.from));
            if wanted.len() == before {
                return wanted;
            }
        }
    }

    fn plan_with(&self, mut known: Knowledge<'_>, asked: Asked) -> Plan {
        let decider = Decider { court: self.court(), asked };
        let (mut plan, mut readers) = (Plan::default(), Vec::new());
        let mut outlooks = Outlooks::new(self.pipeline(), self.graph());
        decider.walk(&mut known, |task, decided, known| {
            let decision = outlooks.adjust(task, decided.decision);
            if asked.missing == Missing::Made || decision.works() {
                readers.push(task);
            }
            if !(known.selection.is_bystander(task) && decision.is_settled()) {
                let degraded = known.degraded(task).clone();
                plan.tasks.push(Planned { task: known.node(task).id.clone(), decision, degraded });
            }
        });
        let nothing = BTreeSet::new();
        // Data that was named may stay away where what is missing may.
        let named = if asked.missing == Missing::Made { known.selection.data() } else { &nothing };
        plan.data = known.promises().returning_for(readers.into_iter().map(|task| known.node(task)), named);
        plan.data.extend(self.named_data(known.selection, known.promises()));
        plan.data.retain(|datum| datum.state != DatumState::Lost || asked.missing == Missing::Made);
        plan.data.sort_by(|a, b| a.path.cmp(&b.path));
        plan
    }
}

/// Returns the mistakes that only the disk shows: what selected tasks read, nobody makes and is not there, and places with
/// two names.
pub(super) fn mistakes_on_disk(root: &Root, known: &Knowledge<'_>) -> Option<Problems> {
    let (mut missing, links) = (known.missing_sources(), Links::of(root, known));
    missing.extend(known.working_folders().filter(|folder| root.stat(*folder).is_ok_and(|stat| stat.is_none())));
    let look = Found { root, missing: &missing, links: &links };
    if missing.is_empty() && links.is_empty() {
        None
    } else {
        Compiled::from_texts(root, &known.pipeline.files, &look).err()
    }
}

/// The disk as far as it was looked at.
struct Found<'a> {
    root: &'a Root,
    missing: &'a HashSet<Spot<'a>>,
    links: &'a HashMap<Place, Link>,
}

impl Look for Found<'_> {
    fn exists(&self, path: Spot<'_>) -> bool {
        !self.missing.contains(&path)
    }

    fn names_in(&self, folder: Spot<'_>) -> Vec<String> {
        let entries = self.root.list(folder).unwrap_or_default();
        entries.into_iter().filter_map(|entry| entry.name.into_string().ok()).collect()
    }

    fn link(&self, path: Spot<'_>) -> Option<Link> {
        self.links.get(path.as_str()).cloned()
    }

    fn dead_link(&self, path: Spot<'_>) -> Option<DeadLink> {
        dead_link(self.root, path)
    }
}
