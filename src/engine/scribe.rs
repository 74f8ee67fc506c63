//! Writes entries of dvc.lock for the stages of one pipeline file, as DVC would.
//!
//! What of the text only DVC needs (whether `cmd` is a list, how a path is spelled, in which order nested parameters stand) is
//! read from the pipeline and parameter files again.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_spanned::Node as Yaml;

use super::dvcwrite::NotWritten;
use super::evidence::Evidence;
use super::madeparams::values_in_place;
use crate::dvclock::{Claim, Cmd, Entry, Item, Keys, Plain, claims};
use crate::fingerprint::Recipe;
use crate::lock;
use crate::manifest::read_values_in_order;
use crate::pipeline::{Node, ParamValues, Value};
use crate::sys::disk::Root;
use crate::words::{Content, Md5Form, Place, RelPath};

/// Knows the text of one pipeline file.
pub(super) struct Scribe<'a> {
    root: &'a Root,
    evidence: &'a Evidence,
    text: Option<Arc<Yaml>>,
}

impl<'a> Scribe<'a> {
    pub(super) fn new(root: &'a Root, evidence: &'a Evidence, file: Option<&RelPath>) -> Self {
        Self { root, evidence, text: file.and_then(|file| evidence.text(file)) }
    }

    /// Returns what DVC would write, or `None` when what it has written is true.
    pub(super) fn entry(
        &self,
        node: &Node,
        locked: &lock::Entry,
        old: Option<&Entry>,
    ) -> Result<Option<Entry>, NotWritten> {
        if old.is_some_and(|old| self.is_true(old, node, &locked.recipe) || self.is_held(node, locked)) {
            return Ok(None);
        }
        let names = self.names(node, old);
        let deps = node.deps.iter().map(|dep| self.item(&dep.path, &locked.recipe.deps, &names, &node.wdir));
        let outs = node.outs().iter().map(|out| self.item(&out.path, &locked.outs, &names, &node.wdir));
        let (deps, outs) = (sorted(deps.collect::<Result<_, _>>()?), sorted(outs.collect::<Result<_, _>>()?));
        Ok(Some(Entry { cmd: self.cmd(node), deps, params: self.params(node, &locked.recipe, &names), outs }))
    }

    /// Returns what DVC asks its run cache for: the entry of a stage that has this recipe, with outs of which nothing is known.
    /// `None` when a dep is not what the recipe says.
    pub(super) fn question(&self, node: &Node, recipe: &Recipe) -> Option<Entry> {
        let names = self.names(node, None);
        let deps = node.deps.iter().map(|dep| self.item(&dep.path, &recipe.deps, &names, &node.wdir).ok());
        let out = |path: &Place| Item {
            path: spelled(path, &names, &node.wdir),
            form: Md5Form::Bytes,
            oid: None,
            size: None,
            n_files: None,
            is_executable: false,
        };
        let outs = sorted(node.outs().iter().map(|out_of| out(&out_of.path)).collect());
        let deps = sorted(deps.collect::<Option<_>>()?);
        Some(Entry { cmd: self.cmd(node), deps, params: self.params(node, recipe, &names), outs })
    }

    /// Whether an entry agrees with the stage and with all that stands here.
    fn is_true(&self, old: &Entry, node: &Node, recipe: &Recipe) -> bool {
        let stands = |claim: &Claim| {
            let found = self.evidence.look(&claim.path, claim.form).ok().flatten();
            found.is_some_and(|(_, known)| known.oid == claim.oid)
        };
        claims(old, node, &recipe.params).is_ok_and(|claims| claims.deps.iter().chain(&claims.outs).all(stands))
    }

    /// Whether a stage is frozen and was made of something else than it says or reads now.
    fn is_held(&self, node: &Node, locked: &lock::Entry) -> bool {
        let recipe = &locked.recipe;
        let is_read = |path: &Place| {
            let found = self.evidence.look(path, Md5Form::Bytes).ok().flatten();
            found.map(|(content, _)| content).as_ref() == recipe.deps.get(path)
        };
        let stage = node.stage().filter(|stage| stage.frozen);
        stage.is_some_and(|stage| {
            let is_of_now = stage.cmd == recipe.cmd && self.values_of(node) == recipe.params;
            !(is_of_now && node.deps.iter().all(|dep| is_read(&dep.path)))
        })
    }

    /// Returns the parameters of a stage as they stand here.
    fn values_of(&self, node: &Node) -> ParamValues {
        let made = node.made_params.iter();
        let made = made.filter_map(|made| Some((made.file.clone(), values_in_place(self.root, made)?)));
        node.known_params().into_iter().chain(made).collect()
    }

    fn item(
        &self,
        path: &Place,
        expected: &BTreeMap<Place, Content>,
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
    fn params(&self, node: &Node, recipe: &Recipe, names: &[String]) -> Vec<(String, Keys)> {
        let mut by_file: BTreeMap<String, BTreeMap<String, Plain>> = BTreeMap::new();
        for (file, values) in &recipe.params {
            let text = plain_of(self.root, file);
            let keys = by_file.entry(spelled(&Place::from(file), names, &node.wdir)).or_default();
            keys.extend(values.iter().flat_map(|(key, value)| in_order(key, value, text.as_ref()).into_keys(key)));
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
fn spelled(path: &Place, names: &[String], wdir: &RelPath) -> String {
    names.iter().find_map(|name| as_written(name, path, wdir)).unwrap_or_else(|| path.seen_from(wdir))
}

/// Returns `path` as `name` spells it, if that is what it means. Of a name with `${…}` the folders before it count, and the
/// texts between have to be found in the path.
fn as_written(name: &str, path: &Place, wdir: &RelPath) -> Option<String> {
    let Some(open) = name.find("${") else {
        return (wdir.place(name).ok()? == *path).then(|| name.to_owned());
    };
    let lead = name[..open].rfind('/').map_or("", |slash| &name[..=slash]);
    let folder = if lead.is_empty() { wdir.clone() } else { wdir.join(lead).ok()? };
    let rest = path.seen_from(&folder);
    let is_in_it = !rest.starts_with('/') && !rest.starts_with("..");
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
fn in_order(key: &str, value: &Value, text: Option<&Plain>) -> Plain {
    let value = Plain::from_value(value);
    let mut found = text;
    for segment in key.split('.').filter(|_| !key.is_empty()) {
        found = found.and_then(|found| found.get(segment));
    }
    found.filter(|found| found.equals(&value)).cloned().unwrap_or(value)
}

/// Reads the values of a file in their order.
fn plain_of(root: &Root, file: &RelPath) -> Option<Plain> {
    let text = root.read_to_string(file).ok()?;
    read_values_in_order(file, &text).ok().as_ref().map(Plain::from_yaml)
}
