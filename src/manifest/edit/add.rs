//! Writing a new stage into the text of a pipeline file, below the ones that are there or in place of one.

use lockgate_spanned::{Node, Problem, Problems, Source, Span, Value as Yaml};

use super::lines::{Block, line_end, newline};
use super::{entries, find, one, parsed, reads_as, stages};
use crate::manifest::report::plain;
use crate::pipeline::Value;
use crate::pipeline::scalar::{put_text, put_value};
use crate::words::RelPath;

/// A stage to be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewStage {
    pub name: String,
    pub cmd: String,
    pub desc: Option<String>,
    pub wdir: Option<String>,
    pub deps: Vec<String>,
    pub params: Vec<NewParams>,
    pub outs: Vec<NewOut>,
    pub always_changed: bool,
}

/// Parameters of one file: some of them by their keys, or all.
#[derive(Clone, Debug, PartialEq)]
pub struct NewParams {
    /// `None` for `params.yaml`.
    pub file: Option<String>,
    /// Empty for the whole file.
    pub keys: Vec<String>,
}

/// An out to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOut {
    pub path: String,
    pub list: OutList,
    pub cache: bool,
    pub persist: bool,
}

/// The key under which an out stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutList {
    Outs,
    Metrics,
    Plots,
}

/// What to do when there is a stage of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfThere {
    Refuse,
    Replace,
}

/// Returns why a new stage cannot have this name; `None` when it can.
///
/// A pipeline file may have more: this is what DVC lets its `stage add` make.
pub fn refusal_of_name(name: &str) -> Option<String> {
    if name.trim().is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.trim() != name || name.starts_with('-') {
        return Some("it begins with `-` or a space, or ends with a space".to_owned());
    }
    let bad = name.chars().find(|c| c.is_control() || (c.is_ascii_punctuation() && !"-_".contains(*c)))?;
    Some(format!("it has a `{}`", bad.escape_debug()))
}

/// Returns the text of the pipeline file `file` with `stage` in it.
pub fn add_stage(file: &RelPath, text: &str, stage: &NewStage, if_there: IfThere) -> Result<String, Problems> {
    let source = Source::new(file.to_string(), text);
    let tree = parsed(&source)?;
    let there = find(&tree, &stage.name);
    if let Some(place) = there.as_ref().filter(|_| if_there == IfThere::Refuse) {
        let message = format!("`{file}` has a stage `{}` already", stage.name);
        let problem = Problem::new("edit::there", &source, place.key.span, message).label("here");
        return Err(one(problem.help("choose another name with `-n`, or replace it with `--force`")));
    }
    let edited = match there {
        Some(place) => Block::of(text, place.key).map(|block| in_place_of(text, &block, &tree, stage)),
        None => below_the_others(text, &tree, stage),
    };
    let wanted = expected(&tree, stage);
    edited.filter(|edited| reads_as(file, edited, &wanted)).ok_or_else(|| {
        let span = tree.get("stages").map_or(Span::default(), |stages| stages.span);
        let message = format!("stage `{}` cannot be added without changing more of the file", stage.name);
        let help = format!("write it there by hand: `{}: {}`", stage.name, stage.value());
        one(Problem::new("edit::by-hand", &source, span, message).help(help))
    })
}

/// What the new text must mean.
fn expected(tree: &Node, stage: &NewStage) -> Value {
    let mut value = plain(tree);
    let Some(all) = entries(&mut value) else { return value };
    let stages = all.entry("stages".to_owned()).or_insert(Value::Null);
    if *stages == Value::Null {
        *stages = Value::Map([].into());
    }
    if let Some(stages) = entries(stages) {
        stages.insert(stage.name.clone(), stage.value());
    }
    value
}

fn in_place_of(text: &str, block: &Block, tree: &Node, stage: &NewStage) -> String {
    let layout = Layout { indent: &block.indent, step: &step(text, tree, &block.indent), newline: newline(text) };
    format!("{}{}{}", &text[..block.range.start], layout.render(stage), &text[block.range.end..])
}

fn below_the_others(text: &str, tree: &Node, stage: &NewStage) -> Option<String> {
    let newline = newline(text);
    let fresh = Layout { indent: "  ", step: "  ", newline };
    let Some(list) = tree.get("stages") else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
        return Some(format!("{text}{gap}stages:{newline}{}", fresh.render(stage)));
    };
    let Some((last, _)) = stages(tree).last() else {
        // `stages:` without anything, or with `{}` behind it.
        let (key, _) = tree.as_map()?.iter().find(|(key, _)| key.text == "stages")?;
        let behind = key.span.start + key.span.len;
        let end = line_end(text, behind);
        let rest = text.get(behind..end)?.trim_end();
        let rest = if list.value == Yaml::Null { rest.to_owned() } else { rest.replacen("{}", "", 1) };
        let (above, below) = (&text[..behind], &text[end..]);
        return Some(format!("{above}{}{newline}{}{below}", rest.trim_end(), fresh.render(stage)));
    };
    let block = Block::of(text, last)?;
    let layout = Layout { indent: &block.indent, step: &step(text, tree, &block.indent), newline };
    let (above, below) = text.split_at(block.range.end);
    let end = if above.ends_with('\n') { "" } else { newline };
    let gap = if are_apart(text, &block, tree) { newline } else { "" };
    Some(format!("{above}{end}{gap}{}{below}", layout.render(stage)))
}

/// Whether a blank line stands above the last of several stages, or above the comment on it.
fn are_apart(text: &str, last: &Block, tree: &Node) -> bool {
    let mut above = text[..last.range.start].lines().rev();
    let above = above.find(|line| !line.trim_start().starts_with('#'));
    stages(tree).len() > 1 && above.is_some_and(|line| line.trim().is_empty())
}

/// Returns by how much the keys of the stages that are there are indented.
fn step(text: &str, tree: &Node, indent: &str) -> String {
    let column =
        |key: &lockgate_spanned::Key| key.span.start - text[..key.span.start].rfind('\n').map_or(0, |end| end + 1);
    let mut steps = stages(tree).iter().filter_map(|(name, body)| {
        let (key, _) = body.as_map()?.first()?;
        let is_below = text.get(name.span.start..key.span.start)?.contains('\n');
        is_below.then(|| column(key).checked_sub(indent.len())).flatten()
    });
    " ".repeat(steps.find(|step| *step > 0).unwrap_or(2))
}

/// How the lines of a stage are laid out.
struct Layout<'a> {
    indent: &'a str,
    step: &'a str,
    newline: &'a str,
}

impl Layout<'_> {
    fn render(&self, stage: &NewStage) -> String {
        let mut lines = vec![format!("{}{}:", self.indent, text_of(&stage.name))];
        let Value::Map(body) = stage.value() else { unreachable!("a stage is a mapping") };
        let inner = format!("{}{}", self.indent, self.step);
        for key in KEYS.iter().filter_map(|key| body.get_key_value(*key)) {
            self.put(&mut lines, &inner, key);
        }
        lines.push(String::new());
        lines.join(self.newline)
    }

    /// Items stand under their key, as DVC writes them.
    fn put(&self, lines: &mut Vec<String>, indent: &str, (key, value): (&String, &Value)) {
        let name = text_of(key);
        match value {
            Value::List(items) => {
                lines.push(format!("{indent}{name}:"));
                for item in items {
                    self.put_item(lines, indent, item);
                }
            }
            Value::Map(entries) => {
                lines.push(format!("{indent}{name}:"));
                let inner = format!("{indent}{}", self.step);
                for entry in entries {
                    self.put(lines, &inner, entry);
                }
            }
            Value::Null => lines.push(format!("{indent}{name}:")),
            Value::Bool(value) => lines.push(format!("{indent}{name}: {value}")),
            Value::Int(_) | Value::Float(_) | Value::Str(_) => lines.push(format!("{indent}{name}: {}", scalar(value))),
        }
    }

    /// The keys of an item stand below its own, two columns behind the dash and one step deeper.
    fn put_item(&self, lines: &mut Vec<String>, indent: &str, item: &Value) {
        let Value::Map(entries) = item else {
            lines.push(format!("{indent}- {}", scalar(item)));
            return;
        };
        let start = lines.len();
        for entry in entries {
            self.put(lines, &format!("{indent}  "), entry);
        }
        if let Some(line) = lines.get_mut(start) {
            line.replace_range(indent.len()..=indent.len(), "-");
        }
    }
}

/// The keys of a stage in the order in which DVC writes them.
const KEYS: [&str; 9] = ["desc", "cmd", "wdir", "deps", "params", "outs", "metrics", "plots", "always_changed"];

fn text_of(text: &str) -> String {
    let mut out = String::new();
    put_text(&mut out, text);
    out
}

fn scalar(value: &Value) -> String {
    let mut out = String::new();
    if let Value::Str(text) = value {
        put_text(&mut out, text);
    } else {
        put_value(&mut out, value);
    }
    out
}

impl NewStage {
    /// Returns what the stage says, as YAML has it.
    fn value(&self) -> Value {
        let texts = |texts: &[String]| texts.iter().cloned().map(Value::Str).collect();
        let outs = |list| self.outs.iter().filter(|out| out.list == list).map(NewOut::value).collect();
        let lists: [(&str, Vec<Value>); 5] = [
            ("deps", texts(&self.deps)),
            ("params", self.params.iter().flat_map(NewParams::values).collect()),
            ("outs", outs(OutList::Outs)),
            ("metrics", outs(OutList::Metrics)),
            ("plots", outs(OutList::Plots)),
        ];
        let lists = lists.into_iter().filter(|(_, items)| !items.is_empty());
        let lists = lists.map(|(key, items)| (key.to_owned(), Value::List(items)));
        let texts = [("cmd", Some(&self.cmd)), ("desc", self.desc.as_ref()), ("wdir", self.wdir.as_ref())];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), Value::Str(text?.clone()))));
        let always = self.always_changed.then(|| ("always_changed".to_owned(), Value::Bool(true)));
        Value::Map(lists.chain(texts).chain(always).collect())
    }
}

impl NewParams {
    fn values(&self) -> Vec<Value> {
        let keys: Vec<Value> = self.keys.iter().cloned().map(Value::Str).collect();
        match &self.file {
            None => keys,
            Some(file) => {
                let keys = if keys.is_empty() { Value::Null } else { Value::List(keys) };
                vec![Value::Map([(file.clone(), keys)].into())]
            }
        }
    }
}

impl NewOut {
    fn value(&self) -> Value {
        let flags = [("cache", false, !self.cache), ("persist", true, self.persist)];
        let flags = flags.into_iter().filter(|(_, _, given)| *given);
        let flags: std::collections::BTreeMap<String, Value> =
            flags.map(|(key, value, _)| (key.to_owned(), Value::Bool(value))).collect();
        if flags.is_empty() {
            Value::Str(self.path.clone())
        } else {
            Value::Map([(self.path.clone(), Value::Map(flags))].into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str) -> NewStage {
        NewStage {
            name: name.to_owned(),
            cmd: "echo 1 > o3".to_owned(),
            deps: vec!["o1".to_owned()],
            ..NewStage::default()
        }
    }

    fn whole() -> NewStage {
        let out = |path: &str, list, cache, persist| NewOut { path: path.to_owned(), list, cache, persist };
        NewStage {
            name: "prep".to_owned(),
            cmd: "cp a.txt \"b c.txt\" # not a comment".to_owned(),
            desc: Some("a desc: with colon".to_owned()),
            wdir: Some("sub".to_owned()),
            deps: vec!["a.txt".to_owned(), "2024.csv".to_owned()],
            params: vec![
                NewParams { file: None, keys: vec!["lr".to_owned(), "x.y".to_owned()] },
                NewParams { file: Some("other.json".to_owned()), keys: vec!["foo".to_owned()] },
                NewParams { file: Some("p.yaml".to_owned()), keys: Vec::new() },
            ],
            outs: vec![
                out("b c.txt", OutList::Outs, true, false),
                out("n.txt", OutList::Outs, false, false),
                out("q", OutList::Outs, false, true),
                out("m.json", OutList::Metrics, false, false),
                out("pl.csv", OutList::Plots, true, false),
            ],
            always_changed: true,
        }
    }

    fn add(text: &str, stage: &NewStage, if_there: IfThere) -> Result<String, String> {
        let file = RelPath::parse("dvc.yaml").expect("a path");
        let cite = |problem: &Problem| format!("{}: {}", problem.cite(), problem.message());
        add_stage(&file, text, stage, if_there).map_err(|problems| problems.iter().map(cite).collect())
    }

    #[test]
    fn a_stage_is_written_as_dvc_writes_it() {
        insta::assert_snapshot!(add("", &whole(), IfThere::Refuse).expect("it can be added"), @r#"
        stages:
          prep:
            desc: "a desc: with colon"
            cmd: "cp a.txt \"b c.txt\" # not a comment"
            wdir: sub
            deps:
            - a.txt
            - "2024.csv"
            params:
            - lr
            - x.y
            - other.json:
              - foo
            - p.yaml:
            outs:
            - b c.txt
            - n.txt:
                cache: false
            - q:
                cache: false
                persist: true
            metrics:
            - m.json:
                cache: false
            plots:
            - pl.csv
            always_changed: true
        "#);
    }

    #[test]
    fn it_is_laid_out_as_the_others_are() {
        let text = "# top\nstages:\n    # of a\n    a:\n        cmd: x   # why\n\n    # of b\n    b:\n        cmd: |\n          y\n\n          z\n# tail\nparams: [p.yaml]";
        insta::assert_snapshot!(add(text, &stage("c"), IfThere::Refuse).expect("it can be added"), @"
        # top
        stages:
            # of a
            a:
                cmd: x   # why

            # of b
            b:
                cmd: |
                  y

                  z

            c:
                cmd: echo 1 > o3
                deps:
                - o1
        # tail
        params: [p.yaml]
        ");
        insta::assert_snapshot!(add(text, &stage("a"), IfThere::Replace).expect("it can be replaced"), @"
        # top
        stages:
            # of a
            a:
                cmd: echo 1 > o3
                deps:
                - o1

            # of b
            b:
                cmd: |
                  y

                  z
        # tail
        params: [p.yaml]
        ");
    }

    #[test]
    fn the_first_stage_of_a_file_finds_its_place() {
        let check = |text: &str, expect: &str| {
            let new = NewStage { deps: Vec::new(), ..stage("c") };
            assert_eq!(add(text, &new, IfThere::Refuse).as_deref(), Ok(expect), "{text:?}");
        };
        check("vars: [x: 1]", "vars: [x: 1]\nstages:\n  c:\n    cmd: echo 1 > o3\n");
        check("stages:", "stages:\n  c:\n    cmd: echo 1 > o3\n");
        check("stages: # none yet\nparams: [p]\n", "stages: # none yet\n  c:\n    cmd: echo 1 > o3\nparams: [p]\n");
        check("stages: {}\nparams: [p]\n", "stages:\n  c:\n    cmd: echo 1 > o3\nparams: [p]\n");
        check("stages:\r\n  a: {cmd: x}\r\n", "stages:\r\n  a: {cmd: x}\r\n  c:\r\n    cmd: echo 1 > o3\r\n");
        check("stages:\n  a: {cmd: x}", "stages:\n  a: {cmd: x}\n  c:\n    cmd: echo 1 > o3\n");
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        let there = "dvc.yaml:2:3: `dvc.yaml` has a stage `a` already";
        assert_eq!(add("stages:\n  a: {cmd: x}\n", &stage("a"), IfThere::Refuse), Err(there.to_owned()));
        let flow = "dvc.yaml:1:9: stage `c` cannot be added without changing more of the file";
        assert_eq!(add("stages: {a: {cmd: x}}\n", &stage("c"), IfThere::Refuse), Err(flow.to_owned()));
    }

    #[test]
    fn names_are_refused_as_dvc_refuses_them() {
        for name in ["a@b", "a:b", "a#b", "a$b", "a/b", "a\\b", "a.b", "a;b", "a,b", "", " a", "-a", "a\nb"] {
            assert!(refusal_of_name(name).is_some(), "{name:?}");
        }
        for name in ["a", "a-b", "a_b", "a b", "é", "2024"] {
            assert_eq!(refusal_of_name(name), None, "{name:?}");
        }
    }
}
