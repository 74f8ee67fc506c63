//! What `foreach` and `matrix` come to: names, their order, and what the members see.

use super::{Project, path};
use crate::pipeline::{FlagForm, ListForm, Node, Parsing};

fn text(node: &Node) -> String {
    let cmd = node.stage().map(|stage| stage.cmd.join("; ")).unwrap_or_default();
    format!("{}: {cmd}", node.name())
}

fn check(project: &Project, expect: &[&str]) {
    let loaded = project.loaded();
    assert_eq!(loaded.pipeline.nodes.iter().map(text).collect::<Vec<_>>(), expect);
}

/// Checks the members of `s`, in a project with the given parameters.
fn group(params: &str, body: &str, expect: &[&str]) {
    check(&Project::with(&format!("stages:\n  s: {body}\n")).and("params.yaml", params), expect);
}

const SCALARS: &str =
    "flags: [true, ~, 1.0, 1e-5, 010, 'x y']\nempty: []\nnames: {b: {lr: 1}, a: {lr: 2}, 3: {lr: 3}}\n";

#[test]
fn scalars_name_their_members_as_dvc_names_them() {
    let written =
        "{foreach: [true, ~, 1.50, 1e3, a@b, 'x/y', 010, '${flags[0]}', 'q-${flags[0]}'], do: {cmd: 'x ${item}'}}";
    let expect = ["s@true: x true", "s@None: x None", "s@1.5: x 1.5", "s@1000.0: x 1000.0", "s@a@b: x a@b"];
    let more = ["s@x/y: x x/y", "s@10: x 10", "s@True: x true", "s@q-true: x q-true"];
    group(SCALARS, written, &[expect.as_slice(), &more].concat());
    let named = "{foreach: '${flags}', do: {cmd: 'x ${item}'}}";
    group(
        SCALARS,
        named,
        &["s@True: x true", "s@None: x None", "s@1.0: x 1.0", "s@1e-05: x 1e-05", "s@10: x 10", "s@x y: x x y"],
    );
}

#[test]
fn a_list_with_one_composite_names_all_by_number() {
    let body = "{foreach: [a, {lr: 1, deep: [2, 3]}], do: {cmd: 'x ${item}'}}";
    group("", body, &["s@0: x a", "s@1: x --lr 1 --deep 2 3"]);
    group(
        "",
        "{foreach: [{lr: 1, deep: [2, 3]}, {lr: 4, deep: [5]}], do: {cmd: 'x ${item.lr} ${item[deep][-1]}'}}",
        &["s@0: x 1 3", "s@1: x 4 5"],
    );
    group(SCALARS, "{foreach: [{of: '${names.b}'}], do: {cmd: 'x ${item.of.lr}'}}", &["s@0: x 1"]);
}

#[test]
fn a_mapping_gives_key_and_item_in_its_order() {
    group(SCALARS, "{foreach: '${names}', do: {cmd: '${key} ${item.lr}'}}", &["s@b: b 1", "s@a: a 2", "s@3: 3 3"]);
    let written = "{foreach: {z: 1, 2.0: 2, ~: 3, '${flags[5]}': 4}, do: {cmd: '${key} ${item}'}}";
    group(SCALARS, written, &["s@z: z 1", "s@2.0: 2.0 2", "s@None: None 3", "s@x y: x y 4"]);
}

#[test]
fn what_is_empty_gives_no_member() {
    for body in [
        "{foreach: [], do: {cmd: '${item}'}}",
        "{foreach: '${empty}', do: {cmd: x}}",
        "{foreach: {}, do: {cmd: x}}",
        "{matrix: {a: [], b: [1]}, cmd: x}",
    ] {
        group(SCALARS, body, &[]);
    }
}

#[test]
fn a_matrix_is_the_product_with_the_last_variable_fastest() {
    group(
        SCALARS,
        "{matrix: {m: [a, b], n: [1, 2.0]}, cmd: '${key} ${item.m} ${item.n}'}",
        &["s@a-1: a-1 a 1", "s@a-2.0: a-2.0 a 2.0", "s@b-1: b-1 b 1", "s@b-2.0: b-2.0 b 2.0"],
    );
    group(
        SCALARS,
        "{matrix: {m: [{k: 1}, {k: 2}], f: '${flags}', d: '${names}'}, cmd: '${key}'}",
        &[].into_iter()
            .chain(["m0", "m1"].iter().flat_map(|m| {
                ["True", "None", "1.0", "1e-05", "10", "x y"]
                    .iter()
                    .flat_map(move |f| ["b", "a", "3"].iter().map(move |d| format!("s@{m}-{f}-{d}: {m}-{f}-{d}")))
            }))
            .collect::<Vec<String>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    group("", "{matrix: {m: [{k: 1, l: [5]}]}, cmd: '${item.m.k} ${item.m.l[0]} ${item[m][k]}'}", &["s@m0: 1 5 1"]);
}

#[test]
fn members_see_their_item_in_every_part() {
    let project = Project::with(
        "stages:
  s:
    foreach: [{on: true, dir: w}]
    do:
      cmd: [a, 'b ${local} ${item.dir}']
      wdir: ${item.dir}
      vars: [l.yaml, {key: mine}]
      desc: of ${key}
      deps: ['${item.dir}.csv']
      outs: ['${item.dir}': {cache: '${item.on}'}]
      params: ['${item.dir}.yaml': [k]]
      frozen: ${item.on}
",
    )
    .and("w/l.yaml", "local: here")
    .and("w/w.yaml", "k: 1");
    let loaded = project.loaded();
    let node = &loaded.pipeline.nodes[0];
    assert_eq!((node.wdir.to_string(), node.desc.as_deref()), ("w".to_owned(), Some("of mine")));
    assert_eq!(node.stage().map(|stage| (stage.cmd.join(";"), stage.frozen)), Some(("a;b here w".to_owned(), true)));
    assert_eq!((node.deps[0].path.as_str(), node.outs()[0].path.as_str()), ("w/w.csv", "w/w"));
    assert_eq!((node.params[0].file.to_string(), node.outs()[0].cache), ("w/w.yaml".to_owned(), true));
}

#[test]
fn gates_are_members_too_and_a_group_is_needed_by_its_name() {
    let loaded = Project::with(
        "stages:
  make: {foreach: [a, b], do: {cmd: x, outs: ['${item}.csv']}}
  judge: {matrix: {of: [a, b]}, gate: {data: '${item.of}.csv', command: 'test -s ${item.of}.csv'}, needs: [make]}
",
    )
    .loaded();
    let shown = loaded.pipeline.nodes.iter().map(|node| (node.name().as_str(), node.gate().map(|gate| &gate.data)));
    let (a, b) = (vec![path("a.csv")], vec![path("b.csv")]);
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [("make@a", None), ("make@b", None), ("judge@a", Some(&a)), ("judge@b", Some(&b))]
    );
}

fn warnings(text: &str, params: &str) -> String {
    let loaded = Project::with(text).and("params.yaml", params).loaded();
    super::rendered(&loaded.warnings)
}

#[test]
fn what_is_given_twice_or_shadowed_is_a_warning() {
    let text = "stages:\n  s:\n    foreach: [a, b, a]\n    do: {cmd: '${item}'}\n  m:\n    matrix: {v: [1, '1']}\n    cmd: x\n";
    insta::assert_snapshot!(warnings(text, "item: 1"), @"
    warning: `a` is given twice in `foreach` of stage `s`, which makes one member of it
       ╭─[pipeline.yaml:3:21]
     2 │   s:
     3 │     foreach: [a, b, a]
       ·                     ┬
       ·                     ╰── again here
     4 │     do: {cmd: '${item}'}
       ╰────
      help: remove one of the two

    warning: `item` is set in params.yaml:1, and is another in the members of `s`
       ╭─[pipeline.yaml:3:14]
     2 │   s:
     3 │     foreach: [a, b, a]
       ·              ┬
       ·              ╰── here
     4 │     do: {cmd: '${item}'}
       ╰────
      help: rename it there if the members need it: `${item}` is theirs

    warning: `1` is given twice in `v` in `matrix` of stage `m`, which makes one member of it
       ╭─[pipeline.yaml:6:21]
     5 │   m:
     6 │     matrix: {v: [1, '1']}
       ·                     ─┬─
       ·                      ╰── again here
     7 │     cmd: x
       ╰────
      help: remove one of the two

    warning: `item` is set in params.yaml:1, and is another in the members of `m`
       ╭─[pipeline.yaml:6:13]
     5 │   m:
     6 │     matrix: {v: [1, '1']}
       ·             ┬
       ·             ╰── here
     7 │     cmd: x
       ╰────
      help: rename it there if the members need it: `${item}` is theirs
    ");
}

#[test]
fn settings_say_how_mappings_become_options() {
    let params = "o: {on: true, off: false, list: [a, true, 'b c'], empty: [], none: {}, deep: {z: 1, a: 2}}";
    let cmd = |parsing| {
        let project = Project::with("stages: {s: {cmd: 'x ${o}'}}").and("params.yaml", params);
        text(&Project { parsing, ..project }.loaded().pipeline.nodes[0])
    };
    assert_eq!(cmd(Parsing::default()), "s: x --on --list a True 'b c' --deep.z 1 --deep.a 2");
    let other = Parsing { flags: FlagForm::BooleanOptional, lists: ListForm::Append };
    assert_eq!(cmd(other), "s: x --on --no-off --list a --list True --list 'b c' --deep.z 1 --deep.a 2");
}

#[test]
fn parameters_are_those_of_dvcs_reader() {
    let params = "n: 010\no: 0o17\nh: 0x1F\nu: 1_000\nb: 0b101\ne: 1e3\nd: .5\np: '+5'\nq: +5\noct: 008\ndate: 2024-01-31\nm: 1.\n";
    let cmd = "x ${n} ${o} ${h} ${u} ${b} ${e} ${d} ${p} ${q} ${oct} ${date} ${m}";
    group(params, &format!("{{cmd: '{cmd}'}}"), &["s: x 10 15 31 1000 5 1000.0 0.5 +5 5 8 2024-01-31 1.0"]);
}

#[test]
fn parameters_come_from_four_formats() {
    let text = "vars: [a.toml, b.json, c.py:C]\nstages:\n  s:\n    cmd: x ${t} ${j} ${C.k}\n    params: [a.toml: [when], c.py: [C.k], b.json: , d.py: []]\n  g: {foreach: '${t}', do: {cmd: '${key}'}}\n";
    let project = Project::with(text)
        .and("a.toml", "when = 2024-01-31\n[t]\nz = 1_0\na = [1.5, true]\n")
        .and("b.json", "{\"j\": {\"z\": null, \"a\": \"q\"}}")
        .and("c.py", "class C:\n    k = 3\n")
        .and("d.py", "x = {2, 1}\n");
    check(&project, &["s: x --z 10 --a 1.5 True --z None --a q 3", "g@z: z", "g@a: a"]);
    let loaded = project.loaded();
    let params =
        loaded.pipeline.nodes[0].params.iter().map(|param| format!("{} {} {}", param.file, param.key, param.value));
    assert_eq!(
        params.collect::<Vec<_>>(),
        ["a.toml when \"2024-01-31\"", "b.json  {\"j\":{\"a\":\"q\",\"z\":null}}", "c.py C.k 3", "d.py  {\"x\":[1,2]}",]
    );
}

#[test]
fn the_top_level_takes_lists_and_mappings_whole() {
    let text = "metrics: ['${dir}/m.json']\nplots: [roc: {y: '${curves}'}]\nartifacts: {'${name}': {path: m.bin}}\n";
    let project = Project::with(text).and("params.yaml", "dir: out\nname: model\ncurves: {a.csv: x, b.csv: y}");
    let pipeline = project.loaded().pipeline;
    assert_eq!(pipeline.metrics.iter().map(|named| &named.path).collect::<Vec<_>>(), [&path("out/m.json")]);
    let plots = format!("{:?}", pipeline.plots);
    assert!(plots.contains("a.csv") && plots.contains("b.csv"), "{plots}");
}

#[test]
fn an_out_that_is_given_again_adds_to_its_flags() {
    let text = "stages: {s: {cmd: x, outs: [a, b: {desc: d, cache: false}, a: {persist: true}, b: {push: false}]}}";
    let loaded = Project::with(text).loaded();
    let outs = loaded.pipeline.nodes[0].outs().iter();
    let shown = outs.map(|out| (out.path.as_str(), out.cache, out.persist, out.push, out.notes.desc.as_deref()));
    assert_eq!(shown.collect::<Vec<_>>(), [("a", true, true, true, None), ("b", false, false, false, Some("d"))]);
}

#[test]
fn four_thousand_members_share_what_they_have_in_common() {
    let items: Vec<String> = (0..4000).map(|nth| format!("m{nth}")).collect();
    let params = format!("names: [{}]\nshared: {{{}}}\n", items.join(", "), items.join(": 1, ") + ": 1");
    let text = "stages: {s: {foreach: '${names}', do: {vars: [{local: 1}], cmd: 'x ${item} ${shared.m1} ${local}', outs: ['o/${item}']}}}";
    let nodes = Project::with(text).and("params.yaml", &params).loaded().pipeline.nodes;
    assert_eq!((nodes.len(), text_of(nodes.last())), (4000, "s@m3999: x m3999 1 1".to_owned()));
}

fn text_of(node: Option<&Node>) -> String {
    node.map(text).unwrap_or_default()
}
