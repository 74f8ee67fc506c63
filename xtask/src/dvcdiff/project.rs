//! A DVC project as a value, and its files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// All that a project is before anything has run. Paths are relative to the project, with `/`.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub pipelines: Vec<Pipeline>,
    pub tables: Vec<Table>,
    /// Data by path, and whether a `.dvc` file tracks the path or its folder.
    pub sources: BTreeMap<String, String>,
    /// Paths that `dvc add` is to track.
    pub tracked: Vec<String>,
}

/// A `dvc.yaml`.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    /// Empty for the one at the root.
    pub folder: String,
    pub vars: Vec<String>,
    pub stages: Vec<Stage>,
    /// Lines after the stages: top-level params, metrics and plots.
    pub rest: Vec<String>,
}

/// A stage or a group, as texts of YAML.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    pub name: String,
    /// The line of `foreach` or `matrix`.
    pub group: Option<String>,
    /// Whether the body stands in `do`.
    pub is_foreach: bool,
    pub wdir: Option<String>,
    pub vars: Vec<String>,
    pub cmd: Vec<String>,
    /// Whether `cmd` is written as a list; else its parts are joined.
    pub is_list: bool,
    pub deps: Vec<String>,
    pub params: Vec<String>,
    pub outs: Vec<Out>,
    pub frozen: Option<String>,
    pub always_changed: bool,
    pub desc: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Out {
    pub path: String,
    /// `outs`, `metrics` or `plots`.
    pub list: &'static str,
    pub flags: Vec<String>,
}

/// A file of parameters.
#[derive(Clone, Debug)]
pub struct Table {
    pub path: String,
    pub notation: Notation,
    pub entries: Vec<(String, Value)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Yaml,
    Json,
    Toml,
    Python,
}

/// A value, whose leaves are texts in the notation of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Leaf(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Project {
    /// Returns the text of every file by path.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut files = self.sources.clone();
        files.extend(self.tables.iter().map(|table| (table.path.clone(), table.text())));
        files.extend(self.pipelines.iter().map(|pipeline| (pipeline.path("dvc.yaml"), pipeline.text())));
        files
    }

    /// Returns all stages and groups, by pipeline and place.
    pub fn stages(&self) -> Vec<(usize, usize)> {
        let places = |(at, pipeline): (usize, &Pipeline)| (0..pipeline.stages.len()).map(move |stage| (at, stage));
        self.pipelines.iter().enumerate().flat_map(places).collect()
    }
}

impl Pipeline {
    /// Returns the path of a file beside it.
    pub fn path(&self, name: &str) -> String {
        if self.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", self.folder) }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if !self.vars.is_empty() {
            text.push_str("vars:\n");
            for item in &self.vars {
                let _ = writeln!(text, "  - {item}");
            }
        }
        text.push_str(if self.stages.is_empty() { "stages: {}\n" } else { "stages:\n" });
        for stage in &self.stages {
            stage.write(&mut text);
        }
        for line in &self.rest {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

impl Stage {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "  {}:", self.name);
        let indent = if self.is_foreach { "      " } else { "    " };
        if let Some(group) = &self.group {
            let _ = writeln!(text, "    {group}");
        }
        if self.is_foreach {
            text.push_str("    do:\n");
        }
        for line in self.body() {
            let _ = writeln!(text, "{indent}{line}");
        }
    }

    fn body(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.is_list {
            list(&mut lines, "cmd", self.cmd.iter().map(|part| quoted(part)));
        } else {
            lines.push(format!("cmd: {}", quoted(&self.cmd.join(" && "))));
        }
        lines.extend(self.desc.iter().map(|desc| format!("desc: {}", quoted(desc))));
        lines.extend(self.wdir.iter().map(|wdir| format!("wdir: {}", quoted(wdir))));
        list(&mut lines, "vars", self.vars.iter().cloned());
        list(&mut lines, "deps", self.deps.iter().map(|dep| quoted(dep)));
        list(&mut lines, "params", self.params.iter().cloned());
        for kind in ["outs", "metrics", "plots"] {
            list(&mut lines, kind, self.outs.iter().filter(|out| out.list == kind).map(Out::text));
        }
        lines.extend(self.frozen.iter().map(|frozen| format!("frozen: {frozen}")));
        if self.always_changed {
            lines.push("always_changed: true".to_owned());
        }
        lines
    }
}

impl Out {
    fn text(&self) -> String {
        if self.flags.is_empty() {
            return quoted(&self.path);
        }
        format!("{}: {{{}}}", quoted(&self.path), self.flags.join(", "))
    }
}

fn list(lines: &mut Vec<String>, key: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.map(|item| format!("  - {item}")).collect();
    if !items.is_empty() {
        lines.push(format!("{key}:"));
        lines.extend(items);
    }
}

/// Returns a text as YAML has it: plain where nobody can take it for something else, else in double quotes.
pub fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|each| each.is_ascii_alphanumeric() || "-_./".contains(each))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

impl Table {
    fn text(&self) -> String {
        match self.notation {
            Notation::Yaml => lines(&self.entries, ": ", self.notation),
            Notation::Json => Value::Map(self.entries.clone()).text(self.notation) + "\n",
            Notation::Toml | Notation::Python => lines(&self.entries, " = ", self.notation),
        }
    }

    /// Returns the dotted keys of everything in it, outer ones first.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for (key, value) in &self.entries {
            value.keys(key, &mut keys);
        }
        keys
    }

    /// Returns every leaf, to be changed.
    pub fn leaves(&mut self) -> Vec<&mut String> {
        self.entries.iter_mut().flat_map(|(_, value)| value.leaves()).collect()
    }
}

/// Writes an entry on each line.
fn lines(entries: &[(String, Value)], between: &str, notation: Notation) -> String {
    entries.iter().fold(String::new(), |text, (key, value)| text + key + between + &value.text(notation) + "\n")
}

impl Value {
    pub fn leaf(text: &str) -> Self {
        Self::Leaf(text.to_owned())
    }

    pub fn text(&self, notation: Notation) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.text(notation)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entry = |(key, value): &(String, Self)| match notation {
                    Notation::Toml => format!("{key} = {}", value.text(notation)),
                    Notation::Yaml => format!("{key}: {}", value.text(notation)),
                    Notation::Json | Notation::Python => format!("\"{key}\": {}", value.text(notation)),
                };
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn keys(&self, path: &str, keys: &mut Vec<String>) {
        keys.push(path.to_owned());
        if let Self::Map(entries) = self {
            for (key, value) in entries {
                value.keys(&format!("{path}.{key}"), keys);
            }
        }
    }

    fn leaves(&mut self) -> Vec<&mut String> {
        match self {
            Self::Leaf(text) => vec![text],
            Self::List(items) => items.iter_mut().flat_map(Self::leaves).collect(),
            Self::Map(entries) => entries.iter_mut().flat_map(|(_, value)| value.leaves()).collect(),
        }
    }
}

/// Returns `path` as it is written in `folder`; both are relative to the project.
pub fn seen_from(folder: &str, path: &str) -> String {
    let parts = |text: &str| -> Vec<String> {
        text.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let (folder, path) = (parts(folder), parts(path));
    let shared = folder.iter().zip(&path).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), folder.len() - shared);
    let parts: Vec<String> = up.chain(path[shared..].iter().cloned()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
