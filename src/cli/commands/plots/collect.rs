//! Which plots there are in some states of a project, and what they are drawn from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lockgate_spanned::nearest;

use super::no_template;
use crate::cli::trouble::Trouble as Fatal;
use crate::cli::values::{Failure, Why};
use crate::engine::{Side, Unreadable};
use crate::manifest::read_ordered;
use crate::pipeline::{Axis, Drawing, Node, OutKind, Pipeline, Plot as TopPlot};
use crate::report::plots::points::NoPoints;
use crate::report::plots::{
    Chart, Content, Image, Plot, Points, Revision, Row, Template, data, media_of, rows_of, template,
};
use crate::sys::disk::{Root, read_outside};
use crate::words::text::list;
use crate::words::{Exit, RelPath};

/// What plots are taken from.
pub struct Collector<'a> {
    /// The states with their names, in the order in which they are drawn.
    pub sides: &'a [(String, Side<'a>)],
    /// The folder from which paths are meant and shown, in the project and on disk.
    pub cwd: &'a RelPath,
    pub folder: &'a Path,
    pub root: &'a Root,
    /// Puts the settings of the command line above those of a plot.
    pub over: &'a dyn Fn(&Drawing) -> Drawing,
}

/// The plots, and what could not be drawn.
#[derive(Debug, Default)]
pub struct Collected {
    pub plots: Vec<Plot>,
    pub troubles: Vec<Trouble>,
}

/// Why something is not on a plot.
#[derive(Debug)]
pub enum Trouble {
    /// A file could not be read in a state.
    Unread { revision: String, failure: Failure },
    /// The pipeline file names a template that cannot be had.
    NoTemplate { id: String, why: Fatal },
    /// A plot has no points in a state, or, without a name, in none. `exit` is what follows when it is not drawn at all.
    Undrawn { revision: String, id: String, why: NoPoints, exit: Exit },
}

/// A plot as it is declared.
#[derive(Clone, Debug)]
struct Declared {
    id: String,
    /// The file or folder that the plot is called after.
    own: Option<RelPath>,
    drawing: Drawing,
}

/// What one state has of one declared plot.
#[derive(Debug, Default)]
struct Read {
    rows: BTreeMap<RelPath, Vec<Row>>,
    images: BTreeMap<RelPath, Vec<u8>>,
}

impl Read {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.images.is_empty()
    }
}

impl Collector<'_> {
    pub fn collect(&self, targets: &[String]) -> Result<Collected, Fatal> {
        let mut collected = Collected::default();
        for (name, side) in self.sides {
            let failure = Failure::of_pipeline(side);
            collected.troubles.extend(failure.map(|failure| Trouble::Unread { revision: name.clone(), failure }));
        }
        for declared in self.selected(targets)? {
            self.add(&declared, &mut collected);
        }
        Ok(collected)
    }

    /// Returns the plots that `targets` name, or all; a target that is no plot is taken for a file.
    fn selected(&self, targets: &[String]) -> Result<Vec<Declared>, Fatal> {
        let all = self.declared();
        if targets.is_empty() {
            return Ok(all.into_iter().map(|declared| self.with_settings(declared)).collect());
        }
        let mut selected: Vec<Declared> = Vec::new();
        for target in targets {
            let path = self.cwd.join(target).ok();
            let is_meant = |declared: &&Declared| declared.id == *target || path.is_some() && declared.own == path;
            let meant: Vec<Declared> = all.iter().filter(is_meant).cloned().collect();
            let meant = if meant.is_empty() { vec![self.file(target, path, &all)?] } else { meant };
            let new = meant.into_iter().filter(|declared| !selected.iter().any(|known| known.id == declared.id));
            let new: Vec<Declared> = new.collect();
            selected.extend(new);
        }
        Ok(selected.into_iter().map(|declared| self.with_settings(declared)).collect())
    }

    /// A field that the command line names is one of the plot's own file.
    fn with_settings(&self, declared: Declared) -> Declared {
        let drawing = (self.over)(&declared.drawing);
        let first = || declared.drawing.y.files().next().cloned();
        let own = match drawing.y {
            Axis::Files(_) => declared.own,
            Axis::Fields(_) | Axis::Inferred => declared.own.or_else(first),
        };
        Declared { own, drawing, ..declared }
    }

    /// Takes a target for a file that nothing declares, or for one in a folder that is a plot.
    fn file(&self, target: &str, path: Option<RelPath>, all: &[Declared]) -> Result<Declared, Fatal> {
        let is_there = |path: &RelPath| self.sides.iter().any(|(_, side)| side.read(path).is_ok());
        let Some(path) = path.filter(is_there) else {
            let help = match nearest(target, all.iter().map(|declared| declared.id.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None if all.is_empty() => "name a file that is there: the pipeline declares no plots".to_owned(),
                None => "name a file that is there, or no target for all plots of the pipeline".to_owned(),
            };
            return Err(Fatal::usage(format!("there is no plot or file `{target}`")).help(help));
        };
        let inside = all.iter().find(|declared| declared.own.as_ref().is_some_and(|own| own.contains(&path)));
        let drawing = inside.map(|declared| declared.drawing.clone()).unwrap_or_default();
        Ok(Declared { id: path.seen_from(self.cwd), own: Some(path), drawing })
    }

    /// Returns what the states declare; the first that declares a plot says how it is drawn.
    fn declared(&self) -> Vec<Declared> {
        let mut all: Vec<Declared> = Vec::new();
        for (_, side) in self.sides {
            let new = declared_by(side.pipeline(), self.cwd);
            let new = new.into_iter().filter(|plot| !all.iter().any(|known| known.id == plot.id)).collect::<Vec<_>>();
            all.extend(new);
        }
        all
    }

    /// Reads one declared plot in all states: of a folder, each file is a plot of its own.
    fn add(&self, declared: &Declared, collected: &mut Collected) {
        let n_told = collected.troubles.len();
        let read: Vec<Read> =
            self.sides.iter().map(|(name, side)| self.read(name, side, declared, &mut collected.troubles)).collect();
        if read.iter().all(Read::is_empty) && collected.troubles.len() == n_told {
            collected.troubles.extend(self.absent(declared));
        }
        let images: BTreeSet<&RelPath> = read.iter().flat_map(|read| read.images.keys()).collect();
        for file in images {
            let media = media_of(file.file_name()).expect("only pictures were taken for some");
            let of = |((name, _), read): (&(String, Side<'_>), &Read)| {
                let bytes = read.images.get(file)?.clone();
                Some(Image { revision: name.clone(), media, bytes })
            };
            let images = self.sides.iter().zip(&read).filter_map(of).collect();
            collected.plots.push(Plot { id: file.seen_from(self.cwd), content: Content::Images(images) });
        }
        let revisions: Vec<Revision> = self
            .sides
            .iter()
            .zip(read)
            .map(|((name, _), read)| Revision { name: name.clone(), files: read.rows })
            .collect();
        let Some(own) = &declared.own else { return self.chart(declared, None, &revisions, collected) };
        let inside = |file: &&RelPath| own.contains(file);
        let files: BTreeSet<RelPath> =
            revisions.iter().flat_map(|one| one.files.keys()).filter(inside).cloned().collect();
        for file in files {
            let id = if file == *own { declared.id.clone() } else { file.seen_from(self.cwd) };
            self.chart(&Declared { id, ..declared.clone() }, Some(&file), &revisions, collected);
        }
    }

    /// What is told of a plot of which no state has anything.
    fn absent(&self, declared: &Declared) -> Option<Trouble> {
        let names: Vec<&str> = self.sides.iter().map(|(name, _)| name.as_str()).collect();
        let file = sources(declared).into_iter().next()?.seen_from(self.cwd);
        let why = Why::Unreadable(Unreadable::Absent);
        Some(Trouble::Unread { revision: list(&names), failure: Failure { file, why } })
    }

    fn chart(&self, declared: &Declared, own: Option<&RelPath>, revisions: &[Revision], collected: &mut Collected) {
        let template = match self.template(declared.drawing.template.as_deref().unwrap_or(template::DEFAULT)) {
            Ok(template) => template,
            Err(why) => return collected.troubles.push(Trouble::NoTemplate { id: declared.id.clone(), why }),
        };
        let (points, errors) = Points::of(&declared.drawing, own, revisions);
        let id = &declared.id;
        let exit = if points.is_some() { Exit::Done } else { Exit::Invalid };
        let undrawn = |(revision, why)| Trouble::Undrawn { revision, id: id.clone(), why, exit };
        collected.troubles.extend(errors.into_iter().map(undrawn));
        if let Some(points) = points {
            let title = declared.drawing.title.clone().unwrap_or_else(|| id.clone());
            let chart = Box::new(Chart { title, points, template });
            collected.plots.push(Plot { id: id.clone(), content: Content::Chart(chart) });
        }
    }

    /// Finds a template as DVC does: in `.dvc/plots`, as a file, by name.
    pub fn template(&self, name: &str) -> Result<Template, Fatal> {
        let own = self.root.path().join(".dvc/plots");
        let places = [own.join(name), own.join(format!("{name}.json")), self.folder.join(name)];
        for place in places.iter().filter(|place| !crate::sys::disk::is_folder(place)) {
            if let Some(text) = read_outside(place)? {
                return Template::parse(&text).map_err(|error| {
                    Fatal::usage(format!("`{}` is not a template: {error}", place.display()))
                        .help("`lockgate plots templates linear` prints one to start from")
                });
            }
        }
        Template::built_in(name).ok_or_else(|| no_template(name))
    }

    fn read(&self, name: &str, side: &Side<'_>, declared: &Declared, troubles: &mut Vec<Trouble>) -> Read {
        let mut read = Read::default();
        let mut fail = |file: &RelPath, why: Why| {
            let failure = Failure { file: file.seen_from(self.cwd), why };
            troubles.push(Trouble::Unread { revision: name.to_owned(), failure });
        };
        for source in sources(declared) {
            let files = match side.read(source) {
                Ok(files) => files,
                Err(why) => {
                    // In another revision a file may well not be there yet.
                    if self.sides.len() == 1 || !matches!(why, Unreadable::Absent) {
                        fail(source, Why::Unreadable(why));
                    }
                    continue;
                }
            };
            for (file, bytes) in files {
                if media_of(file.file_name()).is_some() {
                    read.images.insert(file, bytes);
                    continue;
                }
                match rows(&file, bytes, declared.drawing.headless) {
                    Ok(rows) => drop(read.rows.insert(file, rows)),
                    // Of a folder, only what can be drawn counts; a file that is named is meant.
                    Err(Why::NotAPlot) if file != *source => {}
                    Err(why) => fail(&file, why),
                }
            }
        }
        read
    }
}

fn sources(declared: &Declared) -> BTreeSet<&RelPath> {
    let axes = [&declared.drawing.y, &declared.drawing.x];
    declared.own.iter().chain(axes.into_iter().flat_map(Axis::files)).collect()
}

fn rows(file: &RelPath, bytes: Vec<u8>, headless: bool) -> Result<Vec<Row>, Why> {
    let suffix = file.file_name().rsplit_once('.').map_or("", |(_, suffix)| suffix);
    if !["csv", "tsv", "json", "yaml", "yml", "toml"].contains(&suffix) {
        return Err(Why::NotAPlot);
    }
    let text = String::from_utf8(bytes).map_err(|_| Why::NotText)?;
    match suffix {
        "csv" => Ok(data::rows_of_table(&text, ',', headless)),
        "tsv" => Ok(data::rows_of_table(&text, '\t', headless)),
        _ => read_ordered(file, &text).map(|tree| rows_of(&tree)).map_err(Why::Invalid),
    }
}

/// Returns the plots of the top level, then those of stages; a plot that both declare is two.
fn declared_by(pipeline: &Pipeline, cwd: &RelPath) -> Vec<Declared> {
    let outs = pipeline.nodes.iter().flat_map(Node::outs).filter(|out| out.kind == OutKind::Plot);
    let mut of_stages = Vec::new();
    for (out, path) in outs.filter_map(|out| Some((out, out.path.inside()?))) {
        let id = path.seen_from(cwd);
        let ways = if out.notes.drawings.is_empty() { &[Drawing::default()][..] } else { &out.notes.drawings };
        for (at, drawing) in ways.iter().enumerate() {
            let id = if at == 0 { id.clone() } else { format!("{id} ({})", at + 1) };
            of_stages.push(Declared { id, own: Some(path.clone()), drawing: drawing.clone() });
        }
    }
    let top = |plot: &TopPlot| {
        let id = plot.file.as_ref().map_or_else(|| plot.id.clone(), |file| file.seen_from(cwd));
        Declared { id, own: plot.file.clone(), drawing: plot.drawing.clone() }
    };
    let mut top: Vec<Declared> = pipeline.plots.iter().map(top).collect();
    let all = top.iter().chain(&of_stages).map(|declared| declared.id.clone());
    let uses = all.fold(BTreeMap::new(), |mut uses: BTreeMap<String, usize>, id| {
        *uses.entry(id).or_default() += 1;
        uses
    });
    for (declared, plot) in top.iter_mut().zip(&pipeline.plots).filter(|(declared, _)| uses[&declared.id] > 1) {
        let file = pipeline.files.in_folder(&plot.folder).map_or_else(String::new, |file| file.seen_from(cwd));
        declared.id = format!("{file}::{}", declared.id);
    }
    top.into_iter().chain(of_stages).collect()
}
