//! An entry in the one form that DVC writes when nothing of it has to be quoted, read without a reader of YAML.
//!
//! A lock of thousands of stages is nearly all of that form, and this reads it thirty times as fast. What is written in any
//! other way is left to the reader of YAML, which says the same of what both can read.

use std::iter::Peekable;
use std::str::Lines;

use super::entry::{Cmd, Entry, Item};
use super::read::read_params;
use crate::words::{Md5Form, Oid};

/// Reads the block of a stage; `None` when it is not of that form.
pub fn read(block: &str) -> Option<Entry> {
    let mut lines = block.lines().peekable();
    lines.next().filter(|line| is_name(line))?;
    let cmd = command(lines.next()?.strip_prefix("    cmd: ")?)?;
    let deps = items(&mut lines, "    deps:")?;
    let params = params(&mut lines)?;
    let outs = items(&mut lines, "    outs:")?;
    lines.next().is_none().then(|| Entry { cmd: Cmd::One(cmd.to_owned()), deps, params, outs })
}

fn is_name(line: &str) -> bool {
    let name = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':')).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-@./".contains(&byte))
}

fn params(lines: &mut Peekable<Lines<'_>>) -> Option<Vec<(String, super::Keys)>> {
    const KEY: &str = "    params:";
    if lines.next_if_eq(&KEY).is_none() {
        return Some(Vec::new());
    }
    let mut text = format!("{KEY}\n");
    while let Some(line) = lines.next_if(|line| line.starts_with("      ") || line.starts_with("    -")) {
        text.push_str(line);
        text.push('\n');
    }
    read_params(&text)
}

fn items(lines: &mut Peekable<Lines<'_>>, key: &str) -> Option<Vec<Item>> {
    if lines.next_if_eq(&key).is_none() {
        return Some(Vec::new());
    }
    let mut items = Vec::new();
    while lines.peek().is_some_and(|line| line.starts_with("    -")) {
        items.push(item(lines)?);
    }
    (!items.is_empty()).then_some(items)
}

fn item(lines: &mut Peekable<Lines<'_>>) -> Option<Item> {
    let path = lines.next()?.strip_prefix("    - path: ").filter(|path| is_plain_path(path))?.to_owned();
    let form = match field(lines, "hash") {
        Some("md5") => Md5Form::Bytes,
        Some(_) => return None,
        None => Md5Form::Text,
    };
    let oid = field(lines, "md5").filter(|oid| !is_number(oid))?.parse::<Oid>().ok()?;
    let size = count(lines, "size")?;
    let n_files = count(lines, "nfiles")?;
    let is_executable = match field(lines, "isexec") {
        Some("true") => true,
        Some(_) => return None,
        None => false,
    };
    Some(Item { path, form, oid: Some(oid), size, n_files, is_executable })
}

fn field<'a>(lines: &mut Peekable<Lines<'a>>, key: &str) -> Option<&'a str> {
    let value = lines.peek()?.strip_prefix("      ")?.strip_prefix(key)?.strip_prefix(": ")?;
    lines.next();
    Some(value)
}

/// Returns the number of a field that may be missing; `None` when it is written in another way.
fn count(lines: &mut Peekable<Lines<'_>>, key: &str) -> Option<Option<u64>> {
    let Some(text) = field(lines, key) else { return Some(None) };
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit()) && !(text.len() > 1 && text.starts_with('0'));
    is_decimal.then(|| text.parse().ok()).flatten().map(Some)
}

/// A word and a blank: what YAML takes for a text whatever follows, but for what makes a key or a comment of it.
fn command(text: &str) -> Option<&str> {
    let starts_with_word = text.split_once(' ').is_some_and(|(word, _)| {
        word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #");
    (starts_with_word && is_plain).then_some(text)
}

/// A path that YAML takes for a text: not a number, a date or a word with a meaning.
fn is_plain_path(path: &str) -> bool {
    let is_of_letters = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
    let is_word = ["true", "false", "null"].iter().any(|word| path.eq_ignore_ascii_case(word));
    let has_letter_first = path.starts_with(|c: char| c.is_ascii_alphabetic());
    is_of_letters && has_letter_first && !is_word && !path.ends_with('-')
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::read::read_by_yaml;
    use super::*;

    const ENTRY: &str = "  train@a:
    cmd: python train.py --out 'a b' -e 1e-3
    deps:
    - path: in/a.txt
      hash: md5
      md5: 0cc175b9c0f1b6a831c399e269772661
      size: 5
    - path: features
      md5: 1cc175b9c0f1b6a831c399e269772661.dir
      size: 30
      nfiles: 6
    params:
      params.yaml:
        lr: 0.1
        layers:
        - 1
        - 2
    outs:
    - path: model.bin
      hash: md5
      md5: 2cc175b9c0f1b6a831c399e269772661
      size: 5
      isexec: true
";

    #[test]
    fn what_dvc_writes_is_read_as_yaml_reads_it() {
        let entry = read(ENTRY).expect("it is in DVC's form");
        assert_eq!(Ok(&entry), read_by_yaml(ENTRY).as_ref());
        assert_eq!((entry.deps.len(), entry.params.len(), entry.outs.len()), (2, 1, 1));
    }

    #[test]
    fn every_small_change_is_read_as_yaml_reads_it_or_left_to_it() {
        let pieces =
            ["", " ", ":", ": ", " #", "'", "\"", "0", "-", "- ", "\n", "&a ", "!x ", "~", "{", "[", "\t", "é", "|"];
        let mut n_read = 0;
        for at in (0..ENTRY.len()).filter(|at| ENTRY.is_char_boundary(*at)) {
            for piece in pieces {
                for skip in [0, 1] {
                    let text = format!("{}{piece}{}", &ENTRY[..at], &ENTRY[at + skip..]);
                    let Some(entry) = read(&text) else { continue };
                    n_read += 1;
                    assert_eq!(Ok(entry), read_by_yaml(&text), "{text}");
                }
            }
        }
        assert!(n_read > 1_000, "{n_read}");
    }

    #[test]
    fn what_yaml_takes_for_something_else_is_left_to_it() {
        let with = |old: &str, new: &str| read(&ENTRY.replacen(old, new, 1));
        for path in ["1e3", "true", "Null", "2012-01-01", "'quoted'", "a: b", "*x", "0x1F"] {
            assert_eq!(with("in/a.txt", path), None, "{path}");
        }
        for cmd in ["true", "12 a", "a: b", "a b #c", "[a b]", "a b:"] {
            assert_eq!(with("python train.py --out 'a b' -e 1e-3", cmd), None, "{cmd}");
        }
        assert_eq!(with("0cc175b9c0f1b6a831c399e269772661", "12345678901234567890123456789012"), None);
        assert_eq!(with("size: 5", "size: 0o5"), None);
        assert_eq!(with("      size: 5\n", "      etag: x\n"), None);
    }
}
