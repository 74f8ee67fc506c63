//! New digests into the text of a `.dvc` file; every other byte stays.

use std::ops::Range;
use std::sync::Arc;

use lockgate_spanned::{Key, Node, Problems, Source, read};

use super::entry::Item;
use super::scalar::{Role, Style, style_of};
use crate::words::Md5Form;

/// The text has not a line for each key, so it is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its keys do not stand on lines of their own, as DVC writes them")]
pub struct UnusualLayout;

/// Returns the text with these outs, by their number, recorded anew.
///
/// Keys that are there keep their place, new ones stand below the others of their out, in the order in which DVC adds them.
/// The digest of the file itself, which DVC wrote before version 1, goes.
pub fn with_records(text: &str, records: &[(usize, Item)]) -> Result<String, UnusualLayout> {
    let tree = parsed(text).ok_or(UnusualLayout)?;
    let mut edits = Vec::new();
    for (at, item) in records {
        let out = out(&tree, *at).ok_or(UnusualLayout)?;
        edits.extend(edits_of(text, out, item).ok_or(UnusualLayout)?);
    }
    if let Some((key, _)) = entry(&tree, "md5") {
        edits.push((line_of(text, key).ok_or(UnusualLayout)?, String::new()));
    }
    let text = applied(text, edits);
    let made = parsed(&text).ok_or(UnusualLayout)?;
    let is_sound = records.iter().all(|(at, item)| out(&made, *at).is_some_and(|out| says(&text, out, item)));
    if is_sound && made.get("md5").is_none() { Ok(text) } else { Err(UnusualLayout) }
}

type Edit = (Range<usize>, String);

fn parsed(text: &str) -> Option<Node> {
    let mut problems = Problems::default();
    read(&source(text), &mut problems).filter(|_| problems.is_empty())
}

fn source(text: &str) -> Arc<Source> {
    Source::new(String::new(), text)
}

fn out(tree: &Node, at: usize) -> Option<&Node> {
    tree.get("outs")?.as_list()?.get(at)
}

fn entry<'a>(node: &'a Node, name: &str) -> Option<&'a (Key, Node)> {
    node.as_map()?.iter().find(|(key, _)| key.text == name)
}

/// Returns what an out must say, by key; `None` where the key must not be.
fn wanted(item: &Item) -> [(&'static str, Option<String>); 5] {
    let md5 = item.oid.map(|oid| oid.to_string());
    let md5 = md5.map(|md5| if style_of(&md5, Role::Value) == Style::Plain { md5 } else { format!("'{md5}'") });
    [
        ("md5", md5),
        ("size", item.size.map(|size| size.to_string())),
        ("nfiles", item.n_files.map(|count| count.to_string())),
        ("isexec", item.is_executable.then(|| "true".to_owned())),
        ("hash", (item.form == Md5Form::Bytes).then(|| "md5".to_owned())),
    ]
}

fn edits_of(text: &str, out: &Node, item: &Item) -> Option<Vec<Edit>> {
    let (first, _) = out.as_map()?.first()?;
    let mut edits = Vec::new();
    let mut new = String::new();
    let margin = margin(text, first)?;
    for (name, value) in wanted(item) {
        match (entry(out, name), value) {
            (Some((_, node)), Some(value)) => edits.push((node.span.start..end_of(text, node)?, value)),
            (Some((key, _)), None) => edits.push((line_of(text, key)?, String::new())),
            (None, Some(value)) => new.extend([margin.as_str(), name, ": ", &value, newline(text)]),
            (None, None) => {}
        }
    }
    if !new.is_empty() {
        let end = end_of_block(text, first, margin.len())?;
        let gap = if text.get(..end)?.ends_with('\n') { "" } else { newline(text) };
        edits.push((end..end, format!("{gap}{new}")));
    }
    Some(edits)
}

/// Returns what stands before the keys of a mapping in a block, of which `first` is the first.
fn margin(text: &str, first: &Key) -> Option<String> {
    let before = &text.get(line_start(text, first.span.start)?..first.span.start)?;
    before.chars().all(|c| matches!(c, ' ' | '-')).then(|| " ".repeat(before.len()))
}

fn line_start(text: &str, at: usize) -> Option<usize> {
    Some(text.get(..at)?.rfind('\n').map_or(0, |end| end + 1))
}

fn line_end(text: &str, at: usize) -> Option<usize> {
    Some(text.get(at..)?.find('\n').map_or(text.len(), |end| at + end + 1))
}

/// Returns the end of a scalar on one line.
fn end_of(text: &str, node: &Node) -> Option<usize> {
    let written = text.get(node.span.start..node.span.start + node.span.len)?.trim_end();
    (!written.contains('\n') && !written.is_empty()).then_some(node.span.start + written.len())
}

/// Returns the line of a key that has a line for itself.
fn line_of(text: &str, key: &Key) -> Option<Range<usize>> {
    let start = line_start(text, key.span.start)?;
    let is_alone = text.get(start..key.span.start)?.chars().all(|c| c == ' ');
    if is_alone { Some(start..line_end(text, start)?) } else { None }
}

/// Returns the end of the last line that belongs to a mapping whose keys stand at `column`.
fn end_of_block(text: &str, first: &Key, column: usize) -> Option<usize> {
    let mut end = line_end(text, first.span.start)?;
    let mut at = end;
    while at < text.len() {
        let next = line_end(text, at)?;
        let line = text.get(at..next)?;
        match line.trim() {
            "" => {}
            _ if line.len() - line.trim_start().len() >= column => end = next,
            _ => break,
        }
        at = next;
    }
    Some(end)
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    let mut text = text.to_owned();
    for (range, new) in edits {
        text.replace_range(range, &new);
    }
    text
}

fn says(text: &str, out: &Node, item: &Item) -> bool {
    let source = source(text);
    wanted(item).iter().all(|(name, value)| {
        let found = entry(out, name).and_then(|(_, node)| node.scalar_text(&source));
        found.map(|found| found.trim_matches('\'')) == value.as_deref().map(|value| value.trim_matches('\''))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MD5: &str = "c193497a1a06b2c72230e6146ff47080";

    fn file(md5: &str, size: u64) -> Item {
        let oid = md5.parse().ok();
        let (path, form) = (String::new(), Md5Form::Bytes);
        Item { path, form, oid, size: Some(size), n_files: None, is_executable: false }
    }

    #[test]
    fn only_the_digests_change() {
        let text = "# top\nouts:\n- md5: 5bbf5a52328e7439ae6e719dfe712200\n  size: 4   # four\n  hash: md5\n  path: \"raw.txt\"  # here\n  desc: 'it''s'\n  meta:\n    a: [1,   2]\ndesc: 'x'\n";
        let made = with_records(text, &[(0, file(MD5, 11))]).expect("it is plain");
        assert_eq!(made, text.replace("5bbf5a52328e7439ae6e719dfe712200", MD5).replace("size: 4", "size: 11"));
    }

    #[test]
    fn keys_come_and_go_where_dvc_puts_them() {
        let check =
            |text: &str, item: Item, expect: &str| assert_eq!(with_records(text, &[(0, item)]).as_deref(), Ok(expect));
        check(
            "md5: 1234\nouts:\n- md5: 5bbf5a52328e7439ae6e719dfe712200\n  size: 4\n  path: raw.txt",
            file(MD5, 4),
            "outs:\n- md5: c193497a1a06b2c72230e6146ff47080\n  size: 4\n  path: raw.txt\n  hash: md5\n",
        );
        let folder = Item { n_files: Some(3), oid: format!("{MD5}.dir").parse().ok(), ..file(MD5, 6) };
        check(
            "outs:\r\n  - md5: 5bbf5a52328e7439ae6e719dfe712200\r\n    hash: md5\r\n    size: 4\r\n    path: d\r\n",
            folder,
            "outs:\r\n  - md5: c193497a1a06b2c72230e6146ff47080.dir\r\n    hash: md5\r\n    size: 6\r\n    path: d\r\n    nfiles: 3\r\n",
        );
        check(
            "outs:\n- md5: 5bbf5a52328e7439ae6e719dfe712200.dir\n  size: 4\n  nfiles: 2\n  hash: md5\n  path: d\n",
            file("00000000000000000000000000000001", 4),
            "outs:\n- md5: '00000000000000000000000000000001'\n  size: 4\n  hash: md5\n  path: d\n",
        );
    }

    #[test]
    fn a_layout_that_cannot_be_edited_line_by_line_is_left() {
        let check = |text: &str| assert_eq!(with_records(text, &[(0, file(MD5, 4))]), Err(UnusualLayout), "{text:?}");
        check("outs: [{md5: 5bbf5a52328e7439ae6e719dfe712200, path: raw.txt}]\n");
        check("outs:\n- md5: |\n    5bbf5a52328e7439ae6e719dfe712200\n  path: raw.txt\n");
        check("outs: []\n");
        check("<<<<<<< ours\n");
    }
}
