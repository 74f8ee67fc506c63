//! The mistakes that DVC's own tests of strict YAML make, and what is said of them here.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use super::{Project, path, rendered};
use crate::manifest::load;
use crate::pipeline::Files;

/// Draws what is wrong with `text` as a `dvc.yaml`.
fn refused(text: &str) -> String {
    let project = Project::default().and("dvc.yaml", text);
    rendered(&load(&Files::single(path("dvc.yaml")), &project).expect_err("the file is wrong"))
}

#[test]
fn text_that_is_not_yaml() {
    insta::assert_snapshot!(refused("stages:\n  stage1\n    cmd: python train.py\n"), @"
    error: `dvc.yaml` is not valid YAML: mapping values are not allowed in this context
       ╭─[dvc.yaml:3:8]
     2 │   stage1
     3 │     cmd: python train.py
       ·        ┬
       ·        ╰── here
       ╰────
      help: correct it here or on the lines before, such as a bracket, a quote or the indentation
    ");
    insta::assert_snapshot!(refused("stages:\n- stage1:\n    cmd: x\n  outs: [a\n"), @"
    error: `dvc.yaml` is not valid YAML: unclosed bracket '['
       ╭─[dvc.yaml:4:9]
     3 │     cmd: x
     4 │   outs: [a
       ·         ┬
       ·         ╰── here
       ╰────
      help: correct it here or on the lines before, such as a bracket, a quote or the indentation
    ");
    insta::assert_snapshot!(refused("stages:\n  stage1:\n    cmd: x\n    deps:\n    - a\n    b\n"), @"
    error: `dvc.yaml` is not valid YAML: simple key expected ':'
       ╭─[dvc.yaml:6:5]
     5 │     - a
     6 │     b
       ·     ┬
       ·     ╰── here
       ╰────
      help: correct it here or on the lines before, such as a bracket, a quote or the indentation
    ");
    insta::assert_snapshot!(refused("stages:\n  stage1:\n    cmd: \"python train.py\n"), @r#"
    error: `dvc.yaml` is not valid YAML: invalid indentation in multiline quoted scalar
       ╭─[dvc.yaml:3:25]
     2 │   stage1:
     3 │     cmd: "python train.py
       ·                         ┬
       ·                         ╰── here
       ╰────
      help: correct it here or on the lines before, such as a bracket, a quote or the indentation
    "#);
    insta::assert_snapshot!(refused("stages:\n  stage1:\n\tcmd: x\n"), @"
    error: `dvc.yaml` is not valid YAML: tabs disallowed within this context (block indentation)
       ╭─[dvc.yaml:3:2]
     2 │   stage1:
     3 │     cmd: x
       ·     ┬
       ·     ╰── here
       ╰────
      help: YAML is indented with spaces; replace the tab
    ");
    insta::assert_snapshot!(refused("stages:\n<<<<<<< HEAD\n  stage1:\n    cmd: x\n=======\n  stage1:\n    cmd: y\n>>>>>>> feature\n"), @"
    error: `dvc.yaml` has conflict markers of git
       ╭─[dvc.yaml:2:1]
     1 │ stages:
     2 │ <<<<<<< HEAD
       · ───┬───
       ·    ╰── here
     3 │   stage1:
       ╰────
      help: resolve the conflict, then run the command again
    ");
}

#[test]
fn a_key_that_is_given_twice_or_not_known() {
    let text = "stages:\n  stage1:\n    cmd: python train.py\n    cmd: python train.py\n    outs:\n    - logs:\n        cache: false\n        not_existing: false\n  stage2:\n    outs: [x]\n  stage1: {cmd: z}\nunknown: 1\n";
    insta::assert_snapshot!(refused(text), @"
    error: key `cmd` is given twice
       ╭─[dvc.yaml:4:5]
     2 │   stage1:
     3 │     cmd: python train.py
       ·     ─┬─
       ·      ╰── first given here
     4 │     cmd: python train.py
       ·     ─┬─
       ·      ╰── given again here
     5 │     outs:
       ╰────
      help: keep one of the two, or merge them

    error: out `logs` of stage `stage1` has no key `not_existing`
       ╭─[dvc.yaml:8:9]
     7 │         cache: false
     8 │         not_existing: false
       ·         ──────┬─────
       ·               ╰── not a key
     9 │   stage2:
       ╰────
      help: known keys: cache, persist, push, desc, type, labels, meta, remote, checkpoint

    error: stage `stage2` has no `cmd`
        ╭─[dvc.yaml:9:3]
      8 │         not_existing: false
      9 │   stage2:
        ·   ───┬──
        ·      ╰── here
     10 │     outs: [x]
        ╰────
      help: add the command that makes its outs, or `gate:` if it judges data

    error: key `stage1` is given twice
       ╭─[dvc.yaml:2:3]
     1 │ stages:
     2 │   stage1:
       ·   ───┬──
       ·      ╰── first given here
     3 │     cmd: python train.py
       ╰────
        ╭─[dvc.yaml:11:3]
     10 │     outs: [x]
     11 │   stage1: {cmd: z}
        ·   ───┬──
        ·      ╰── given again here
     12 │ unknown: 1
        ╰────
      help: keep one of the two, or merge them

    error: the pipeline has no key `unknown`
        ╭─[dvc.yaml:12:1]
     11 │   stage1: {cmd: z}
     12 │ unknown: 1
        · ───┬───
        ·    ╰── not a key
        ╰────
      help: known keys: stages, vars, params, metrics, plots, artifacts, datasets, meta
    ");
}

#[test]
fn values_of_the_wrong_kind() {
    let text = "stages:
  empty:
  not_a_mapping: python train.py
  deps_as_mapping:
    cmd: x
    deps:
      baz: [a]
  outs_as_text:
    cmd: x
    outs: logs
  nothing_in_outs:
    cmd: x
    outs:
    -
  flags_as_text:
    cmd: x
    outs:
    - logs: yes
  number: {cmd: 3}
  blank: {cmd: ''}
  no_commands: {cmd: []}
  frozen: {cmd: x, frozen: yes}
  scalar: {foreach: 3, do: {cmd: x}}
  null_do: {foreach: [1], do: }
  no_cmd: {foreach: [1], do: {outs: [a]}}
  no_do: {foreach: [1]}
";
    insta::assert_snapshot!(refused(text), @r#"
    error: stage `empty` is nothing, not a mapping
       ╭─[dvc.yaml:2:8]
     1 │ stages:
     2 │   empty:
       ·        ┬
       ·        ╰── here
     3 │   not_a_mapping: python train.py
       ╰────
      help: write it as keys and values; known keys: cmd, wdir, deps, outs, params, metrics, plots,
            frozen, always_changed, degraded, when, desc, meta, vars, needs, timeout, retry,
            resources, env, secrets, gate

    error: stage `not_a_mapping` is a string, not a mapping
       ╭─[dvc.yaml:3:18]
     2 │   empty:
     3 │   not_a_mapping: python train.py
       ·                  ───────┬───────
       ·                         ╰── here
     4 │   deps_as_mapping:
       ╰────
      help: write it as keys and values; known keys: cmd, wdir, deps, outs, params, metrics, plots,
            frozen, always_changed, degraded, when, desc, meta, vars, needs, timeout, retry,
            resources, env, secrets, gate

    error: `deps` of stage `deps_as_mapping` is a mapping, not a list
       ╭─[dvc.yaml:7:7]
     6 │     deps:
     7 │       baz: [a]
       ·       ┬
       ·       ╰── here
     8 │   outs_as_text:
       ╰────
      help: write it as a list, each item on its own line after `- `

    error: `outs` of stage `outs_as_text` is a string, not a list
        ╭─[dvc.yaml:10:11]
      9 │     cmd: x
     10 │     outs: logs
        ·           ──┬─
        ·             ╰── here
     11 │   nothing_in_outs:
        ╰────
      help: write it as a list: `[logs]`

    error: an out of stage `nothing_in_outs` is nothing, not a string
        ╭─[dvc.yaml:14:5]
     13 │     outs:
     14 │     -
        ·     ┬
        ·     ╰── here
     15 │   flags_as_text:
        ╰────
      help: give a value, or remove the key

    error: out `logs` of stage `flags_as_text` is a string, not a mapping
        ╭─[dvc.yaml:18:13]
     17 │     outs:
     18 │     - logs: yes
        ·             ─┬─
        ·              ╰── here
     19 │   number: {cmd: 3}
        ╰────
      help: write it as keys and values; known keys: cache, persist, push, desc, type, labels, meta,
            remote, checkpoint

    error: `cmd` of stage `number` is an integer, not a string or a list of strings
        ╭─[dvc.yaml:19:17]
     18 │     - logs: yes
     19 │   number: {cmd: 3}
        ·                 ┬
        ·                 ╰── here
     20 │   blank: {cmd: ''}
        ╰────
      help: quote it: `"3"`

    error: `cmd` of stage `blank` is empty
        ╭─[dvc.yaml:20:16]
     19 │   number: {cmd: 3}
     20 │   blank: {cmd: ''}
        ·                ─┬
        ·                 ╰── here
     21 │   no_commands: {cmd: []}
        ╰────
      help: fill it in or remove it

    error: `cmd` of stage `no_commands` is empty
        ╭─[dvc.yaml:21:22]
     20 │   blank: {cmd: ''}
     21 │   no_commands: {cmd: []}
        ·                      ┬
        ·                      ╰── here
     22 │   frozen: {cmd: x, frozen: yes}
        ╰────
      help: fill it in

    error: `frozen` of stage `frozen` is a string, not a boolean
        ╭─[dvc.yaml:22:28]
     21 │   no_commands: {cmd: []}
     22 │   frozen: {cmd: x, frozen: yes}
        ·                            ─┬─
        ·                             ╰── here
     23 │   scalar: {foreach: 3, do: {cmd: x}}
        ╰────
      help: write `true`: in YAML 1.2 this is a string

    error: `foreach` of stage `scalar` is an integer, not a list or a mapping
        ╭─[dvc.yaml:23:21]
     22 │   frozen: {cmd: x, frozen: yes}
     23 │   scalar: {foreach: 3, do: {cmd: x}}
        ·                     ┬
        ·                     ╰── here
     24 │   null_do: {foreach: [1], do: }
        ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: stage `null_do@1` is nothing, not a mapping
        ╭─[dvc.yaml:24:29]
     23 │   scalar: {foreach: 3, do: {cmd: x}}
     24 │   null_do: {foreach: [1], do: }
        ·                             ┬
        ·                             ╰── here
     25 │   no_cmd: {foreach: [1], do: {outs: [a]}}
        ╰────
      help: write it as keys and values; known keys: cmd, wdir, deps, outs, params, metrics, plots,
            frozen, always_changed, degraded, when, desc, meta, vars, needs, timeout, retry,
            resources, env, secrets, gate

    error: stage `no_cmd@1` has no `cmd`
        ╭─[dvc.yaml:25:3]
     24 │   null_do: {foreach: [1], do: }
     25 │   no_cmd: {foreach: [1], do: {outs: [a]}}
        ·   ───┬──
        ·      ╰── here
     26 │   no_do: {foreach: [1]}
        ╰────
      help: add the command that makes its outs, or `gate:` if it judges data

    error: stage `no_do` has `foreach` but no `do`
        ╭─[dvc.yaml:26:3]
     25 │   no_cmd: {foreach: [1], do: {outs: [a]}}
     26 │   no_do: {foreach: [1]}
        ·   ──┬──
        ·     ╰── here
        ╰────
      help: write the stage that each item gives below `do:`, with `${item}` in it
    "#);
    insta::assert_snapshot!(refused("- foo\n- bar\n"), @"
    error: the pipeline is a list, not a mapping
       ╭─[dvc.yaml:1:1]
     1 │ - foo
       · ┬
       · ╰── here
     2 │ - bar
       ╰────
      help: write it as keys and values; known keys: stages, vars, params, metrics, plots, artifacts,
            datasets, meta
    ");
}

#[test]
fn names_that_are_not_there() {
    let text = "vars:\n- gone.yaml\n- other.yaml:lr\n- params.yaml:a\n- {a: 2}\nstages:\n  s:\n    cmd: x ${a.b.} ${a[} ${}\n    params: [lr, gone.toml: [x]]\n";
    let project =
        Project::default().and("dvc.yaml", text).and("params.yaml", "a: 1\n").and("other.yaml", "epochs: 1\n");
    let problems = load(&Files::single(path("dvc.yaml")), &project).expect_err("names are missing");
    insta::assert_snapshot!(rendered(&problems), @r"
    error: `vars` names `gone.yaml`, which does not exist
       ╭─[dvc.yaml:2:3]
     1 │ vars:
     2 │ - gone.yaml
       ·   ────┬────
       ·       ╰── here
     3 │ - other.yaml:lr
       ╰────
      help: create it, or remove it from `vars`: templates are read before anything runs

    error: `other.yaml` has no key `lr`
       ╭─[dvc.yaml:3:3]
     2 │ - gone.yaml
     3 │ - other.yaml:lr
       ·   ──────┬──────
       ·         ╰── here
     4 │ - params.yaml:a
       ╰────
      help: its top-level keys: epochs

    error: `vars` names `a` of `params.yaml` again: all of it is there, as `params.yaml` always is
       ╭─[dvc.yaml:4:3]
     3 │ - other.yaml:lr
     4 │ - params.yaml:a
       ·   ──────┬──────
       ·         ╰── here
     5 │ - {a: 2}
       ╰────
      help: name a file once, as a whole or with each key once

    error: `a` is set in params.yaml:1 and again in dvc.yaml:5
       ╭─[dvc.yaml:5:7]
     4 │ - params.yaml:a
     5 │ - {a: 2}
       ·       ┬
       ·       ╰── set again here
     6 │ stages:
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`

    error: `${a.b.}` is not a template
       ╭─[dvc.yaml:8:18]
     7 │   s:
     8 │     cmd: x ${a.b.} ${a[} ${}
       ·                  ┬
       ·                  ╰── a name is missing here
     9 │     params: [lr, gone.toml: [x]]
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`

    error: `${a[}` is not a template
       ╭─[dvc.yaml:8:24]
     7 │   s:
     8 │     cmd: x ${a.b.} ${a[} ${}
       ·                        ┬
       ·                        ╰── a key or an index is missing here
     9 │     params: [lr, gone.toml: [x]]
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`

    error: `${}` is not a template
       ╭─[dvc.yaml:8:28]
     7 │   s:
     8 │     cmd: x ${a.b.} ${a[} ${}
       ·                            ┬
       ·                            ╰── a name is missing here
     9 │     params: [lr, gone.toml: [x]]
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`

    error: stage `s` reads `lr`, which `params.yaml` does not have
       ╭─[dvc.yaml:9:14]
     8 │     cmd: x ${a.b.} ${a[} ${}
     9 │     params: [lr, gone.toml: [x]]
       ·              ─┬
       ·               ╰── here
       ╰────
      help: add it; it has `a`
    ");
}
