//! Paths that a pipeline names, inside of the project or outside of it.
//!
//! What is outside can be looked at and read. It is never written, moved, stored or brought back: all that does so takes a
//! [`RelPath`], and an outside path is none.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::relpath::{LONGEST, RelPath, RelPathError, is_normal};
use super::shared;

/// A path that a pipeline names. Compared and ordered by the bytes of its text, in which the two kinds never meet.
#[derive(Clone)]
pub enum Place {
    Inside(RelPath),
    Outside(Outside),
}

/// A path outside of the project, as far as its text tells: absolute, or up from the project's root, as in `../data/a.csv`.
///
/// It names something below a folder that the text names too: neither `/` nor `..` alone is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Outside(Arc<str>);

/// A borrowed path at which something can be looked at, wherever it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot<'a>(&'a str);

impl RelPath {
    /// Reads `text` relative to the folder that this path names; an absolute one, and one that goes up past the root, is
    /// outside.
    pub fn place(&self, text: &str) -> Result<Place, RelPathError> {
        match self.join(text) {
            Ok(path) => Ok(Place::Inside(path)),
            Err(RelPathError::Absolute(_) | RelPathError::Leaves(_)) => self.outside(text).map(Place::Outside),
            Err(error) => Err(error),
        }
    }

    fn outside(&self, text: &str) -> Result<Outside, RelPathError> {
        if text.chars().any(char::is_control) {
            return Err(RelPathError::Control(text.to_owned()));
        }
        let is_absolute = text.starts_with('/');
        let (mut up, mut parts) = (0, Vec::new());
        parts.extend(self.components().filter(|_| !is_absolute));
        for part in text.split('/') {
            match part {
                "" | "." => {}
                // Nothing is above `/`.
                ".." => up += usize::from(parts.pop().is_none() && !is_absolute),
                part => parts.push(part),
            }
        }
        match parts.iter().find(|part| part.len() > LONGEST) {
            _ if parts.is_empty() => Err(RelPathError::Holds(text.to_owned())),
            Some(part) => Err(RelPathError::TooLong(part.len())),
            None if is_absolute => Ok(Outside(format!("/{}", parts.join("/")).into())),
            None => Ok(Outside((("../").repeat(up) + &parts.join("/")).into())),
        }
    }
}

impl Place {
    /// Reads `text` relative to the root.
    pub fn parse(text: &str) -> Result<Self, RelPathError> {
        RelPath::root().place(text)
    }

    /// Returns the path as text, empty for the root.
    pub fn as_str(&self) -> &str {
        self.spot().0
    }

    pub fn spot(&self) -> Spot<'_> {
        match self {
            Self::Inside(path) => Spot(path.as_str()),
            Self::Outside(path) => Spot(&path.0),
        }
    }

    /// Returns the path inside of the project, if it is one.
    pub fn inside(&self) -> Option<&RelPath> {
        match self {
            Self::Inside(path) => Some(path),
            Self::Outside(_) => None,
        }
    }

    /// Returns the path outside of the project, if it is one.
    pub fn outside(&self) -> Option<&Outside> {
        match self {
            Self::Inside(_) => None,
            Self::Outside(path) => Some(path),
        }
    }

    /// Returns the last name, empty for the root.
    pub fn file_name(&self) -> &str {
        self.as_str().rsplit('/').next().unwrap_or_default()
    }

    /// Whether this path is `other` or a folder above it, as far as their texts tell.
    pub fn contains<'p>(&self, other: impl Into<Spot<'p>>) -> bool {
        self.spot().contains(other.into())
    }

    /// Whether one of the two contains the other, as far as their texts tell.
    pub fn overlaps<'p>(&self, other: impl Into<Spot<'p>>) -> bool {
        self.spot().overlaps(other.into())
    }

    /// Returns the text by which this path is meant from `folder`; an absolute one is the same from everywhere.
    pub fn seen_from(&self, folder: &RelPath) -> String {
        match self {
            Self::Inside(path) => path.seen_from(folder),
            Self::Outside(path) if path.is_absolute() => path.0.to_string(),
            Self::Outside(path) => "../".repeat(folder.components().count()) + &path.0,
        }
    }
}

impl Outside {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the same wherever the project lies.
    pub fn is_absolute(&self) -> bool {
        self.0.starts_with('/')
    }
}

impl<'a> Spot<'a> {
    /// Returns the path as text, empty for the root.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    pub fn to_place(self) -> Place {
        place_of(self.0.into()).expect("a spot is made of a path")
    }

    /// Returns the path of `inner` in the folder here, whose names were checked before.
    pub fn below(self, inner: &str) -> Place {
        let text = if self.0.is_empty() { inner.into() } else { [self.0, "/", inner].concat().into() };
        place_of(text).expect("made of checked names")
    }

    pub fn is_inside(self) -> bool {
        !is_outside(self.0)
    }

    /// Returns the path inside of the project, if it is one.
    pub fn inside(self) -> Option<RelPath> {
        match self.to_place() {
            Place::Inside(path) => Some(path),
            Place::Outside(_) => None,
        }
    }

    /// Returns the folder that holds this path, as far as it can be named too.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        match self.0.rsplit_once('/') {
            None if self.0.is_empty() => None,
            None => Some(Spot("")),
            Some((parent, _)) => (!matches!(parent, "" | "..") && !parent.ends_with("/..")).then_some(Spot(parent)),
        }
    }

    /// Returns the names on the way to this path, the first of which says where the way begins.
    pub fn steps(self) -> impl Iterator<Item = &'a str> {
        let start = match self.0 {
            text if text.starts_with('/') => "/",
            text if text.starts_with("../") => "",
            _ => ".",
        };
        std::iter::once(start).chain(self.0.split('/').filter(|part| !part.is_empty()))
    }

    /// Whether this path is `other` or a folder above it, as far as their texts tell.
    pub fn contains(self, other: Spot<'_>) -> bool {
        if self.0.is_empty() {
            return !is_outside(other.0);
        }
        other.0.strip_prefix(self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether one of the two contains the other, as far as their texts tell.
    pub fn overlaps(self, other: Spot<'_>) -> bool {
        self.contains(other) || other.contains(self)
    }
}

fn is_outside(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("../")
}

/// Reads a text that is in normal form.
fn place_of(text: Arc<str>) -> Option<Place> {
    if !is_outside(&text) {
        return RelPath::from_normal(text).map(Place::Inside);
    }
    let names = text.strip_prefix('/').unwrap_or_else(|| text.trim_start_matches("../"));
    let is_place = !names.is_empty() && is_normal(names);
    is_place.then_some(Place::Outside(Outside(text)))
}

impl From<RelPath> for Place {
    fn from(path: RelPath) -> Self {
        Self::Inside(path)
    }
}

impl From<&RelPath> for Place {
    fn from(path: &RelPath) -> Self {
        Self::Inside(path.clone())
    }
}

impl<'a> From<&'a RelPath> for Spot<'a> {
    fn from(path: &'a RelPath) -> Self {
        Self(path.as_str())
    }
}

impl<'a> From<&'a Place> for Spot<'a> {
    fn from(place: &'a Place) -> Self {
        place.spot()
    }
}

impl<'a> From<&'a Outside> for Spot<'a> {
    fn from(path: &'a Outside) -> Self {
        Self(&path.0)
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Place {}

impl PartialEq<RelPath> for Place {
    fn eq(&self, other: &RelPath) -> bool {
        self.as_str() == other.as_str()
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Place {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { self.0 })
    }
}

impl fmt::Debug for Spot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.spot())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Inside(path) => path.serialize(serializer),
            Self::Outside(path) => shared::serialize(&path.0, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        place_of(shared::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::custom("the path is not in its normal form"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        Place::parse(text).expect("a path")
    }

    #[test]
    fn paths_are_told_inside_from_outside_and_brought_into_one_form() {
        let check = |folder: &str, text: &str, expect: Result<&str, &str>| {
            let folder = RelPath::parse(folder).expect("a folder");
            let got = folder.place(text).map(|place| format!("{place:?}")).map_err(|error| error.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expect, "{text:?}");
            let place = folder.place(text).ok();
            assert_eq!(
                place.as_ref().map(|place| folder.place(&place.seen_from(&folder)).ok()),
                place.clone().map(Some)
            );
            assert_eq!(place.as_ref().map(|place| place_of(place.as_str().into())), place.map(Some));
        };
        check(".", "data/a.csv", Ok("data/a.csv"));
        check("sub", "../data", Ok("data"));
        check("sub", "../../data/./x/", Ok("../data/x"));
        check("sub", "../../../x", Ok("../../x"));
        check(".", "a/../../x", Ok("../x"));
        check(".", "../x/../../y", Ok("../../y"));
        check("sub", "/data//x/", Ok("/data/x"));
        check("sub", "/a/../../b", Ok("/b"));
        check(".", "..", Err("`..` holds the project"));
        check("sub", "../../..", Err("`../../..` holds the project"));
        check(".", "/", Err("`/` holds the project"));
        check(".", "/a/..", Err("`/a/..` holds the project"));
        check(".", "/a\n", Err("`/a\\n` has a control character"));
        check(".", "", Err("the path is empty"));
    }

    #[test]
    fn only_the_normal_form_is_read_back() {
        let check = |text: &str, expect: bool| assert_eq!(place_of(text.into()).is_some(), expect, "{text:?}");
        for text in ["", "a", "..a", "../a", "../../a", "/a/b"] {
            check(text, true);
        }
        for text in ["..", "../", "../..", "/", "//a", "/a/", "/a/../b", "../a/../b", "a/../b", "/a\n"] {
            check(text, false);
        }
    }

    #[test]
    fn overlap_is_by_component_and_within_one_kind() {
        let overlap = |a: &str, b: &str| place(a).overlaps(&place(b));
        assert!(overlap("/data", "/data/a"));
        assert!(overlap("../data/a", "../data"));
        assert!(!overlap("/data", "/data2"));
        assert!(!overlap("../data", "../../data"));
        assert!(!overlap(".", "../x"), "the project does not hold what is outside of it");
        assert!(overlap(".", "x"));
    }

    #[test]
    fn what_holds_a_path_is_found_up_to_where_its_text_ends() {
        let check = |text: &str, expect: &[&str]| {
            let place = place(text);
            let above = std::iter::successors(place.spot().parent(), |spot| spot.parent());
            assert_eq!(above.map(|spot| spot.to_string()).collect::<Vec<_>>(), expect, "{text}");
        };
        check("a/b", &["a", "."]);
        check("/a/b/c", &["/a/b", "/a"]);
        check("../../a/b", &["../../a"]);
        check("../a", &[]);
    }
}
