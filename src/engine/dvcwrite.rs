//! Keeps dvc.lock and DVC's cache in step with what a run came to, for teams that use both tools.
//!
//! An entry that is true of what stands here is left as it is. Any other is written as DVC would write it, from what was
//! published and while it still stands in the workspace.

use std::collections::{BTreeMap, HashSet};

use super::dvccache::DvcCache;
use super::evidence::lock_path;
use super::scribe::Scribe;
use super::workspace::Workspace;
use crate::dvclock::{DvcLock, NotEditable, UnusualLayout, manifest, with_entries, without_entries};
use crate::event::Event;
use crate::graph::as_dvc_runs;
use crate::observe::ObserveError;
use crate::pipeline::{Flavour, Node};
use crate::store::StoreError;
use crate::sys::disk::{DiskError, Durability};
use crate::words::{Content, Md5Form, Oid, Place, RelPath, TaskId};

/// What becomes of dvc.lock and of DVC's cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DvcLockUse {
    #[default]
    Leave,
    Keep,
}

/// Why dvc.lock or DVC's cache is not in step.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    #[error("`{path}` is left as it is: {why}")]
    NotEditable { path: RelPath, why: NotEditable },
    #[error("`{path}` is left as it is: {why}; `dvc commit {path}` writes it anew")]
    UnusualLayout { path: RelPath, why: UnusualLayout },
    #[error("`{path}` has changed since its stage read or made it")]
    Changed { path: Place },
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Observe(#[from] ObserveError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) fn untold(error: &NotWritten) -> Event {
    let message = format!("DVC is not told all of what was done: {error}");
    let help = "the results are published and recorded; once it is put right, run the command again";
    Event::Warning { message, help: Some(help.to_owned()) }
}

impl Workspace {
    /// Writes what these tasks came to. What cannot be written is told: DVC then sees them as changed, and that is all.
    pub(super) fn write_dvc_locks(&self, done: &[TaskId], sink: &mut dyn FnMut(&Event)) {
        if self.pipeline().files.flavour != Flavour::Dvc {
            return;
        }
        let mut by_folder: BTreeMap<&RelPath, Vec<&Node>> = BTreeMap::new();
        let done: HashSet<&TaskId> = done.iter().collect();
        let nodes = as_dvc_runs(self.pipeline()).into_iter().map(|task| &self.pipeline().nodes[task.at()]);
        for node in nodes.filter(|node| done.contains(&node.id)) {
            by_folder.entry(&node.id.folder).or_default().push(node);
        }
        let mut told = |error: NotWritten| sink(&untold(&error));
        for (folder, nodes) in &by_folder {
            self.write_dvc_lock(folder, nodes, &mut told);
            for node in nodes {
                self.give(node).unwrap_or_else(&mut told);
            }
        }
        let done: Vec<&Node> = by_folder.into_values().flatten().collect();
        self.record_tracked(&done, &mut told);
    }

    /// Takes the entries of stages out that are not declared any more.
    pub(super) fn drop_from_dvc_locks(&self, tasks: &[TaskId], sink: &mut dyn FnMut(&Event)) {
        if self.pipeline().files.flavour != Flavour::Dvc {
            return;
        }
        let mut by_folder: BTreeMap<&RelPath, Vec<&TaskId>> = BTreeMap::new();
        for task in tasks {
            by_folder.entry(&task.folder).or_default().push(task);
        }
        for (folder, tasks) in by_folder {
            let Err(error) = self.drop_from_dvc_lock(folder, &tasks) else { continue };
            let message = format!("`{}` still has what was removed: {error}", lock_path(folder));
            let help = "it harms nothing; put the file right and take the entries out by hand".to_owned();
            sink(&Event::Warning { message, help: Some(help) });
        }
    }

    fn drop_from_dvc_lock(&self, folder: &RelPath, tasks: &[&TaskId]) -> Result<(), NotWritten> {
        let path = lock_path(folder);
        let Ok(was) = self.root.read_to_string(&path) else { return Ok(()) };
        let stages: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
        let text = without_entries(&was, &stages).map_err(|why| NotWritten::NotEditable { path: path.clone(), why })?;
        match text {
            Some(text) if text == was => {}
            Some(text) => self.root.publish(&path, text.as_bytes(), Durability::Later)?,
            None => self.root.remove(&path)?,
        }
        Ok(())
    }

    fn write_dvc_lock(&self, folder: &RelPath, nodes: &[&Node], told: &mut dyn FnMut(NotWritten)) {
        let path = lock_path(folder);
        let text = self.root.read_to_string(&path).ok();
        let known = text.as_deref().map(|text| DvcLock::read(text).0).unwrap_or_default();
        let scribe = Scribe::new(&self.root, &self.evidence, self.pipeline().files.in_folder(folder));
        let mut entries = Vec::new();
        for node in nodes {
            let Some(locked) = self.lock().tasks.get(&node.id) else { continue };
            let old = known.entry(node.name().as_str()).and_then(Result::ok);
            match scribe.entry(node, locked, old.as_ref()) {
                Ok(entry) => entries.extend(entry.map(|entry| (node.name().to_string(), entry))),
                Err(error) => told(error),
            }
        }
        if entries.is_empty() {
            return;
        }
        let written = with_entries(text.as_deref(), &entries)
            .map_err(|why| NotWritten::NotEditable { path: path.clone(), why })
            .and_then(|text| {
                self.root.publish(&path, text.as_bytes(), Durability::Later)?;
                self.evidence.learn_text(folder, &text);
                Ok(())
            });
        written.unwrap_or_else(told);
    }

    /// Gives DVC's cache the outs of a stage; without them `dvc status` calls them not in cache.
    fn give(&self, node: &Node) -> Result<(), NotWritten> {
        let (Some(cache), Some(locked)) = (self.evidence.cache(), self.lock().tasks.get(&node.id)) else {
            return Ok(());
        };
        for path in node.outs().iter().filter(|out| out.cache).filter_map(|out| out.path.inside()) {
            let found = self.evidence.look(path, Md5Form::Bytes)?;
            let Some((content, known)) = found else { continue };
            if locked.outs.get(path.as_str()) == Some(&content) && !cache.has(known.oid) {
                self.give_out(cache, path, &content, known.oid)?;
            }
        }
        Ok(())
    }

    pub(super) fn give_out(
        &self,
        cache: &DvcCache,
        path: &RelPath,
        content: &Content,
        oid: Oid,
    ) -> Result<(), NotWritten> {
        let Content::Tree { digest: tree } = content else {
            return Ok(cache.give_file(&self.store, &content.digest(), oid)?);
        };
        let (files, _) = self.evidence.md5s().files(path, Md5Form::Bytes)?;
        let entries = self.store.tree(tree)?;
        for (name, md5) in &files {
            let entry = entries.iter().find(|entry| entry.path.as_str() == name);
            let digest = entry.and_then(|entry| entry.node.digest());
            let digest = digest.ok_or_else(|| NotWritten::Changed { path: path.into() })?;
            cache.give_file(&self.store, digest, Oid::File(*md5))?;
        }
        // The list comes last: where it is, DVC takes its files for there.
        Ok(cache.give_list(&manifest::encode(&files), oid)?)
    }
}
