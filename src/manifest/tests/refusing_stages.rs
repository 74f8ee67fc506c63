//! One snapshot for each kind of mistake in what a stage says.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use super::{Project, refused};

/// A stage `s` with the given lines after its command.
fn stage(lines: &str) -> String {
    refused(&format!("stages:\n  s:\n    cmd: x\n    {lines}\n"))
}

#[test]
fn commands() {
    insta::assert_snapshot!(refused("stages:\n  s:\n    deps: [a]\n"), @"
    error: stage `s` has no `cmd`
       ╭─[pipeline.yaml:2:3]
     1 │ stages:
     2 │   s:
       ·   ┬
       ·   ╰── here
     3 │     deps: [a]
       ╰────
      help: add the command that makes its outs, or `gate:` if it judges data
    ");
    insta::assert_snapshot!(refused("stages:\n  s:\n    cmd: 3\n"), @r#"
    error: `cmd` of stage `s` is an integer, not a string or a list of strings
       ╭─[pipeline.yaml:3:10]
     2 │   s:
     3 │     cmd: 3
       ·          ┬
       ·          ╰── here
       ╰────
      help: quote it: `"3"`
    "#);
    insta::assert_snapshot!(refused("stages:\n  s:\n    cmd: ''\n"), @"
    error: `cmd` of stage `s` is empty
       ╭─[pipeline.yaml:3:10]
     2 │   s:
     3 │     cmd: ''
       ·          ─┬
       ·           ╰── here
       ╰────
      help: fill it in or remove it
    ");
    insta::assert_snapshot!(refused("stages:\n  s:\n    cmd: []\n"), @"
    error: `cmd` of stage `s` is empty
       ╭─[pipeline.yaml:3:10]
     2 │   s:
     3 │     cmd: []
       ·          ┬
       ·          ╰── here
       ╰────
      help: fill it in
    ");
    insta::assert_snapshot!(refused("stages:\n  s:\n    cmd: [x, echo a: b]\n"), @"
    error: an item of `cmd` of stage `s` is a mapping, not a string
       ╭─[pipeline.yaml:3:14]
     2 │   s:
     3 │     cmd: [x, echo a: b]
       ·              ┬
       ·              ╰── here
       ╰────
      help: write one string; quote it when it contains `: `
    ");
    insta::assert_snapshot!(refused("stages:\n  s:\n    cmd:\n"), @"
    error: `cmd` of stage `s` is nothing, not a string or a list of strings
       ╭─[pipeline.yaml:3:8]
     2 │   s:
     3 │     cmd:
       ·        ┬
       ·        ╰── here
       ╰────
      help: give a value, or remove the key
    ");
}

#[test]
fn kinds_of_values() {
    insta::assert_snapshot!(stage("deps: 3"), @r#"
    error: `deps` of stage `s` is an integer, not a list
       ╭─[pipeline.yaml:4:11]
     3 │     cmd: x
     4 │     deps: 3
       ·           ┬
       ·           ╰── here
       ╰────
      help: write it as a list of strings: `["3"]`
    "#);
    insta::assert_snapshot!(stage("deps: a.csv"), @"
    error: `deps` of stage `s` is a string, not a list
       ╭─[pipeline.yaml:4:11]
     3 │     cmd: x
     4 │     deps: a.csv
       ·           ──┬──
       ·             ╰── here
       ╰────
      help: write it as a list: `[a.csv]`
    ");
    insta::assert_snapshot!(stage("deps: [1.10, ~, true]"), @r#"
    error: a dep of stage `s` is a number, not a string
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: x
     4 │     deps: [1.10, ~, true]
       ·            ──┬─
       ·              ╰── here
       ╰────
      help: quote it: `"1.10"`

    error: a dep of stage `s` is nothing, not a string
       ╭─[pipeline.yaml:4:18]
     3 │     cmd: x
     4 │     deps: [1.10, ~, true]
       ·                  ┬
       ·                  ╰── here
       ╰────
      help: give a value, or remove the key

    error: a dep of stage `s` is a boolean, not a string
       ╭─[pipeline.yaml:4:21]
     3 │     cmd: x
     4 │     deps: [1.10, ~, true]
       ·                     ──┬─
       ·                       ╰── here
       ╰────
      help: quote it: `"true"`
    "#);
    insta::assert_snapshot!(stage("frozen: yes"), @"
    error: `frozen` of stage `s` is a string, not a boolean
       ╭─[pipeline.yaml:4:13]
     3 │     cmd: x
     4 │     frozen: yes
       ·             ─┬─
       ·              ╰── here
       ╰────
      help: write `true`: in YAML 1.2 this is a string
    ");
    insta::assert_snapshot!(stage("desc: [a]"), @"
    error: `desc` of stage `s` is a list, not a string
       ╭─[pipeline.yaml:4:11]
     3 │     cmd: x
     4 │     desc: [a]
       ·           ┬
       ·           ╰── here
       ╰────
      help: write one string
    ");
}

#[test]
fn paths() {
    insta::assert_snapshot!(stage("deps: [../a, /etc/passwd, s3://b/k, '']"), @"
    error: a dep of stage `s` is `s3://b/k`, and lockgate knows only files of this machine
       ╭─[pipeline.yaml:4:31]
     3 │     cmd: x
     4 │     deps: [../a, /etc/passwd, s3://b/k, '']
       ·                               ────┬───
       ·                                   ╰── here
       ╰────
      help: let a stage with `always_changed: true` fetch or send it, and name the file that it
            writes: what reads that file runs when its content changes

    error: a dep of stage `s` is not a path that can be used: the path is empty
       ╭─[pipeline.yaml:4:41]
     3 │     cmd: x
     4 │     deps: [../a, /etc/passwd, s3://b/k, '']
       ·                                         ─┬
       ·                                          ╰── here
       ╰────
      help: write the path, or remove the entry
    ");
    insta::assert_snapshot!(stage(&format!("deps: ['{}']", "a/".repeat(201))), @"
    error: a dep of stage `s` is longer than 4095 bytes or deeper than 200 folders
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: x
     4 │     deps: ['a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/']
       ·            ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────┬─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
       ·                                                                                                                                                                                                                      ╰── here
       ╰────
      help: shorten it: no file can be there
    ");
    insta::assert_snapshot!(stage("wdir: ../.."), @"
    error: `wdir` of stage `s` is not a path inside the project: `../..` leaves the project
       ╭─[pipeline.yaml:4:11]
     3 │     cmd: x
     4 │     wdir: ../..
       ·           ──┬──
       ·             ╰── here
       ╰────
      help: copy the data into the project, or make a stage that fetches it there
    ");
    insta::assert_snapshot!(stage("outs: [., a, {a: {cache: false}}]"), @"
    error: an out of stage `s` is the whole project
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: x
     4 │     outs: [., a, {a: {cache: false}}]
       ·            ┬
       ·            ╰── here
       ╰────
      help: name a file or folder inside of it
    ");
    insta::assert_snapshot!(stage("deps: [a, d/f]\n    outs: [a, d]"), @"
    error: `a` is a dep and an out of stage `s`
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: x
     4 │     deps: [a, d/f]
       ·            ┬
       ·            ╰── read here
     5 │     outs: [a, d]
       ·            ┬
       ·            ╰── made here
       ╰────
      help: split the stage, or remove the dep and set `persist: true` on the out that it adds to

    error: dep `d/f` of stage `s` overlaps its own out `d`
       ╭─[pipeline.yaml:4:15]
     3 │     cmd: x
     4 │     deps: [a, d/f]
       ·               ─┬─
       ·                ╰── read here
     5 │     outs: [a, d]
       ·               ┬
       ·               ╰── made here
       ╰────
      help: split the stage, or remove the dep and set `persist: true` on the out that it adds to
    ");
}

#[test]
fn settings() {
    insta::assert_snapshot!(stage("timeout: 10 minutes"), @"
    error: `timeout` of stage `s` is not a duration above zero
       ╭─[pipeline.yaml:4:14]
     3 │     cmd: x
     4 │     timeout: 10 minutes
       ·              ─────┬────
       ·                   ╰── here
       ╰────
      help: write `90s`, `10m`, `1h30m` or a number of seconds
    ");
    insta::assert_snapshot!(stage("retry: {attempts: 0, backoff: -1, cap: x, on: [exti], of: 1}"), @"
    error: the attempts of stage `s` are not a whole number above zero
       ╭─[pipeline.yaml:4:23]
     3 │     cmd: x
     4 │     retry: {attempts: 0, backoff: -1, cap: x, on: [exti], of: 1}
       ·                       ┬
       ·                       ╰── here
       ╰────
      help: count all attempts: `retry: 3` runs it at most three times

    error: `backoff` is not a duration above zero
       ╭─[pipeline.yaml:4:35]
     3 │     cmd: x
     4 │     retry: {attempts: 0, backoff: -1, cap: x, on: [exti], of: 1}
       ·                                   ─┬
       ·                                    ╰── here
       ╰────
      help: write `90s`, `10m`, `1h30m` or a number of seconds

    error: `cap` is not a duration above zero
       ╭─[pipeline.yaml:4:44]
     3 │     cmd: x
     4 │     retry: {attempts: 0, backoff: -1, cap: x, on: [exti], of: 1}
       ·                                            ┬
       ·                                            ╰── here
       ╰────
      help: write `90s`, `10m`, `1h30m` or a number of seconds

    error: `exti` is no cause of a retry
       ╭─[pipeline.yaml:4:52]
     3 │     cmd: x
     4 │     retry: {attempts: 0, backoff: -1, cap: x, on: [exti], of: 1}
       ·                                                    ──┬─
       ·                                                      ╰── here
       ╰────
      help: did you mean `exit`?

    error: `retry` of stage `s` has no key `of`
       ╭─[pipeline.yaml:4:59]
     3 │     cmd: x
     4 │     retry: {attempts: 0, backoff: -1, cap: x, on: [exti], of: 1}
       ·                                                           ─┬
       ·                                                            ╰── not a key
       ╰────
      help: known keys: attempts, backoff, cap, on
    ");
    insta::assert_snapshot!(stage("retry: twice"), @"
    error: the attempts of stage `s` are not a whole number above zero
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: x
     4 │     retry: twice
       ·            ──┬──
       ·              ╰── here
       ╰────
      help: count all attempts: `retry: 3` runs it at most three times
    ");
    insta::assert_snapshot!(stage("resources: {cpu: 0, mem: 2G, gpu: one}"), @"
    error: `cpu` of `resources` of stage `s` is not a whole number above zero
       ╭─[pipeline.yaml:4:22]
     3 │     cmd: x
     4 │     resources: {cpu: 0, mem: 2G, gpu: one}
       ·                      ┬
       ·                      ╰── here
       ╰────
      help: write how much of the pool it takes, such as `1`

    error: `mem` of `resources` of stage `s` is not a size above zero
       ╭─[pipeline.yaml:4:30]
     3 │     cmd: x
     4 │     resources: {cpu: 0, mem: 2G, gpu: one}
       ·                              ─┬
       ·                               ╰── here
       ╰────
      help: write `512MiB`, `2GiB` or a number of bytes

    error: `gpu` of `resources` of stage `s` is not a whole number above zero
       ╭─[pipeline.yaml:4:39]
     3 │     cmd: x
     4 │     resources: {cpu: 0, mem: 2G, gpu: one}
       ·                                       ─┬─
       ·                                        ╰── here
       ╰────
      help: write how much of the pool it takes, such as `1`
    ");
    insta::assert_snapshot!(stage("resources: 2"), @"
    error: `resources` of stage `s` is an integer, not a mapping
       ╭─[pipeline.yaml:4:16]
     3 │     cmd: x
     4 │     resources: 2
       ·                ┬
       ·                ╰── here
       ╰────
      help: write it as `{cpu: 2, mem: 2GiB}`
    ");
    insta::assert_snapshot!(stage("env: [TZ=UTC, A]\n    secrets: [A]"), @"
    error: `TZ=UTC` of `env` of stage `s` is not the name of an environment variable
       ╭─[pipeline.yaml:4:11]
     3 │     cmd: x
     4 │     env: [TZ=UTC, A]
       ·           ───┬──
       ·              ╰── here
     5 │     secrets: [A]
       ╰────
      help: write names only, such as `TZ`; values come from the environment

    error: `A` is in `env` and in `secrets` of stage `s`
       ╭─[pipeline.yaml:5:14]
     4 │     env: [TZ=UTC, A]
     5 │     secrets: [A]
       ·              ┬
       ·              ╰── here
       ╰────
      help: keep it in `env` if a new value must rerun the stage, in `secrets` if it must never be
            recorded
    ");
}

#[test]
fn parameters() {
    let params = |lines: &str| {
        let text = format!("stages:\n  s:\n    cmd: x\n    params: {lines}\n");
        Project::with(&text).and("params.yaml", "lr: 1\ntrain: {epochs: 2}\n").and("p.py", "a = 1").and("l.yaml", "[1]")
    };
    insta::assert_snapshot!(params("[lrr, train.epoch, 'train[0]', nothing.at.all]").refused(), @"
    error: stage `s` reads `lrr`, which `params.yaml` does not have
       ╭─[pipeline.yaml:4:14]
     3 │     cmd: x
     4 │     params: [lrr, train.epoch, 'train[0]', nothing.at.all]
       ·              ─┬─
       ·               ╰── here
       ╰────
      help: did you mean `lr`?

    error: stage `s` reads `train.epoch`, which `params.yaml` does not have
       ╭─[pipeline.yaml:4:19]
     3 │     cmd: x
     4 │     params: [lrr, train.epoch, 'train[0]', nothing.at.all]
       ·                   ─────┬─────
       ·                        ╰── here
       ╰────
      help: did you mean `train.epochs`?

    error: stage `s` reads `train[0]`, which `params.yaml` does not have
       ╭─[pipeline.yaml:4:32]
     3 │     cmd: x
     4 │     params: [lrr, train.epoch, 'train[0]', nothing.at.all]
       ·                                ─────┬────
       ·                                     ╰── here
       ╰────
      help: write an item of a list as `train.0`

    error: stage `s` reads `nothing.at.all`, which `params.yaml` does not have
       ╭─[pipeline.yaml:4:44]
     3 │     cmd: x
     4 │     params: [lrr, train.epoch, 'train[0]', nothing.at.all]
       ·                                            ───────┬──────
       ·                                                   ╰── here
       ╰────
      help: add it; it has `lr`, `train`
    ");
    insta::assert_snapshot!(params("[conf.yaml: [a, b]]").refused(), @"
    error: stage `s` reads parameters of `conf.yaml`, which does not exist
       ╭─[pipeline.yaml:4:26]
     3 │     cmd: x
     4 │     params: [conf.yaml: [a, b]]
       ·                          ┬
       ·                          ╰── here
       ╰────
      help: create it, or name another file as `- FILE: [KEY, …]`
    ");
    insta::assert_snapshot!(params("[p.py: , 3, l.yaml: [x], params.yaml: lr]").refused(), @r#"
    error: a parameter of stage `s` is an integer, not a string
       ╭─[pipeline.yaml:4:22]
     3 │     cmd: x
     4 │     params: [p.py: , 3, l.yaml: [x], params.yaml: lr]
       ·                      ┬
       ·                      ╰── here
       ╰────
      help: quote it: `"3"`

    error: the list of parameters of stage `s` is a string, not a list
       ╭─[pipeline.yaml:4:51]
     3 │     cmd: x
     4 │     params: [p.py: , 3, l.yaml: [x], params.yaml: lr]
       ·                                                   ─┬
       ·                                                    ╰── here
       ╰────
      help: write it as a list: `[lr]`

    error: `l.yaml` is a list, not a mapping of names to values
       ╭─[l.yaml:1:1]
     1 │ [1]
       · ┬
       · ╰── here
       ╰────
      help: write it as `name: value`, one to a line
    "#);
    insta::assert_snapshot!(params("[a.json: [x], a.toml: [x], a.yaml: [x]]").and("a.json", "{\n  \"x\": 1,\n}").and("a.toml", "x = 1\ny = \n").and("a.yaml", "x: 1\nx: 2\n").refused(), @r#"
    error: `a.json` is not valid JSON: trailing comma
       ╭─[a.json:3:1]
     2 │   "x": 1,
     3 │ }
       · ┬
       · ╰── here
       ╰────
      help: correct it at the mark

    error: `a.toml` is not valid TOML: string values must be quoted, expected literal string
       ╭─[a.toml:2:3]
     1 │ x = 1
     2 │ y =
       ·   ┬
       ·   ╰── here
       ╰────
      help: correct it at the mark

    error: key `x` is given twice
       ╭─[a.yaml:2:1]
     1 │ x: 1
       · ┬
       · ╰── first given here
     2 │ x: 2
       · ┬
       · ╰── given again here
       ╰────
      help: keep one of the two, or merge them
    "#);
}
