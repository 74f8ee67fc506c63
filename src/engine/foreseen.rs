//! What a folder is once parts of it stand in place.
//!
//! It knows what is about to be placed, not who places it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::observe::{ObserveError, Observer, TreeEntry, TreeNode, listing_of};
use crate::words::{Content, Digest, RelPath};

/// What is about to stand at a path inside of a folder.
pub(super) struct Part<'a> {
    pub(super) path: &'a RelPath,
    pub(super) content: Content,
    /// Of a folder, relative to it; of a file nobody looks at them.
    pub(super) entries: Cow<'a, [TreeEntry]>,
}

/// Returns what `folder` is once all the parts stand in it, in place of what is there.
pub(super) fn joined(folder: &RelPath, parts: &[Part<'_>], observer: &Observer) -> Result<Content, ObserveError> {
    let mut nodes: BTreeMap<RelPath, TreeNode> =
        observer.entries(folder)?.into_iter().map(|entry| (entry.path, entry.node)).collect();
    for Part { path, content, entries } in parts {
        let place = RelPath::parse(&path.seen_from(folder)).expect("it lies in the folder");
        let is_empty_above =
            |path: &RelPath, node: &TreeNode| matches!(node, TreeNode::Folder) && path.contains(&place);
        nodes.retain(|path, node| !(is_empty_above(path, node) || place.contains(path)));
        match *content {
            Content::File { digest, mode } => drop(nodes.insert(place, TreeNode::File { digest, mode })),
            Content::Tree { .. } if entries.is_empty() => drop(nodes.insert(place, TreeNode::Folder)),
            Content::Tree { .. } => nodes.extend(entries.iter().map(|entry| {
                (place.join(entry.path.as_str()).expect("a path of a checked listing"), entry.node.clone())
            })),
        }
    }
    let entries: Vec<TreeEntry> = nodes.into_iter().map(|(path, node)| TreeEntry { path, node }).collect();
    Ok(Content::Tree { digest: Digest::of(&listing_of(&entries)) })
}
