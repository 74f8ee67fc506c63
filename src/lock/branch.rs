//! Which of two branches has the word on one fact.

use std::fmt;

/// One side of a merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    Ours,
    Theirs,
}

/// Returns the branch whose word on a fact stands, also where its word is that there is none; `None` when both have changed
/// it, and not to the same.
///
/// A fact that one branch has changed and the other taken out is as the one has it: to say less is not to say otherwise.
pub fn standing<T: PartialEq>(base: Option<&T>, ours: Option<&T>, theirs: Option<&T>) -> Option<Branch> {
    match (ours, theirs) {
        _ if ours == theirs || theirs == base => Some(Branch::Ours),
        _ if ours == base => Some(Branch::Theirs),
        (Some(_), None) => Some(Branch::Ours),
        (None, Some(_)) => Some(Branch::Theirs),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "our side",
            Self::Theirs => "their side",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_one_branch_stands() {
        let check = |base: u8, ours: u8, theirs: u8, expect: Option<Branch>| {
            let some = |fact: u8| (fact > 0).then_some(fact);
            let found = standing(some(base).as_ref(), some(ours).as_ref(), some(theirs).as_ref());
            assert_eq!(found, expect, "{base} {ours} {theirs}");
        };
        let (ours, theirs) = (Some(Branch::Ours), Some(Branch::Theirs));
        check(1, 1, 1, ours);
        check(1, 2, 1, ours);
        check(1, 1, 2, theirs);
        check(1, 2, 2, ours);
        check(1, 2, 3, None);
        check(1, 0, 1, ours);
        check(1, 1, 0, theirs);
        check(1, 0, 2, theirs);
        check(1, 2, 0, ours);
        check(0, 1, 0, ours);
        check(0, 0, 1, theirs);
        check(0, 1, 2, None);
    }
}
