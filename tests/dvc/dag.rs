//! dag and checkout.

use insta::assert_snapshot;

use crate::script::{play, project, row, stages};

#[test]
fn the_graph_is_mermaid_with_sorted_nodes() {
    assert_snapshot!(play(&row(), "
        dag --mermaid
        dag --md
        dag --mermaid -o b
        dag --dot
    "), @r#"
    $ dag --mermaid
    flowchart TD
    	node1["a"]
    	node2["b"]
    	node3["c"]
    	node1-->node2
    	node2-->node3
    $ dag --md
    ```mermaid
    flowchart TD
    	node1["a"]
    	node2["b"]
    	node3["c"]
    	node1-->node2
    	node2-->node3
    ```
    $ dag --mermaid -o b
    flowchart TD
    	node1["a"]
    	node2["b"]
    	node1-->node2
    $ dag --dot
    strict digraph {
    "a";
    "b";
    "c";
    "a" -> "b";
    "b" -> "c";
    }
    "#);
}

#[test]
fn names_are_quoted_in_dot() {
    let ws = project(&[("a/ü b/dvc.yaml", "stages: {'x/y': {cmd: touch 'o\"', outs: ['o\"']}}\n")]);
    assert_snapshot!(play(&ws, "dag --dot"), @r#"
    $ dag --dot
    strict digraph {
    "a/ü b:x/y";
    }
    "#);
}

#[test]
fn groups_are_one_node_when_they_are_collapsed() {
    let ws = stages(
        "  build: {foreach: [a, b], do: {cmd: 'touch ${item}', outs: ['${item}']}}\n  \
         test: {matrix: {x: [1, 2]}, cmd: 'cat a b > ${item.x}', deps: [a, b], outs: ['${item.x}']}\n  \
         end: {cmd: cat 1 2, deps: ['1', '2']}\n",
    );
    assert_snapshot!(play(&ws, "dag --mermaid --collapse-foreach-matrix"), @r#"
    $ dag --mermaid --collapse-foreach-matrix
    flowchart TD
    	node1["build"]
    	node2["end"]
    	node3["test"]
    	node1-->node3
    	node3-->node2
    "#);
}

#[test]
fn what_runs_is_ordered_by_the_graph() {
    let ws = stages(
        "  d: {cmd: x, deps: [b, c], outs: [d]}\n  b: {cmd: x, deps: [a], outs: [b]}\n  c: {cmd: x, deps: [a], outs: [c]}\n  \
         a: {cmd: x, outs: [a]}\n  other: {cmd: x, outs: [o]}\n  last: {cmd: x, deps: [o], outs: [l]}\n",
    );
    let names = |line: &str| {
        let output = ws.lockgate(line).stdout;
        let names: Vec<&str> = output.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
        format!("{line}: {}", names.join(" "))
    };
    let lines = ["repro --dry", "repro --dry d", "repro --dry b", "repro --dry --downstream b", "repro --dry -p c"];
    assert_snapshot!(lines.map(names).join("\n"), @"
    repro --dry: a b c d other last
    repro --dry d: a b c d
    repro --dry b: a b
    repro --dry --downstream b: b d
    repro --dry -p c: a b c d
    ");
}

#[test]
fn outputs_are_put_in_place_by_stage_and_by_output() {
    let ws = stages(
        "  a: {cmd: printf 'true' > a && chmod +x a && cp in a2, deps: [in], outs: [a, a2]}\n  b: {cmd: cp a2 b, deps: [a2], outs: [b]}\n",
    );
    ws.write("in", "1\n");
    assert_snapshot!(play(&ws, "
        repro -q
        rm a
        rm a2
        rm b
        checkout a
        checkout b
        checkout
        rm a
        rm b
        checkout -R .
        commit -R .
        config cache.link hardlink
        checkout --relink
    "), @"
    $ repro -q
    $ checkout a
    a restored
    $ checkout b
    a fresh, b restored
    $ checkout
    a fresh, b fresh
    $ checkout -R .
    a restored, b restored
    $ commit -R .
    committed 2 stages: `a` and `b`
    $ config cache.link hardlink
    `cache.link` is hardlink in `.lockgate/config.toml`
    $ checkout --relink
    a restored, b restored
    ");
    let mode = |file: &str| {
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(ws.path().join(file)).unwrap().permissions())
    };
    assert_ne!(mode("a") & 0o100, 0);
    assert_eq!(mode("a2") & 0o100, 0);
}

#[test]
fn a_damaged_object_of_the_cache_of_dvc_is_not_restored() {
    let ws = row();
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    let objects = ws.path().join(".dvc/cache/files/md5");
    for folder in std::fs::read_dir(&objects).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, "wrong\n").unwrap();
            let mut mode = std::fs::metadata(&path).unwrap().permissions();
            mode.set_readonly(true);
            std::fs::set_permissions(&path, mode).unwrap();
        }
    }
    assert_snapshot!(play(&ws, "
        rm .lockgate
        rm pipeline.lock
        rm a
        repro
        cat a
    "), @"
    $ repro
    a ran, b adopted from dvc.lock, c adopted from dvc.lock
    $ cat a
    1
    ");
}
