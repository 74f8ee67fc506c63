//! Against texts that DVC wrote: `tests/golden/dvc/make.py` says how they were made.

use super::emit;
use super::*;

const LOCK: &str = include_str!("../../tests/golden/dvc/project/dvc.lock");

fn entries(text: &str) -> Vec<(String, Entry)> {
    let (lock, trouble) = DvcLock::read(text);
    assert_eq!(trouble, None);
    let mut names: Vec<&str> = lock.names().collect();
    names.sort_by_key(|name| lock.line(name));
    let entry = |name: &str| lock.entry(name).expect("it is there").expect("it can be read");
    names.into_iter().map(|name| (name.to_owned(), entry(name))).collect()
}

fn plain(value: &serde_json::Value) -> Plain {
    use serde_json::Value as Json;
    match value {
        Json::Null => Plain::Null,
        Json::Bool(value) => Plain::Bool(*value),
        Json::Number(number) => Plain::Int(number.as_i64().expect("an integer").into()),
        // JSON texts are read with less care for the last digit than floats need.
        Json::String(text) => match text.strip_prefix("!float ") {
            Some(float) => Plain::Float(float.parse().expect("a float")),
            None => Plain::Str(text.clone()),
        },
        Json::Array(items) => Plain::List(items.iter().map(plain).collect()),
        Json::Object(entries) => Plain::Map(entries.iter().map(|(key, value)| (key.clone(), plain(value))).collect()),
    }
}

#[test]
fn a_lock_that_was_read_is_written_as_dvc_wrote_it() {
    let entries = entries(LOCK);
    assert_eq!(entries.len(), 3);
    assert_eq!(with_entries(None, &entries).as_deref(), Ok(LOCK));
}

#[test]
fn four_hundred_strange_values_are_written_as_dvc_writes_them() {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../tests/golden/dvc/texts.json")).expect("it is JSON");
    assert_eq!(cases.len(), 400);
    for case in &cases {
        let key = case["key"].as_str().expect("a key");
        let text = emit::entry("x", &Plain::Map(vec![(key.to_owned(), plain(&case["value"]))]), 0);
        assert_eq!(text, case["text"].as_str().expect("a text"), "{case}");
    }
}

#[test]
fn a_new_entry_replaces_the_old_one_where_it_stands() {
    let all = entries(LOCK);
    let (_, changed) = all[1].clone();
    let changed = Entry { cmd: Cmd::One("true".to_owned()), ..changed };
    let text = with_entries(Some(LOCK), &[(all[1].0.clone(), changed.clone()), ("new".to_owned(), changed.clone())]);
    let text = text.expect("the text is DVC's");
    let mut expect = all.clone();
    expect[1].1 = changed.clone();
    expect.push(("new".to_owned(), changed));
    assert_eq!(with_entries(None, &expect), Ok(text));
    assert_eq!(with_entries(Some(LOCK), &all).as_deref(), Ok(LOCK));
}

#[test]
fn what_else_the_file_has_is_kept() {
    let with_datasets = format!("{LOCK}datasets:\n- name: ds\n  url: s3://x\n");
    let one = &entries(LOCK)[..1];
    assert_eq!(with_entries(Some(&with_datasets), one).as_ref(), Ok(&with_datasets));
    let empty = "schema: '2.0'\nstages: {}\n";
    assert_eq!(with_entries(Some(empty), one), with_entries(None, one));
    for broken in ["schema: '3.0'\nstages:\n", "<<<<<<< a\nschema: '2.0'\n", "\t", "schema: '2.0'\n"] {
        assert_eq!(with_entries(Some(broken), one), Err(NotEditable), "{broken:?}");
    }
}

#[test]
fn what_is_in_doubt_is_left_out_and_the_rest_is_read() {
    let tell = |text: &str| {
        let (lock, trouble) = DvcLock::read(text);
        let names: Vec<String> = lock
            .names()
            .map(|name| match lock.entry(name).expect("it is there") {
                Ok(_) => name.to_owned(),
                Err(fault) => format!("{name}: {fault}"),
            })
            .collect();
        (trouble.map(|trouble| trouble.to_string()).unwrap_or_default(), names.join(", "))
    };
    insta::assert_debug_snapshot!([
        tell(""),
        tell("schema: '9.0'\nstages:\n  a:\n    cmd: x\n"),
        tell("schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: [\n  c:\n    deps: []\n  d:\n    cmd: y\n    cmd: z\n"),
        tell("schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n<<<<<<< ours\n    cmd: 1\n=======\n    cmd: y\n>>>>>>> theirs\n"),
        tell("a:\n  cmd: x\n  deps:\n  - path: f\n    md5: 0cc175b9c0f1b6a831c399e269772661\n"),
        tell("just text\n"),
    ], @r#"
    [
        (
            "is empty, as DVC leaves it when it is killed while it writes",
            "",
        ),
        (
            "says `schema: '9.0'`, of which only '2.0' is known",
            "",
        ),
        (
            "",
            "a, b: not valid YAML, or a key is given twice, c: not an entry as DVC writes it: `cmd` is missing or of another kind, d: not valid YAML, or a key is given twice",
        ),
        (
            "has merge conflict markers (line 6), and its sides differ on `b`",
            "a",
        ),
        (
            "",
            "a",
        ),
        (
            "is not what DVC writes (line 1)",
            "",
        ),
    ]
    "#);
}

#[test]
fn the_older_form_without_the_name_of_the_hash_is_known_by_that() {
    let (lock, _) = DvcLock::read(
        "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n    - path: f\n      md5: 0cc175b9c0f1b6a831c399e269772661\n      size: 1\n",
    );
    let entry = lock.entry("a").expect("it is there").expect("it can be read");
    assert_eq!(entry.outs[0].form, crate::words::Md5Form::Text);
    assert_eq!(render("a", &entry).lines().nth(4), Some("      md5: 0cc175b9c0f1b6a831c399e269772661"));
}
