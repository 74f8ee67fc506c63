//! Keeps dvc.lock and DVC's cache in step with what a run came to, for teams that use both tools.
//!
//! An entry that is true of what stands here is left as it is. Any other is written as DVC would write it, from what was
//! published and while it still stands in the workspace. What of the text only DVC needs (whether `cmd` is a list, how a path
//! is spelled, in which order nested parameters stand) is read from the pipeline and parameter files again.

use std::collections::{BTreeMap, HashSet};

use lockgate_spanned::{Node as Yaml, Problems, Source, read as read_yaml};

use super::dvccache::DvcCache;
use super::evidence::{Evidence, lock_path};
use super::workspace::Workspace;
use crate::dvclock::{Claim, Cmd, DvcLock, Entry, Item, Keys, NotEditable, Plain, claims, manifest, with_entries};
use crate::event::Event;
use crate::graph::as_dvc_runs;
use crate::lock;
use crate::observe::ObserveError;
use crate::pipeline::{Flavour, Node, Param};
use crate::store::StoreError;
use crate::sys::disk::{DiskError, Durability, Root};
use crate::words::{Content, Md5Form, Oid, RelPath, TaskId};

/// What becomes of dvc.lock and of DVC's cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DvcLockUse {
    #[default]
    Leave,
    Keep,
}

/// Why dvc.lock or DVC's cache is not in step.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("`{path}` is left as it is: {why}")]
    NotEditable { path: RelPath, why: NotEditable },
    #[error("`{path}` has changed since its stage read or made it")]
    Changed { path: RelPath },
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Observe(#[from] ObserveError),
    #[error(transparent)]
    Store(#[from] StoreError),
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
        let mut told = |error: NotWritten| {
            let message = format!("DVC is not told all of what was done: {error}");
            let help = "the results are published and recorded; once it is put right, run the command again";
            sink(&Event::Warning { message, help: Some(help.to_owned()) });
        };
        for (folder, nodes) in by_folder {
            self.write_dvc_lock(folder, &nodes, &mut told);
            for node in nodes {
                self.give(node).unwrap_or_else(&mut told);
            }
        }
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
        for out in node.outs().iter().filter(|out| out.cache) {
            let found = self.evidence.look(&out.path, Md5Form::Bytes)?;
            let Some((content, known)) = found else { continue };
            if locked.outs.get(&out.path) == Some(&content) && !cache.has(known.oid) {
                self.give_out(cache, &out.path, &content, known.oid)?;
            }
        }
        Ok(())
    }

    fn give_out(&self, cache: &DvcCache, path: &RelPath, content: &Content, oid: Oid) -> Result<(), NotWritten> {
        let Content::Tree { digest: tree } = content else {
            return Ok(cache.give_file(&self.store, &content.digest(), oid)?);
        };
        let (files, _) = self.evidence.md5s().files(path, Md5Form::Bytes)?;
        let entries = self.store.tree(tree)?;
        for (name, md5) in &files {
            let entry = entries.iter().find(|entry| entry.path.as_str() == name);
            let digest = entry.and_then(|entry| entry.node.digest());
            let digest = digest.ok_or_else(|| NotWritten::Changed { path: path.clone() })?;
            cache.give_file(&self.store, digest, Oid::File(*md5))?;
        }
        // The list comes last: where it is, DVC takes its files for there.
        Ok(cache.give_list(&manifest::encode(&files), oid)?)
    }
}

/// Writes entries for the stages of one pipeline file.
struct Scribe<'a> {
    root: &'a Root,
    evidence: &'a Evidence,
    text: Option<Yaml>,
}

impl<'a> Scribe<'a> {
    fn new(root: &'a Root, evidence: &'a Evidence, file: Option<&RelPath>) -> Self {
        Self { root, evidence, text: file.and_then(|file| read(root, file)) }
    }

    /// Returns what DVC would write, or `None` when what it has written is true.
    fn entry(&self, node: &Node, locked: &lock::Entry, old: Option<&Entry>) -> Result<Option<Entry>, NotWritten> {
        if old.is_some_and(|old| self.is_true(old, node) || self.is_held(node, locked)) {
            return Ok(None);
        }
        let names = self.names(node, old);
        let deps = node.deps.iter().map(|dep| self.item(&dep.path, &locked.recipe.deps, &names, &node.wdir));
        let outs = node.outs().iter().map(|out| self.item(&out.path, &locked.outs, &names, &node.wdir));
        let (deps, outs) = (sorted(deps.collect::<Result<_, _>>()?), sorted(outs.collect::<Result<_, _>>()?));
        Ok(Some(Entry { cmd: self.cmd(node), deps, params: self.params(node, &names), outs }))
    }

    /// Whether an entry agrees with the stage and with all that stands here.
    fn is_true(&self, old: &Entry, node: &Node) -> bool {
        let stands = |claim: &Claim| {
            let found = self.evidence.look(&claim.path, claim.form).ok().flatten();
            found.is_some_and(|(_, known)| known.oid == claim.oid)
        };
        claims(old, node).is_ok_and(|claims| claims.deps.iter().chain(&claims.outs).all(stands))
    }

    /// Whether a stage is frozen and was made of something else than it says or reads now.
    fn is_held(&self, node: &Node, locked: &lock::Entry) -> bool {
        let recipe = &locked.recipe;
        let is_read = |path: &RelPath| {
            let found = self.evidence.look(path, Md5Form::Bytes).ok().flatten();
            found.map(|(content, _)| content).as_ref() == recipe.deps.get(path)
        };
        let is_meant =
            |param: &Param| recipe.params.get(&param.file).and_then(|keys| keys.get(&param.key)) == Some(&param.value);
        node.stage().is_some_and(|stage| {
            let is_of_now = stage.cmd == recipe.cmd && node.params.iter().all(is_meant);
            stage.frozen && !(is_of_now && node.deps.iter().all(|dep| is_read(&dep.path)))
        })
    }

    fn item(
        &self,
        path: &RelPath,
        expected: &BTreeMap<RelPath, Content>,
        names: &[String],
        wdir: &RelPath,
    ) -> Result<Item, NotWritten> {
        let changed = || NotWritten::Changed { path: path.clone() };
        let found = self.evidence.look(path, Md5Form::Bytes)?;
        let (content, known) = found.ok_or_else(changed)?;
        if expected.get(path) != Some(&content) {
            return Err(changed());
        }
        Ok(Item {
            path: spelled(path, names, wdir),
            form: Md5Form::Bytes,
            oid: Some(known.oid),
            size: Some(known.size),
            n_files: known.n_files,
            is_executable: known.is_executable,
        })
    }

    /// Returns how the pipeline file, or else the old entry, spells the paths of a stage.
    fn names(&self, node: &Node, old: Option<&Entry>) -> Vec<String> {
        let stage = self.stage(node);
        let listed = ["deps", "outs", "metrics", "plots", "params"].iter().filter_map(|key| stage?.get(key)?.as_list());
        let mut names: Vec<String> = listed.flatten().flat_map(words).collect();
        let items = old.into_iter().flat_map(|old| old.deps.iter().chain(&old.outs));
        names.extend(items.map(|item| item.path.clone()));
        names.extend(old.into_iter().flat_map(|old| old.params.iter().map(|(file, _)| file.clone())));
        names
    }

    /// Returns the body of a stage as it was written; that of a member is its group's.
    fn stage(&self, node: &Node) -> Option<&Yaml> {
        let stages = self.text.as_ref()?.get("stages")?;
        let stage = stages.get(node.name().as_str()).or_else(|| stages.get(node.name().group()))?;
        Some(stage.get("do").unwrap_or(stage))
    }

    fn cmd(&self, node: &Node) -> Cmd {
        let is_list = self.stage(node).and_then(|stage| stage.get("cmd")).is_some_and(|cmd| cmd.as_list().is_some());
        match node.stage().map_or(&[][..], |stage| &stage.cmd) {
            [line] if !is_list => Cmd::One(line.clone()),
            lines => Cmd::List(lines.to_vec()),
        }
    }

    /// Returns the parameters by file, `params.yaml` first, each file's keys sorted.
    fn params(&self, node: &Node, names: &[String]) -> Vec<(String, Keys)> {
        let mut by_file: BTreeMap<String, BTreeMap<String, Plain>> = BTreeMap::new();
        let mut texts: BTreeMap<&RelPath, Option<Plain>> = BTreeMap::new();
        for param in &node.params {
            let text = texts.entry(&param.file).or_insert_with(|| plain_of(self.root, &param.file));
            let keys = by_file.entry(spelled(&param.file, names, &node.wdir)).or_default();
            keys.extend(in_order(param, text.as_ref()).into_keys(&param.key));
        }
        let mut params: Vec<_> =
            by_file.into_iter().map(|(file, keys)| (file, keys.into_iter().collect::<Keys>())).collect();
        params.sort_by_key(|(file, _)| file != "params.yaml");
        params
    }
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by(|a, b| a.path.cmp(&b.path));
    items
}

/// Returns the spelling among `names` that means `path`, or the plain one.
fn spelled(path: &RelPath, names: &[String], wdir: &RelPath) -> String {
    names.iter().find_map(|name| as_written(name, path, wdir)).unwrap_or_else(|| path.seen_from(wdir))
}

/// Returns `path` as `name` spells it, if that is what it means. Of a name with `${…}` the folders before it count, and the
/// texts between have to be found in the path.
fn as_written(name: &str, path: &RelPath, wdir: &RelPath) -> Option<String> {
    let Some(open) = name.find("${") else {
        return (wdir.join(name).ok()? == *path).then(|| name.to_owned());
    };
    let lead = name[..open].rfind('/').map_or("", |slash| &name[..=slash]);
    let folder = if lead.is_empty() { wdir.clone() } else { wdir.join(lead).ok()? };
    let rest = path.seen_from(&folder);
    let is_in_it = !rest.starts_with("..");
    (is_in_it && is_filled_in(&name[lead.len()..], &rest)).then(|| format!("{lead}{rest}"))
}

/// Whether `text` is `template` with something in the place of each `${…}`.
fn is_filled_in(template: &str, text: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else { return template == text };
    let (Some(text), Some((_, after))) = (text.strip_prefix(before), rest.split_once('}')) else { return false };
    let ends = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
    ends.map(|at| &text[at..]).any(|text| is_filled_in(after, text))
}

/// Returns a text of a list, or the keys of a mapping in it.
fn words(item: &Yaml) -> Vec<String> {
    match (item.as_str(), item.as_map()) {
        (Some(text), _) => vec![text.to_owned()],
        (None, Some(entries)) => entries.iter().map(|(key, _)| key.text.clone()).collect(),
        (None, None) => Vec::new(),
    }
}

/// Returns the value of a parameter with its mappings in the order of their text.
fn in_order(param: &Param, text: Option<&Plain>) -> Plain {
    let value = Plain::from_value(&param.value);
    let mut found = text;
    for segment in param.key.split('.').filter(|_| !param.key.is_empty()) {
        found = found.and_then(|found| found.get(segment));
    }
    match found {
        Some(found) => value.in_order_of(found),
        None => value,
    }
}

fn read(root: &Root, file: &RelPath) -> Option<Yaml> {
    let text = root.read_to_string(file).ok()?;
    read_yaml(&Source::new(file.to_string(), text), &mut Problems::default())
}

/// Reads the values of a file in their order. The readers of the formats that are left out have none to give.
fn plain_of(root: &Root, file: &RelPath) -> Option<Plain> {
    match file.file_name().rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("toml" | "py") => None,
        Some("json") => {
            let value: serde_json::Value = serde_json::from_str(&root.read_to_string(file).ok()?).ok()?;
            Some(Plain::from_json(&value))
        }
        Some(_) | None => read(root, file).as_ref().map(Plain::from_yaml),
    }
}
