//! Text to entries. What is in doubt is dropped and named: evidence is never needed, only welcome.

use std::collections::BTreeMap;
use std::fmt;

use lockgate_spanned::{Node, Problems, Source, Value as Yaml, read as read_yaml};

use super::entry::{Cmd, Entry, Item, Keys, Plain};
use super::plainly;
use crate::lock::conflict::sides;
use crate::lock::pieces::Piece;
use crate::words::text::{inert, list};
use crate::words::{Md5Form, Oid};

/// The blocks of a dvc.lock by the names of their stages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DvcLock {
    blocks: BTreeMap<String, Block>,
}

/// The text of one stage, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    line: usize,
    text: String,
}

/// What is wrong with the text as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    Empty,
    /// A `schema` that this version does not know.
    Schema(String),
    /// Merge conflict markers from this line on; stages of which the two sides differ are left out.
    Conflict {
        line: usize,
        disputed: Vec<String>,
    },
    /// It is not the mapping that DVC writes.
    Shape {
        line: usize,
    },
}

/// Why a block says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("not valid YAML, or a key is given twice")]
    Syntax,
    #[error("not an entry as DVC writes it: `{0}` is missing or of another kind")]
    Shape(&'static str),
}

impl DvcLock {
    /// Cuts a text into the blocks of its stages.
    pub fn read(text: &str) -> (Self, Option<Trouble>) {
        if text.trim().is_empty() {
            return (Self::default(), Some(Trouble::Empty));
        }
        let Some(sides) = sides(text) else { return Self::of_one_side(text) };
        let (mut ours, _) = Self::of_one_side(&sides.ours);
        let (theirs, _) = Self::of_one_side(&sides.theirs);
        let agree = |name: &str| ours.said(name) == theirs.said(name);
        let names = ours.blocks.keys().chain(theirs.blocks.keys().filter(|name| !ours.blocks.contains_key(*name)));
        let disputed: Vec<String> = names.filter(|name| !agree(name)).cloned().collect();
        ours.blocks.retain(|name, _| !disputed.contains(name));
        (ours, Some(Trouble::Conflict { line: sides.line, disputed }))
    }

    fn of_one_side(text: &str) -> (Self, Option<Trouble>) {
        let top = Piece { line: 1, text }.cut();
        let find = |key: &str| top.iter().find(|piece| piece.text.trim_start().starts_with(&format!("{key}:")));
        // A list is cut into nothing.
        if top.is_empty() {
            return (Self::default(), Some(Trouble::Shape { line: 1 }));
        }
        let Some(schema) = find("schema") else { return Self::of_stages(&top) };
        match mapping(schema.text).as_ref().map(|(_, node)| &node.value) {
            Some(Yaml::Str(version)) if version == "2.0" => {}
            Some(_) | None => {
                let said = schema.text.trim().trim_start_matches("schema:").trim().to_owned();
                return (Self::default(), Some(Trouble::Schema(said)));
            }
        }
        match find("stages") {
            // `{}` after the key is a project that has no entry yet.
            Some(stages) => {
                let (first, blocks) = stages.split_first_line();
                match first.split(" #").next().unwrap_or_default().trim_end() {
                    "stages:" | "stages: {}" => Self::of_stages(&blocks.cut()),
                    _ => (Self::default(), Some(Trouble::Shape { line: stages.line })),
                }
            }
            None => (Self::default(), None),
        }
    }

    /// The first form of the file had the stages at its top.
    fn of_stages(pieces: &[Piece<'_>]) -> (Self, Option<Trouble>) {
        let mut blocks = BTreeMap::new();
        let mut trouble = None;
        for piece in pieces {
            match name_of(piece.text) {
                Some(name) => drop(blocks.insert(name, Block { line: piece.line, text: piece.text.to_owned() })),
                None => trouble = trouble.or(Some(Trouble::Shape { line: piece.line })),
            }
        }
        (Self { blocks }, trouble)
    }

    /// Returns the names of the stages that have an entry.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.blocks.keys().map(String::as_str)
    }

    /// Reads the entry of a stage; `None` when there is none.
    pub fn entry(&self, stage: &str) -> Option<Result<Entry, Fault>> {
        self.blocks.get(stage).map(|block| plainly::read(&block.text).map_or_else(|| read_by_yaml(&block.text), Ok))
    }

    /// Returns the lines of a block that say something: each side of a conflict has blank ones where the other has its own.
    pub(super) fn said(&self, stage: &str) -> Option<Vec<&str>> {
        let text = &self.blocks.get(stage)?.text;
        Some(text.lines().filter(|line| !line.trim().is_empty()).collect())
    }

    /// Returns the line on which the entry of a stage begins.
    pub fn line(&self, stage: &str) -> Option<usize> {
        self.blocks.get(stage).map(|block| block.line)
    }
}

/// Returns the key of a block, which in most texts needs no reader.
fn name_of(block: &str) -> Option<String> {
    let first = block.lines().find(|line| !line.trim().is_empty())?.trim();
    let is_bare = first.strip_suffix(':').is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-@./".contains(c)) && !is_number(name)
    });
    if is_bare { first.strip_suffix(':').map(str::to_owned) } else { mapping(block).map(|(name, _)| name) }
}

fn is_number(name: &str) -> bool {
    name.parse::<f64>().is_ok()
}

/// Reads a text that is a mapping of one key.
fn mapping(text: &str) -> Option<(String, Node)> {
    let mut problems = Problems::default();
    let node = read_yaml(&Source::new("dvc.lock", text), &mut problems)?;
    let Yaml::Map(mut entries) = node.value else { return None };
    let (key, value) = entries.pop().filter(|_| problems.is_empty() && entries.is_empty())?;
    Some((key.text, value))
}

/// Reads the block of a stage in whatever way it is written.
pub(super) fn read_by_yaml(block: &str) -> Result<Entry, Fault> {
    let (_, node) = mapping(block).ok_or(Fault::Syntax)?;
    entry_of(&node)
}

/// Reads a text of DVC's run cache, which is one entry; `None` when it is none.
pub fn read_run(text: &str) -> Option<Entry> {
    let mut problems = Problems::default();
    let node = read_yaml(&Source::new("run", text), &mut problems)?;
    entry_of(&node).ok().filter(|_| problems.is_empty())
}

fn entry_of(node: &Node) -> Result<Entry, Fault> {
    let cmd = node.get("cmd").and_then(cmd).ok_or(Fault::Shape("cmd"))?;
    let items = |key: &'static str| match node.get(key) {
        None => Ok(Vec::new()),
        Some(list) => {
            let items = list.as_list().and_then(|items| items.iter().map(item).collect::<Option<_>>());
            items.ok_or(Fault::Shape(key))
        }
    };
    Ok(Entry { cmd, deps: items("deps")?, params: params(node).ok_or(Fault::Shape("params"))?, outs: items("outs")? })
}

fn cmd(node: &Node) -> Option<Cmd> {
    match &node.value {
        Yaml::Str(line) => Some(Cmd::One(line.clone())),
        Yaml::List(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().map(Cmd::List)
        }
        Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Map(_) => None,
    }
}

/// Reads the text of the key `params` alone.
pub(super) fn read_params(text: &str) -> Option<Vec<(String, Keys)>> {
    let (_, params) = mapping(text)?;
    params_of(&params)
}

fn params(node: &Node) -> Option<Vec<(String, Keys)>> {
    node.get("params").map_or_else(|| Some(Vec::new()), params_of)
}

fn params_of(params: &Node) -> Option<Vec<(String, Keys)>> {
    let of_file = |file: &Node| match Plain::from_yaml(file) {
        Plain::Map(keys) => Some(keys),
        Plain::Null => Some(Vec::new()),
        Plain::Bool(_) | Plain::Int(_) | Plain::Float(_) | Plain::Str(_) | Plain::List(_) => None,
    };
    params.as_map()?.iter().map(|(file, keys)| Some((file.text.clone(), of_file(keys)?))).collect()
}

fn item(node: &Node) -> Option<Item> {
    let path = node.get("path")?.as_str()?.to_owned();
    let form = if node.get("hash").is_some() { Md5Form::Bytes } else { Md5Form::Text };
    let is_plain = node.get("hash").is_none_or(|hash| hash.as_str() == Some("md5"));
    let oid = node.get("md5").and_then(Node::as_str).and_then(|md5| md5.parse::<Oid>().ok());
    let count = |key: &str| if let Yaml::Int(count) = node.get(key)?.value { u64::try_from(count).ok() } else { None };
    let is_executable = matches!(node.get("isexec").map(|node| &node.value), Some(Yaml::Bool(true)));
    let (size, n_files) = (count("size"), count("nfiles"));
    Some(Item { path, form, oid: oid.filter(|_| is_plain), size, n_files, is_executable })
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty, as DVC leaves it when it is killed while it writes"),
            Self::Schema(said) => write!(f, "says `schema: {}`, of which only '2.0' is known", inert(said)),
            Self::Conflict { line, disputed } if disputed.is_empty() => {
                write!(f, "has merge conflict markers (line {line})")
            }
            Self::Conflict { line, disputed } => {
                let mut named: Vec<String> =
                    disputed.iter().take(SHOWN).map(|name| format!("`{}`", inert(name))).collect();
                if disputed.len() > SHOWN {
                    named.push(format!("{} more", disputed.len() - SHOWN));
                }
                write!(f, "has merge conflict markers (line {line}), and its sides differ on {}", list(&named))
            }
            Self::Shape { line } => write!(f, "is not what DVC writes (line {line})"),
        }
    }
}

/// More would hide what follows on a terminal.
const SHOWN: usize = 5;
