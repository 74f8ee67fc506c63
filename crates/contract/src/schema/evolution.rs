//! `environments:` and `evolution:` — how the rules differ from place to place, and how they may change over time.

use lockgate_spanned::{Fields, Key, Node, Value, nearest};

use super::ast::{Schema, name_in};
use super::column::scalar;
use super::declared::Declared;
use super::lower::{Reader, Word};
use super::names::column_names;

/// A place where tables lack some columns: what is served has no outcome yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub name: String,
    /// Columns that may be absent there; present ones are judged as anywhere.
    pub optional: Vec<String>,
    pub at: String,
}

/// What a change of the schema means for those who read the table; what is not said is for `schema diff` to decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evolution {
    /// A column is there that was not.
    pub added: Option<OnChange>,
    pub removed: Option<OnChange>,
    /// A rule allows less than it did.
    pub narrowed: Option<OnChange>,
    /// A rule allows more than it did.
    pub widened: Option<OnChange>,
    /// Old names and new ones.
    pub renamed: Vec<(String, String)>,
}

/// What a change does, the harmless first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnChange {
    Allow,
    Warn,
    Fail,
}

impl OnChange {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("allow", Self::Allow), ("warn", Self::Warn), ("fail", Self::Fail)];

    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

/// There is no such environment in the schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema has no environment `{name}`; {}", next_step(.nearest.as_deref(), .name))]
pub struct UnknownEnvironment {
    pub name: String,
    pub nearest: Option<String>,
}

fn next_step(nearest: Option<&str>, name: &str) -> String {
    nearest.map_or_else(
        || format!("add it to the schema: `environments: {{{name}: {{optional: [COLUMN]}}}}`"),
        |near| format!("did you mean `{near}`?"),
    )
}

impl Schema {
    /// Returns the rules that hold in the environment `name`: its optional columns may be absent.
    ///
    /// Rules that need an absent column are left out of the report then; what is there is judged in full.
    pub fn in_environment(&self, name: &str) -> Result<Self, UnknownEnvironment> {
        let Some(environment) = self.environments.iter().find(|environment| environment.name == name) else {
            let names = self.environments.iter().map(|environment| environment.name.as_str());
            return Err(UnknownEnvironment { name: name.to_owned(), nearest: nearest(name, names).map(str::to_owned) });
        };
        let mut schema = self.clone();
        for column in schema.columns.iter_mut().filter(|column| environment.optional.contains(&column.name)) {
            column.optional = true;
        }
        Ok(schema)
    }
}

/// Reads all environments; those with a mistake are noted and left out.
pub(super) fn environments(
    node: &Node,
    key: Option<&[String]>,
    declared: &Declared,
    reader: &mut Reader<'_>,
) -> Vec<Environment> {
    let Value::Map(entries) = &node.value else {
        let message = format!("`environments` is {}, not a mapping", node.value.kind());
        let help = "name each: `environments: {serving: {optional: [home_score]}}`";
        return reader.refuse("schema::bad-environment", node.span, message, help).unwrap_or_default();
    };
    entries.iter().filter_map(|(name, node)| environment(name, node, key, declared, reader)).collect()
}

pub(super) const ENVIRONMENT_KEYS: [&str; 2] = ["optional", "doc"];

fn environment(
    name: &Key,
    node: &Node,
    key: Option<&[String]>,
    declared: &Declared,
    reader: &mut Reader<'_>,
) -> Option<Environment> {
    let what = format!("environment `{}`", name.text);
    let fields = Fields::open(node, &what, &ENVIRONMENT_KEYS, reader.source, reader.problems)?;
    let Some(node) = fields.get("optional") else {
        let help = "add `optional: [home_score]`, the columns that may be absent there";
        return reader.refuse("schema::bad-environment", name.span, format!("{what} says nothing"), help);
    };
    let optional = column_names("optional", node, declared, reader)?;
    if let Some(column) = optional.iter().find(|column| key.is_some_and(|key| key.contains(column))) {
        let message = format!("`{column}` is in the key, and may not be absent");
        return reader.refuse("schema::bad-environment", node.span, message, "leave it out of `optional`");
    }
    Some(Environment { name: name.text.clone(), optional, at: reader.source.cite(name.span) })
}

pub(super) const KEYS: [&str; 6] = ["added", "removed", "narrowed", "widened", "renamed", "doc"];

/// Reads `evolution:`; what has a mistake is noted and left out.
pub(super) fn evolution(node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Evolution {
    let Some(fields) = Fields::open(node, "`evolution`", &KEYS, reader.source, reader.problems) else {
        return Evolution::default();
    };
    let mut change = |key: &str| {
        let word = scalar(key, fields.get(key)?, reader)?;
        reader.choice(key, word, &OnChange::ALL)
    };
    let (added, removed) = (change("added"), change("removed"));
    let (narrowed, widened) = (change("narrowed"), change("widened"));
    let renamed = fields.get("renamed").and_then(|node| renamed(node, declared, reader)).unwrap_or_default();
    Evolution { added, removed, narrowed, widened, renamed }
}

fn renamed(node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Vec<(String, String)>> {
    let Value::Map(entries) = &node.value else {
        let message = format!("`renamed` is {}, not a mapping", node.value.kind());
        return reader.refuse("schema::bad-evolution", node.span, message, "write `renamed: {old_name: new_name}`");
    };
    let mut names = Vec::with_capacity(entries.len());
    for (old, node) in entries {
        let Some(new) = scalar(&old.text, node, reader) else { continue };
        let new = Word { text: new.text, span: new.span };
        if declared.expect("`renamed`", new, reader).is_none() {
            continue;
        }
        if declared.names().any(|name| name == old.text) {
            let message = format!("`{}` is renamed and still declared", old.text);
            let help = "an old name stands before the colon, a new one after it";
            reader.refuse::<()>("schema::bad-evolution", old.span, message, help);
        }
        names.push((old.text.clone(), new.text.to_owned()));
    }
    Some(names)
}
