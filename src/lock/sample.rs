//! Locks for tests: a fixed one with every feature of the format, and arbitrary ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use proptest::prelude::*;

use super::{Entry, Lock, Past, Verdict};
use crate::fingerprint::{OutFlags, Recipe, RecipeKind, Rules};
use crate::pipeline::{OutKind, Value};
use crate::words::GateState;
use crate::words::{Content, Digest, FileMode, NodeName, PartitionKey, Place, RelPath, TaskId};

pub fn path(text: &str) -> RelPath {
    RelPath::parse(text).expect("a path")
}

pub fn place(text: &str) -> Place {
    Place::parse(text).expect("a path")
}

pub fn task(name: &str) -> TaskId {
    TaskId::whole(RelPath::root(), NodeName::new(name))
}

fn file(text: &str) -> Content {
    Content::File { digest: Digest::of(text.as_bytes()), mode: FileMode::Plain }
}

/// A stage that copies `a` to `b`.
pub fn copy_stage(a: &str, b: &str) -> Entry {
    let flags = OutFlags { kind: OutKind::Data, cache: true, persist: false };
    let recipe = Recipe {
        kind: RecipeKind::Stage,
        cmd: vec![format!("cp {a} {b}")],
        wdir: RelPath::root(),
        deps: [(place(a), file(a))].into(),
        params: BTreeMap::new(),
        env: BTreeMap::new(),
        outs: [(place(b), flags)].into(),
        data: BTreeMap::new(),
        rules: None,
        degraded: BTreeSet::new(),
    };
    Entry { recipe, outs: [(place(b), file(a))].into(), verdict: None }
}

fn rich_stage() -> Entry {
    let mut entry = copy_stage("data/clean.parquet", "data/features.parquet");
    let recipe = &mut entry.recipe;
    recipe.cmd = vec!["cargo run --quiet -- features".into(), "if true; then\n\techo \"é: done\"\nfi".into()];
    recipe.wdir = path("sub");
    recipe.deps.insert(place("tools/fit.sh"), Content::File { digest: Digest::of(b"x"), mode: FileMode::Executable });
    recipe.deps.insert(place("data/012"), Content::Tree { digest: Digest::of(b"t") });
    let nested = [("on".to_owned(), Value::List(vec![Value::Null, Value::Bool(true), Value::Float(1e300)]))].into();
    let params = [
        ("elo.k", Value::Float(20.0)),
        ("model", Value::Str("yes".into())),
        ("seed", Value::Int(-7)),
        ("tree", Value::Map(nested)),
        ("zero", Value::Float(-0.0)),
    ];
    let params = params.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    recipe.params = [(path("params.yaml"), params)].into();
    recipe.env = [("LANG".to_owned(), None), ("TZ".to_owned(), Some(Digest::of(b"UTC")))].into();
    recipe.outs.insert(place("metrics.json"), OutFlags { kind: OutKind::Metric, cache: false, persist: true });
    entry.outs.insert(place("metrics.json"), file("m"));
    entry
}

fn gate() -> Entry {
    let mut entry = copy_stage("schemas/raw.yaml", "x");
    entry.recipe.kind = RecipeKind::SchemaGate;
    entry.recipe.cmd.clear();
    entry.recipe.outs.clear();
    entry.recipe.data = [(path("data/raw.parquet"), file("raw"))].into();
    entry.recipe.rules = Some(Rules { digest: Digest::of(b"rules"), checker: 1 });
    entry.outs.clear();
    entry.verdict = Some(Verdict { state: GateState::Pass, summary: "11 rules, 6508 rows".into() });
    entry
}

/// The lock of the golden files.
pub fn golden() -> Lock {
    let mut week = task("train@a");
    week.partition = PartitionKey::new(vec![("week".into(), "3".into())]);
    let tasks = [
        (task("features"), rich_stage()),
        (week, copy_stage("data/features.parquet", "models/a-3.json")),
        (task("validate_raw"), gate()),
    ];
    let past = |state, data: &str, metrics: &[(&str, &str)]| Past {
        state,
        data: data.into(),
        metrics: metrics.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let pasts = vec![
        past(GateState::Pass, "0123456789abcdef", &[]),
        past(GateState::Fail, "1234567890123456", &[("psi elo", "0.31"), ("rows", "6508")]),
    ];
    Lock { tasks: tasks.into(), histories: [(task("validate_raw"), pasts)].into() }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,8}",
        2 => any::<String>(),
        1 => "\\PC{0,10}",
        1 => "[-0-9a-fxob.:_+~#?&*!|>%@`'\" \t\n\\[\\]{},=\\\\]{0,8}",
        1 => prop::sample::select(vec!["yes", "null", "~", "012", "1e3", "12:30:45", "<<", "---", "a: b", "a #b", "\0", "\u{85}"])
            .prop_map(str::to_owned),
        1 => "[a ]{1020,1040}",
    ]
}

fn any_place() -> impl Strategy<Value = Place> {
    let text = (prop::sample::select(vec!["", "/", "../", "../../"]), text());
    text.prop_map(|(start, text)| Place::parse(&format!("{start}{text}")).unwrap_or_else(|_| path("plain").into()))
}

fn any_path() -> impl Strategy<Value = RelPath> {
    text().prop_map(|text| RelPath::parse(&text).unwrap_or_else(|_| path("plain")))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i128>().prop_map(Value::Int),
        any::<f64>().prop_filter("the YAML reader refuses others", |value| value.is_finite()).prop_map(Value::Float),
        prop::sample::select(vec![-0.0, 1e300, 1e-300, 1e16, 3.0, f64::MIN_POSITIVE]).prop_map(Value::Float),
        text().prop_map(Value::Str),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            prop::collection::btree_map(text(), inner, 0..3).prop_map(Value::Map),
        ]
    })
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

fn content() -> impl Strategy<Value = Content> {
    (digest(), 0..3u8).prop_map(|(digest, kind)| match kind {
        0 => Content::File { digest, mode: FileMode::Plain },
        1 => Content::File { digest, mode: FileMode::Executable },
        _ => Content::Tree { digest },
    })
}

fn flags() -> impl Strategy<Value = OutFlags> {
    let kind = prop::sample::select(vec![OutKind::Data, OutKind::Metric, OutKind::Plot]);
    (kind, any::<bool>(), any::<bool>()).prop_map(|(kind, cache, persist)| OutFlags { kind, cache, persist })
}

fn contents<P: Ord + Debug>(paths: impl Strategy<Value = P>) -> impl Strategy<Value = BTreeMap<P, Content>> {
    prop::collection::btree_map(paths, content(), 0..3)
}

pub fn entry() -> impl Strategy<Value = Entry> {
    let kind = prop::sample::select(vec![RecipeKind::Stage, RecipeKind::SchemaGate, RecipeKind::CommandGate]);
    let params = prop::collection::btree_map(any_path(), prop::collection::btree_map(text(), value(), 0..3), 0..2);
    let env = prop::collection::btree_map(text(), prop::option::of(digest()), 0..2);
    let outs = prop::collection::btree_map(any_place(), (flags(), content()), 0..3);
    let degraded = prop::collection::btree_set(text(), 0..2);
    let rules = prop::option::of((digest(), any::<u32>()).prop_map(|(digest, checker)| Rules { digest, checker }));
    let states = vec![GateState::Pass, GateState::Warn, GateState::Fail, GateState::Inconclusive];
    let verdict = prop::option::of((prop::sample::select(states), text()));
    let work = (kind, prop::collection::vec(text(), 0..3), any_path(), (rules, degraded), verdict);
    (work, contents(any_place()), params, env, outs, contents(any_path())).prop_map(
        |(work, deps, params, env, outs, data)| {
            let (kind, cmd, wdir, (rules, degraded), verdict) = work;
            let flags = outs.iter().map(|(path, (flags, _))| (path.clone(), *flags)).collect();
            let outs = outs.into_iter().map(|(path, (_, content))| (path, content)).collect();
            let verdict = verdict.map(|(state, summary)| Verdict { state, summary });
            let recipe = Recipe { kind, cmd, wdir, deps, params, env, outs: flags, data, rules, degraded };
            Entry { recipe, outs, verdict }
        },
    )
}

/// An arbitrary lock whose tasks are all of the pipeline file in the root.
pub fn lock() -> impl Strategy<Value = Lock> {
    let boxed = || text().prop_map(String::into_boxed_str);
    let partition = prop::collection::vec((boxed(), boxed()), 0..3).prop_map(PartitionKey::new);
    let task = (text(), partition).prop_map(|(name, partition)| TaskId { partition, ..task(&name) }).boxed();
    let metrics = prop::collection::btree_map(text(), text(), 0..2);
    let states = prop::sample::select(vec![GateState::Pass, GateState::Review, GateState::Inconclusive]);
    let past = (states, "[0-9a-f]{16}", metrics).prop_map(|(state, data, metrics)| Past { state, data, metrics });
    let histories = prop::collection::btree_map(task.clone(), prop::collection::vec(past, 1..3), 0..2);
    (prop::collection::hash_map(task, entry(), 0..4), histories)
        .prop_map(|(tasks, histories)| Lock { tasks, histories })
}
