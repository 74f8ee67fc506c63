//! The two sides of a text with merge conflict markers.

/// A text as each side of a merge would have it.
pub struct Sides {
    pub ours: String,
    pub theirs: String,
    /// As their common ancestor had it, where git was asked to show that.
    pub base: Option<String>,
    /// The line of the first marker, counted from 1.
    pub line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Ours,
    Base,
    Theirs,
    End,
}

/// Whose lines follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Both,
    Ours,
    Theirs,
    /// The common ancestor, which `diff3` shows between the two.
    Base,
}

/// Returns both sides of `text`, or `None` when it has no marker. Lines that a side does not have are blank, so that places
/// stay.
///
/// Markers without their counterpart (a conflict that was resolved by half) are taken out as well: what they leave
/// behind, an entry with a key twice or that its seal denies, is dropped when it is read.
pub fn sides(text: &str) -> Option<Sides> {
    split(text, "\n")
}

/// Returns both sides of `text` as they were before the merge, without a trace of each other.
pub fn branches(text: &str) -> Option<Sides> {
    split(text, "")
}

/// Takes `gap` for each line that a side does not have.
fn split(text: &str, gap: &str) -> Option<Sides> {
    let first = text.lines().position(|line| marker(line).is_some())?;
    let (mut ours, mut theirs, mut base) = (String::new(), String::new(), String::new());
    let mut owner = Owner::Both;
    let mut has_base = false;
    for line in text.split_inclusive('\n') {
        let found = marker(line);
        owner = found.map_or(owner, |marker| next_owner(owner, marker));
        has_base |= owner == Owner::Base;
        for (text, side) in [(&mut ours, Owner::Ours), (&mut theirs, Owner::Theirs), (&mut base, Owner::Base)] {
            let has = found.is_none() && [Owner::Both, side].contains(&owner);
            text.push_str(if has { line } else { gap });
        }
    }
    Some(Sides { ours, theirs, base: has_base.then_some(base), line: first + 1 })
}

fn marker(line: &str) -> Option<Marker> {
    let is =
        |sign: &str| line.strip_prefix(sign).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r', '\n']));
    if is("<<<<<<<") {
        Some(Marker::Ours)
    } else if is("|||||||") {
        Some(Marker::Base)
    } else if is("=======") {
        Some(Marker::Theirs)
    } else if is(">>>>>>>") {
        Some(Marker::End)
    } else {
        None
    }
}

/// Outside of a conflict only its beginning means something.
fn next_owner(owner: Owner, marker: Marker) -> Owner {
    match (owner, marker) {
        (_, Marker::Ours) => Owner::Ours,
        (Owner::Both, _) | (_, Marker::End) => Owner::Both,
        (_, Marker::Base) => Owner::Base,
        (_, Marker::Theirs) => Owner::Theirs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_has_its_lines_in_their_places() {
        let check = |text: &str, ours: &str, theirs: &str| {
            let sides = sides(text).map(|sides| (sides.ours, sides.theirs));
            assert_eq!(sides, Some((ours.to_owned(), theirs.to_owned())), "{text}");
        };
        check(
            "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\n>>>>>>> x\ne\n",
            "a\n\nb\n\n\n\n\n\ne\n",
            "a\n\n\n\n\n\nd\n\ne\n",
        );
        let diff3 = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\n>>>>>>> x\ne\n";
        let branches = branches(diff3).map(|sides| (sides.ours, sides.base, sides.theirs));
        assert_eq!(branches, Some(("a\nb\ne\n".to_owned(), Some("a\nc\ne\n".to_owned()), "a\nd\ne\n".to_owned())));
        check("a\n=======\nb\n", "a\n\nb\n", "a\n\nb\n");
        check("<<<<<<<\r\nb", "\nb", "\n\n");
        assert!(sides("a\n=========\n").is_none());
    }
}
