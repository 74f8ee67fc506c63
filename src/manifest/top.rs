//! What stands beside `stages` at the top of a pipeline file.

use lockgate_spanned::{Fields, Key, Node, Value as Yaml};

use super::report::Report;
use crate::words::RelPath;

pub(super) const KEYS: [&str; 8] = ["stages", "vars", "params", "metrics", "plots", "artifacts", "datasets", "meta"];
const ARTIFACT_KEYS: [&str; 5] = ["path", "desc", "type", "labels", "meta"];
const PLOT_KEYS: [&str; 6] = ["x", "y", "x_label", "y_label", "title", "template"];

/// Files that the top level names.
#[derive(Debug, Default)]
pub(super) struct TopFiles {
    pub(super) metrics: Vec<RelPath>,
    pub(super) plots: Vec<RelPath>,
}

impl Report {
    /// Reads `params`, `metrics`, `plots` and `artifacts`; paths are relative to `folder`.
    pub(super) fn top_files(&mut self, fields: &Fields<'_>, folder: &RelPath) -> TopFiles {
        if let Some(node) = fields.get("artifacts") {
            self.artifacts(node, folder);
        }
        fields.get("params").map(|node| self.paths(node, folder, "params"));
        TopFiles {
            metrics: fields.get("metrics").map(|node| self.paths(node, folder, "metrics")).unwrap_or_default(),
            plots: fields.get("plots").map(|node| self.plots(node, folder)).unwrap_or_default(),
        }
    }

    fn paths(&mut self, node: &Node, folder: &RelPath, list: &str) -> Vec<RelPath> {
        let items = self.items(node, format_args!("`{list}`"));
        items.iter().filter_map(|item| self.path(folder, item, format_args!("a file of `{list}`"))).collect()
    }

    /// A plot is a file, or a name with the files that it draws under `y`.
    fn plots(&mut self, node: &Node, folder: &RelPath) -> Vec<RelPath> {
        let mut plots = Vec::new();
        let items = match &node.value {
            Yaml::Map(_) => std::slice::from_ref(node),
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) => {
                self.items(node, format_args!("`plots`"))
            }
        };
        for item in items {
            let Yaml::Map(entries) = &item.value else {
                plots.extend(self.path(folder, item, format_args!("a file of `plots`")));
                continue;
            };
            for (key, drawing) in entries {
                let drawn = self.drawn_files(&key.text, drawing).unwrap_or_else(|| vec![key]);
                let file = format_args!("a file of `plots`");
                plots.extend(drawn.into_iter().filter_map(|key| self.path_of(folder, &key.text, key.span, file)));
            }
        }
        plots
    }

    /// Returns the files under `y`; `None` when the plot's own name is the file.
    fn drawn_files<'a>(&mut self, name: &str, drawing: &'a Node) -> Option<Vec<&'a Key>> {
        if drawing.value == Yaml::Null {
            return None;
        }
        let source = self.source.clone();
        let what = format!("plot `{name}`");
        let fields = Fields::open(drawing, &what, &PLOT_KEYS, &source, &mut self.problems)?;
        match &fields.get("y")?.value {
            Yaml::Map(files) => Some(files.iter().map(|(key, _)| key).collect()),
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) => None,
        }
    }

    fn artifacts(&mut self, node: &Node, folder: &RelPath) {
        let Yaml::Map(entries) = &node.value else {
            let problem = self.wrong_kind(node, format_args!("`artifacts`"), "a mapping");
            self.push(problem.help("write `NAME: {path: FILE}`, one for each artifact"));
            return;
        };
        let source = self.source.clone();
        for (key, artifact) in entries {
            let what = format!("artifact `{}`", key.text);
            let Some(fields) = Fields::open(artifact, &what, &ARTIFACT_KEYS, &source, &mut self.problems) else {
                continue;
            };
            if let Some(path) = fields.get("path") {
                self.path(folder, path, format_args!("`path` of {what}"));
            } else {
                let problem = self.at("artifact::no-path", key.span, format!("{what} has no `path`"));
                self.push(problem.help("add `path: FILE`"));
            }
            for text in ["desc", "type"] {
                fields.get(text).map(|node| self.text(node, format_args!("`{text}` of {what}")));
            }
            fields.get("labels").map(|node| self.texts(node, format_args!("`labels` of {what}")));
        }
    }
}
