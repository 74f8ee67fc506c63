//! MD5, by which DVC names content. It says what DVC has seen; nothing of ours is identified by it.

use std::fmt;
use std::str::FromStr;

use md5::Digest as _;

/// An MD5 digest, 128 bits; shown as 32 lowercase hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Md5(pub [u8; 16]);

/// The name of content in DVC: the MD5 of a file, or of the list of what a folder holds (then with `.dir`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Oid {
    File(Md5),
    Folder(Md5),
}

/// How DVC has hashed a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Md5Form {
    /// Since DVC 3: the bytes as they are.
    Bytes,
    /// Before (`md5-dos2unix`): in what looks like text, CRLF counts as LF.
    Text,
}

impl Md5 {
    /// Digests `bytes` in one go.
    pub fn of(bytes: &[u8]) -> Self {
        Self(md5::Md5::digest(bytes).into())
    }
}

impl Oid {
    pub const fn md5(self) -> Md5 {
        match self {
            Self::File(md5) | Self::Folder(md5) => md5,
        }
    }
}

impl fmt::Display for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(md5) => write!(f, "{md5}"),
            Self::Folder(md5) => write!(f, "{md5}.dir"),
        }
    }
}

/// Text that is no name of content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an MD5 digest of 32 hexadecimal digits")]
pub struct NotMd5;

impl FromStr for Md5 {
    type Err = NotMd5;

    fn from_str(text: &str) -> Result<Self, NotMd5> {
        let mut bytes = [0; 16];
        if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotMd5);
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| NotMd5)?;
        }
        Ok(Self(bytes))
    }
}

impl FromStr for Oid {
    type Err = NotMd5;

    fn from_str(text: &str) -> Result<Self, NotMd5> {
        match text.strip_suffix(".dir") {
            Some(md5) => md5.parse().map(Self::Folder),
            None => text.parse().map(Self::File),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_shown() {
        let md5 = Md5::of(b"hello");
        assert_eq!(md5.to_string(), "5d41402abc4b2a76b9719d911017c592");
        for oid in [Oid::File(md5), Oid::Folder(md5)] {
            assert_eq!(oid.to_string().parse(), Ok(oid));
        }
        for wrong in ["", ".dir", "5d41402abc4b2a76b9719d911017c59", "5d41402abc4b2a76b9719d911017c59g", "é"] {
            assert_eq!(wrong.parse::<Oid>(), Err(NotMd5), "{wrong}");
        }
    }
}
