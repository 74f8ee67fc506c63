//! Places that have two names because of symlinks: a gate on one name would not guard the other.

use lockgate_spanned::Problems;

use super::check::{Look, subject};
use super::load::Loaded;
use super::waits::{Index, is_frozen};
use crate::pipeline::{Node, Out};
use crate::words::RelPath;

/// Where a path leads that goes through a symlink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// To this place of the project.
    To(RelPath),
    Outside,
}

/// Finds outs behind symlinks, and what is read under another name than that under which it is made.
pub(super) fn check_links(loaded: &Loaded, index: &Index<'_>, look: &dyn Look) -> Problems {
    let mut problems = Problems::default();
    for (node, places) in loaded.pipeline.nodes.iter().zip(&loaded.places.nodes) {
        let outs = node.outs().iter().zip(&places.outs);
        outs.filter_map(|(out, span)| {
            let (message, help) = linked_out(node, out, look)?;
            Some(places.problem("out::symlink", *span, message).help(help))
        })
        .for_each(|p| problems.push(p));
        if is_frozen(node) {
            continue;
        }
        let deps = node.deps.iter().map(|dep| &dep.path).zip(&places.deps);
        let data = node.gate().into_iter().flat_map(|gate| &gate.data).zip(&places.data);
        let read = deps.map(|read| ("depends on", read)).chain(data.map(|read| ("judges", read)));
        for (verb, (path, span)) in read {
            let Some(Link::To(real)) = look.link(path) else { continue };
            if let Some(problem) = judged_elsewhere(loaded, node, path, &real) {
                problems.push(places.problem("data::alias", *span, problem).help(format!("name `{real}` everywhere")));
            }
            if let Some(maker) = index.maker(&real) {
                let maker = loaded.pipeline.nodes[maker].name();
                let subject = subject(node);
                let message =
                    format!("{subject} {verb} `{path}`, which is another name of `{real}`, made by stage `{maker}`");
                let problem = places.problem("data::alias", *span, message);
                problems.push(problem.help(format!("name `{real}`, so that its stage and its gates are waited for")));
            }
        }
    }
    problems
}

/// Says that a source is judged under one of its names and read under another: the gate would not hold the reader.
fn judged_elsewhere(loaded: &Loaded, node: &Node, path: &RelPath, real: &RelPath) -> Option<String> {
    let others = loaded.pipeline.nodes.iter().filter(|other| other.id != node.id);
    let judges = |other: &&Node| other.gate().is_some_and(|gate| gate.data.iter().any(|data| data.overlaps(real)));
    let reads = |other: &&Node| other.stage().is_some() && other.deps.iter().any(|dep| dep.path.overlaps(real));
    let (verb, other) = match node.gate() {
        None => ("judges", others.into_iter().find(judges)?),
        Some(gate) if gate.data.contains(path) => ("reads", others.into_iter().find(reads)?),
        Some(_) => return None,
    };
    let (subject, other) = (subject(node), subject(other));
    Some(format!("{subject} names `{path}`, which is another name of `{real}`, and {other} {verb} that one"))
}

/// Returns what is wrong with an out behind a symlink, and the next step.
fn linked_out(node: &Node, out: &Out, look: &dyn Look) -> Option<(String, String)> {
    let folder = out.path.parent();
    let (leads, help) = match look.link(&folder)? {
        Link::To(real) => {
            let name = real.join(out.path.file_name()).unwrap_or(real);
            (format!("is another name of `{name}`"), format!("name `{name}`"))
        }
        Link::Outside => {
            ("leads out of the project".to_owned(), format!("make `{folder}` a folder; a disk can be mounted there"))
        }
    };
    let message = format!("out `{}` of stage `{}` lies behind a symlink and {leads}", out.path, node.name());
    Some((message, help))
}
