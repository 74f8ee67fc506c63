//! Paths inside the project.

use std::borrow::Borrow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shared;

/// A path relative to the project's root: normal components joined by `/`, never leaving the root.
///
/// The root itself is the empty path, shown as `.`. Comparing is by bytes, so the order is the same on every machine.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(Arc<str>);

/// The longest name in a folder, in bytes, on the file systems in use.
pub(super) const LONGEST: usize = 255;

/// Why a text is not a path inside the project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelPathError {
    #[error("the path is empty")]
    Empty,
    #[error("`{0}` is absolute")]
    Absolute(String),
    #[error("`{0}` leaves the project")]
    Leaves(String),
    #[error("`{0}` holds the project")]
    Holds(String),
    #[error("`{}` has a control character", .0.escape_debug())]
    Control(String),
    #[error("a name of {0} bytes is longer than a file's name can be, which is 255")]
    TooLong(usize),
}

impl RelPath {
    /// The project's root.
    pub fn root() -> Self {
        Self("".into())
    }

    /// Reads `text` relative to the root.
    pub fn parse(text: &str) -> Result<Self, RelPathError> {
        Self::root().join(text)
    }

    /// Reads `text` relative to the folder that this path names; `..` may go up as far as the root.
    pub fn join(&self, text: &str) -> Result<Self, RelPathError> {
        if text.is_empty() {
            return Err(RelPathError::Empty);
        }
        if text.starts_with('/') {
            return Err(RelPathError::Absolute(text.to_owned()));
        }
        if text.chars().any(char::is_control) {
            return Err(RelPathError::Control(text.to_owned()));
        }
        let mut parts: Vec<&str> = self.components().collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| RelPathError::Leaves(text.to_owned()))?;
                }
                part => parts.push(part),
            }
        }
        if let Some(part) = parts.iter().find(|part| part.len() > LONGEST) {
            return Err(RelPathError::TooLong(part.len()));
        }
        Ok(Self(parts.join("/").into()))
    }

    /// Takes a text that is in normal form.
    pub(super) fn from_normal(text: Arc<str>) -> Option<Self> {
        is_normal(&text).then_some(Self(text))
    }

    /// Returns the path as text, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// Returns the folder that holds this path; the root holds itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or("", |(parent, _)| parent).into())
    }

    /// Returns the last component, empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Whether this path is `other` or a folder above it.
    pub fn contains(&self, other: &Self) -> bool {
        self.is_root() || other.0.strip_prefix(&*self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether one of the two contains the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// Returns the text by which this path is meant from `folder`: `../total.txt` from `sub`.
    pub fn seen_from(&self, folder: &Self) -> String {
        let (ours, theirs): (Vec<&str>, Vec<&str>) = (self.components().collect(), folder.components().collect());
        let n_shared = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        let up = theirs[n_shared..].iter().map(|_| "..");
        let parts: Vec<&str> = up.chain(ours[n_shared..].iter().copied()).collect();
        if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
    }

    /// Returns the place on disk under `root`.
    pub fn under(&self, root: &Path) -> PathBuf {
        if self.is_root() { root.to_owned() } else { root.join(&*self.0) }
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Borrow<str> for RelPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for RelPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        shared::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for RelPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = shared::deserialize(deserializer)?;
        if is_normal(&text) { Ok(Self(text)) } else { Err(D::Error::custom("the path is not in its normal form")) }
    }
}

/// Whether `text` is what [`RelPath::join`] would make of it; without allocating, since every start reads many paths.
pub(super) fn is_normal(text: &str) -> bool {
    let is_part = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
    let has_control = || if text.is_ascii() { has_ascii_control(text) } else { text.chars().any(char::is_control) };
    text.is_empty() || (text.as_bytes().split(|byte| *byte == b'/').all(is_part) && !has_control())
}

fn has_ascii_control(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_brought_into_one_form() {
        let check = |text: &str, expect: Result<&str, &str>| {
            let got = RelPath::parse(text).map(|path| path.to_string()).map_err(|error| error.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expect, "{text:?}");
        };
        check("data/a.csv", Ok("data/a.csv"));
        check("./data//a.csv/", Ok("data/a.csv"));
        check("data/../b", Ok("b"));
        check(".", Ok("."));
        check("", Err("the path is empty"));
        check("../x", Err("`../x` leaves the project"));
        check("a/../../x", Err("`a/../../x` leaves the project"));
        check("/etc/passwd", Err("`/etc/passwd` is absolute"));
        check("a\nb", Err("`a\\nb` has a control character"));
        check(&"x".repeat(256), Err("a name of 256 bytes is longer than a file's name can be, which is 255"));
    }

    #[test]
    fn a_path_is_told_as_it_is_meant_from_a_folder() {
        let check = |path: &str, folder: &str, expect: &str| {
            let [path, folder] = [path, folder].map(|text| RelPath::parse(text).expect("a path"));
            assert_eq!(path.seen_from(&folder), expect);
            assert_eq!(folder.join(expect), Ok(path));
        };
        check("total.txt", ".", "total.txt");
        check("total.txt", "sub", "../total.txt");
        check("sub/a/x", "sub/b", "../a/x");
        check("sub", "sub", ".");
    }

    #[test]
    fn only_the_normal_form_is_read_back() {
        let check = |text: &str, expect: bool| assert_eq!(is_normal(text), expect, "{text:?}");
        check("", true);
        check("data/a.csv", true);
        check("data/.hidden/..x", true);
        check("é/Ω", true);
        for text in [".", "..", "a/../b", "a//b", "/a", "a/", "a/./b", "a\nb", "a\u{7f}", "é\u{85}"] {
            check(text, false);
        }
    }

    #[test]
    fn overlap_is_by_component() {
        let path = |text: &str| RelPath::parse(text).expect("a path");
        assert!(path("data").contains(&path("data/a")));
        assert!(!path("data").contains(&path("data2/a")));
        assert!(path("data/a").overlaps(&path("data")));
        assert!(!path("data/a").overlaps(&path("data/b")));
        assert!(path(".").contains(&path("x")));
    }
}
