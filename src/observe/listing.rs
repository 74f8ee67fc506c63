//! The canonical listing of a folder; its digest is the folder's.
//!
//! ```text
//! lockgate tree 1
//! file<TAB>HEX<TAB>PATH           exec<TAB>HEX<TAB>PATH
//! link<TAB>TARGET<TAB>PATH        a symlink to a folder or to nothing
//! folder<TAB><TAB>PATH            an empty folder; others are implied
//! ```
//!
//! Lines are sorted by the bytes of PATH. No text holds a control character, so a tab always separates.

use crate::words::{Content, Digest, FileMode, RelPath};

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Relative to the folder.
    pub path: RelPath,
    pub node: TreeNode,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeNode {
    File {
        digest: Digest,
        mode: FileMode,
    },
    /// A symlink to a folder or to nothing, with its text.
    Link {
        target: Box<str>,
    },
    /// An empty folder.
    Folder,
}

impl TreeNode {
    /// Returns the digest of a file.
    pub const fn digest(&self) -> Option<&Digest> {
        match self {
            Self::File { digest, .. } => Some(digest),
            Self::Link { .. } | Self::Folder => None,
        }
    }
}

/// Why bytes are not a listing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadListing {
    #[error("the listing does not start with `{}`", HEADER.trim_end())]
    Header,
    #[error("line {0} of the listing cannot be read")]
    Line(usize),
    #[error("line {0} of the listing is not in order")]
    Order(usize),
    #[error("line {0} of the listing lies inside something that is not a folder")]
    Inside(usize),
}

const HEADER: &str = "lockgate tree 1\n";

/// Starts a listing.
pub(super) fn header() -> Vec<u8> {
    HEADER.as_bytes().to_vec()
}

/// Adds one line; the caller goes by the bytes of `path` in ascending order.
pub(super) fn encode_row(out: &mut Vec<u8>, path: &str, node: &TreeNode) {
    let kind = match node {
        TreeNode::File { mode: FileMode::Plain, .. } => "file\t",
        TreeNode::File { mode: FileMode::Executable, .. } => "exec\t",
        TreeNode::Link { .. } => "link\t",
        TreeNode::Folder => "folder\t",
    };
    out.extend_from_slice(kind.as_bytes());
    match node {
        TreeNode::File { digest, .. } => digest.write_hex(out),
        TreeNode::Link { target } => out.extend_from_slice(target.as_bytes()),
        TreeNode::Folder => {}
    }
    for part in ["\t", path, "\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Returns the listing of a folder with these entries, which are sorted by path.
pub(crate) fn listing_of(entries: &[TreeEntry]) -> Vec<u8> {
    let mut listing = header();
    for entry in entries {
        encode_row(&mut listing, entry.path.as_str(), &entry.node);
    }
    listing
}

/// Reads a listing, and accepts only what [`encode_row`] would have written for a folder that can exist.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<TreeEntry>, BadListing> {
    let text = std::str::from_utf8(bytes).map_err(|_| BadListing::Header)?;
    let body = text.strip_prefix(HEADER).ok_or(BadListing::Header)?;
    let mut entries: Vec<TreeEntry> = Vec::new();
    for (idx, line) in body.split_inclusive('\n').enumerate() {
        let number = idx + 2;
        let entry = line.strip_suffix('\n').and_then(decode_line).ok_or(BadListing::Line(number))?;
        if entries.last().is_some_and(|last| last.path >= entry.path) {
            return Err(BadListing::Order(number));
        }
        entries.push(entry);
    }
    check_nesting(&entries)?;
    Ok(entries)
}

/// Returns what stands at `path` in a folder with these entries: a file, or a folder with what lies below it there.
///
/// A link is not followed: what it leads to is no part of the listing.
pub fn part_of(entries: &[TreeEntry], path: &str) -> Option<Content> {
    if let Some(entry) = entries.iter().find(|entry| entry.path.as_str() == path) {
        return match &entry.node {
            TreeNode::File { digest, mode } => Some(Content::File { digest: *digest, mode: *mode }),
            TreeNode::Folder => Some(Content::Tree { digest: Digest::of(&header()) }),
            TreeNode::Link { .. } => None,
        };
    }
    let mut bytes = header();
    let prefix = format!("{path}/");
    let below = entries.iter().filter_map(|entry| Some((entry.path.as_str().strip_prefix(&prefix)?, &entry.node)));
    let n_below = below.map(|(rest, node)| encode_row(&mut bytes, rest, node)).count();
    (n_below > 0).then(|| Content::Tree { digest: Digest::of(&bytes) })
}

fn decode_line(line: &str) -> Option<TreeEntry> {
    let mut parts = line.split('\t');
    let (kind, value, path) = (parts.next()?, parts.next()?, parts.next()?);
    let node = match kind {
        "file" => TreeNode::File { digest: value.parse().ok()?, mode: FileMode::Plain },
        "exec" => TreeNode::File { digest: value.parse().ok()?, mode: FileMode::Executable },
        "link" if !value.is_empty() && !value.chars().any(char::is_control) => TreeNode::Link { target: value.into() },
        "folder" if value.is_empty() => TreeNode::Folder,
        _ => return None,
    };
    let path = RelPath::parse(path).ok().filter(|parsed| parsed.as_str() == path && !parsed.is_root())?;
    parts.next().is_none().then_some(TreeEntry { path, node })
}

/// Nothing may lie inside another entry: it would be written through a symlink, or make an empty folder full.
fn check_nesting(entries: &[TreeEntry]) -> Result<(), BadListing> {
    for (idx, entry) in entries.iter().enumerate() {
        let mut above = entry.path.parent();
        while !above.is_root() {
            if entries[..idx].binary_search_by(|other| other.path.cmp(&above)).is_ok() {
                return Err(BadListing::Inside(idx + 2));
            }
            above = above.parent();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &Result<usize, BadListing>) {
        let bytes = format!("{HEADER}{body}");
        assert_eq!(&decode(bytes.as_bytes()).map(|entries| entries.len()), expect, "{body:?}");
    }

    #[test]
    fn only_listings_of_folders_that_can_exist_are_read() {
        let hex = Digest::of(b"x").to_hex();
        check("", &Ok(0));
        check(&format!("file\t{hex}\ta\nlink\t../b\tb\nfolder\t\tc\n"), &Ok(3));
        check(&format!("file\t{hex}\t../a\n"), &Err(BadListing::Line(2)));
        check(&format!("file\t{hex}\t/etc/passwd\n"), &Err(BadListing::Line(2)));
        check(&format!("file\t{hex}\ta//b\n"), &Err(BadListing::Line(2)));
        check(&format!("file\t{hex}\t.\n"), &Err(BadListing::Line(2)));
        check("file\tzz\ta\n", &Err(BadListing::Line(2)));
        check("folder\t\ta", &Err(BadListing::Line(2)));
        check("folder\t\tb\nfolder\t\ta\n", &Err(BadListing::Order(3)));
        check("folder\t\ta\nfolder\t\ta\n", &Err(BadListing::Order(3)));
        check(&format!("link\t/etc\ta\nfile\t{hex}\ta/passwd\n"), &Err(BadListing::Inside(3)));
        check(&format!("link\t/etc\ta\nfolder\t\ta-b\nfile\t{hex}\ta/b/c\n"), &Err(BadListing::Inside(4)));
        assert_eq!(decode(b"lockgate tree 2\n"), Err(BadListing::Header));
        assert_eq!(decode(b"\xff"), Err(BadListing::Header));
    }
}
