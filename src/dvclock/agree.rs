//! Whether an entry is about a stage as it is declared, as far as texts can tell; and which digests it claims.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::entry::{Entry, Item, Keys, Plain, same_entries};
use crate::pipeline::{Node, ParamValues, Value};
use crate::words::text::inert;
use crate::words::{Md5Form, Oid, Place, RelPath};

/// What must stand at the paths for the entry to be true of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub deps: Vec<Claim>,
    pub outs: Vec<Claim>,
}

/// One path with the digest under which DVC knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub path: Place,
    pub form: Md5Form,
    pub oid: Oid,
    /// In bytes, where it was recorded: another size spares the hashing.
    pub size: Option<u64>,
    pub is_executable: bool,
}

/// What speaks against an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    Command,
    /// Declared, and not in the entry.
    New {
        what: Kind,
        name: String,
    },
    /// In the entry, and not declared any more.
    Gone {
        what: Kind,
        name: String,
    },
    Param {
        file: RelPath,
        key: String,
    },
    /// Known by something else than an MD5, as a URL is.
    NoMd5 {
        what: Kind,
        name: String,
    },
    /// What stands there has another digest.
    Changed {
        what: Kind,
        path: Place,
    },
    /// It is not here, and cannot be taken from DVC's cache, for the reason given.
    Lost {
        path: Place,
        why: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Dep,
    Out,
    Params,
}

/// Returns what the entry claims of `node`, a stage, or all that speaks against it.
///
/// `params` are the values of what the stage names, as far as they are known: a file that a stage makes and that is not among
/// them is not compared. What was removed from the stage counts as much as what was added (DVC overlooks the first).
pub fn claims(entry: &Entry, node: &Node, params: &ParamValues) -> Result<Claims, Vec<Stale>> {
    let mut against = Vec::new();
    if node.stage().is_none_or(|stage| stage.cmd != entry.cmd.lines()) {
        against.push(Stale::Command);
    }
    compare_params(entry, node, params, &mut against);
    let deps: Vec<&Place> = node.deps.iter().map(|dep| &dep.path).collect();
    let outs: Vec<&Place> = node.outs().iter().map(|out| &out.path).collect();
    let deps = claims_of(&entry.deps, &deps, (Kind::Dep, &node.wdir), &mut against);
    let outs = claims_of(&entry.outs, &outs, (Kind::Out, &node.wdir), &mut against);
    if against.is_empty() { Ok(Claims { deps, outs }) } else { Err(against) }
}

fn claims_of(items: &[Item], paths: &[&Place], (what, wdir): (Kind, &RelPath), against: &mut Vec<Stale>) -> Vec<Claim> {
    let mut claims = Vec::new();
    let mut known = BTreeSet::new();
    for item in items {
        let Some(path) = wdir.place(&item.path).ok().filter(|path| paths.contains(&path)) else {
            against.push(Stale::Gone { what, name: item.path.clone() });
            continue;
        };
        known.insert(path.clone());
        match item.oid {
            Some(oid) => {
                let Item { form, size, is_executable, .. } = *item;
                claims.push(Claim { path, form, oid, size, is_executable });
            }
            None => against.push(Stale::NoMd5 { what, name: item.path.clone() }),
        }
    }
    let new = paths.iter().filter(|path| !known.contains(**path));
    against.extend(new.map(|path| Stale::New { what, name: path.to_string() }));
    claims
}

type ByFile = BTreeMap<RelPath, Keys>;

fn compare_params(entry: &Entry, node: &Node, params: &ParamValues, against: &mut Vec<Stale>) {
    let mut locked = ByFile::new();
    for (file, keys) in &entry.params {
        match node.wdir.join(file) {
            Ok(path) => drop(locked.insert(path, keys.clone())),
            Err(_) => against.push(Stale::Gone { what: Kind::Params, name: file.clone() }),
        }
    }
    let declared = declared(params);
    let open = node.made_params.iter().map(|made| &made.file).filter(|file| !declared.contains_key(*file));
    open.for_each(|file| drop(locked.remove(file)));
    for (file, keys) in &declared {
        match locked.remove(file) {
            Some(was) if same_entries(keys, &was) => {}
            Some(was) => against.extend(differing(keys, &was).map(|key| Stale::Param { file: file.clone(), key })),
            None => against.push(Stale::New { what: Kind::Params, name: file.to_string() }),
        }
    }
    against.extend(locked.into_keys().map(|file| Stale::Gone { what: Kind::Params, name: file.to_string() }));
}

/// Returns parameters as entries have them: a file that is named as a whole is its keys.
fn declared(params: &ParamValues) -> ByFile {
    let keys = |(key, value): (&String, &Value)| Plain::from_value(value).into_keys(key);
    params.iter().map(|(file, values)| (file.clone(), values.iter().flat_map(keys).collect())).collect()
}

fn differing<'a>(now: &'a [(String, Plain)], was: &'a [(String, Plain)]) -> impl Iterator<Item = String> + use<'a> {
    let is_in = |(key, value): &(String, Plain), other: &[(String, Plain)]| {
        other.iter().any(|(name, of_other)| name == key && value.equals(of_other))
    };
    let changed = now.iter().filter(move |entry| !is_in(entry, was));
    let gone = was.iter().filter(|(key, _)| !now.iter().any(|(name, _)| name == key));
    changed.chain(gone).map(|(key, _)| key.clone())
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Dep => "dep",
            Self::Out => "out",
            Self::Params => "parameter file",
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("its command is another one"),
            Self::New { what, name } => write!(f, "{} `{}` is new", what.word(), inert(name)),
            Self::Gone { what, name } => write!(f, "{} `{}` is not declared any more", what.word(), inert(name)),
            Self::Param { file, key } => write!(f, "param `{}` of `{file}` is another one", inert(key)),
            Self::NoMd5 { what, name } => write!(f, "{} `{}` is not known by an MD5", what.word(), inert(name)),
            Self::Changed { what, path } => write!(f, "{} `{path}` is not what DVC has seen", what.word()),
            Self::Lost { path, why } => write!(f, "out `{path}` is missing, and {why}"),
        }
    }
}
