//! The grammar of `${…}`: where the expressions of a string are, and what each one names.

/// A part of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// An escaped `\${`, which stands for `${`.
    Escaped,
    /// An expression as it is written, with `${` and `}`.
    Expression(&'a str),
}

/// Whether a string has anything to resolve; most have not.
pub(super) fn has_template(text: &str) -> bool {
    text.contains("${")
}

/// Splits a string at its expressions. `${` without a `}` on the same line is text, as DVC has it.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut search) = (0, 0);
    while let Some(at) = text[search..].find("${").map(|found| search + found) {
        if text[..at].ends_with('\\') {
            push_text(&mut pieces, &text[from..at - 1]);
            pieces.push(Piece::Escaped);
            (from, search) = (at + 2, at + 2);
            continue;
        }
        let rest = &text[at..];
        let line = rest.split('\n').next().unwrap_or(rest);
        let Some(end) = line.find('}') else {
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

/// Returns the segments of an expression, `a`, `b` and `0` of `${a.b[0]}`, or `None` when it is not a path.
pub(super) fn segments(expression: &str) -> Option<Vec<&str>> {
    let inner = expression.strip_prefix("${")?.strip_suffix('}')?;
    let mut segments = Vec::new();
    let mut rest = inner;
    loop {
        let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
        segments.push(word(&rest[..end])?);
        rest = &rest[end..];
        while let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']')?;
            segments.push(word(index)?);
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.trim().is_empty() => return Some(segments),
            None => return None,
        }
    }
}

/// A name as a parameter has it. Braces, quotes, `:` and the like belong to the shell's `${VAR:-default}`, not to a name.
fn word(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.contains(['.', '[', ']', '{', '}', ':'])).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_split_at_its_expressions() {
        use Piece::{Escaped, Expression, Text};
        let check = |text: &str, expect: &[Piece<'_>]| assert_eq!(pieces(text), expect, "{text}");
        check("plain", &[Text("plain")]);
        check("${a}", &[Expression("${a}")]);
        check("x ${a.b} y ${c}", &[Text("x "), Expression("${a.b}"), Text(" y "), Expression("${c}")]);
        check("\\${HOME} ${a}", &[Escaped, Text("HOME} "), Expression("${a}")]);
        check("$${f}", &[Text("$"), Expression("${f}")]);
        check("${open", &[Text("${open")]);
        check("${f}}", &[Expression("${f}"), Text("}")]);
        check("${a\n}", &[Text("${a\n}")]);
    }

    #[test]
    fn an_expression_is_a_path() {
        let check = |text: &str, expect: Option<&[&str]>| assert_eq!(segments(text).as_deref(), expect, "{text}");
        check("${a}", Some(&["a"]));
        check("${ a . b }", Some(&["a", "b"]));
        check("${a.b[0].c}", Some(&["a", "b", "0", "c"]));
        check("${a[b][-1]}", Some(&["a", "b", "-1"]));
        check("${}", None);
        check("${a.}", None);
        check("${a[0}", None);
        check("${a]}", None);
        check("${HOME:-x}", None);
        check("${a[0]b}", None);
    }
}
