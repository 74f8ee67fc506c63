//! What programs read: `--json` of every command.

use std::collections::BTreeSet;

use serde_json::{Deserializer, Value};

use crate::sandbox::{Output, Sandbox};

/// What a command prints with `--json`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    /// One value.
    Page,
    /// One value a line, the last of which says how the run ended.
    Stream,
}

/// Every command that has `--json`, with arguments.
const COMMANDS: [(&str, &str, Shape); 29] = [
    ("repro", "-f", Shape::Stream),
    ("gate run", "not_empty", Shape::Stream),
    ("status", "", Shape::Page),
    ("explain", "group", Shape::Page),
    ("dag", "", Shape::Page),
    ("stage list", "", Shape::Page),
    ("logs", "load", Shape::Page),
    ("runs", "", Shape::Page),
    ("show", "group", Shape::Page),
    ("gate list", "", Shape::Page),
    ("gate show", "not_empty", Shape::Page),
    ("gate reference", "no_drift", Shape::Page),
    ("gate accept", "doubted --rule verdict --reason x --until 2999-01-01", Shape::Page),
    ("approve", "no_worse --reason x", Shape::Page),
    ("validate", "in.csv --schema s.yaml", Shape::Page),
    ("schema diff", "s.yaml s.yaml", Shape::Page),
    ("schema import", "t.json", Shape::Page),
    ("params diff", "", Shape::Page),
    ("metrics show", "", Shape::Page),
    ("metrics diff", "", Shape::Page),
    ("plots show", "", Shape::Page),
    ("plots diff", "", Shape::Page),
    ("commit", "load", Shape::Page),
    ("checkout", "", Shape::Page),
    ("import dvc", "", Shape::Page),
    ("gc", "-w -f", Shape::Page),
    ("verify", "", Shape::Page),
    ("config", "--list", Shape::Page),
    ("doctor", "", Shape::Page),
];

/// Returns the commands whose help names `--json`, below `command`.
fn with_json(project: &Sandbox, command: &str, found: &mut BTreeSet<String>) {
    let help = project.lockgate(&format!("{command} --help")).stdout;
    if help.lines().any(|line| line.split_whitespace().next() == Some("--json")) {
        found.insert(command.to_owned());
    }
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for name in listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()) {
        with_json(project, format!("{command} {name}").trim(), found);
    }
}

fn values(output: &Output) -> Vec<Value> {
    Deserializer::from_str(&output.stdout).into_iter().collect::<Result<_, _>>().unwrap_or_else(|_| panic!("{output}"))
}

/// Without the data-frame library these end in an error, before they have an answer.
const OF_TABLES: [&str; 4] = ["gate reference", "approve", "schema diff", "schema import"];

const PIPELINE: &str = "stages:
  group: {foreach: [a, b], do: {cmd: 'cp in.csv ${item}.txt', deps: [in.csv], outs: ['${item}.txt']}}
  load: {cmd: cp in.csv raw.csv, deps: [in.csv], outs: [raw.csv]}
  not_empty: {gate: {data: raw.csv, command: test -s raw.csv}}
  doubted: {gate: {data: in.csv, command: 'false', on_fail: warn}}
  no_drift: {gate: {data: t.csv, drift: {reference: r.json, columns: [n], psi: 0.2}, on_fail: warn}}
  no_worse: {gate: {data: t.csv, approval: {ask: is it right}, on_fail: warn}}
  score: {cmd: 'echo 0.5 > m.yaml; cp in.csv p.csv', deps: [in.csv], metrics: [m.yaml], plots: [p.csv]}
";

fn project() -> Sandbox {
    let project = Sandbox::of(PIPELINE);
    project.write("in.csv", "n\n1\n2\n");
    project.write("t.csv", "n\n1\n2\n");
    project.write("params.yaml", "lr: 0.1\n");
    project.write("s.yaml", "columns: {n: i64}\n");
    project.write("t.json", r#"{"fields": [{"name": "n", "type": "integer"}]}"#);
    project.git("init -q");
    project.git("add -A");
    project.git("commit -qm first");
    project.lockgate("repro -k");
    project
}

#[test]
fn every_json_is_one_value_or_a_stream_of_one_a_line() {
    let project = project();
    let mut found = BTreeSet::new();
    with_json(&project, "", &mut found);
    let known: BTreeSet<String> = COMMANDS.iter().map(|(command, ..)| (*command).to_owned()).collect();
    assert_eq!(found, known);
    for (command, arguments, shape) in COMMANDS {
        if OF_TABLES.contains(&command) && !cfg!(feature = "tables") {
            continue;
        }
        let output = project.lockgate(&format!("{command} {arguments} --json"));
        let values = values(&output);
        match shape {
            Shape::Page => assert_eq!(values.len(), 1, "{command}\n{output}"),
            Shape::Stream => {
                assert_eq!(values.len(), output.stdout.lines().count(), "{command}\n{output}");
                let last = values.last().unwrap_or_else(|| panic!("{command}\n{output}"));
                assert_eq!((&last["event"], &last["summary"]["exit"]), (&"run_finished".into(), &output.code.into()));
            }
        }
    }
}

#[test]
fn a_checkout_says_what_it_put_in_place_and_what_is_left() {
    let project =
        Sandbox::of("stages:\n  a: {cmd: echo a > a, outs: [a]}\n  b: {cmd: cat a x > b, deps: [a, x], outs: [b]}\n");
    project.write("x", "1");
    project.lockgate("repro -q");
    project.remove("a");
    project.write("x", "2");
    let output = project.lockgate("checkout --json");
    let said = &values(&output)[0];
    assert_eq!((output.code, &said["summary"]["restored"], &said["left"]), (7, &1.into(), &["b"].into()), "{output}");
}
