//! Records in `.dvc` files what their data has become, for teams that use both tools.
//!
//! DVC takes data that was edited for what it is to be, and so do we: the file gets the new digests, and DVC's cache the data.
//! A `.dvc` file in a folder that a stage reads is a part of what it reads, and is written before the folder is looked at; the
//! others follow when the stages that read the data have succeeded.
//!
//! Data that was imported has a source that says what it is, and stays as it is recorded.

use std::collections::BTreeSet;

use super::dvccache::DvcCache;
use super::dvcwrite::{NotWritten, untold};
use super::tracked::{claim, is_at_or_in, read_by, touches};
use super::workspace::Workspace;
use crate::dvclock::{Item, with_records};
use crate::event::Event;
use crate::graph::{Selection, TaskIx, judges_of};
use crate::observe::Known;
use crate::pipeline::{Node, Tracked, TrackedOut};
use crate::sys::disk::Durability;
use crate::words::{Content, Md5Form, RelPath};

/// Data that was named and that its `.dvc` file does not record.
#[derive(Debug, thiserror::Error)]
#[error("the data of `{file}` is not recorded: {why}")]
pub struct NotRecorded {
    pub file: RelPath,
    why: String,
}

impl NotRecorded {
    /// Returns it as a warning: what was run is done all the same.
    pub(super) fn told(&self) -> Event {
        let help = "once it is put right, run the command again".to_owned();
        Event::Warning { message: self.to_string(), help: Some(help) }
    }
}

impl Workspace {
    /// Records the data that these stages have read; when they are all stages, all data that is tracked.
    pub(super) fn record_tracked(&self, done: &[&Node], told: &mut dyn FnMut(NotWritten)) {
        self.record_each(done, |_, _| true, told);
    }

    /// Records what of it these tasks read together with its `.dvc` file, and returns whether there was anything to record.
    pub(super) fn record_ahead(&self, selection: &Selection, sink: &mut dyn FnMut(&Event)) -> bool {
        let chosen = selection.tasks().filter(|task| !selection.is_bystander(*task));
        let nodes: Vec<&Node> = chosen.map(|task| &self.pipeline().nodes[task.at()]).collect();
        let is_part = |read: &BTreeSet<&str>, tracked: &Tracked| is_at_or_in(read, &tracked.file.parent());
        self.record_each(&nodes, is_part, &mut |error| sink(&untold(&error)))
    }

    /// Records the data that was named, and returns the files; the first that cannot be written ends it.
    pub(super) fn record_named(&self, selection: &Selection) -> Result<Vec<RelPath>, NotRecorded> {
        let own = self.pipeline().tracked.iter().filter(|tracked| !tracked.is_import);
        let named = own.filter(|tracked| selection.data().contains(&tracked.file));
        let record = |tracked: &Tracked| {
            let file = &tracked.file;
            let not_recorded = |error: NotWritten| NotRecorded { file: file.clone(), why: error.to_string() };
            let cache = self.evidence.cache();
            let cache =
                cache.ok_or_else(|| NotRecorded { file: file.clone(), why: "DVC has no cache here".to_owned() })?;
            self.record(tracked, cache).map_err(not_recorded)?;
            Ok(file.clone())
        };
        named.map(record).collect()
    }

    fn record_each(
        &self,
        readers: &[&Node],
        is_wanted: impl Fn(&BTreeSet<&str>, &Tracked) -> bool,
        told: &mut dyn FnMut(NotWritten),
    ) -> bool {
        let Some(cache) = self.evidence.cache() else { return false };
        let read = read_by(readers.iter().copied());
        let n_stages = |nodes: &mut dyn Iterator<Item = &Node>| nodes.filter(|node| node.stage().is_some()).count();
        let is_all = n_stages(&mut self.pipeline().nodes.iter()) == n_stages(&mut readers.iter().copied());
        let is_done = |task: TaskIx| readers.iter().any(|node| node.id == self.pipeline().nodes[task.at()].id);
        let is_judged = |tracked: &Tracked| {
            let judges = judges_of(self.pipeline(), &BTreeSet::from([tracked.file.clone()]));
            judges.into_iter().all(is_done)
        };
        let is_read = |tracked: &&Tracked| {
            tracked.outs.iter().any(|out| touches(&read, &out.path)) || (is_all && is_judged(tracked))
        };
        let own = self.pipeline().tracked.iter().filter(|tracked| !tracked.is_import);
        let mut is_any = false;
        for tracked in own.filter(is_read).filter(|tracked| is_wanted(&read, tracked)) {
            match self.record(tracked, cache) {
                Ok(written) => is_any |= written,
                Err(error) => told(error),
            }
        }
        is_any
    }

    /// Returns whether the file says something else now.
    fn record(&self, tracked: &Tracked, cache: &DvcCache) -> Result<bool, NotWritten> {
        let mut records = Vec::new();
        for (at, out) in tracked.outs.iter().enumerate() {
            records.extend(self.record_of(out, cache)?.map(|item| (at, item)));
        }
        if records.is_empty() {
            return Ok(false);
        }
        let was = self.root.read_to_string(&tracked.file)?;
        let text = with_records(&was, &records)
            .map_err(|why| NotWritten::UnusualLayout { path: tracked.file.clone(), why })?;
        if text == was {
            return Ok(false);
        }
        self.root.publish(&tracked.file, text.as_bytes(), Durability::Later)?;
        Ok(true)
    }

    /// Returns what is to be recorded of data that is not as it is recorded. DVC's cache is given what it does not have.
    fn record_of(&self, out: &TrackedOut, cache: &DvcCache) -> Result<Option<Item>, NotWritten> {
        let Some(claim) = claim(out) else { return Ok(None) };
        // What is missing was not given up: it may come back.
        let Some((content, known)) = self.evidence.look(&out.path, claim.form)? else { return Ok(None) };
        let is_as_recorded = known.oid == claim.oid;
        if is_as_recorded && (claim.form == Md5Form::Text || !out.cache || cache.has(known.oid)) {
            return Ok(None);
        }
        let (content, known) = match claim.form {
            Md5Form::Bytes => (content, known),
            Md5Form::Text => self.evidence.look(&out.path, Md5Form::Bytes)?.ok_or_else(|| changed(out))?,
        };
        if out.cache && !cache.has(known.oid) {
            self.give_data(out, &content, known, cache)?;
        }
        let Known { oid, size, n_files, is_executable } = known;
        let item = Item {
            path: String::new(),
            form: Md5Form::Bytes,
            oid: Some(oid),
            size: Some(size),
            n_files,
            is_executable,
        };
        Ok((!is_as_recorded).then_some(item))
    }

    fn give_data(&self, out: &TrackedOut, seen: &Content, known: Known, cache: &DvcCache) -> Result<(), NotWritten> {
        let kept = self.store.keep(&out.path)?;
        if kept == *seen { self.give_out(cache, &out.path, &kept, known.oid) } else { Err(changed(out)) }
    }
}

fn changed(out: &TrackedOut) -> NotWritten {
    NotWritten::Changed { path: (&out.path).into() }
}
