//! From the name of a pipeline file to its meaning.

use std::rc::Rc;

use lockgate_spanned::{Fields, Node as Tree, Problem, Problems, Value as Yaml, read};

use super::check::{Look, check_presence, check_structure};
use super::context::{Context, Scope};
use super::once::once_each;
use super::places::{NodePlaces, SourceMap};
use super::report::Report;
use super::rerun::take_over_stages;
use super::resolve::{Composites, resolve};
use super::stage::{Bench, Lowered};
use super::texts::{Shelf, Texts};
use super::top::{self, TopFiles};
use super::waits::Index;
use crate::pipeline::{Flavour, Node, Parsing, Pipeline};
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

/// Reads the pipeline at `file`, which is relative to the project's root; `parsing` is how mappings become options.
///
/// The problems are those of the texts, all of them; whether the pipeline makes sense as a whole is for
/// [`check`](super::check()) to say.
pub fn load(file: &RelPath, texts: &dyn Texts, parsing: Parsing) -> Result<Loaded, Problems> {
    let draft = draft(file, texts, parsing);
    match draft.loaded {
        Some(loaded) if draft.problems.is_empty() => Ok(loaded),
        Some(_) | None => Err(draft.problems),
    }
}

/// Reads the pipeline at `file` and checks it as a whole; the problems of both are reported together.
pub fn load_checked(file: &RelPath, texts: &dyn Texts, parsing: Parsing, look: &dyn Look) -> Result<Loaded, Problems> {
    let mut draft = draft(file, texts, parsing);
    let Some(loaded) = draft.loaded else { return Err(draft.problems) };
    let index = Index::of(&loaded.pipeline.nodes);
    let mut found = check_structure(&loaded, &index);
    // A part that could not be read may be what others seem to miss.
    if !draft.holes {
        found.extend(check_presence(&loaded, &index, look));
    }
    draft.problems.extend(once_each(found));
    draft.problems.sort();
    if draft.problems.is_empty() { Ok(loaded) } else { Err(draft.problems) }
}

fn draft(file: &RelPath, texts: &dyn Texts, parsing: Parsing) -> Draft {
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
    let bench = Bench { report, shelf, folder: file.parent(), globals: Rc::default(), parsing, local: None };
    lower(file, tree, bench)
}

fn lower(file: &RelPath, mut tree: Tree, mut bench: Bench<'_>) -> Draft {
    let parsing = bench.parsing;
    let stages = take(&mut tree, "stages");
    bench.globals = Rc::new(globals(&tree, &mut bench));
    let top = top_files(&mut tree, &mut bench);
    let (mut nodes, mut places): (Vec<Node>, Vec<NodePlaces>) = lower_stages(stages, &mut bench).into_iter().unzip();
    let Bench { mut report, shelf, .. } = bench;
    take_over_stages(&mut nodes, &mut places, &mut report);
    report.problems.sort();
    let (file, flavour) = (file.clone(), flavour(file));
    let pipeline = Pipeline { file, flavour, parsing, nodes, metrics: top.metrics, plots: top.plots };
    let places = SourceMap { source: report.source, nodes: places };
    let loaded = Loaded { pipeline, places, files: shelf.into_files(), warnings: report.warnings };
    Draft { loaded: Some(loaded), problems: report.problems, holes: report.holes }
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
    let params = folder.join("params.yaml").expect("a plain file name leaves no folder");
    context.add_default(&params, shelf, report);
    if let Some(vars) = tree.get("vars") {
        context.add_vars(vars, folder, shelf, report);
    }
    context
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

fn flavour(file: &RelPath) -> Flavour {
    if file.file_name() == "dvc.yaml" { Flavour::Dvc } else { Flavour::Native }
}
