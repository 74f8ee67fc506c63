//! Places that have two names because of symlinks, or because one name leads out of the project: a gate on one name would
//! not guard the other, and two stages would make one file.

use lockgate_spanned::{Problems, Span};

use super::bypath::ByPath;
use super::check::{Look, subject};
use super::load::Loaded;
use super::places::NodePlaces;
use super::waits::{Index, OutAt, is_frozen};
use crate::pipeline::{Node, Out};
use crate::words::text::inert;
use crate::words::{Place, RelPath, Spot};

/// Where a path leads that goes through a symlink, or out of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// To this place of the project.
    To(RelPath),
    /// To this place of the machine, an absolute path without symlinks.
    Out(Place),
    /// To a folder in which the project lies.
    Above,
}

/// A symlink at a path, or on the way to it, that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLink {
    pub at: Place,
    /// What it says.
    pub target: String,
    /// Whether it comes back to itself.
    pub is_circle: bool,
}

impl DeadLink {
    /// Says of `path` why nothing is there.
    pub(super) fn told(&self, path: Spot<'_>) -> String {
        let Self { at, target, is_circle } = self;
        let is = if at.spot() == path { "which is".to_owned() } else { format!("and `{at}` on the way is") };
        let to = inert(target);
        if *is_circle {
            format!("{is} a symlink to `{to}` that leads back to itself")
        } else {
            format!("{is} a symlink to `{to}`, where nothing is")
        }
    }

    pub(super) fn next_step(&self) -> String {
        format!("have the link lead to the data (`ln -sfn TARGET {}`), or put the data in its place", self.at)
    }
}

/// What is wrong, and the next step.
type Finding = (String, String);

/// Finds outs behind symlinks, and what is read under another name than that under which it is made.
pub(super) fn check_links(loaded: &Loaded, index: &Index<'_>, look: &dyn Look) -> Problems {
    let mut problems = Problems::default();
    for (_, node, places, out, span) in outs_of(loaded) {
        let found = match out.path.inside() {
            Some(path) => linked_out(node, path, look),
            None => misplaced_out(node, out, look),
        };
        if let Some((message, help)) = found {
            problems.push(places.problem("out::symlink", span, message).help(help));
        }
    }
    let real = real_outs(loaded, look);
    let by_real = distinct_outs(loaded, &real, &mut problems);
    for (node, places) in loaded.pipeline.nodes.iter().zip(&loaded.places.nodes).filter(|(node, _)| !is_frozen(node)) {
        let deps = node.deps.iter().map(|dep| dep.path.spot()).zip(&places.deps);
        let data = node.gate().into_iter().flat_map(|gate| &gate.data).map(Spot::from).zip(&places.data);
        let read = deps.map(|read| ("depends on", read)).chain(data.map(|read| ("judges", read)));
        for (verb, (path, span)) in read {
            let reading = Reading { loaded, node, verb, path };
            let found = match look.link(path) {
                None => Vec::new(),
                Some(Link::Above) => vec![reading.above()],
                Some(Link::Out(real)) => reading.alias_outside(by_real.first_overlapping(&real)).into_iter().collect(),
                Some(Link::To(real)) => reading.alias_inside(&real, index.maker(&real)),
            };
            for (message, help) in found {
                problems.push(places.problem("data::alias", *span, message).help(help));
            }
        }
    }
    problems
}

fn outs_of(loaded: &Loaded) -> impl Iterator<Item = (OutAt, &Node, &NodePlaces, &Out, Span)> {
    loaded.pipeline.nodes.iter().zip(&loaded.places.nodes).enumerate().flat_map(|(at, (node, places))| {
        let outs = node.outs().iter().zip(&places.outs).enumerate();
        outs.map(move |(nth, (out, span))| ((at, nth), node, places, out, *span))
    })
}

/// Returns where the outs really are that lie outside of the project.
fn real_outs(loaded: &Loaded, look: &dyn Look) -> Vec<(OutAt, Place)> {
    let outside = outs_of(loaded).filter(|(.., out, _)| out.path.outside().is_some());
    let real = outside.filter_map(|(at, _, _, out, _)| match look.link(out.path.spot())? {
        Link::Out(real) => Some((at, real)),
        Link::To(_) | Link::Above => None,
    });
    real.collect()
}

/// Returns the outs by where they really are, and tells which of them are one place, or lie in one another, under names
/// that do not show it.
fn distinct_outs<'r>(loaded: &Loaded, real: &'r [(OutAt, Place)], problems: &mut Problems) -> ByPath<'r, OutAt> {
    let mut by_real = ByPath::default();
    for (at, place) in real {
        let (node, out) = out_at(loaded, *at);
        let other = by_real.first_overlapping(place).map(|other| out_at(loaded, other));
        if let Some((maker, made)) = other.filter(|(_, made)| !made.path.overlaps(&out.path)) {
            let message = format!(
                "out `{}` of stage `{}` is the same place as out `{}` of stage `{}`, or one of them lies in the other",
                out.path,
                node.name(),
                made.path,
                maker.name()
            );
            let places = &loaded.places.nodes[at.0];
            let problem = places.problem("out::two-stages", places.outs[at.1], message);
            problems.push(problem.help("let each stage make a file of its own"));
        }
        by_real.insert(place, *at);
    }
    by_real
}

fn out_at(loaded: &Loaded, (node, out): OutAt) -> (&Node, &Out) {
    let node = &loaded.pipeline.nodes[node];
    (node, &node.outs()[out])
}

/// A path that a node reads.
struct Reading<'a> {
    loaded: &'a Loaded,
    node: &'a Node,
    verb: &'static str,
    path: Spot<'a>,
}

impl Reading<'_> {
    fn above(&self) -> Finding {
        let message = format!("{} {} `{}`, in which the project itself lies", subject(self.node), self.verb, self.path);
        (message, "name what is meant inside of it".to_owned())
    }

    fn alias_outside(&self, maker: Option<OutAt>) -> Option<Finding> {
        let (maker, out) = out_at(self.loaded, maker?);
        if self.path.overlaps(out.path.spot()) {
            return None;
        }
        let Self { node, verb, path, .. } = self;
        let (out, maker) = (&out.path, maker.name());
        let message =
            format!("{} {verb} `{path}`, which is another name of `{out}`, made by stage `{maker}`", subject(node));
        Some((message, format!("name `{out}` everywhere, so that its stage is waited for")))
    }

    fn alias_inside(&self, real: &RelPath, maker: Option<usize>) -> Vec<Finding> {
        let Self { loaded, node, verb, path } = self;
        let mut found = Vec::new();
        if path.inside().is_none() {
            let message = format!("{} {verb} `{path}`, which lies in the project", subject(node));
            found.push((message, format!("name `{real}`: another copy of the project would read that of this one")));
            return found;
        }
        let elsewhere = judged_elsewhere(loaded, node, *path, real);
        found.extend(elsewhere.map(|message| (message, format!("name `{real}` everywhere"))));
        if let Some(maker) = maker {
            let maker = loaded.pipeline.nodes[maker].name();
            let message = format!(
                "{} {verb} `{path}`, which is another name of `{real}`, made by stage `{maker}`",
                subject(node)
            );
            found.push((message, format!("name `{real}`, so that its stage and its gates are waited for")));
        }
        found
    }
}

/// Says that a source is judged under one of its names and read under another: the gate would not hold the reader.
fn judged_elsewhere(loaded: &Loaded, node: &Node, path: Spot<'_>, real: &RelPath) -> Option<String> {
    let others = loaded.pipeline.nodes.iter().filter(|other| other.id != node.id);
    let judges = |other: &&Node| other.gate().is_some_and(|gate| gate.data.iter().any(|data| data.overlaps(real)));
    let reads = |other: &&Node| other.stage().is_some() && other.deps.iter().any(|dep| dep.path.overlaps(real));
    let (verb, other) = match node.gate() {
        None => ("judges", others.into_iter().find(judges)?),
        Some(gate) if gate.data.iter().any(|data| Spot::from(data) == path) => {
            ("reads", others.into_iter().find(reads)?)
        }
        Some(_) => return None,
    };
    let (subject, other) = (subject(node), subject(other));
    Some(format!("{subject} names `{path}`, which is another name of `{real}`, and {other} {verb} that one"))
}

/// Returns what is wrong with an out behind a symlink.
fn linked_out(node: &Node, path: &RelPath, look: &dyn Look) -> Option<Finding> {
    let folder = path.parent();
    let (leads, help) = match look.link((&folder).into())? {
        Link::To(real) => {
            let name = real.join(path.file_name()).unwrap_or(real);
            (format!("is another name of `{name}`"), format!("name `{name}`"))
        }
        Link::Out(_) | Link::Above => {
            ("leads out of the project".to_owned(), format!("make `{folder}` a folder; a disk can be mounted there"))
        }
    };
    let message = format!("out `{path}` of stage `{}` lies behind a symlink and {leads}", node.name());
    Some((message, help))
}

/// Returns what is wrong with an out whose name leads out of the project, and back.
fn misplaced_out(node: &Node, out: &Out, look: &dyn Look) -> Option<Finding> {
    let (lies, help) = match look.link(out.path.spot())? {
        Link::To(real) => ("lies in the project", format!("name `{real}`")),
        Link::Above => ("holds the project itself", "name what is made inside of it".to_owned()),
        Link::Out(_) => return None,
    };
    Some((format!("out `{}` of stage `{}` {lies}", out.path, node.name()), help))
}
