//! The terminal: how wide it is, what it can show, and the two streams that everything is written to.
//!
//! What is written, and in which words, is decided above. Nothing here panics or fails because a reader went away.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IsTerminal, Write};

use lockgate_spanned::{Charset, Style};

/// The environment, as the command line hands it down.
pub type Env = BTreeMap<String, String>;

/// The width of text that no terminal limits: lines are not cut.
const UNLIMITED: usize = 1000;

/// The user's word on colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// Colours on a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    Always,
    Never,
}

/// What one of the two streams can show.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    pub is_terminal: bool,
    pub style: Style,
}

/// Both streams.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub stdout: Stream,
    pub stderr: Stream,
}

impl Terminal {
    /// Looks at the two streams of this process.
    pub fn look(env: &Env, colour: Colour) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let width = |columns: Option<usize>| columns_of(env).or(columns).unwrap_or(UNLIMITED);
        let stream = |is_terminal, columns| {
            let style =
                Style { width: width(columns), colour: wants_colour(env, colour, is_terminal), charset: charset(env) };
            Stream { is_terminal, style }
        };
        Self {
            stdout: stream(stdout.is_terminal(), columns(&stdout)),
            stderr: stream(stderr.is_terminal(), columns(&stderr)),
        }
    }
}

fn columns(stream: &impl rustix::fd::AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

fn columns_of(env: &Env) -> Option<usize> {
    env.get("COLUMNS")?.parse().ok().filter(|columns| *columns > 0)
}

/// Decides on colours: the flag, then `NO_COLOR` (set and not empty), `CLICOLOR_FORCE`, `CLICOLOR=0`, `TERM=dumb`, and last
/// whether the stream is a terminal.
fn wants_colour(env: &Env, colour: Colour, is_terminal: bool) -> bool {
    let is_set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, expected: &str| env.get(name).is_some_and(|value| value == expected);
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if is_set("NO_COLOR") => false,
        Colour::Auto if is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") => true,
        Colour::Auto => is_terminal && !is("CLICOLOR", "0") && !is("TERM", "dumb"),
    }
}

/// Returns what the locale can show: the first that is set of `LC_ALL`, `LC_CTYPE` and `LANG` decides. When none is set,
/// as in most containers and CI, nothing says that UTF-8 cannot be shown.
fn charset(env: &Env) -> Charset {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env.get(*name).filter(|value| !value.is_empty()));
    let utf8 = |locale: &String| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    };
    if locale.is_none_or(utf8) { Charset::Unicode } else { Charset::Ascii }
}

/// Whether somebody can be asked: questions are written to standard error and answered on standard input.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Writes a question, and returns the line with which it is answered; `None` when nobody answers any more.
pub fn ask(question: &str) -> Option<String> {
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).ok()?;
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim().to_owned())
}

/// The two streams: data goes to standard output, everything else to standard error.
///
/// A reader that went away (`lockgate status | head -1`) closes a stream: what follows is dropped without a word.
pub struct Out {
    stdout: Port,
    stderr: Port,
}

struct Port {
    to: Box<dyn Write + Send>,
    open: bool,
}

impl Out {
    /// Writes to the streams of this process.
    pub fn standard() -> Self {
        Self::new(Box::new(io::stdout()), Box::new(io::stderr()))
    }

    pub fn new(stdout: Box<dyn Write + Send>, stderr: Box<dyn Write + Send>) -> Self {
        Self { stdout: Port { to: stdout, open: true }, stderr: Port { to: stderr, open: true } }
    }

    /// Writes data. An error other than a reader that went away is returned: data that is not written is not there.
    pub fn data(&mut self, text: &str) -> io::Result<()> {
        self.stdout.write(text.as_bytes())
    }

    /// Writes data that need not be text.
    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stdout.write(bytes)
    }

    /// Writes a line of data.
    pub fn data_line(&mut self, line: &str) -> io::Result<()> {
        self.data(&format!("{line}\n"))
    }

    /// Tells something. When it cannot be written there is nobody left to tell.
    pub fn say(&mut self, text: &str) {
        self.stderr.write(text.as_bytes()).unwrap_or_default();
    }
}

impl Port {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.open || bytes.is_empty() {
            return Ok(());
        }
        match self.to.write_all(bytes).and_then(|()| self.to.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.open = false;
                Ok(())
            }
            written => written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Env {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn colours_follow_the_flag_then_the_environment_then_the_terminal() {
        let check = |pairs: &[(&str, &str)], colour, is_terminal, expect| {
            assert_eq!(wants_colour(&env(pairs), colour, is_terminal), expect, "{pairs:?} {colour:?} {is_terminal}");
        };
        check(&[], Colour::Auto, true, true);
        check(&[], Colour::Auto, false, false);
        check(&[("NO_COLOR", "1")], Colour::Auto, true, false);
        check(&[("NO_COLOR", "")], Colour::Auto, true, true);
        check(&[("NO_COLOR", "1")], Colour::Always, false, true);
        check(&[("CLICOLOR_FORCE", "1")], Colour::Auto, false, true);
        check(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Colour::Auto, false, false);
        check(&[("CLICOLOR", "0")], Colour::Auto, true, false);
        check(&[("TERM", "dumb")], Colour::Auto, true, false);
        check(&[], Colour::Never, true, false);
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides_on_the_characters() {
        let check = |pairs: &[(&str, &str)], expect| assert_eq!(charset(&env(pairs)), expect, "{pairs:?}");
        check(&[], Charset::Unicode);
        check(&[("LANG", "de_DE.UTF-8")], Charset::Unicode);
        check(&[("LANG", "C")], Charset::Ascii);
        check(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], Charset::Ascii);
        check(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")], Charset::Unicode);
    }

    struct Gone(ErrorKind);

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error_and_a_full_disk_is_one() {
        let mut out = Out::new(Box::new(Gone(ErrorKind::BrokenPipe)), Box::new(Gone(ErrorKind::BrokenPipe)));
        assert!(out.data("x").is_ok());
        assert!(!out.stdout.open);
        out.say("x");
        let mut full = Out::new(Box::new(Gone(ErrorKind::StorageFull)), Box::new(io::sink()));
        assert!(full.data("x").is_err());
    }
}
