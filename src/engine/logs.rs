//! The files of one run: its folder, its journal and the logs of its tasks.

use std::fs::File;
use std::io;

use super::transaction::below;
use crate::event::{Event, VERSION};
use crate::sys::clock;
use crate::sys::disk::{Appender, DiskError, Layout, Root};
use crate::sys::process::Masked;
use crate::words::{Digest, RelPath, TaskId};

/// How many bytes of a log are read for its last lines.
const TAIL_BYTES: usize = 16 * 1024;
/// How many last lines a failure shows.
const TAIL_LINES: usize = 20;

/// The folder `.lockgate/runs/ID`, made when the first task needs it.
#[derive(Debug)]
pub struct RunFiles {
    root: Root,
    id: String,
}

impl RunFiles {
    /// Names a run by its time and its process, so that names sort by time.
    pub fn new(root: &Root) -> Self {
        let now = clock::since_epoch();
        let millis = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
        let unique = Digest::of(format!("{} {}", now.as_nanos(), std::process::id()).as_bytes()).short();
        let id = format!("{}-{}", time.strftime("%Y%m%dT%H%M%S.%3fZ"), &unique[..4]);
        Self { root: root.clone(), id }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn folder(&self) -> RelPath {
        below(&Layout::runs(), &self.id)
    }

    /// Makes the folder.
    pub fn make(&self) -> Result<(), DiskError> {
        self.root.create_dir_all(&self.folder())
    }

    /// Returns the path of a task's log.
    pub fn log_of(&self, task: &TaskId) -> RelPath {
        below(&self.folder(), &format!("{}.log", task.file_stem()))
    }

    /// Opens a task's log for its commands to write to; further attempts go on at its end.
    pub fn open_log(&self, task: &TaskId) -> Result<File, DiskError> {
        self.root.open_for_output(&self.log_of(task))
    }

    /// Returns the last lines of a log; one that cannot be read has none.
    pub fn tail_of(&self, log: &RelPath) -> Vec<String> {
        let bytes = self.root.read_end(log, TAIL_BYTES).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(ToString::to_string).collect()
    }

    /// Puts a copy of a task's log beside its quarantined outputs.
    pub fn copy_log(&self, task: &TaskId, folder: &RelPath) -> Result<(), DiskError> {
        if self.root.lstat(&self.log_of(task))?.is_none() {
            return Ok(());
        }
        self.root.create_dir_all(folder)?;
        self.root.copy(&self.log_of(task), &below(folder, "log.txt"))
    }
}

/// What the commands of a task write to.
#[derive(Debug)]
pub enum Log {
    Plain(File),
    Masked(Masked),
}

impl Log {
    /// Makes the way into an open file, into which no secret gets.
    pub fn begin(file: File, secrets: &[Vec<u8>]) -> io::Result<Self> {
        if secrets.is_empty() { Ok(Self::Plain(file)) } else { Masked::begin(file, secrets).map(Self::Masked) }
    }

    /// Returns what commands write to.
    pub fn writer(&self) -> &File {
        match self {
            Self::Plain(file) => file,
            Self::Masked(masked) => masked.writer(),
        }
    }
}

/// The journal of a run: its events, one JSON value a line, each with its time.
///
/// It only tells about the run: when it cannot be written, the run goes on without it.
#[derive(Debug)]
pub struct Journal {
    /// `None` once it cannot be written.
    file: Option<Appender>,
}

impl Journal {
    /// Opens the journal of a run that was made.
    pub fn open(run: &RunFiles) -> Result<Self, DiskError> {
        Ok(Self { file: Some(run.root.append_to(&below(&run.folder(), "journal.jsonl"))?) })
    }

    /// Writes an event. An error comes once: from then on nothing is written.
    pub fn write(&mut self, event: &Event) -> Result<(), DiskError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.append(line(event).as_bytes());
        if written.is_err() {
            self.file = None;
        }
        written
    }
}

fn line(event: &Event) -> String {
    let at = u64::try_from(clock::since_epoch().as_millis()).unwrap_or(u64::MAX);
    let mut line = serde_json::Map::from_iter([("v".into(), VERSION.into()), ("at".into(), at.into())]);
    match serde_json::to_value(event) {
        Ok(serde_json::Value::Object(fields)) => line.extend(fields),
        Ok(_) | Err(_) => unreachable!("an event has named fields and string keys"),
    }
    serde_json::Value::Object(line).to_string() + "\n"
}
