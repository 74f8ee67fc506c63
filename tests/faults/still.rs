//! A quiet run with nothing to do ends without reading the pipeline; nothing that matters may slip past it.

use std::fs;

use crate::sandbox::{Output, Sandbox};

/// A folder that is read in part, a variable, a secret, a parameter and a gate. Each run of a stage leaves a line.
const PIPELINE: &str = "\
stages:
  folder:
    cmd: echo folder >> side/ran; mkdir parts; cp in.txt parts/a; echo b > parts/b
    deps: [in.txt]
    outs: [parts]
  part:
    cmd: echo part >> side/ran; cat parts/b extra.txt > part.txt
    deps: [parts/b, extra.txt]
    env: [REGION]
    secrets: [TOKEN]
    params: [lr]
    outs: [part.txt]
  ok:
    gate: {data: part.txt, command: echo ok >> side/ran; test -s part.txt}
";

/// A project in which everything was made just now.
fn at_rest() -> Sandbox {
    let ws = Sandbox::of(PIPELINE);
    for (path, text) in [("in.txt", "1\n"), ("extra.txt", "x\n"), ("params.yaml", "lr: 1\n"), ("side/ran", "")] {
        ws.write(path, text);
    }
    let output = run(&ws, &[]);
    assert_eq!(output.code, 0, "{output}");
    ws
}

fn run(ws: &Sandbox, extra: &[(&str, &str)]) -> Output {
    let mut command = ws.command("repro -q");
    command.env("TOKEN", "hidden").env("REGION", "north").envs(extra.iter().copied());
    ws.finish(&mut command)
}

fn n_ran(ws: &Sandbox) -> usize {
    ws.read("side/ran").lines().count()
}

#[test]
fn a_run_with_nothing_to_do_does_not_read_the_pipeline() {
    let ws = at_rest();
    let before = n_ran(&ws);
    // The snapshot of the pipeline is made whenever the pipeline is read in a workspace.
    assert!(!ws.exists(".lockgate/state/graph.bin"));
    let output = run(&ws, &[]);
    assert_eq!((output.code, n_ran(&ws)), (0, before), "{output}");
    assert!(!ws.exists(".lockgate/state/graph.bin"), "the pipeline was read");
    assert!(!fs::read_to_string(ws.path().join(".lockgate/state/still.bin")).is_ok_and(|text| text.contains("hidden")));
}

/// What was written again and says the same is hashed once, not on every run from then on.
#[test]
fn what_the_short_way_hashes_is_remembered() {
    let ws = Sandbox::of("stages:\n  s: {cmd: cp in.bin out.bin, deps: [in.bin], outs: [out.bin]}\n");
    // So large that it is waited for until its stamp can be trusted.
    let bytes = vec![7; 8 << 20];
    fs::write(ws.path().join("in.bin"), &bytes).unwrap();
    assert_eq!(run(&ws, &[]).code, 0);
    let memo = || fs::read(ws.path().join(".lockgate/state/memo")).unwrap();
    let at_rest = memo();
    fs::write(ws.path().join("in.bin"), &bytes).unwrap();
    assert_eq!(run(&ws, &[]).code, 0);
    let remembered = memo();
    assert!(remembered != at_rest, "the new stamp is not in the memo");
    assert_eq!(run(&ws, &[]).code, 0);
    assert!(memo() == remembered, "there was something to hash again");
    assert!(!ws.exists(".lockgate/state/graph.bin"), "the pipeline was read");
}

#[test]
fn whatever_is_changed_is_seen() {
    let check = |what: &str, change: fn(&Sandbox), ran: &[&str]| {
        let ws = at_rest();
        let before = n_ran(&ws);
        change(&ws);
        let output = run(&ws, &[]);
        let all = ws.read("side/ran");
        let now: Vec<&str> = all.lines().skip(before).collect();
        assert_eq!((output.code, now.as_slice()), (0, ran), "{what}\n{output}");
    };
    check("nothing", |_| {}, &[]);
    check("a source", |ws| ws.write("in.txt", "2\n"), &["folder"]);
    check("a source beside a part", |ws| ws.write("extra.txt", "y\n"), &["part", "ok"]);
    check("a parameter", |ws| ws.write("params.yaml", "lr: 2\n"), &["part"]);
    check(
        "a command",
        |ws| ws.write("pipeline.yaml", &PIPELINE.replace("echo b", "echo c")),
        &["folder", "part", "ok"],
    );
    check("the lock is gone", |ws| ws.remove("pipeline.lock"), &[]);
    check("a stage was added", |ws| ws.write("pipeline.yaml", &with_stage()), &["added"]);
    for path in ["parts/a", "parts/b", "part.txt"] {
        for change in
            [|path: &str, ws: &Sandbox| ws.write(path, "edited\n"), |path: &str, ws: &Sandbox| ws.remove(path)]
        {
            let ws = at_rest();
            let (before, text) = (n_ran(&ws), ws.read(path));
            change(path, &ws);
            let output = run(&ws, &[]);
            assert_eq!((output.code, n_ran(&ws), ws.read(path)), (0, before, text), "{path}\n{output}");
        }
    }
}

fn with_stage() -> String {
    format!(
        "{PIPELINE}  added:\n    cmd: echo added >> side/ran; cp in.txt added\n    deps: [in.txt]\n    outs: [added]\n"
    )
}

#[test]
fn parameters_that_a_stage_makes_leave_the_short_way_open() {
    let ws = Sandbox::of(
        "stages:
  tune: {cmd: cp in.yaml made.yaml, deps: [in.yaml], outs: [made.yaml]}
  fit: {cmd: 'echo fit >> side/ran; touch fit.txt', params: [made.yaml: [lr]], outs: [fit.txt]}
  nothing: {cmd: echo nothing >> side/ran, params: [made.yaml: ]}
",
    );
    ws.write("in.yaml", "lr: 1\nother: 1\n");
    ws.write("side/ran", "");
    let ran = |ws: &Sandbox| {
        let output = run(ws, &[]);
        assert_eq!(output.code, 0, "{output}");
        let all = ws.read("side/ran");
        // Which of the two comes first is left open.
        let times = |stage: &str| all.lines().filter(|line| *line == stage).count();
        (times("fit"), times("nothing"))
    };
    assert_eq!(ran(&ws), (1, 1));
    assert_eq!(ran(&ws), (1, 1));
    assert!(!ws.exists(".lockgate/state/graph.bin"), "the pipeline was read");
    ws.write("made.yaml", "lr: 2\nother: 1\n");
    assert_eq!((ran(&ws), ws.read("made.yaml").as_str()), ((1, 1), "lr: 1\nother: 1\n"));
    ws.write("in.yaml", "lr: 1\nother: 2\n");
    assert_eq!(ran(&ws), (1, 2));
    ws.write("in.yaml", "lr: 2\nother: 2\n");
    assert_eq!(ran(&ws), (2, 3));
}

#[test]
fn a_variable_is_asked_for_again() {
    let ws = at_rest();
    let before = n_ran(&ws);
    assert_eq!(run(&ws, &[("REGION", "south")]).code, 0);
    assert_eq!(n_ran(&ws), before + 1, "only `part` reads the variable, and its output stays what it was");
}

/// A secret is for what runs. Where nothing runs, neither the short way nor the long one asks for it.
#[test]
fn a_fresh_run_needs_no_secret() {
    let ws = at_rest();
    let before = n_ran(&ws);
    let without = |line: &str| ws.finish(ws.command(line).env("REGION", "north"));
    for line in ["repro -q", "repro", "repro part"] {
        let output = without(line);
        assert_eq!((output.code, n_ran(&ws)), (0, before), "{line}\n{output}");
    }
    ws.remove("part.txt");
    let output = without("repro -q");
    assert_eq!((output.code, n_ran(&ws)), (0, before), "what is restored needs none either\n{output}");
    ws.write("extra.txt", "y\n");
    let output = without("repro -q");
    assert_eq!((output.code, n_ran(&ws)), (3, before), "it is told before anything is begun\n{output}");
    assert_eq!(
        output.stderr,
        "error: the environment variable `TOKEN`, a secret of `part`, is not set\n  \
         help: set what is missing and run again; nothing was run, and what is fresh or restored needs no secret\n"
    );
}

/// Whether the second stage runs is only known after the first: then it is its own failure, and the first is published.
#[test]
fn a_secret_of_what_only_may_run_is_asked_for_when_it_is_begun() {
    let ws = Sandbox::of(
        "stages:\n  one: {cmd: cut -c 1 in.txt > one.txt, deps: [in.txt], outs: [one.txt]}\n  \
         two: {cmd: cp one.txt two.txt, deps: [one.txt], outs: [two.txt], secrets: [PW]}\n  \
         asks:\n    gate: {data: two.txt, command: test -n \"$KEY\"}\n    secrets: [KEY]\n",
    );
    ws.write("in.txt", "a\n");
    assert_eq!(ws.finish(ws.command("repro -q").env("PW", "x").env("KEY", "y")).code, 0);
    ws.write("in.txt", "ab\n");
    assert_eq!(ws.lockgate("repro -q").code, 0, "`one` makes the same, so nobody needs the secret");
    ws.write("in.txt", "b\n");
    let output = ws.lockgate("repro -q");
    assert_eq!((output.code, ws.read("one.txt"), ws.read("two.txt")), (1, "b\n".into(), "a\n".into()), "{output}");
    assert!(
        output.stderr.contains("stage two  FAILED") && output.stderr.contains("no `PW`, which it declares as secret"),
        "{output}"
    );
    let output = ws.finish(ws.command("repro -q").env("PW", "x"));
    assert_eq!((output.code, ws.read("two.txt")), (4, "a\n".into()), "a gate that cannot ask blocks\n{output}");
    assert!(output.stderr.contains("`KEY`"), "{output}");
}

#[test]
fn other_commands_and_flags_are_not_cut_short() {
    let ws = at_rest();
    let with = |line: &str| ws.finish(ws.command(line).env("TOKEN", "hidden").env("REGION", "north"));
    let before = n_ran(&ws);
    assert_eq!(with("repro -q --force").code, 0);
    assert_eq!(n_ran(&ws), before + 2, "the stages; the verdict on the same data is known");
    let output = with("repro -q nowhere");
    assert!(output.code != 0 && output.stderr.contains("nowhere"), "{output}");
    let output = with("repro");
    assert!(output.stderr.contains("folder") && output.stderr.contains("fresh"), "{output}");
    fs::write(ws.path().join(".lockgate/config.toml"), "jobs = 'many'\n").unwrap();
    let output = with("repro -q");
    assert!(output.code != 0 && output.stderr.contains("config.toml"), "{output}");
}

#[test]
fn a_hurt_shortcut_is_not_taken() {
    let ws = at_rest();
    let still = ws.path().join(".lockgate/state/still.bin");
    let whole = fs::read(&still).unwrap();
    for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(&still, &whole[..cut]).unwrap();
        ws.write("in.txt", &format!("cut {cut}\n"));
        let output = run(&ws, &[]);
        assert_eq!((output.code, ws.read("parts/a")), (0, format!("cut {cut}\n")), "{output}");
    }
}

#[test]
fn a_source_that_was_edited_between_two_readers_is_stale_for_the_first() {
    let ws = Sandbox::of(
        "stages:\n  first: {cmd: cp in.txt a.txt, deps: [in.txt], outs: [a.txt]}\n  \
         edit: {cmd: echo two > in.txt; cp a.txt e.txt, deps: [a.txt], outs: [e.txt]}\n  \
         second: {cmd: cp in.txt b.txt; cat e.txt, deps: [in.txt, e.txt], outs: [b.txt]}\n",
    );
    ws.write("in.txt", "one\n");
    assert_eq!(ws.lockgate("repro -q").code, 0);
    for _ in 0..4 {
        assert_eq!(ws.lockgate("repro -q").code, 0);
    }
    assert_eq!((ws.read("a.txt"), ws.read("b.txt")), ("two\n".to_owned(), "two\n".to_owned()));
}
