//! Freezing a stage in the text of a pipeline file, and letting it go again.

use std::ops::Range;
use std::sync::Arc;

use lockgate_spanned::{Key, Node, Problem, Problems, Source, Value as Yaml};

use super::{Place, entries, find, inside, one, parsed, reads_as, unknown};
use crate::manifest::report::plain;
use crate::pipeline::Value;
use crate::words::RelPath;

/// Whether a stage is to be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frozen {
    Yes,
    No,
}

/// Returns the text of the pipeline file `file` with `stage` frozen or not; the same text when it is so already.
pub fn set_frozen(file: &RelPath, text: &str, stage: &str, frozen: Frozen) -> Result<String, Problems> {
    let source = Source::new(file.to_string(), text);
    let tree = parsed(&source)?;
    let place = find(&tree, stage).ok_or_else(|| one(unknown(&source, &tree, stage)))?;
    if place.body.get("gate").is_some() {
        let problem = Problem::new("edit::gate", &source, place.key.span, format!("`{stage}` is a gate, not a stage"));
        return Err(one(problem.help("a gate cannot be frozen; loosen its rules, or remove it")));
    }
    let wanted = expected(&tree, stage, frozen);
    if wanted == plain(&tree) {
        return Ok(text.to_owned());
    }
    let edited = place.declaration().edit(text, frozen).filter(|edited| reads_as(file, edited, &wanted));
    edited.ok_or_else(|| one(by_hand(&source, &place, frozen)))
}

fn by_hand(source: &Arc<Source>, place: &Place<'_>, frozen: Frozen) -> Problem {
    let (message, help) = match frozen {
        Frozen::Yes => ("frozen", "write `frozen: true` under it"),
        Frozen::No => ("unfrozen", "remove `frozen` from it, or from what it is merged with"),
    };
    let message = format!("stage `{}` cannot be {message} without changing more of the file", place.key.text);
    Problem::new("edit::by-hand", source, place.key.span, message).help(help)
}

/// Returns what the edited text must mean.
fn expected(tree: &Node, stage: &str, frozen: Frozen) -> Value {
    let mut value = plain(tree);
    let stage = inside(&mut value, "stages").and_then(|stages| inside(stages, stage));
    let is_group = |stage: &mut Value| inside(stage, "do").is_some();
    let body = stage.and_then(|stage| if is_group(stage) { inside(stage, "do") } else { Some(stage) });
    if let Some(body) = body.and_then(entries) {
        match frozen {
            Frozen::Yes => body.insert("frozen".to_owned(), Value::Bool(true)),
            Frozen::No => body.remove("frozen"),
        };
    }
    value
}

impl Place<'_> {
    /// Returns where the keys of the stage stand: for a `foreach`, in its `do`.
    fn declaration(&self) -> Place<'_> {
        let inner = self.body.as_map().and_then(|entries| entries.iter().find(|(key, _)| key.text == "do"));
        inner.map_or(Place { key: self.key, body: self.body }, |(key, body)| Place { key, body })
    }

    fn edit(&self, text: &str, frozen: Frozen) -> Option<String> {
        let entries = self.body.as_map()?;
        let given = entries.iter().position(|(key, _)| key.text == "frozen");
        // A template says for itself when the stage is frozen.
        if given.is_some_and(|given| !matches!(entries[given].1.value, Yaml::Bool(_))) {
            return None;
        }
        let is_flow = text.get(self.body.span.start..)?.starts_with('{');
        let (range, new) = match (frozen, given, is_flow) {
            (Frozen::Yes, Some(given), _) => (range_of(&entries[given].1), "true".to_owned()),
            (Frozen::Yes, None, true) => (empty_at(entries.first()?.0.span.start), "frozen: true, ".to_owned()),
            (Frozen::Yes, None, false) => self.new_line(text, &entries.first()?.0)?,
            (Frozen::No, Some(given), true) => (flow_entry(text, entries, given)?, String::new()),
            (Frozen::No, Some(given), false) => (whole_line(text, entries[given].0.span.start)?, String::new()),
            (Frozen::No, None, _) => return None,
        };
        let mut edited = text.to_owned();
        // A span that does not fit the text is one of the unusual layouts.
        edited.get(range.clone())?;
        edited.replace_range(range, &new);
        Some(edited)
    }

    /// Puts a line right below the stage's name, so that a comment stays with the key that it stands over.
    fn new_line(&self, text: &str, first: &Key) -> Option<(Range<usize>, String)> {
        let name_end = self.key.span.start + self.key.span.len;
        let below = name_end + text.get(name_end..)?.find('\n')? + 1;
        let line_start = text.get(..first.span.start)?.rfind('\n')? + 1;
        let indent = text.get(line_start..first.span.start)?;
        let ending = if text.get(..below)?.ends_with("\r\n") { "\r\n" } else { "\n" };
        Some((empty_at(below), format!("{indent}frozen: true{ending}")))
    }
}

fn range_of(node: &Node) -> Range<usize> {
    node.span.start..node.span.start + node.span.len
}

fn empty_at(at: usize) -> Range<usize> {
    at..at
}

/// Returns an entry of `{…}` with the comma that separates it.
fn flow_entry(text: &str, entries: &[(Key, Node)], index: usize) -> Option<Range<usize>> {
    let (key, value) = entries.get(index)?;
    match entries.get(index + 1) {
        Some((next, _)) => Some(key.span.start..next.span.start),
        None => Some(text.get(..key.span.start)?.rfind(',')?..range_of(value).end),
    }
}

fn whole_line(text: &str, at: usize) -> Option<Range<usize>> {
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let end = text.get(at..)?.find('\n').map_or(text.len(), |end| at + end + 1);
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, stage: &str, frozen: Frozen) -> Result<String, String> {
        let file = RelPath::parse("pipeline.yaml").expect("a path");
        let cite = |problem: &Problem| format!("{}: {}", problem.cite(), problem.message());
        set_frozen(&file, text, stage, frozen).map_err(|problems| problems.iter().map(cite).collect())
    }

    /// Freezes, and unfreezes again: the second text must be the first.
    fn check(text: &str, stage: &str, frozen: &str) {
        assert_eq!(edit(text, stage, Frozen::Yes).as_deref(), Ok(frozen));
        assert_eq!(edit(frozen, stage, Frozen::Yes).as_deref(), Ok(frozen));
        assert_eq!(edit(frozen, stage, Frozen::No).as_deref(), Ok(text));
        assert_eq!(edit(text, stage, Frozen::No).as_deref(), Ok(text));
    }

    #[test]
    fn comments_and_layout_are_kept() {
        check(
            "# top\nstages:\n  a:  # first\n    # how\n    cmd: x   # odd\n\n  b:\n      cmd: 'y'\n",
            "a",
            "# top\nstages:\n  a:  # first\n    frozen: true\n    # how\n    cmd: x   # odd\n\n  b:\n      cmd: 'y'\n",
        );
        check("stages:\r\n  a:\r\n    cmd: x", "a", "stages:\r\n  a:\r\n    frozen: true\r\n    cmd: x");
        check("stages: {a: {cmd: x}, b: {cmd: y}}", "b", "stages: {a: {cmd: x}, b: {frozen: true, cmd: y}}");
        check("stages:\n  a: &a\n    cmd: x\n", "a", "stages:\n  a: &a\n    frozen: true\n    cmd: x\n");
    }

    #[test]
    fn a_value_that_is_given_is_replaced_and_removed() {
        let text = "stages:\n  a:\n    cmd: x\n    frozen: false # not yet\n";
        let frozen = "stages:\n  a:\n    cmd: x\n    frozen: true # not yet\n";
        assert_eq!(edit(text, "a", Frozen::Yes).as_deref(), Ok(frozen));
        assert_eq!(edit(frozen, "a", Frozen::No).as_deref(), Ok("stages:\n  a:\n    cmd: x\n"));
        let flow = "stages: {a: {cmd: x, frozen: true}}";
        assert_eq!(edit(flow, "a", Frozen::No).as_deref(), Ok("stages: {a: {cmd: x}}"));
    }

    #[test]
    fn what_would_change_another_stage_is_refused() {
        let shared = "stages:\n  a: &a\n    cmd: x\n  b: *a\n";
        let refused = "pipeline.yaml:2:3: stage `a` cannot be frozen without changing more of the file";
        assert_eq!(edit(shared, "a", Frozen::Yes), Err(refused.to_owned()));
        let merged = "stages:\n  a: &a\n    frozen: true\n    cmd: x\n  b:\n    <<: *a\n    cmd: y\n";
        let refused = "pipeline.yaml:5:3: stage `b` cannot be unfrozen without changing more of the file";
        assert_eq!(edit(merged, "b", Frozen::No), Err(refused.to_owned()));
    }

    #[test]
    fn the_members_of_a_group_are_frozen_together() {
        let each = "stages:\n  a:\n    foreach: [1]\n    do:\n      cmd: x\n";
        check(each, "a", "stages:\n  a:\n    foreach: [1]\n    do:\n      frozen: true\n      cmd: x\n");
    }

    #[test]
    fn a_template_is_left_alone() {
        let refused = "pipeline.yaml:2:3: stage `a` cannot be frozen without changing more of the file";
        assert_eq!(edit("stages:\n  a:\n    frozen: ${f}\n    cmd: x\n", "a", Frozen::Yes), Err(refused.to_owned()));
    }

    #[test]
    fn what_is_no_stage_is_refused() {
        let text = "stages:\n  train: {cmd: x}\n  g: {gate: {data: a, schema: s}}\n";
        let check = |stage, expect: &str| assert_eq!(edit(text, stage, Frozen::Yes), Err(expect.to_owned()));
        check("trian", "pipeline.yaml: `pipeline.yaml` has no stage `trian`");
        check("g", "pipeline.yaml:3:3: `g` is a gate, not a stage");
    }
}
