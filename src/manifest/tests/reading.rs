//! What a correct file means.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use std::time::Duration;

use lockgate_forms::{TextForm, TextForms};

use super::{Project, path};
use crate::pipeline::{Cause, Files, Flavour, GateKind, Node, OutKind, Value};

fn node(pipeline: &str) -> Node {
    Project::with(pipeline).loaded().pipeline.nodes.remove(0)
}

#[test]
fn a_stage_is_read_with_everything_it_says() {
    let project = Project::with(
        "stages:
  train:
    desc: fits the model
    cmd: python train.py
    wdir: models
    deps: [../data/clean.csv, train.py, ../data/clean.csv]
    params: [lr, conf/net.yaml: [layers.0, depth], all.json: ]
    outs: [model.bin, log: {cache: false, persist: true, push: false, desc: d, type: t, labels: [a], meta: {k: 1}}]
    metrics: [m.json: {cache: false}]
    plots: [p.csv: {x: a, y: b}]
    always_changed: true
    needs: [clean]
    timeout: 1h30m
    retry: {attempts: 4, backoff: 2s, cap: 1m, on: [timeout, exit]}
    resources: {cpu: 2, mem: 2GiB, odds_api: 1}
    env: [TZ]
    secrets: [PG_PASSWORD]
    meta: {anything: [1, 2]}
  clean:
    cmd: [a, b]
",
    )
    .and("models/params.yaml", "lr: 0.1")
    .and("models/conf/net.yaml", "layers: [8, 16]\ndepth: null")
    .and("models/all.json", "{\"b\": 1, \"a\": [true]}");
    insta::assert_debug_snapshot!(project.loaded().pipeline, @r#"
    Pipeline {
        files: Files {
            flavour: Native,
            parsing: Parsing {
                flags: StoreTrue,
                lists: Nargs,
            },
            home: .,
            pipelines: [
                pipeline.yaml,
            ],
            tracking: [],
        },
        nodes: [
            Node {
                id: TaskId {
                    folder: .,
                    name: NodeName(
                        "train",
                    ),
                    partition: PartitionKey(
                        [],
                    ),
                },
                desc: Some(
                    "fits the model",
                ),
                needs: [
                    NodeName(
                        "clean",
                    ),
                ],
                deps: [
                    Dep {
                        path: data/clean.csv,
                        optional: false,
                    },
                    Dep {
                        path: models/train.py,
                        optional: false,
                    },
                ],
                params: [
                    Param {
                        file: models/all.json,
                        key: "",
                        value: Map(
                            {
                                "a": List(
                                    [
                                        Bool(
                                            true,
                                        ),
                                    ],
                                ),
                                "b": Int(
                                    1,
                                ),
                            },
                        ),
                    },
                    Param {
                        file: models/conf/net.yaml,
                        key: "depth",
                        value: Null,
                    },
                    Param {
                        file: models/conf/net.yaml,
                        key: "layers.0",
                        value: Int(
                            8,
                        ),
                    },
                    Param {
                        file: models/params.yaml,
                        key: "lr",
                        value: Float(
                            0.1,
                        ),
                    },
                ],
                made_params: [],
                wdir: models,
                env: [
                    "TZ",
                ],
                secrets: [
                    "PG_PASSWORD",
                ],
                timeout: Some(
                    5400s,
                ),
                work: Stage(
                    Stage {
                        cmd: [
                            "python train.py",
                        ],
                        outs: [
                            Out {
                                path: models/model.bin,
                                kind: Data,
                                cache: true,
                                persist: false,
                                push: true,
                                notes: OutNotes {
                                    desc: None,
                                    kind: None,
                                    labels: [],
                                    meta: None,
                                    drawings: [],
                                },
                            },
                            Out {
                                path: models/log,
                                kind: Data,
                                cache: false,
                                persist: true,
                                push: false,
                                notes: OutNotes {
                                    desc: Some(
                                        "d",
                                    ),
                                    kind: Some(
                                        "t",
                                    ),
                                    labels: [
                                        "a",
                                    ],
                                    meta: Some(
                                        Map(
                                            {
                                                "k": Int(
                                                    1,
                                                ),
                                            },
                                        ),
                                    ),
                                    drawings: [],
                                },
                            },
                            Out {
                                path: models/m.json,
                                kind: Metric,
                                cache: false,
                                persist: false,
                                push: true,
                                notes: OutNotes {
                                    desc: None,
                                    kind: None,
                                    labels: [],
                                    meta: None,
                                    drawings: [],
                                },
                            },
                            Out {
                                path: models/p.csv,
                                kind: Plot,
                                cache: true,
                                persist: false,
                                push: true,
                                notes: OutNotes {
                                    desc: None,
                                    kind: None,
                                    labels: [],
                                    meta: None,
                                    drawings: [
                                        Drawing {
                                            x: Fields(
                                                [
                                                    "a",
                                                ],
                                            ),
                                            y: Fields(
                                                [
                                                    "b",
                                                ],
                                            ),
                                            template: None,
                                            title: None,
                                            x_label: None,
                                            y_label: None,
                                            headless: false,
                                        },
                                    ],
                                },
                            },
                        ],
                        frozen: false,
                        always_changed: true,
                        degraded: Run,
                        when: None,
                        retry: Retry {
                            attempts: 4,
                            backoff: 2s,
                            cap: 60s,
                            on: [
                                Exit,
                                Timeout,
                            ],
                        },
                        resources: Resources(
                            {
                                "cpu": 2,
                                "mem": 2147483648,
                                "odds_api": 1,
                            },
                        ),
                    },
                ),
            },
            Node {
                id: TaskId {
                    folder: .,
                    name: NodeName(
                        "clean",
                    ),
                    partition: PartitionKey(
                        [],
                    ),
                },
                desc: None,
                needs: [],
                deps: [],
                params: [],
                made_params: [],
                wdir: .,
                env: [],
                secrets: [],
                timeout: None,
                work: Stage(
                    Stage {
                        cmd: [
                            "a",
                            "b",
                        ],
                        outs: [],
                        frozen: false,
                        always_changed: false,
                        degraded: Run,
                        when: None,
                        retry: Retry {
                            attempts: 1,
                            backoff: 1s,
                            cap: 60s,
                            on: [
                                Exit,
                                Timeout,
                                Signal,
                            ],
                        },
                        resources: Resources(
                            {},
                        ),
                    },
                ),
            },
        ],
        params: [
            params.yaml,
        ],
        metrics: [],
        plots: [],
        tracked: [],
    }
    "#);
    insta::assert_debug_snapshot!(project.loaded().files, @"
    [
        pipeline.yaml,
        params.yaml,
        models/all.json,
        models/conf/net.yaml,
        models/params.yaml,
    ]
    ");
}

#[test]
fn places_are_kept_beside_the_parts_they_belong_to() {
    let text = "stages:\n  a:\n    cmd: x\n    deps: [d1, d2]\n    outs: [o1, o2: {push: false}]\n    needs: [b]\n  b:\n    gate: {data: o1, schema: s.yaml}\n";
    let loaded = Project::with(text).loaded();
    let shown = |span| loaded.places.nodes[0].source.slice(span).to_owned();
    let all = |spans: &[lockgate_spanned::Span]| spans.iter().map(|span| shown(*span)).collect::<Vec<_>>().join(" ");
    let places = &loaded.places.nodes[0];
    assert_eq!((shown(places.name), shown(places.cmd)), ("a".into(), "x".into()));
    assert_eq!([all(&places.deps), all(&places.outs), all(&places.needs)], ["d1 d2", "o1 o2", "b"]);
    let gate = loaded.places.of(&loaded.pipeline, &loaded.pipeline.nodes[1].id).expect("the gate has places");
    assert_eq!((all(&gate.data), gate.schema.map(shown)), ("o1".into(), Some("s.yaml".into())));
}

#[test]
fn a_gate_is_read_with_its_data_and_rules() {
    let gate = node("stages: {g: {gate: {data: [a, b/c, a], schema: s.yaml}, needs: [x], timeout: 5}}");
    assert_eq!(gate.timeout, Some(Duration::from_secs(5)));
    let gate = gate.gate().expect("it is a gate").clone();
    assert_eq!(gate.data, [path("a"), path("b/c")]);
    assert_eq!(gate.kind, GateKind::Schema { file: path("s.yaml"), environment: None, tables: Vec::new() });
    let gate = node("stages: {g: {gate: {data: a, command: test -s a, volatile: true, on_fail: block}, wdir: w}}");
    let gate = gate.gate().expect("it is a gate").clone();
    assert_eq!(gate.data, [path("w/a")]);
    assert_eq!(gate.kind, GateKind::Command { cmd: vec!["test -s a".into()], volatile: true });
    assert_eq!(gate.forms, TextForms::default());
}

#[test]
fn how_the_tables_of_a_gate_are_written_is_known_by_their_paths() {
    let of = |gate: &str| {
        node(&format!("stages: {{g: {{gate: {gate}, wdir: w}}}}")).gate().expect("it is a gate").forms.clone()
    };
    let forms = of(
        "{data: a.csv, schema: s.yaml, tables: {t: {path: t.csv, csv: {delimiter: ;}}, u: u.csv, v: {path: v.csv}}}",
    );
    assert_eq!(forms.said(), ["w/t.csv {delimiter: \";\"}"]);
    let forms = of(
        "{data: a.csv, sql: {query: SELECT 1, tables: {t: {path: t.csv, csv: {}}, u: u.csv}}, csv: {encoding: latin1}}",
    );
    assert_eq!(forms.said(), ["{encoding: latin1}", "w/t.csv {}"]);
    assert_eq!((forms.of("w/t.csv"), forms.of("w/a.csv")), (&TextForm::PLAIN, &forms.all));
}

#[test]
fn a_command_of_several_lines_is_one_script() {
    let stage = node("stages:\n  s:\n    cmd: |\n      if true; then\n        echo x\n      fi\n");
    assert_eq!(stage.stage().map(|s| s.cmd.clone()), Some(vec!["if true; then\n  echo x\nfi\n".to_owned()]));
}

#[test]
fn a_retry_can_be_a_number_and_its_causes_have_one_order() {
    let retry = |text: &str| {
        let node = node(&format!("stages: {{s: {{cmd: x, retry: {text}}}}}"));
        node.stage().map(|s| s.retry.clone()).expect("it is a stage")
    };
    assert_eq!(retry("3").attempts, 3);
    assert_eq!(retry("{on: [signal, exit]}"), retry("{on: [exit, signal, exit]}"));
    assert_eq!(retry("{on: timeout}").on, [Cause::Timeout]);
}

#[test]
fn paths_are_relative_to_the_pipeline_file() {
    let project = Project::default()
        .and("sub/dvc.yaml", "stages: {s: {cmd: x, deps: [../a, b], params: [k], outs: ['${dir}/o']}}")
        .and("sub/params.yaml", "k: 1\ndir: made");
    let loaded = super::load(&Files::single(path("sub/dvc.yaml")), &project).expect("the pipeline is correct");
    let node = &loaded.pipeline.nodes[0];
    assert_eq!(loaded.pipeline.files.flavour, Flavour::Dvc);
    assert_eq!(node.id.to_string(), "sub:s");
    assert_eq!(node.deps.iter().map(|dep| dep.path.to_string()).collect::<Vec<_>>(), ["a", "sub/b"]);
    assert_eq!(node.outs()[0].path, path("sub/made/o"));
    assert_eq!((node.params[0].file.to_string(), &node.params[0].value), ("sub/params.yaml".into(), &Value::Int(1)));
}

#[test]
fn the_top_level_of_dvc_is_accepted() {
    let loaded = Project::with(
        "params: [p.yaml]
metrics: [m.json]
plots:
- a.csv
- b.csv: {x: t, y: v}
- roc: {y: {r1.csv: tpr, r2.csv: [tpr, fpr]}, title: ROC}
- c.csv:
artifacts: {model: {path: m.bin, type: model, labels: [x], meta: {a: 1}}}
datasets: [{name: d, url: x}]
stages:
",
    )
    .loaded();
    let metrics: Vec<_> = loaded.pipeline.metrics.iter().map(|named| (named.path.as_str(), &*named.place)).collect();
    assert_eq!(metrics, [("m.json", "pipeline.yaml:2")]);
    let plots = loaded.pipeline.plots.iter().map(|plot| (plot.id.as_str(), plot.sources()));
    let sources = |files: &[&str]| files.iter().map(|file| path(file)).collect::<Vec<_>>();
    let expect = [
        ("a.csv", sources(&["a.csv"])),
        ("b.csv", sources(&["b.csv"])),
        ("roc", sources(&["r1.csv", "r2.csv"])),
        ("c.csv", sources(&["c.csv"])),
    ];
    assert!(plots.eq(expect.iter().map(|(id, files)| (*id, files.iter().collect()))), "{:?}", loaded.pipeline.plots);
    assert_eq!(loaded.pipeline.params, ["p.yaml", "params.yaml"].map(path));
    assert_eq!(Project::with("stages: {}\n").loaded().pipeline.nodes, []);
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = "stages:\n  a: &base\n    cmd: x\n    deps: [d]\n  b:\n    <<: *base\n    cmd: y\n";
    let loaded = Project::with(text).loaded();
    let cmds = loaded.pipeline.nodes.iter().filter_map(Node::stage).map(|stage| stage.cmd.join(";"));
    assert_eq!(cmds.collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(loaded.pipeline.nodes[1].deps, loaded.pipeline.nodes[0].deps);
}

fn cmd(text: &str, params: &str) -> String {
    let yaml = format!("stages:\n  s:\n    cmd: {text}\n");
    let loaded = Project::with(&yaml).and("params.yaml", params).loaded();
    loaded.pipeline.nodes[0].stage().map(|s| s.cmd.join(";")).expect("it is a stage")
}

#[test]
fn templates_are_written_as_dvc_writes_them() {
    let params = "a: {b: [10, {c: x}], d: 1.0e-5}\nyes: true\nno: ~\nn: 010\nf: 1e10\ns: 'it''s'\n";
    let check = |text: &str, expect: &str| assert_eq!(cmd(text, params), expect, "{text}");
    check("run ${a.b[0]} ${a.b.1.c} ${ a[b][-1].c }", "run 10 x x");
    check("run ${a.d} ${f} ${yes} ${no}", "run 1e-05 10000000000.0 true None");
    check("echo \\${HOME} $${a.b[0]} ${open", "echo ${HOME} $10 ${open");
    check("'${s}'", "it's");
    check("[x, '${s} y']", "x;it's y");
}

#[test]
fn a_mapping_in_a_command_becomes_options() {
    let params = "o: {lr: 0.1, name: a b, deep: {x: [1, y z]}, on: true, off: false, none: ~, empty: []}";
    assert_eq!(cmd("train ${o} --end", params), "train --lr 0.1 --name 'a b' --deep.x 1 'y z' --on --none None --end");
}

#[test]
fn a_template_keeps_the_kind_of_a_value_that_stands_alone() {
    let text = "vars: [{f: true, season: 2024, out: o.csv}]\nstages:\n  s:\n    cmd: x\n    frozen: ${f}\n    outs: ['${season}', '${out}': {cache: '${f}'}]\n    deps: ['d${season}']\n";
    let loaded = Project::with(text).loaded();
    let node = &loaded.pipeline.nodes[0];
    assert!(node.stage().is_some_and(|stage| stage.frozen));
    assert_eq!(node.outs().iter().map(|out| out.path.to_string()).collect::<Vec<_>>(), ["2024", "o.csv"]);
    assert_eq!(node.outs()[0].kind, OutKind::Data);
    assert_eq!(node.deps[0].path, path("d2024"));
}

#[test]
fn vars_come_from_files_keys_of_files_and_the_file_itself() {
    let project = Project::with(
        "vars: [params.yaml, more.toml, 'part.json:a,b', {own: {x: 1}}]
stages:
  s:
    wdir: ${dir}
    vars: [local.yaml, {own: {y: 2}}]
    cmd: ${p} ${t.u} ${a} ${b.c} ${own.x} ${own.y} ${l}
",
    )
    .and("params.yaml", "p: 1\ndir: w")
    .and("more.toml", "[t]\nu = 2024-01-02")
    .and("part.json", "{\"a\": \"A\", \"b\": {\"c\": 2.5}, \"p\": 7}")
    .and("w/local.yaml", "l: here");
    let loaded = project.loaded();
    assert_eq!(loaded.pipeline.nodes[0].stage().map(|s| s.cmd.join(";")), Some("1 2024-01-02 A 2.5 1 2 here".into()));
    let files: Vec<String> = loaded.files.iter().map(ToString::to_string).collect();
    assert_eq!(files, ["pipeline.yaml", "params.yaml", "more.toml", "part.json", "w/local.yaml"]);
}
