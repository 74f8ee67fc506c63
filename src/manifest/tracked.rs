//! A `.dvc` file: data that was put under version control by hand or imported, not made by a stage.

use lockgate_spanned::{Fields, Node, Value as Yaml};

use super::report::Report;
use crate::pipeline::{Tracked, TrackedOut};
use crate::words::RelPath;

const KEYS: [&str; 8] = ["outs", "deps", "md5", "frozen", "wdir", "desc", "meta", "cmd"];
const OUT_KEYS: [&str; 19] = [
    "path",
    "md5",
    "hash",
    "size",
    "nfiles",
    "isexec",
    "cache",
    "persist",
    "push",
    "desc",
    "type",
    "labels",
    "meta",
    "remote",
    "etag",
    "checksum",
    "version_id",
    "files",
    "cloud",
];

impl Report {
    /// Reads the `.dvc` file `file`; `None` when it is none that can be used, which is reported.
    pub(super) fn tracked(&mut self, file: &RelPath, tree: &Node) -> Option<Tracked> {
        let source = self.source.clone();
        let fields = Fields::open(tree, &format!("`{file}`"), &KEYS, &source, &mut self.problems)?;
        if let Some(node) = fields.get("cmd") {
            let message = format!("`{file}` is a stage as DVC before 1.0 wrote it");
            let help = "move its `cmd`, `deps` and `outs` into a stage of `dvc.yaml`";
            self.push(self.at("tracked::stage", node.span, message).help(help));
            return None;
        }
        let folder = file.parent();
        let wdir = fields.get("wdir").and_then(|node| self.path(&folder, node, format_args!("`wdir` of `{file}`")));
        let base = wdir.unwrap_or(folder);
        let outs = fields.get("outs").map(|node| self.tracked_outs(node, &base, file)).unwrap_or_default();
        Some(Tracked { file: file.clone(), outs, is_import: fields.get("deps").is_some() })
    }

    fn tracked_outs(&mut self, node: &Node, base: &RelPath, file: &RelPath) -> Vec<TrackedOut> {
        let items = self.items(node, format_args!("`outs` of `{file}`"));
        items.iter().filter_map(|item| self.tracked_out(item, base, file)).collect()
    }

    fn tracked_out(&mut self, node: &Node, base: &RelPath, file: &RelPath) -> Option<TrackedOut> {
        let source = self.source.clone();
        let what = format!("an out of `{file}`");
        let fields = Fields::open(node, &what, &OUT_KEYS, &source, &mut self.problems)?;
        let Some(path) = fields.get("path") else {
            let problem = self.at("tracked::no-path", node.span, format!("{what} has no `path`"));
            self.push(problem.help("take the file back from version control, or `dvc add` the data again"));
            return None;
        };
        let path = self.path(base, path, format_args!("`path` of {what}"))?;
        let text = |key: &str| fields.get(key).and_then(Node::as_str).map(str::to_owned);
        // An MD5 of digits alone reads as a number when it is not quoted.
        let md5 = fields.get("md5").and_then(|node| match &node.value {
            Yaml::Str(text) => Some(text.clone()),
            Yaml::Int(_) | Yaml::Float(_) => node.scalar_text(&source).map(str::to_owned),
            Yaml::Null | Yaml::Bool(_) | Yaml::List(_) | Yaml::Map(_) => None,
        });
        let says = |key: &str, value: bool| fields.get(key).is_some_and(|node| node.value == Yaml::Bool(value));
        let is_plain_md5 = text("hash").as_deref() == Some("md5");
        Some(TrackedOut { path, md5, is_plain_md5, is_executable: says("isexec", true), cache: !says("cache", false) })
    }
}
