//! The stages of a pipeline as a listing: their names, and what they are for.

use lockgate_spanned::Style;
use serde_json::{Value, json};

use crate::pipeline::{Node, Out, OutKind, Tracked};
use crate::words::RelPath;
use crate::words::text::inert;

/// Returns one name a line, as a target has it; files that track data stand after the stages.
pub fn names(nodes: &[&Node], tracked: &[&Tracked]) -> String {
    rows(nodes, tracked).into_iter().flat_map(|(name, _)| [name, "\n".to_owned()]).collect()
}

fn rows(nodes: &[&Node], tracked: &[&Tracked]) -> Vec<(String, String)> {
    let stages = nodes.iter().map(|node| (node.id.to_string(), about(node)));
    let files = tracked.iter().map(|tracked| {
        let folder = tracked.file.parent();
        let outs: Vec<String> = tracked.outs.iter().map(|out| out.path.seen_from(&folder)).collect();
        (tracked.file.to_string(), format!("Outputs {}", outs.join(", ")))
    });
    stages.chain(files).map(|(name, about)| (inert(&name), inert(&about))).collect()
}

/// Draws two columns: the name, and the description or what stands for one. The second is cut to the width.
pub fn render(nodes: &[&Node], tracked: &[&Tracked], style: Style) -> String {
    let rows = rows(nodes, tracked);
    let widest = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let room = style.width.saturating_sub(widest + 2).max(1);
    let line = |(name, about): &(String, String)| format!("{name:<widest$}  {}\n", cut(about, room));
    rows.iter().map(line).collect()
}

/// Returns the list as one JSON value.
pub fn to_json(nodes: &[&Node], tracked: &[&Tracked]) -> Value {
    let of = |node: &&Node| {
        let stage = node.stage().expect("only stages are listed");
        let out = |out: &Out| {
            let kind = match out.kind {
                OutKind::Data => "out",
                OutKind::Metric => "metric",
                OutKind::Plot => "plot",
            };
            json!({ "path": out.path, "kind": kind, "cache": out.cache, "persist": out.persist })
        };
        let param = |(file, key): (&RelPath, &String)| json!({ "file": file, "key": key });
        json!({
            "name": node.id.to_string(),
            "desc": node.desc,
            "cmd": stage.cmd,
            "wdir": node.wdir.to_string(),
            "deps": node.deps.iter().map(|dep| &dep.path).collect::<Vec<_>>(),
            "params": node.named_params().map(param).collect::<Vec<_>>(),
            "outs": stage.outs.iter().map(out).collect::<Vec<_>>(),
            "frozen": stage.frozen,
            "always_changed": stage.always_changed,
        })
    };
    let file = |tracked: &&Tracked| json!({ "name": tracked.file, "outs": tracked.outs.iter().map(|out| &out.path).collect::<Vec<_>>() });
    let mut list = json!({ "v": 1, "stages": nodes.iter().map(of).collect::<Vec<_>>() });
    if !tracked.is_empty() {
        list["tracked"] = tracked.iter().map(file).collect();
    }
    list
}

/// Returns the first line of the description, or else what the stage makes or reads, in DVC's words.
fn about(node: &Node) -> String {
    if let Some(line) = node.desc.as_deref().and_then(|desc| desc.trim().lines().next()) {
        return line.to_owned();
    }
    let outs = |reported: bool| {
        let outs = node.outs().iter().filter(|out| (out.kind != OutKind::Data) == reported);
        outs.map(|out| out.path.seen_from(&node.wdir)).collect::<Vec<_>>().join(", ")
    };
    let mut deps: Vec<String> = node.deps.iter().map(|dep| dep.path.seen_from(&node.wdir)).collect();
    let made = node.made_params.iter().map(|made| &made.file);
    for file in node.params.iter().map(|param| &param.file).chain(made).map(|file| file.seen_from(&node.wdir)) {
        if !deps.contains(&file) {
            deps.push(file);
        }
    }
    match (outs(false).as_str(), outs(true).as_str()) {
        ("", "") if deps.is_empty() => "No outputs or dependencies".to_owned(),
        ("", "") => format!("Depends on {}", deps.join(", ")),
        (made, "") => format!("Outputs {made}"),
        ("", reported) => format!("Reports {reported}"),
        (made, reported) => format!("Outputs {made}; Reports {reported}"),
    }
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(3)).chain("...".chars()).collect()
}
