//! What is run, and whether it needs a shell.
#![expect(clippy::disallowed_methods, reason = "this module starts processes")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The shell that runs commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    pub program: PathBuf,
    /// What stands before the command: `-c`, and for some shells what keeps the user's profile out.
    pub flags: Vec<String>,
}

impl Shell {
    /// `/bin/sh -c`.
    pub fn posix() -> Self {
        Self { program: "/bin/sh".into(), flags: vec!["-c".to_owned()] }
    }

    /// The user's shell as DVC starts it: without the user's profile, `/bin/sh` when there is none.
    pub fn of_user(shell: Option<&str>) -> Self {
        let Some(program) = shell.filter(|shell| !shell.is_empty()) else { return Self::posix() };
        let quiet: &[&str] = match Path::new(program).file_name().and_then(|name| name.to_str()) {
            Some("zsh") => &["--no-rcs"],
            Some("bash") => &["--noprofile", "--norc"],
            Some("fish") => &["--no-config"],
            _ => &[],
        };
        let flags = quiet.iter().chain(&["-c"]).map(ToString::to_string).collect();
        Self { program: program.into(), flags }
    }

    /// Returns what is run one after the other for `line`: a command of several lines is one script, in which the first
    /// failure is the end. A shell that cannot promise that is given one line at a time, as DVC gives them to every shell.
    pub fn scripts<'l>(&self, line: &'l str) -> Vec<&'l str> {
        if !is_script(line) || self.ends_at_failure() {
            return vec![line];
        }
        line.lines().filter(|line| !line.trim().is_empty()).collect()
    }

    /// Whether `-e` makes the shell end at the first command that fails.
    fn ends_at_failure(&self) -> bool {
        let name = self.program.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "oksh", "yash"].contains(&name))
    }

    /// Returns the arguments with which the shell runs `line`.
    fn args<'a>(&'a self, line: &'a str) -> impl Iterator<Item = &'a str> {
        let stop = (is_script(line) && self.ends_at_failure()).then_some("-e");
        // Before the last of them, `-c`: the long ones of some shells must come first.
        let (before, last) = self.flags.split_at(self.flags.len().saturating_sub(1));
        let before = before.iter().map(String::as_str);
        before.chain(stop).chain(last.iter().map(String::as_str)).chain([line])
    }
}

/// Whether a command has several lines.
fn is_script(line: &str) -> bool {
    line.trim().contains('\n')
}

/// A command line with its folder, its environment and where its output goes.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    pub line: &'a str,
    pub shell: &'a Shell,
    pub folder: &'a Path,
    /// Added to the inherited environment.
    pub env: &'a [(String, OsString)],
}

impl Command<'_> {
    /// Prepares the command: as it is when no shell could make a difference, otherwise through the shell.
    pub(super) fn prepare(&self, through: Through) -> std::process::Command {
        let words = plain_words(self.line).filter(|_| through == Through::WhatItNeeds);
        let mut command;
        if let Some([program, args @ ..]) = words.as_deref() {
            // A program named by a path is meant from the folder the command runs in, wherever this process stands.
            let program = if program.contains('/') { self.folder.join(program) } else { program.into() };
            command = std::process::Command::new(program);
            command.args(args);
        } else {
            command = std::process::Command::new(&self.shell.program);
            command.args(self.shell.args(self.line));
        }
        command.current_dir(self.folder).envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through {
    WhatItNeeds,
    TheShell,
}

/// Returns the words of a line in which no shell would see anything but words, and whose first word is a program.
fn plain_words(line: &str) -> Option<Vec<&str>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+= ".contains(c);
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    let first = words.first()?;
    (line.chars().all(plain) && !first.contains('=') && !SHELL_WORDS.contains(first)).then_some(words)
}

/// Reserved words and built-ins of a POSIX shell: what is not a program, or differs from the program of that name.
const SHELL_WORDS: &[&str] = &[
    ".", ":", "alias", "bg", "break", "case", "cd", "command", "continue", "do", "done", "echo", "elif", "else",
    "esac", "eval", "exec", "exit", "export", "fg", "fi", "for", "getopts", "hash", "if", "in", "jobs", "kill",
    "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "then", "time", "times",
    "trap", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_go_without_a_shell() {
        let check = |line: &str, expect: bool| assert_eq!(plain_words(line).is_some(), expect, "{line:?}");
        check("cp in/1 out/1", true);
        check("cargo run --quiet --bin football -- features --k=20", true);
        check("cp in/* out", false);
        check("echo hi > out", false);
        check("X=1 prog", false);
        check("cd sub", false);
        check("exit 3", false);
        check("a\nb", false);
        check("~/bin/x", false);
        check("", false);
    }

    #[test]
    fn a_script_ends_at_the_first_failure_in_every_shell() {
        let script = "a\n\nb\n";
        let args = |shell: &Shell, line| shell.args(line).map(ToOwned::to_owned).collect::<Vec<_>>();
        assert_eq!(Shell::posix().scripts(script), [script]);
        assert_eq!(args(&Shell::posix(), script), ["-e", "-c", script]);
        assert_eq!(args(&Shell::posix(), "a\n"), ["-c", "a\n"]);
        let bash = Shell::of_user(Some("/bin/bash"));
        assert_eq!(args(&bash, script), ["--noprofile", "--norc", "-e", "-c", script]);
        let fish = Shell::of_user(Some("/usr/bin/fish"));
        assert_eq!(fish.scripts(script), ["a", "b"]);
        assert_eq!(args(&fish, "a"), ["--no-config", "-c", "a"]);
    }

    #[test]
    fn the_users_shell_is_started_without_its_profile() {
        assert_eq!(Shell::of_user(Some("/usr/bin/zsh")).flags, ["--no-rcs", "-c"]);
        assert_eq!(Shell::of_user(None), Shell::posix());
    }
}
