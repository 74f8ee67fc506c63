//! What DVC would call what stands at a path: MD5, as DVC 3 and the versions before it compute it.
//!
//! It is asked for only where DVC has said something that is to be compared, or is to be told something. A file whose BLAKE3
//! digest is not known either is read once for both. MD5 digests are remembered in memos of their own, by the same rules.

use std::sync::Arc;

use md5::Digest as _;
use rayon::prelude::*;

use super::error::ObserveError;
use super::hash::{LARGE, Meter};
use super::memo::{Memo, Trust};
use super::observer::Observer;
use super::table::Stamp;
use super::visit::{Sighting, Visit};
use super::walk::{Row, What, walk};
use crate::dvclock::manifest;
use crate::sys::disk::{Age, DiskError, Kind, Source, Stat};
use crate::words::{Content, Digest, Md5, Md5Form, Oid, Spot};

/// DVC reads so much at a time, and looks at the start of each part to tell text from bytes.
const PART: usize = 1 << 20;
/// So much of a part is looked at.
const SAMPLE: usize = 512;
/// Below this many files a thread of its own costs more than it saves.
const MANY: usize = 64;

/// What stands at a path, in the words of DVC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub oid: Oid,
    /// In bytes; of a folder, the sum.
    pub size: u64,
    /// How many files a folder holds.
    pub n_files: Option<u64>,
    pub is_executable: bool,
}

/// Asks for MD5 digests; shared by the threads that ask.
#[derive(Debug)]
pub struct Md5s {
    observer: Arc<Observer>,
    bytes: Memo,
    text: Memo,
}

impl Md5s {
    /// Opens the memos of the observer's project; one that cannot be read is an empty one.
    pub fn open(observer: &Arc<Observer>) -> Self {
        let memo = |name: &str| observer.memo.beside(name);
        let (bytes, text) = (memo("md5"), memo("md5-text"));
        Self { observer: Arc::clone(observer), bytes, text }
    }

    pub fn observer(&self) -> &Observer {
        &self.observer
    }

    /// Returns what DVC would call what stands at `path`, or `None` when nothing does. Symlinks are followed, but not to
    /// folders inside of a folder; empty folders do not count.
    pub fn look<'p>(&self, path: impl Into<Spot<'p>>, form: Md5Form) -> Result<Option<Known>, ObserveError> {
        let path = path.into();
        let Some(stat) = self.observer.root().stat(path)? else { return Ok(None) };
        match stat.kind {
            Kind::File => {
                let md5 = self.file(path, &stat, form)?;
                let is_executable = stat.mode & 0o111 != 0;
                Ok(Some(Known { oid: Oid::File(md5), size: stat.size, n_files: None, is_executable }))
            }
            Kind::Folder => self.folder(path, form).map(Some),
            Kind::Special(what) => Err(ObserveError::Special { path: path.to_place(), what }),
            Kind::Symlink => unreachable!("the stat follows symlinks"),
        }
    }

    /// Returns both what stands at `path` and what DVC would call it, with one look at its bytes.
    pub fn look_twice<'p>(
        &self,
        path: impl Into<Spot<'p>>,
        form: Md5Form,
    ) -> Result<Option<(Content, Known)>, ObserveError> {
        let path = path.into();
        let content = self.observer.visit(path, &Twice { md5s: self, form })?;
        Ok(content.zip(self.look(path, form)?))
    }

    fn folder(&self, path: Spot<'_>, form: Md5Form) -> Result<Known, ObserveError> {
        let (files, size) = self.files(path, form)?;
        let oid = Oid::Folder(Md5::of(&manifest::encode(&files)));
        Ok(Known { oid, size, n_files: Some(files.len() as u64), is_executable: false })
    }

    /// Returns the files of a folder, relative to it and sorted, and their size in bytes.
    pub fn files<'p>(
        &self,
        path: impl Into<Spot<'p>>,
        form: Md5Form,
    ) -> Result<(Vec<(String, Md5)>, u64), ObserveError> {
        let path = path.into();
        let rows = walk(self.observer.root(), path, &self.observer.rules_for(path))?;
        let seen = |row| seen(row, path).map(|stat| (row, stat));
        let seen: Vec<(&Row, &Stat)> = rows.iter().filter_map(seen).collect();
        let digest = |(row, stat): &(&Row, &Stat)| {
            let file = path.below(&row.path);
            Ok((row.path.to_string(), self.file(file.spot(), stat, form)?))
        };
        let files: Result<Vec<_>, ObserveError> =
            if seen.len() < MANY { seen.iter().map(digest).collect() } else { seen.par_iter().map(digest).collect() };
        Ok((files?, seen.iter().map(|(_, stat)| stat.size).sum()))
    }

    fn file(&self, path: Spot<'_>, stat: &Stat, form: Md5Form) -> Result<Md5, ObserveError> {
        let stamp = Stamp::of_file(stat);
        if let Some(known) = self.memo(form).get(path.as_str(), &stamp) {
            return Ok(unpacked(&known));
        }
        let age = self.observer.age_to_read(stat);
        let sighting = Sighting { path, stat, known: None };
        let hash = |source: &Source| Ok(hash_md5(source, stat.size, form, self.observer.meter())?);
        let md5 = self.observer.read_unchanged::<_, ObserveError>(sighting, hash)?;
        self.remember(path, stat, age, md5, form);
        Ok(md5)
    }

    fn remember(&self, path: Spot<'_>, stat: &Stat, age: Age, md5: Md5, form: Md5Form) {
        if age == Age::Settled {
            self.memo(form).put(path.as_str(), Stamp::of_file(stat), packed(md5), stat.ctime_ns);
        }
    }

    const fn memo(&self, form: Md5Form) -> &Memo {
        match form {
            Md5Form::Bytes => &self.bytes,
            Md5Form::Text => &self.text,
        }
    }

    /// Writes what is new to the memos.
    pub fn save(&self, trust: Trust) -> Result<(), DiskError> {
        self.bytes.save(trust)?;
        self.text.save(trust)
    }
}

/// Returns the stat of a file in the folder `base`, unless DVC never looks into the file's folder, whatever `.dvcignore`
/// says; outside of the project it looks into all.
fn seen<'r>(row: &'r Row, base: Spot<'_>) -> Option<&'r Stat> {
    let What::File(stat) = &row.what else { return None };
    let is_unseen = || row.path.split('/').any(|part| matches!(part, ".git" | ".hg" | ".dvc"));
    (!base.is_inside() || !is_unseen()).then_some(stat)
}

/// A memo's record has room for 32 bytes.
fn packed(md5: Md5) -> Digest {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&md5.0);
    Digest::from_bytes(bytes)
}

fn unpacked(digest: &Digest) -> Md5 {
    Md5(digest.as_bytes()[..16].try_into().expect("sixteen bytes"))
}

/// Hashes both ways what the observer does not know.
struct Twice<'a> {
    md5s: &'a Md5s,
    form: Md5Form,
}

impl Visit for Twice<'_> {
    type Error = ObserveError;

    fn file(&self, sighting: Sighting<'_>) -> Result<Digest, ObserveError> {
        if let Some(digest) = sighting.known {
            return Ok(digest);
        }
        let observer = &self.md5s.observer;
        let age = observer.clock().age(std::iter::once(sighting.stat));
        let hash = |source: &Source| Ok(hash_twice(source, sighting.stat.size, self.form, observer.meter())?);
        let (digest, md5) = observer.read_unchanged::<_, ObserveError>(sighting, hash)?;
        self.md5s.remember(sighting.path, sighting.stat, age, md5, self.form);
        Ok(digest)
    }

    fn has_tree(&self, _digest: &Digest) -> bool {
        true
    }

    fn listing(&self, _digest: Digest, _bytes: &[u8]) -> Result<(), ObserveError> {
        Ok(())
    }
}

/// Hashes a whole file both ways, reading it once.
pub(crate) fn hash_twice(source: &Source, size: u64, form: Md5Form, meter: &Meter) -> Result<(Digest, Md5), DiskError> {
    let (mut blake, mut md5) = (blake3::Hasher::new(), md5::Md5::new());
    each_part(source, size, meter, |part| {
        if size < LARGE {
            blake.update(part);
            update(&mut md5, part, form);
        } else {
            let hash = || {
                blake.update(part);
            };
            rayon::join(hash, || update(&mut md5, part, form));
        }
    })?;
    Ok((Digest::from_bytes(*blake.finalize().as_bytes()), Md5(md5.finalize().into())))
}

fn hash_md5(source: &Source, size: u64, form: Md5Form, meter: &Meter) -> Result<Md5, DiskError> {
    let mut md5 = md5::Md5::new();
    each_part(source, size, meter, |part| update(&mut md5, part, form))?;
    Ok(Md5(md5.finalize().into()))
}

fn each_part(source: &Source, size: u64, meter: &Meter, mut act: impl FnMut(&[u8])) -> Result<(), DiskError> {
    let mut buffer = vec![0; usize::try_from(size).map_or(PART, |size| PART.min(size + 1))];
    let mut offset = 0;
    loop {
        let count = source.read_at(&mut buffer, offset)?;
        if count == 0 {
            return Ok(());
        }
        meter.add(count as u64);
        act(&buffer[..count]);
        offset += count as u64;
    }
}

fn update(md5: &mut md5::Md5, part: &[u8], form: Md5Form) {
    if form == Md5Form::Bytes || !is_text(part) {
        return md5.update(part);
    }
    let mut rest = part;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
        md5.update(&rest[..at]);
        rest = &rest[at + 1..];
    }
    md5.update(rest);
}

/// Whether a part of a file looks like text to DVC: no NUL, and at most three in ten bytes that are not.
fn is_text(part: &[u8]) -> bool {
    let sample = &part[..part.len().min(SAMPLE)];
    let is_known = |byte: &&u8| matches!(byte, 32..=126 | b'\n' | b'\r' | b'\t' | 0x0c | 0x08);
    let n_strange = sample.iter().filter(|byte| !is_known(byte)).count();
    !sample.contains(&0) && n_strange * 10 <= sample.len() * 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::disk::sandbox::Sandbox;
    use crate::words::Place;

    fn look(sandbox: &Sandbox, path: &str, form: Md5Form) -> Option<Known> {
        let md5s = Md5s::open(&Arc::new(Observer::open(&sandbox.root)));
        md5s.look(&Place::parse(path).expect("a path"), form).expect("it can be read")
    }

    #[test]
    fn a_file_is_known_by_its_bytes_and_to_older_versions_by_its_text() {
        let sandbox = Sandbox::new();
        sandbox.write("crlf.txt", b"x\r\ny\r\n");
        sandbox.write("lf.txt", b"x\ny\n");
        let md5 = |path: &str, form| look(&sandbox, path, form).map(|known| known.oid.to_string());
        assert_eq!(md5("crlf.txt", Md5Form::Bytes).as_deref(), Some("e20942bc0763636e19c18b95bb194501"));
        assert_eq!(md5("crlf.txt", Md5Form::Text), md5("lf.txt", Md5Form::Bytes));
        assert_eq!(md5("absent", Md5Form::Bytes), None);
    }

    #[test]
    fn text_is_told_from_bytes_as_dvc_does() {
        assert!(is_text(b""));
        assert!(is_text(b"a\tb\r\n\x08\x0c"));
        assert!(!is_text(b"a\0"));
        assert!(is_text("aaaaaaaé".as_bytes()));
        assert!(!is_text("aaaaé".as_bytes()));
    }

    #[test]
    fn a_folder_is_known_by_the_list_of_its_files() {
        let sandbox = Sandbox::new();
        sandbox.write("in/a", b"one\n");
        sandbox.write("in/b", b"two\n");
        sandbox.write("in/.git/x", b"unseen");
        let known = look(&sandbox, "in", Md5Form::Bytes).expect("it is there");
        assert_eq!(known.oid.to_string(), "a9008cbd0e570248bc882f716cdf4b0b.dir");
        assert_eq!((known.size, known.n_files), (8, Some(2)));
    }

    #[test]
    fn both_names_come_of_one_reading() {
        let sandbox = Sandbox::new();
        let observer = Arc::new(Observer::open(&sandbox.root));
        let written = [sandbox.write("in/a", b"one\n"), sandbox.write("b", b"two\n")];
        let stats = written.map(|path| sandbox.root.stat(&path).expect("it can be seen").expect("it is there"));
        observer.clock().settle(stats.iter());
        let md5s = Md5s::open(&observer);
        for path in ["in", "b"] {
            let path = Place::parse(path).expect("a path");
            let (content, known) =
                md5s.look_twice(&path, Md5Form::Bytes).expect("it can be read").expect("it is there");
            assert_eq!(observer.observe(&path).expect("it can be read"), Some(content));
            assert_eq!(md5s.look(&path, Md5Form::Bytes).expect("it can be read"), Some(known));
        }
        assert_eq!(observer.meter().bytes(), 8);
    }
}
