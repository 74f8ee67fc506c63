//! A log into which secrets do not get: what is written goes through a pipe, and each secret becomes `***` on the way.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};

/// What stands for a secret.
const MASK: &[u8] = b"***";

/// The way into a log. When it is dropped, all that was written to it is in the log.
///
/// A process that outlives its task may still hold the pipe: what it writes later is lost.
#[derive(Debug)]
pub struct Masked {
    writer: File,
    stop: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Masked {
    /// Opens the way into `log` for output that may hold `secrets`.
    pub fn begin(log: File, secrets: &[Vec<u8>]) -> io::Result<Self> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC)?;
        let mut masker = Masker::new(secrets);
        let thread = std::thread::Builder::new().name("masked log".to_owned()).spawn(move || {
            // A log that cannot be written is the log of a full disk: the stage goes on as with any other log.
            let _ = pump(&mut File::from(reader), &stopped, &mut masker, log);
        })?;
        Ok(Self { writer: writer.into(), stop: Some(stop), thread: Some(thread) })
    }

    /// Returns what commands write to.
    pub fn writer(&self) -> &File {
        &self.writer
    }
}

impl Drop for Masked {
    fn drop(&mut self) {
        self.stop = None;
        self.thread.take().map(JoinHandle::join);
    }
}

fn pump(reader: &mut File, stopped: &OwnedFd, masker: &mut Masker, mut log: File) -> io::Result<()> {
    let mut chunk = vec![0; 1 << 16];
    loop {
        let mut fds = [PollFd::new(&*reader, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        poll(&mut fds, None).or_else(|error| if error == rustix::io::Errno::INTR { Ok(0) } else { Err(error) })?;
        if fds[0].revents().is_empty() {
            if fds[1].revents().is_empty() {
                continue;
            }
            return log.write_all(&masker.rest());
        }
        match reader.read(&mut chunk)? {
            0 => return log.write_all(&masker.rest()),
            len => log.write_all(&masker.mask(&chunk[..len]))?,
        }
    }
}

/// Replaces secrets in a stream; it holds back only what may be the beginning of one.
#[derive(Debug)]
struct Masker {
    /// The longest first: one may be the beginning of another.
    secrets: Vec<Vec<u8>>,
    held: Vec<u8>,
}

impl Masker {
    fn new(secrets: &[Vec<u8>]) -> Self {
        let mut secrets: Vec<Vec<u8>> = secrets.iter().filter(|secret| !secret.is_empty()).cloned().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets, held: Vec::new() }
    }

    /// Takes in a piece of the stream, and returns what can go into the log.
    fn mask(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.held);
        bytes.extend_from_slice(piece);
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some(first) = rest.first() {
            if let Some(secret) = self.secrets.iter().find(|secret| rest.starts_with(secret)) {
                out.extend_from_slice(MASK);
                rest = &rest[secret.len()..];
            } else if self.secrets.iter().any(|secret| secret.starts_with(rest)) {
                self.held = rest.to_vec();
                break;
            } else {
                out.push(*first);
                rest = &rest[1..];
            }
        }
        out
    }

    /// Returns what was held back, at the end of the stream.
    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(secrets: &[&str], pieces: &[&str]) -> String {
        let secrets: Vec<Vec<u8>> = secrets.iter().map(|secret| secret.as_bytes().to_vec()).collect();
        let mut masker = Masker::new(&secrets);
        let mut out: Vec<u8> = pieces.iter().flat_map(|piece| masker.mask(piece.as_bytes())).collect();
        out.extend(masker.rest());
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_secret_is_masked_wherever_the_stream_is_cut() {
        assert_eq!(masked(&["hunter2"], &["pw=hunter2\n"]), "pw=***\n");
        assert_eq!(masked(&["hunter2"], &["pw=hun", "ter", "2 hunt", "er"]), "pw=*** hunter");
        assert_eq!(masked(&["ab", "abc"], &["abcab"]), "******");
        assert_eq!(masked(&["aab"], &["aaab"]), "a***");
        assert_eq!(masked(&[""], &["text"]), "text");
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(text in "[ab]{0,30}", cuts in prop::collection::vec(0_usize..30, 0..4)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let ends = cuts.iter().copied().chain([text.len()]);
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let pieces: Vec<&str> = starts.zip(ends).map(|(start, end)| &text[start..end]).collect();
            let whole = masked(&["aab", "bb"], &[&text]);
            prop_assert_eq!(masked(&["aab", "bb"], &pieces), whole.clone());
            prop_assert!(!whole.contains("aab") && !whole.contains("bb"));
        }
    }

    #[test]
    fn what_was_written_is_in_the_log_when_the_way_is_closed() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let way = Masked::begin(file.reopen().expect("the file"), &[b"key".to_vec()]).expect("a pipe");
        let outlives = way.writer().try_clone().expect("another end");
        writeln!(way.writer(), "the key is ke").expect("the pipe is open");
        drop(way);
        let mut text = String::new();
        file.reopen().expect("the file").read_to_string(&mut text).expect("text");
        assert_eq!(text, "the *** is ke\n");
        drop(outlives);
    }
}
