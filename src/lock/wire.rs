//! One entry of the text, from a tree to its meaning.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_spanned::{Node, Value as Tree};

use super::{Entry, Fault, Verdict, render};
use crate::fingerprint::{OutFlags, Recipe, RecipeKind, Rules};
use crate::pipeline::{OutKind, Value};
use crate::words::GateState;
use crate::words::{Content, Digest, Place, RelPath, TaskId};

/// Reads the entry of `task` in the lock that stands in `home`, and holds it against its seal.
pub fn read_entry(task: &TaskId, home: &RelPath, node: &Node) -> Result<Entry, Fault> {
    let mut draft = Draft::default();
    for (key, value) in entries(node).ok_or(Fault::Shape)? {
        let field = draft.take(key, value).ok_or_else(|| Fault::Value(key.to_owned()))?;
        field.then_some(()).ok_or_else(|| Fault::UnknownKey(key.to_owned()))?;
    }
    let (entry, seal) = draft.finish()?;
    if seal == render::seal(task, home, &entry) { Ok(entry) } else { Err(Fault::Seal) }
}

/// The fields of an entry as far as they have been met.
#[derive(Default)]
struct Draft {
    kind: Option<RecipeKind>,
    cmd: Vec<String>,
    wdir: Option<RelPath>,
    deps: BTreeMap<Place, Content>,
    params: BTreeMap<RelPath, BTreeMap<String, Value>>,
    env: BTreeMap<String, Option<Digest>>,
    data: BTreeMap<RelPath, Content>,
    rules: Option<Digest>,
    checker: Option<u32>,
    flags: BTreeMap<Place, OutFlags>,
    outs: BTreeMap<Place, Content>,
    degraded: BTreeSet<String>,
    verdict: Option<GateState>,
    summary: Option<String>,
    seal: Option<String>,
}

impl Draft {
    /// Takes one field: `None` when its value cannot be read, `false` when the key is not known.
    fn take(&mut self, key: &str, value: &Node) -> Option<bool> {
        match key {
            "gate" => self.kind = Some(gate_kind(value)?),
            "cmd" => self.cmd = commands(value)?,
            "wdir" => self.wdir = Some(path(value.as_str()?)?),
            "deps" => self.deps = map(value, place, content)?,
            "params" => self.params = map(value, path, |params| named(params, |value| Some(meaning(value))))?,
            "env" => self.env = env(value)?,
            "data" => self.data = map(value, path, content)?,
            "rules" => self.rules = Some(digest(value)?),
            "checker" => self.checker = Some(number(value)?),
            "outs" => self.take_outs(value)?,
            "degraded" => self.degraded = texts(value)?,
            "verdict" => self.verdict = Some(GateState::from_word(value.as_str()?)?),
            "summary" => self.summary = Some(value.as_str()?.to_owned()),
            "seal" => self.seal = Some(value.as_str()?.to_owned()),
            _ => return Some(false),
        }
        Some(true)
    }

    fn take_outs(&mut self, node: &Node) -> Option<()> {
        for (text, node) in entries(node)? {
            let path = place(text)?;
            let (content, flags) = out(node)?;
            self.flags.insert(path.clone(), flags);
            self.outs.extend(content.map(|content| (path, content)));
        }
        Some(())
    }

    fn finish(self) -> Result<(Entry, String), Fault> {
        let recipe = Recipe {
            kind: self.kind.unwrap_or(RecipeKind::Stage),
            cmd: self.cmd,
            wdir: self.wdir.unwrap_or_else(RelPath::root),
            deps: self.deps,
            params: self.params,
            env: self.env,
            outs: self.flags,
            data: self.data,
            rules: both(("rules", self.rules), ("checker", self.checker))?
                .map(|(digest, checker)| Rules { digest, checker }),
            degraded: self.degraded,
        };
        let verdict = both(("verdict", self.verdict), ("summary", self.summary))?
            .map(|(state, summary)| Verdict { state, summary });
        let seal = self.seal.ok_or(Fault::Missing("seal"))?;
        Ok((Entry { recipe, outs: self.outs, verdict }, seal))
    }
}

/// Joins two fields of which neither stands alone.
fn both<A, B>(a: (&'static str, Option<A>), b: (&'static str, Option<B>)) -> Result<Option<(A, B)>, Fault> {
    match (a.1, b.1) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Fault::Missing(a.0)),
        (Some(_), None) => Err(Fault::Missing(b.0)),
    }
}

fn entries(node: &Node) -> Option<impl Iterator<Item = (&str, &Node)>> {
    let Tree::Map(entries) = &node.value else { return None };
    Some(entries.iter().map(|(key, value)| (key.text.as_str(), value)))
}

fn map<K: Ord, V>(
    node: &Node,
    key: impl Fn(&str) -> Option<K>,
    value: impl Fn(&Node) -> Option<V>,
) -> Option<BTreeMap<K, V>> {
    entries(node)?.map(|(text, node)| Some((key(text)?, value(node)?))).collect()
}

/// Reads a mapping by names, which may be any text.
fn named<V>(node: &Node, value: impl Fn(&Node) -> Option<V>) -> Option<BTreeMap<String, V>> {
    map(node, |text| Some(text.to_owned()), value)
}

fn path(text: &str) -> Option<RelPath> {
    RelPath::parse(text).ok()
}

fn place(text: &str) -> Option<Place> {
    Place::parse(text).ok()
}

fn content(node: &Node) -> Option<Content> {
    node.as_str()?.parse().ok()
}

fn digest(node: &Node) -> Option<Digest> {
    node.as_str()?.parse().ok()
}

fn env(node: &Node) -> Option<BTreeMap<String, Option<Digest>>> {
    named(node, |value| if value.value == Tree::Null { Some(None) } else { digest(value).map(Some) })
}

fn texts(node: &Node) -> Option<BTreeSet<String>> {
    let Tree::List(items) = &node.value else { return None };
    items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn number(node: &Node) -> Option<u32> {
    if let Tree::Int(value) = node.value { u32::try_from(value).ok() } else { None }
}

fn boolean(node: &Node) -> Option<bool> {
    if let Tree::Bool(value) = node.value { Some(value) } else { None }
}

fn gate_kind(node: &Node) -> Option<RecipeKind> {
    RecipeKind::of_gate(node.as_str()?)
}

fn commands(node: &Node) -> Option<Vec<String>> {
    match &node.value {
        Tree::Str(only) => Some(vec![only.clone()]),
        Tree::List(several) => several.iter().map(|line| line.as_str().map(str::to_owned)).collect(),
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Float(_) | Tree::Map(_) => None,
    }
}

fn out(node: &Node) -> Option<(Option<Content>, OutFlags)> {
    let mut flags = OutFlags { kind: OutKind::Data, cache: true, persist: false };
    if node.as_str().is_some() {
        return Some((Some(content(node)?), flags));
    }
    let mut found = None;
    for (key, value) in entries(node)? {
        match key {
            "content" => found = Some(content(value)?),
            "kind" => flags.kind = out_kind(value.as_str()?)?,
            "cache" => flags.cache = boolean(value)?,
            "persist" => flags.persist = boolean(value)?,
            _ => return None,
        }
    }
    Some((found, flags))
}

fn out_kind(word: &str) -> Option<OutKind> {
    match word {
        "metric" => Some(OutKind::Metric),
        "plot" => Some(OutKind::Plot),
        _ => None,
    }
}

fn meaning(node: &Node) -> Value {
    match &node.value {
        Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Int(value) => Value::Int(*value),
        Tree::Float(value) => Value::Float(*value),
        Tree::Str(text) => Value::Str(text.clone()),
        Tree::List(items) => Value::List(items.iter().map(meaning).collect()),
        Tree::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.text.clone(), meaning(value))).collect())
        }
    }
}
