//! One entry of `stages`, lowered to a node.

use std::collections::BTreeMap;
use std::rc::Rc;

use lockgate_spanned::{Fields, Key, Node as Tree, Span, Value as Yaml};

use super::context::{Context, Scope};
use super::outs::Outs;
use super::params::Params;
use super::places::NodePlaces;
use super::report::Report;
use super::resolve::{Composites, resolve, resolve_stage};
use super::texts::Shelf;
use super::{gate, later};
use crate::pipeline::{Dep, Node, Out, OutKind, Parsing, Stage, Work};
use crate::words::{NodeName, Place, RelPath, TaskId};

pub(super) const KEYS: [&str; 20] = [
    "cmd",
    "wdir",
    "deps",
    "outs",
    "params",
    "metrics",
    "plots",
    "frozen",
    "always_changed",
    "degraded",
    "when",
    "desc",
    "meta",
    "vars",
    "needs",
    "timeout",
    "retry",
    "resources",
    "env",
    "secrets",
];

/// What the lowering of every node shares.
pub(super) struct Bench<'t> {
    pub(super) report: Report,
    pub(super) shelf: Shelf<'t>,
    /// The folder of the pipeline file.
    pub(super) folder: RelPath,
    pub(super) globals: Rc<Context>,
    pub(super) parsing: Parsing,
    /// The names that the last `vars` of a stage gave, from the folder they were read from: all members share them.
    pub(super) local: Option<(Span, RelPath, Rc<Context>)>,
}

/// A node and where its parts stand.
pub(super) type Lowered = (Node, NodePlaces);

/// A node whose templates are resolved, and what its parts are relative to.
pub(super) struct Entry<'a> {
    pub(super) key: &'a Key,
    pub(super) body: &'a Tree,
    pub(super) wdir: RelPath,
    /// "stage `clean`", for messages.
    pub(super) subject: &'a str,
}

impl Bench<'_> {
    /// Lowers one node, whose name is the text of `key`; `None` when too little of it can be read to be a node.
    ///
    /// What cannot be read is left out of the node after it was reported, so that the rest can still be checked.
    pub(super) fn lower(&mut self, key: &Key, mut body: Tree, scope: &Scope) -> Option<Lowered> {
        if self.report.refuse_later_stage_keys(&mut body) == later::Body::Multiplied {
            return None;
        }
        let is_gate = body.get("gate").is_some();
        let subject = format!("{} `{}`", if is_gate { "gate" } else { "stage" }, key.text);
        if is_gate {
            self.report.refuse_stage_keys(&mut body, &subject);
        }
        let wdir = self.resolve(&mut body, &subject, scope);
        let entry = Entry { key, body: &body, wdir, subject: &subject };
        if is_gate { gate::lower(self, &entry) } else { self.stage(&entry) }
    }

    /// Resolves the templates of a body; returns the folder that its paths are relative to.
    fn resolve(&mut self, body: &mut Tree, subject: &str, scope: &Scope) -> RelPath {
        let Yaml::Map(entries) = &mut body.value else { return self.folder.clone() };
        let wdir = entries.iter_mut().find(|(key, _)| key.text == "wdir").and_then(|(_, node)| {
            resolve(node, scope, Composites::Refused, &mut self.report);
            self.report.path(&self.folder, node, format_args!("`wdir` of {subject}"))
        });
        let wdir = wdir.unwrap_or_else(|| self.folder.clone());
        let mut scope = scope.clone();
        if let Some(at) = entries.iter().position(|(key, _)| key.text == "vars") {
            let (_, vars) = entries.remove(at);
            scope.context = self.local(&vars, &wdir);
            if let Some(member) = &scope.member {
                scope.context.refuse_names_of_members(&self.globals, member, &vars, &mut self.report);
            }
        }
        resolve_stage(body, &scope, self.parsing, &mut self.report);
        wdir
    }

    /// Returns the names of the file with those of a stage's `vars`, whose files are relative to `wdir`.
    fn local(&mut self, vars: &Tree, wdir: &RelPath) -> Rc<Context> {
        if let Some((span, folder, context)) = &self.local
            && (*span, folder) == (vars.span, wdir)
        {
            return Rc::clone(context);
        }
        let mut local = Context::clone(&self.globals);
        let n_problems = self.report.problems.len();
        local.add_vars(vars, wdir, &mut self.shelf, &mut self.report);
        let local = Rc::new(local);
        // A mistake is every member's, so that each of them reports it.
        let is_right = self.report.problems.len() == n_problems;
        self.local = is_right.then(|| (vars.span, wdir.clone(), Rc::clone(&local)));
        local
    }

    fn stage(&mut self, entry: &Entry<'_>) -> Option<Lowered> {
        let fields = self.report.open_node(entry.body, entry.subject)?;
        let (cmd, cmd_span) = self.cmd(&fields, entry);
        let made = self.outs(&fields, entry);
        let (mut node, mut places) = self.common(&fields, entry);
        self.report.refuse_reading_own_outs(&node, &places, &made, entry.subject);
        places.cmd = cmd_span;
        places.when = fields.get("when").and_then(|node| node.get("gate")).map(|node| node.span);
        let (outs, spans): (Vec<Out>, Vec<Span>) = made.into_iter().unzip();
        places.outs = spans;
        node.work = Work::Stage(self.report.stage(&fields, entry.subject, cmd, outs));
        Some((node, places))
    }

    fn cmd(&mut self, fields: &Fields<'_>, entry: &Entry<'_>) -> (Vec<String>, Span) {
        let Some(node) = fields.get("cmd") else {
            let message = format!("{} has no `cmd`", entry.subject);
            let help = "add the command that makes its outs, or `gate:` if it judges data";
            self.report.push(self.report.at("stage::no-cmd", entry.key.span, message).help(help));
            return (Vec::new(), entry.key.span);
        };
        let commands = self.report.text_or_texts(node, format_args!("`cmd` of {}", entry.subject));
        for (_, span) in commands.iter().filter(|(command, _)| command.contains('\0')) {
            let message = format!("`cmd` of {} has a NUL, which no command line can have", entry.subject);
            self.report.push(
                self.report
                    .at("stage::nul", *span, message)
                    .help("remove it, or have the command make it: `printf '\\0'`"),
            );
        }
        (commands.into_iter().map(|(command, _)| command).collect(), node.span)
    }

    fn outs(&mut self, fields: &Fields<'_>, entry: &Entry<'_>) -> Vec<(Out, Span)> {
        let mut outs = Outs {
            report: &mut self.report,
            wdir: &entry.wdir,
            subject: entry.subject,
            made: Vec::new(),
            seen: BTreeMap::new(),
        };
        for (key, kind) in [("outs", OutKind::Data), ("metrics", OutKind::Metric), ("plots", OutKind::Plot)] {
            if let Some(node) = fields.get(key) {
                outs.read(node, kind);
            }
        }
        let made = outs.made;
        self.report.refuse_cached_outside(&made, entry.subject);
        made
    }

    /// Lowers what stages and gates have in common; the work is filled in by the caller, and the parameters when all nodes
    /// are known.
    pub(super) fn common(&mut self, fields: &Fields<'_>, entry: &Entry<'_>) -> (Node, NodePlaces) {
        let subject = entry.subject;
        let (deps, dep_spans) = self.report.deps(fields, entry);
        let mut reading = Params { report: &mut self.report, wdir: &entry.wdir, subject: entry.subject };
        let named = fields.get("params").map(|node| reading.read(node)).unwrap_or_default();
        let (needs, need_spans) = self.report.needs(fields, subject);
        let (env, secrets) = self.report.environment(fields, subject);
        let source = self.report.source.clone();
        let report = &mut self.report;
        let desc = fields.get("desc").and_then(|node| report.text(node, format_args!("`desc` of {subject}")));
        let timeout = fields.get("timeout").and_then(|n| report.duration(n, format_args!("`timeout` of {subject}")));
        let id = TaskId::whole(self.folder.clone(), NodeName::new(entry.key.text.as_str()));
        let work = Work::Stage(Stage::default());
        let (params, made_params, wdir) = (Vec::new(), Vec::new(), entry.wdir.clone());
        let node = Node { id, desc, needs, deps, params, made_params, wdir, env, secrets, timeout, work };
        let name = entry.key.span;
        let places = NodePlaces {
            name,
            deps: dep_spans,
            params: named,
            wdir: fields.get("wdir").map(|node| node.span),
            needs: need_spans,
            ..NodePlaces::unknown(&source)
        };
        (node, places)
    }
}

impl Report {
    /// Opens the body of a stage.
    pub(super) fn open_node<'n>(&mut self, body: &'n Tree, subject: &str) -> Option<Fields<'n>> {
        let source = self.source.clone();
        let known: Vec<&str> = KEYS.into_iter().chain(["gate"]).collect();
        Fields::open(body, subject, &known, &source, &mut self.problems)
    }

    fn stage(&mut self, fields: &Fields<'_>, subject: &str, cmd: Vec<String>, outs: Vec<Out>) -> Stage {
        let mut flag = |key: &str| {
            let node = fields.get(key);
            node.and_then(|node| self.flag(node, format_args!("`{key}` of {subject}"))).unwrap_or(false)
        };
        let (frozen, always_changed) = (flag("frozen"), flag("always_changed"));
        let retry = fields.get("retry").map(|node| self.retry(node, subject)).unwrap_or_default();
        let resources = fields.get("resources").map(|node| self.resources(node, subject)).unwrap_or_default();
        let degraded = fields.get("degraded").map(|node| self.degraded(node, subject)).unwrap_or_default();
        let when = fields.get("when").and_then(|node| self.when(node, subject));
        Stage { cmd, outs, frozen, always_changed, degraded, when, retry, resources }
    }

    fn deps(&mut self, fields: &Fields<'_>, entry: &Entry<'_>) -> (Vec<Dep>, Vec<Span>) {
        let mut deps: BTreeMap<Place, usize> = BTreeMap::new();
        let (mut paths, mut spans) = (Vec::new(), Vec::new());
        let Some(node) = fields.get("deps") else { return (paths, spans) };
        let what = format!("a dep of {}", entry.subject);
        for item in self.items(node, format_args!("`deps` of {}", entry.subject)) {
            let text = self.text(item, format_args!("{what}"));
            let path = text.and_then(|text| self.place_of(&entry.wdir, &text, item.span, format_args!("{what}")));
            let Some(path) = path else { continue };
            if deps.insert(path.clone(), paths.len()).is_none() {
                paths.push(Dep { path, optional: false });
                spans.push(item.span);
            }
        }
        (paths, spans)
    }

    /// What a stage makes outside of the project is only looked at: there is nothing to put in its place.
    fn refuse_cached_outside(&mut self, made: &[(Out, Span)], subject: &str) {
        for (out, span) in made.iter().filter(|(out, _)| out.cache && out.path.outside().is_some()) {
            let message =
                format!("out `{}` of {subject} lies outside of the project, and could not be restored", out.path);
            let help = "set `cache: false` on it to have it watched only, or write it into the project";
            self.push(self.at("out::outside", *span, message).help(help));
        }
    }

    fn needs(&mut self, fields: &Fields<'_>, subject: &str) -> (Vec<NodeName>, Vec<Span>) {
        let Some(node) = fields.get("needs") else { return (Vec::new(), Vec::new()) };
        let names = self.texts(node, format_args!("`needs` of {subject}"));
        names.into_iter().map(|(name, span)| (NodeName::new(name), span)).unzip()
    }

    fn environment(&mut self, fields: &Fields<'_>, subject: &str) -> (Vec<String>, Vec<String>) {
        let mut names = |key: &str| {
            let node = fields.get(key);
            node.map(|node| self.variables(node, format_args!("`{key}` of {subject}"))).unwrap_or_default()
        };
        let (env, secrets) = (names("env"), names("secrets"));
        if let (Some(both), Some(node)) = (env.iter().find(|name| secrets.contains(name)), fields.get("secrets")) {
            let message = format!("`{both}` is in `env` and in `secrets` of {subject}");
            let help =
                "keep it in `env` if a new value must rerun the stage, in `secrets` if it must never be recorded";
            self.push(self.at("env::both", node.span, message).help(help));
        }
        (env, secrets)
    }

    /// A stage that reads what it makes would never be fresh.
    fn refuse_reading_own_outs(&mut self, node: &Node, places: &NodePlaces, made: &[(Out, Span)], subject: &str) {
        for (dep, span) in node.deps.iter().zip(&places.deps) {
            let Some((out, out_span)) = made.iter().find(|(out, _)| out.path.overlaps(&dep.path)) else { continue };
            let message = if out.path == dep.path {
                format!("`{}` is a dep and an out of {subject}", dep.path)
            } else {
                format!("dep `{}` of {subject} overlaps its own out `{}`", dep.path, out.path)
            };
            let help = "split the stage, or remove the dep and set `persist: true` on the out that it adds to";
            let problem = self.at("stage::reads-own-out", *span, message).label("read here");
            self.push(problem.also(*out_span, "made here").help(help));
        }
        for named in places.params.chunk_by(|a, b| a.file == b.file).filter_map(|named| named.first()) {
            let file = &named.file;
            let Some((out, out_span)) = made.iter().find(|(out, _)| out.path.overlaps(file)) else { continue };
            let message = format!("{subject} reads parameters of `{file}`, and makes it as `{}`", out.path);
            let problem = self.at("stage::reads-own-out", named.span, message).label("read here");
            let help = "split the stage, or name the file that its values come from";
            self.push(problem.also(*out_span, "made here").help(help));
        }
    }
}
