//! The lines of a text file, with a limit on their length.

use std::io::{self, BufRead, BufReader, Read};

/// A longer line is taken for a sign that the file is none of ours; without a limit it would fill the memory.
const LONGEST: u64 = 64 * 1024 * 1024;

pub(super) struct Lines<R> {
    inner: BufReader<R>,
    number: u64,
}

/// Why no line could be read.
pub(super) enum LineError {
    Io(io::Error),
    TooLong { line: u64 },
}

impl<R: Read> Lines<R> {
    pub fn new(inner: R) -> Self {
        Self { inner: BufReader::with_capacity(1 << 18, inner), number: 0 }
    }

    /// Puts the next line into `line`, with its line end; `false` at the end of the file.
    ///
    /// A byte order mark at the start of the file is left out.
    pub fn read(&mut self, line: &mut Vec<u8>) -> Result<bool, LineError> {
        line.clear();
        let read = (&mut self.inner).take(LONGEST).read_until(b'\n', line).map_err(LineError::Io)?;
        self.number += u64::from(read > 0);
        if read as u64 == LONGEST && line.last() != Some(&b'\n') {
            return Err(LineError::TooLong { line: self.number });
        }
        if self.number == 1 && line.starts_with(b"\xEF\xBB\xBF") {
            line.drain(..3);
        }
        Ok(read > 0)
    }

    /// The number of the line that was read last, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl LineError {
    pub fn of(self, path: &str) -> super::CheckError {
        match self {
            Self::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => {
                super::CheckError::damaged(path, cause.to_string())
            }
            Self::Io(cause) => super::CheckError::unreadable(path, cause),
            Self::TooLong { line } => {
                super::CheckError::damaged(path, format!("line {line} is longer than {} MiB", LONGEST >> 20))
            }
        }
    }
}
