//! The graph, drawn: a tree for people, DOT and Mermaid for pictures, JSON for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lockgate_spanned::Style;
use serde::Serialize;
use serde_json::{Value, json};

use super::paint::{Ink, paint, pick};
use crate::graph::{EdgeKind, Graph, Selection, TaskIx};
use crate::pipeline::Pipeline;
use crate::words::text::inert;

/// What is drawn: boxes and what waits for what, both in the order of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    pub boxes: Vec<Box>,
    pub arrows: BTreeSet<Arrow>,
}

/// A task or an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Box {
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Stage,
    Gate,
    Path,
}

/// From the box that is waited for, by place in the list of boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
}

impl Picture {
    /// Pictures the tasks of `selection`.
    pub fn of_tasks(pipeline: &Pipeline, graph: &Graph, selection: &Selection) -> Self {
        let tasks: Vec<TaskIx> = graph.order().iter().copied().filter(|task| selection.contains(*task)).collect();
        let place: BTreeMap<TaskIx, usize> = tasks.iter().enumerate().map(|(at, task)| (*task, at)).collect();
        let boxes = tasks.iter().map(|task| {
            let node = &pipeline.nodes[task.at()];
            let kind = if node.gate().is_some() { Kind::Gate } else { Kind::Stage };
            Box { name: node.id.to_string(), kind }
        });
        let mut picture = Self { boxes: boxes.collect(), arrows: BTreeSet::new() };
        for task in &tasks {
            let gated: BTreeSet<TaskIx> = gated_makers(graph, *task);
            let edges =
                graph.inputs(*task).iter().filter(|edge| edge.kind != EdgeKind::Data || !gated.contains(&edge.from));
            let from = edges.filter_map(|edge| place.get(&edge.from));
            picture.arrows.extend(from.map(|from| Arrow { from: *from, to: place[task] }));
        }
        picture
    }

    /// Pictures the outputs of `selection`, each pointing at what is made of it.
    pub fn of_outs(pipeline: &Pipeline, graph: &Graph, selection: &Selection) -> Self {
        let mut picture = Self { boxes: Vec::new(), arrows: BTreeSet::new() };
        let mut place: BTreeMap<String, usize> = BTreeMap::new();
        let mut at = |picture: &mut Self, path: String| {
            *place.entry(path.clone()).or_insert_with(|| {
                picture.boxes.push(Box { name: path, kind: Kind::Path });
                picture.boxes.len() - 1
            })
        };
        for task in graph.order().iter().filter(|task| selection.contains(**task)) {
            let node = &pipeline.nodes[task.at()];
            for out in node.outs() {
                for dep in &node.deps {
                    let from = at(&mut picture, dep.path.to_string());
                    let to = at(&mut picture, out.path.to_string());
                    picture.arrows.insert(Arrow { from, to });
                }
                at(&mut picture, out.path.to_string());
            }
        }
        picture
    }

    /// Returns for each box the input under which a tree draws it: the last in the order of the run.
    fn homes(&self) -> Vec<Option<usize>> {
        let mut homes = vec![None; self.boxes.len()];
        for Arrow { from, to } in &self.arrows {
            homes[*to] = homes[*to].max(Some(*from));
        }
        homes
    }
}

/// The makers whose data reaches `task` only through a gate that it waits for: the arrow goes through the gate.
fn gated_makers(graph: &Graph, task: TaskIx) -> BTreeSet<TaskIx> {
    let gates = graph.inputs(task).iter().filter(|edge| edge.kind == EdgeKind::Verdict).map(|edge| edge.from);
    gates.flat_map(|gate| graph.judged(gate)).collect()
}

/// Draws the picture as a tree. A box with several inputs stands under the last of them; the others point at it.
pub fn tree(picture: &Picture, style: Style) -> String {
    let n_boxes = picture.boxes.len();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); n_boxes];
    picture.arrows.iter().for_each(|arrow| children[arrow.from].push(arrow.to));
    let homes = picture.homes();
    let mut drawing = Drawing {
        picture,
        children: &children,
        homes: &homes,
        drawn: vec![false; n_boxes],
        style,
        text: String::new(),
    };
    for root in (0..n_boxes).filter(|at| homes[*at].is_none()) {
        drawing.line("", "", root, "");
        drawing.below(root, "");
    }
    drawing.text
}

struct Drawing<'a> {
    picture: &'a Picture,
    children: &'a [Vec<usize>],
    homes: &'a [Option<usize>],
    drawn: Vec<bool>,
    style: Style,
    text: String,
}

impl Drawing<'_> {
    fn below(&mut self, parent: usize, indent: &str) {
        let children = &self.children[parent];
        for (n, child) in children.iter().enumerate() {
            let (branch, gap) = if n + 1 == children.len() {
                (pick(self.style, "└── ", "`-- "), "    ")
            } else {
                (pick(self.style, "├── ", "|-- "), pick(self.style, "│   ", "|   "))
            };
            if self.homes[*child] == Some(parent) {
                self.line(indent, branch, *child, "");
                self.below(*child, &format!("{indent}{gap}"));
            } else {
                let note = if self.drawn[*child] { " (above)" } else { " (below)" };
                self.line(indent, branch, *child, note);
            }
        }
    }

    fn line(&mut self, indent: &str, branch: &str, at: usize, note: &str) {
        let Box { name, kind } = &self.picture.boxes[at];
        let name = inert(name);
        let name = match kind {
            Kind::Gate => {
                format!("{} {}", paint(self.style, Ink::Caution, &name), paint(self.style, Ink::Faint, "(gate)"))
            }
            Kind::Stage | Kind::Path => name,
        };
        self.drawn[at] |= note.is_empty();
        let note = paint(self.style, Ink::Faint, note);
        writeln!(self.text, "{indent}{branch}{name}{note}").unwrap_or_default();
    }
}

/// Writes the picture in the DOT language of Graphviz.
pub fn dot(picture: &Picture) -> String {
    let mut text = "digraph lockgate {\n".to_owned();
    for Box { name, kind } in &picture.boxes {
        let shape = match kind {
            Kind::Stage => "box",
            Kind::Gate => "diamond",
            Kind::Path => "note",
        };
        writeln!(text, "  {} [shape={shape}];", quoted(name)).unwrap_or_default();
    }
    for Arrow { from, to } in &picture.arrows {
        let (from, to) = (quoted(&picture.boxes[*from].name), quoted(&picture.boxes[*to].name));
        writeln!(text, "  {from} -> {to};").unwrap_or_default();
    }
    text.push_str("}\n");
    text
}

/// Writes the picture as a Mermaid flowchart.
pub fn mermaid(picture: &Picture) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for (at, Box { name, kind }) in picture.boxes.iter().enumerate() {
        let name = inert(name).replace('"', "#quot;");
        let shape = match kind {
            Kind::Stage => format!("[\"{name}\"]"),
            Kind::Gate => format!("{{{{\"{name}\"}}}}"),
            Kind::Path => format!("[/\"{name}\"/]"),
        };
        writeln!(text, "  n{at}{shape}").unwrap_or_default();
    }
    for Arrow { from, to } in &picture.arrows {
        writeln!(text, "  n{from} --> n{to}").unwrap_or_default();
    }
    text
}

/// Returns the picture as one JSON value in which arrows name their ends.
pub fn to_json(picture: &Picture) -> Value {
    let name = |at: usize| picture.boxes[at].name.as_str();
    let arrows: Vec<Value> =
        picture.arrows.iter().map(|arrow| json!({ "from": name(arrow.from), "to": name(arrow.to) })).collect();
    json!({ "v": 1, "nodes": picture.boxes, "edges": arrows })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", inert(name).replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;
    use crate::report::{Charset, Style};

    fn picture() -> Picture {
        let names = ["load", "odds", "validate_raw", "clean", "features", "train", "evaluate"];
        let kind = |name: &str| if name.starts_with("validate") { Kind::Gate } else { Kind::Stage };
        let boxes = names.iter().map(|name| Box { name: (*name).to_owned(), kind: kind(name) }).collect();
        let arrows = [(0, 2), (2, 3), (3, 4), (1, 4), (4, 5), (5, 6), (4, 6)];
        Picture { boxes, arrows: arrows.into_iter().map(|(from, to)| Arrow { from, to }).collect() }
    }

    #[test]
    fn a_box_stands_under_the_last_of_its_inputs() {
        insta::assert_snapshot!(tree(&picture(), PLAIN), @"
        load
        └── validate_raw (gate)
            └── clean
                └── features
                    ├── train
                    │   └── evaluate
                    └── evaluate (above)
        odds
        └── features (above)
        ");
        insta::assert_snapshot!(tree(&picture(), Style { charset: Charset::Ascii, ..PLAIN }), @"
        load
        `-- validate_raw (gate)
            `-- clean
                `-- features
                    |-- train
                    |   `-- evaluate
                    `-- evaluate (above)
        odds
        `-- features (above)
        ");
    }

    #[test]
    fn pictures_for_programs_quote_names() {
        let mut small = picture();
        small.boxes.truncate(3);
        small.boxes[1].name = "a \"b\"".to_owned();
        small.arrows.retain(|arrow| arrow.to < 3);
        insta::assert_snapshot!(dot(&small), @r#"
        digraph lockgate {
          "load" [shape=box];
          "a \"b\"" [shape=box];
          "validate_raw" [shape=diamond];
          "load" -> "validate_raw";
        }
        "#);
        insta::assert_snapshot!(mermaid(&small), @r#"
        flowchart TD
          n0["load"]
          n1["a #quot;b#quot;"]
          n2{{"validate_raw"}}
          n0 --> n2
        "#);
        insta::assert_snapshot!(to_json(&small), @r#"{"v":1,"nodes":[{"name":"load","kind":"stage"},{"name":"a \"b\"","kind":"stage"},{"name":"validate_raw","kind":"gate"}],"edges":[{"from":"load","to":"validate_raw"}]}"#);
    }
}
