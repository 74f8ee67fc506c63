//! Changing one key of a stage in the text of a pipeline file; every other byte stays.

use std::sync::Arc;

use lockgate_spanned::{Key, Node, Problems, Source, Value, read};

/// Whether a stage is frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frozen {
    Yes,
    No,
}

/// Why a text was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("the pipeline file is not valid")]
    Invalid(Problems),
    #[error("`{0}` is not the name of a stage in the pipeline file")]
    NoStage(String),
    #[error("whether `{0}` is frozen comes from a template")]
    Template(String),
    #[error("stage `{0}` is written in a way that cannot be changed by a program")]
    Shape(String),
}

/// Returns `text` with stage `name` frozen or not; `None` when it is so already.
pub fn set_frozen(file: &str, text: &str, name: &str, frozen: Frozen) -> Result<Option<String>, EditError> {
    let source = Source::new(file, text);
    let root = tree(&source)?;
    let stage = stage(&root, name).ok_or_else(|| EditError::NoStage(name.to_owned()))?;
    let edited = match (entry(stage, "frozen"), frozen) {
        (None, Frozen::No) => return Ok(None),
        (None, Frozen::Yes) => insert(text, stage, name)?,
        (Some((key, node)), frozen) => match (&node.value, frozen) {
            (Value::Bool(true), Frozen::Yes) | (Value::Bool(false), Frozen::No) => return Ok(None),
            (Value::Bool(true), Frozen::No) => take_out(text, key, node),
            (Value::Bool(false), Frozen::Yes) => replace(text, node, "true"),
            (
                Value::Str(_) | Value::Null | Value::Int(_) | Value::Float(_) | Value::List(_) | Value::Map(_),
                Frozen::Yes | Frozen::No,
            ) => return Err(EditError::Template(name.to_owned())),
        },
    };
    check(file, &edited, name, frozen)?;
    Ok(Some(edited))
}

/// An edit that would not read back as it is meant is not made.
fn check(file: &str, edited: &str, name: &str, frozen: Frozen) -> Result<(), EditError> {
    let root = tree(&Source::new(file, edited)).map_err(|_| EditError::Shape(name.to_owned()))?;
    let now = stage(&root, name).and_then(|stage| entry(stage, "frozen")).map(|(_, node)| &node.value);
    let is_frozen = now == Some(&Value::Bool(true));
    if is_frozen == (frozen == Frozen::Yes) { Ok(()) } else { Err(EditError::Shape(name.to_owned())) }
}

fn tree(source: &Arc<Source>) -> Result<Node, EditError> {
    let mut problems = Problems::default();
    let root = read(source, &mut problems);
    root.filter(|_| problems.is_empty()).ok_or(EditError::Invalid(problems))
}

/// Returns the mapping that holds the keys of a stage: for a `foreach`, its `do`.
fn stage<'a>(root: &'a Node, name: &str) -> Option<&'a Node> {
    let stage = root.get("stages")?.get(name)?;
    Some(stage.get("do").unwrap_or(stage))
}

fn entry<'a>(stage: &'a Node, key: &str) -> Option<(&'a Key, &'a Node)> {
    let Value::Map(entries) = &stage.value else { return None };
    entries.iter().find(|(name, _)| name.text == key).map(|(name, node)| (name, node))
}

/// Puts the key before the first one, in its column or its braces.
fn insert(text: &str, stage: &Node, name: &str) -> Result<String, EditError> {
    let Value::Map(entries) = &stage.value else { return Err(EditError::Shape(name.to_owned())) };
    let (first, _) = entries.first().ok_or_else(|| EditError::Shape(name.to_owned()))?;
    let (before, after) = text.split_at(first.span.start);
    let gap = if before.trim_end().ends_with('{') {
        ", ".to_owned()
    } else {
        let line = before.rsplit('\n').next().unwrap_or_default();
        format!("\n{}", " ".repeat(line.chars().count()))
    };
    Ok(format!("{before}frozen: true{gap}{after}"))
}

/// Removes the line when nothing else is on it, and else says `false`.
fn take_out(text: &str, key: &Key, node: &Node) -> String {
    let start = text[..key.span.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[key.span.start..].find('\n').map_or(text.len(), |end| key.span.start + end + 1);
    if text[start..end].trim() == "frozen: true" {
        format!("{}{}", &text[..start], &text[end..])
    } else {
        replace(text, node, "false")
    }
}

fn replace(text: &str, node: &Node, value: &str) -> String {
    format!("{}{value}{}", &text[..node.span.start], &text[node.span.start + node.span.len..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, frozen: Frozen, expect: Result<Option<&str>, &str>) {
        let got = set_frozen("pipeline.yaml", text, "a", frozen).map_err(|error| error.to_string());
        assert_eq!(got.as_ref().map(|text| text.as_deref()).map_err(String::as_str), expect, "{text}");
    }

    #[test]
    fn a_stage_is_frozen_in_the_form_of_its_text() {
        let block = "stages:\n  a: # one\n    cmd: x\n    outs: [y]\n";
        check(block, Frozen::Yes, Ok(Some("stages:\n  a: # one\n    frozen: true\n    cmd: x\n    outs: [y]\n")));
        check("stages:\n  a: {cmd: x}\n", Frozen::Yes, Ok(Some("stages:\n  a: {frozen: true, cmd: x}\n")));
        check("stages: {a: {cmd: x, frozen: false}}", Frozen::Yes, Ok(Some("stages: {a: {cmd: x, frozen: true}}")));
        let each = "stages:\n  a:\n    foreach: [1]\n    do:\n      cmd: x\n";
        check(
            each,
            Frozen::Yes,
            Ok(Some("stages:\n  a:\n    foreach: [1]\n    do:\n      frozen: true\n      cmd: x\n")),
        );
    }

    #[test]
    fn a_stage_is_thawed_by_taking_the_line_out() {
        check("stages:\n  a:\n    cmd: x\n    frozen: true\n", Frozen::No, Ok(Some("stages:\n  a:\n    cmd: x\n")));
        check("stages:\n  a: {cmd: x, frozen: true}", Frozen::No, Ok(Some("stages:\n  a: {cmd: x, frozen: false}")));
        check("stages:\n  a: {cmd: x}", Frozen::No, Ok(None));
    }

    #[test]
    fn what_cannot_be_changed_is_left_alone() {
        check("stages:\n  a:\n    frozen: ${f}\n", Frozen::Yes, Err("whether `a` is frozen comes from a template"));
        check("stages:\n  b: {cmd: x}\n", Frozen::Yes, Err("`a` is not the name of a stage in the pipeline file"));
        check(
            "stages:\n  a: {}\n",
            Frozen::Yes,
            Err("stage `a` is written in a way that cannot be changed by a program"),
        );
    }
}
