//! A `.dvc` file: data that was put under version control by hand or imported, not made by a stage.

use std::collections::BTreeMap;

use lockgate_spanned::{Fields, Node, Span, Value as Yaml};

use super::report::Report;
use crate::pipeline::{Tracked, TrackedOut};
use crate::words::{Oid, RelPath};

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

/// What tells the content of an out, of which DVC writes one.
const VERSIONS: [&str; 6] = ["md5", "etag", "checksum", "version_id", "files", "cloud"];

/// Who writes such files is DVC.
const TAKE_BACK: &str = "take the file back from version control, or `dvc add` the data again";

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
        let is_import = fields.get("deps").is_some();
        let outs = fields.get("outs").map(|node| self.tracked_outs(node, &base, file)).unwrap_or_default();
        if let (false, Some(node)) = (is_import, fields.get("outs")) {
            self.refuse_nameless(node, file);
        }
        Some(Tracked { file: file.clone(), outs, is_import })
    }

    fn tracked_outs(&mut self, node: &Node, base: &RelPath, file: &RelPath) -> Vec<TrackedOut> {
        let mut seen: BTreeMap<RelPath, Span> = BTreeMap::new();
        let mut outs = Vec::new();
        for item in self.items(node, format_args!("`outs` of `{file}`")) {
            let Some(out) = self.tracked_out(item, base, file) else { continue };
            let span = item.get("path").map_or(item.span, |path| path.span);
            if let Some(first) = seen.get(&out.path) {
                let problem = self.at("tracked::twice", span, format!("`{file}` tracks `{}` twice", out.path));
                self.push(
                    problem
                        .also(*first, "first tracked here")
                        .help("keep the entry that is right, and remove the other"),
                );
                continue;
            }
            seen.insert(out.path.clone(), span);
            outs.push(out);
        }
        outs
    }

    fn tracked_out(&mut self, node: &Node, base: &RelPath, file: &RelPath) -> Option<TrackedOut> {
        let source = self.source.clone();
        let what = format!("an out of `{file}`");
        let fields = Fields::open(node, &what, &OUT_KEYS, &source, &mut self.problems)?;
        let Some(path) = fields.get("path") else {
            let problem = self.at("tracked::no-path", node.span, format!("{what} has no `path`"));
            self.push(problem.help(TAKE_BACK));
            return None;
        };
        let path = self.path(base, path, format_args!("`path` of {what}"))?;
        let text = |key: &str| fields.get(key).and_then(Node::as_str).map(str::to_owned);
        let md5 = self.tracked_md5(&fields, &what);
        let says = |key: &str, value: bool| fields.get(key).is_some_and(|node| node.value == Yaml::Bool(value));
        let is_plain_md5 = text("hash").as_deref() == Some("md5");
        Some(TrackedOut { path, md5, is_plain_md5, is_executable: says("isexec", true), cache: !says("cache", false) })
    }

    /// Only what an import has yet to fetch may be without anything that tells its content.
    fn refuse_nameless(&mut self, outs: &Node, file: &RelPath) {
        for out in outs.as_list().unwrap_or_default() {
            if out.as_map().is_some() && VERSIONS.iter().all(|key| out.get(key).is_none()) {
                let path = out.get("path").and_then(Node::as_str).unwrap_or_default();
                let problem = self.at("tracked::no-md5", out.span, format!("`{file}` has no `md5` of `{path}`"));
                self.push(problem.help(TAKE_BACK));
            }
        }
    }

    /// Returns the MD5 of an out, `None` when another kind of version or nothing is told of it; what is none is reported.
    fn tracked_md5(&mut self, fields: &Fields<'_>, what: &str) -> Option<String> {
        let node = fields.get("md5")?;
        // An MD5 of digits alone reads as a number when it is not quoted.
        let text = node.scalar_text(&self.source).unwrap_or_default().to_owned();
        if text.parse::<Oid>().is_ok() {
            return Some(text);
        }
        let message = format!("`md5` of {what} is `{text}`, not 32 hexadecimal digits");
        self.push(self.at("tracked::md5", node.span, message).help(TAKE_BACK));
        None
    }
}
