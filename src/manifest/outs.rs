//! What a stage makes: `outs`, `metrics` and `plots` with their flags.

use std::collections::BTreeMap;

use lockgate_spanned::{Fields, Node, Span, Value as Yaml};

use super::report::{Report, plain};
use crate::pipeline::{Out, OutKind, OutNotes};
use crate::words::RelPath;

const FLAGS: [&str; 9] = ["cache", "persist", "push", "desc", "type", "labels", "meta", "remote", "checkpoint"];
const PLOT_FLAGS: [&str; 16] = [
    "cache",
    "persist",
    "push",
    "desc",
    "type",
    "labels",
    "meta",
    "remote",
    "checkpoint",
    "template",
    "x",
    "y",
    "x_label",
    "y_label",
    "title",
    "header",
];

/// The outs of one stage while they are read.
pub(super) struct Outs<'a> {
    pub(super) report: &'a mut Report,
    pub(super) wdir: &'a RelPath,
    pub(super) subject: &'a str,
    pub(super) made: Vec<(Out, Span)>,
    pub(super) seen: BTreeMap<RelPath, Span>,
}

impl Outs<'_> {
    /// Reads one of the lists.
    pub(super) fn read(&mut self, node: &Node, kind: OutKind) {
        let what = self.subject;
        let items = self.report.items(node, format_args!("`{}` of {what}", list_name(kind)));
        for item in items {
            let Yaml::Map(entries) = &item.value else {
                let path = self.report.path(self.wdir, item, format_args!("an out of {what}"));
                self.add(path, item.span, kind, None);
                continue;
            };
            for (key, flags) in entries {
                let path = self.report.path_of(self.wdir, &key.text, key.span, format_args!("an out of {what}"));
                self.add(path, key.span, kind, Some(flags));
            }
        }
    }

    fn add(&mut self, path: Option<RelPath>, span: Span, kind: OutKind, flags: Option<&Node>) {
        let Some(path) = path else {
            self.report.holes = true;
            return;
        };
        if path.is_root() {
            let message = format!("an out of {} is the whole project", self.subject);
            self.report.push(self.report.at("out::root", span, message).help("name a file or folder inside of it"));
            return;
        }
        if let Some(first) = self.seen.get(&path) {
            let message = format!("{} makes `{path}` twice", self.subject);
            let problem = self.report.at("out::twice", span, message).label("again here");
            self.report.push(problem.also(*first, "first here").help("keep one of the two"));
            return;
        }
        self.seen.insert(path.clone(), span);
        let mut out = Out { path, kind, cache: true, persist: false, push: true, notes: OutNotes::default() };
        if let Some(flags) = flags {
            self.flags(flags, &mut out);
        }
        self.made.push((out, span));
    }

    fn flags(&mut self, node: &Node, out: &mut Out) {
        let (node, other_ways): (&Node, &[Node]) = match &node.value {
            // `- path:` says no more than `- path`.
            Yaml::Null => return,
            // A plot may be drawn in several ways; only how it is drawn differs between them.
            Yaml::List(ways) if out.kind == OutKind::Plot => match ways.split_first() {
                Some(first_and_others) => first_and_others,
                None => return,
            },
            Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) | Yaml::Map(_) => (node, &[]),
        };
        let known: &[&str] = if out.kind == OutKind::Plot { &PLOT_FLAGS } else { &FLAGS };
        let what = format!("out `{}` of {}", out.path, self.subject);
        let source = self.report.source.clone();
        let Some(fields) = Fields::open(node, &what, known, &source, &mut self.report.problems) else { return };
        let mut flag = |key: &str, default| {
            let node = fields.get(key);
            node.and_then(|node| self.report.flag(node, format_args!("`{key}` of {what}"))).unwrap_or(default)
        };
        out.cache = flag("cache", true);
        out.persist = flag("persist", false);
        out.push = flag("push", true);
        flag("checkpoint", false);
        out.notes = self.notes(&fields, &what);
        if out.kind == OutKind::Plot {
            out.notes.drawings.push(self.report.drawing(&fields, self.wdir, &what));
            for way in other_ways {
                let fields = Fields::open(way, &what, known, &source, &mut self.report.problems);
                out.notes.drawings.extend(fields.map(|fields| self.report.drawing(&fields, self.wdir, &what)));
            }
        }
        if let Some((key, _)) = fields.entry("remote") {
            let message = format!("`remote` of {what} has no effect yet");
            let warning = self.report.at("out::remote", key.span, message).warning();
            self.report.warnings.push(warning.help("remove it if every out goes to the same remote"));
        }
    }

    fn notes(&mut self, fields: &Fields<'_>, what: &str) -> OutNotes {
        let mut text = |key: &str| {
            let node = fields.get(key)?;
            self.report.text(node, format_args!("`{key}` of {what}"))
        };
        let (desc, kind) = (text("desc"), text("type"));
        let labels = fields.get("labels").map(|node| self.report.texts(node, format_args!("`labels` of {what}")));
        let labels = labels.unwrap_or_default().into_iter().map(|(label, _)| label).collect();
        OutNotes { desc, kind, labels, meta: fields.get("meta").map(plain), drawings: Vec::new() }
    }
}

fn list_name(kind: OutKind) -> &'static str {
    match kind {
        OutKind::Data => "outs",
        OutKind::Metric => "metrics",
        OutKind::Plot => "plots",
    }
}
