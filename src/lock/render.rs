//! Lock to text: the same bytes for the same lock, one fact a line, one block a task.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Entry, Lock, Realm, VERSION, history, name};
use crate::fingerprint::{OutFlags, Recipe, RecipeKind};
use crate::pipeline::OutKind;
use crate::pipeline::scalar::{self, KeyForm, put_hex, put_quoted, put_text, put_value};
use crate::words::{Content, Digest, RelPath, Spot, TaskId};

const HEADING: &str =
    "# What is true of the last success of every task. Written by lockgate: commit it, do not edit it.\n";

/// Renders the entries of the tasks of `realm`.
pub fn render(lock: &Lock, realm: &Realm) -> String {
    let mut tasks = lock.in_order().into_iter().filter(|(task, _)| realm.holds(task)).peekable();
    let mut out = String::with_capacity(256 + 1024 * lock.tasks.len());
    out.push_str(HEADING);
    writeln!(out, "lockgate: {VERSION}").expect("writing into a string cannot fail");
    out.push_str(if tasks.peek().is_some() { "tasks:\n" } else { "tasks: {}\n" });
    for (task, entry) in tasks {
        let start = out.len();
        put_facts(&mut out, task, &realm.home, entry);
        let seal = seal_of(&out[start..]);
        put_line(&mut out, 4, "seal", |out| put_quoted(out, &seal));
    }
    put_histories(&mut out, lock, realm);
    out
}

fn put_histories(out: &mut String, lock: &Lock, realm: &Realm) {
    let mut gates = lock.histories.iter().filter(|(gate, pasts)| realm.holds(gate) && !pasts.is_empty()).peekable();
    if gates.peek().is_some() {
        out.push_str("history:\n");
    }
    for (gate, pasts) in gates {
        put_key(out, 2, &name::write(gate, &realm.home));
        out.push('\n');
        history::put(out, pasts);
    }
}

/// Returns the seal of an entry: 16 hexadecimal digits of the digest of its lines.
///
/// Two branches that change different lines of one entry merge without a conflict into an entry that no run has seen.
/// The seal is a line that both of them change, and one that no such mixture, and no edit by hand, agrees with.
pub fn seal(task: &TaskId, home: &RelPath, entry: &Entry) -> String {
    let mut facts = String::new();
    put_facts(&mut facts, task, home, entry);
    seal_of(&facts)
}

fn seal_of(facts: &str) -> String {
    let mut hex = Digest::of(facts.as_bytes()).to_hex();
    hex.truncate(16);
    hex
}

fn put_facts(out: &mut String, task: &TaskId, home: &RelPath, entry: &Entry) {
    put_key(out, 2, &name::write(task, home));
    out.push('\n');
    let recipe = &entry.recipe;
    if recipe.kind != RecipeKind::Stage {
        put_line(out, 4, "gate", |out| out.push_str(recipe.kind.word()));
    }
    put_cmd(out, &recipe.cmd);
    if !recipe.wdir.is_root() {
        put_line(out, 4, "wdir", |out| put_text(out, recipe.wdir.as_str()));
    }
    put_map(out, "deps", &recipe.deps, |out, path, content| put_line(out, 6, path_text(path), put_content(content)));
    put_params(out, recipe);
    put_map(out, "env", &recipe.env, |out, name, digest| put_line(out, 6, name, put_env(*digest)));
    put_map(out, "data", &recipe.data, |out, path, content| put_line(out, 6, path_text(path), put_content(content)));
    if let Some(rules) = &recipe.rules {
        put_line(out, 4, "rules", |out| put_hex(out, &rules.digest.to_hex()));
        put_line(out, 4, "checker", |out| out.push_str(&rules.checker.to_string()));
    }
    put_degraded(out, &recipe.degraded);
    put_outs(out, entry);
    if let Some(verdict) = &entry.verdict {
        put_line(out, 4, "verdict", |out| out.push_str(verdict.state.word()));
        put_line(out, 4, "summary", |out| put_text(out, &verdict.summary));
    }
}

fn put_cmd(out: &mut String, cmd: &[String]) {
    match cmd {
        [] => {}
        [only] => put_line(out, 4, "cmd", |out| put_text(out, only)),
        several => {
            out.push_str("    cmd:\n");
            for line in several {
                out.push_str("      - ");
                put_text(out, line);
                out.push('\n');
            }
        }
    }
}

fn put_degraded(out: &mut String, gates: &BTreeSet<String>) {
    if gates.is_empty() {
        return;
    }
    out.push_str("    degraded:\n");
    for gate in gates {
        out.push_str("      - ");
        put_text(out, gate);
        out.push('\n');
    }
}

fn put_params(out: &mut String, recipe: &Recipe) {
    put_map(out, "params", &recipe.params, |out, file, params| {
        put_key(out, 6, path_text(file));
        out.push_str(if params.is_empty() { " {}\n" } else { "\n" });
        for (key, value) in params {
            put_line(out, 8, key, |out| put_value(out, value));
        }
    });
}

fn put_env(digest: Option<Digest>) -> impl FnOnce(&mut String) {
    move |out| match digest {
        Some(digest) => put_hex(out, &digest.to_hex()),
        None => out.push_str("null"),
    }
}

/// An out without flags is its content; flags that differ from the default stand beside it, in braces.
fn put_outs(out: &mut String, entry: &Entry) {
    debug_assert!(entry.outs.keys().all(|path| entry.recipe.outs.contains_key(path)), "an out is part of the recipe");
    put_map(out, "outs", &entry.recipe.outs, |out, path, flags| {
        let content = entry.outs.get(path);
        put_line(out, 6, path_text(path), |out| match (content, flag_words(*flags).as_slice()) {
            (Some(content), []) => put_content(content)(out),
            (content, words) => {
                let content = content.map(|content| format!("content: {content}"));
                let words: Vec<&str> = content.as_deref().into_iter().chain(words.iter().copied()).collect();
                write!(out, "{{{}}}", words.join(", ")).expect("writing into a string cannot fail");
            }
        });
    });
}

fn flag_words(flags: OutFlags) -> Vec<&'static str> {
    let kind = match flags.kind {
        OutKind::Data => None,
        OutKind::Metric => Some("kind: metric"),
        OutKind::Plot => Some("kind: plot"),
    };
    let cache = (!flags.cache).then_some("cache: false");
    let persist = flags.persist.then_some("persist: true");
    [kind, cache, persist].into_iter().flatten().collect()
}

fn put_content(content: &Content) -> impl FnOnce(&mut String) + '_ {
    move |out| write!(out, "{content}").expect("writing into a string cannot fail")
}

fn path_text<'p>(path: impl Into<Spot<'p>>) -> &'p str {
    let text = path.into().as_str();
    if text.is_empty() { "." } else { text }
}

/// Writes a mapping under `key`; an empty one is left out.
fn put_map<'a, K, V>(
    out: &mut String,
    key: &str,
    entries: impl IntoIterator<Item = (&'a K, &'a V), IntoIter: ExactSizeIterator>,
    put: impl Fn(&mut String, &K, &V),
) where
    K: 'a,
    V: 'a,
{
    let entries = entries.into_iter();
    if entries.len() == 0 {
        return;
    }
    put_key(out, 4, key);
    out.push('\n');
    for (key, value) in entries {
        put(out, key, value);
    }
}

fn put_line(out: &mut String, indent: usize, key: &str, put: impl FnOnce(&mut String)) {
    put_key(out, indent, key);
    out.push(' ');
    put(out);
    out.push('\n');
}

fn put_key(out: &mut String, indent: usize, key: &str) {
    const SPACES: &str = "        ";
    out.push_str(&SPACES[..indent]);
    if scalar::put_key(out, |out| put_text(out, key)) == KeyForm::Announced {
        out.push('\n');
        out.push_str(&SPACES[..indent]);
    }
    out.push(':');
}
