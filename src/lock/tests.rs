//! The text of the lock: golden file, round trip, damage, merges.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::sample::{copy_stage, entry, golden, lock, path, task};
use super::{Lock, LockRead, Realm, Texts, history, merge, read, render};
use crate::words::RelPath;

const GOLDEN: &str = include_str!("../../tests/golden/pipeline-v2.lock");

fn realm() -> Realm {
    Realm::folder(root())
}

fn root() -> RelPath {
    RelPath::root()
}

fn three() -> Lock {
    Lock {
        tasks: ["a", "b", "c"].map(|name| (task(name), copy_stage(name, &format!("{name}2")))).into(),
        ..Lock::default()
    }
}

fn text() -> String {
    render(&three(), &realm())
}

/// Returns the tasks that are kept of a text, and the warning.
fn outcome(text: &str) -> String {
    match read(text.as_bytes(), &realm()) {
        Err(newer) => newer.to_string(),
        Ok(LockRead { lock, warning }) => {
            let kept: Vec<String> = lock.in_order().iter().map(|(task, _)| task.to_string()).collect();
            let warning = warning.map_or("no warning".to_owned(), |warning| warning.to_string());
            format!("kept {kept:?}: {warning}")
        }
    }
}

#[test]
fn the_golden_text_is_written_and_read() {
    assert_eq!(render(&golden(), &realm()), GOLDEN);
    assert_eq!(read(GOLDEN.as_bytes(), &realm()), Ok(LockRead { lock: golden(), warning: None }));
}

#[test]
fn the_text_of_the_first_version_is_read() {
    let first = include_str!("../../tests/golden/pipeline-v1.lock");
    let lock = Lock { histories: BTreeMap::new(), ..golden() };
    assert_eq!(read(first.as_bytes(), &realm()), Ok(LockRead { lock, warning: None }));
}

#[test]
fn an_empty_lock_has_no_warning() {
    let text = render(&Lock::default(), &realm());
    assert_eq!(text.lines().last(), Some("tasks: {}"));
    assert_eq!(outcome(&text), "kept []: no warning");
}

#[test]
fn a_lock_holds_the_tasks_of_its_folder_only() {
    let mut lock = three();
    let mut elsewhere = task("a");
    elsewhere.folder = path("models");
    lock.tasks.insert(elsewhere.clone(), copy_stage("x", "y"));
    assert_eq!(render(&lock, &realm()), text());
    let there = read(render(&lock, &Realm::folder(path("models"))).as_bytes(), &Realm::folder(path("models")))
        .expect("the version is known");
    assert_eq!(there.lock.tasks.into_keys().collect::<Vec<_>>(), [elsewhere]);
}

#[test]
fn a_new_task_touches_only_its_block() {
    let mut lock = three();
    lock.tasks.insert(task("b2"), copy_stage("x", "y"));
    let (before, after) = (text(), render(&lock, &realm()));
    let at = before.find("  c:\n").expect("task `c` is there");
    assert!(after.starts_with(&before[..at]) && after.ends_with(&before[at..]));
}

#[test]
fn a_text_without_a_version_is_not_used() {
    insta::assert_snapshot!(outcome(""), @"kept []: `pipeline.lock` is empty: every task is decided anew");
    insta::assert_snapshot!(outcome(" \n\n"), @"kept []: `pipeline.lock` is empty: every task is decided anew");
    let without = "kept []: `pipeline.lock` does not say `lockgate: 2`: every task is decided anew";
    for text in [
        "# c\n",
        "\0\0\0\0",
        "\u{fffd}PNG\n\x1a",
        "[1, 2",
        "lockgate: '1'\ntasks: {}\n",
        "lockgate: 0\n",
        "schema: '2.0'",
    ] {
        assert_eq!(outcome(text), without, "{text:?}");
    }
    assert_eq!(outcome(&text().replace("lockgate: 2", "lockgate: two")), without);
}

#[test]
fn a_newer_text_is_left_alone() {
    insta::assert_snapshot!(outcome("lockgate: 2\nwhatever: [\n"), @"kept []: `pipeline.lock` has an entry in doubt, `whatever: [` (line 2: not valid YAML, or a key is given twice): this task is decided anew, the other entries are kept");
}

#[test]
fn an_entry_in_doubt_is_dropped_alone() {
    let check = |was: &str, now: &str, expect: &str| {
        let text = text();
        assert!(text.contains(was));
        let expect = format!(
            "kept [\"a\", \"c\"]: `pipeline.lock` has an entry in doubt, {expect}: this task is decided anew, the other entries are kept"
        );
        assert_eq!(outcome(&text.replacen(was, now, 1)), expect);
    };
    check("cmd: cp b b2", "cmd: cp b b3", "`b` (line 11: not as it was written: edited or merged)");
    check("cmd: cp b b2", "cmd: cp b b2\n    colour: red", "`b` (line 11: unknown key `colour`)");
    check("cmd: cp b b2", "cmd: {}", "`b` (line 11: `cmd` has a value that cannot be read)");
    check("      b: file", "      ..: file", "`b` (line 11: `deps` has a value that cannot be read)");
    check("      b: file", "      b: fil", "`b` (line 11: `deps` has a value that cannot be read)");
    check("cmd: cp b b2", "cmd: \"cp", "`b` (line 11: not valid YAML, or a key is given twice)");
    check("cmd: cp b b2", "cmd: x\n    cmd: cp b b2", "`b` (line 11: not valid YAML, or a key is given twice)");
    check("cmd: cp b b2", "\tcmd: cp b b2", "`b` (line 11: not valid YAML, or a key is given twice)");
    check("  b:\n", "  b: 7\n", "`b` (line 11: not valid YAML, or a key is given twice)");
    check("  b:\n", "  b[:\n", "`b[` (line 11: not the name of a task)");
    check("  b:\n", "  b: {}\n  b:\n", "`b` (line 11: written twice)");
    check("  b:\n", "  {b\n", "`{b` (line 11: not valid YAML, or a key is given twice)");
}

#[test]
fn a_torn_text_keeps_its_whole_entries() {
    let text = text();
    let end = text.len() - 30;
    insta::assert_snapshot!(outcome(&text[..end]), @r#"kept ["a", "b"]: `pipeline.lock` has an entry in doubt, `c` (line 18: `seal` is missing): this task is decided anew, the other entries are kept"#);
}

#[test]
fn many_entries_in_doubt_are_counted() {
    let tasks = (0..9).map(|n| (task(&format!("t{n}")), copy_stage("a", &format!("b{n}"))));
    let text = render(&Lock { tasks: tasks.collect(), ..Lock::default() }, &realm()).replace("cmd: cp", "cmd: mv");
    insta::assert_snapshot!(outcome(&text), @"kept []: `pipeline.lock` has 9 entries in doubt, `t0` (line 4: not as it was written: edited or merged), `t1` (line 11: not as it was written: edited or merged), `t2` (line 18: not as it was written: edited or merged), `t3` (line 25: not as it was written: edited or merged), `t4` (line 32: not as it was written: edited or merged) and 4 more: these tasks are decided anew, the other entries are kept");
}

#[test]
fn a_text_that_was_written_anew_by_another_tool_is_read() {
    let text = text();
    let crlf = text.replace('\n', "\r\n");
    let comments = format!("\u{feff}---\n{}", text.replace("    deps:\n", "    deps: # what it reads\n\n"));
    let quoted = text
        .replace("lockgate:", "'lockgate':")
        .replace("  a:\n", "  \"a\":\n")
        .replace("cmd: cp a a2", "cmd: 'cp a a2'");
    let folded = text.replace("cmd: cp a a2", "cmd:\n      cp a\n      a2").replace("  b:\n", "  ? b\n  :\n");
    for text in [crlf, comments, quoted, folded] {
        assert_eq!(outcome(&text), "kept [\"a\", \"b\", \"c\"]: no warning", "{text}");
    }
    let wider: String = text.lines().map(|line| line.replace("  ", "    ") + "\n").collect();
    assert_eq!(outcome(&wider), "kept [\"a\", \"b\", \"c\"]: no warning", "{wider}");
}

#[test]
fn json_is_read_as_well() {
    let seal = super::render::seal(&task("a"), &root(), &copy_stage("a", "a2"));
    let content = copy_stage("a", "a2").outs["a2"];
    let text = format!(
        "{{\n  \"lockgate\": 1,\n  \"tasks\": {{\"a\": {{\"cmd\": \"cp a a2\", \"deps\": {{\"a\": \"{content}\"}},\n    \
         \"outs\": {{\"a2\": {{\"content\": \"{content}\", \"cache\": true}}}}, \"seal\": \"{seal}\"}}}}\n}}\n"
    );
    assert_eq!(outcome(&text), "kept [\"a\"]: no warning");
}

/// Puts two versions of the middle task into conflict markers.
fn conflict(ours: &str, theirs: &str) -> String {
    let text = text();
    let (from, to) = (text.find("  b:\n").expect("`b`"), text.find("  c:\n").expect("`c`"));
    format!("{}<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n{}", &text[..from], &text[to..])
}

fn block(name: &str, out: &str) -> String {
    let text = render(&Lock { tasks: [(task(name), copy_stage(name, out))].into(), ..Lock::default() }, &realm());
    text[text.find("tasks:\n").expect("tasks") + 7..].to_owned()
}

#[test]
fn of_a_merge_the_disputed_entries_are_dropped() {
    insta::assert_snapshot!(outcome(&conflict(&block("b", "b2"), &block("b", "b3"))), @r#"kept ["a", "c"]: `pipeline.lock` has merge conflict markers (line 11) and an entry in doubt, `b` (line 12: the two sides of the merge differ): this task is decided anew, the other entries are kept"#);
    insta::assert_snapshot!(outcome(&conflict(&block("b", "b2"), "")), @r#"kept ["a", "b", "c"]: `pipeline.lock` has merge conflict markers (line 11) and no entry in doubt; the next run that writes the file takes the markers out"#);
    insta::assert_snapshot!(outcome(&conflict(&block("b", "b2"), &block("b1", "b3"))), @r#"kept ["a", "b", "b1", "c"]: `pipeline.lock` has merge conflict markers (line 11) and no entry in doubt; the next run that writes the file takes the markers out"#);
    let same_but = format!("{}{}", block("b", "b2"), block("b1", "x"));
    insta::assert_snapshot!(outcome(&conflict(&block("b", "b2"), &same_but)), @r#"kept ["a", "b", "b1", "c"]: `pipeline.lock` has merge conflict markers (line 11) and no entry in doubt; the next run that writes the file takes the markers out"#);
    let broken = block("b", "b2").replace("cmd", "cmt");
    insta::assert_snapshot!(outcome(&conflict(&block("b", "b2"), &broken)), @r#"kept ["a", "c"]: `pipeline.lock` has merge conflict markers (line 11) and an entry in doubt, `b` (line 12: unknown key `cmt`): this task is decided anew, the other entries are kept"#);
    let with_base =
        conflict(&block("b", "b2"), "").replace("=======", &format!("||||||| base\n{}=======", block("b", "b2")));
    insta::assert_snapshot!(outcome(&with_base), @r#"kept ["a", "c"]: `pipeline.lock` has merge conflict markers (line 11) and no entry in doubt; the next run that writes the file takes the markers out"#);
    let half_resolved = conflict(&block("b", "b2"), &block("b", "b3")).replace("<<<<<<< HEAD\n", "");
    insta::assert_snapshot!(outcome(&half_resolved), @r#"kept ["a", "c"]: `pipeline.lock` has merge conflict markers (line 18) and an entry in doubt, `b` (line 11: written twice): this task is decided anew, the other entries are kept"#);
}

#[test]
fn an_entry_that_git_mixed_without_a_conflict_is_dropped() {
    // One side changed the command, the other the out: no run has seen both together.
    let mixed = text().replace("cmd: cp b b2", "cmd: cp -p b b2");
    let other = block("b", "b2").lines().last().map(str::to_owned).expect("a seal");
    assert!(mixed.contains(&other));
    assert!(outcome(&mixed).starts_with("kept [\"a\", \"c\"]"));
}

#[test]
fn a_merge_with_a_newer_format_is_left_alone() {
    let text = text().replace("lockgate: 2\n", "<<<<<<< HEAD\nlockgate: 2\n=======\nlockgate: 3\n>>>>>>> x\n");
    assert!(outcome(&text).starts_with("`pipeline.lock` is of format 3"));
}

/// Says which outs the merge of three locks has, written as `a=a2 b=b2`, and what it drops.
fn merged(base: &str, ours: &str, theirs: &str) -> String {
    let text = |outs: &str| {
        let pairs = outs.split_whitespace().filter_map(|pair| pair.split_once('='));
        let tasks = pairs.map(|(name, out)| (task(name), copy_stage(name, out))).collect();
        render(&Lock { tasks, ..Lock::default() }, &realm())
    };
    let [base, ours, theirs] = [base, ours, theirs].map(text);
    let LockRead { lock, warning } =
        merge(Texts { base: &base, ours: &ours, theirs: &theirs }, &realm()).expect("they are locks");
    let entries = lock
        .in_order()
        .into_iter()
        .map(|(task, entry)| format!("{task}={}", entry.recipe.outs.keys().next().expect("an out")));
    let dropped = warning.map(|warning| format!("dropped {}", warning.disputed().join(" ")));
    entries.chain(dropped).collect::<Vec<_>>().join(" ")
}

#[test]
fn of_three_texts_each_entry_is_merged_by_itself() {
    let check = |base, ours, theirs, expect: &str| assert_eq!(merged(base, ours, theirs), expect);
    check("a=1 b=1", "a=2 b=1", "a=1 b=2", "a=2 b=2");
    check("a=1 b=1", "a=2 b=1", "a=2 b=1", "a=2 b=1");
    check("a=1 b=1", "a=2 b=1", "a=3 b=1", "b=1 dropped a");
    check("a=1 b=1", "b=1", "a=1 b=1", "b=1");
    check("a=1 b=1", "a=1", "b=1", "");
    check("a=1", "", "a=2", "a=2");
    check("", "a=1", "b=1", "a=1 b=1");
    check("", "a=1 b=1", "a=2 b=1", "b=1 dropped a");
}

#[test]
fn the_histories_of_two_branches_are_joined() {
    let past = |line: &str| {
        history::read(
            &lockgate_spanned::read(
                &lockgate_spanned::Source::new("x", line),
                &mut lockgate_spanned::Problems::default(),
            )
            .expect("YAML"),
        )
        .expect("a history")
    };
    let line = |data: &str| format!("- {{verdict: pass, data: \"{data}\"}}\n");
    let text = |data: &[&str]| {
        let lines: String = data.iter().map(|data| line(data)).collect();
        render(&Lock { histories: [(task("g"), past(&lines))].into(), ..Lock::default() }, &realm())
    };
    let check = |base: &[&str], ours: &[&str], theirs: &[&str], expect: &[&str]| {
        let [base, ours, theirs] = [base, ours, theirs].map(text);
        let read = merge(Texts { base: &base, ours: &ours, theirs: &theirs }, &realm()).expect("they are locks");
        let found: Vec<&str> = read.lock.histories[&task("g")].iter().map(|past| past.data.as_str()).collect();
        assert_eq!((found.as_slice(), read.warning), (expect, None));
    };
    check(&["a"], &["a", "b"], &["a", "c"], &["a", "b", "c"]);
    check(&["a"], &["a"], &["a", "c"], &["a", "c"]);
    // A verdict that was replaced does not come back.
    check(&["a", "b"], &["a", "b"], &["a"], &["a"]);
}

#[test]
fn what_is_no_lock_is_not_merged() {
    let lock = text();
    let outcome = |base: &str, ours: &str, theirs: &str| match merge(Texts { base, ours, theirs }, &realm()) {
        Ok(LockRead { lock, warning }) => format!("{} entries, {warning:?}", lock.tasks.len()),
        Err(error) => error.to_string(),
    };
    let newer = lock.replace("lockgate: 2", "lockgate: 9");
    let lines = [
        outcome("", &lock, &lock),
        outcome("garbage", &lock, &lock),
        outcome(&newer, &lock, &lock),
        outcome(&lock, "", &lock),
        outcome(&lock, &lock, "\u{0}\u{1}"),
        outcome(&lock, &lock, &newer),
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    3 entries, None
    3 entries, None
    3 entries, None
    our side of `pipeline.lock` is no lock: it is empty
    their side of `pipeline.lock` is no lock: it does not say `lockgate:`
    `pipeline.lock` is of format 9 and this lockgate reads format 2; the file is left as it is: install the newer lockgate, or delete the file to have every task decided anew
    ");
}

proptest! {
    #[test]
    fn every_lock_reads_back(lock in lock()) {
        let text = render(&lock, &realm());
        prop_assert_eq!(read(text.as_bytes(), &realm()), Ok(LockRead { lock, warning: None }), "{}", text);
    }

    #[test]
    fn a_damaged_text_gives_true_entries_or_none(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3usize), 1..6)) {
        let lock = golden();
        let mut bytes = render(&lock, &realm()).into_bytes();
        for (place, byte, drop) in cuts {
            let at = place.index(bytes.len());
            bytes.splice(at..(at + drop).min(bytes.len()), [byte]);
        }
        if let Ok(read) = read(&bytes, &realm()) {
            prop_assert!(read.lock.tasks.iter().all(|(task, entry)| lock.tasks.get(task) == Some(entry)));
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = [b"lockgate: 1\ntasks:\n  a:\n".as_slice(), &bytes].concat();
        prop_assert!(read(&bytes, &realm()).is_ok());
        prop_assert!(read(&text, &realm()).is_ok() || bytes.windows(8).any(|part| part == b"lockgate"));
    }

    #[test]
    fn entries_differ_by_their_seals(a in entry(), b in entry()) {
        let (first, second) = (super::render::seal(&task("a"), &root(), &a), super::render::seal(&task("a"), &root(), &b));
        prop_assert_eq!(a == b, first == second);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_merge_is_the_same_from_both_sides(base in lock(), ours in lock(), theirs in lock()) {
        let [base, ours, theirs] = [base, ours, theirs].map(|lock| render(&lock, &realm()));
        let one = merge(Texts { base: &base, ours: &ours, theirs: &theirs }, &realm()).expect("they are locks");
        let other = merge(Texts { base: &base, ours: &theirs, theirs: &ours }, &realm()).expect("they are locks");
        prop_assert_eq!(one.lock.tasks, other.lock.tasks);
        let alone = merge(Texts { base: &base, ours: &base, theirs: &theirs }, &realm()).expect("they are locks");
        prop_assert_eq!(render(&alone.lock, &realm()), theirs);
    }
}
