//! Dates and times in a format of their own, as `strptime` of Python reads them.
//!
//! Each directive is the regular expression that CPython's `_strptime` uses for it, in the order of its alternatives and
//! without regard to case, so that a text is a date here exactly when it is one there. It knows no locale: names of months
//! and days are the English ones.

use regex::{Captures, Regex, RegexBuilder};

use crate::value::days_in_month;

/// A `strftime` format that was understood.
#[derive(Clone, Debug)]
pub(crate) struct DateFormat(Regex);

const DIRECTIVES: [(char, &str); 18] = [
    ('a', "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"),
    ('A', "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"),
    ('b', "(?P<b>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"),
    ('B', "(?P<B>January|February|March|April|May|June|July|August|September|October|November|December)"),
    ('d', "(?P<d>3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9])"),
    ('f', "(?:[0-9]{1,6})"),
    ('H', "(?:2[0-3]|[0-1][0-9]|[0-9])"),
    ('I', "(?:1[0-2]|0[1-9]|[1-9]| [1-9])"),
    ('j', "(?:36[0-6]|3[0-5][0-9]|[1-2][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])"),
    ('m', "(?P<m>1[0-2]|0[1-9]|[1-9])"),
    ('M', "(?:[0-5][0-9]|[0-9])"),
    ('p', "(?:AM|PM)"),
    ('S', "(?P<S>6[0-1]|[0-5][0-9]|[0-9])"),
    ('w', "(?:[0-6])"),
    ('y', "(?P<y>[0-9][0-9])"),
    ('Y', "(?P<Y>[0-9][0-9][0-9][0-9])"),
    ('z', r"(?:[+-][0-9][0-9]:?[0-5][0-9](?::?[0-5][0-9](?:\.[0-9]{1,6})?)?|(?-i:Z))"),
    ('%', "%"),
];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl DateFormat {
    /// Reads a format; the error says what in it is not understood, and what would be.
    pub fn parse(format: &str) -> Result<Self, (String, String)> {
        let mut pattern = String::from(r"\A");
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_whitespace() {
                while chars.next_if(|next| next.is_whitespace()).is_some() {}
                pattern += r"\s+";
            } else if c == '%' {
                pattern += directive(chars.next())?;
            } else {
                pattern += &regex::escape(&c.to_string());
            }
        }
        let built = RegexBuilder::new(&pattern).case_insensitive(true).build();
        let twice = || ("the format says the same part twice".to_owned(), "say each part once: '%Y-%m-%d'".to_owned());
        built.map(Self).map_err(|_| twice())
    }

    /// Says whether the whole text is a date or time of this format that the calendar has.
    pub fn is_met_by(&self, text: &str) -> bool {
        let Some(found) = self.0.captures(text) else { return false };
        // The first match counts, as it does in Python: what is left over is not tried another way.
        found.get(0).is_some_and(|whole| whole.len() == text.len()) && is_in_calendar(&found)
    }
}

fn directive(letter: Option<char>) -> Result<&'static str, (String, String)> {
    let known = || DIRECTIVES.iter().map(|(letter, _)| format!("%{letter}")).collect::<Vec<_>>().join(" ");
    let found = letter.and_then(|letter| DIRECTIVES.iter().find(|(known, _)| *known == letter));
    let shown = letter.map(String::from).unwrap_or_default();
    let unknown = || (format!("`%{shown}` is no part of a date"), format!("parts: {}", known()));
    found.map(|(_, pattern)| *pattern).ok_or_else(unknown)
}

fn is_in_calendar(found: &Captures<'_>) -> bool {
    let number = |name: &str| found.name(name).and_then(|part| part.as_str().trim().parse::<i64>().ok());
    let named = found.name("b").or(found.name("B")).map(|name| name.as_str().to_ascii_lowercase());
    let named = named.and_then(|name| MONTHS.iter().position(|month| name.starts_with(month)));
    let month = number("m").or_else(|| named.and_then(|at| i64::try_from(at).ok()).map(|at| at + 1)).unwrap_or(1);
    // Of two digits those from 69 on belong to the last century; a date without a year is of 1900.
    let short = number("y").map(|year| if year < 69 { 2_000 + year } else { 1_900 + year });
    let year = number("Y").or(short).unwrap_or(1_900);
    let is_second = number("S").is_none_or(|second| second < 60);
    year > 0 && is_second && number("d").unwrap_or(1) <= days_in_month(year, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_what_python_takes_for_one() {
        let check = |format: &str, text: &str, expect: bool| {
            assert_eq!(
                DateFormat::parse(format).expect("the format is valid").is_met_by(text),
                expect,
                "{format} {text}"
            );
        };
        check("%Y-%m-%d", "2024-02-29", true);
        check("%Y-%m-%d", "2023-02-29", false);
        check("%Y-%m-%d", "2024-2-9", true);
        check("%Y-%m-%d", "24-02-09", false);
        check("%Y-%m-%d", "2024-02-09 ", false);
        check("%Y-%m-%d", "0000-01-01", false);
        check("%d%m", "111", true);
        check("%d%m%Y", "01022024", true);
        check("%d/%m/%y", "29/02/00", true);
        check("%d/%m/%y", "29/02/69", false);
        check("%b %d, %Y", "FEB  3, 2024", true);
        check("%H:%M:%S", "23:59:60", false);
        check("%H:%M:%S.%f", "23:59:59.123456", true);
        check("%I:%M %p", "12:30 pm", true);
        check("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:00:00Z", true);
        check("%Y-%m-%dT%H:%M:%S%z", "2024-01-01T00:00:00+02:00", true);
        check("%d", "31", true);
        check("%d %m", "31 02", false);
        check("100%%", "100%", true);
    }

    #[test]
    fn a_format_that_is_not_understood_is_told() {
        assert_eq!(
            DateFormat::parse("%Y-%Q").map_err(|(why, _)| why).err().as_deref(),
            Some("`%Q` is no part of a date")
        );
        assert_eq!(
            DateFormat::parse("%Y %").map_err(|(why, _)| why).err().as_deref(),
            Some("`%` is no part of a date")
        );
        let twice = DateFormat::parse("%Y %Y").map_err(|(why, _)| why).err();
        assert_eq!(twice.as_deref(), Some("the format says the same part twice"));
    }
}
