//! "did you mean".

/// Returns the candidate that is most likely meant by `word`, or `None` when nothing is near enough.
///
/// The distance is Damerau-Levenshtein; one change per three characters is near, three at most, and so is a difference in case only.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).min(3);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(word: &str, candidate: &str) -> usize {
    if word.eq_ignore_ascii_case(candidate) {
        return 0;
    }
    strsim::damerau_levenshtein(word, candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let check = |word, expect| assert_eq!(nearest(word, ["cmd", "deps", "outs", "params"]), expect, "{word}");
        check("dep", Some("deps"));
        check("Outs", Some("outs"));
        check("prams", Some("params"));
        check("frozen", None);
        check("x", None);
        check("CMD", Some("cmd"));
    }
}
