//! How a plot is drawn, as the top level and the outs of stages say it.

use lockgate_spanned::{Fields, Node, Value as Yaml};

use super::report::Report;
use crate::pipeline::{Axis, Drawing};
use crate::words::RelPath;

impl Report {
    /// Reads the settings of a drawing from the fields of `what`; files are relative to `folder`.
    pub(super) fn drawing(&mut self, fields: &Fields<'_>, folder: &RelPath, what: &str) -> Drawing {
        let mut axis = |key: &str| fields.get(key).map(|node| self.axis(node, folder, &format!("`{key}` of {what}")));
        let (x, y) = (axis("x").unwrap_or_default(), axis("y").unwrap_or_default());
        let mut text = |key: &str| fields.get(key).and_then(|node| self.text(node, format_args!("`{key}` of {what}")));
        let (template, title) = (text("template"), text("title"));
        let (x_label, y_label) = (text("x_label"), text("y_label"));
        let header = fields.get("header").and_then(|node| self.flag(node, format_args!("`header` of {what}")));
        Drawing { x, y, template, title, x_label, y_label, headless: header == Some(false) }
    }

    fn axis(&mut self, node: &Node, folder: &RelPath, what: &str) -> Axis {
        let names = |report: &mut Self, node: &Node| -> Vec<String> {
            report.text_or_texts(node, format_args!("{what}")).into_iter().map(|(name, _)| name).collect()
        };
        let Yaml::Map(files) = &node.value else { return Axis::Fields(names(self, node)) };
        let mut read = Vec::new();
        for (key, fields) in files {
            let path = self.path_of(folder, &key.text, key.span, format_args!("a file of {what}"));
            let fields = names(self, fields);
            read.extend(path.map(|path| (path, fields)));
        }
        Axis::Files(read)
    }
}
