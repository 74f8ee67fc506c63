//! The pipeline as it was read, with its graph and the rules of its gates: kept in a binary snapshot, so that nothing is
//! parsed while no text changes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use lockgate_spanned::{Problem, Problems};
use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;
use crate::consent::{Consents, read_approvals, read_waivers};
use crate::fingerprint::Rules;
use crate::gate::{Use, User, read_rules};
use crate::graph::{Cycle, Graph};
use crate::manifest::{DeadLink, Link, Look, TextFound, load_checked};
use crate::pipeline::{Files, GateKind, Node, Pipeline};
use crate::sys::disk::{Layout, Root};
use crate::words::{Digest, RelPath, Spot};

/// What the texts of a pipeline say.
#[derive(Debug, Serialize, Deserialize)]
pub struct Compiled {
    /// Every text that was read or looked for, with the digest of what was found.
    texts: Vec<(RelPath, Option<Digest>)>,
    pub pipeline: Pipeline,
    pub graph: Graph,
    /// The rules of each schema file, in each environment in which a gate uses it.
    pub rules: RulesBy,
    pub consents: Consents,
    pub warnings: Vec<TextWarning>,
}

/// Rules by the file and the environment of a schema.
pub type RulesBy = BTreeMap<(RelPath, Option<String>), Rules>;

/// Something in a text that is allowed and probably not meant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TextWarning {
    /// With its place.
    pub message: String,
    pub help: Option<String>,
}

/// Raised with any change of a type in the snapshot; the version of the program is part of it too.
const SNAPSHOT: Snapshot =
    Snapshot { name: "graph.bin", version: concat!("lockgate graph 15 ", env!("CARGO_PKG_VERSION"), "\n") };

impl Compiled {
    /// Takes the snapshot when every text is what it was, and reads the texts otherwise.
    pub fn load(root: &Root, files: &Files) -> Result<Self, Problems> {
        if let Some(snapshot) = Self::from_snapshot(root, files) {
            return Ok(snapshot);
        }
        let compiled = Self::from_texts(root, files, &Everything)?;
        // The snapshot only saves time.
        let _ = SNAPSHOT.write(root, &compiled);
        Ok(compiled)
    }

    fn from_snapshot(root: &Root, files: &Files) -> Option<Self> {
        let compiled: Self = SNAPSHOT.read(root)?;
        let same = |(path, digest): &(RelPath, Option<Digest>)| digest_of(root, path) == *digest;
        (compiled.pipeline.files == *files && compiled.texts.iter().all(same)).then_some(compiled)
    }

    /// Reads the texts; `look` says what exists of what nobody makes.
    pub fn from_texts(root: &Root, files: &Files, look: &dyn Look) -> Result<Self, Problems> {
        let loaded = load_checked(files, &|path: &RelPath| read_text(root, path), look)?;
        let warnings = loaded.warnings.iter().map(TextWarning::of).collect();
        let (pipeline, mut texts) = (loaded.pipeline, loaded.files);
        let (rules, schemas) = rules_of(root, &pipeline)?;
        texts.extend(schemas);
        let consents = consents(root)?;
        texts.extend([Layout::waivers(), Layout::approvals()]);
        let graph = match Graph::new(&pipeline) {
            Ok(graph) => graph,
            Err(Cycle(tasks)) => unreachable!("the manifest reports cycles; this one is {tasks:?}"),
        };
        let texts = texts.into_iter().map(|path| (path.clone(), digest_of(root, &path))).collect();
        Ok(Self { texts, pipeline, graph, rules, consents, warnings })
    }

    /// Returns the rules of a schema gate.
    pub fn rules_of(&self, kind: &GateKind) -> Option<Rules> {
        let GateKind::Schema { file, environment, .. } = kind else { return None };
        self.rules.get(&(file.clone(), environment.clone())).copied()
    }

    /// Returns every text that was read or looked for, with the digest of what was found.
    pub fn texts(&self) -> &[(RelPath, Option<Digest>)] {
        &self.texts
    }

    /// Whether the two have the same tasks with the same needs of the machine, and the same edges between them.
    pub fn has_shape_of(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.pipeline.nodes, &other.pipeline.nodes);
        let needs = |node: &Node| (node.secrets.clone(), node.stage().map(|stage| stage.resources.clone()));
        let same = |(a, b): (&Node, &Node)| a.id == b.id && needs(a) == needs(b);
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(same) && self.graph == other.graph
    }

    /// Returns a text that says something else of what `node` reads, its parameters or its rules, than it did when this
    /// was read.
    pub fn text_moved(&self, root: &Root, node: &Node) -> Option<RelPath> {
        let is_other =
            |path: &&RelPath| self.texts.iter().any(|(text, was)| text == *path && digest_of(root, path) != *was);
        let moved = texts_of(node).find(is_other)?;
        let now = Self::from_texts(root, &self.pipeline.files, &Everything).ok();
        let says_same = now.is_some_and(|now| {
            let node_now = now.pipeline.nodes.iter().find(|other| other.id == node.id);
            let same_params = node_now.is_some_and(|other| other.params == node.params);
            let rules = |compiled: &Self| node.gate().and_then(|gate| compiled.rules_of(&gate.kind));
            same_params && rules(&now) == rules(self)
        });
        (!says_same).then(|| moved.clone())
    }
}

impl TextWarning {
    fn of(problem: &Problem) -> Self {
        let message = format!("{}: {}", problem.cite(), problem.message());
        Self { message, help: problem.next_step().map(ToOwned::to_owned) }
    }
}

/// Returns the texts, besides the pipeline file, that `node` reads by itself.
fn texts_of(node: &Node) -> impl Iterator<Item = &RelPath> {
    let schema = node.gate().and_then(|gate| gate.kind.schema());
    node.params.iter().map(|param| &param.file).chain(schema)
}

/// Reads the pipeline as if its files said `texts`, and returns what would be wrong with it.
pub fn check_texts(root: &Root, files: &Files, texts: &BTreeMap<RelPath, String>) -> Result<(), Problems> {
    let read = |path: &RelPath| match texts.get(path) {
        Some(text) => TextFound::Text(text.clone()),
        None => read_text(root, path),
    };
    load_checked(files, &read, &Everything).map(drop)
}

/// Returns the digest of a text; `None` when it is not there or cannot be read.
pub(super) fn digest_of(root: &Root, path: &RelPath) -> Option<Digest> {
    root.read(path).ok().map(|bytes| Digest::of(&bytes))
}

fn read_text(root: &Root, path: &RelPath) -> TextFound {
    match root.read(path) {
        Ok(bytes) => bytes.into(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => TextFound::Missing,
        Err(error) => TextFound::Unreadable(error.to_string()),
    }
}

/// Reads the schema files that are there, all their mistakes at once. One that is not there is the gate's dep to miss.
fn rules_of(root: &Root, pipeline: &Pipeline) -> Result<(RulesBy, Vec<RelPath>), Problems> {
    let (mut rules, mut files, mut problems) = (BTreeMap::new(), BTreeSet::new(), Problems::default());
    let mut uses = HashSet::new();
    for node in &pipeline.nodes {
        let Some(gate) = node.gate() else { continue };
        let GateKind::Schema { file, environment, tables } = &gate.kind else { continue };
        let csv = &gate.forms.all;
        files.insert(file.clone());
        let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
        let is_new = uses.insert((file, environment, names.clone(), csv.to_string()));
        let text = match read_text(root, file) {
            TextFound::Text(text) if is_new => text,
            TextFound::NotUtf8(bytes) if is_new => {
                let message = format!("the schema `{file}` is not UTF-8 text");
                problems.push(Problem::not_utf8(file.to_string(), &bytes, message));
                continue;
            }
            // One that is not there, or cannot be read, is the gate's dep to miss.
            TextFound::Text(_) | TextFound::NotUtf8(_) | TextFound::Missing | TextFound::Unreadable(_) => continue,
        };
        let asked = Use { by: User::Gate(&node.id), environment: environment.as_deref(), tables: &names, csv };
        match read_rules(file, &text, &asked) {
            Ok(found) => drop(rules.insert((file.clone(), environment.clone()), found)),
            Err(found) => add_new(&mut problems, &found),
        }
    }
    if problems.is_empty() { Ok((rules, files.into_iter().collect())) } else { Err(problems) }
}

/// Adds the problems that are not there yet: a mistake in a schema is the same for all that use it.
fn add_new(problems: &mut Problems, found: &Problems) {
    for problem in found.iter() {
        let is_same = |known: &Problem| (known.cite(), known.message()) == (problem.cite(), problem.message());
        if !problems.iter().any(is_same) {
            problems.push(problem.clone());
        }
    }
}

/// Reads the records of what people have allowed. One that cannot be read stops everything: it may be the one that counts.
fn consents(root: &Root) -> Result<Consents, Problems> {
    let mut problems = Problems::default();
    let waivers = records(root, &Layout::waivers(), read_waivers).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    let approvals = records(root, &Layout::approvals(), read_approvals).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    if problems.is_empty() { Ok(Consents { waivers, approvals }) } else { Err(problems) }
}

fn records<T>(
    root: &Root,
    path: &RelPath,
    read: impl Fn(&str, &str) -> Result<Vec<T>, Problems>,
) -> Result<Vec<T>, Problems> {
    let unreadable = |why: String| {
        let mut problems = Problems::default();
        let problem = Problem::of_file("consent::unreadable", path.to_string(), format!("`{path}` {why}"));
        problems.push(problem.help("take it back from version control, or remove it and give the consents again"));
        problems
    };
    match read_text(root, path) {
        TextFound::Text(text) => read(path.as_str(), &text),
        TextFound::Missing => Ok(Vec::new()),
        TextFound::NotUtf8(_) => Err(unreadable("is not UTF-8".to_owned())),
        TextFound::Unreadable(why) => Err(unreadable(format!("cannot be read: {why}"))),
    }
}

/// The view in which nothing is missing: whether a source is there is asked when it is needed.
struct Everything;

impl Look for Everything {
    fn exists(&self, _path: Spot<'_>) -> bool {
        true
    }

    fn names_in(&self, _folder: Spot<'_>) -> Vec<String> {
        Vec::new()
    }

    fn link(&self, _path: Spot<'_>) -> Option<Link> {
        None
    }

    fn dead_link(&self, _path: Spot<'_>) -> Option<DeadLink> {
        None
    }
}
