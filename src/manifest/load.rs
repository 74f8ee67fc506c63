//! From the name of a pipeline file to its meaning.

use std::rc::Rc;

use lockgate_spanned::{Fields, Key, Node as Tree, Problem, Problems, Value as Yaml, read};

use super::check::{Look, check_presence, check_structure};
use super::context::Context;
use super::places::{NodePlaces, SourceMap};
use super::report::Report;
use super::rerun::take_over_stages;
use super::resolve::{Mappings, resolve};
use super::stage::Bench;
use super::texts::{Shelf, Texts};
use super::top::{self, TopFiles};
use super::waits::Index;
use crate::pipeline::{Flavour, Node, Pipeline};
use crate::words::RelPath;

/// A pipeline file that was read, and what it was read from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub pipeline: Pipeline,
    pub places: SourceMap,
    /// Every text that was read or looked for; the same texts give the same pipeline.
    pub files: Vec<RelPath>,
    pub warnings: Problems,
}

/// What could be read of a pipeline file, and what was wrong with it.
struct Draft {
    loaded: Option<Loaded>,
    problems: Problems,
    /// Whether nodes or outs are missing from what was read.
    holes: bool,
}

/// Reads the pipeline at `file`, which is relative to the project's root.
///
/// The problems are those of the texts, all of them; whether the pipeline makes sense as a whole is for
/// [`check`](super::check()) to say.
pub fn load(file: &RelPath, texts: &dyn Texts) -> Result<Loaded, Problems> {
    let draft = draft(file, texts);
    match draft.loaded {
        Some(loaded) if draft.problems.is_empty() => Ok(loaded),
        Some(_) | None => Err(draft.problems),
    }
}

/// Reads the pipeline at `file` and checks it as a whole; the problems of both are reported together.
pub fn load_checked(file: &RelPath, texts: &dyn Texts, look: &dyn Look) -> Result<Loaded, Problems> {
    let mut draft = draft(file, texts);
    let Some(loaded) = draft.loaded else { return Err(draft.problems) };
    let index = Index::of(&loaded.pipeline.nodes);
    draft.problems.extend(check_structure(&loaded, &index));
    // A part that could not be read may be what others seem to miss.
    if !draft.holes {
        draft.problems.extend(check_presence(&loaded, &index, look));
    }
    draft.problems.sort();
    if draft.problems.is_empty() { Ok(loaded) } else { Err(draft.problems) }
}

fn draft(file: &RelPath, texts: &dyn Texts) -> Draft {
    let mut problems = Problems::default();
    let mut shelf = Shelf::new(texts);
    let Some(source) = shelf.pipeline(file, &mut problems) else {
        return Draft { loaded: None, problems, holes: true };
    };
    let Some(tree) = read(&source, &mut problems) else {
        return Draft { loaded: None, problems, holes: true };
    };
    if source.text().trim().is_empty() && flavour(file) == Flavour::Native {
        let problem = Problem::of_file("pipeline::empty", file.to_string(), format!("`{file}` is empty"));
        problems.push(problem.help("write `stages:` with the stages below it; `stages: {}` says that there are none"));
        return Draft { loaded: None, problems, holes: true };
    }
    let mut report = Report::new(source);
    // Of a stage that is given twice, one is not read.
    report.holes = !problems.is_empty();
    report.problems = problems;
    lower(file, tree, report, shelf)
}

fn lower(file: &RelPath, mut tree: Tree, mut report: Report, mut shelf: Shelf<'_>) -> Draft {
    let folder = file.parent();
    let stages = take(&mut tree, "stages");
    let globals = globals(&tree, &folder, &mut shelf, &mut report);
    let mut params = shelf.parameter_files().to_vec();
    let top = top_files(&mut tree, &globals, &folder, &mut report);
    params.extend(top.params);
    let source = report.source.clone();
    let mut bench = Bench { report, shelf, folder, globals: Rc::new(globals) };
    let (mut nodes, mut places): (Vec<Node>, Vec<NodePlaces>) = lower_stages(stages, &mut bench).into_iter().unzip();
    let Bench { mut report, shelf, .. } = bench;
    take_over_stages(&mut nodes, &mut places, &mut report);
    report.problems.sort();
    let (file, flavour) = (file.clone(), flavour(file));
    let pipeline = Pipeline { file, flavour, nodes, params, metrics: top.metrics, plots: top.plots };
    let places = SourceMap { source, nodes: places };
    let loaded = Loaded { pipeline, places, files: shelf.into_files(), warnings: report.warnings };
    Draft { loaded: Some(loaded), problems: report.problems, holes: report.holes }
}

/// Takes the value of `key` out of a mapping.
fn take(tree: &mut Tree, key: &str) -> Option<Tree> {
    let Yaml::Map(entries) = &mut tree.value else { return None };
    let (_, node) = entries.iter_mut().find(|(name, _)| name.text == key)?;
    Some(Tree { span: node.span, value: std::mem::replace(&mut node.value, Yaml::Null) })
}

fn globals(tree: &Tree, folder: &RelPath, shelf: &mut Shelf<'_>, report: &mut Report) -> Context {
    let mut context = Context::empty(report);
    let params = folder.join("params.yaml").expect("a plain file name leaves no folder");
    context.add_default(&params, shelf, report);
    if let Some(vars) = tree.get("vars") {
        context.add_vars(vars, folder, shelf, report);
    }
    context
}

fn top_files(tree: &mut Tree, globals: &Context, folder: &RelPath, report: &mut Report) -> TopFiles {
    // The items of `vars` were refused their templates with a better message than this would give.
    drop(take(tree, "vars"));
    resolve(tree, globals, Mappings::Refused, report);
    let source = report.source.clone();
    let fields = Fields::open(tree, "the pipeline", &top::KEYS, &source, &mut report.problems);
    fields.map(|fields| report.top_files(&fields, folder)).unwrap_or_default()
}

type Lowered = (Node, NodePlaces);

fn lower_stages(stages: Option<Tree>, bench: &mut Bench<'_>) -> Vec<Lowered> {
    let Some(stages) = stages else { return Vec::new() };
    match stages.value {
        Yaml::Map(entries) => entries.into_iter().filter_map(|(key, body)| lower_stage(&key, body, bench)).collect(),
        // A file whose stages are all commented out says `stages:` and nothing more.
        Yaml::Null => Vec::new(),
        Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) => {
            let problem = bench.report.wrong_kind(&stages, format_args!("`stages`"), "a mapping of names to stages");
            bench.report.push(problem.help("write each stage as `NAME:` with its keys indented below"));
            Vec::new()
        }
    }
}

fn lower_stage(key: &Key, body: Tree, bench: &mut Bench<'_>) -> Option<Lowered> {
    let lowered = bench.lower(key, body);
    bench.report.holes |= lowered.is_none();
    lowered
}

fn flavour(file: &RelPath) -> Flavour {
    if file.file_name() == "dvc.yaml" { Flavour::Dvc } else { Flavour::Native }
}
