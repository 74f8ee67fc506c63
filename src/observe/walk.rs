//! Listing a folder with the stat of all that is in it.

use std::ffi::OsStr;

use rayon::prelude::*;

use super::error::ObserveError;
use super::ignored::Rules;
use super::table::Stamp;
use crate::sys::disk::{Folder, FolderEntry, Kind, Root, Stat};
use crate::words::{Digest, Spot};

/// One entry of a folder, before any file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Relative to the folder.
    pub(super) path: Box<str>,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A file, or what a symlink to a file leads to.
    File(Stat),
    /// A symlink to a folder or to nothing.
    Link(Box<str>),
    EmptyFolder,
}

/// Below this many names a thread of its own costs more than it saves.
const MANY: usize = 512;

/// So many bytes, in the processor's cache, are digested at a time.
const PIECE: usize = 1 << 16;

/// Lists the folder at `base` to any depth, without what `rules` leave out, sorted by the bytes of the paths; symlinks to
/// folders are not entered.
pub(super) fn walk(root: &Root, base: Spot<'_>, rules: &Rules) -> Result<Vec<Row>, ObserveError> {
    let read = |inner: String| read_folder(root, base, &inner, rules);
    let mut found = Found { rows: Vec::new(), folders: vec![String::new()] };
    while !found.folders.is_empty() {
        let mut level = std::mem::take(&mut found.folders).into_iter();
        // How much a folder holds is known only once it was read, so the first ones are read by one thread.
        while found.rows.len() < MANY
            && let Some(inner) = level.next()
        {
            found.take(read(inner)?);
        }
        if level.len() > 0 {
            let rest: Vec<String> = level.collect();
            let rest: Vec<Found> = rest.into_par_iter().map(read).collect::<Result<_, _>>()?;
            found.rows.reserve(rest.iter().map(|folder| folder.rows.len()).sum());
            for folder in rest {
                found.take(folder);
            }
        }
    }
    let mut rows = found.rows;
    // Each folder is sorted already, and a stable sort only merges what is.
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(rows)
}

/// What was read so far.
struct Found {
    rows: Vec<Row>,
    /// Folders that are still to be read, relative to the base.
    folders: Vec<String>,
}

impl Found {
    fn take(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.folders.extend(other.folders);
    }
}

fn read_folder(root: &Root, base: Spot<'_>, inner: &str, rules: &Rules) -> Result<Found, ObserveError> {
    let path = if inner.is_empty() { base.to_place() } else { base.below(inner) };
    let folder = root.open_folder(&path)?;
    let mut entries = folder.entries()?;
    // A folder that holds nothing but what is left out is left out with it.
    if entries.is_empty() && !inner.is_empty() {
        return Ok(Found { rows: vec![Row { path: inner.into(), what: What::EmptyFolder }], folders: Vec::new() });
    }
    rules.keep_part(path.spot(), &mut entries);
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let (inside, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.kind == Kind::Folder);
    let look = |entry: &FolderEntry| look(&folder, inner, entry);
    let rows = if others.len() < MANY {
        others.iter().map(look).collect::<Result<_, _>>()?
    } else {
        others.par_iter().with_min_len(MANY / 4).map(look).collect::<Result<_, _>>()?
    };
    let folders = inside.iter().map(|entry| join(&folder, inner, &entry.name)).collect::<Result<_, _>>()?;
    Ok(Found { rows, folders })
}

fn look(folder: &Folder, inner: &str, entry: &FolderEntry) -> Result<Row, ObserveError> {
    let path = join(folder, inner, &entry.name)?.into_boxed_str();
    let special = |what| {
        let path = folder.path().spot().below(&entry.name.to_string_lossy());
        Err(ObserveError::Special { path, what })
    };
    let what = match folder.stat(&entry.name)? {
        Some(stat) if stat.kind == Kind::File => What::File(stat),
        Some(Stat { kind: Kind::Special(what), .. }) => return special(what),
        _ if entry.kind == Kind::Symlink => What::Link(target(folder, entry)?),
        // It went away, or became something else, after it was listed.
        _ => return Err(ObserveError::Changed { path: folder.path().clone() }),
    };
    Ok(Row { path, what })
}

fn target(folder: &Folder, entry: &FolderEntry) -> Result<Box<str>, ObserveError> {
    let bytes = folder.read_link(&entry.name)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if !text.chars().any(char::is_control) => Ok(text.into()),
        _ => {
            let path = folder.path().spot().below(&entry.name.to_string_lossy());
            let target = bytes.escape_ascii().to_string().into();
            Err(ObserveError::Target { path, target })
        }
    }
}

fn join(folder: &Folder, inner: &str, name: &OsStr) -> Result<String, ObserveError> {
    match name.to_str() {
        Some(name) if !name.chars().any(char::is_control) => {
            Ok(if inner.is_empty() { name.to_owned() } else { [inner, "/", name].concat() })
        }
        _ => {
            let name = name.as_encoded_bytes().escape_ascii().to_string().into();
            Err(ObserveError::Name { folder: folder.path().clone(), name })
        }
    }
}

/// Digests all that must be unchanged for a folder's digest to hold, without reading a file.
pub(super) fn stamp(rows: &[Row]) -> Stamp {
    // In pieces: a buffer for all of a large folder would cost more than its digest.
    let (mut hasher, mut piece) = (blake3::Hasher::new(), Vec::with_capacity(2 * PIECE));
    for row in rows {
        let mut field = |value: &[u8]| {
            piece.extend_from_slice(&(value.len() as u64).to_le_bytes());
            piece.extend_from_slice(value);
        };
        field(row.path.as_bytes());
        match &row.what {
            What::File(stat) => [b"file", &Stamp::of_file(stat).as_bytes()[..]].into_iter().for_each(&mut field),
            What::Link(target) => [b"link", target.as_bytes()].into_iter().for_each(&mut field),
            What::EmptyFolder => field(b"folder"),
        }
        if piece.len() >= PIECE {
            hasher.update(&piece);
            piece.clear();
        }
    }
    hasher.update(&piece);
    Stamp::of_folder(&Digest::from_bytes(*hasher.finalize().as_bytes()), common_dev(rows))
}

fn common_dev(rows: &[Row]) -> u64 {
    let mut devs = rows.iter().filter_map(|row| match &row.what {
        What::File(stat) => Some(stat.dev),
        What::Link(_) | What::EmptyFolder => None,
    });
    let first = devs.next().unwrap_or_default();
    if devs.all(|dev| dev == first) { first } else { 0 }
}
