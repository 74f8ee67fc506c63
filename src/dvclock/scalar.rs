//! Which form a scalar takes in the text that DVC writes.
//!
//! DVC writes with ruamel.yaml 0.18 and later, in its default settings: YAML 1.2, 80 columns, unicode as it is. What is here
//! follows its `analyze_scalar`, `choose_scalar_style` and the tables of its resolver.

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Single,
    Double,
}

/// Whether a text is a key, which must stay on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Key,
    Value,
}

/// What stands in a text, as far as its form depends on it.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "findings that do not depend on each other")]
struct Findings {
    indicators: bool,
    breaks: bool,
    special: bool,
    edges: bool,
    break_then_space: bool,
    space_then_break: bool,
}

pub fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn ends_word(c: char) -> bool {
    matches!(c, '\0' | ' ' | '\t' | '\r') || is_break(c)
}

/// Returns the form in which DVC writes a text.
pub fn style_of(text: &str, role: Role) -> Style {
    if text.is_empty() {
        return Style::Single;
    }
    let found = look(text);
    let allows_plain = !(found.indicators
        || found.breaks
        || found.special
        || found.edges
        || found.break_then_space
        || found.space_then_break);
    if allows_plain && !is_other_type(text) {
        return Style::Plain;
    }
    let allows_single = !(found.special || found.break_then_space || found.space_then_break);
    if text.contains(['\'', '\n']) || !allows_single || (role == Role::Key && found.breaks) {
        return Style::Double;
    }
    Style::Single
}

/// Whether a text has a line break in it, so that it cannot be a simple key.
pub fn is_multiline(text: &str) -> bool {
    text.contains(is_break)
}

fn look(text: &str) -> Findings {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Findings { indicators: text.starts_with("---") || text.starts_with("..."), ..Findings::default() };
    let (first, last) = (chars[0], chars[chars.len() - 1]);
    found.edges = [first, last].into_iter().any(|c| c == ' ' || is_break(c));
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after_space = before.is_none_or(ends_word);
        let before_space = chars.get(at + 1).copied().is_none_or(ends_word);
        found.indicators |= is_indicator(c, at == 0, after_space, before_space);
        found.breaks |= is_break(c);
        found.special |= is_special(c);
        found.break_then_space |= c == ' ' && before.is_some_and(is_break);
        found.space_then_break |= is_break(c) && before == Some(' ');
    }
    found
}

fn is_indicator(c: char, is_first: bool, after_space: bool, before_space: bool) -> bool {
    if is_first {
        return ",#[]{}&*!|>'\"%@`".contains(c) || ("?:-".contains(c) && before_space);
    }
    (c == ':' && before_space) || (c == '#' && after_space)
}

/// What the writer escapes.
pub fn is_special(c: char) -> bool {
    let is_ascii = c == '\n' || (' '..='~').contains(&c);
    let is_unicode = c == '\u{85}' || (('\u{a0}'..='\u{fffd}').contains(&c) && c != '\u{feff}') || c >= '\u{10000}';
    !is_ascii && !is_unicode
}

/// Whether a plain text would be read as something else than a text.
fn is_other_type(text: &str) -> bool {
    is_word(text) || is_int(text) || is_float(text) || is_time(text)
}

fn is_word(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["true", "True", "TRUE", "false", "False", "FALSE", "<<", "~", "null", "Null", "NULL", "="];
    WORDS.contains(&text)
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is)
}

fn is_digits(text: &str) -> bool {
    all(text, |c| c.is_ascii_digit() || c == b'_')
}

fn is_int(text: &str) -> bool {
    let body = unsigned(text);
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    let binary = body.strip_prefix("0b").is_some_and(|digits| all(digits, |c| matches!(c, b'0' | b'1' | b'_')));
    let octal = body.strip_prefix("0o").is_some_and(|digits| all(digits, |c| matches!(c, b'0'..=b'7' | b'_')));
    let hex = body.strip_prefix("0x").is_some_and(|digits| all(digits, |c| c.is_ascii_hexdigit() || c == b'_'));
    starts && (binary || octal || hex || is_digits(body))
}

fn is_float(text: &str) -> bool {
    let body = unsigned(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if let Some(fraction) = body.strip_prefix('.') {
        // Only here the exponent must have a sign.
        let (digits, exponent) = split_exponent(fraction);
        return is_digits(digits)
            && exponent.is_none_or(|exponent| exponent.starts_with(['-', '+']) && is_exponent(exponent));
    }
    let (mantissa, exponent) = split_exponent(body);
    let starts = mantissa.starts_with(|c: char| c.is_ascii_digit());
    let is_mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
        None => is_digits(mantissa) && exponent.is_some(),
    };
    starts && is_mantissa && exponent.is_none_or(is_exponent)
}

fn split_exponent(text: &str) -> (&str, Option<&str>) {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    }
}

fn is_exponent(text: &str) -> bool {
    all(unsigned(text), |c| c.is_ascii_digit())
}

/// A date, or a date and a time of day with or without a zone.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    if !(0..4).all(is_digit) || bytes.get(4) != Some(&b'-') {
        return false;
    }
    let rest = &text[5..];
    let two = |text: &str| text.len() == 2 && all(text, |c| c.is_ascii_digit());
    let one_or_two = |text: &str| text.len() <= 2 && all(text, |c| c.is_ascii_digit());
    let Some((month, rest)) = rest.split_once('-') else { return false };
    if two(month) && two(rest) {
        return true;
    }
    let Some(split) = rest.find(['T', 't', ' ', '\t']) else { return false };
    let (day, clock) = rest.split_at(split);
    let clock = match clock.strip_prefix(['T', 't']) {
        Some(clock) => clock,
        None => clock.trim_start_matches([' ', '\t']),
    };
    one_or_two(month) && one_or_two(day) && is_clock(clock)
}

fn is_clock(text: &str) -> bool {
    let two = |text: &str| text.len() == 2 && all(text, |c| c.is_ascii_digit());
    let one_or_two = |text: &str| text.len() <= 2 && all(text, |c| c.is_ascii_digit());
    let mut parts = text.splitn(3, ':');
    let (Some(hours), Some(minutes), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let Some((seconds, rest)) = rest.split_at_checked(2) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let zone = rest.trim_start_matches([' ', '\t']);
    let is_zone = match zone.strip_prefix(['-', '+']) {
        Some(offset) => match offset.split_once(':') {
            Some((hours, minutes)) => one_or_two(hours) && two(minutes),
            None => one_or_two(offset),
        },
        None => zone == "Z" || rest.is_empty(),
    };
    one_or_two(hours) && two(minutes) && two(seconds) && is_zone
}

/// Writes a float as Python's `repr` does: the shortest digits that read back, positional from 1e-4 to below 1e16.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').expect("`{:e}` writes an exponent");
    let exponent: i32 = exponent.parse().expect("`{:e}` writes an integer exponent");
    if (-4..16).contains(&exponent) {
        return format!("{value:?}").split_once('e').map_or_else(|| format!("{value:?}"), |_| positional(value));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn positional(value: f64) -> String {
    let text = format!("{value}");
    if text.contains('.') { text } else { text + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_the_form_that_ruamel_gives_it() {
        let check = |text: &str, expect: Style| assert_eq!(style_of(text, Role::Value), expect, "{text:?}");
        for text in [
            "python train.py",
            "a:b",
            "a#b",
            "yes",
            "on",
            "-x",
            "?x",
            "x: y".trim_end_matches(": y"),
            "1.2.3",
            "0x",
            "a,b",
        ] {
            check(text, Style::Plain);
        }
        for text in ["", "true", "~", "2.0", "1e5", "1_0", "0o17", "0x1F", "=", "<<", "a: b", "a #b", " a", "a ", "- a"]
        {
            check(text, Style::Single);
        }
        for text in ["2020-01-01", "2020-1-1 1:00:00", "2020-01-01T10:00:00.5Z", "2020-1-1t1:00:00 +01:00", "%a", "{a}"]
        {
            check(text, Style::Single);
        }
        for text in ["a\nb", "it's: x", "\ta", "a\u{7f}", "'a'", "a \nb", "\u{feff}a"] {
            check(text, Style::Double);
        }
        for text in ["2020-1-1", "2020-01-01T10:00", "12:30:45", "é", "😀", "it's", "a\"b", "1.5e", "e5", "_1", "."]
        {
            check(text, Style::Plain);
        }
    }

    #[test]
    fn a_float_is_written_as_python_does() {
        let check = |value: f64, expect: &str| assert_eq!(float(value), expect);
        check(1e-5, "1e-05");
        check(1e10, "10000000000.0");
        check(1e16, "1e+16");
        check(0.0001, "0.0001");
        check(1e300, "1e+300");
        check(-0.0, "-0.0");
        check(1.5e-7, "1.5e-07");
        check(123.456, "123.456");
    }
}
