//! What git has of the project: its revisions, and the files of each.
//!
//! Git is asked through its command, in a way that runs no hook, asks nobody, and writes nothing but the setting that it is
//! told to. It knows nothing of what the files mean.
#![expect(clippy::disallowed_methods, reason = "this module starts git")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::words::RelPath;

/// The repository that the project is in.
#[derive(Debug)]
pub struct Git {
    /// The folder of the project.
    folder: PathBuf,
    /// The project's folder as the repository knows it: empty, or with a slash at its end.
    prefix: String,
    /// Started with the first file that is read.
    reader: RefCell<Option<Reader>>,
}

/// A commit by its full hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit(String);

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a commit has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file; a symlink inside of the repository was followed.
    File(Vec<u8>),
    Folder,
    Nothing,
}

/// Why git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("`git` cannot be started: {0}")]
    NotStarted(io::Error),
    #[error("this project is not in a git repository")]
    NoRepository,
    #[error("git has no commit of this project yet")]
    NoCommits,
    #[error("git knows no revision `{0}` of this project")]
    NoRevision(String),
    #[error("`git {what}` failed: {why}")]
    Failed { what: String, why: String },
}

impl GitError {
    /// Returns the next step.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotStarted(_) => "install git; values are compared with what it has",
            Self::NoRepository => "`git init` makes it one; values are compared with what git has",
            Self::NoCommits => "`git commit` makes the first one; values are compared with it from then on",
            Self::NoRevision(_) => "name a commit, a branch or a tag; `git log --oneline` lists commits",
            Self::Failed { .. } => "put right what git says, and run the command again",
        }
    }
}

/// What stands before every command: no pager, no lock, no hook.
const SAFE: [&str; 8] = [
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.quotePath=false",
    "-c",
    "core.hooksPath=/dev/null",
];

impl Git {
    /// Finds the repository that `folder` is in.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let mut git = Self { folder: folder.to_owned(), prefix: String::new(), reader: RefCell::new(None) };
        let answer = git.ask(&["rev-parse", "--is-inside-work-tree", "--show-prefix"])?;
        match answer.ok {
            true if answer.text.starts_with("true") => {}
            false if !answer.why.contains("not a git repository") => return Err(answer.failed("rev-parse")),
            _ => return Err(GitError::NoRepository),
        }
        answer.text.lines().nth(1).unwrap_or_default().clone_into(&mut git.prefix);
        Ok(git)
    }

    /// Returns the commit that a name means: a hash, a branch, a tag, `HEAD~3`.
    pub fn commit(&self, revision: &str) -> Result<Commit, GitError> {
        let commit = format!("{revision}^{{commit}}");
        let answer = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        if answer.ok {
            return Ok(Commit(answer.text.trim().to_owned()));
        }
        let has_commits = self.ask(&["rev-parse", "--verify", "--quiet", "HEAD"])?.ok;
        Err(if has_commits { GitError::NoRevision(revision.to_owned()) } else { GitError::NoCommits })
    }

    /// Returns the branch that is checked out, unless none is.
    pub fn branch(&self) -> Result<Option<String>, GitError> {
        let answer = self.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        Ok(answer.ok.then(|| answer.text.trim().to_owned()))
    }

    /// Returns the branches of this repository, by name.
    pub fn branches(&self) -> Result<Vec<(String, Commit)>, GitError> {
        self.names("refs/heads")
    }

    /// Returns the tags that name commits, by name.
    pub fn tags(&self) -> Result<Vec<(String, Commit)>, GitError> {
        self.names("refs/tags")
    }

    /// A tag with a text of its own is an object that names the commit.
    fn names(&self, place: &str) -> Result<Vec<(String, Commit)>, GitError> {
        let format = "--format=%(refname:strip=2) %(objecttype) %(objectname) %(*objecttype) %(*objectname)";
        let text = self.must(&["for-each-ref", format, place])?;
        let name = |line: &str| {
            let mut words = line.split(' ');
            let name = words.next()?.to_owned();
            let hash = words.skip_while(|word| *word != "commit").nth(1)?;
            Some((name, Commit(hash.to_owned())))
        };
        Ok(text.lines().filter_map(name).collect())
    }

    /// Returns every commit that a branch, a tag or the present state leads to, the newest first.
    pub fn commits(&self) -> Result<Vec<Commit>, GitError> {
        self.commit("HEAD")?;
        self.listed(&["rev-list", "--branches", "--tags", "--remotes", "HEAD"])
    }

    /// Returns the last commits of a revision, at most so many, the newest first.
    pub fn last(&self, revision: &Commit, most: usize) -> Result<Vec<Commit>, GitError> {
        let most = format!("--max-count={most}");
        self.listed(&["rev-list", &most, &revision.0])
    }

    /// Returns every commit of this day (`2026-11-22`) or a later one that a branch, a tag or the present state leads to.
    pub fn since(&self, day: &str) -> Result<Vec<Commit>, GitError> {
        self.commit("HEAD")?;
        let since = format!("--since-as-filter={day} 00:00:00");
        self.listed(&["rev-list", &since, "--branches", "--tags", "--remotes", "HEAD"])
    }

    fn listed(&self, args: &[&str]) -> Result<Vec<Commit>, GitError> {
        Ok(self.must(args)?.lines().map(|hash| Commit(hash.to_owned())).collect())
    }

    /// Returns the branches that were fetched from other repositories, by name.
    pub fn fetched_branches(&self) -> Result<Vec<(String, Commit)>, GitError> {
        self.names("refs/remotes")
    }

    /// Returns every path of the project at which a file of this name ever stood.
    pub fn paths_ever(&self, name: &str) -> Result<Vec<RelPath>, GitError> {
        let format = ["log", "--format=", "--name-only", "--no-renames", "-m", "-z"];
        let refs = ["--branches", "--tags", "--remotes", "HEAD"];
        let text = self.must(&[&format[..], &refs].concat())?;
        let mut paths: Vec<RelPath> = text.split('\0').filter_map(|file| self.inside(file.trim_start())).collect();
        paths.retain(|path| path.file_name() == name);
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// A name that is no path of ours, such as one with a line break, cannot be one of the project either.
    fn inside(&self, file: &str) -> Option<RelPath> {
        RelPath::parse(file.strip_prefix(&self.prefix)?).ok()
    }

    /// Returns what `commit` has at `path`, which is relative to the project.
    pub fn read(&self, commit: &Commit, path: &RelPath) -> Result<Found, GitError> {
        let mut reader = self.reader.borrow_mut();
        let reader = match &mut *reader {
            Some(reader) => reader,
            none => none.insert(Reader::start(self.command(&["cat-file", "--batch", "--follow-symlinks"]))?),
        };
        let object = format!("{commit}:{}{}", self.prefix, path.as_str());
        reader.read(&object).map_err(|error| GitError::Failed { what: "cat-file".to_owned(), why: error.to_string() })
    }

    /// Returns the files that `commit` has below the folder `path`, sorted.
    pub fn files_below(&self, commit: &Commit, path: &RelPath) -> Result<Vec<RelPath>, GitError> {
        let place = format!("{}{}", self.prefix, path.as_str());
        let whole = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", &commit.0];
        let text =
            if place.is_empty() { self.must(&whole) } else { self.must(&[&whole[..], &["--", &place]].concat()) }?;
        Ok(text.split('\0').filter_map(|file| self.inside(file)).collect())
    }

    /// Returns those of the paths that git ignores by what stands in its files, whether or not it tracks them.
    pub fn ignored(&self, paths: &[&RelPath]) -> Result<BTreeSet<RelPath>, GitError> {
        // It takes paths as they are, and refuses to be told so.
        let mut command = self.bare_command(&["check-ignore", "--no-index", "-z", "--stdin"]);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().map_err(GitError::NotStarted)?;
        let asks: String = paths.iter().flat_map(|path| [path.as_str(), "\0"]).collect();
        let mut stdin = child.stdin.take().expect("it is piped");
        // It answers while it is asked, and would wait for somebody to listen.
        let writer = std::thread::spawn(move || stdin.write_all(asks.as_bytes()));
        let output = child.wait_with_output().map_err(GitError::NotStarted)?;
        drop(writer.join());
        // 1 says that it ignores none of them.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(GitError::Failed { what: "check-ignore".to_owned(), why: "it does not say why".to_owned() });
        }
        let answer = String::from_utf8_lossy(&output.stdout);
        Ok(answer.split('\0').filter_map(|path| RelPath::parse(path).ok()).collect())
    }

    /// Sets a setting of this clone.
    pub fn set(&self, setting: &str, value: &str) -> Result<(), GitError> {
        self.must(&["config", "--local", setting, value]).map(drop)
    }

    fn must(&self, args: &[&str]) -> Result<String, GitError> {
        let answer = self.ask(args)?;
        if answer.ok { Ok(answer.text) } else { Err(answer.failed(args[0])) }
    }

    fn ask(&self, args: &[&str]) -> Result<Answer, GitError> {
        let output = self.command(args).output().map_err(GitError::NotStarted)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Answer { ok: output.status.success(), text: text(&output.stdout), why: text(&output.stderr) })
    }

    fn command(&self, args: &[&str]) -> Command {
        self.bare_command(&[&["--literal-pathspecs"], args].concat())
    }

    fn bare_command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(SAFE).args(args).current_dir(&self.folder).stdin(Stdio::null());
        // Its words are looked at, and a password is nothing to ask for here.
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0");
        // A hook hands down where its repository is as seen from elsewhere; ours is the one that the project is in.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE"] {
            command.env_remove(variable);
        }
        command
    }
}

struct Answer {
    ok: bool,
    text: String,
    why: String,
}

impl Answer {
    fn failed(&self, what: &str) -> GitError {
        let lines: Vec<&str> = self.why.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let why = if lines.is_empty() { "it does not say why".to_owned() } else { lines.join(" ") };
        GitError::Failed { what: what.to_owned(), why: why.strip_prefix("fatal: ").unwrap_or(&why).to_owned() }
    }
}

/// One process that answers for any number of files.
#[derive(Debug)]
struct Reader {
    child: Child,
    /// Taken when it is told to end.
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Reader {
    fn start(mut command: Command) -> Result<Self, GitError> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().map_err(GitError::NotStarted)?;
        let asks = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self { child, asks, answers })
    }

    /// An answer is a line of what it is and how long, and then the bytes and a line break.
    fn read(&mut self, object: &str) -> io::Result<Found> {
        let asks = self.asks.as_mut().expect("it is taken only at the end");
        writeln!(asks, "{object}")?;
        asks.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(io::Error::other("it ended early"));
        }
        let mut words = line.trim_end().rsplit(' ');
        let Some(size) = words.next().and_then(|word| word.parse().ok()) else { return Ok(Found::Nothing) };
        let mut bytes = vec![0; size];
        self.answers.read_exact(&mut bytes)?;
        self.answers.read_exact(&mut [0])?;
        Ok(match words.next() {
            Some("blob") => Found::File(bytes),
            Some("tree") => Found::Folder,
            // A symlink that leads out of the repository, to nothing, or in a circle.
            _ => Found::Nothing,
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.asks.take());
        self.child.wait().ok();
    }
}
