//! Recipes, their fields, and what differs between two of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::encode;
use crate::pipeline::{OutKind, Value};
use crate::words::{Content, Digest, Place, RelPath, Spot};

/// Everything that identifies a task's work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    pub kind: RecipeKind,
    pub cmd: Vec<String>,
    pub wdir: RelPath,
    pub deps: BTreeMap<Place, Content>,
    pub params: BTreeMap<RelPath, BTreeMap<String, Value>>,
    /// The digest of each declared variable's value; `None` when it is not set.
    pub env: BTreeMap<String, Option<Digest>>,
    pub outs: BTreeMap<Place, OutFlags>,
    /// What a gate judges; empty for a stage.
    pub data: BTreeMap<RelPath, Content>,
    pub rules: Option<Rules>,
    /// The gates that failed and let the inputs of a stage pass as degraded; what is made of them is not the same work.
    pub degraded: BTreeSet<String>,
}

/// The kind of work a recipe describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipeKind {
    Stage,
    SchemaGate,
    CommandGate,
    FreshnessGate,
    DriftGate,
    CalibrationGate,
    RegressionGate,
    ToleranceGate,
    SqlGate,
    LeakageGate,
    ApprovalGate,
}

/// The flags of an out that change what its stage does or keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutFlags {
    pub kind: OutKind,
    pub cache: bool,
    pub persist: bool,
}

/// The rules a gate applies: their normal form by digest, and the version of what applies them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub digest: Digest,
    pub checker: u32,
}

/// What a field is about. The order of the variants is the order of the fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Label {
    Kind,
    Command,
    Wdir,
    Dep(Place),
    Param { file: RelPath, key: String },
    Env(String),
    Out(Place),
    Data(RelPath),
    Rules,
    Checker,
    Degraded,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Field {
    Kind(RecipeKind),
    Lines(Vec<String>),
    Path(RelPath),
    Content(Content),
    Value(Value),
    Env(Option<Digest>),
    Flags(OutFlags),
    Digest(Digest),
    Number(u32),
}

/// A field in which two recipes differ: `None` where one of them does not have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub label: Label,
    pub was: Option<Field>,
    pub now: Option<Field>,
}

impl Recipe {
    /// Returns the fields in their fixed order; the digest and the explanation are both made of these.
    pub fn fields(&self) -> Vec<(Label, Field)> {
        let mut fields = vec![
            (Label::Kind, Field::Kind(self.kind)),
            (Label::Command, Field::Lines(self.cmd.clone())),
            (Label::Wdir, Field::Path(self.wdir.clone())),
        ];
        let content = |content: &Content| Field::Content(*content);
        fields.extend(self.deps.iter().map(|(path, dep)| (Label::Dep(path.clone()), content(dep))));
        for (file, params) in &self.params {
            let label = |key: &String| Label::Param { file: file.clone(), key: key.clone() };
            fields.extend(params.iter().map(|(key, value)| (label(key), Field::Value(value.clone()))));
        }
        fields.extend(self.env.iter().map(|(name, digest)| (Label::Env(name.clone()), Field::Env(*digest))));
        fields.extend(self.outs.iter().map(|(path, flags)| (Label::Out(path.clone()), Field::Flags(*flags))));
        fields.extend(self.data.iter().map(|(path, data)| (Label::Data(path.clone()), content(data))));
        fields.extend(self.rules.iter().flat_map(|rules| {
            [(Label::Rules, Field::Digest(rules.digest)), (Label::Checker, Field::Number(rules.checker))]
        }));
        if !self.degraded.is_empty() {
            let gates = self.degraded.iter().cloned().collect();
            fields.push((Label::Degraded, Field::Lines(gates)));
        }
        fields
    }

    /// Returns all that the work reads, with its content: the deps, then what a gate judges.
    pub fn inputs(&self) -> impl Iterator<Item = (Spot<'_>, Content)> {
        let deps = self.deps.iter().map(|(path, content)| (path.spot(), *content));
        deps.chain(self.data.iter().map(|(path, content)| (path.into(), *content)))
    }

    /// Returns the digest of all the fields: the key by which the run cache and the verdicts know this work.
    pub fn key(&self) -> Digest {
        encode::digest(&self.fields())
    }

    /// Returns the digest of all the fields but the data: by what a gate judges, whatever it judges.
    pub fn rules_key(&self) -> Digest {
        Self { data: BTreeMap::new(), ..self.clone() }.key()
    }

    /// Returns the fields in which `self`, the locked recipe, differs from `now`, in the order of the fields.
    pub fn diff(&self, now: &Self) -> Vec<Change> {
        let mut changes: BTreeMap<Label, (Option<Field>, Option<Field>)> = BTreeMap::new();
        for (label, field) in self.fields() {
            changes.entry(label).or_default().0 = Some(field);
        }
        for (label, field) in now.fields() {
            changes.entry(label).or_default().1 = Some(field);
        }
        let differs = changes.into_iter().filter(|(_, (was, now))| was != now);
        differs.map(|(label, (was, now))| Change { label, was, now }).collect()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind => f.write_str("kind of work"),
            Self::Command => f.write_str("command"),
            Self::Wdir => f.write_str("working folder"),
            Self::Dep(path) => write!(f, "dep `{path}`"),
            Self::Param { file, key } if key.is_empty() => write!(f, "params file `{file}`"),
            Self::Param { file, key } => write!(f, "param `{key}` of `{file}`"),
            Self::Env(name) => write!(f, "environment variable `{name}`"),
            Self::Out(path) => write!(f, "out `{path}`"),
            Self::Data(path) => write!(f, "data `{path}`"),
            Self::Rules => f.write_str("rules"),
            Self::Checker => f.write_str("version of the checker"),
            Self::Degraded => f.write_str("degraded by"),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => f.write_str(kind.word()),
            Self::Lines(lines) => write!(f, "`{}`", lines.join("` then `")),
            Self::Path(path) => write!(f, "`{path}`"),
            Self::Content(content) => f.write_str(&content.short()),
            Self::Value(value) => write!(f, "{value}"),
            Self::Env(Some(digest)) => write!(f, "value {}", digest.short()),
            Self::Env(None) => f.write_str("not set"),
            Self::Flags(flags) => write!(f, "{flags}"),
            Self::Digest(digest) => f.write_str(&digest.short()),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for OutFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            OutKind::Data => "out",
            OutKind::Metric => "metric",
            OutKind::Plot => "plot",
        };
        f.write_str(kind)?;
        f.write_str(if self.cache { "" } else { ", not cached" })?;
        f.write_str(if self.persist { ", persistent" } else { "" })
    }
}

impl RecipeKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::SchemaGate => "schema",
            Self::CommandGate => "command",
            Self::FreshnessGate => "freshness",
            Self::DriftGate => "drift",
            Self::CalibrationGate => "calibration",
            Self::RegressionGate => "regression",
            Self::ToleranceGate => "tolerance",
            Self::SqlGate => "sql",
            Self::LeakageGate => "leakage",
            Self::ApprovalGate => "approval",
        }
    }

    /// Returns the gate whose kind [`word`](Self::word) writes so.
    pub fn of_gate(word: &str) -> Option<Self> {
        let all = [
            Self::SchemaGate,
            Self::CommandGate,
            Self::FreshnessGate,
            Self::DriftGate,
            Self::CalibrationGate,
            Self::RegressionGate,
            Self::ToleranceGate,
            Self::SqlGate,
            Self::LeakageGate,
            Self::ApprovalGate,
        ];
        all.into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::FileMode;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("a path")
    }

    fn place(text: &str) -> Place {
        Place::parse(text).expect("a path")
    }

    fn file(text: &str) -> Content {
        Content::File { digest: Digest::of(text.as_bytes()), mode: FileMode::Plain }
    }

    fn recipe() -> Recipe {
        Recipe {
            kind: RecipeKind::Stage,
            cmd: vec!["cp a b".into()],
            wdir: RelPath::root(),
            deps: [(place("a"), file("1")), (place("c"), file("2"))].into(),
            params: [(path("params.yaml"), [("lr".to_owned(), Value::Float(0.1))].into())].into(),
            env: [("TZ".to_owned(), None)].into(),
            outs: [(place("b"), OutFlags { kind: OutKind::Data, cache: true, persist: false })].into(),
            data: BTreeMap::new(),
            rules: None,
            degraded: BTreeSet::new(),
        }
    }

    #[test]
    fn the_key_is_a_golden_vector() {
        // A change of this value is a change of the encoding: raise `VERSION` with it.
        insta::assert_snapshot!(recipe().key(), @"cba63b5183321e9f63a7d37069d199f0f2ea221d0ed78bb000bff6c2365b35ce");
    }

    #[test]
    fn every_field_changes_the_key_and_is_explained() {
        let check = |change: fn(&mut Recipe), expect: &str| {
            let mut now = recipe();
            change(&mut now);
            assert_ne!(now.key(), recipe().key(), "{expect}");
            let labels: Vec<String> = recipe().diff(&now).iter().map(|change| change.label.to_string()).collect();
            assert_eq!(labels.join(", "), expect);
        };
        check(|r| r.cmd.push("true".into()), "command");
        check(|r| r.cmd = vec!["cp a".into(), " b".into()], "command");
        check(|r| r.wdir = path("sub"), "working folder");
        check(
            |r| {
                r.deps.insert(place("a"), file("3"));
            },
            "dep `a`",
        );
        check(
            |r| {
                r.deps.remove("a");
            },
            "dep `a`",
        );
        check(
            |r| {
                r.env.insert("TZ".into(), Some(Digest::of(b"UTC")));
            },
            "environment variable `TZ`",
        );
        check(
            |r| {
                r.params.clear();
            },
            "param `lr` of `params.yaml`",
        );
        check(
            |r| {
                r.outs.clear();
            },
            "out `b`",
        );
        check(
            |r| {
                r.degraded.insert("fresh".to_owned());
            },
            "degraded by",
        );
        check(|r| r.rules = Some(Rules { digest: Digest::of(b""), checker: 1 }), "rules, version of the checker");
    }

    #[test]
    fn swapping_two_inputs_changes_the_key() {
        let mut swapped = recipe();
        swapped.deps = [(place("a"), file("2")), (place("c"), file("1"))].into();
        assert_ne!(swapped.key(), recipe().key());
    }
}
