//! templating, foreach, matrix: what stages come to, by `stage list --json`, and what is said of mistakes.
//!
//! The grammar of expressions is told case by case beside the reader (`src/manifest/tests`); here is what a project shows.

use insta::assert_snapshot;
use serde_json::Value;

use crate::script::{play, project};

/// A line for each stage: its name, its command, and the paths it reads and makes.
fn resolved(files: &[(&str, &str)]) -> String {
    let ws = project(files);
    let output = ws.lockgate("stage list --all --json");
    if output.code != 0 {
        return output.to_string();
    }
    let list: Value = serde_json::from_str(&output.stdout).unwrap();
    let paths = |items: &Value| {
        let path = |item: &Value| item.as_str().or(item["path"].as_str()).unwrap_or("?").to_owned();
        items.as_array().map(|items| items.iter().map(path).collect::<Vec<_>>().join(" ")).unwrap_or_default()
    };
    let line = |stage: &Value| {
        let parts = [("<", paths(&stage["deps"])), (">", paths(&stage["outs"]))];
        let parts =
            parts.into_iter().filter(|(_, paths)| !paths.is_empty()).map(|(sign, paths)| format!(" {sign} {paths}"));
        let frozen = if stage["frozen"] == true { " frozen" } else { "" };
        let cmd = paths(&stage["cmd"]);
        format!("{}: {cmd}{}{frozen}", stage["name"].as_str().unwrap_or("?"), parts.collect::<String>())
    };
    list["stages"].as_array().unwrap().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn values_of_params_are_seen_everywhere() {
    assert_snapshot!(resolved(&[
        ("params.yaml", "models: {foo: {name: foo, thresh: 10}, bar: [x, {y: [7, 8]}]}\nfrozen: true\ndir: data\n"),
        ("dvc.yaml", "stages:\n  \
            s:\n    cmd: python ${dir}/${models.foo.name}.py --t ${models[foo][thresh]} ${models.bar[1].y.0} ${models.bar[-1][y][-1]}\n    \
            deps: ['${dir}/in', '${ dir }/${models.bar[0]}']\n    outs: ['${dir}-${models.foo.name}': {cache: false}]\n    frozen: ${frozen}\n  \
            t:\n    cmd: echo \\${dir} $dir $${models.foo.thresh} ${dir\n"),
    ]), @"
    s: python data/foo.py --t 10 7 8 < data/in data/x > data-foo frozen
    t: echo ${dir} $dir $10 ${dir
    ");
}

#[test]
fn vars_take_the_place_of_params_or_stand_beside_them() {
    assert_snapshot!(resolved(&[
        ("other.json", "{\"lr\": 1e-5, \"big\": 1e10, \"none\": null, \"on\": true}"),
        ("conf.toml", "a = 1\n[b]\nc = 'x'\n"),
        ("params.yaml", "p: 1\n"),
        ("sub/stage.yaml", "local: here\n"),
        ("dvc.yaml", "vars: [other.json, 'conf.toml:b', {q: {r: [1, 2]}}]\nstages:\n  \
            s: {cmd: '${lr} ${big} ${none} ${on} ${b.c} ${q.r[1]} ${p}'}\n  \
            t: {wdir: sub, cmd: '${local} ${own}', vars: [stage.yaml, {own: 0x1F}]}\n  \
            u: {wdir: sub, cmd: '${p}', vars: [../params.yaml]}\n"),
    ]), @"
    s: 1e-05 10000000000.0 None true x 2 1
    t: here 31
    u: 1
    ");
}

#[test]
fn a_mapping_becomes_options_as_the_settings_say() {
    let of = |config: &str| {
        let file = "vars: [{o: {foo: foo, bar: 12, string: 'a b', lol: true, not: false, list: [1, two], nested: {x: 1, none: null}, empty: []}}]\n\
                    stages: {s: {cmd: 'python x.py ${o}'}}\n";
        resolved(&[("dvc.yaml", file), (".dvc/config", config)])
    };
    let settings = ["", "[parsing]\nbool = boolean_optional\n", "[parsing]\nlist = append\n"];
    assert_snapshot!(settings.map(of).join("\n"), @"
    s: python x.py --foo foo --bar 12 --string 'a b' --lol --list 1 two --nested.x 1 --nested.none None
    s: python x.py --foo foo --bar 12 --string 'a b' --lol --no-not --list 1 two --nested.x 1 --nested.none None
    s: python x.py --foo foo --bar 12 --string 'a b' --lol --list 1 --list two --nested.x 1 --nested.none None
    ");
}

#[test]
fn mistakes_name_the_place_and_both_sides() {
    let of = |text: &str| {
        let ws = project(&[
            ("params.yaml", "p: 1\nmodels: {bar: {x: 1}}\nlists: [[1]]\n"),
            ("params.json", "{\"models\": {\"bar\": {\"x\": 2}}}"),
            ("dvc.yaml", text),
        ]);
        play(&ws, "stage list")
    };
    let mistakes = [
        "vars: ['${p}.yaml']\nstages: {s: {cmd: x}}\n",
        "vars: [{a: '${p}'}]\nstages: {s: {cmd: x}}\n",
        "vars: ['params.yaml:nope']\nstages: {s: {cmd: x}}\n",
        "vars: [params.json]\nstages: {s: {cmd: x}}\n",
        "vars: [{models: {bar: {x: 3}}}]\nstages: {s: {cmd: x}}\n",
        "vars: [{v: 1}, {v: 2}]\nstages: {s: {cmd: x}}\n",
        "vars: [missing.yaml]\nstages: {s: {cmd: x}}\n",
        "stages: {s: {cmd: x, vars: [{p: 2}]}}\n",
        "stages: {s: {cmd: 'echo ${models.bar.}'}}\n",
        "stages: {s: {cmd: 'echo ${models.foo.y}'}}\n",
        "stages: {s: {cmd: x, outs: ['${models}']}}\n",
        "stages: {s: {cmd: 'echo ${lists}'}}\n",
        "vars: [{d: {l: [[1]]}}]\nstages: {s: {cmd: 'echo ${d}'}}\n",
    ];
    assert_snapshot!(mistakes.map(of).join("\n\n"), @r"
    $ stage list
    error: `vars` cannot use templates: they are what templates are made of
       ╭─[dvc.yaml:1:8]
     1 │ vars: ['${p}.yaml']
       ·        ─────┬─────
       ·             ╰── here
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: write the value out
    exit 3

    $ stage list
    error: `vars` cannot use templates: they are what templates are made of
       ╭─[dvc.yaml:1:12]
     1 │ vars: [{a: '${p}'}]
       ·            ───┬──
       ·               ╰── here
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: write the value out
    exit 3

    $ stage list
    error: `vars` names `nope` of `params.yaml` again: all of it is there, as `params.yaml` always is
       ╭─[dvc.yaml:1:8]
     1 │ vars: ['params.yaml:nope']
       ·        ─────────┬────────
       ·                 ╰── here
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: name a file once, as a whole or with each key once
    exit 3

    $ stage list
    error: `models.bar.x` is set in params.yaml:2 and again in params.json:1
       ╭─[dvc.yaml:1:8]
     1 │ vars: [params.json]
       ·        ─────┬─────
       ·             ╰── brings it in again
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`
    exit 3

    $ stage list
    error: `models.bar.x` is set in params.yaml:2 and again in dvc.yaml:1
       ╭─[dvc.yaml:1:27]
     1 │ vars: [{models: {bar: {x: 3}}}]
       ·                           ┬
       ·                           ╰── set again here
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`
    exit 3

    $ stage list
    error: `v` is set in dvc.yaml:1 and again in dvc.yaml:1
       ╭─[dvc.yaml:1:20]
     1 │ vars: [{v: 1}, {v: 2}]
       ·                    ┬
       ·                    ╰── set again here
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`
    exit 3

    $ stage list
    error: `vars` names `missing.yaml`, which does not exist
       ╭─[dvc.yaml:1:8]
     1 │ vars: [missing.yaml]
       ·        ──────┬─────
       ·              ╰── here
     2 │ stages: {s: {cmd: x}}
       ╰────
      help: create it, or remove it from `vars`: templates are read before anything runs
    exit 3

    $ stage list
    error: `p` is set in params.yaml:1 and again in dvc.yaml:1
       ╭─[dvc.yaml:1:33]
     1 │ stages: {s: {cmd: x, vars: [{p: 2}]}}
       ·                                 ┬
       ·                                 ╰── set again here
       ╰────
      help: keep one of the two; a name has one value in all of `params.yaml` and `vars`
    exit 3

    $ stage list
    error: `${models.bar.}` is not a template
       ╭─[dvc.yaml:1:38]
     1 │ stages: {s: {cmd: 'echo ${models.bar.}'}}
       ·                                      ┬
       ·                                      ╰── a name is missing here
       ╰────
      help: write a path such as `${train.epochs}` or `${seeds[0]}`; for the shell, write `\${…}` or
            `$NAME`
    exit 3

    $ stage list
    error: `${models.foo.y}` is not defined
       ╭─[dvc.yaml:1:25]
     1 │ stages: {s: {cmd: 'echo ${models.foo.y}'}}
       ·                         ───────┬───────
       ·                                ╰── here
       ╰────
      help: `models` has: `bar`
    exit 3

    $ stage list
    error: `${models}` is a mapping (params.yaml:2), not one value
       ╭─[dvc.yaml:1:30]
     1 │ stages: {s: {cmd: x, outs: ['${models}']}}
       ·                              ────┬────
       ·                                  ╰── here
       ╰────
      help: name one of its keys
    exit 3

    $ stage list
    error: `${lists}` is a list (params.yaml:3), not one value
       ╭─[dvc.yaml:1:25]
     1 │ stages: {s: {cmd: 'echo ${lists}'}}
       ·                         ────┬───
       ·                             ╰── here
       ╰────
      help: name one of its items, such as `[0]`
    exit 3

    $ stage list
    error: `${d}` is a mapping (dvc.yaml:1), not one value
       ╭─[dvc.yaml:2:25]
     1 │ vars: [{d: {l: [[1]]}}]
     2 │ stages: {s: {cmd: 'echo ${d}'}}
       ·                         ──┬─
       ·                           ╰── here
       ╰────
      help: inside of a longer command it becomes `--key value`, one level of lists at most
    exit 3
    ");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let ws = project(&[(
        "dvc.yaml",
        "stages:\n  a: {cmd: 'echo ${nope}', dep: [x]}\n  b: {cmd: 3}\n  c: {foreach: [1]}\n  d: {cmd: x, cmd: y}\n  e: {cmd: 'echo ${a b}', outs: x}\n",
    )]);
    assert_snapshot!(play(&ws, "stage list"), @r#"
    $ stage list
    error: `${nope}` is not defined
       ╭─[dvc.yaml:2:18]
     1 │ stages:
     2 │   a: {cmd: 'echo ${nope}', dep: [x]}
       ·                  ───┬───
       ·                     ╰── here
     3 │   b: {cmd: 3}
       ╰────
      help: define it in `params.yaml` beside the pipeline file, or under `vars`; for the shell's own
            variable write `$nope`
    error: stage `a` has no key `dep`
       ╭─[dvc.yaml:2:28]
     1 │ stages:
     2 │   a: {cmd: 'echo ${nope}', dep: [x]}
       ·                            ─┬─
       ·                             ╰── not a key
     3 │   b: {cmd: 3}
       ╰────
      help: did you mean `deps`?
    error: `cmd` of stage `b` is an integer, not a string or a list of strings
       ╭─[dvc.yaml:3:12]
     2 │   a: {cmd: 'echo ${nope}', dep: [x]}
     3 │   b: {cmd: 3}
       ·            ┬
       ·            ╰── here
     4 │   c: {foreach: [1]}
       ╰────
      help: quote it: `"3"`
    error: stage `c` has `foreach` but no `do`
       ╭─[dvc.yaml:4:3]
     3 │   b: {cmd: 3}
     4 │   c: {foreach: [1]}
       ·   ┬
       ·   ╰── here
     5 │   d: {cmd: x, cmd: y}
       ╰────
      help: write the stage that each item gives below `do:`, with `${item}` in it
    error: key `cmd` is given twice
       ╭─[dvc.yaml:5:15]
     4 │   c: {foreach: [1]}
     5 │   d: {cmd: x, cmd: y}
       ·       ─┬─     ─┬─
       ·        │       ╰── given again here
       ·        ╰── first given here
     6 │   e: {cmd: 'echo ${a b}', outs: x}
       ╰────
      help: keep one of the two, or merge them
    error: `${a b}` is not defined
       ╭─[dvc.yaml:6:18]
     5 │   d: {cmd: x, cmd: y}
     6 │   e: {cmd: 'echo ${a b}', outs: x}
       ·                  ───┬──
       ·                     ╰── here
       ╰────
      help: define it in `params.yaml` beside the pipeline file, or under `vars`; for the shell's own
            variable write `$a b`
    error: `outs` of stage `e` is a string, not a list
       ╭─[dvc.yaml:6:33]
     5 │   d: {cmd: x, cmd: y}
     6 │   e: {cmd: 'echo ${a b}', outs: x}
       ·                                 ┬
       ·                                 ╰── here
       ╰────
      help: write it as a list: `[x]`
    exit 3
    "#);
}

#[test]
fn the_sections_at_the_top_are_templates_too() {
    let ws = project(&[
        ("params.yaml", "name: m\nfile: scores.json\nkeys: other.yaml\n"),
        ("other.yaml", "k: 1\n"),
        ("scores.json", "{\"acc\": 1}"),
        ("loss.csv", "step,loss\n0,1\n"),
        (
            "dvc.yaml",
            "params: ['${keys}']\nmetrics: ['${file}']\nplots: [loss.csv: {x: step, y: loss, title: '${name}'}]\nartifacts: {'${name}': {path: '${file}', type: '${name}'}}\n",
        ),
    ]);
    ws.git("init -q");
    ws.git("add -A");
    ws.git("commit -qm start");
    ws.write("other.yaml", "k: 2\n");
    assert_snapshot!(play(&ws, "
        metrics show
        params diff
        plots show
    "), @"
    $ metrics show
    Path         acc
    scores.json  1
    $ params diff
    Path        Param  HEAD  workspace
    other.yaml  k      1     2
    $ plots show
    file://DIR/dvc_plots/index.html
    ");
}

#[test]
fn a_list_or_a_mapping_gives_members() {
    assert_snapshot!(resolved(&[
        ("params.yaml", "models: {us: {thresh: 10}, gb: {thresh: 15}}\nlist: [1, 0.5, true, null]\n"),
        ("more.yaml", "models: {fr: {thresh: 20}}\n"),
        ("item.yaml", "local: L\n"),
        ("dvc.yaml", "vars: [more.yaml]\nstages:\n  \
            scalar: {foreach: [foo, bar, foo], do: {cmd: 'echo ${item}'}}\n  \
            typed: {foreach: '${list}', do: {cmd: 'echo ${item}'}}\n  \
            composite: {foreach: [{a: 1}, {a: 2}], do: {cmd: 'echo ${item.a} ${item[a]}', outs: ['${item.a}']}}\n  \
            map: {foreach: '${models}', do: {cmd: 'echo ${key} ${item.thresh}'}}\n  \
            partial: {foreach: {one: '${models.us}', two: {thresh: 3}}, do: {cmd: '${key} ${item.thresh}'}}\n  \
            local: {foreach: [1], do: {vars: [item.yaml, {v: 2}], cmd: '${item} ${local} ${v}'}}\n  \
            empty: {foreach: [], do: {cmd: x}}\n"),
    ]), @"
    scalar@foo: echo foo
    scalar@bar: echo bar
    typed@1: echo 1
    typed@0.5: echo 0.5
    typed@True: echo true
    typed@None: echo None
    composite@0: echo 1 1 > 1
    composite@1: echo 2 2 > 2
    map@us: echo us 10
    map@gb: echo gb 15
    map@fr: echo fr 20
    partial@one: one 10
    partial@two: two 3
    local@1: 1 L 2
    ");
}

#[test]
fn what_is_wrong_with_members_is_told_by_their_names() {
    let of = |text: &str| play(&project(&[("params.yaml", "text: abc\nn: 3\n"), ("dvc.yaml", text)]), "stage list");
    let mistakes = [
        "stages: {s: {foreach: '${text}', do: {cmd: x}}}\n",
        "stages: {s: {foreach: '${n}', do: {cmd: x}}}\n",
        "stages: {s: {foreach: text, do: {cmd: x}}}\n",
        "stages: {build: {foreach: [{t: 1}, {u: 2}], do: {cmd: 'echo ${item.t}'}}}\n",
        "stages: {build: {foreach: [1], do: {cmd: 'echo ${missing}'}}}\n",
        "stages: {s: {foreach: [1], do: {vars: [{item: 1}], cmd: x}}}\n",
        "stages: {s: {foreach: {a: 1}, do: {vars: [{key: 1}, {item: 2}], cmd: x}}}\n",
    ];
    assert_snapshot!(mistakes.map(of).join("\n\n"), @"
    $ stage list
    error: `foreach` of stage `s` is a string (params.yaml:1), not a list or a mapping
       ╭─[dvc.yaml:1:23]
     1 │ stages: {s: {foreach: '${text}', do: {cmd: x}}}
       ·                       ────┬────
       ·                           ╰── here
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`
    exit 3

    $ stage list
    error: `foreach` of stage `s` is an integer (params.yaml:2), not a list or a mapping
       ╭─[dvc.yaml:1:23]
     1 │ stages: {s: {foreach: '${n}', do: {cmd: x}}}
       ·                       ───┬──
       ·                          ╰── here
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`
    exit 3

    $ stage list
    error: `foreach` of stage `s` is a string, not a list or a mapping
       ╭─[dvc.yaml:1:23]
     1 │ stages: {s: {foreach: text, do: {cmd: x}}}
       ·                       ──┬─
       ·                         ╰── here
       ╰────
      help: write a list such as `[a, b]`, or name one: `${models}`
    exit 3

    $ stage list
    error: `${item.t}` is not defined (in `build@1`, one of the 2 members of `build`)
       ╭─[dvc.yaml:1:61]
     1 │ stages: {build: {foreach: [{t: 1}, {u: 2}], do: {cmd: 'echo ${item.t}'}}}
       ·                                                             ────┬────
       ·                                                                 ╰── here
       ╰────
      help: `item` has: `u`
    exit 3

    $ stage list
    error: `${missing}` is not defined
       ╭─[dvc.yaml:1:48]
     1 │ stages: {build: {foreach: [1], do: {cmd: 'echo ${missing}'}}}
       ·                                                ─────┬────
       ·                                                     ╰── here
       ╰────
      help: defined are: `item`, `n`, `text`; for the shell's own variable write `$missing`
    exit 3

    $ stage list
    error: `vars` sets `item` (dvc.yaml:1), which names a part of the member
       ╭─[dvc.yaml:1:47]
     1 │ stages: {s: {foreach: [1], do: {vars: [{item: 1}], cmd: x}}}
       ·                                               ┬
       ·                                               ╰── here
       ╰────
      help: give it another name
    exit 3

    $ stage list
    error: `vars` sets `key` (dvc.yaml:1), which names a part of the member
       ╭─[dvc.yaml:1:49]
     1 │ stages: {s: {foreach: {a: 1}, do: {vars: [{key: 1}, {item: 2}], cmd: x}}}
       ·                                                 ┬
       ·                                                 ╰── here
       ╰────
      help: give it another name
    error: `vars` sets `item` (dvc.yaml:1), which names a part of the member
       ╭─[dvc.yaml:1:60]
     1 │ stages: {s: {foreach: {a: 1}, do: {vars: [{key: 1}, {item: 2}], cmd: x}}}
       ·                                                            ┬
       ·                                                            ╰── here
       ╰────
      help: give it another name
    exit 3
    ");
}

#[test]
fn a_matrix_is_the_product_of_its_variables() {
    assert_snapshot!(resolved(&[
        ("params.yaml", "os: [win, linux]\ndict: {a: 1, b: 2}\n"),
        ("dvc.yaml", "stages:\n  build:\n    matrix:\n      os: ${os}\n      py: [3.7, '3.8']\n      dict: [{arg1: 1}, ['x', y]]\n    cmd: echo ${item.os} ${item.py} ${key}\n  \
            of_keys: {matrix: {d: '${dict}'}, cmd: 'echo ${item.d}'}\n"),
    ]), @"
    build@win-3.7-dict0: echo win 3.7 win-3.7-dict0
    build@win-3.7-dict1: echo win 3.7 win-3.7-dict1
    build@win-3.8-dict0: echo win 3.8 win-3.8-dict0
    build@win-3.8-dict1: echo win 3.8 win-3.8-dict1
    build@linux-3.7-dict0: echo linux 3.7 linux-3.7-dict0
    build@linux-3.7-dict1: echo linux 3.7 linux-3.7-dict1
    build@linux-3.8-dict0: echo linux 3.8 linux-3.8-dict0
    build@linux-3.8-dict1: echo linux 3.8 linux-3.8-dict1
    of_keys@a: echo a
    of_keys@b: echo b
    ");
    assert_snapshot!(resolved(&[("dvc.yaml", "stages:\n  s: {matrix: {m: [a-b, a], n: [c, b-c]}, cmd: x}\n")]), @"
    --- stderr
    error: `m=a-b, n=c` and `m=a, n=b-c` of `matrix` have the same name, `s@a-b-c`
       ╭─[dvc.yaml:2:15]
     1 │ stages:
     2 │   s: {matrix: {m: [a-b, a], n: [c, b-c]}, cmd: x}
       ·               ┬
       ·               ╰── here
       ╰────
      help: change a value so that the names differ: values are joined with `-`
    --- exit 3
    ");
}
