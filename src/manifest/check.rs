//! What can only be seen in the pipeline as a whole.

use lockgate_spanned::{Problem, Problems, Span, nearest};

use super::absent::Absent;
use super::links::{DeadLink, Link, check_links};
use super::load::Loaded;
use super::places::NodePlaces;
use super::waits::{Cause, Hop, Index, OutAt, cycles_of};
use crate::pipeline::{Node, Out};
use crate::words::{NodeName, RelPath, Spot};

/// Folders and files that no stage may make.
const RESERVED: [&str; 4] = [".git", ".dvc", ".lockgate", "pipeline.lock"];

/// The longest cycle that is written out; of a longer one the first edges show where it can be cut.
const SHOWN_HOPS: usize = 50;

/// What stands in the workspace, as far as a check asks.
pub trait Look {
    fn exists(&self, path: Spot<'_>) -> bool;

    /// Returns the names in a folder, for a suggestion; none when it cannot be read.
    fn names_in(&self, folder: Spot<'_>) -> Vec<String>;

    /// Returns where a path leads that goes through a symlink.
    fn link(&self, path: Spot<'_>) -> Option<Link>;

    /// Returns the symlink because of which nothing is at a path.
    fn dead_link(&self, path: Spot<'_>) -> Option<DeadLink>;
}

/// Returns what is wrong with a pipeline whose text is in order: outs that clash, cycles, names and data that are not
/// there. Sorted by place.
pub fn check(loaded: &Loaded, look: &dyn Look) -> Problems {
    let index = Index::of(&loaded.pipeline.nodes);
    let mut problems = check_structure(loaded, &index);
    problems.extend(check_presence(loaded, &index, look));
    problems.sort();
    problems
}

/// Finds what is wrong between the parts that are there: outs that clash, cycles.
pub(super) fn check_structure<'l>(loaded: &'l Loaded, index: &Index<'l>) -> Problems {
    let mut problems = Problems::default();
    clashing_outs(loaded, index, &mut problems);
    // A node that waits for itself alone is refused where it says so, in better words.
    for cycle in cycles_of(&loaded.pipeline, index).iter().filter(|cycle| cycle.len() > 1) {
        problems.push(cycle_problem(loaded, cycle));
    }
    problems
}

/// Finds what is asked for and is not there; only to be believed when the whole pipeline could be read.
pub(super) fn check_presence(loaded: &Loaded, index: &Index<'_>, look: &dyn Look) -> Problems {
    let mut problems = Problems::default();
    unknown_needs(loaded, index, &mut problems);
    unknown_conditions(loaded, index, &mut problems);
    let (links, mut absent) = (check_links(loaded, index, look), Problems::default());
    Absent::new(loaded, index, look).report(&mut absent);
    // What is known under another name is not missing.
    let is_told =
        |problem: &Problem| links.iter().any(|link| (link.file(), link.span()) == (problem.file(), problem.span()));
    absent.into_iter().filter(|problem| !is_told(problem)).for_each(|problem| problems.push(problem));
    problems.extend(links);
    problems
}

fn clashing_outs(loaded: &Loaded, index: &Index<'_>, problems: &mut Problems) {
    for (second, first) in &index.repeated {
        problems.push(same_out(loaded, *second, *first));
    }
    for (node, nth, out) in loaded.pipeline.nodes.iter().enumerate().flat_map(|(at, node)| numbered(at, node.outs())) {
        let inside = index.outs.above(&out.path).map(|outer| out_in_out(loaded, (node, nth), outer));
        inside.into_iter().chain(reserved(loaded, (node, nth), out)).for_each(|problem| problems.push(problem));
    }
    for tracked in &loaded.pipeline.tracked {
        for data in tracked.outs.iter().map(|out| &out.path) {
            let clashing = index.outs.overlapping(data).into_iter();
            clashing.for_each(|at| problems.push(out_of_tracked_data(loaded, at, data, &tracked.file)));
        }
    }
}

fn numbered(node: usize, outs: &[Out]) -> impl Iterator<Item = (usize, usize, &Out)> {
    outs.iter().enumerate().map(move |(nth, out)| (node, nth, out))
}

/// Returns the places of the node that makes an out, and the out's own.
fn out_place(loaded: &Loaded, (node, out): OutAt) -> (&NodePlaces, Span) {
    let places = &loaded.places.nodes[node];
    (places, places.outs[out])
}

fn same_out(loaded: &Loaded, second: OutAt, first: OutAt) -> Problem {
    let nodes = &loaded.pipeline.nodes;
    let path = &nodes[second.0].outs()[second.1].path;
    let (a, b) = (&nodes[first.0].id, &nodes[second.0].id);
    let message = format!("stages `{a}` and `{b}` both make `{path}`");
    let ((places, span), (other, other_span)) = (out_place(loaded, second), out_place(loaded, first));
    let problem = places.problem("out::two-stages", span, message).label(format!("made by `{b}`"));
    other.also(problem, other_span, format!("made by `{a}`")).help("let each stage make a file of its own")
}

fn out_in_out(loaded: &Loaded, inner: OutAt, outer: OutAt) -> Problem {
    let nodes = &loaded.pipeline.nodes;
    let [(name, out), (outer_name, outer_out)] =
        [inner, outer].map(|(node, out)| (&nodes[node].id, &nodes[node].outs()[out].path));
    let message = format!("out `{out}` of stage `{name}` lies inside of out `{outer_out}` of stage `{outer_name}`");
    let ((places, span), (other, other_span)) = (out_place(loaded, inner), out_place(loaded, outer));
    let problem = places.problem("out::inside-out", span, message).label("the inner one");
    other.also(problem, other_span, "the outer one").help("make them side by side, or keep the outer one only")
}

fn out_of_tracked_data(loaded: &Loaded, at: OutAt, data: &RelPath, file: &RelPath) -> Problem {
    let node = &loaded.pipeline.nodes[at.0];
    let (out, stage) = (&node.outs()[at.1].path, &node.id);
    let is = if *out == *data {
        format!("is data that `{file}` tracks")
    } else if Spot::from(data).contains(out.spot()) {
        format!("lies inside of `{data}`, which `{file}` tracks")
    } else {
        format!("holds `{data}`, which `{file}` tracks")
    };
    let (places, span) = out_place(loaded, at);
    let problem = places.problem("out::tracked", span, format!("out `{out}` of stage `{stage}` {is}"));
    problem.help(format!("write it elsewhere, or `lockgate remove {file}` if the stage makes that data now"))
}

fn reserved(loaded: &Loaded, at: OutAt, out: &Out) -> Option<Problem> {
    let top = out.path.inside()?.components().next().unwrap_or_default();
    let clash = if let Some(file) = loaded.pipeline.files.pipelines.iter().find(|file| out.path.contains(*file)) {
        format!("would replace the pipeline file `{file}`")
    } else {
        format!("lies in `{}`, which is not for stages", RESERVED.iter().find(|name| **name == top)?)
    };
    let message = format!("out `{}` of stage `{}` {clash}", out.path, loaded.pipeline.nodes[at.0].name());
    let (places, span) = out_place(loaded, at);
    let problem = places.problem("out::reserved", span, message);
    Some(problem.help("write it to a folder of its own, such as `data/`"))
}

fn unknown_needs(loaded: &Loaded, index: &Index<'_>, problems: &mut Problems) {
    let names = &index.names;
    for (node, places) in loaded.pipeline.nodes.iter().zip(&loaded.places.nodes) {
        for (needed, span) in node.needs.iter().zip(&places.needs) {
            if needed == node.name() {
                let message = format!("{} needs itself", subject(node));
                problems.push(places.problem("needs::itself", *span, message).help("remove it"));
            } else if names.in_folder(&node.id.folder, needed.as_str()).is_empty() {
                let message = format!("{} needs `{needed}`, which is no stage or gate", subject(node));
                let help = match nearest(needed.as_str(), names.known_in(&node.id.folder)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a stage or gate of this file; files go under `deps`".to_owned(),
                };
                problems.push(places.problem("needs::unknown", *span, message).help(help));
            }
        }
    }
}

/// A condition is about one gate: of a group nobody could say which verdict is meant.
fn unknown_conditions(loaded: &Loaded, index: &Index<'_>, problems: &mut Problems) {
    let nodes = &loaded.pipeline.nodes;
    for (node, places) in nodes.iter().zip(&loaded.places.nodes) {
        let Some(when) = node.stage().and_then(|stage| stage.when.as_ref()) else { continue };
        let named = index.names.in_folder(&node.id.folder, when.gate.as_str());
        if matches!(named, [only] if nodes[*only].gate().is_some()) {
            continue;
        }
        let message = format!("`when` of {} names `{}`, which is no gate", subject(node), when.gate);
        let beside = |other: &&Node| other.gate().is_some() && other.id.folder == node.id.folder;
        let gates = nodes.iter().filter(beside).map(|node| node.name().as_str());
        let help = match nearest(when.gate.as_str(), gates) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a gate of this file".to_owned(),
        };
        problems.push(places.problem("when::no-gate", places.when.unwrap_or(places.name), message).help(help));
    }
}

fn cycle_problem(loaded: &Loaded, hops: &[Hop<'_>]) -> Problem {
    let nodes = &loaded.pipeline.nodes;
    let shown = &hops[..hops.len().min(SHOWN_HOPS)];
    let mut chain: Vec<String> = shown.iter().map(|hop| format!("`{}`", nodes[hop.waiting].id)).collect();
    if shown.len() < hops.len() {
        chain.push(format!("… ({} more)", hops.len() - shown.len()));
    }
    chain.extend(chain.first().cloned());
    let message = format!("a cycle, in which each waits for the next: {}", chain.join(" → "));
    let (first, rest) = shown.split_first().expect("a cycle has a hop");
    let (places, span) = hop_place(loaded, first);
    let problem = places.problem("graph::cycle", span, message).label(hop_label(nodes, first));
    let problem = rest.iter().fold(problem, |problem, hop| {
        let (places, span) = hop_place(loaded, hop);
        places.also(problem, span, hop_label(nodes, hop))
    });
    problem.help("remove one of these, or split a stage so that each part waits for less")
}

fn hop_place<'l>(loaded: &'l Loaded, hop: &Hop<'_>) -> (&'l NodePlaces, Span) {
    let (node, places) = (&loaded.pipeline.nodes[hop.waiting], &loaded.places.nodes[hop.waiting]);
    let found = match hop.cause {
        Cause::Reads(path) => {
            let dep = node.deps.iter().position(|dep| dep.path.spot() == path);
            let param = || places.params.iter().find(|named| Spot::from(&named.file) == path).map(|named| named.span);
            dep.map(|index| places.deps[index]).or_else(param).or(places.schema)
        }
        Cause::Judges(path) => {
            let data = node.gate().map(|gate| gate.data.as_slice()).unwrap_or_default();
            data.iter().position(|data| Spot::from(data) == path).map(|index| places.data[index])
        }
        Cause::Needs(needed) => {
            let needed = loaded.pipeline.nodes[needed].name();
            let is_meant = |name: &NodeName| name == needed || name.as_str() == needed.group();
            node.needs.iter().position(is_meant).map(|index| places.needs[index]).or(places.when)
        }
    };
    (places, found.unwrap_or(places.name))
}

fn hop_label(nodes: &[Node], hop: &Hop<'_>) -> String {
    let (waiting, awaited) = (&nodes[hop.waiting].id, &nodes[hop.awaited].id);
    match (hop.cause, hop.through_gate) {
        (Cause::Reads(_), false) => format!("`{waiting}` reads what `{awaited}` makes"),
        (Cause::Reads(_), true) => format!("`{waiting}` reads what waits for gate `{awaited}`"),
        (Cause::Judges(_), _) => format!("`{waiting}` judges what `{awaited}` makes"),
        (Cause::Needs(_), false) => format!("`{waiting}` needs `{awaited}`"),
        (Cause::Needs(needed), true) => {
            format!("`{waiting}` needs `{}`, whose outs wait for gate `{awaited}`", nodes[needed].name())
        }
    }
}

/// Returns "stage `a`" or "gate `a`".
pub(super) fn subject(node: &Node) -> String {
    let kind = if node.gate().is_some() { "gate" } else { "stage" };
    format!("{kind} `{}`", node.name())
}
