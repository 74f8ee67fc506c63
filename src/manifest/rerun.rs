//! Leakage gates: each takes over the stage that it runs again, since its verdict rests on all that the stage does.

use lockgate_kinds::{Kind, Leakage};
use lockgate_spanned::nearest;

use super::places::{NamedParam, NodePlaces};
use super::report::Report;
use crate::pipeline::{Dep, Gate, GateKind, Node, Rerun, Stage, Work};
use crate::words::{Outside, RelPath, TaskId};

/// Gives every leakage gate the commands, deps, params and environment of its stage.
pub(super) fn take_over_stages(nodes: &mut [Node], places: &mut [NodePlaces], report: &mut Report) {
    if !nodes.iter().any(is_leakage) {
        return;
    }
    let named: Vec<(TaskId, Vec<NamedParam>)> =
        nodes.iter().zip(&*places).map(|(node, places)| (node.id.clone(), places.params.clone())).collect();
    let stages: Vec<Node> = nodes.iter().filter(|node| node.stage().is_some()).cloned().collect();
    for (node, places) in nodes.iter_mut().zip(places) {
        let Work::Gate(Gate { data, kind: GateKind::Measured(measured), .. }) = &node.work else { continue };
        let Kind::Leakage(settings) = &measured.kind else { continue };
        let (settings, data) = (settings.clone(), data.clone());
        if let Some((stage_node, stage)) = report.rerun_stage(node, places, &settings, &data, &stages) {
            let named = named.iter().find(|(id, _)| *id == stage_node.id).map_or(&[][..], |(_, named)| named);
            take_over(node, places, stage_node, stage, named);
        }
    }
}

fn is_leakage(node: &Node) -> bool {
    let measured =
        node.gate().and_then(|gate| if let GateKind::Measured(measured) = &gate.kind { Some(measured) } else { None });
    measured.is_some_and(|measured| matches!(measured.kind, Kind::Leakage(_)))
}

fn take_over(node: &mut Node, places: &mut NodePlaces, stage_node: &Node, stage: &Stage, params: &[NamedParam]) {
    let place = places.kind;
    let known = |deps: &[Dep], dep: &Dep| deps.iter().any(|other| other.path == dep.path);
    let new: Vec<Dep> = stage_node.deps.iter().filter(|dep| !known(&node.deps, dep)).cloned().collect();
    places.deps.extend(new.iter().map(|_| place));
    node.deps.extend(new);
    for param in params {
        if places.params.iter().all(|known| (&known.file, &known.key) != (&param.file, &param.key)) {
            places.params.push(NamedParam { span: place, ..param.clone() });
        }
    }
    places.params.sort_by(|a, b| (&a.file, &a.key).cmp(&(&b.file, &b.key)));
    node.wdir.clone_from(&stage_node.wdir);
    for (ours, theirs) in [(&mut node.env, &stage_node.env), (&mut node.secrets, &stage_node.secrets)] {
        let new: Vec<String> = theirs.iter().filter(|name| !ours.contains(name)).cloned().collect();
        ours.extend(new);
    }
    node.timeout = node.timeout.or(stage_node.timeout);
    let outs = stage.outs.iter().filter_map(|out| out.path.inside().cloned()).collect();
    if let Work::Gate(Gate { kind: GateKind::Measured(measured), .. }) = &mut node.work {
        measured.rerun = Some(Rerun { cmd: stage.cmd.clone(), outs });
    }
}

/// Returns something by which a stage cannot run elsewhere: an out that a second run would write over, or a dep that is
/// found from the real project only.
fn bound_to_place(stage: &Node) -> Option<(&'static str, &Outside)> {
    let outs = stage.outs().iter().filter_map(|out| out.path.outside()).map(|path| ("out", path));
    let deps = stage.deps.iter().filter_map(|dep| dep.path.outside()).filter(|path| !path.is_absolute());
    outs.chain(deps.map(|path| ("dep", path))).next()
}

impl Report {
    /// Returns the stage that a gate runs again, if it makes the gate's data from the outcomes that are to be changed.
    fn rerun_stage<'n>(
        &mut self,
        node: &Node,
        places: &NodePlaces,
        settings: &Leakage,
        data: &[RelPath],
        stages: &'n [Node],
    ) -> Option<(&'n Node, &'n Stage)> {
        let Some(found) = stages.iter().find(|stage| stage.name().as_str() == settings.stage) else {
            let names = stages.iter().map(|stage| stage.name().as_str());
            let help = match nearest(&settings.stage, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name the stage that makes the data".to_owned(),
            };
            let message = format!("`leakage` of gate `{}` names `{}`, which is no stage", node.name(), settings.stage);
            self.push(self.at("leakage::stage", places.kind, message).help(help));
            return None;
        };
        let stage = found.stage().expect("only stages were kept");
        let [made] = data else {
            let message = format!("gate `{}` runs a stage again and judges more than one file", node.name());
            self.push(self.at("leakage::data", places.kind, message).help("make a gate for each file"));
            return None;
        };
        if !stage.outs.iter().any(|out| out.path.contains(made)) {
            let message =
                format!("stage `{}` does not make `{made}`, the data of gate `{}`", found.name(), node.name());
            let help = "name the stage that makes the data";
            self.push(self.at("leakage::stage", places.kind, message).help(help));
            return None;
        }
        if let Some((what, path)) = bound_to_place(found) {
            let message = format!(
                "gate `{}` runs stage `{}` again in a copy of the project, and its {what} `{path}` lies outside of it",
                node.name(),
                found.name()
            );
            let help = "bring it into the project, or judge a stage that stays inside of it";
            self.push(self.at("leakage::outside", places.kind, message).help(help));
            return None;
        }
        for outcomes in &settings.outcomes {
            if found.deps.iter().all(|dep| dep.path.as_str() != outcomes.file) {
                let message =
                    format!("stage `{}` has no dep `{}`, whose outcomes are to change", found.name(), outcomes.file);
                let deps: Vec<&str> = found.deps.iter().map(|dep| dep.path.as_str()).collect();
                let help = format!("name one of its deps: {}", deps.join(", "));
                self.push(self.at("leakage::outcomes", places.kind, message).help(help));
            }
        }
        Some((found, stage))
    }
}
