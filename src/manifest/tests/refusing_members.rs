//! One snapshot for each kind of mistake in `foreach` and `matrix`.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use super::{Project, refused};

#[test]
fn keys_that_do_not_go_with_foreach() {
    let text = "stages:
  a: {foreach: [x], cmd: y}
  b: {do: {cmd: x}}
  c: {foreach: [x], do: {cmd: x}, matrix: {a: [1]}, outs: [o]}
  d: {foreach: [x], do: {cmd: x, matrix: {a: [1]}}}
  e: {foreach: [x], do: }
";
    insta::assert_snapshot!(refused(text), @"
    error: stage `a` has `foreach` but no `do`
       ╭─[pipeline.yaml:2:3]
     1 │ stages:
     2 │   a: {foreach: [x], cmd: y}
       ·   ┬
       ·   ╰── here
     3 │   b: {do: {cmd: x}}
       ╰────
      help: write the stage that each item gives below `do:`, with `${item}` in it

    error: `cmd` stands beside `foreach` of stage `a`
       ╭─[pipeline.yaml:2:21]
     1 │ stages:
     2 │   a: {foreach: [x], cmd: y}
       ·                     ─┬─
       ·                      ╰── here
     3 │   b: {do: {cmd: x}}
       ╰────
      help: move it below `do`, where `cmd` of each member is

    error: stage `b` has `do` but no `foreach`
       ╭─[pipeline.yaml:3:3]
     2 │   a: {foreach: [x], cmd: y}
     3 │   b: {do: {cmd: x}}
       ·   ┬
       ·   ╰── here
     4 │   c: {foreach: [x], do: {cmd: x}, matrix: {a: [1]}, outs: [o]}
       ╰────
      help: add `foreach:` with a list or mapping, or move what is below `do` one level up

    error: stage `c` has both `foreach` and `matrix`
       ╭─[pipeline.yaml:4:35]
     3 │   b: {do: {cmd: x}}
     4 │   c: {foreach: [x], do: {cmd: x}, matrix: {a: [1]}, outs: [o]}
       ·                                   ───┬──
       ·                                      ╰── here
     5 │   d: {foreach: [x], do: {cmd: x, matrix: {a: [1]}}}
       ╰────
      help: keep one: `matrix` with one variable more says what `foreach` says

    error: `outs` stands beside `foreach` of stage `c`
       ╭─[pipeline.yaml:4:53]
     3 │   b: {do: {cmd: x}}
     4 │   c: {foreach: [x], do: {cmd: x}, matrix: {a: [1]}, outs: [o]}
       ·                                                     ──┬─
       ·                                                       ╰── here
     5 │   d: {foreach: [x], do: {cmd: x, matrix: {a: [1]}}}
       ╰────
      help: move it below `do`, where `outs` of each member is

    error: `matrix` stands inside of `do` of stage `d`
       ╭─[pipeline.yaml:5:34]
     4 │   c: {foreach: [x], do: {cmd: x}, matrix: {a: [1]}, outs: [o]}
     5 │   d: {foreach: [x], do: {cmd: x, matrix: {a: [1]}}}
       ·                                  ───┬──
       ·                                     ╰── here
     6 │   e: {foreach: [x], do: }
       ╰────
      help: one entry makes one group: for combinations, write `matrix` in place of `foreach` and `do`

    error: stage `e@x` is nothing, not a mapping
       ╭─[pipeline.yaml:6:23]
     5 │   d: {foreach: [x], do: {cmd: x, matrix: {a: [1]}}}
     6 │   e: {foreach: [x], do: }
       ·                       ┬
       ·                       ╰── here
       ╰────
      help: write it as keys and values; known keys: cmd, wdir, deps, outs, params, metrics, plots,
            frozen, always_changed, degraded, when, desc, meta, vars, needs, timeout, retry,
            resources, env, secrets, gate
    ");
}

#[test]
fn what_cannot_be_gone_through() {
    let text = "stages:
  a: {foreach: 3, do: {cmd: x}}
  b: {foreach: x, do: {cmd: x}}
  c: {foreach: '${n}', do: {cmd: x}}
  d: {foreach: '${m}', do: {cmd: x}}
  e: {foreach: , do: {cmd: x}}
  f: {matrix: [a], cmd: x}
  g: {matrix: {}, cmd: x}
  h: {matrix: {v: '${n}', w: {a: 1}, x: y}, cmd: x}
  i: {foreach: [\"a\\tb\"], do: {cmd: x}}
";
    insta::assert_snapshot!(Project::with(text).and("params.yaml", "n: 3\n").refused(), @r#"
    error: `foreach` of stage `a` is an integer, not a list or a mapping
       ╭─[pipeline.yaml:2:16]
     1 │ stages:
     2 │   a: {foreach: 3, do: {cmd: x}}
       ·                ┬
       ·                ╰── here
     3 │   b: {foreach: x, do: {cmd: x}}
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: `foreach` of stage `b` is a string, not a list or a mapping
       ╭─[pipeline.yaml:3:16]
     2 │   a: {foreach: 3, do: {cmd: x}}
     3 │   b: {foreach: x, do: {cmd: x}}
       ·                ┬
       ·                ╰── here
     4 │   c: {foreach: '${n}', do: {cmd: x}}
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: `foreach` of stage `c` is an integer (params.yaml:1), not a list or a mapping
       ╭─[pipeline.yaml:4:16]
     3 │   b: {foreach: x, do: {cmd: x}}
     4 │   c: {foreach: '${n}', do: {cmd: x}}
       ·                ───┬──
       ·                   ╰── here
     5 │   d: {foreach: '${m}', do: {cmd: x}}
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: `${m}` is not defined
       ╭─[pipeline.yaml:5:17]
     4 │   c: {foreach: '${n}', do: {cmd: x}}
     5 │   d: {foreach: '${m}', do: {cmd: x}}
       ·                 ──┬─
       ·                   ╰── here
     6 │   e: {foreach: , do: {cmd: x}}
       ╰────
      help: defined are: `n`

    error: `foreach` of stage `e` is nothing, not a list or a mapping
       ╭─[pipeline.yaml:6:14]
     5 │   d: {foreach: '${m}', do: {cmd: x}}
     6 │   e: {foreach: , do: {cmd: x}}
       ·              ┬
       ·              ╰── here
     7 │   f: {matrix: [a], cmd: x}
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: `matrix` of stage `f` is a list, not a mapping of names to lists
       ╭─[pipeline.yaml:7:15]
     6 │   e: {foreach: , do: {cmd: x}}
     7 │   f: {matrix: [a], cmd: x}
       ·               ┬
       ·               ╰── here
     8 │   g: {matrix: {}, cmd: x}
       ╰────
      help: write `matrix: {NAME: [VALUE, …]}`, and use `${item.NAME}`

    error: `matrix` of stage `g` is empty, not a mapping of names to lists
       ╭─[pipeline.yaml:8:15]
     7 │   f: {matrix: [a], cmd: x}
     8 │   g: {matrix: {}, cmd: x}
       ·               ┬
       ·               ╰── here
     9 │   h: {matrix: {v: '${n}', w: {a: 1}, x: y}, cmd: x}
       ╰────
      help: write `matrix: {NAME: [VALUE, …]}`, and use `${item.NAME}`

    error: `v` in `matrix` of stage `h` is an integer (params.yaml:1), not a list or a mapping
        ╭─[pipeline.yaml:9:19]
      8 │   g: {matrix: {}, cmd: x}
      9 │   h: {matrix: {v: '${n}', w: {a: 1}, x: y}, cmd: x}
        ·                   ───┬──
        ·                      ╰── here
     10 │   i: {foreach: ["a\tb"], do: {cmd: x}}
        ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: `w` in `matrix` of stage `h` is a mapping, not a list
        ╭─[pipeline.yaml:9:30]
      8 │   g: {matrix: {}, cmd: x}
      9 │   h: {matrix: {v: '${n}', w: {a: 1}, x: y}, cmd: x}
        ·                              ┬
        ·                              ╰── here
     10 │   i: {foreach: ["a\tb"], do: {cmd: x}}
        ╰────
      help: write its values as a list: `[a, b]`

    error: `x` in `matrix` of stage `h` is a string, not a list or a mapping
        ╭─[pipeline.yaml:9:41]
      8 │   g: {matrix: {}, cmd: x}
      9 │   h: {matrix: {v: '${n}', w: {a: 1}, x: y}, cmd: x}
        ·                                         ┬
        ·                                         ╰── here
     10 │   i: {foreach: ["a\tb"], do: {cmd: x}}
        ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`

    error: `a\tb` of `foreach` of stage `i` has a control character, and names a member
        ╭─[pipeline.yaml:10:17]
      9 │   h: {matrix: {v: '${n}', w: {a: 1}, x: y}, cmd: x}
     10 │   i: {foreach: ["a\tb"], do: {cmd: x}}
        ·                 ───┬──
        ·                    ╰── here
        ╰────
      help: give the members names by the keys of a mapping: `foreach: {short: "…"}`
    "#);
}

#[test]
fn names_that_meet() {
    let text = "stages:\n  s:\n    matrix: {m: [a-b, a], n: [c, b-c], o: [1, 2]}\n    cmd: x\n  big:\n    matrix: {a: '${l}', b: '${l}', c: '${l}'}\n    cmd: x\n";
    let list = (0..50).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    insta::assert_snapshot!(Project::with(text).and("params.yaml", &format!("l: [{list}]\n")).refused(), @"
    error: `m=a-b, n=c, o=1` and `m=a, n=b-c, o=1` of `matrix` have the same name, `s@a-b-c-1`, and 1 combination more
       ╭─[pipeline.yaml:3:13]
     2 │   s:
     3 │     matrix: {m: [a-b, a], n: [c, b-c], o: [1, 2]}
       ·             ┬
       ·             ╰── here
     4 │     cmd: x
       ╰────
      help: change a value so that the names differ: values are joined with `-`

    error: `matrix` of stage `big` has more than 100000 combinations
       ╭─[pipeline.yaml:6:13]
     5 │   big:
     6 │     matrix: {a: '${l}', b: '${l}', c: '${l}'}
       ·             ┬
       ·             ╰── here
     7 │     cmd: x
       ╰────
      help: remove values or variables
    ");
}

#[test]
fn one_mistake_in_a_body_is_one_problem() {
    let text = "stages:
  build:
    foreach: [{a: 1}, {b: 1}, {b: 2}]
    do:
      cmd: x ${item.a} ${nothing}
      dep: [y]
      vars: [gone.yaml, {item: 1}]
  each:
    foreach: {a: 1, b: 2}
    do: {cmd: x, vars: [{key: 1}], outs: ['../${key}']}
  one:
    foreach: [x]
    do: {cmd: '${item.x}'}
  none:
    foreach: []
    do: {cmd: '${item.}', out: [x]}
";
    insta::assert_snapshot!(refused(text), @r"
    error: stage `build@0` has no key `dep` (in all 3 members of `build`)
       ╭─[pipeline.yaml:6:7]
     5 │       cmd: x ${item.a} ${nothing}
     6 │       dep: [y]
       ·       ─┬─
       ·        ╰── not a key
     7 │       vars: [gone.yaml, {item: 1}]
       ╰────
      help: did you mean `deps`?

    error: `vars` names `gone.yaml`, which does not exist (in all 3 members of `build`)
       ╭─[pipeline.yaml:7:14]
     6 │       dep: [y]
     7 │       vars: [gone.yaml, {item: 1}]
       ·              ────┬────
       ·                  ╰── here
     8 │   each:
       ╰────
      help: create it, or remove it from `vars`: templates are read before anything runs

    error: `vars` sets `item` (pipeline.yaml:7), which names a part of the member (in all 3 members of `build`)
       ╭─[pipeline.yaml:7:32]
     6 │       dep: [y]
     7 │       vars: [gone.yaml, {item: 1}]
       ·                                ┬
       ·                                ╰── here
     8 │   each:
       ╰────
      help: give it another name

    error: `vars` sets `key` (pipeline.yaml:10), which names a part of the member (in all 2 members of `each`)
        ╭─[pipeline.yaml:10:31]
      9 │     foreach: {a: 1, b: 2}
     10 │     do: {cmd: x, vars: [{key: 1}], outs: ['../${key}']}
        ·                               ┬
        ·                               ╰── here
     11 │   one:
        ╰────
      help: give it another name

    error: out `../a` of stage `each@a` lies outside of the project, and could not be restored (in all 2 members of `each`)
        ╭─[pipeline.yaml:10:43]
      9 │     foreach: {a: 1, b: 2}
     10 │     do: {cmd: x, vars: [{key: 1}], outs: ['../${key}']}
        ·                                           ─────┬─────
        ·                                                ╰── here
     11 │   one:
        ╰────
      help: set `cache: false` on it to have it watched only, or write it into the project

    error: `${item.x}` is not defined
        ╭─[pipeline.yaml:13:16]
     12 │     foreach: [x]
     13 │     do: {cmd: '${item.x}'}
        ·                ────┬────
        ·                    ╰── here
     14 │   none:
        ╰────
      help: `item` holds nothing that could be named

    error: `${item.}` is not a template
        ╭─[pipeline.yaml:16:23]
     15 │     foreach: []
     16 │     do: {cmd: '${item.}', out: [x]}
        ·                       ┬
        ·                       ╰── a name is missing here
        ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`

    error: stage `none` has no key `out`
        ╭─[pipeline.yaml:16:27]
     15 │     foreach: []
     16 │     do: {cmd: '${item.}', out: [x]}
        ·                           ─┬─
        ·                            ╰── not a key
        ╰────
      help: did you mean `outs`?
    ");
}

#[test]
fn members_that_clash_are_one_problem() {
    let text = "stages:
  s: {foreach: [a, b, c, d], do: {cmd: x, outs: [same], deps: ['raw/${item}.csv']}}
";
    insta::assert_snapshot!(Project::with(text).refused_as_a_whole(), @"
    error: stages `s@a` and `s@b` both make `same` (and 2 more like it)
       ╭─[pipeline.yaml:2:50]
     1 │ stages:
     2 │   s: {foreach: [a, b, c, d], do: {cmd: x, outs: [same], deps: ['raw/${item}.csv']}}
       ·                                                  ──┬─┬
       ·                                                    │ ╰── made by `s@a`
       ·                                                    ╰── made by `s@b`
       ╰────
      help: let each stage make a file of its own

    error: stage `s@a` depends on `raw/a.csv`, which no stage makes and which does not exist (and 3 more like it)
       ╭─[pipeline.yaml:2:64]
     1 │ stages:
     2 │   s: {foreach: [a, b, c, d], do: {cmd: x, outs: [same], deps: ['raw/${item}.csv']}}
       ·                                                                ────────┬────────
       ·                                                                        ╰── here
       ╰────
      help: create `raw/a.csv`, or add the stage that makes it
    ");
}
