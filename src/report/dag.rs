//! The graph, drawn: a tree for people, DOT and Mermaid for pictures, JSON for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lockgate_spanned::Style;
use serde::Serialize;
use serde_json::{Value, json};

use super::paint::{Ink, paint, pick};
use crate::graph::{Edge, EdgeKind, Graph, PathIndex, Selection, TaskIx};
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
    /// Its place among the boxes in the order of the pipeline file, in which other programs get them.
    #[serde(skip)]
    pub declared: usize,
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
        let tasks = in_order(graph, selection);
        let mut place = vec![None; graph.len()];
        tasks.iter().enumerate().for_each(|(at, task)| place[task.at()] = Some(at));
        let boxes = tasks.iter().map(|task| {
            let node = &pipeline.nodes[task.at()];
            let kind = if node.gate().is_some() { Kind::Gate } else { Kind::Stage };
            Box { name: node.id.to_string(), kind, declared: task.at() }
        });
        let arrows = tasks.iter().enumerate().flat_map(|(to, task)| {
            let gated: BTreeSet<TaskIx> = gated_makers(graph, *task);
            let is_drawn = move |edge: &&Edge| edge.kind != EdgeKind::Data || !gated.contains(&edge.from);
            let from = graph.inputs(*task).iter().filter(is_drawn).filter_map(|edge| place[edge.from.at()]);
            from.map(move |from| Arrow { from, to }).collect::<Vec<_>>()
        });
        Self { arrows: arrows.collect(), boxes: boxes.collect() }
    }

    /// Pictures the outputs of `selection`, each pointing at what is made of it, of a part of it, or of what holds it.
    pub fn of_outs(pipeline: &Pipeline, graph: &Graph, selection: &Selection) -> Self {
        let tasks = in_order(graph, selection);
        let outs =
            || tasks.iter().flat_map(|task| pipeline.nodes[task.at()].outs().iter().map(move |out| (*task, out)));
        let n_outs = outs().count();
        let boxes = outs().enumerate().map(|(at, (task, out))| {
            let declared = task.at() * n_outs + at;
            Box { name: out.path.to_string(), kind: Kind::Path, declared }
        });
        let index = PathIndex::new(outs().enumerate().map(|(at, (_, out))| (out.path.clone(), at)));
        let arrows = outs().enumerate().flat_map(|(to, (task, _))| {
            let inputs = pipeline.nodes[task.at()].inputs();
            inputs
                .flat_map(|input| index.overlapping(input.path))
                .map(move |(_, from)| Arrow { from, to })
                .collect::<Vec<_>>()
        });
        Self { arrows: arrows.collect(), boxes: boxes.collect() }
    }

    /// Draws the members of a group as one box. What members have among themselves is not drawn.
    #[must_use]
    pub fn collapsed(self) -> Self {
        let mut boxes: Vec<Box> = Vec::new();
        let mut place: BTreeMap<String, usize> = BTreeMap::new();
        let mut place_of = |one: Box| {
            let name = group(&one.name).to_owned();
            *place.entry(name.clone()).or_insert_with(|| {
                boxes.push(Box { name, ..one });
                boxes.len() - 1
            })
        };
        let places: Vec<usize> = self.boxes.into_iter().map(&mut place_of).collect();
        let arrows = self.arrows.iter().map(|arrow| Arrow { from: places[arrow.from], to: places[arrow.to] });
        Self { arrows: arrows.filter(|arrow| arrow.from != arrow.to).collect(), boxes }
    }

    /// Returns for each box the input under which a tree draws it: the last in the order of the run. Groups may wait for
    /// each other, so an input counts only if its box comes before.
    fn homes(&self) -> Vec<Option<usize>> {
        let mut homes = vec![None; self.boxes.len()];
        for Arrow { from, to } in self.arrows.iter().filter(|arrow| arrow.from < arrow.to) {
            homes[*to] = homes[*to].max(Some(*from));
        }
        homes
    }

    /// Returns the places of the boxes in the order of the pipeline file.
    fn as_declared(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.boxes.len()).collect();
        places.sort_by_key(|at| self.boxes[*at].declared);
        places
    }

    /// Returns for each box a number that it shares with all that it is connected with, in the order of the pipeline file.
    fn pipelines(&self) -> Vec<usize> {
        let mut beside: Vec<Vec<usize>> = vec![Vec::new(); self.boxes.len()];
        for Arrow { from, to } in &self.arrows {
            beside[*from].push(*to);
            beside[*to].push(*from);
        }
        let mut number = vec![usize::MAX; self.boxes.len()];
        for (next, start) in self.as_declared().into_iter().enumerate() {
            let mut open = vec![start];
            while let Some(at) = open.pop() {
                if number[at] == usize::MAX {
                    number[at] = next;
                    open.extend(&beside[at]);
                }
            }
        }
        number
    }
}

fn in_order(graph: &Graph, selection: &Selection) -> Vec<TaskIx> {
    graph.order().iter().copied().filter(|task| selection.contains(*task)).collect()
}

/// `train` of `train@a`, also behind the folder of a pipeline file.
fn group(name: &str) -> &str {
    let local = name.rfind(':').map_or(0, |colon| colon + 1);
    name[local..].find('@').map_or(name, |at| &name[..local + at])
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
        let Box { name, kind, .. } = &self.picture.boxes[at];
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

/// Writes the picture in the DOT language of Graphviz, as DVC does; gates are diamonds.
pub fn dot(picture: &Picture) -> String {
    let mut text = "strict digraph {\n".to_owned();
    let names: Vec<String> = picture.boxes.iter().map(|one| quoted(&one.name)).collect();
    for at in picture.as_declared() {
        let shape = if picture.boxes[at].kind == Kind::Gate { " [shape=diamond]" } else { "" };
        writeln!(text, "{}{shape};", names[at]).unwrap_or_default();
    }
    let mut arrows: Vec<&Arrow> = picture.arrows.iter().collect();
    arrows.sort_by_key(|arrow| (picture.boxes[arrow.from].declared, picture.boxes[arrow.to].declared));
    for Arrow { from, to } in arrows {
        writeln!(text, "{} -> {};", names[*from], names[*to]).unwrap_or_default();
    }
    text.push_str("}\n");
    text
}

/// Writes the picture as a Mermaid flowchart, as DVC does: what is connected together, sorted by name; gates are hexagons.
pub fn mermaid(picture: &Picture) -> String {
    let (number, name) = (picture.pipelines(), |at: usize| picture.boxes[at].name.as_str());
    let mut order: Vec<usize> = (0..picture.boxes.len()).collect();
    order.sort_by_key(|at| (number[*at], name(*at)));
    let mut id = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, place)| id[*place] = at + 1);
    let mut arrows: Vec<&Arrow> = picture.arrows.iter().collect();
    arrows.sort_by_key(|arrow| (number[arrow.from], name(arrow.from), name(arrow.to)));
    let mut arrows = arrows.into_iter().peekable();
    let mut text = "flowchart TD\n".to_owned();
    for pipeline in order.chunk_by(|a, b| number[*a] == number[*b]) {
        for at in pipeline {
            let label = inert(name(*at)).replace('"', "#quot;");
            let (open, close) = if picture.boxes[*at].kind == Kind::Gate { ("{{", "}}") } else { ("[", "]") };
            writeln!(text, "\tnode{}{open}\"{label}\"{close}", id[*at]).unwrap_or_default();
        }
        while let Some(arrow) = arrows.next_if(|arrow| number[arrow.from] == number[pipeline[0]]) {
            writeln!(text, "\tnode{}-->node{}", id[arrow.from], id[arrow.to]).unwrap_or_default();
        }
    }
    text
}

/// Writes the Mermaid flowchart as a block of Markdown.
pub fn markdown(picture: &Picture) -> String {
    format!("```mermaid\n{}```\n", mermaid(picture))
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
        let boxes = names.iter().enumerate();
        let boxes =
            boxes.map(|(at, name)| Box { name: (*name).to_owned(), kind: kind(name), declared: 10 - at }).collect();
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
    fn pictures_for_programs_are_those_of_dvc_with_gates_and_quotes() {
        let mut small = picture();
        small.boxes.truncate(3);
        small.boxes[1].name = "a \"b\"\\:é".to_owned();
        small.arrows.retain(|arrow| arrow.to < 3);
        insta::assert_snapshot!(dot(&small), @r#"
        strict digraph {
        "validate_raw" [shape=diamond];
        "a \"b\"\\:é";
        "load";
        "load" -> "validate_raw";
        }
        "#);
        insta::assert_snapshot!(markdown(&small), @r#"
        ```mermaid
        flowchart TD
        	node1["load"]
        	node2{{"validate_raw"}}
        	node1-->node2
        	node3["a #quot;b#quot;\:é"]
        ```
        "#);
        insta::assert_snapshot!(to_json(&small), @r#"{"v":1,"nodes":[{"name":"load","kind":"stage"},{"name":"a \"b\"\\:é","kind":"stage"},{"name":"validate_raw","kind":"gate"}],"edges":[{"from":"load","to":"validate_raw"}]}"#);
    }

    #[test]
    fn members_are_drawn_as_their_group() {
        let names = ["a@1", "b@1", "a@2", "b@2", "models:c@x", "d"];
        let boxes = names.iter().enumerate();
        let boxes = boxes.map(|(at, name)| Box { name: (*name).to_owned(), kind: Kind::Stage, declared: at });
        let arrows = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (4, 5)].map(|(from, to)| Arrow { from, to });
        let collapsed = Picture { boxes: boxes.collect(), arrows: arrows.into() }.collapsed();
        insta::assert_snapshot!(dot(&collapsed), @r#"
        strict digraph {
        "a";
        "b";
        "models:c";
        "d";
        "a" -> "b";
        "b" -> "a";
        "b" -> "models:c";
        "models:c" -> "d";
        }
        "#);
        insta::assert_snapshot!(tree(&collapsed, PLAIN), @"
        a
        └── b
            ├── a (above)
            └── models:c
                └── d
        ");
    }
}
