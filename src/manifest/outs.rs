//! What a stage makes: `outs`, `metrics` and `plots` with their flags.

use std::collections::BTreeMap;

use lockgate_spanned::{Fields, Node, Span, Value as Yaml};

use super::report::{Report, plain};
use crate::pipeline::{Out, OutKind, OutNotes};
use crate::words::{Place, RelPath};

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
    /// The places in `made`.
    pub(super) seen: BTreeMap<Place, usize>,
}

impl Outs<'_> {
    /// Reads one of the lists, in which a path that is given again adds to its flags.
    pub(super) fn read(&mut self, node: &Node, kind: OutKind) {
        let (what, before) = (self.subject, self.made.len());
        let items = self.report.items(node, format_args!("`{}` of {what}", list_name(kind)));
        for item in items {
            let Yaml::Map(entries) = &item.value else {
                let text = self.report.text(item, format_args!("an out of {what}"));
                let path = text.and_then(|text| self.place(&text, item.span));
                self.add(path, item.span, kind, None, before);
                continue;
            };
            for (key, flags) in entries {
                let path = self.place(&key.text, key.span);
                self.add(path, key.span, kind, Some(flags), before);
            }
        }
    }

    fn place(&mut self, text: &str, span: Span) -> Option<Place> {
        self.report.place_of(self.wdir, text, span, format_args!("an out of {}", self.subject))
    }

    fn add(&mut self, path: Option<Place>, span: Span, kind: OutKind, flags: Option<&Node>, before: usize) {
        let Some(path) = path else {
            self.report.holes = true;
            return;
        };
        if path.inside().is_some_and(RelPath::is_root) {
            let message = format!("an out of {} is the whole project", self.subject);
            self.report.push(self.report.at("out::root", span, message).help("name a file or folder inside of it"));
            return;
        }
        if let Some(at) = self.seen.get(&path).copied() {
            if at >= before {
                let mut out = self.made[at].0.clone();
                if let Some(flags) = flags {
                    self.flags(flags, &mut out);
                }
                self.made[at].0 = out;
                return;
            }
            let message = format!("{} makes `{path}` twice", self.subject);
            let problem = self.report.at("out::twice", span, message).label("again here");
            self.report.push(problem.also(self.made[at].1, "first here").help("keep one of the two"));
            return;
        }
        self.seen.insert(path.clone(), self.made.len());
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
        out.cache = flag("cache", out.cache);
        out.persist = flag("persist", out.persist);
        out.push = flag("push", out.push);
        flag("checkpoint", false);
        self.notes(&fields, &what, &mut out.notes);
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

    fn notes(&mut self, fields: &Fields<'_>, what: &str, notes: &mut OutNotes) {
        for (key, note) in [("desc", &mut notes.desc), ("type", &mut notes.kind)] {
            let text = fields.get(key).and_then(|node| self.report.text(node, format_args!("`{key}` of {what}")));
            *note = text.or_else(|| note.take());
        }
        if let Some(node) = fields.get("labels") {
            let labels = self.report.texts(node, format_args!("`labels` of {what}"));
            notes.labels = labels.into_iter().map(|(label, _)| label).collect();
        }
        notes.meta = fields.get("meta").map(plain).or_else(|| notes.meta.take());
    }
}

fn list_name(kind: OutKind) -> &'static str {
    match kind {
        OutKind::Data => "outs",
        OutKind::Metric => "metrics",
        OutKind::Plot => "plots",
    }
}
