//! What is wrong with a pipeline although each of its lines is in order.

use super::{Project, path, rendered};
use crate::manifest::{check, load_checked};
use crate::pipeline::{Files, Node};

/// Draws what is wrong with stages that are given one to a line, in a project where `raw.csv` and `s.yaml` are there.
fn whole(stages: &[&str]) -> String {
    project(stages).refused_as_a_whole()
}

fn project(stages: &[&str]) -> Project {
    Project::with(&format!("stages:\n  {}\n", stages.join("\n  "))).having("raw.csv").having("s.yaml")
}

/// Returns the message of what is wrong, or nothing.
fn messages(stages: &[&str]) -> String {
    let project = project(stages);
    let found: Vec<String> = check(&project.loaded(), &project).iter().map(|p| p.message().to_owned()).collect();
    found.join("\n")
}

#[test]
fn a_cycle_is_shown_with_each_edge() {
    insta::assert_snapshot!(whole(&[
        "a: {cmd: x, deps: [raw.csv, c.out/part], outs: [a.out]}",
        "b: {cmd: x, deps: [a.out], outs: [b.out]}",
        "c: {cmd: x, needs: [b], outs: [c.out]}",
        "d: {cmd: x, deps: [c.out], outs: [d.out]}",
    ]), @"
    error: a cycle, in which each waits for the next: `a` → `c` → `b` → `a`
       ╭─[pipeline.yaml:2:31]
     1 │ stages:
     2 │   a: {cmd: x, deps: [raw.csv, c.out/part], outs: [a.out]}
       ·                               ─────┬────
       ·                                    ╰── `a` reads what `c` makes
     3 │   b: {cmd: x, deps: [a.out], outs: [b.out]}
       ·                      ──┬──
       ·                        ╰── `b` reads what `a` makes
     4 │   c: {cmd: x, needs: [b], outs: [c.out]}
       ·                       ┬
       ·                       ╰── `c` needs `b`
     5 │   d: {cmd: x, deps: [c.out], outs: [d.out]}
       ╰────
      help: remove one of these, or split a stage so that each part waits for less
    ");
}

#[test]
fn a_gate_is_part_of_a_cycle() {
    insta::assert_snapshot!(whole(&[
        "make: {cmd: x, outs: [data, report]}",
        "judge: {gate: {data: data/part, schema: s.yaml}, deps: [limits]}",
        "limits: {cmd: x, deps: [report], outs: [limits]}",
    ]), @"
    error: a cycle, in which each waits for the next: `judge` → `limits` → `judge`
       ╭─[pipeline.yaml:3:59]
     2 │   make: {cmd: x, outs: [data, report]}
     3 │   judge: {gate: {data: data/part, schema: s.yaml}, deps: [limits]}
       ·                                                           ───┬──
       ·                                                              ╰── `judge` reads what `limits` makes
     4 │   limits: {cmd: x, deps: [report], outs: [limits]}
       ·                           ───┬──
       ·                              ╰── `limits` reads what waits for gate `judge`
       ╰────
      help: remove one of these, or split a stage so that each part waits for less
    ");
}

#[test]
fn waiting_is_by_publication_and_by_verdict() {
    let check = |stages: &[&str], expect: &str| assert_eq!(messages(stages), expect);
    let judge = "judge: {gate: {data: raw.csv, command: x}, needs: [use]}";
    let around = "a cycle, in which each waits for the next: `use` → `judge` → `use`";
    // Every consumer of gated data waits for the gate, also when nothing makes the data.
    check(&["use: {cmd: x, deps: [raw.csv]}", judge], around);
    // A need of a stage waits for the gates on its outs.
    let late = "judge: {gate: {data: o, command: x}, needs: [use]}";
    check(&["make: {cmd: x, outs: [o]}", "use: {cmd: x, needs: [make]}", late], around);
    // The maker of gated data does not wait for the gate, and a gate does not wait for another on the same data.
    check(
        &[
            "make: {cmd: x, outs: [o]}",
            "a: {gate: {data: o, command: x}}",
            "b: {gate: {data: o, command: x}, needs: [a]}",
        ],
        "",
    );
    // A frozen stage waits for nothing.
    check(
        &["a: {cmd: x, deps: [b.out], outs: [a.out], frozen: true}", "b: {cmd: x, deps: [a.out], outs: [b.out]}"],
        "",
    );
}

#[test]
fn outs_that_clash() {
    insta::assert_snapshot!(whole(&[
        "a: {cmd: x, outs: [data, m.json]}",
        "b: {cmd: x, outs: [data/part/f.csv], metrics: [m.json]}",
        "c: {cmd: x, outs: [pipeline.yaml, .lockgate/x, data-2]}",
    ]), @"
    error: out `data/part/f.csv` of stage `b` lies inside of out `data` of stage `a`
       ╭─[pipeline.yaml:3:22]
     1 │ stages:
     2 │   a: {cmd: x, outs: [data, m.json]}
       ·                      ──┬─
       ·                        ╰── the outer one
     3 │   b: {cmd: x, outs: [data/part/f.csv], metrics: [m.json]}
       ·                      ───────┬───────
       ·                             ╰── the inner one
     4 │   c: {cmd: x, outs: [pipeline.yaml, .lockgate/x, data-2]}
       ╰────
      help: make them side by side, or keep the outer one only

    error: stages `a` and `b` both make `m.json`
       ╭─[pipeline.yaml:3:50]
     1 │ stages:
     2 │   a: {cmd: x, outs: [data, m.json]}
       ·                            ───┬──
       ·                               ╰── made by `a`
     3 │   b: {cmd: x, outs: [data/part/f.csv], metrics: [m.json]}
       ·                                                  ───┬──
       ·                                                     ╰── made by `b`
     4 │   c: {cmd: x, outs: [pipeline.yaml, .lockgate/x, data-2]}
       ╰────
      help: let each stage make a file of its own

    error: out `pipeline.yaml` of stage `c` would replace the pipeline file `pipeline.yaml`
       ╭─[pipeline.yaml:4:22]
     3 │   b: {cmd: x, outs: [data/part/f.csv], metrics: [m.json]}
     4 │   c: {cmd: x, outs: [pipeline.yaml, .lockgate/x, data-2]}
       ·                      ──────┬──────
       ·                            ╰── here
       ╰────
      help: write it to a folder of its own, such as `data/`

    error: out `.lockgate/x` of stage `c` lies in `.lockgate`, which is not for stages
       ╭─[pipeline.yaml:4:37]
     3 │   b: {cmd: x, outs: [data/part/f.csv], metrics: [m.json]}
     4 │   c: {cmd: x, outs: [pipeline.yaml, .lockgate/x, data-2]}
       ·                                     ─────┬─────
       ·                                          ╰── here
       ╰────
      help: write it to a folder of its own, such as `data/`
    ");
}

#[test]
fn data_that_is_not_there() {
    insta::assert_snapshot!(whole(&[
        "clean: {cmd: x, deps: [rwa.csv, 'raw/*.csv'], outs: [data/clean.parquet, data/set/a]}",
        "train: {cmd: x, deps: [data/clen.parquet, data, data/set, data/set/a/b], wdir: .}",
        "judge: {gate: {data: nowhere, schema: t.yaml}}",
        "cold: {cmd: x, deps: [nowhere], frozen: true}",
    ]), @"
    error: stage `clean` depends on `rwa.csv`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:2:26]
     1 │ stages:
     2 │   clean: {cmd: x, deps: [rwa.csv, 'raw/*.csv'], outs: [data/clean.parquet, data/set/a]}
       ·                          ───┬───
       ·                             ╰── here
     3 │   train: {cmd: x, deps: [data/clen.parquet, data, data/set, data/set/a/b], wdir: .}
       ╰────
      help: did you mean `raw.csv`?

    error: stage `clean` depends on `raw/*.csv`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:2:35]
     1 │ stages:
     2 │   clean: {cmd: x, deps: [rwa.csv, 'raw/*.csv'], outs: [data/clean.parquet, data/set/a]}
       ·                                   ─────┬─────
       ·                                        ╰── here
     3 │   train: {cmd: x, deps: [data/clen.parquet, data, data/set, data/set/a/b], wdir: .}
       ╰────
      help: name the files or their folder: patterns are not expanded

    error: stage `train` depends on `data/clen.parquet`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:3:26]
     2 │   clean: {cmd: x, deps: [rwa.csv, 'raw/*.csv'], outs: [data/clean.parquet, data/set/a]}
     3 │   train: {cmd: x, deps: [data/clen.parquet, data, data/set, data/set/a/b], wdir: .}
       ·                          ────────┬────────
       ·                                  ╰── here
     4 │   judge: {gate: {data: nowhere, schema: t.yaml}}
       ╰────
      help: did you mean `data/clean.parquet`, made by stage `clean`?

    error: gate `judge` judges `nowhere`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:4:24]
     3 │   train: {cmd: x, deps: [data/clen.parquet, data, data/set, data/set/a/b], wdir: .}
     4 │   judge: {gate: {data: nowhere, schema: t.yaml}}
       ·                        ───┬───
       ·                           ╰── here
     5 │   cold: {cmd: x, deps: [nowhere], frozen: true}
       ╰────
      help: create `nowhere`, or add the stage that makes it

    error: gate `judge` judges by `t.yaml`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:4:41]
     3 │   train: {cmd: x, deps: [data/clen.parquet, data, data/set, data/set/a/b], wdir: .}
     4 │   judge: {gate: {data: nowhere, schema: t.yaml}}
       ·                                         ───┬──
       ·                                            ╰── here
     5 │   cold: {cmd: x, deps: [nowhere], frozen: true}
       ╰────
      help: did you mean `s.yaml`?
    ");
}

#[test]
fn needs_that_name_nothing() {
    insta::assert_snapshot!(whole(&["clean: {cmd: x, needs: [clean]}", "train: {cmd: x, needs: [claen, raw.csv]}"]), @"
    error: stage `clean` needs itself
       ╭─[pipeline.yaml:2:27]
     1 │ stages:
     2 │   clean: {cmd: x, needs: [clean]}
       ·                           ──┬──
       ·                             ╰── here
     3 │   train: {cmd: x, needs: [claen, raw.csv]}
       ╰────
      help: remove it

    error: stage `train` needs `claen`, which is no stage or gate
       ╭─[pipeline.yaml:3:27]
     2 │   clean: {cmd: x, needs: [clean]}
     3 │   train: {cmd: x, needs: [claen, raw.csv]}
       ·                           ──┬──
       ·                             ╰── here
       ╰────
      help: did you mean `clean`?

    error: stage `train` needs `raw.csv`, which is no stage or gate
       ╭─[pipeline.yaml:3:34]
     2 │   clean: {cmd: x, needs: [clean]}
     3 │   train: {cmd: x, needs: [claen, raw.csv]}
       ·                                  ───┬───
       ·                                     ╰── here
       ╰────
      help: name a stage or gate of this file; files go under `deps`
    ");
}

#[test]
fn parameters_of_files_that_stages_make_are_left_open() {
    let text = "
      a: {cmd: x, outs: [made.yaml, d]}
      b: {cmd: x, params: [k, d/x.json: , made.yaml: [z, lr], d/x.json: [y]]}
      c: {gate: {data: other.csv, command: x}, params: [made.yaml: [lr]]}";
    let project = Project::with(&format!("stages:{text}")).and("params.yaml", "k: 1").and("other.csv", "");
    let loaded = load_checked(&Files::single(path("pipeline.yaml")), &project, &project);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{}", rendered(&problems)));
    let told = |node: &Node| {
        let known: Vec<String> = node.params.iter().map(|param| format!("{} = {}", param.key, param.value)).collect();
        let made: Vec<String> = node.made_params.iter().map(|made| format!("{}: {:?}", made.file, made.keys)).collect();
        format!("{}: known {known:?}, made {made:?}", node.name())
    };
    insta::assert_snapshot!(loaded.pipeline.nodes.iter().map(told).collect::<Vec<_>>().join("\n"), @r#"
    a: known [], made []
    b: known ["k = 1"], made ["d/x.json: [\"\"]", "made.yaml: [\"lr\", \"z\"]"]
    c: known [], made ["made.yaml: [\"lr\"]"]
    "#);
    // It is no text of the pipeline: what it says changes when the stage runs.
    assert_eq!(loaded.files, [path("pipeline.yaml"), path("params.yaml")]);
}

#[test]
fn a_file_of_parameters_that_is_there_is_not_read_when_a_stage_makes_it() {
    let project = Project::with("stages: {a: {cmd: x, outs: [params.yaml]}, b: {cmd: x, params: [no.such.key]}}");
    let loaded = project.and("params.yaml", "k: 1").loaded();
    assert_eq!(loaded.pipeline.nodes[1].params, []);
    assert_eq!(loaded.pipeline.nodes[1].made_params.len(), 1);
}

#[test]
fn stages_that_make_parameters_of_each_other_are_a_cycle() {
    insta::assert_snapshot!(whole(&[
        "a: {cmd: x, params: [b.yaml: [k]], outs: [a.yaml]}",
        "b: {cmd: x, params: [a.yaml: [k]], outs: [b.yaml]}",
    ]), @"
    error: a cycle, in which each waits for the next: `a` → `b` → `a`
       ╭─[pipeline.yaml:2:33]
     1 │ stages:
     2 │   a: {cmd: x, params: [b.yaml: [k]], outs: [a.yaml]}
       ·                                 ┬
       ·                                 ╰── `a` reads what `b` makes
     3 │   b: {cmd: x, params: [a.yaml: [k]], outs: [b.yaml]}
       ·                                 ┬
       ·                                 ╰── `b` reads what `a` makes
       ╰────
      help: remove one of these, or split a stage so that each part waits for less
    ");
}

#[test]
fn a_stage_that_makes_its_own_parameters() {
    insta::assert_snapshot!(whole(&["a: {cmd: x, params: [d/p.yaml: [k, l], q.yaml: [m]], outs: [d, q.yaml]}"]), @"
    error: stage `a` reads parameters of `d/p.yaml`, and makes it as `d`
       ╭─[pipeline.yaml:2:35]
     1 │ stages:
     2 │   a: {cmd: x, params: [d/p.yaml: [k, l], q.yaml: [m]], outs: [d, q.yaml]}
       ·                                   ┬                           ┬
       ·                                   │                           ╰── made here
       ·                                   ╰── read here
       ╰────
      help: split the stage, or name the file that its values come from

    error: stage `a` reads parameters of `q.yaml`, and makes it as `q.yaml`
       ╭─[pipeline.yaml:2:51]
     1 │ stages:
     2 │   a: {cmd: x, params: [d/p.yaml: [k, l], q.yaml: [m]], outs: [d, q.yaml]}
       ·                                                   ┬              ───┬──
       ·                                                   │                 ╰── made here
       ·                                                   ╰── read here
       ╰────
      help: split the stage, or name the file that its values come from
    ");
}

#[test]
fn templates_do_not_wait_for_a_file_that_a_stage_makes() {
    insta::assert_snapshot!(Project::with("vars: [made.yaml]\nstages: {a: {cmd: x, outs: [made.yaml]}, b: {cmd: '${lr}'}}").refused(), @"
    error: `vars` names `made.yaml`, which does not exist
       ╭─[pipeline.yaml:1:8]
     1 │ vars: [made.yaml]
       ·        ────┬────
       ·            ╰── here
     2 │ stages: {a: {cmd: x, outs: [made.yaml]}, b: {cmd: '${lr}'}}
       ╰────
      help: create it, or remove it from `vars`: templates are read before anything runs
    ");
}

#[test]
fn mistakes_of_lines_and_of_the_whole_are_reported_together() {
    insta::assert_snapshot!(whole(&["a: {cmd: x, deps: [gone], outs: [o]}", "b: {cmd: 3, outs: [o]}"]), @r#"
    error: stage `a` depends on `gone`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:2:22]
     1 │ stages:
     2 │   a: {cmd: x, deps: [gone], outs: [o]}
       ·                      ──┬─
       ·                        ╰── here
     3 │   b: {cmd: 3, outs: [o]}
       ╰────
      help: create `gone`, or add the stage that makes it

    error: `cmd` of stage `b` is an integer, not a string or a list of strings
       ╭─[pipeline.yaml:3:12]
     2 │   a: {cmd: x, deps: [gone], outs: [o]}
     3 │   b: {cmd: 3, outs: [o]}
       ·            ┬
       ·            ╰── here
       ╰────
      help: quote it: `"3"`

    error: stages `a` and `b` both make `o`
       ╭─[pipeline.yaml:3:22]
     1 │ stages:
     2 │   a: {cmd: x, deps: [gone], outs: [o]}
       ·                                    ┬
       ·                                    ╰── made by `a`
     3 │   b: {cmd: 3, outs: [o]}
       ·                      ┬
       ·                      ╰── made by `b`
       ╰────
      help: let each stage make a file of its own
    "#);
}

#[test]
fn nothing_is_called_absent_when_a_stage_could_not_be_read() {
    let project = project(&["a: {partition: {week: [1]}, cmd: x, outs: [o]}", "b: {cmd: x, deps: [o], needs: [a]}"]);
    let problems = load_checked(&Files::single(path("pipeline.yaml")), &project, &project);
    let problems = problems.expect_err("`partition` is not there yet");
    assert_eq!(problems.len(), 1, "{}", rendered(&problems));
    let twice = Project::with("stages:\n  a: {cmd: x}\n  a: {cmd: x, outs: [o]}\n  b: {cmd: x, deps: [o]}\n");
    let problems = load_checked(&Files::single(path("pipeline.yaml")), &twice, &twice).expect_err("`a` is given twice");
    assert_eq!(problems.len(), 1, "{}", rendered(&problems));
}
