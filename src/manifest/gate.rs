//! A gate: an entry of `stages` that judges data instead of making it.

use std::mem;

use lockgate_forms::{Reading, TextForm, TextForms};
use lockgate_kinds::Kind;
use lockgate_spanned::{Fields, Key, Node as Tree, Problems, Span, Value as Yaml};

use super::places::NodePlaces;
use super::report::Report;
use super::stage::{Bench, Entry};
use crate::pipeline::{Dep, Gate, GateKind, Measured, Node, OnFail, Work};
use crate::words::RelPath;

/// What may stand beside `gate`.
const BESIDE: [&str; 11] =
    ["gate", "wdir", "deps", "params", "desc", "meta", "vars", "needs", "timeout", "env", "secrets"];
const KEYS: [&str; 16] = [
    "data",
    "schema",
    "command",
    "freshness",
    "drift",
    "calibration",
    "regression",
    "tolerance",
    "sql",
    "leakage",
    "approval",
    "volatile",
    "environment",
    "tables",
    "csv",
    "on_fail",
];

/// The keys that say how the gate judges; one of them is given.
const KINDS: [&str; 10] =
    ["schema", "command", "freshness", "drift", "calibration", "regression", "tolerance", "sql", "leakage", "approval"];

/// Keys of stages that a gate cannot have, and what to write instead.
const NOT_BESIDE: [(&str, &str); 10] = [
    ("cmd", "to judge by a command, write `gate: {data: …, command: …}`; to make data, use a stage of its own"),
    ("outs", "a gate makes nothing: make the data in a stage and name it in `data`"),
    ("metrics", "a gate makes nothing: make the metrics in a stage and name them in `data`"),
    ("plots", "a gate makes nothing: make the plots in a stage"),
    ("frozen", "a gate cannot be frozen; loosen its rules, or remove it"),
    ("always_changed", "to judge anew each time, write `volatile: true` beside `command`"),
    ("retry", "a verdict is not repeated; retry in the stage that makes the data"),
    ("degraded", "what follows from its verdict is `on_fail`, inside of `gate`"),
    ("when", "a gate judges whatever its data is; put the condition on a stage"),
    ("resources", "a gate takes one slot of `cpu`"),
];

/// Lowers a gate whose templates are resolved.
pub(super) fn lower(bench: &mut Bench<'_>, entry: &Entry<'_>) -> Option<(Node, NodePlaces)> {
    let source = bench.report.source.clone();
    let fields = Fields::open(entry.body, entry.subject, &BESIDE, &source, &mut bench.report.problems)?;
    let body = fields.get("gate")?.clone();
    let (mut node, mut places) = bench.common(&fields, entry);
    let report = &mut bench.report;
    let rules = Fields::open(&body, entry.subject, &KEYS, &source, &mut report.problems)?;
    let (data, data_spans) = report.data(&rules, entry);
    let on_fail = report.on_fail(&rules, entry.subject);
    let mut forms = TextForms::new(report.csv(&rules, entry.subject));
    let (kind, said, place) = report.kind(&rules, entry, &mut forms)?;
    places.data = data_spans;
    for dep in files_of(&kind) {
        if node.deps.iter().all(|known| known.path != dep.path) {
            node.deps.push(dep);
            places.deps.push(place);
        }
    }
    let gate = Gate { data, kind, forms, on_fail, line: source.position(said.start).line };
    report.refuse_data_as_dep(&node, &places, &gate, entry.subject);
    match &gate.kind {
        GateKind::Schema { file, .. } => {
            places.schema = Some(place);
            report.refuse_schema_in_data(file, &places, &gate, entry.subject);
        }
        GateKind::Command { .. } => places.cmd = place,
        GateKind::Measured(_) => places.kind = place,
    }
    node.work = Work::Gate(gate);
    Some((node, places))
}

impl Report {
    /// Takes the keys out that only stages have, each with a problem.
    pub(super) fn refuse_stage_keys(&mut self, body: &mut Tree, subject: &str) {
        let Yaml::Map(entries) = &mut body.value else { return };
        let help_of = |key: &str| NOT_BESIDE.iter().find(|(name, _)| *name == key).map(|(_, help)| *help);
        for (key, _) in entries.extract_if(.., |(key, _)| help_of(&key.text).is_some()) {
            let problem = self.at("gate::stage-key", key.span, format!("{subject} cannot have `{}`", key.text));
            self.push(problem.label("belongs to stages").maybe_help(help_of(&key.text)));
        }
    }

    fn data(&mut self, rules: &Fields<'_>, entry: &Entry<'_>) -> (Vec<RelPath>, Vec<Span>) {
        let Some(node) = rules.get("data") else {
            let message = format!("{} has no `data` to judge", entry.subject);
            let help = "add `data: PATH`: an out, a path inside of one, or a source file";
            self.push(self.at("gate::no-data", rules.span(), message).help(help));
            return (Vec::new(), Vec::new());
        };
        let mut data: Vec<(RelPath, Span)> = Vec::new();
        for (text, span) in self.text_or_texts(node, format_args!("`data` of {}", entry.subject)) {
            let what = format_args!("`data` of {}", entry.subject);
            let Some(path) = self.path_of(&entry.wdir, &text, span, what) else { continue };
            if path.is_root() {
                let message = format!("`data` of {} is the whole project", entry.subject);
                self.push(self.at("gate::root", span, message).help("name the file or folder that it judges"));
            } else if data.iter().all(|(known, _)| *known != path) {
                data.push((path, span));
            }
        }
        data.into_iter().unzip()
    }

    fn on_fail(&mut self, rules: &Fields<'_>, subject: &str) -> OnFail {
        let Some(node) = rules.get("on_fail") else { return OnFail::Block };
        match self.text(node, format_args!("`on_fail` of {subject}")).as_deref() {
            None | Some("block") => {}
            Some("halt") => return OnFail::Halt,
            Some("warn") => return OnFail::Warn,
            Some("degrade") => return OnFail::Degrade,
            Some(other) => {
                let message = format!("`on_fail` of {subject} is `{other}`");
                let help = "write `block` (as without it), `halt`, `degrade` or `warn`";
                self.push(self.at("gate::on-fail", node.span, message).help(help));
            }
        }
        OnFail::Block
    }

    /// Reads how the tables of a gate that measures are written.
    fn csv(&mut self, rules: &Fields<'_>, subject: &str) -> TextForm {
        let Some((key, node)) = rules.entry("csv") else { return TextForm::PLAIN };
        let elsewhere = [
            ("command", "remove it: the command reads the data itself"),
            ("approval", "remove it: a person reads the data"),
        ];
        if let Some((kind, help)) = elsewhere.into_iter().find(|(kind, _)| rules.get(kind).is_some()) {
            let message = format!("`csv` of {subject} does not go with `{kind}`");
            self.push(self.at("gate::stray", key.span, message).help(help));
        }
        TextForm::read(node, &mut self.forms())
    }

    fn forms(&mut self) -> Reading<'_> {
        Reading { source: &self.source, problems: &mut self.problems, code: "gate::setting" }
    }

    /// Reads what the gate judges by, and where its key and its value stand; `None` when nothing of it can be read, with a
    /// problem.
    fn kind(&mut self, rules: &Fields<'_>, entry: &Entry<'_>, forms: &mut TextForms) -> Option<(GateKind, Span, Span)> {
        let given: Vec<(&Key, &Tree)> = KINDS.iter().filter_map(|kind| rules.entry(kind)).collect();
        self.refuse_two_kinds(&given, entry.subject);
        self.refuse_stray(
            rules,
            "volatile",
            "command",
            "only the verdict of a command can depend on more than the data",
        );
        self.refuse_stray(rules, "environment", "schema", "environments are declared in schemas");
        self.refuse_stray(rules, "tables", "schema", "only the rules of a schema refer to tables by name");
        let Some((key, node)) = given.first().copied() else {
            let message = format!("{} has no rule to judge by", entry.subject);
            let help = format!("add `schema: FILE`, or one of {}", KINDS[1..].join(", "));
            self.push(self.at("gate::no-kind", rules.span(), message).help(help));
            return None;
        };
        let kind = match key.text.as_str() {
            "schema" => self.schema(rules, node, entry, forms),
            "command" => self.command(rules, node, entry),
            name => {
                let kind = self.measured(name, node, entry, forms)?;
                GateKind::Measured(Box::new(Measured { kind, rerun: None }))
            }
        };
        Some((kind, key.span, node.span))
    }

    fn measured(&mut self, name: &str, node: &Tree, entry: &Entry<'_>, forms: &mut TextForms) -> Option<Kind> {
        let source = self.source.clone();
        let mut problems = Problems::default();
        let mut place = |text: &str, span: Span| {
            let what = format_args!("`{name}` of {}", entry.subject);
            self.path_of(&entry.wdir, text, span, what).map(|path| path.to_string())
        };
        let read = Kind::read(name, node, &source, &mut problems, &mut place);
        self.problems.extend(problems);
        let (kind, mut named) = read?;
        named.all = mem::take(&mut forms.all);
        *forms = named;
        Some(kind)
    }

    fn schema(&mut self, rules: &Fields<'_>, node: &Tree, entry: &Entry<'_>, forms: &mut TextForms) -> GateKind {
        let file = self.path(&entry.wdir, node, format_args!("`schema` of {}", entry.subject));
        let what = format!("`environment` of {}", entry.subject);
        let environment = rules.get("environment").and_then(|node| self.text(node, format_args!("{what}")));
        let tables = rules.get("tables").map(|node| self.tables(node, entry, forms)).unwrap_or_default();
        // The kind is known although its file is not; the problem was reported.
        GateKind::Schema { file: file.unwrap_or_else(RelPath::root), environment, tables }
    }

    /// Reads the tables that rules refer to, by name.
    fn tables(&mut self, node: &Tree, entry: &Entry<'_>, forms: &mut TextForms) -> Vec<(String, RelPath)> {
        let Yaml::Map(entries) = &node.value else {
            let problem = self.wrong_kind(node, format_args!("`tables` of {}", entry.subject), "a mapping");
            self.push(problem.help("write it as `{teams: data/teams.parquet}`"));
            return Vec::new();
        };
        let table = |(name, node): &(Key, Tree)| Some((name.text.clone(), self.table(&name.text, node, entry, forms)?));
        entries.iter().filter_map(table).collect()
    }

    /// Reads `data/teams.parquet` or `{path: data/teams.csv, csv: {…}}`.
    fn table(&mut self, name: &str, node: &Tree, entry: &Entry<'_>, forms: &mut TextForms) -> Option<RelPath> {
        let what = format!("table `{name}` of {}", entry.subject);
        let named = self.forms().named(&what, node)?;
        let path = self.path(&entry.wdir, named.path, format_args!("{what}"));
        if let (Some(path), Some(said)) = (&path, named.said) {
            forms.learn(path.as_str(), said, &mut self.forms());
        }
        path
    }

    fn command(&mut self, rules: &Fields<'_>, node: &Tree, entry: &Entry<'_>) -> GateKind {
        let commands = self.text_or_texts(node, format_args!("`command` of {}", entry.subject));
        let volatile = rules.get("volatile").and_then(|node| self.flag(node, format_args!("`volatile`")));
        let cmd = commands.into_iter().map(|(command, _)| command).collect();
        GateKind::Command { cmd, volatile: volatile.unwrap_or(false) }
    }

    fn refuse_two_kinds(&mut self, given: &[(&Key, &Tree)], subject: &str) {
        let mut keys: Vec<&Key> = given.iter().map(|(key, _)| *key).collect();
        keys.sort_by_key(|key| key.span);
        let [first, second, ..] = keys.as_slice() else { return };
        let message = format!("{subject} has two kinds of rules, `{}` and `{}`", first.text, second.text);
        let problem = self.at("gate::two-kinds", second.span, message).label("the second");
        let problem = problem.also(first.span, "the first");
        self.push(problem.help("make two gates on the same data: both must pass"));
    }

    /// Refuses a key that only goes with one kind.
    fn refuse_stray(&mut self, rules: &Fields<'_>, key: &str, kind: &str, why: &str) {
        if let (Some((stray, _)), None) = (rules.entry(key), rules.entry(kind)) {
            let message = format!("`{key}` goes with `{kind}`, which is not given");
            self.push(self.at("gate::stray", stray.span, message).help(format!("remove it: {why}")));
        }
    }

    /// A gate would wait for itself: what it reads as a dep is published only after it has passed.
    fn refuse_data_as_dep(&mut self, node: &Node, places: &NodePlaces, gate: &Gate, subject: &str) {
        for (dep, span) in node.deps.iter().zip(&places.deps) {
            let Some(judged) = gate.data.iter().position(|path| dep.path.overlaps(path)) else { continue };
            let message = format!("dep `{}` of {subject} is the data that it judges", dep.path);
            let problem = self.at("gate::data-as-dep", *span, message).also(places.data[judged], "judged here");
            self.push(problem.help("remove the dep: a gate reads its `data` without naming it twice"));
        }
    }

    fn refuse_schema_in_data(&mut self, file: &RelPath, places: &NodePlaces, gate: &Gate, subject: &str) {
        // The root stands for a schema file that could not be read as a path.
        let judged = gate.data.iter().position(|path| path.overlaps(file) && !file.is_root());
        let (Some(judged), Some(span)) = (judged, places.schema) else { return };
        let message = format!("schema `{file}` of {subject} is part of the data that it judges");
        let problem = self.at("gate::schema-in-data", span, message).also(places.data[judged], "judged here");
        self.push(problem.help("keep the schema beside the data, such as in `schemas/`"));
    }
}

/// Returns the files that a kind reads besides the data. What `lockgate gate reference` writes may be missing at first.
fn files_of(kind: &GateKind) -> Vec<Dep> {
    match kind {
        GateKind::Schema { tables, .. } => {
            tables.iter().map(|(_, path)| Dep { path: path.into(), optional: false }).collect()
        }
        GateKind::Command { .. } => Vec::new(),
        GateKind::Measured(measured) => {
            let kind = &measured.kind;
            let path = |file: &str| RelPath::parse(file).expect("the path was made by the manifest");
            let made = kind.reference();
            let dep = |file| Dep { path: path(file).into(), optional: made == Some(file) };
            kind.files().into_iter().map(dep).collect()
        }
    }
}
