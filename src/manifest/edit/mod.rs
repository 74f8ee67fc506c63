//! Changes to the text of a pipeline file that keep its comments and layout.
//!
//! An edit is made where the spans say, and then checked: the new text must read as the old one with just that change. When
//! the layout is too unusual for that, nothing is changed and the person is told what to write.

mod add;
mod freeze;
mod lines;
mod remove;

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_spanned::{Key, Node, Problem, Problems, Source, Value as Yaml, nearest, read};

pub use add::{IfThere, NewOut, NewParams, NewStage, OutList, add_stage, refusal_of_name};
pub use freeze::{Frozen, set_frozen};
pub use remove::remove_stage;

use super::report::plain;
use crate::pipeline::Value;
use crate::words::RelPath;

/// A stage in the tree.
struct Place<'a> {
    key: &'a Key,
    body: &'a Node,
}

fn parsed(source: &Arc<Source>) -> Result<Node, Problems> {
    let mut problems = Problems::default();
    match read(source, &mut problems) {
        Some(tree) if problems.is_empty() => Ok(tree),
        Some(_) | None => Err(problems),
    }
}

fn one(problem: Problem) -> Problems {
    let mut problems = Problems::default();
    problems.push(problem);
    problems
}

fn stages(tree: &Node) -> &[(Key, Node)] {
    match tree.get("stages").map(|stages| &stages.value) {
        Some(Yaml::Map(stages)) => stages,
        _ => &[],
    }
}

fn find<'a>(tree: &'a Node, stage: &str) -> Option<Place<'a>> {
    stages(tree).iter().find(|(key, _)| key.text == stage).map(|(key, body)| Place { key, body })
}

fn unknown(source: &Source, tree: &Node, stage: &str) -> Problem {
    let help = match nearest(stage, stages(tree).iter().map(|(key, _)| key.text.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`lockgate stage list` lists the stages".to_owned(),
    };
    let message = format!("`{}` has no stage `{stage}`", source.name());
    Problem::of_file("edit::unknown", source.name(), message).help(help)
}

fn inside<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    entries(value)?.get_mut(key)
}

fn entries(value: &mut Value) -> Option<&mut BTreeMap<String, Value>> {
    match value {
        Value::Map(entries) => Some(entries),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) => None,
    }
}

fn reads_as(file: &RelPath, text: &str, wanted: &Value) -> bool {
    parsed(&Source::new(file.to_string(), text)).is_ok_and(|tree| plain(&tree) == *wanted)
}
