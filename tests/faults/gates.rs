//! No flag, no cache and no target leads around a gate; what a gate said is not asked twice.

use std::fs;

use crate::sandbox::Sandbox;
use crate::watch::Watched;

const LINE: &str = "\
stages:
  make:
    cmd: echo x >> side/make; cp in.txt made.txt
    deps: [in.txt]
    outs: [made.txt]
  judge:
    gate: {data: made.txt, command: echo x >> side/judge; grep -q good made.txt}
  read:
    cmd: echo x >> side/read; cat made.txt made.txt > read.txt
    deps: [made.txt]
    outs: [read.txt]
  last:
    cmd: echo x >> side/last; cp read.txt last.txt
    deps: [read.txt]
    outs: [last.txt]
  beside:
    cmd: cp in.txt beside.txt
    deps: [in.txt]
    outs: [beside.txt]
";

const STRICT: &str = "grep -q better made.txt";

/// A project in which everything is good.
fn good() -> Sandbox {
    let ws = Sandbox::of(LINE);
    ws.write("in.txt", "good 1\n");
    ws.write("side/x", "");
    ws.repro("", 0);
    ws
}

/// A project whose new data the gate refuses.
fn refused() -> Sandbox {
    let ws = good();
    ws.write("in.txt", "bad\n");
    let output = ws.repro("", 4);
    assert!(output.stderr.contains("judge"), "{output}");
    ws
}

fn counts(ws: &Sandbox) -> [usize; 4] {
    ["make", "judge", "read", "last"].map(|name| ws.count(name))
}

fn the_last_good_is_in_place(ws: &Sandbox, what: &str) {
    assert_eq!(ws.read("made.txt"), "good 1\n", "{what}");
    assert_eq!(ws.read("last.txt"), "good 1\ngood 1\n", "{what}");
    assert_eq!((ws.count("read"), ws.count("last")), (1, 1), "{what}: a consumer ran");
}

#[test]
fn nothing_leads_around_a_refusal() {
    let ws = refused();
    the_last_good_is_in_place(&ws, "refused");
    assert_eq!(ws.read(".lockgate/quarantine/make/outs/made.txt"), "bad\n");
    for words in [
        "",
        "-k",
        "read",
        "last",
        "last -k",
        "-f",
        "-f read",
        "-s read -f",
        "-s read make -f",
        "-s last read make judge",
        "--no-run-cache",
        "--no-run-cache -f -k",
        "make --downstream",
        "read.txt",
        "-j 8 -k",
        "-s make",
        "make",
    ] {
        let output = ws.lockgate(&format!("repro {words}"));
        // Alone, the reader finds the last good data, which the gate has passed: nothing is refused then.
        let alone = words == "-s read -f" && output.code == 0;
        assert!(output.code == 4 || alone, "repro {words}\n{output}");
        assert_eq!(ws.read("made.txt"), "good 1\n", "repro {words}");
        assert_eq!(ws.read("last.txt"), "good 1\ngood 1\n", "repro {words}");
        assert_eq!(ws.read("read.txt"), "good 1\ngood 1\n", "repro {words}");
    }
    ws.write("in.txt", "good 2\n");
    ws.repro("", 0);
    assert_eq!(ws.read("last.txt"), "good 2\ngood 2\n");
    ws.is_fresh();
}

#[test]
fn an_unchanged_refusal_runs_nothing() {
    let ws = refused();
    let before = counts(&ws);
    for words in ["", "last", "-k", "-s make"] {
        ws.repro(words, 4);
    }
    assert_eq!(counts(&ws), before);
}

#[test]
fn an_edited_gate_judges_the_kept_candidate_without_its_stage() {
    let ws = refused();
    let n_made = ws.count("make");
    ws.write("pipeline.yaml", &LINE.replace("grep -q good", "grep -q bad"));
    ws.repro("", 0);
    assert_eq!(ws.count("make"), n_made, "the stage ran again");
    assert_eq!(ws.read("last.txt"), "bad\nbad\n");
    ws.is_fresh();
    // What was accepted so late is known like any other result.
    ws.write("pipeline.yaml", LINE.replace("grep -q good", "grep -q .").as_str());
    ws.write("in.txt", "good 1\n");
    ws.repro("", 0);
    ws.write("in.txt", "bad\n");
    ws.repro("", 0);
    assert_eq!(ws.read("last.txt"), "bad\nbad\n");
    assert_eq!(ws.count("make"), n_made, "a known result was made again");
}

#[test]
fn a_gate_tightened_after_publication_blocks_consumers_and_leaves_the_data() {
    let ws = good();
    ws.write("pipeline.yaml", &LINE.replace("grep -q good made.txt", STRICT));
    for words in ["", "-k", "last", "-s read", "-s read -f", "-f last", "--no-run-cache", "read --downstream"] {
        let output = ws.repro(words, 4);
        assert!(!output.stderr.contains("everything is fresh"), "{output}");
        the_last_good_is_in_place(&ws, words);
    }
    let output = ws.lockgate("status --check");
    assert_eq!(output.code, 7, "{output}");
    fs::remove_file(ws.path().join("read.txt")).unwrap();
    ws.repro("-k", 4);
    assert!(!ws.exists("read.txt"), "a blocked output was restored");
    let output = ws.lockgate("checkout read");
    assert!(!ws.exists("read.txt"), "checkout led around the gate: {output}");
    ws.write("pipeline.yaml", LINE);
    ws.repro("", 0);
    assert_eq!(ws.read("last.txt"), "good 1\ngood 1\n");
    ws.is_fresh();
}

#[test]
fn keeping_going_does_what_is_not_below_the_gate() {
    let ws = good();
    ws.write("in.txt", "bad\n");
    ws.repro("-k", 4);
    assert_eq!(ws.read("beside.txt"), "bad\n");
    the_last_good_is_in_place(&ws, "-k");
}

#[test]
fn good_data_that_is_switched_back_needs_no_run_and_no_judgement() {
    let ws = refused();
    let before = counts(&ws);
    ws.write("in.txt", "good 1\n");
    ws.repro("", 0);
    assert_eq!(counts(&ws), before);
    ws.is_fresh();
}

#[test]
fn a_lost_lock_and_a_lost_store_lead_around_no_gate() {
    for lost in ["pipeline.lock", ".lockgate/state", ".lockgate/store", ".lockgate/quarantine", ".lockgate"] {
        let ws = refused();
        let path = ws.path().join(lost);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        ws.repro("", 4);
        assert_eq!(ws.read("last.txt"), "good 1\ngood 1\n", "{lost}");
        ws.write("in.txt", "good 2\n");
        ws.repro("", 0);
        assert_eq!(ws.read("last.txt"), "good 2\ngood 2\n", "{lost}");
        ws.is_fresh();
    }
}

#[test]
fn a_gate_that_cannot_judge_blocks() {
    for command in
        ["kill -9 $$", "no-such-program", "exit 126", "exit 127", "exit 1", "rm made.txt", "echo more >> made.txt"]
    {
        let ws = good();
        ws.write("pipeline.yaml", &LINE.replace("grep -q good made.txt", command));
        ws.write("in.txt", "good 2\n");
        let output = ws.repro("", 4);
        the_last_good_is_in_place(&ws, &format!("{command}\n{output}"));
    }
}

#[test]
fn a_gate_that_takes_too_long_blocks_and_is_asked_again() {
    let gate = |seconds: &str| {
        format!(
            "stages:\n  judge:\n    gate: {{data: in.txt, command: test -f side/quick || sleep {seconds}}}\n    timeout: 100ms\n  \
             read:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n"
        )
    };
    let ws = Sandbox::of(&gate("100"));
    ws.write("in.txt", "good\n");
    ws.repro("", 4);
    ws.write("side/quick", "");
    ws.repro("", 0);
    assert_eq!(ws.read("out.txt"), "good\n");
}

#[test]
fn a_gate_on_a_source_blocks_its_readers() {
    let ws = Sandbox::of(
        "stages:\n  judge:\n    gate: {data: in.txt, command: grep -q good in.txt}\n  read:\n    cmd: cp in.txt out.txt\n    \
         deps: [in.txt]\n    outs: [out.txt]\n",
    );
    ws.write("in.txt", "good\n");
    ws.repro("", 0);
    ws.write("in.txt", "bad\n");
    for words in ["", "read", "-s read", "-s read -f", "-k"] {
        ws.repro(words, 4);
        assert_eq!(ws.read("out.txt"), "good\n", "{words}");
    }
    ws.write("in.txt", "good\n");
    ws.is_fresh();
}

#[test]
fn a_gate_on_a_part_and_a_gate_around_it_both_count() {
    let line = |inner: &str, outer: &str| {
        format!(
            "stages:\n  make:\n    cmd: mkdir -p dir/sub; cp in.txt dir/sub/a; cp in.txt dir/b\n    deps: [in.txt]\n    outs: [dir]\n  \
             inner:\n    gate: {{data: dir/sub/a, command: {inner}}}\n  outer:\n    gate: {{data: dir, command: {outer}}}\n  \
             read:\n    cmd: cp dir/b out.txt\n    deps: [dir/b]\n    outs: [out.txt]\n"
        )
    };
    for (inner, outer, code) in
        [("\"true\"", "\"true\"", 0), ("\"false\"", "\"true\"", 4), ("\"true\"", "\"false\"", 4)]
    {
        let ws = Sandbox::of(&line(inner, outer));
        ws.write("in.txt", "1\n");
        ws.repro("read", code);
        assert_eq!(ws.exists("out.txt"), code == 0, "{inner} {outer}");
    }
}

#[test]
fn needs_blocks_without_data() {
    let ws = Sandbox::of(
        "stages:\n  judge:\n    gate: {data: in.txt, command: grep -q good in.txt}\n  act:\n    cmd: echo x > acted.txt\n    \
         params: [x]\n    outs: [acted.txt]\n    needs: [judge]\n",
    );
    ws.write("in.txt", "bad\n");
    ws.write("params.yaml", "x: 1\n");
    for words in ["", "act", "-f act", "-k act"] {
        ws.repro(words, 4);
        assert!(!ws.exists("acted.txt"), "{words}");
    }
    ws.write("in.txt", "good\n");
    ws.repro("act", 0);
    assert!(ws.exists("acted.txt"));
}

/// A gate that fails on `bad`, with something behind it and something beside it.
fn with_on_fail(on_fail: &str) -> Sandbox {
    let ws = Sandbox::of(&format!(
        "stages:\n  make: {{cmd: cp in.txt raw, deps: [in.txt], outs: [raw]}}\n  \
         good: {{gate: {{data: raw, command: grep -q good raw, on_fail: {on_fail}}}}}\n  \
         use: {{cmd: cp raw used, deps: [raw], outs: [used]}}\n  \
         beside: {{cmd: sleep 0.2; echo x > slow, deps: [in.txt], outs: [slow]}}\n  \
         later: {{cmd: cp slow late, deps: [slow], outs: [late]}}\n"
    ));
    ws.write("in.txt", "good\n");
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.write("in.txt", "bad\n");
    ws
}

#[test]
fn a_gate_that_only_warns_lets_pass_and_is_told_every_time() {
    let ws = with_on_fail("warn");
    for line in ["repro", "repro", "repro -q", "repro -q"] {
        let output = ws.lockgate(line);
        assert_eq!((output.code, ws.read("used")), (0, "bad\n".to_owned()), "{line}\n{output}");
        assert!(output.stderr.contains("warn") && output.stderr.contains("good"), "{line}\n{output}");
    }
    // The verdict is that of the data: a stricter pipeline need not judge again.
    ws.write("pipeline.yaml", &ws.read("pipeline.yaml").replace("on_fail: warn", "on_fail: block"));
    let output = ws.lockgate("repro");
    assert!(output.code == 4 && output.stderr.contains("judged before"), "{output}");
}

#[test]
fn a_gate_that_halts_stops_what_has_not_begun_even_with_keep_going() {
    let ws = with_on_fail("halt");
    let output = ws.lockgate("repro -k -j 2");
    assert_eq!(output.code, 6, "{output}");
    assert_eq!((ws.read("raw"), ws.read("used")), ("good\n".to_owned(), "good\n".to_owned()), "{output}");
    assert!(output.stderr.contains("halted") && output.stderr.contains("not started"), "{output}");
    let output = ws.lockgate("repro -k -j 2");
    assert_eq!(output.code, 6, "a known refusal halts as well\n{output}");
    ws.write("in.txt", "good again\n");
    let output = ws.lockgate("repro");
    assert_eq!((output.code, ws.read("used")), (0, "good again\n".to_owned()), "{output}");
}

#[test]
fn an_error_blocks_whatever_on_fail_says() {
    for on_fail in ["warn", "halt"] {
        let ws = with_on_fail(on_fail);
        ws.write("pipeline.yaml", &ws.read("pipeline.yaml").replace("grep -q good raw", "kill -9 $$"));
        let output = ws.lockgate("repro");
        assert_eq!((output.code, ws.read("used")), (4, "good\n".to_owned()), "{on_fail}\n{output}");
    }
}

/// One mistake in the data must not hide another: gates cost little, so all of them speak before a person looks.
#[test]
fn every_gate_on_the_same_data_speaks_although_one_refuses_it() {
    let ws = Sandbox::of(
        "stages:\n  first: {gate: {data: in.txt, command: grep -q one in.txt}}\n  \
         second: {gate: {data: in.txt, command: grep -q two in.txt}}\n  \
         third: {gate: {data: in.txt, command: test -s in.txt}}\n  \
         use: {cmd: cp in.txt used, deps: [in.txt], outs: [used]}\n  \
         one: {cmd: cp other one, deps: [other], outs: [one]}\n  \
         two: {cmd: cp one two, deps: [one], outs: [two]}\n",
    );
    ws.write("in.txt", "neither\n");
    ws.write("other", "o\n");
    let output = ws.lockgate("repro -j 1");
    assert_eq!(output.code, 4, "{output}");
    for said in ["gate first  FAIL", "gate second  FAIL", "third", "pass"] {
        assert!(output.stderr.contains(said), "`{said}` is not said\n{output}");
    }
    assert!(!ws.exists("used") && !ws.exists("two"), "a stage was started\n{output}");
}

/// No verdict, but no silence either: until it judges, the listings say what kept it from that.
#[test]
fn a_gate_that_ended_in_error_says_so_and_why_until_it_judges() {
    let ws = Sandbox::of("stages:\n  g: {gate: {data: in.txt, command: 'kill -9 $$'}}\n");
    ws.write("in.txt", "x\n");
    assert_eq!(ws.lockgate("repro").code, 4);
    let (list, status) = (ws.lockgate("gate list"), ws.lockgate("status"));
    assert!(list.stdout.contains("error") && list.stdout.contains("ended by signal 9"), "{list}");
    assert!(status.stdout.contains("it ended in error when it was last asked: ") && status.code == 0, "{status}");
    let explained = ws.lockgate("explain g");
    assert!(explained.stdout.contains("ended in error"), "{explained}");
    // It is about this data: of other data it has not been asked.
    ws.write("in.txt", "y\n");
    let list = ws.lockgate("gate list");
    assert!(!list.stdout.contains("error") && list.stdout.contains("not judged"), "{list}");
    // What is torn only costs the reason.
    ws.write("in.txt", "x\n");
    assert!(ws.lockgate("gate list").stdout.contains("error"));
    let kept = ws.path().join(".lockgate/state/errors.bin");
    let whole = fs::read(&kept).unwrap();
    for cut in [0, 40, whole.len() - 1] {
        fs::write(&kept, &whole[..cut]).unwrap();
        let list = ws.lockgate("gate list");
        assert!(list.code == 0 && list.stdout.contains("not judged"), "{list}");
    }
    fs::write(&kept, &whole).unwrap();
    ws.write("pipeline.yaml", &ws.read("pipeline.yaml").replace("kill -9 $$", "true"));
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.write("pipeline.yaml", &ws.read("pipeline.yaml").replace("true", "kill -9 $$"));
    let list = ws.lockgate("gate list");
    assert!(list.stdout.contains("not judged"), "it has judged since\n{list}");
}

#[test]
fn a_gate_whose_data_was_not_made_stops_the_line() {
    let ws = Sandbox::of(
        "stages:\n  make: {cmd: mkdir o; echo 1 > o/a, outs: [o]}\n  \
         gate: {gate: {data: o/b, command: 'true'}}\n  use: {cmd: ls o > l, deps: [o], outs: [l]}\n",
    );
    let output = ws.lockgate("repro");
    assert_eq!(output.code, 4, "{output}");
    assert!(output.stderr.contains("`o/b` does not exist") && !ws.exists("l") && !ws.exists("o"), "{output}");
}
