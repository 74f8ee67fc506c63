//! Texts that people and programs write: what their values mean, and what is refused in them.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// Beyond 64 bits in each format, and beyond what a float tells apart.
const PARAMS: [(&str, &str); 4] = [
    (
        "params.yaml",
        "x: 123456789012345678901234567890\nseed: 9223372036854775808\nn: {b: 18446744073709551617, a: 1}\n",
    ),
    ("p.json", "{\"j\": 18446744073709551616, \"k\": [1e3, -9223372036854775809]}"),
    ("p.toml", "t = 18446744073709551616\n"),
    ("p.py", "P = 18446744073709551616\n"),
];

const LONG: &str = "\
stages:
  a:
    cmd: echo ${x} ${seed} > o
    params: [x, seed, n, p.json: [j, k], p.toml: [t], p.py: [P]]
    outs: [o]
";

#[test]
fn integers_keep_their_digits_wherever_they_go() {
    let project = Sandbox::empty();
    project.write("dvc.yaml", LONG);
    project.write(".dvc/config", "");
    for (file, text) in PARAMS {
        project.write(file, text);
    }
    assert_eq!(project.lockgate("repro --write-dvc-lock").code, 0);
    assert_eq!(project.read("o"), "123456789012345678901234567890 9223372036854775808\n");
    let lock = project.read("dvc.lock");
    assert_snapshot!(lock[lock.find("    params:").expect("it has parameters")..lock.find("    outs:").expect("and outs")], @"
    params:
      params.yaml:
        n:
          b: 18446744073709551617
          a: 1
        seed: 9223372036854775808
        x: 123456789012345678901234567890
      p.json:
        j: 18446744073709551616
        k:
        - 1000.0
        - -9223372036854775809
      p.py:
        P: 18446744073709551616
      p.toml:
        t: 18446744073709551616
    ");
    assert_eq!(project.lockgate("status --check").code, 0);
    for (file, text) in PARAMS {
        project.write(file, &text.replace("18446744073709551616", "18446744073709551618"));
    }
    assert_snapshot!(project.lockgate("explain a --json").stdout.lines().filter(|line| line.contains("Int")).collect::<Vec<_>>().join("\n"), @r#"
    "Int": "18446744073709551616"
    "Int": "18446744073709551618"
    "Int": "18446744073709551616"
    "Int": "18446744073709551618"
    "Int": "18446744073709551616"
    "Int": "18446744073709551618"
    "#);
    assert_snapshot!(project.lockgate("status"), @"
    task  decision  because
    a     run       param `j` of `p.json` changed: 18446744073709551616 -> 18446744073709551618  +2 more
    --- stderr
    1 run
    --- exit 0
    ");
}

#[test]
fn an_integer_beyond_128_bits_is_a_mistake_in_every_format() {
    let project = Sandbox::of("stages:\n  a:\n    cmd: echo\n    params: [x, p.json: [x], p.toml: [x], p.py: [x]]\n");
    let long = "170141183460469231731687303715884105728";
    project.write("params.yaml", &format!("x: {long}\n"));
    project.write("p.json", &format!("{{\"x\": {long}}}"));
    project.write("p.toml", &format!("x = {long}\n"));
    project.write("p.py", &format!("x = {long}\n"));
    assert_snapshot!(project.lockgate("status"), @r#"
    --- stderr
    error: `170141183460469231731687303715884105728` needs more than 128 bits
       ╭─[params.yaml:1:4]
     1 │ x: 170141183460469231731687303715884105728
       ·    ───────────────────┬───────────────────
       ·                       ╰── here
       ╰────
      help: quote it, so that it is a text

    error: `170141183460469231731687303715884105728` needs more than 128 bits
       ╭─[p.json:1:7]
     1 │ {"x": 170141183460469231731687303715884105728}
       ·       ───────────────────┬───────────────────
       ·                          ╰── here
       ╰────
      help: quote it, so that it is a text

    error: `170141183460469231731687303715884105728` needs more than 128 bits
       ╭─[p.py:1:5]
     1 │ x = 170141183460469231731687303715884105728
       ·     ───────────────────┬───────────────────
       ·                        ╰── here
       ╰────
      help: quote it, so that it is a text

    error: `170141183460469231731687303715884105728` needs more than 128 bits
       ╭─[p.toml:1:5]
     1 │ x = 170141183460469231731687303715884105728
       ·     ───────────────────┬───────────────────
       ·                        ╰── here
       ╰────
      help: quote it, so that it is a text
    --- exit 3
    "#);
}

#[test]
fn a_tag_means_what_it_says_or_is_a_mistake() {
    let project = Sandbox::of("stages:\n  a:\n    cmd: echo ${i} > o\n    params: [i]\n    outs: [o]\n");
    project.write("params.yaml", "i: !!str 5\n");
    assert_eq!(project.lockgate("repro").code, 0);
    assert!(project.read("pipeline.lock").contains("i: \"5\""));
    project.write("params.yaml", "i: !foo 5\nj: !!set {a}\n");
    assert_snapshot!(project.lockgate("status"), @"
    --- stderr
    error: the tag `!foo` means nothing here
       ╭─[params.yaml:1:4]
     1 │ i: !foo 5
       ·    ──┬─
       ·      ╰── here
     2 │ j: !!set {a}
       ╰────
      help: remove the tag; those of YAML itself are `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`,
            `!!map` and `!!seq`

    error: the tag `!!set` means nothing here
       ╭─[params.yaml:2:4]
     1 │ i: !foo 5
     2 │ j: !!set {a}
       ·    ──┬──
       ·      ╰── here
       ╰────
      help: remove the tag; those of YAML itself are `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`,
            `!!map` and `!!seq`
    --- exit 3
    ");
}

#[test]
fn a_parameter_is_a_finite_number_and_a_metric_any() {
    let project = Sandbox::of(
        "stages:\n  a:\n    cmd: 'printf \"loss: .nan\\nmax: .inf\\nacc: 0.5\\n\" > m.yaml'\n    metrics: [m.yaml]\n",
    );
    assert_eq!(project.lockgate("repro").code, 0);
    assert_snapshot!(project.lockgate("metrics show"), @"
    Path    acc  loss  max
    m.yaml  0.5  NaN   Infinity
    --- exit 0
    ");
    project.write("params.yaml", "lr: 1e400\n");
    project.write("pipeline.yaml", "stages:\n  a:\n    cmd: echo\n    params: [lr]\n");
    assert_snapshot!(project.lockgate("status"), @r#"
    --- stderr
    error: `1e400` is larger than any number of 64 bits
       ╭─[params.yaml:1:5]
     1 │ lr: 1e400
       ·     ──┬──
       ·       ╰── here
       ╰────
      help: write a finite number, or quote it as a text: `"1e400"`
    --- exit 3
    "#);
}

#[test]
fn a_working_folder_that_nothing_makes_is_told_before_anything_runs() {
    let project = Sandbox::of(
        "stages:\n  a:\n    cmd: echo > o\n    outs: [o]\n  b: {cmd: cat ../o, deps: [../o], wdir: nodir}\n  c: {cmd: echo > x, outs: [x], wdir: made}\n",
    );
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: stage `b` runs in `nodir`, which does not exist and which nothing makes
       ╭─[pipeline.yaml:5:42]
     4 │     outs: [o]
     5 │   b: {cmd: cat ../o, deps: [../o], wdir: nodir}
       ·                                          ──┬──
       ·                                            ╰── here
     6 │   c: {cmd: echo > x, outs: [x], wdir: made}
       ╰────
      help: make the folder `nodir`, or name another as `wdir`
    --- exit 3
    ");
    assert!(!project.exists("o"));
}

#[test]
fn a_nul_in_a_command_is_told_at_its_place() {
    let project = Sandbox::of("stages:\n  a:\n    cmd:\n    - echo\n    - \"echo \\0\"\n");
    assert_snapshot!(project.lockgate("status"), @r#"
    --- stderr
    error: `cmd` of stage `a` has a NUL, which no command line can have
       ╭─[pipeline.yaml:5:7]
     4 │     - echo
     5 │     - "echo \0"
       ·       ────┬────
       ·           ╰── here
       ╰────
      help: remove it, or have the command make it: `printf '\0'`
    --- exit 3
    "#);
}

#[test]
fn nonsense_in_a_file_that_tracks_data_is_told_at_its_place() {
    let project = Sandbox::empty();
    project.write(".dvc/config", "");
    project.write("dvc.yaml", "stages:\n  a:\n    cmd: echo\n");
    let md5 = "5bbf5a52328e7439ae6e719dfe712200";
    project.write("a.dvc", "outs:\n- md5: zz\n  path: a\n");
    project.write("b.dvc", "outs:\n- md5: ../../../etc/passwd\n  path: b\n");
    project.write("c.dvc", &format!("outs:\n- {{md5: {md5}, path: c}}\n- {{md5: {md5}, path: ./c}}\n"));
    project.write("d.dvc", "outs:\n- path: d\n");
    project.write("e.dvc", &format!("outs:\n<<<<<<< HEAD\n- md5: {md5}\n=======\n- md5: 764efa883dda1e11db47671c4a3bbd9e\n>>>>>>> other\n  path: e\n"));
    assert_snapshot!(project.lockgate("status"), @"
    --- stderr
    error: `md5` of an out of `a.dvc` is `zz`, not 32 hexadecimal digits
       ╭─[a.dvc:2:8]
     1 │ outs:
     2 │ - md5: zz
       ·        ─┬
       ·         ╰── here
     3 │   path: a
       ╰────
      help: take the file back from version control, or `dvc add` the data again

    error: `md5` of an out of `b.dvc` is `../../../etc/passwd`, not 32 hexadecimal digits
       ╭─[b.dvc:2:8]
     1 │ outs:
     2 │ - md5: ../../../etc/passwd
       ·        ─────────┬─────────
       ·                 ╰── here
     3 │   path: b
       ╰────
      help: take the file back from version control, or `dvc add` the data again

    error: `c.dvc` tracks `c` twice
       ╭─[c.dvc:3:49]
     1 │ outs:
     2 │ - {md5: 5bbf5a52328e7439ae6e719dfe712200, path: c}
       ·                                                 ┬
       ·                                                 ╰── first tracked here
     3 │ - {md5: 5bbf5a52328e7439ae6e719dfe712200, path: ./c}
       ·                                                 ─┬─
       ·                                                  ╰── here
       ╰────
      help: keep the entry that is right, and remove the other

    error: `d.dvc` has no `md5` of `d`
       ╭─[d.dvc:2:3]
     1 │ outs:
     2 │ - path: d
       ·   ┬
       ·   ╰── here
       ╰────
      help: take the file back from version control, or `dvc add` the data again

    error: `e.dvc` has conflict markers of git
       ╭─[e.dvc:2:1]
     1 │ outs:
     2 │ <<<<<<< HEAD
       · ───┬───
       ·    ╰── here
     3 │ - md5: 5bbf5a52328e7439ae6e719dfe712200
       ╰────
      help: resolve the conflict, then run the command again
    --- exit 3
    ");
}

#[test]
fn a_shell_that_is_not_there_is_named() {
    let project = Sandbox::empty();
    project.write(".dvc/config", "");
    project.write("dvc.yaml", "stages:\n  a:\n    cmd: echo $HOME\n");
    assert_snapshot!(project.finish(project.command("repro").env("SHELL", "/nonexist")), @"
    --- stderr
    ✗ a         failed TIME its command `echo $HOME` could not be started by the shell `/nonexist`: No such file or directory (os error 2)

    ✗ stage a  FAILED  its command `echo $HOME` could not be started by the shell `/nonexist`: No such file or directory (os error 2)  after TIME
      log       .lockgate/runs/RUN/a.log
      outputs   none: there were none before
      next      check that the shell `/nonexist` is there and may be run, or set `SHELL` to another

    ✗ failed: 1 failed in TIME
    --- exit 1
    ");
}
