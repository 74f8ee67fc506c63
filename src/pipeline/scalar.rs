//! Scalars in the YAML that lockgate writes: so that every reader of YAML 1.1 or 1.2 takes them for what they are.

use std::fmt::Write as _;

use super::Value;

/// Plain words that some reader takes for something else than text.
const TAKEN: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan"];

const LONGEST_BARE_KEY: usize = 1000;

/// Writes text: plain where no reader can mistake it, in double quotes otherwise.
pub fn put_text(out: &mut String, text: &str) {
    if is_plain(text) { out.push_str(text) } else { put_quoted(out, text) }
}

/// Writes a digest in hexadecimal.
///
/// Digits and `e` alone read as a number, which one digest in a hundred million is.
pub fn put_hex(out: &mut String, hex: &str) {
    if hex.contains(['a', 'c', 'd', 'f']) { out.push_str(hex) } else { put_quoted(out, hex) }
}

/// Writes text in double quotes, on one line, with the escapes of JSON as far as those go.
pub fn put_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_visible(c) => out.push(c),
            c if u32::from(c) <= 0xffff => put_escape(out, 'u', 4, c),
            c => put_escape(out, 'U', 8, c),
        }
    }
    out.push('"');
}

fn put_escape(out: &mut String, letter: char, digits: usize, c: char) {
    write!(out, "\\{letter}{:0digits$x}", u32::from(c)).expect("writing into a string cannot fail");
}

/// What a key needs before its colon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    Bare,
    /// It was announced by a question mark; in a block its colon stands on the next line.
    Announced,
}

/// Readers may refuse a key of more than 1,024 characters unless a question mark announces it.
pub fn put_key(out: &mut String, put: impl FnOnce(&mut String)) -> KeyForm {
    let start = out.len();
    put(out);
    if out.len() - start <= LONGEST_BARE_KEY {
        return KeyForm::Bare;
    }
    out.insert_str(start, "? ");
    KeyForm::Announced
}

/// Writes a value on one line, as JSON; only a float that is no number leaves it (`.nan`, `.inf`).
pub fn put_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => write!(out, "{value}").expect("writing into a string cannot fail"),
        Value::Float(value) => out.push_str(&float(*value)),
        Value::Str(value) => put_quoted(out, value),
        Value::List(items) => {
            out.push('[');
            put_joined(out, items, put_value);
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            put_joined(out, entries, |out, (key, value)| {
                put_key(out, |out| put_quoted(out, key));
                out.push_str(": ");
                put_value(out, value);
            });
            out.push('}');
        }
    }
}

fn put_joined<T>(out: &mut String, items: impl IntoIterator<Item = T>, put: impl Fn(&mut String, T)) {
    for (idx, item) in items.into_iter().enumerate() {
        out.push_str(if idx == 0 { "" } else { ", " });
        put(out, item);
    }
}

/// Returns the shortest digits that give the same float, with the point and the sign of the exponent that YAML 1.1
/// demands: without them it reads `1e3` as text.
fn float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let digits = format!("{value:?}");
    let Some((mantissa, exponent)) = digits.split_once('e') else { return digits };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{mantissa}{point}e{sign}{exponent}")
}

fn is_plain(text: &str) -> bool {
    starts_plain(text)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text.chars().all(is_plain_inside)
        && !TAKEN.iter().any(|word| word.eq_ignore_ascii_case(text.trim_start_matches('.')))
}

/// A letter, or a sign that means nothing in YAML; never a digit or the start of a number.
fn starts_plain(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('.') => chars.next().is_some_and(|c| c == '/' || c.is_ascii_alphabetic()),
        Some(c) => c.is_alphabetic() || c == '_' || c == '/' || c == '$',
        None => false,
    }
}

/// No `#`, which may begin a comment, and no character that a reader could refuse or a terminal obey.
fn is_plain_inside(c: char) -> bool {
    if c.is_ascii() { c != '#' && (' '..='~').contains(&c) } else { c.is_alphanumeric() }
}

/// Whether the character may stand in quotes as it is: what controls, separates lines or turns their direction may not.
fn is_visible(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    let unassigned = u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    c == ' ' || !(c.is_control() || c.is_whitespace() || hidden || unassigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_where_a_reader_could_take_it_for_something_else() {
        let check = |text: &str, expect: &str| {
            let mut out = String::new();
            put_text(&mut out, text);
            assert_eq!(out, expect, "{text:?}");
        };
        check("cargo run --quiet --bin football -- features", "cargo run --quiet --bin football -- features");
        check("./run.sh 'a' | sort > \"$OUT\"", "./run.sh 'a' | sort > \"$OUT\"");
        check("données/week=3.parquet", "données/week=3.parquet");
        check("a:b", "a:b");
        check("http://x", "http://x");
        for text in
            ["", "yes", "On", "NULL", "~", "012", "1e3", "12:30:45", "-x", "? x", "& x", "* x", "<<", "=", ".inf"]
        {
            check(text, &format!("\"{text}\""));
        }
        for text in
            ["a: b", "a:", "a ", " a", "a #b", "---", "...", ".5", "@x", "`x", "%x", "[x", "{x", "!x", "2025-01-01"]
        {
            check(text, &format!("\"{text}\""));
        }
        check("a\nb\t\"\\\u{1b}\u{85}\u{202e}\u{feff}", r#""a\nb\t\"\\\u001b\u0085\u202e\ufeff""#);
        check("é — 😀", "\"é — 😀\"");
        check("\u{1fffe}", "\"\\U0001fffe\"");
    }

    #[test]
    fn a_float_stays_a_float_for_every_reader() {
        let check = |value: f64, expect: &str| assert_eq!(float(value), expect);
        check(20.0, "20.0");
        check(-0.0, "-0.0");
        check(0.1, "0.1");
        check(1e300, "1.0e+300");
        check(-1.5e-7, "-1.5e-7");
        check(f64::NAN, ".nan");
        check(f64::NEG_INFINITY, "-.inf");
    }

    #[test]
    fn a_digest_that_looks_like_a_number_is_quoted() {
        let check = |hex: &str, expect: &str| {
            let mut out = String::new();
            put_hex(&mut out, hex);
            assert_eq!(out, expect);
        };
        check("1234e5", "\"1234e5\"");
        check("0b1010", "\"0b1010\"");
        check("12a4e5", "12a4e5");
    }
}
