//! Shell-style patterns on names, as Python's `fnmatch` and so DVC's `--glob` read them.

/// Whether the whole of `name` matches `pattern`: `*` is any text, `?` any character, `[ab-d]` one of these and `[!ab-d]`
/// none of them. A `[` that is never closed stands for itself. Case matters.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last `*` stands, and how much of the name it takes: on a mismatch it takes one more.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if let Some(behind) = pattern.get(p..).and_then(|rest| one(rest, name[n])) {
            p += behind;
            n += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, n) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Matches one character against the start of a pattern, and returns how long the part is that it matches.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match closing(pattern) {
            Some(end) => is_among(&pattern[1..end], c).then_some(end + 1),
            None => (c == '[').then_some(1),
        },
        other => (*other == c).then_some(1),
    }
}

/// Returns where the `]` of a set stands; the first character of a set may be a `]` itself.
fn closing(pattern: &[char]) -> Option<usize> {
    let first = if pattern.get(1) == Some(&'!') { 3 } else { 2 };
    (first..pattern.len()).find(|at| pattern[*at] == ']')
}

fn is_among(set: &[char], c: char) -> bool {
    let (negated, set) = if set.first() == Some(&'!') { (true, &set[1..]) } else { (false, set) };
    let mut at = 0;
    let mut found = false;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            found |= (set[at]..=set[at + 2]).contains(&c);
            at += 3;
        } else {
            found |= set[at] == c;
            at += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_as_python_reads_them() {
        let check = |pattern: &str, name: &str, expect| assert_eq!(matches(pattern, name), expect, "{pattern} {name}");
        check("train", "train", true);
        check("train", "train@a", false);
        check("train*", "train@a", true);
        check("*", "", true);
        check("", "", true);
        check("", "a", false);
        check("*a*b", "xaybzb", true);
        check("*a*b", "xaybz", false);
        check("tr?in", "train", true);
        check("[st]rain", "train", true);
        check("[!st]rain", "train", false);
        check("x-[0-3]", "x-2", true);
        check("x-[0-3]", "x-4", false);
        check("[]a]", "]", true);
        check("[a-]", "-", true);
        check("a[", "a[", true);
        check("Train", "train", false);
        check("é*", "été", true);
    }
}
