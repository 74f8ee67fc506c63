//! From the names of a pipeline's files to its meaning.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use lockgate_spanned::{Fields, Node as Tree, Problem, Problems, Source, Value as Yaml, read};

use super::check::{Look, check_presence, check_structure};
use super::context::{Context, Scope};
use super::once::once_each;
use super::params::fill_params;
use super::places::{NodePlaces, SourceMap};
use super::report::Report;
use super::rerun::take_over_stages;
use super::resolve::{Composites, resolve};
use super::stage::{Bench, Lowered};
use super::texts::{Shelf, Texts};
use super::top::{self, TopFiles};
use super::waits::Index;
use crate::pipeline::{Files, Flavour, Node, Pipeline};
use crate::words::RelPath;

/// A pipeline that was read, and what it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub pipeline: Pipeline,
    pub places: SourceMap,
    /// Every text that was read or looked for; the same texts give the same pipeline.
    pub files: Vec<RelPath>,
    pub warnings: Problems,
}

/// What could be read of a pipeline so far, and what was wrong with it.
struct Draft {
    loaded: Loaded,
    problems: Problems,
    /// Whether nodes or outs are missing from what was read.
    holes: bool,
}

/// Reads the pipeline that `files` declare; all paths are relative to the project's root.
///
/// The problems are those of the texts, all of them; whether the pipeline makes sense as a whole is for
/// [`check`](super::check()) to say.
pub fn load(files: &Files, texts: &dyn Texts) -> Result<Loaded, Problems> {
    let mut draft = Draft::of(files, texts);
    draft.problems.sort();
    if draft.problems.is_empty() { Ok(draft.loaded) } else { Err(draft.problems) }
}

/// Reads the pipeline that `files` declare and checks it as a whole; the problems of both are reported together.
pub fn load_checked(files: &Files, texts: &dyn Texts, look: &dyn Look) -> Result<Loaded, Problems> {
    let Draft { loaded, mut problems, holes } = Draft::of(files, texts);
    let index = Index::of(&loaded.pipeline.nodes);
    let mut found = check_structure(&loaded, &index);
    // A part that could not be read may be what others seem to miss.
    if !holes {
        found.extend(check_presence(&loaded, &index, look));
    }
    problems.extend(once_each(found));
    problems.sort();
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

impl Draft {
    fn of(files: &Files, texts: &dyn Texts) -> Self {
        let pipeline = Pipeline {
            files: files.clone(),
            nodes: Vec::new(),
            params: Vec::new(),
            metrics: Vec::new(),
            plots: Vec::new(),
            tracked: Vec::new(),
        };
        let (places, warnings) = (SourceMap::default(), Problems::default());
        let loaded = Loaded { pipeline, places, files: Vec::new(), warnings };
        let mut draft = Self { loaded, problems: Problems::default(), holes: false };
        let mut shelf = Shelf::new(texts);
        for file in &files.pipelines {
            shelf = draft.add_pipeline(file, shelf);
        }
        for file in &files.tracking {
            draft.add_tracked(file, &mut shelf);
        }
        draft.problems.extend(fill_params(&mut draft.loaded, &mut shelf, draft.holes));
        draft.loaded.files = shelf.into_files();
        draft
    }

    fn add_pipeline<'t>(&mut self, file: &RelPath, mut shelf: Shelf<'t>) -> Shelf<'t> {
        let Some((source, tree)) = self.read(file, &mut shelf) else { return shelf };
        if source.text().trim().is_empty() && self.loaded.pipeline.files.flavour == Flavour::Native {
            let problem = Problem::of_file("pipeline::empty", file.to_string(), format!("`{file}` is empty"));
            let help = "write `stages:` with the stages below it; `stages: {}` says that there are none";
            self.problems.push(problem.help(help));
            self.holes = true;
            return shelf;
        }
        let mut report = Report::new(source);
        // Of a stage that is given twice, one is not read.
        report.holes = self.holes || !self.problems.is_empty();
        self.lower(file, tree, report, shelf)
    }

    fn add_tracked(&mut self, file: &RelPath, shelf: &mut Shelf<'_>) {
        let Some((source, tree)) = self.read(file, shelf) else { return };
        let mut report = Report::new(source);
        let tracked = report.tracked(file, &tree);
        self.loaded.pipeline.tracked.extend(tracked);
        self.problems.extend(report.problems);
        self.loaded.warnings.extend(report.warnings);
    }

    fn read(&mut self, file: &RelPath, shelf: &mut Shelf<'_>) -> Option<(Arc<Source>, Tree)> {
        let source = shelf.pipeline(file, &mut self.problems);
        let tree = source.and_then(|source| read(&source, &mut self.problems).map(|tree| (source, tree)));
        self.holes |= tree.is_none();
        tree
    }

    fn lower<'t>(&mut self, file: &RelPath, mut tree: Tree, report: Report, shelf: Shelf<'t>) -> Shelf<'t> {
        let parsing = self.loaded.pipeline.files.parsing;
        let mut bench = Bench { report, shelf, folder: file.parent(), globals: Rc::default(), parsing, local: None };
        let stages = take(&mut tree, "stages");
        let n_files = bench.shelf.files().len();
        bench.globals = Rc::new(globals(&tree, &mut bench));
        let mut params: BTreeSet<RelPath> = bench.shelf.files()[n_files..].iter().cloned().collect();
        params.insert(default_params(&bench.folder));
        let top = top_files(&mut tree, &mut bench);
        params.extend(top.params);
        let (mut nodes, mut places): (Vec<Node>, Vec<NodePlaces>) =
            lower_stages(stages, &mut bench).into_iter().unzip();
        let Bench { mut report, shelf, .. } = bench;
        take_over_stages(&mut nodes, &mut places, &mut report);
        report.problems.sort();
        let Loaded { pipeline, places: all_places, warnings, .. } = &mut self.loaded;
        pipeline.nodes.extend(nodes);
        pipeline.params.extend(params);
        pipeline.metrics.extend(top.metrics);
        pipeline.plots.extend(top.plots);
        all_places.nodes.extend(places);
        warnings.extend(report.warnings);
        self.problems.extend(report.problems);
        self.holes |= report.holes;
        shelf
    }
}

/// Takes the value of `key` out of a mapping.
fn take(tree: &mut Tree, key: &str) -> Option<Tree> {
    let Yaml::Map(entries) = &mut tree.value else { return None };
    let (_, node) = entries.iter_mut().find(|(name, _)| name.text == key)?;
    Some(Tree { span: node.span, value: std::mem::replace(&mut node.value, Yaml::Null) })
}

fn globals(tree: &Tree, bench: &mut Bench<'_>) -> Context {
    let Bench { folder, shelf, report, .. } = bench;
    let mut context = Context::default();
    context.add_default(&default_params(folder), shelf, report);
    if let Some(vars) = tree.get("vars") {
        context.add_vars(vars, folder, shelf, report);
    }
    context
}

fn default_params(folder: &RelPath) -> RelPath {
    folder.join("params.yaml").expect("a plain file name leaves no folder")
}

fn top_files(tree: &mut Tree, bench: &mut Bench<'_>) -> TopFiles {
    let Bench { folder, globals, report, .. } = bench;
    // The items of `vars` were refused their templates with a better message than this would give.
    drop(take(tree, "vars"));
    resolve(tree, &Scope::global(globals), Composites::Whole, report);
    let source = report.source.clone();
    let fields = Fields::open(tree, "the pipeline", &top::KEYS, &source, &mut report.problems);
    fields.map(|fields| report.top_files(&fields, folder)).unwrap_or_default()
}

fn lower_stages(stages: Option<Tree>, bench: &mut Bench<'_>) -> Vec<Lowered> {
    let Some(stages) = stages else { return Vec::new() };
    match stages.value {
        Yaml::Map(entries) => entries.into_iter().flat_map(|(key, body)| bench.entry(&key, body)).collect(),
        // A file whose stages are all commented out says `stages:` and nothing more.
        Yaml::Null => Vec::new(),
        Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) => {
            let problem = bench.report.wrong_kind(&stages, format_args!("`stages`"), "a mapping of names to stages");
            bench.report.push(problem.help("write each stage as `NAME:` with its keys indented below"));
            Vec::new()
        }
    }
}
