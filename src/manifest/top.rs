//! What stands beside `stages` at the top of a pipeline file.

use lockgate_spanned::{Fields, Key, Node, Value as Yaml};

use super::report::Report;
use crate::pipeline::{Axis, Drawing, NamedFile, Plot};
use crate::words::RelPath;

pub(super) const KEYS: [&str; 8] = ["stages", "vars", "params", "metrics", "plots", "artifacts", "datasets", "meta"];
const ARTIFACT_KEYS: [&str; 5] = ["path", "desc", "type", "labels", "meta"];
const PLOT_KEYS: [&str; 6] = ["x", "y", "x_label", "y_label", "title", "template"];

/// Files that the top level names.
#[derive(Debug, Default)]
pub(super) struct TopFiles {
    pub(super) params: Vec<RelPath>,
    pub(super) metrics: Vec<NamedFile>,
    pub(super) plots: Vec<Plot>,
}

impl Report {
    /// Reads `params`, `metrics`, `plots` and `artifacts`; paths are relative to `folder`.
    pub(super) fn top_files(&mut self, fields: &Fields<'_>, folder: &RelPath) -> TopFiles {
        if let Some(node) = fields.get("artifacts") {
            self.artifacts(node, folder);
        }
        TopFiles {
            params: fields.get("params").map(|node| self.paths(node, folder, "params")).unwrap_or_default(),
            metrics: fields.get("metrics").map(|node| self.named_files(node, folder, "metrics")).unwrap_or_default(),
            plots: fields.get("plots").map(|node| self.plots(node, folder)).unwrap_or_default(),
        }
    }

    fn paths(&mut self, node: &Node, folder: &RelPath, list: &str) -> Vec<RelPath> {
        let items = self.items(node, format_args!("`{list}`"));
        items.iter().filter_map(|item| self.path(folder, item, format_args!("a file of `{list}`"))).collect()
    }

    fn named_files(&mut self, node: &Node, folder: &RelPath, list: &str) -> Vec<NamedFile> {
        let items = self.items(node, format_args!("`{list}`"));
        let named = |item: &Node| {
            let path = self.path(folder, item, format_args!("a file of `{list}`"))?;
            let line = self.source.position(item.span.start).line;
            Some(NamedFile { path, place: format!("{}:{line}", self.source.name()) })
        };
        items.iter().filter_map(named).collect()
    }

    /// A plot is a file, or a name with the files that it draws under `y`.
    fn plots(&mut self, node: &Node, folder: &RelPath) -> Vec<Plot> {
        let mut plots = Vec::new();
        let items = match &node.value {
            Yaml::Map(_) => std::slice::from_ref(node),
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) => {
                self.items(node, format_args!("`plots`"))
            }
        };
        for item in items {
            let Yaml::Map(entries) = &item.value else {
                let file = self.path(folder, item, format_args!("a file of `plots`"));
                let id = item.as_str().unwrap_or_default().to_owned();
                plots.extend(file.map(|file| Plot {
                    folder: folder.clone(),
                    id,
                    file: Some(file),
                    drawing: Drawing::default(),
                }));
                continue;
            };
            plots.extend(entries.iter().filter_map(|(key, drawing)| self.plot(key, drawing, folder)));
        }
        plots
    }

    /// A plot whose `y` names files has a name of its own; the name of any other is its file.
    fn plot(&mut self, key: &Key, node: &Node, folder: &RelPath) -> Option<Plot> {
        let id = key.text.clone();
        let what = format!("plot `{id}`");
        let source = self.source.clone();
        let drawing = match &node.value {
            Yaml::Null => Drawing::default(),
            Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) | Yaml::Map(_) => {
                let fields = Fields::open(node, &what, &PLOT_KEYS, &source, &mut self.problems)?;
                self.drawing(&fields, folder, &what)
            }
        };
        let file = match drawing.y {
            Axis::Files(_) => None,
            Axis::Inferred | Axis::Fields(_) => {
                Some(self.path_of(folder, &id, key.span, format_args!("a file of `plots`"))?)
            }
        };
        Some(Plot { folder: folder.clone(), id, file, drawing })
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
