//! Records to text: one more at the end, all that stands before it as it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::record::{Approval, Scope, Waiver};
use crate::pipeline::scalar::{put_hex, put_text};
use crate::words::{Content, Digest, RelPath};

const WAIVERS: &str =
    "# Rules that may be broken for a while. Written by `lockgate gate accept`: commit it.\nwaivers:\n";
const APPROVALS: &str =
    "# What people have looked at and approved. Written by `lockgate approve`: commit it.\napprovals:\n";

/// Returns the text with one more waiver; `text` is empty or was read without a problem.
pub fn with_waiver(text: &str, waiver: &Waiver) -> String {
    let mut out = begin(text, WAIVERS, "waivers:");
    put(&mut out, "  - gate", |out| put_text(out, &waiver.gate));
    put(&mut out, "    rule", |out| put_text(out, &waiver.rule));
    put_digest(&mut out, "rules", &waiver.rules);
    match &waiver.data {
        Scope::Exactly(data) => put_data(&mut out, data),
        Scope::Any => out.push_str("    data: any\n"),
    }
    put(&mut out, "    reason", |out| put_text(out, &waiver.reason));
    put(&mut out, "    given", |out| put_text(out, &waiver.given.to_string()));
    put(&mut out, "    until", |out| put_text(out, &waiver.until.to_string()));
    out
}

/// Returns the text with one more approval; `text` is empty or was read without a problem.
pub fn with_approval(text: &str, approval: &Approval) -> String {
    let mut out = begin(text, APPROVALS, "approvals:");
    put(&mut out, "  - gate", |out| put_text(out, &approval.gate));
    put_digest(&mut out, "inputs", &approval.inputs);
    put_data(&mut out, &approval.data);
    put(&mut out, "    reason", |out| put_text(out, &approval.reason));
    put(&mut out, "    given", |out| put_text(out, &approval.given.to_string()));
    out
}

/// An empty list is written `waivers: []`, which cannot be gone on with.
fn begin(text: &str, fresh: &str, key: &str) -> String {
    let has_records = text.lines().any(|line| line.trim_end() == key);
    let mut out = if has_records { text.to_owned() } else { fresh.to_owned() };
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn put(out: &mut String, key: &str, value: impl FnOnce(&mut String)) {
    out.push_str(key);
    out.push_str(": ");
    value(out);
    out.push('\n');
}

fn put_digest(out: &mut String, key: &str, digest: &Digest) {
    put(out, &format!("    {key}"), |out| put_hex(out, &digest.to_hex()));
}

fn put_data(out: &mut String, data: &BTreeMap<RelPath, Content>) {
    if data.is_empty() {
        return out.push_str("    data: {}\n");
    }
    out.push_str("    data:\n");
    for (path, content) in data {
        out.push_str("      ");
        put_text(out, path.as_str());
        writeln!(out, ": {content}").expect("writing into a string cannot fail");
    }
}
