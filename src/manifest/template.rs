//! The grammar of `${…}`: where the expressions of a string are, and what each one names.

/// A part of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text as it is written; an escaped `\${` in it stands for `${`.
    Text(&'a str),
    /// An expression as it is written, with `${` and `}`.
    Expression(&'a str),
}

/// Where an expression stops being a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misplaced {
    /// Offset in bytes in the expression.
    pub(super) at: usize,
    /// What should be there.
    pub(super) wanted: &'static str,
}

/// Whether a string may have anything to resolve, be it an escape; most have not.
pub(super) fn has_template(text: &str) -> bool {
    text.contains("${")
}

/// Whether a string has an expression.
pub(super) fn has_expression(text: &str) -> bool {
    has_template(text) && pieces(text).iter().any(|piece| matches!(piece, Piece::Expression(_)))
}

/// Splits a string at its expressions. `${` without a `}` on the same line is text, as DVC has it.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut search) = (0, 0);
    while let Some(at) = text[search..].find("${").map(|found| search + found) {
        let rest = &text[at..];
        let line = rest.split('\n').next().unwrap_or(rest);
        let end = line.find('}').filter(|_| !text[..at].ends_with('\\'));
        let Some(end) = end else {
            search = at + 2;
            continue;
        };
        push_text(&mut pieces, &text[from..at]);
        pieces.push(Piece::Expression(&rest[..=end]));
        (from, search) = (at + end + 1, at + end + 1);
    }
    push_text(&mut pieces, &text[from..]);
    pieces
}

fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
}

/// Returns a resolved string with its escapes taken out.
pub(super) fn unescaped(text: String) -> String {
    if text.contains("\\${") { text.replace("\\${", "${") } else { text }
}

/// Returns the segments of an expression: `a`, `b` and `0` of `${a.b[0]}`.
pub(super) fn segments(expression: &str) -> Result<Vec<&str>, Misplaced> {
    let end = expression.len() - 1;
    let mut segments = Vec::new();
    let mut at = 2;
    loop {
        segments.push(word(expression, &mut at, "a name is missing here")?);
        while expression[at..end].starts_with('[') {
            at += 1;
            segments.push(word(expression, &mut at, "a key or an index is missing here")?);
            if !expression[at..end].starts_with(']') {
                return Err(Misplaced { at, wanted: "`]` is missing here" });
            }
            at += 1;
        }
        match expression[at..end].chars().next() {
            Some('.') => at += 1,
            Some(c) if c.is_whitespace() && expression[at..end].trim().is_empty() => return Ok(segments),
            Some(_) => return Err(Misplaced { at, wanted: "`.` or `[` is missing here" }),
            None => return Ok(segments),
        }
    }
}

/// Takes a word: any characters but `.`, `[` and `]`, without the space around it.
fn word<'a>(expression: &'a str, at: &mut usize, wanted: &'static str) -> Result<&'a str, Misplaced> {
    let end = expression.len() - 1;
    let rest = &expression[*at..end];
    let len = rest.find(['.', '[', ']']).unwrap_or(rest.len());
    let text = rest[..len].trim();
    if text.is_empty() {
        return Err(Misplaced { at: *at, wanted });
    }
    *at += len;
    Ok(text)
}

/// Whether a name has what names do not have, and the expansions of a shell do: `${VAR:-default}`.
pub(super) fn looks_like_shell(name: &str) -> bool {
    name.contains(['{', ':', '#', '%', '?', '*', '@', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_split_at_its_expressions() {
        use Piece::{Expression, Text};
        let check = |text: &str, expect: &[Piece<'_>]| assert_eq!(pieces(text), expect, "{text}");
        check("plain", &[Text("plain")]);
        check("${a}", &[Expression("${a}")]);
        check("x ${a.b} y ${c}", &[Text("x "), Expression("${a.b}"), Text(" y "), Expression("${c}")]);
        check("\\${HOME} ${a}", &[Text("\\${HOME} "), Expression("${a}")]);
        check("$${f}", &[Text("$"), Expression("${f}")]);
        check("${open", &[Text("${open")]);
        check("${f}}", &[Expression("${f}"), Text("}")]);
        check("${a\n}", &[Text("${a\n}")]);
        assert!(!has_expression("\\${a} ${b"));
        assert_eq!(unescaped("\\${a} \\\\${b}".to_owned()), "${a} \\${b}");
    }

    #[test]
    fn an_expression_is_a_path() {
        let check = |text: &str, expect: &[&str]| assert_eq!(segments(text).as_deref(), Ok(expect), "{text}");
        check("${a}", &["a"]);
        check("${ a . b }", &["a", "b"]);
        check("${a.b[0].c}", &["a", "b", "0", "c"]);
        check("${a[b][ -1 ]}", &["a", "b", "-1"]);
        check("${HOME:-x}", &["HOME:-x"]);
    }

    #[test]
    fn an_expression_that_is_no_path_says_where_it_stops_being_one() {
        let check = |text: &str, at: usize| assert_eq!(segments(text).map_err(|bad| bad.at), Err(at), "{text}");
        check("${}", 2);
        check("${  }", 2);
        check("${a.}", 4);
        check("${a.b.}", 6);
        check("${.a}", 2);
        check("${a[}", 4);
        check("${a[0}", 5);
        check("${a]}", 3);
        check("${a[0]b}", 6);
        check("${a.[b]}", 4);
    }
}
