//! Taking a stage out of the text of a pipeline file.

use lockgate_spanned::{Node, Problem, Problems, Source};

use super::lines::{Block, line_end};
use super::{entries, find, inside, one, parsed, reads_as, unknown};
use crate::manifest::report::plain;
use crate::pipeline::Value;
use crate::words::RelPath;

/// Returns the text of the pipeline file `file` without `stage`. Comments above and below the stage stay.
pub fn remove_stage(file: &RelPath, text: &str, stage: &str) -> Result<String, Problems> {
    let source = Source::new(file.to_string(), text);
    let tree = parsed(&source)?;
    let place = find(&tree, stage).ok_or_else(|| one(unknown(&source, &tree, stage)))?;
    let wanted = expected(&tree, stage);
    let edited = Block::of(text, place.key).map(|block| without(text, &block));
    edited.filter(|edited| reads_as(file, edited, &wanted)).ok_or_else(|| {
        let message = format!("stage `{stage}` cannot be removed without changing more of the file");
        let problem = Problem::new("edit::by-hand", &source, place.key.span, message);
        one(problem.help("take its lines out by hand, with what refers to them"))
    })
}

fn expected(tree: &Node, stage: &str) -> Value {
    let mut value = plain(tree);
    let stages = inside(&mut value, "stages");
    if let Some(stages) = stages
        && let Some(all) = entries(stages)
    {
        all.remove(stage);
        if all.is_empty() {
            *stages = Value::Null;
        }
    }
    value
}

/// Where two blank lines would meet, one of them goes.
fn without(text: &str, block: &Block) -> String {
    let (before, mut end) = (&text[..block.range.start], block.range.end);
    let is_blank_above = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n");
    while is_blank_above && end < text.len() && text[end..line_end(text, end)].trim().is_empty() {
        end = line_end(text, end);
    }
    format!("{before}{}", &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(text: &str, stage: &str) -> Result<String, String> {
        let file = RelPath::parse("pipeline.yaml").expect("a path");
        let cite = |problem: &Problem| format!("{}: {}", problem.cite(), problem.message());
        remove_stage(&file, text, stage).map_err(|problems| problems.iter().map(cite).collect())
    }

    fn check(text: &str, stage: &str, expect: &str) {
        assert_eq!(edit(text, stage).as_deref(), Ok(expect));
    }

    #[test]
    fn only_the_lines_of_the_stage_go() {
        let text = "# top\nstages:\n    # of a\n    a:\n        cmd: x   # why\n\n    # of b\n    b:\n        cmd: |\n          y\n\n          z\n        deps:\n        - o\n# tail\nparams: [p.yaml]\n";
        check(
            text,
            "b",
            "# top\nstages:\n    # of a\n    a:\n        cmd: x   # why\n\n    # of b\n# tail\nparams: [p.yaml]\n",
        );
        check(
            "stages:\n  a: {cmd: x}\n\n  b: {cmd: y}\n\n  c: {cmd: z}\n",
            "b",
            "stages:\n  a: {cmd: x}\n\n  c: {cmd: z}\n",
        );
        check("stages:\r\n  a:\r\n    cmd: x\r\n  b:\r\n    cmd: y\r\n", "a", "stages:\r\n  b:\r\n    cmd: y\r\n");
        check("stages:\n  only:\n    cmd: x\n", "only", "stages:\n");
    }

    #[test]
    fn what_others_are_made_of_is_not_removed() {
        let shared = "stages:\n  a: &a\n    cmd: x\n  b: *a\n";
        let refused = "pipeline.yaml:2:3: stage `a` cannot be removed without changing more of the file";
        assert_eq!(edit(shared, "a"), Err(refused.to_owned()));
        let flow = "stages: {a: {cmd: x}, b: {cmd: y}}\n";
        let refused = "pipeline.yaml:1:10: stage `a` cannot be removed without changing more of the file";
        assert_eq!(edit(flow, "a"), Err(refused.to_owned()));
        assert_eq!(edit("stages: {}\n", "a"), Err("pipeline.yaml: `pipeline.yaml` has no stage `a`".to_owned()));
    }
}
