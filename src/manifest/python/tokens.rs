//! The tokens of a Python text, as far as statements and literals need them.

/// A token and the offset of its first byte.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) at: usize,
}

impl<'t> Token<'t> {
    /// Returns the operator, if the token is one.
    pub(super) fn op(&self) -> Option<&'t str> {
        if let Kind::Op(op) = self.kind { Some(op) } else { None }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    /// The end of a logical line.
    Newline,
    Indent,
    Dedent,
    Name(&'t str),
    Number(&'t str),
    /// The value of a literal.
    Text(String),
    Op(&'t str),
    /// What is no literal: bytes, a formatted text, a character that Python does not have.
    Other,
}

/// Why a text is not Python.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) at: usize,
    pub(super) what: String,
}

/// Splits a text into tokens. Inside of brackets there are no lines.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Error> {
    let mut lexer = Lexer { text, at: 0, open: Vec::new(), indents: vec![0], tokens: Vec::new() };
    while lexer.at < text.len() {
        if lexer.is_at_line_start() {
            lexer.indentation()?;
        } else {
            lexer.token()?;
        }
    }
    lexer.end()
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    /// The brackets that are not closed yet, and where they stand.
    open: Vec<(char, usize)>,
    indents: Vec<usize>,
    tokens: Vec<Token<'t>>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: Kind<'t>, len: usize) {
        self.tokens.push(Token { kind, at: self.at });
        self.at += len;
    }

    fn is_at_line_start(&self) -> bool {
        let is_after_line = self.at == 0 || self.text[..self.at].ends_with('\n');
        let is_continued = self.text[..self.at].ends_with("\\\n") || self.text[..self.at].ends_with("\\\r\n");
        let was_newline = self.tokens.last().is_none_or(|token| {
            matches!(token.kind, Kind::Newline | Kind::Indent | Kind::Dedent) && token.at < self.at
        });
        is_after_line && !is_continued && self.open.is_empty() && was_newline
    }

    /// Reads the space before a line; lines without anything mean nothing.
    fn indentation(&mut self) -> Result<(), Error> {
        let blank = self.rest().find(|c: char| !matches!(c, ' ' | '\t' | '\u{c}')).unwrap_or(self.rest().len());
        let after = &self.rest()[blank..];
        if after.is_empty() || after.starts_with(['\n', '\r', '#']) {
            self.at += after.find('\n').map_or(self.rest().len(), |end| blank + end + 1);
            return Ok(());
        }
        let width =
            self.rest()[..blank].chars().fold(0, |width, c| if c == '\t' { width / 8 * 8 + 8 } else { width + 1 });
        self.at += blank;
        if self.indents.last().is_some_and(|last| *last < width) {
            self.indents.push(width);
            self.push(Kind::Indent, 0);
        }
        while self.indents.last().is_some_and(|last| *last > width) {
            self.indents.pop();
            self.push(Kind::Dedent, 0);
        }
        if self.indents.last() != Some(&width) {
            return Err(Error { at: self.at, what: "the line is indented as no line above it".to_owned() });
        }
        // Where a line begins is not asked twice.
        self.token()
    }

    fn token(&mut self) -> Result<(), Error> {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return Ok(()) };
        match c {
            '\n' => {
                self.newline();
                self.at += 1;
            }
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '\\' if rest.starts_with("\\\n") => self.at += 2,
            '\\' if rest.starts_with("\\\r\n") => self.at += 3,
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '0'..='9' => self.number(),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            '\'' | '"' => self.string("")?,
            c if c == '_' || c.is_alphabetic() => self.name()?,
            _ => self.operator(c)?,
        }
        Ok(())
    }

    fn newline(&mut self) {
        let is_end = self.tokens.last().is_some_and(|token| !matches!(token.kind, Kind::Newline | Kind::Dedent));
        if is_end && self.open.is_empty() {
            self.push(Kind::Newline, 0);
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let mut len = 0;
        for (at, c) in rest.char_indices() {
            let is_sign = matches!(c, '+' | '-') && rest[..at].ends_with(['e', 'E']) && !rest.starts_with("0x");
            if !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || is_sign) {
                break;
            }
            len = at + c.len_utf8();
        }
        self.push(Kind::Number(&rest[..len]), len);
    }

    fn name(&mut self) -> Result<(), Error> {
        let rest = self.rest();
        let len = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
        let name = &rest[..len];
        let is_prefix =
            matches!(name.to_ascii_lowercase().as_str(), "r" | "u" | "b" | "f" | "t" | "br" | "rb" | "fr" | "rf");
        if is_prefix && rest[len..].starts_with(['\'', '"']) {
            return self.string(name);
        }
        self.push(Kind::Name(name), len);
        Ok(())
    }

    fn string(&mut self, prefix: &str) -> Result<(), Error> {
        let after = &self.rest()[prefix.len()..];
        let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| after.starts_with(quote)).unwrap_or("'");
        let body = &after[quote.len()..];
        let unclosed = Error { at: self.at, what: "the text is never closed".to_owned() };
        let len = end_of(body, quote).ok_or(unclosed)?;
        let prefix = prefix.to_ascii_lowercase();
        let kind = match (prefix.contains(['b', 'f', 't']), prefix.contains('r')) {
            (true, _) => Kind::Other,
            (false, true) => Kind::Text(body[..len].to_owned()),
            (false, false) => unescaped(&body[..len]).map_or(Kind::Other, Kind::Text),
        };
        self.push(kind, prefix.len() + 2 * quote.len() + len);
        Ok(())
    }

    fn operator(&mut self, c: char) -> Result<(), Error> {
        match c {
            '(' | '[' | '{' => self.open.push((c, self.at)),
            ')' | ']' | '}' => {
                let opening = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if self.open.pop().is_none_or(|(open, _)| open != opening) {
                    return Err(Error { at: self.at, what: format!("`{c}` closes nothing") });
                }
            }
            _ => {}
        }
        let rest = self.rest();
        // What begins with `=`, or ends with it, is one operator only where it is no assignment.
        let len = [
            "**=", "//=", ">>=", "<<=", "...", "==", "!=", "<=", ">=", "->", ":=", "**", "+=", "-=", "*=", "/=", "%=",
            "&=", "|=", "^=", "@=",
        ]
        .into_iter()
        .find(|op| rest.starts_with(op))
        .map_or(c.len_utf8(), str::len);
        self.push(Kind::Op(&rest[..len]), len);
        Ok(())
    }

    fn end(mut self) -> Result<Vec<Token<'t>>, Error> {
        if let Some((open, at)) = self.open.pop() {
            return Err(Error { at, what: format!("`{open}` is never closed") });
        }
        self.newline();
        for _ in 1..self.indents.len() {
            self.push(Kind::Dedent, 0);
        }
        Ok(self.tokens)
    }
}

/// Returns the length of a text up to its closing quotes.
fn end_of(body: &str, quote: &str) -> Option<usize> {
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        if body[at..].starts_with(quote) {
            return Some(at);
        }
        match c {
            '\\' => drop(chars.next()),
            '\n' if quote.len() == 1 => return None,
            _ => {}
        }
    }
    None
}

/// Returns the text that stands for itself in quotes; `None` for characters by their names, which nobody knows here.
fn unescaped(body: &str) -> Option<String> {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (text, used) = escape(&rest[at + 1..])?;
        out.push_str(&text);
        rest = &rest[at + 1 + used..];
    }
    out.push_str(rest);
    Some(out)
}

/// Returns what the characters after a backslash stand for, and how many bytes they are.
fn escape(after: &str) -> Option<(String, usize)> {
    let by_code = |digits: usize| {
        let code = after.get(1..=digits).and_then(|text| u32::from_str_radix(text, 16).ok())?;
        Some((char::from_u32(code)?.to_string(), digits + 1))
    };
    let simple = |c: char| Some((c.to_string(), 1));
    match after.chars().next()? {
        '\n' => Some((String::new(), 1)),
        'n' => simple('\n'),
        't' => simple('\t'),
        'r' => simple('\r'),
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        'v' => simple('\u{b}'),
        c @ ('\\' | '\'' | '"') => simple(c),
        'x' => by_code(2),
        'u' => by_code(4),
        'U' => by_code(8),
        'N' => None,
        '0'..='7' => {
            let len = after.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let code = u32::from_str_radix(&after[..len], 8).ok()?;
            Some((char::from_u32(code)?.to_string(), len))
        }
        c => Some((format!("\\{c}"), c.len_utf8())),
    }
}
