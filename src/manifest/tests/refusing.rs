//! One snapshot for each kind of mistake in the file, its names and its gates.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use super::{Project, path, refused, rendered};
use crate::manifest::{TextFound, load};
use crate::pipeline::Files;
use crate::words::RelPath;

/// A gate `g` with the given body.
fn gate(body: &str) -> String {
    refused(&format!("stages:\n  g:\n    gate: {body}\n"))
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_file() {
    let text = "stages:
  clean:
    cmd: 3
    dep: [a.csv]
    outs: [../x, {o: {cash: false}}]
    timeout: soon
  clean:
    cmd: y
  judge:
    gate: {data: o, schema: s.yaml, drift: {}}
    frozen: yes
metric: []
";
    insta::assert_snapshot!(refused(text), @r#"
    error: `cmd` of stage `clean` is an integer, not a string or a list of strings
       ╭─[pipeline.yaml:3:10]
     2 │   clean:
     3 │     cmd: 3
       ·          ┬
       ·          ╰── here
     4 │     dep: [a.csv]
       ╰────
      help: quote it: `"3"`

    error: stage `clean` has no key `dep`
       ╭─[pipeline.yaml:4:5]
     3 │     cmd: 3
     4 │     dep: [a.csv]
       ·     ─┬─
       ·      ╰── not a key
     5 │     outs: [../x, {o: {cash: false}}]
       ╰────
      help: did you mean `deps`?

    error: out `../x` of stage `clean` lies outside of the project, and could not be restored
       ╭─[pipeline.yaml:5:12]
     4 │     dep: [a.csv]
     5 │     outs: [../x, {o: {cash: false}}]
       ·            ──┬─
       ·              ╰── here
     6 │     timeout: soon
       ╰────
      help: set `cache: false` on it to have it watched only, or write it into the project

    error: out `o` of stage `clean` has no key `cash`
       ╭─[pipeline.yaml:5:23]
     4 │     dep: [a.csv]
     5 │     outs: [../x, {o: {cash: false}}]
       ·                       ──┬─
       ·                         ╰── not a key
     6 │     timeout: soon
       ╰────
      help: known keys: cache, persist, push, desc, type, labels, meta, remote, checkpoint

    error: `timeout` of stage `clean` is not a duration above zero
       ╭─[pipeline.yaml:6:14]
     5 │     outs: [../x, {o: {cash: false}}]
     6 │     timeout: soon
       ·              ──┬─
       ·                ╰── here
     7 │   clean:
       ╰────
      help: write `90s`, `10m`, `1h30m` or a number of seconds

    error: key `clean` is given twice
       ╭─[pipeline.yaml:2:3]
     1 │ stages:
     2 │   clean:
       ·   ──┬──
       ·     ╰── first given here
     3 │     cmd: 3
       ╰────
       ╭─[pipeline.yaml:7:3]
     6 │     timeout: soon
     7 │   clean:
       ·   ──┬──
       ·     ╰── given again here
     8 │     cmd: y
       ╰────
      help: keep one of the two, or merge them

    error: gate `judge` has two kinds of rules, `schema` and `drift`
        ╭─[pipeline.yaml:10:37]
      9 │   judge:
     10 │     gate: {data: o, schema: s.yaml, drift: {}}
        ·                     ───┬──          ──┬──
        ·                        │              ╰── the second
        ·                        ╰── the first
     11 │     frozen: yes
        ╰────
      help: make two gates on the same data: both must pass

    error: gate `judge` cannot have `frozen`
        ╭─[pipeline.yaml:11:5]
     10 │     gate: {data: o, schema: s.yaml, drift: {}}
     11 │     frozen: yes
        ·     ───┬──
        ·        ╰── belongs to stages
     12 │ metric: []
        ╰────
      help: a gate cannot be frozen; loosen its rules, or remove it

    error: the pipeline has no key `metric`
        ╭─[pipeline.yaml:12:1]
     11 │     frozen: yes
     12 │ metric: []
        · ───┬──
        ·    ╰── not a key
        ╰────
      help: did you mean `metrics`?
    "#);
}

#[test]
fn texts_that_are_not_there_or_not_text() {
    insta::assert_snapshot!(Project::default().refused(), @"
    error: there is no `pipeline.yaml`
      help: run lockgate in a folder that has one, or name another with `--file`
    ");
    insta::assert_snapshot!(refused("stages:\n  s: {cmd: x\n"), @"
    error: `pipeline.yaml` is not valid YAML: unclosed bracket '{'
       ╭─[pipeline.yaml:2:6]
     1 │ stages:
     2 │   s: {cmd: x
       ·      ┬
       ·      ╰── here
       ╰────
      help: correct it here or on the lines before, such as a bracket, a quote or the indentation
    ");
    insta::assert_snapshot!(refused("stages:\n  s: {cmd: x, deps: [${a}]}\n"), @"
    error: `pipeline.yaml` is not valid YAML: while parsing a flow sequence, expected ',' or ']'
       ╭─[pipeline.yaml:2:23]
     1 │ stages:
     2 │   s: {cmd: x, deps: [${a}]}
       ·                       ┬
       ·                       ╰── here
       ╰────
      help: inside of `[…]` and `{…}`, quote a text that has one of `[]{},`
    ");
    insta::assert_snapshot!(refused("stages:\n\ts:\n"), @"
    error: `pipeline.yaml` is not valid YAML: tabs disallowed within this context (block indentation)
       ╭─[pipeline.yaml:2:2]
     1 │ stages:
     2 │     s:
       ·     ┬
       ·     ╰── here
       ╰────
      help: YAML is indented with spaces; replace the tab
    ");
    insta::assert_snapshot!(refused("<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n"), @"
    error: `pipeline.yaml` has conflict markers of git
       ╭─[pipeline.yaml:1:1]
     1 │ <<<<<<< ours
       · ───┬───
       ·    ╰── here
     2 │ a: 1
       ╰────
      help: resolve the conflict, then run the command again
    ");
    insta::assert_snapshot!(refused("- a\n"), @"
    error: the pipeline is a list, not a mapping
       ╭─[pipeline.yaml:1:1]
     1 │ - a
       · ┬
       · ╰── here
       ╰────
      help: write it as keys and values; known keys: stages, vars, params, metrics, plots, artifacts,
            datasets, meta
    ");
    insta::assert_snapshot!(refused("stages: [a]\n"), @"
    error: `stages` is a list, not a mapping of names to stages
       ╭─[pipeline.yaml:1:9]
     1 │ stages: [a]
       ·         ┬
       ·         ╰── here
       ╰────
      help: write each stage as `NAME:` with its keys indented below
    ");
    insta::assert_snapshot!(refused("stages: {a: x}\n"), @"
    error: stage `a` is a string, not a mapping
       ╭─[pipeline.yaml:1:13]
     1 │ stages: {a: x}
       ·             ┬
       ·             ╰── here
       ╰────
      help: write it as keys and values; known keys: cmd, wdir, deps, outs, params, metrics, plots,
            frozen, always_changed, degraded, when, desc, meta, vars, needs, timeout, retry,
            resources, env, secrets, gate
    ");
}

#[test]
fn texts_that_cannot_be_read() {
    let found = |params: TextFound| {
        let texts = move |file: &RelPath| match file.as_str() {
            "pipeline.yaml" => TextFound::Text("stages: {s: {cmd: x, params: [k], deps: ['${a}']}}".to_owned()),
            _ => params.clone(),
        };
        rendered(&load(&Files::single(path("pipeline.yaml")), &texts).expect_err("the parameters cannot be read"))
    };
    insta::assert_snapshot!(found(TextFound::NotUtf8(b"k: 1\nname: caf\xe9\n".to_vec())), @r"
    error: `params.yaml` is not UTF-8 text
       ╭─[params.yaml:2:10]
     1 │ k: 1
     2 │ name: caf\xE9
       ·          ──┬─
       ·            ╰── here
       ╰────
      help: save it as UTF-8
    ");
    insta::assert_snapshot!(found(TextFound::Unreadable("it is a folder".to_owned())), @"
    error: `params.yaml` cannot be read: it is a folder
      help: make it a file that you may read
    ");
}

#[test]
fn names_that_the_command_line_could_not_say() {
    insta::assert_snapshot!(refused("stages:\n  \"\": {cmd: x}\n  a@b: {cmd: x}\n  -f: {cmd: x}\n  'a[1]': {cmd: x}\n  a:b: {cmd: x}\n  true: {cmd: x}\n  1.10: {cmd: x}\n  \"a\\tb\": {cmd: x}\n  ' a': {cmd: x}\n  '${x}': {cmd: x}\n"), @r#"
    error: a stage has an empty name
       ╭─[pipeline.yaml:2:3]
     1 │ stages:
     2 │   "": {cmd: x}
       ·   ─┬
       ·    ╰── here
     3 │   a@b: {cmd: x}
       ╰────
      help: give it a name

    error: the name `a@b` has a `@`, which marks a member of a group
       ╭─[pipeline.yaml:3:3]
     2 │   "": {cmd: x}
     3 │   a@b: {cmd: x}
       ·   ─┬─
       ·    ╰── here
     4 │   -f: {cmd: x}
       ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name `-f` begins with `-`, as options do
       ╭─[pipeline.yaml:4:3]
     3 │   a@b: {cmd: x}
     4 │   -f: {cmd: x}
       ·   ─┬
       ·    ╰── here
     5 │   'a[1]': {cmd: x}
       ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name `a[1]` has a `[`, which marks a partition
       ╭─[pipeline.yaml:5:3]
     4 │   -f: {cmd: x}
     5 │   'a[1]': {cmd: x}
       ·   ───┬──
       ·      ╰── here
     6 │   a:b: {cmd: x}
       ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name `a:b` has a `:`, which marks the folder of another pipeline file
       ╭─[pipeline.yaml:6:3]
     5 │   'a[1]': {cmd: x}
     6 │   a:b: {cmd: x}
       ·   ─┬─
       ·    ╰── here
     7 │   true: {cmd: x}
       ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name `true` is a boolean in YAML, not a string
       ╭─[pipeline.yaml:7:3]
     6 │   a:b: {cmd: x}
     7 │   true: {cmd: x}
       ·   ──┬─
       ·     ╰── here
     8 │   1.10: {cmd: x}
       ╰────
      help: quote it: `"true":`

    error: the name `1.10` is a number in YAML, not a string
       ╭─[pipeline.yaml:8:3]
     7 │   true: {cmd: x}
     8 │   1.10: {cmd: x}
       ·   ──┬─
       ·     ╰── here
     9 │   "a\tb": {cmd: x}
       ╰────
      help: quote it: `"1.10":`

    error: the name `a\tb` has a control character
        ╭─[pipeline.yaml:9:3]
      8 │   1.10: {cmd: x}
      9 │   "a\tb": {cmd: x}
        ·   ───┬──
        ·      ╰── here
     10 │   ' a': {cmd: x}
        ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name ` a` begins or ends with a space
        ╭─[pipeline.yaml:10:3]
      9 │   "a\tb": {cmd: x}
     10 │   ' a': {cmd: x}
        ·   ──┬─
        ·     ╰── here
     11 │   '${x}': {cmd: x}
        ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name `${x}` has a template, and names are not templates
        ╭─[pipeline.yaml:11:3]
     10 │   ' a': {cmd: x}
     11 │   '${x}': {cmd: x}
        ·   ───┬──
        ·      ╰── here
        ╰────
      help: write the name out
    "#);
}

#[test]
fn names_that_mean_a_folder_or_turn_the_direction_of_writing() {
    let text = "stages:\n  '..': {cmd: x}\n  \"a\u{202e}b\": {cmd: x}\n";
    insta::assert_snapshot!(refused(text), @r#"
    error: the name `..` means a folder
       ╭─[pipeline.yaml:2:3]
     1 │ stages:
     2 │   '..': {cmd: x}
       ·   ──┬─
       ·     ╰── here
     3 │   "a�b": {cmd: x}
       ╰────
      help: rename it: letters, digits, `-` and `_`

    error: the name `a\u{202e}b` has a control character
       ╭─[pipeline.yaml:3:3]
     2 │   '..': {cmd: x}
     3 │   "a�b": {cmd: x}
       ·   ──┬──
       ·     ╰── here
       ╰────
      help: rename it: letters, digits, `-` and `_`
    "#);
}

#[test]
fn gates() {
    insta::assert_snapshot!(gate("{data: a}"), @"
    error: gate `g` has no rule to judge by
       ╭─[pipeline.yaml:3:11]
     2 │   g:
     3 │     gate: {data: a}
       ·           ┬
       ·           ╰── here
       ╰────
      help: add `schema: FILE`, or one of command, freshness, drift, calibration, regression,
            tolerance, sql, leakage, approval
    ");
    insta::assert_snapshot!(gate("{schema: s.yaml, dat: a}"), @"
    error: gate `g` has no `data` to judge
       ╭─[pipeline.yaml:3:11]
     2 │   g:
     3 │     gate: {schema: s.yaml, dat: a}
       ·           ┬
       ·           ╰── here
       ╰────
      help: add `data: PATH`: an out, a path inside of one, or a source file

    error: gate `g` has no key `dat`
       ╭─[pipeline.yaml:3:28]
     2 │   g:
     3 │     gate: {schema: s.yaml, dat: a}
       ·                            ─┬─
       ·                             ╰── not a key
       ╰────
      help: did you mean `data`?
    ");
    insta::assert_snapshot!(gate("{data: a, schema: s.yaml, command: x}"), @"
    error: gate `g` has two kinds of rules, `schema` and `command`
       ╭─[pipeline.yaml:3:37]
     2 │   g:
     3 │     gate: {data: a, schema: s.yaml, command: x}
       ·                     ───┬──          ───┬───
       ·                        │               ╰── the second
       ·                        ╰── the first
       ╰────
      help: make two gates on the same data: both must pass
    ");
    insta::assert_snapshot!(gate("{data: [], schema: s.yaml, volatile: true}"), @"
    error: `data` of gate `g` is empty
       ╭─[pipeline.yaml:3:18]
     2 │   g:
     3 │     gate: {data: [], schema: s.yaml, volatile: true}
       ·                  ┬
       ·                  ╰── here
       ╰────
      help: fill it in

    error: `volatile` goes with `command`, which is not given
       ╭─[pipeline.yaml:3:38]
     2 │   g:
     3 │     gate: {data: [], schema: s.yaml, volatile: true}
       ·                                      ────┬───
       ·                                          ╰── here
       ╰────
      help: remove it: only the verdict of a command can depend on more than the data
    ");
    insta::assert_snapshot!(gate("{data: ., command: [], on_fail: blok}"), @"
    error: `data` of gate `g` is the whole project
       ╭─[pipeline.yaml:3:18]
     2 │   g:
     3 │     gate: {data: ., command: [], on_fail: blok}
       ·                  ┬
       ·                  ╰── here
       ╰────
      help: name the file or folder that it judges

    error: `command` of gate `g` is empty
       ╭─[pipeline.yaml:3:30]
     2 │   g:
     3 │     gate: {data: ., command: [], on_fail: blok}
       ·                              ┬
       ·                              ╰── here
       ╰────
      help: fill it in

    error: `on_fail` of gate `g` is `blok`
       ╭─[pipeline.yaml:3:43]
     2 │   g:
     3 │     gate: {data: ., command: [], on_fail: blok}
       ·                                           ──┬─
       ·                                             ╰── here
       ╰────
      help: write `block` (as without it), `halt`, `degrade` or `warn`
    ");
    insta::assert_snapshot!(gate("{data: a, schema: s.yaml}\n    deps: [a/b]\n    cmd: x\n    outs: [o]\n    frozen: true"), @"
    error: dep `a/b` of gate `g` is the data that it judges
       ╭─[pipeline.yaml:4:12]
     2 │   g:
     3 │     gate: {data: a, schema: s.yaml}
       ·                  ┬
       ·                  ╰── judged here
     4 │     deps: [a/b]
       ·            ─┬─
       ·             ╰── here
     5 │     cmd: x
       ╰────
      help: remove the dep: a gate reads its `data` without naming it twice

    error: gate `g` cannot have `cmd`
       ╭─[pipeline.yaml:5:5]
     4 │     deps: [a/b]
     5 │     cmd: x
       ·     ─┬─
       ·      ╰── belongs to stages
     6 │     outs: [o]
       ╰────
      help: to judge by a command, write `gate: {data: …, command: …}`; to make data, use a stage of
            its own

    error: gate `g` cannot have `outs`
       ╭─[pipeline.yaml:6:5]
     5 │     cmd: x
     6 │     outs: [o]
       ·     ──┬─
       ·       ╰── belongs to stages
     7 │     frozen: true
       ╰────
      help: a gate makes nothing: make the data in a stage and name it in `data`

    error: gate `g` cannot have `frozen`
       ╭─[pipeline.yaml:7:5]
     6 │     outs: [o]
     7 │     frozen: true
       ·     ───┬──
       ·        ╰── belongs to stages
       ╰────
      help: a gate cannot be frozen; loosen its rules, or remove it
    ");
    insta::assert_snapshot!(gate("{data: d, schema: d/s.yaml}"), @"
    error: schema `d/s.yaml` of gate `g` is part of the data that it judges
       ╭─[pipeline.yaml:3:29]
     2 │   g:
     3 │     gate: {data: d, schema: d/s.yaml}
       ·                  ┬          ────┬───
       ·                  │              ╰── here
       ·                  ╰── judged here
       ╰────
      help: keep the schema beside the data, such as in `schemas/`
    ");
    insta::assert_snapshot!(gate("a.csv"), @"
    error: gate `g` is a string, not a mapping
       ╭─[pipeline.yaml:3:11]
     2 │   g:
     3 │     gate: a.csv
       ·           ──┬──
       ·             ╰── here
       ╰────
      help: write it as keys and values; known keys: data, schema, command, freshness, drift,
            calibration, regression, tolerance, sql, leakage, approval, volatile, environment, tables,
            csv, on_fail
    ");
}

#[test]
fn what_this_version_does_not_have_yet() {
    insta::assert_snapshot!(refused("stages:\n  a: {partition: {week: [1]}, cmd: x}\n  c: {cmd: x, effect: {}, when: x}\n  d: {gate: {data: a, freshness: {}, on_fail: degrade}}\n"), @"
    error: this version of lockgate does not have stages with `partition` yet
       ╭─[pipeline.yaml:2:7]
     1 │ stages:
     2 │   a: {partition: {week: [1]}, cmd: x}
       ·       ────┬────
       ·           ╰── not yet
     3 │   c: {cmd: x, effect: {}, when: x}
       ╰────
      help: write each partition as a stage of its own

    error: this version of lockgate does not have stages with `effect` yet
       ╭─[pipeline.yaml:3:15]
     2 │   a: {partition: {week: [1]}, cmd: x}
     3 │   c: {cmd: x, effect: {}, when: x}
       ·               ───┬──
       ·                  ╰── not yet
     4 │   d: {gate: {data: a, freshness: {}, on_fail: degrade}}
       ╰────
      help: run what acts on the outside world by hand, after `repro`

    error: `when` of stage `c` is a string, not a mapping
       ╭─[pipeline.yaml:3:33]
     2 │   a: {partition: {week: [1]}, cmd: x}
     3 │   c: {cmd: x, effect: {}, when: x}
       ·                                 ┬
       ·                                 ╰── here
     4 │   d: {gate: {data: a, freshness: {}, on_fail: degrade}}
       ╰────
      help: write it as keys and values; known keys: gate, state, consecutive

    error: `freshness` has no `column`
       ╭─[pipeline.yaml:4:34]
     3 │   c: {cmd: x, effect: {}, when: x}
     4 │   d: {gate: {data: a, freshness: {}, on_fail: degrade}}
       ·                                  ┬
       ·                                  ╰── here
       ╰────
      help: add `column: updated_at`

    error: `freshness` has neither `warn_after` nor `fail_after`
       ╭─[pipeline.yaml:4:34]
     3 │   c: {cmd: x, effect: {}, when: x}
     4 │   d: {gate: {data: a, freshness: {}, on_fail: degrade}}
       ·                                  ┬
       ·                                  ╰── here
       ╰────
      help: add `fail_after: 60m`, the age above which the gate fails
    ");
}

#[test]
fn the_top_level() {
    insta::assert_snapshot!(refused("stage: {}\nmetrics: m.json\nplots: [{p: {z: 1}}]\nartifacts: {m: {typ: x}}\n"), @"
    error: the pipeline has no key `stage`
       ╭─[pipeline.yaml:1:1]
     1 │ stage: {}
       · ──┬──
       ·   ╰── not a key
     2 │ metrics: m.json
       ╰────
      help: did you mean `stages`?

    error: `metrics` is a string, not a list
       ╭─[pipeline.yaml:2:10]
     1 │ stage: {}
     2 │ metrics: m.json
       ·          ───┬──
       ·             ╰── here
     3 │ plots: [{p: {z: 1}}]
       ╰────
      help: write it as a list: `[m.json]`

    error: plot `p` has no key `z`
       ╭─[pipeline.yaml:3:14]
     2 │ metrics: m.json
     3 │ plots: [{p: {z: 1}}]
       ·              ┬
       ·              ╰── not a key
     4 │ artifacts: {m: {typ: x}}
       ╰────
      help: known keys: x, y, x_label, y_label, title, template

    error: artifact `m` has no `path`
       ╭─[pipeline.yaml:4:13]
     3 │ plots: [{p: {z: 1}}]
     4 │ artifacts: {m: {typ: x}}
       ·             ┬
       ·             ╰── here
       ╰────
      help: add `path: FILE`

    error: artifact `m` has no key `typ`
       ╭─[pipeline.yaml:4:17]
     3 │ plots: [{p: {z: 1}}]
     4 │ artifacts: {m: {typ: x}}
       ·                 ─┬─
       ·                  ╰── not a key
       ╰────
      help: did you mean `type`?
    ");
}

#[test]
fn a_remote_of_an_out_is_a_warning() {
    let loaded = Project::with("stages: {s: {cmd: x, outs: [o: {remote: store}]}}").loaded();
    insta::assert_snapshot!(super::rendered(&loaded.warnings), @"
    warning: `remote` of out `o` of stage `s` has no effect yet
       ╭─[pipeline.yaml:1:33]
     1 │ stages: {s: {cmd: x, outs: [o: {remote: store}]}}
       ·                                 ───┬──
       ·                                    ╰── here
       ╰────
      help: remove it if every out goes to the same remote
    ");
}
