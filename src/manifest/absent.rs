//! Data that nothing makes and that is not there.

use std::collections::BTreeMap;

use lockgate_spanned::{Problems, Span, nearest};

use super::check::{Look, subject};
use super::links::DeadLink;
use super::load::Loaded;
use super::places::NodePlaces;
use super::waits::{Index, is_frozen};
use crate::pipeline::Node;
use crate::words::text::plural;
use crate::words::{Place, RelPath, Spot};

/// Suggestions look at every out, so only the first problems get one.
const SUGGESTIONS: usize = 20;

/// A node that wants something, with its places.
type Asking<'n> = (&'n Node, &'n NodePlaces);

/// The search for absent data; it looks for each path once.
pub(super) struct Absent<'a> {
    loaded: &'a Loaded,
    look: &'a dyn Look,
    index: &'a Index<'a>,
    found: BTreeMap<Spot<'a>, bool>,
    /// Data that `.dvc` files track and that is missing, with the file.
    lost: Vec<(&'a RelPath, &'a RelPath)>,
    suggested: usize,
}

impl<'a> Absent<'a> {
    pub(super) fn new(loaded: &'a Loaded, index: &'a Index<'a>, look: &'a dyn Look) -> Self {
        let tracked = loaded.pipeline.tracked.iter();
        let tracked = tracked.flat_map(|tracked| tracked.outs.iter().map(|out| (&tracked.file, &out.path)));
        let lost = tracked.filter(|(_, path)| !look.exists((*path).into())).collect();
        Self { loaded, look, index, found: BTreeMap::new(), lost, suggested: 0 }
    }

    pub(super) fn report(&mut self, problems: &mut Problems) {
        let loaded = self.loaded;
        for (node, places) in loaded.pipeline.nodes.iter().zip(&loaded.places.nodes) {
            if !is_frozen(node) {
                self.need_folder((node, places), problems);
                let deps = node.deps.iter().zip(&places.deps).filter(|(dep, _)| !dep.optional);
                deps.for_each(|(dep, span)| self.need((node, places), "depends on", dep.path.spot(), *span, problems));
            }
            if let Some(gate) = node.gate() {
                let data = gate.data.iter().zip(&places.data);
                data.for_each(|(path, span)| self.need((node, places), "judges", path.into(), *span, problems));
                if let (Some(file), Some(span)) = (gate.kind.schema(), places.schema) {
                    self.need((node, places), "judges by", file.into(), span, problems);
                    self.refuse_made((node, places), file, span, problems);
                }
            }
        }
    }

    fn need(&mut self, asking: Asking<'_>, verb: &str, path: Spot<'a>, span: Span, problems: &mut Problems) {
        let (node, places) = asking;
        if self.index.maker(path).is_some() || *self.found.entry(path).or_insert_with(|| self.look.exists(path)) {
            return self.need_whole(asking, verb, path, span, problems);
        }
        let dead = self.look.dead_link(path);
        let why = dead.as_ref().map(|link| link.told(path));
        let why = why.unwrap_or_else(|| "which no stage makes and which does not exist".to_owned());
        let problem = places.problem("data::absent", span, format!("{} {verb} `{path}`, {why}", subject(node)));
        let of_link = || dead.as_ref().map(DeadLink::next_step);
        let help = self.tracker(path).or_else(of_link).or_else(|| self.suggestion(path));
        let help = help.unwrap_or_else(|| next_step(path));
        problems.push(problem.help(help));
    }

    /// A folder without what is tracked in it is another one.
    fn need_whole(
        &self,
        (node, places): Asking<'_>,
        verb: &str,
        folder: Spot<'a>,
        span: Span,
        problems: &mut Problems,
    ) {
        let mut lost = self.lost.iter().filter(|(_, path)| folder.contains((*path).into()));
        let Some((file, path)) = lost.next() else { return };
        let missing = match lost.count() {
            0 => format!("`{path}` is missing"),
            n => format!("`{path}` and {} are missing", plural(n, "other tracked path")),
        };
        let message = format!("{} {verb} `{folder}`, in which {missing}", subject(node));
        problems.push(places.problem("data::absent", span, message).help(pull(file)));
    }

    /// A folder to work in is made with the outs in it, and by whatever else is made or put in place there.
    fn need_folder(&mut self, asking: Asking<'a>, problems: &mut Problems) {
        let (node, places) = asking;
        let Some(span) = places.wdir.filter(|_| !node.wdir.is_root()) else { return };
        let wdir = Spot::from(&node.wdir);
        if *self.found.entry(wdir).or_insert_with(|| self.look.exists(wdir)) || self.is_made(wdir) {
            return;
        }
        let dead = self.look.dead_link(wdir);
        let why = dead.as_ref().map(|link| link.told(wdir));
        let why = why.unwrap_or_else(|| "which does not exist and which nothing makes".to_owned());
        let message = format!("{} runs in `{wdir}`, {why}", subject(node));
        let help = format!("make the folder `{wdir}`, or name another as `wdir`");
        let help = dead.map_or(help, |link| link.next_step());
        problems.push(places.problem("wdir::absent", span, message).help(help));
    }

    fn is_made(&self, folder: Spot<'_>) -> bool {
        let pipeline = &self.loaded.pipeline;
        let outs = pipeline.nodes.iter().flat_map(Node::outs).map(|out| out.path.spot());
        let tracked = pipeline.tracked.iter().flat_map(|file| &file.outs).map(|out| Spot::from(&out.path));
        outs.chain(tracked).any(|path| path.overlaps(folder))
    }

    /// Says how data comes back that a `.dvc` file tracks.
    fn tracker(&self, path: Spot<'_>) -> Option<String> {
        let tracked = self.loaded.pipeline.tracked.iter();
        let tracked = tracked.flat_map(|file| file.outs.iter().map(move |out| (&file.file, out)));
        let (file, _) = tracked.into_iter().find(|(_, out)| Spot::from(&out.path).contains(path))?;
        Some(pull(file))
    }

    fn suggestion(&mut self, path: Spot<'_>) -> Option<String> {
        self.suggested += 1;
        if self.suggested > SUGGESTIONS {
            return None;
        }
        let folder = path.parent()?;
        let beside = self.look.names_in(folder).into_iter().filter(|name| !name.chars().any(char::is_control));
        let beside: Vec<Place> = beside.map(|name| folder.below(&name)).filter(|other| other.spot() != path).collect();
        let nodes = &self.loaded.pipeline.nodes;
        let outs = nodes.iter().flat_map(|node| node.outs().iter().map(move |out| (&out.path, node)));
        let candidates = outs.clone().map(|(path, _)| path).chain(&beside).map(Place::as_str);
        let near = nearest(path.as_str(), candidates)?;
        Some(match outs.into_iter().find(|(out, _)| out.as_str() == near) {
            Some((_, maker)) => format!("did you mean `{near}`, made by stage `{}`?", maker.name()),
            None => format!("did you mean `{near}`?"),
        })
    }

    /// Rules that a stage makes would be read before they are made.
    fn refuse_made(&self, asking: Asking<'_>, file: &RelPath, span: Span, problems: &mut Problems) {
        let (node, places) = asking;
        let Some(maker) = self.index.maker(file) else { return };
        let maker = &self.loaded.pipeline.nodes[maker].id;
        let message = format!("{} judges by `{file}`, which stage `{maker}` makes", subject(node));
        let help = "write the rules by hand and commit them: they are read before anything runs";
        problems.push(places.problem("gate::made-schema", span, message).help(help));
    }
}

fn pull(file: &RelPath) -> String {
    format!("`{file}` tracks it, and DVC's cache does not have it: `dvc pull {file}` brings it")
}

fn next_step(path: Spot<'_>) -> String {
    if path.as_str().contains(['*', '?']) {
        return "name the files or their folder: patterns are not expanded".to_owned();
    }
    if path.inside().is_none() {
        return format!("put it there, or name where it is on this machine: `{path}` lies outside of the project");
    }
    format!("create `{path}`, or add the stage that makes it")
}
