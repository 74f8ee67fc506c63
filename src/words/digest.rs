//! Digests of bytes and of what stands at a path.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A BLAKE3 digest, 256 bits; shown as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests `bytes` in one go.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns all 64 digits.
    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// Writes all 64 digits at the end of `text`.
    pub fn write_hex(self, text: &mut Vec<u8>) {
        text.extend_from_slice(blake3::Hash::from_bytes(self.0).to_hex().as_bytes());
    }

    /// Returns the first ten digits, enough for a person to tell two digests apart.
    pub fn short(self) -> String {
        self.to_hex()[..10].to_owned()
    }
}

/// Text that is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest of 64 hexadecimal digits")]
pub struct NotADigest(String);

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match blake3::Hash::from_hex(text) {
            Ok(hash) => Ok(Self(*hash.as_bytes())),
            Err(_) => Err(NotADigest(text.to_owned())),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            <[u8; 32]>::deserialize(deserializer).map(Self)
        }
    }
}

/// Whether a file may be executed; the only permission that is part of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FileMode {
    Plain,
    Executable,
}

/// What stands at a path: a file or a folder, by digest.
///
/// Written `file HEX`, `exec HEX` or `tree HEX`; the digest of a folder is that of its sorted listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Content {
    File { digest: Digest, mode: FileMode },
    Tree { digest: Digest },
}

impl Content {
    pub const fn digest(&self) -> Digest {
        match self {
            Self::File { digest, .. } | Self::Tree { digest } => *digest,
        }
    }

    /// Returns `file 4f1c…`, as short as a message wants it.
    pub fn short(&self) -> String {
        format!("{} {}", self.kind(), self.digest().short())
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::File { mode: FileMode::Plain, .. } => "file",
            Self::File { mode: FileMode::Executable, .. } => "exec",
            Self::Tree { .. } => "tree",
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.digest())
    }
}

impl FromStr for Content {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, hex) = text.split_once(' ').ok_or_else(|| NotADigest(text.to_owned()))?;
        let digest = hex.parse()?;
        match kind {
            "file" => Ok(Self::File { digest, mode: FileMode::Plain }),
            "exec" => Ok(Self::File { digest, mode: FileMode::Executable }),
            "tree" => Ok(Self::Tree { digest }),
            _ => Err(NotADigest(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_reads_back_what_it_writes() {
        let digest = Digest::of(b"x");
        for content in [
            Content::File { digest, mode: FileMode::Plain },
            Content::File { digest, mode: FileMode::Executable },
            Content::Tree { digest },
        ] {
            assert_eq!(content.to_string().parse(), Ok(content));
        }
        assert!("file zz".parse::<Content>().is_err());
        assert!("link".parse::<Content>().is_err());
    }
}
