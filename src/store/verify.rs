//! Reading the whole store again.

use super::error::StoreError;
use super::objects::{ObjectKind, Store, object_path};
use super::runs;
use crate::observe::{decode, hash_source};
use crate::sys::disk::{Kind, Source, Stat};
use crate::words::{Digest, RelPath};

/// What came of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    pub n_objects: usize,
    pub bytes: u64,
    pub damaged: Vec<Damage>,
}

/// An object that was not what its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub kind: ObjectKind,
    pub digest: Digest,
    /// Where it was moved.
    pub aside: RelPath,
}

impl Store {
    /// Hashes every object, and sets aside those that are not what their name says.
    ///
    /// `progress` is called after each object with the number of objects seen and of all.
    pub fn verify(&self, mut progress: impl FnMut(usize, usize)) -> Result<VerifyReport, StoreError> {
        let mut objects = Vec::new();
        for kind in ObjectKind::ALL {
            objects.extend(self.list(kind)?.into_iter().map(|(digest, size)| (kind, digest, size)));
        }
        let mut report = VerifyReport::default();
        for (idx, &(kind, digest, size)) in objects.iter().enumerate() {
            if !self.is_sound(kind, &digest)? {
                let aside = self.set_aside(kind, &digest)?;
                report.damaged.push(Damage { kind, digest, aside });
            }
            report.n_objects += 1;
            report.bytes += size;
            progress(idx + 1, objects.len());
        }
        Ok(report)
    }

    fn is_sound(&self, kind: ObjectKind, digest: &Digest) -> Result<bool, StoreError> {
        let path = object_path(kind, digest);
        if self.root.lstat(&path)?.is_none_or(|stat| stat.kind != Kind::File) {
            return Ok(false);
        }
        let source = self.root.open_own(&path)?;
        let stat = source.stat()?;
        Ok(match kind {
            ObjectKind::Blob => hash_source(&source, stat.size, self.observer.meter())? == *digest,
            ObjectKind::Tree => {
                let bytes = all(&source, &stat)?;
                Digest::of(&bytes) == *digest && decode(&bytes).is_ok()
            }
            ObjectKind::Run => runs::open(&all(&source, &stat)?).is_some(),
        })
    }
}

fn all(source: &Source, stat: &Stat) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    source.read_small(usize::try_from(stat.size).unwrap_or(usize::MAX - 1), &mut bytes)?;
    Ok(bytes)
}
