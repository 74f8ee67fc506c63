//! The functions of the language: their names, and what is wrong with a call.

use lockgate_spanned::nearest;

use super::aggregate::How;

/// Functions of one value that give a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Map {
    Abs,
    Len,
    Text,
}

/// Functions of one value that give true or false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Matches,
    Find,
    IsDate,
    IsNan,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Map(Map),
    Asks(Asks),
    Aggregate(How),
    Quantile,
}

const MAPS: [(&str, Map); 3] = [("abs", Map::Abs), ("len", Map::Len), ("text", Map::Text)];

const TESTS: [(&str, Asks); 4] =
    [("matches", Asks::Matches), ("find", Asks::Find), ("is_date", Asks::IsDate), ("is_nan", Asks::IsNan)];

impl Function {
    /// Returns what a name stands for.
    pub fn named(name: &str) -> Option<Self> {
        let map = MAPS.iter().find(|(known, _)| *known == name).map(|(_, map)| Self::Map(*map));
        let test = || TESTS.iter().find(|(known, _)| *known == name).map(|(_, test)| Self::Asks(*test));
        let aggregate = || How::named(name).map(Self::Aggregate);
        let quantile = || (name == super::aggregate::QUANTILE).then_some(Self::Quantile);
        map.or_else(test).or_else(aggregate).or_else(quantile)
    }

    /// Returns how many arguments it takes, the least and the most.
    pub fn arguments(self) -> (usize, usize) {
        match self {
            Self::Asks(Asks::Matches | Asks::Find | Asks::IsDate) | Self::Quantile => (2, 2),
            Self::Aggregate(How::Count) => (0, 1),
            Self::Map(_) | Self::Asks(Asks::IsNan) | Self::Aggregate(_) => (1, 1),
        }
    }
}

/// Says what to write instead of a function that there is not.
pub(super) fn instead_of(name: &str) -> String {
    let names = || MAPS.iter().map(|(name, _)| *name).chain(TESTS.iter().map(|(name, _)| *name)).chain(How::names());
    let alias =
        ALIASES.iter().find(|(_, others)| others.contains(&name.to_lowercase().as_str())).map(|(ours, _)| *ours);
    match alias.or_else(|| nearest(name, names())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("functions: {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// Other languages' names for our functions.
const ALIASES: [(&str, &[&str]); 8] = [
    ("avg", &["mean", "average"]),
    ("std", &["stdev", "stddev", "stddev_samp"]),
    ("n_unique", &["nunique", "count_distinct", "distinct"]),
    ("quantile", &["percentile", "percentile_cont"]),
    ("most_common", &["mode"]),
    ("len", &["length", "char_length", "size"]),
    ("matches", &["regexp_full_match", "fullmatch"]),
    ("find", &["contains", "search", "regexp_matches", "like"]),
];
