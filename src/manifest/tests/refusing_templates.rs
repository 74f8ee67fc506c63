//! One snapshot for each kind of mistake in templates and `vars`.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use super::{Project, refused};

fn project(cmd: &str) -> Project {
    let text = format!("stages:\n  s:\n    cmd: {cmd}\n");
    Project::with(&text).and("params.yaml", "train: {epochs: 3, seeds: [1, [2]]}\nseason: 2024\n")
}

#[test]
fn expressions_that_name_nothing() {
    insta::assert_snapshot!(project("run ${seasn} ${train.epoch} ${train.epochs.x} ${HOME} ${HOME}").refused(), @"
    error: `${seasn}` is not defined
       ╭─[pipeline.yaml:3:14]
     2 │   s:
     3 │     cmd: run ${seasn} ${train.epoch} ${train.epochs.x} ${HOME} ${HOME}
       ·              ────┬───
       ·                  ╰── here
       ╰────
      help: did you mean `${season}`?

    error: `${train.epoch}` is not defined
       ╭─[pipeline.yaml:3:23]
     2 │   s:
     3 │     cmd: run ${seasn} ${train.epoch} ${train.epochs.x} ${HOME} ${HOME}
       ·                       ───────┬──────
       ·                              ╰── here
       ╰────
      help: did you mean `${train.epochs}`?

    error: `${train.epochs.x}` is not defined
       ╭─[pipeline.yaml:3:38]
     2 │   s:
     3 │     cmd: run ${seasn} ${train.epoch} ${train.epochs.x} ${HOME} ${HOME}
       ·                                      ────────┬────────
       ·                                              ╰── here
       ╰────
      help: `train.epochs` holds nothing that could be named

    error: `${HOME}` is not defined
       ╭─[pipeline.yaml:3:56]
     2 │   s:
     3 │     cmd: run ${seasn} ${train.epoch} ${train.epochs.x} ${HOME} ${HOME}
       ·                                                        ───┬───
       ·                                                           ╰── here
       ╰────
      help: defined are: `season`, `train`; for the shell's own variable write `$HOME`

    error: `${HOME}` is not defined
       ╭─[pipeline.yaml:3:64]
     2 │   s:
     3 │     cmd: run ${seasn} ${train.epoch} ${train.epochs.x} ${HOME} ${HOME}
       ·                                                                ───┬───
       ·                                                                   ╰── here
       ╰────
      help: defined are: `season`, `train`; for the shell's own variable write `$HOME`
    ");
    insta::assert_snapshot!(refused("stages:\n  s:\n    cmd: run ${season}\n"), @"
    error: `${season}` is not defined
       ╭─[pipeline.yaml:3:14]
     2 │   s:
     3 │     cmd: run ${season}
       ·              ────┬────
       ·                  ╰── here
       ╰────
      help: define it in `params.yaml` beside the pipeline file, or under `vars`; for the shell's own
            variable write `$season`
    ");
}

#[test]
fn expressions_that_are_none() {
    insta::assert_snapshot!(project("\"run ${a..b} ${HOME:-x} ${}\"").refused(), @r#"
    error: `${a..b}` is not a template
       ╭─[pipeline.yaml:3:19]
     2 │   s:
     3 │     cmd: "run ${a..b} ${HOME:-x} ${}"
       ·                   ┬
       ·                   ╰── a name is missing here
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`

    error: `${HOME:-x}` is not a template
       ╭─[pipeline.yaml:3:23]
     2 │   s:
     3 │     cmd: "run ${a..b} ${HOME:-x} ${}"
       ·                       ─────┬────
       ·                            ╰── here
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`

    error: `${}` is not a template
       ╭─[pipeline.yaml:3:36]
     2 │   s:
     3 │     cmd: "run ${a..b} ${HOME:-x} ${}"
       ·                                    ┬
       ·                                    ╰── a name is missing here
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`
    "#);
}

#[test]
fn values_that_fit_into_no_string() {
    insta::assert_snapshot!(project("run ${train} ${train.seeds}").refused(), @"
    error: `${train}` is a mapping (params.yaml:1), not one value
       ╭─[pipeline.yaml:3:14]
     2 │   s:
     3 │     cmd: run ${train} ${train.seeds}
       ·              ────┬───
       ·                  ╰── here
       ╰────
      help: inside of a longer command it becomes `--key value`, one level of lists at most

    error: `${train.seeds}` is a list (params.yaml:1), not one value
       ╭─[pipeline.yaml:3:23]
     2 │   s:
     3 │     cmd: run ${train} ${train.seeds}
       ·                       ───────┬──────
       ·                              ╰── here
       ╰────
      help: name one of its items, such as `[0]`
    ");
    insta::assert_snapshot!(project("${train}").refused(), @"
    error: `${train}` is a mapping (params.yaml:1), not one value
       ╭─[pipeline.yaml:3:10]
     2 │   s:
     3 │     cmd: ${train}
       ·          ────┬───
       ·              ╰── here
       ╰────
      help: inside of a longer command it becomes `--key value`, one level of lists at most
    ");
}

#[test]
fn an_expression_in_a_block_is_marked_in_its_line() {
    insta::assert_snapshot!(project("|\n      echo a\n      echo ${b}\n").refused(), @"
    error: `${b}` is not defined
       ╭─[pipeline.yaml:5:12]
     4 │       echo a
     5 │       echo ${b}
       ·            ──┬─
       ·              ╰── here
     6 │
       ╰────
      help: defined are: `season`, `train`; for the shell's own variable write `$b`
    ");
}

#[test]
fn keys_that_become_the_same() {
    let text = "vars: [{a: x, b: x}]\nstages:\n  s:\n    cmd: x\n    outs: [{'${a}': {}, '${b}': {}}]\n";
    insta::assert_snapshot!(refused(text), @"
    error: key `x` is given twice
       ╭─[pipeline.yaml:5:25]
     4 │     cmd: x
     5 │     outs: [{'${a}': {}, '${b}': {}}]
       ·                         ───┬──
       ·                            ╰── here
       ╰────
      help: keep one of the two, or merge them
    ");
}

#[test]
fn variables() {
    insta::assert_snapshot!(refused("vars: [gone.yaml, 3, {a: '${b}'}, '${c}']\n"), @"
    error: `vars` names `gone.yaml`, which does not exist
       ╭─[pipeline.yaml:1:8]
     1 │ vars: [gone.yaml, 3, {a: '${b}'}, '${c}']
       ·        ────┬────
       ·            ╰── here
       ╰────
      help: create it, or remove it from `vars`: templates are read before anything runs

    error: an item of `vars` is an integer, not a file or a mapping
       ╭─[pipeline.yaml:1:19]
     1 │ vars: [gone.yaml, 3, {a: '${b}'}, '${c}']
       ·                   ┬
       ·                   ╰── here
       ╰────
      help: write `file.yaml`, `file.yaml:key1,key2` or `name: value`

    error: `vars` cannot use templates: they are what templates are made of
       ╭─[pipeline.yaml:1:26]
     1 │ vars: [gone.yaml, 3, {a: '${b}'}, '${c}']
       ·                          ───┬──
       ·                             ╰── here
       ╰────
      help: write the value out

    error: `vars` cannot use templates: they are what templates are made of
       ╭─[pipeline.yaml:1:35]
     1 │ vars: [gone.yaml, 3, {a: '${b}'}, '${c}']
       ·                                   ───┬──
       ·                                      ╰── here
       ╰────
      help: write the value out
    ");
    let again = Project::with(
        "vars:\n- more.yaml\n- {lr: {x: 3}}\n- other.yaml:lrr\nstages: {s: {cmd: x, vars: [lr: {x: 4}]}}\n",
    );
    let again = again
        .and("params.yaml", "a: 1\nlr: {x: 1}\n")
        .and("more.yaml", "b: 2\nlr: {x: 2}\n")
        .and("other.yaml", "lr2: 1\n");
    insta::assert_snapshot!(again.refused(), @"
    error: `lr.x` is set in params.yaml:2 and again in more.yaml:2
       ╭─[pipeline.yaml:2:3]
     1 │ vars:
     2 │ - more.yaml
       ·   ────┬────
       ·       ╰── brings it in again
     3 │ - {lr: {x: 3}}
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`

    error: `lr.x` is set in params.yaml:2 and again in pipeline.yaml:3
       ╭─[pipeline.yaml:3:12]
     2 │ - more.yaml
     3 │ - {lr: {x: 3}}
       ·            ┬
       ·            ╰── set again here
     4 │ - other.yaml:lrr
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`

    error: `other.yaml` has no key `lrr`
       ╭─[pipeline.yaml:4:3]
     3 │ - {lr: {x: 3}}
     4 │ - other.yaml:lrr
       ·   ───────┬──────
       ·          ╰── here
     5 │ stages: {s: {cmd: x, vars: [lr: {x: 4}]}}
       ╰────
      help: did you mean `lr2`?

    error: `lr.x` is set in params.yaml:2 and again in pipeline.yaml:5
       ╭─[pipeline.yaml:5:37]
     4 │ - other.yaml:lrr
     5 │ stages: {s: {cmd: x, vars: [lr: {x: 4}]}}
       ·                                     ┬
       ·                                     ╰── set again here
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`
    ");
}
