//! Reading files.

use std::fs::File;
use std::os::unix::fs::FileExt;

use rustix::fs::{Mode, OFlags, openat, readlinkat};

use super::error::DiskError;
use super::root::{Root, text};
use super::stat::Stat;
use crate::words::{Place, Spot};

/// A file that is open for reading.
#[derive(Debug)]
pub struct Source {
    pub(super) file: File,
    path: Place,
}

impl Source {
    pub(super) fn new(file: File, path: Place) -> Self {
        Self { file, path }
    }

    pub fn path(&self) -> &Place {
        &self.path
    }

    /// Looks at the open file, whatever stands at its path by then.
    pub fn stat(&self) -> Result<Stat, DiskError> {
        let stat = rustix::fs::fstat(&self.file).map_err(|error| DiskError::new("look at", &self.path, error))?;
        Ok(Stat::from_system(&stat))
    }

    /// Fills `block` from `offset` on and returns how many bytes there were; fewer than asked only at the end.
    pub fn read_at(&self, block: &mut [u8], offset: u64) -> Result<usize, DiskError> {
        let mut filled = 0;
        while filled < block.len() {
            match self.file.read_at(&mut block[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DiskError::new("read", &self.path, error)),
            }
        }
        Ok(filled)
    }

    /// Reads a file that is expected to hold `size` bytes, usually in one call of the system.
    ///
    /// A file that has grown gives more than `size` bytes, one that has shrunk fewer.
    pub fn read_small(&self, size: usize, buffer: &mut Vec<u8>) -> Result<(), DiskError> {
        buffer.resize(size + 1, 0);
        let mut filled = 0;
        while filled <= size {
            match self.file.read_at(&mut buffer[filled..], filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DiskError::new("read", &self.path, error)),
            }
            if filled == size {
                break;
            }
        }
        buffer.truncate(filled);
        Ok(())
    }
}

impl Root {
    /// Opens the file at `path`, following symlinks; a fifo that took its place does not block.
    pub fn open_source<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Source, DiskError> {
        self.open_with(path.into(), OFlags::empty())
    }

    /// Opens the file at `path`, refusing a symlink in its last component.
    pub fn open_own<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Source, DiskError> {
        self.open_with(path.into(), OFlags::NOFOLLOW)
    }

    fn open_with(&self, path: Spot<'_>, more: OFlags) -> Result<Source, DiskError> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | more;
        let opened = openat(self.dir(), text(path), flags, Mode::empty());
        let fd = opened.map_err(|error| DiskError::new("open", &path, error))?;
        Ok(Source::new(fd.into(), path.to_place()))
    }

    /// Reads a whole file.
    pub fn read<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Vec<u8>, DiskError> {
        let source = self.open_source(path)?;
        let size = usize::try_from(source.stat()?.size).unwrap_or(usize::MAX - 1);
        let mut bytes = Vec::new();
        source.read_small(size, &mut bytes)?;
        let mut grown = vec![0; 1 << 16];
        while bytes.len() > size || size == 0 {
            // The file grew meanwhile, or is one of the kernel's, whose size is not known.
            let count = source.read_at(&mut grown, bytes.len() as u64)?;
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&grown[..count]);
        }
        Ok(bytes)
    }

    /// Reads the last `most` bytes of a file, or all of it when it is shorter.
    pub fn read_end<'p>(&self, path: impl Into<Spot<'p>>, most: usize) -> Result<Vec<u8>, DiskError> {
        let source = self.open_source(path)?;
        let size = source.stat()?.size;
        let start = size.saturating_sub(most as u64);
        let mut bytes = vec![0; usize::try_from(size - start).unwrap_or(most)];
        let mut count = 0;
        while count < bytes.len() {
            match source.read_at(&mut bytes[count..], start + count as u64)? {
                0 => break,
                more => count += more,
            }
        }
        bytes.truncate(count);
        Ok(bytes)
    }

    /// Reads a whole file of text.
    pub fn read_to_string<'p>(&self, path: impl Into<Spot<'p>>) -> Result<String, DiskError> {
        let path = path.into();
        String::from_utf8(self.read(path)?).map_err(|error| {
            let error = std::io::Error::new(std::io::ErrorKind::InvalidData, error.utf8_error());
            DiskError::new("read the text of", &path, error)
        })
    }

    /// Returns where the symlink at `path` points, as it says.
    pub fn read_link<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Vec<u8>, DiskError> {
        let path = path.into();
        let target = readlinkat(self.dir(), text(path), Vec::new());
        Ok(target.map_err(|error| DiskError::new("read the symlink", &path, error))?.into_bytes())
    }
}
