//! Parameters of a Python file: its constants, as far as they are literals.
//!
//! Read as DVC reads them: assignments of one name at the top level and in classes, and of `self.name` in `__init__`. All
//! that is not a literal, and all that stands below `if`, `for` and the like, is passed over. Nothing is run.

mod literal;
mod tokens;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use lockgate_spanned::{Problem, Problems, Source, Span};

use self::literal::{Reader, bracketed, is_too_long};
use self::tokens::{Kind, Token, tokens};
use super::datum::{Datum, Entries, Shape};

/// Reads the parameters of `source`; text in which brackets or quotes are not closed becomes a problem.
pub(super) fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Datum> {
    match tokens(source.text()) {
        Ok(tokens) => {
            let problems = RefCell::new(problems);
            let block = Block { source, problems: &problems, tokens: &tokens, at: 0 };
            Some(Datum::new(source, Span::default(), Shape::Map(block.entries(Names::All))))
        }
        Err(error) => {
            let message = format!("`{}` is not valid Python: {}", source.name(), error.what);
            let span = Span { start: error.at, len: 1 };
            problems.push(Problem::new("python::syntax", source, span, message).help("correct it at the mark"));
            None
        }
    }
}

/// Which assignments of a block count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    All,
    /// Of the body of `__init__`.
    OfSelf,
}

/// The statements of a module, a class or a function while they are read.
struct Block<'t> {
    source: &'t Arc<Source>,
    problems: &'t RefCell<&'t mut Problems>,
    tokens: &'t [Token<'t>],
    at: usize,
}

impl<'t> Block<'t> {
    fn entries(mut self, names: Names) -> Entries {
        let mut entries = Entries::new();
        while self.at < self.tokens.len() {
            let statement = self.statement();
            match statement {
                [Token { kind: Kind::Name("class"), .. }, Token { kind: Kind::Name(name), at, .. }, ..] => {
                    let body = self.suite(statement).entries(Names::All);
                    let span = Span { start: *at, len: name.len() };
                    entries.insert((*name).to_owned(), Rc::new(Datum::new(self.source, span, Shape::Map(body))));
                }
                [Token { kind: Kind::Name("def"), .. }, Token { kind: Kind::Name("__init__"), .. }, ..] => {
                    entries.extend(self.suite(statement).entries(Names::OfSelf));
                }
                _ => {
                    self.skip_block();
                    entries.extend(self.assigned(statement, names));
                }
            }
        }
        entries
    }

    /// Takes the tokens up to the end of a statement, without the border.
    fn statement(&mut self) -> &'t [Token<'t>] {
        let rest = &self.tokens[self.at..];
        let is_compound = matches!(rest.first().map(|token| &token.kind), Some(Kind::Name("class" | "def")));
        // `class A: x = 1; y = 2` is one statement.
        let is_border = |token: &Token<'_>| token.kind == Kind::Newline || (!is_compound && token.op() == Some(";"));
        let len = rest.iter().position(is_border).unwrap_or(rest.len());
        self.at += (len + 1).min(rest.len());
        &rest[..len]
    }

    /// Returns what belongs to a compound statement: what follows its `:`, or the lines below that are indented.
    fn suite(&mut self, header: &'t [Token<'t>]) -> Block<'t> {
        let colon = bracketed(header).position(|(depth, token)| depth == 0 && token.op() == Some(":"));
        let inline = colon.map_or(&[][..], |colon| &header[colon + 1..]);
        let below = self.skip_block();
        Block {
            source: self.source,
            problems: self.problems,
            tokens: if inline.is_empty() { below } else { inline },
            at: 0,
        }
    }

    /// Takes the indented lines that come next, if there are any.
    fn skip_block(&mut self) -> &'t [Token<'t>] {
        let rest = &self.tokens[self.at..];
        if rest.first().is_none_or(|token| token.kind != Kind::Indent) {
            return &[];
        }
        let mut depth = 0_usize;
        for (len, token) in rest.iter().enumerate() {
            match token.kind {
                Kind::Indent => depth += 1,
                Kind::Dedent => depth -= 1,
                Kind::Newline | Kind::Name(_) | Kind::Number(_) | Kind::Text(_) | Kind::Op(_) | Kind::Other => {}
            }
            if depth == 0 {
                self.at += len + 1;
                return &rest[1..len];
            }
        }
        self.at = self.tokens.len();
        &rest[1..]
    }

    /// Returns the name and the value of an assignment that counts.
    fn assigned(&self, statement: &'t [Token<'t>], names: Names) -> Option<(String, Rc<Datum>)> {
        let (name, at, rest) = target(statement, names)?;
        let equals = match rest.first()?.op()? {
            "=" => 0,
            // The annotation may be any expression.
            ":" => bracketed(rest).position(|(depth, token)| depth == 0 && token.op() == Some("="))?,
            _ => return None,
        };
        let value = &rest[equals + 1..];
        self.refuse_long_integers(value);
        let value = Reader::new(self.source, value).whole()?;
        let place = Span { start: at, len: name.len() };
        Some((name.to_owned(), Rc::new(Datum::new(self.source, place, value))))
    }

    fn refuse_long_integers(&self, tokens: &[Token<'t>]) {
        for token in tokens {
            if let Kind::Number(text) = &token.kind
                && is_too_long(text)
            {
                let span = Span { start: token.at, len: text.len() };
                self.problems.borrow_mut().push(Problem::too_long(self.source, span));
            }
        }
    }
}

/// What stands before a colon as a name does, and is none.
const KEYWORDS: [&str; 4] = ["else", "try", "finally", "lambda"];

/// Returns the name that a statement sets, its place, and what follows it.
fn target<'t>(statement: &'t [Token<'t>], names: Names) -> Option<(&'t str, usize, &'t [Token<'t>])> {
    match statement {
        [
            Token { kind: Kind::Name("self"), .. },
            Token { kind: Kind::Op("."), .. },
            Token { kind: Kind::Name(name), at },
            rest @ ..,
        ] => Some((name, *at, rest)),
        [Token { kind: Kind::Name(name), at }, rest @ ..] if names == Names::All && !KEYWORDS.contains(name) => {
            Some((name, *at, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> String {
        let source = Source::new("params.py", text);
        let mut problems = Problems::default();
        if let Some(datum) = read(&source, &mut problems) {
            return datum.to_value().to_json().to_string();
        }
        let told = |problem: &Problem| format!("{} {}", problem.cite(), problem.message());
        problems.iter().map(told).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn constants_of_modules_classes_and_init_are_read() {
        let text = "\
# settings
import os
INT: int = 5
FLOAT = 0.001
STR = 'abc' \"def\"
BOOL: bool = True
NONE = None
DICT = {'a': 1, 'b': [2, -3.5], **OTHER}
PLAIN = {'a': 1, 2: (1, 2),
    'c': {'x': 'y'},  # inside
}
LIST = [1, 'x', (True, False)]
TUPLE = 10, 100
SET = {3, 1, 2, 3}
annotated: Dict[str, int]
if INT:
    HIDDEN = 1
else:
    HIDDEN = 2

@dataclass(frozen=True)
class TrainConfig(Base, metaclass=Meta):
    \"\"\"Doc: x = 1\"\"\"
    EPOCHS = 70
    lr: float = field(default=1)

    class Inner: A = 1; B = 2

    def __init__(self, x: Dict[str, int] = {1: 2}) -> None:
        local = 3
        self.layers = 5
        self.sum = 1 + 2
        self.bias: float = -0.5
        if x:
            self.hidden = 1

    def other(self):
        self.no = 1

try: HIDDEN = 3
finally: HIDDEN = 4
AFTER = r'\\d' ; LAST = 0x1F
x = y = 1
a, b = 1, 2
a += 1
c.d = 1
e[0] = 1
CALL = int('1')
F = f'{x}'
LONG = 1_000 + \\
    1
";
        assert_eq!(
            values(text),
            r#"{"AFTER":"\\d","BOOL":true,"FLOAT":0.001,"INT":5,"LAST":31,"LIST":[1,"x",[true,false]],"NONE":null,"PLAIN":{"2":[1,2],"a":1,"c":{"x":"y"}},"SET":[1,2,3],"STR":"abcdef","TUPLE":[10,100],"TrainConfig":{"EPOCHS":70,"Inner":{"A":1,"B":2},"bias":-0.5,"layers":5}}"#
        );
    }

    #[test]
    fn texts_are_read_as_python_reads_them() {
        let check = |literal: &str, expect: &str| assert_eq!(values(&format!("x = {literal}\n")), expect, "{literal}");
        check(
            r"'a\tb\x41\u00e9\N{DASH}\z\'\
c'",
            "{}",
        );
        check(r"'a\tb\x41\u00e9\101\z\''", r#"{"x":"a\tbAéA\\z'"}"#);
        check("'''a\n'b' \"c\"'''", r#"{"x":"a\n'b' \"c\""}"#);
        check("R'\\n' u'x'", r#"{"x":"\\nx"}"#);
        check("b'x'", "{}");
        check("('a'\n 'b')", r#"{"x":"ab"}"#);
        check("()", r#"{"x":[]}"#);
        check("(1)", r#"{"x":1}"#);
        check("(1,)", r#"{"x":[1]}"#);
        check("+1e3", r#"{"x":1000.0}"#);
        check("- -1", "{}");
        check("1j", "{}");
        check("...", "{}");
        check(".5", r#"{"x":0.5}"#);
        check("0o17", r#"{"x":15}"#);
        check("[1, 2,]", r#"{"x":[1,2]}"#);
        check("[y, 2]", "{}");
        check("{'b', 'a', 1}", r#"{"x":[1,"a","b"]}"#);
        check("{}", r#"{"x":{}}"#);
        check("set()", r#"{"x":[]}"#);
        check("1 if y else 2", "{}");
    }

    #[test]
    fn what_is_not_closed_is_a_problem_in_its_place() {
        assert_eq!(values("a = 1\nb = [1,\n"), "params.py:2:5 `params.py` is not valid Python: `[` is never closed");
        assert_eq!(
            values("a = 'x\nb = 1\n"),
            "params.py:1:5 `params.py` is not valid Python: the text is never closed"
        );
        assert_eq!(values("a = 1]\n"), "params.py:1:6 `params.py` is not valid Python: `]` closes nothing");
        assert_eq!(
            values("if a:\n    b = 1\n  c = 2\n"),
            "params.py:3:3 `params.py` is not valid Python: the line is indented as no line above it"
        );
    }
}
