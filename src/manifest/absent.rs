//! Data that nothing makes and that is not there.

use std::collections::BTreeMap;

use lockgate_spanned::{Problems, Span, nearest};

use super::check::{Look, subject};
use super::load::Loaded;
use super::places::NodePlaces;
use super::waits::{Index, is_frozen};
use crate::pipeline::Node;
use crate::words::RelPath;

/// Suggestions look at every out, so only the first problems get one.
const SUGGESTIONS: usize = 20;

/// A node that wants something, with its places.
type Asking<'n> = (&'n Node, &'n NodePlaces);

/// The search for absent data; it looks for each path once.
pub(super) struct Absent<'a> {
    loaded: &'a Loaded,
    look: &'a dyn Look,
    index: &'a Index<'a>,
    found: BTreeMap<&'a RelPath, bool>,
    suggested: usize,
}

impl<'a> Absent<'a> {
    pub(super) fn new(loaded: &'a Loaded, index: &'a Index<'a>, look: &'a dyn Look) -> Self {
        Self { loaded, look, index, found: BTreeMap::new(), suggested: 0 }
    }

    pub(super) fn report(&mut self, problems: &mut Problems) {
        let loaded = self.loaded;
        for (node, places) in loaded.pipeline.nodes.iter().zip(&loaded.places.nodes) {
            if !is_frozen(node) {
                let deps = node.deps.iter().zip(&places.deps).filter(|(dep, _)| !dep.optional);
                deps.for_each(|(dep, span)| self.need((node, places), "depends on", &dep.path, *span, problems));
            }
            if let Some(gate) = node.gate() {
                let data = gate.data.iter().zip(&places.data);
                data.for_each(|(path, span)| self.need((node, places), "judges", path, *span, problems));
                if let (Some(file), Some(span)) = (gate.kind.schema(), places.schema) {
                    self.need((node, places), "judges by", file, span, problems);
                    self.refuse_made_rules((node, places), file, span, problems);
                }
            }
            let params = node.params.iter().map(|param| &param.file).zip(&places.params);
            params.for_each(|(file, span)| self.refuse_made_params((node, places), file, *span, problems));
        }
    }

    fn need(&mut self, asking: Asking<'_>, verb: &str, path: &'a RelPath, span: Span, problems: &mut Problems) {
        let (node, places) = asking;
        if self.index.maker(path).is_some() || *self.found.entry(path).or_insert_with(|| self.look.exists(path)) {
            return;
        }
        let message = format!("{} {verb} `{path}`, which no stage makes and which does not exist", subject(node));
        let problem = places.problem("data::absent", span, message);
        let help = self.tracker(path).or_else(|| self.suggestion(path)).unwrap_or_else(|| next_step(path));
        problems.push(problem.help(help));
    }

    /// Says how data comes back that a `.dvc` file tracks.
    fn tracker(&self, path: &RelPath) -> Option<String> {
        let tracked = self.loaded.pipeline.tracked.iter();
        let tracked = tracked.flat_map(|file| file.outs.iter().map(move |out| (&file.file, out)));
        let (file, _) = tracked.into_iter().find(|(_, out)| out.path.contains(path))?;
        Some(format!("`{file}` tracks it, and DVC's cache does not have it: `dvc pull {file}` brings it"))
    }

    fn suggestion(&mut self, path: &RelPath) -> Option<String> {
        self.suggested += 1;
        if self.suggested > SUGGESTIONS {
            return None;
        }
        let folder = path.parent();
        let beside = self.look.names_in(&folder).into_iter().filter_map(|name| folder.join(&name).ok());
        let beside: Vec<RelPath> = beside.filter(|other| other != path).collect();
        let nodes = &self.loaded.pipeline.nodes;
        let outs = nodes.iter().flat_map(|node| node.outs().iter().map(move |out| (&out.path, node)));
        let candidates = outs.clone().map(|(path, _)| path).chain(&beside).map(RelPath::as_str);
        let near = nearest(path.as_str(), candidates)?;
        Some(match outs.into_iter().find(|(out, _)| out.as_str() == near) {
            Some((_, maker)) => format!("did you mean `{near}`, made by stage `{}`?", maker.name()),
            None => format!("did you mean `{near}`?"),
        })
    }

    /// Rules are read before anything runs too.
    fn refuse_made_rules(&self, asking: Asking<'_>, file: &RelPath, span: Span, problems: &mut Problems) {
        let (node, places) = asking;
        let Some(maker) = self.index.maker(file) else { return };
        let maker = &self.loaded.pipeline.nodes[maker].id;
        let message = format!("{} judges by `{file}`, which stage `{maker}` makes", subject(node));
        let help = "write the rules by hand and commit them: they are read before anything runs";
        problems.push(places.problem("gate::made-schema", span, message).help(help));
    }

    /// Parameters are read before anything runs, so a file that a stage makes would be read too early.
    fn refuse_made_params(&self, asking: Asking<'_>, file: &RelPath, span: Span, problems: &mut Problems) {
        let (node, places) = asking;
        let Some(maker) = self.index.maker(file) else { return };
        let maker = self.loaded.pipeline.nodes[maker].name();
        let message = format!("{} reads parameters of `{file}`, which stage `{maker}` makes", subject(node));
        let help = format!("name it under `deps`: parameters are read before `{maker}` runs");
        problems.push(places.problem("params::made", span, message).help(help));
    }
}

fn next_step(path: &RelPath) -> String {
    if path.as_str().contains(['*', '?']) {
        return "name the files or their folder: patterns are not expanded".to_owned();
    }
    format!("create `{path}`, or add the stage that makes it")
}
