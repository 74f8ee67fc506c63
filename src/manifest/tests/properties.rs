//! What holds for every text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{Project, path, rendered};
use crate::manifest::load_checked;
use crate::pipeline::{Files, Work};

/// A file that uses everything, to be damaged.
const FULL: &str = "vars: [{out: o.csv, opts: {a: 1, b: [x, 'y z']}}, more.yaml:t]
params: [params.yaml]
metrics: [m.json]
plots: [p.csv, roc: {y: {p.csv: tpr}, title: ROC}]
artifacts: {model: {path: o.csv, labels: [a]}}
stages:
  make: &make
    cmd: |
      make ${opts} \\
        --season ${season} \\${HOME}
    wdir: sub
    deps: [../raw.csv, 'raw-${season}.csv']
    params: [lr, ../params.yaml: [season], ../all.json: ]
    outs: ['${out}', d: {cache: false, persist: true, labels: [x], meta: {k: ~}}]
    retry: {attempts: 3, backoff: 1s, cap: 1m, on: [exit, timeout]}
    resources: {cpu: 2, mem: 1.5GiB}
    timeout: 1h30m
    env: [TZ]
    secrets: [PW]
  judge:
    gate: {data: [sub/o.csv, sub/d], schema: schemas/s.yaml}
    needs: [other]
  other:
    <<: *make
    wdir: other
    vars: [{local: 1}]
    always_changed: true
  check:
    gate: {data: other/o.csv, command: [\"test -s x\", 'y'], volatile: true}
";

fn full(pipeline: &str) -> Project {
    let params = "season: 2024\nlr: 0.5\n";
    Project::with(pipeline)
        .and("params.yaml", params)
        .and("sub/params.yaml", params)
        .and("other/params.yaml", params)
        .and("more.yaml", "t: {u: 1}\n")
        .and("all.json", "{\"a\": [1, 2.5, null]}")
}

/// Loads, checks and draws: none of it may panic, and a refusal must say something.
fn survives(project: &Project) -> Result<(), TestCaseError> {
    if let Err(problems) = load_checked(&Files::single(path("pipeline.yaml")), project, project) {
        prop_assert!(!problems.is_empty());
        prop_assert!(rendered(&problems).lines().any(|line| line.starts_with("error: ")));
        prop_assert_eq!(problems.to_json().as_array().map(Vec::len), Some(problems.len()));
    }
    Ok(())
}

#[test]
fn the_text_that_is_damaged_below_is_correct() {
    full(FULL).loaded();
}

/// A piece of text that means something to YAML, to templates or to a path.
fn token() -> impl Strategy<Value = String> {
    let tokens = [
        ":",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "*make",
        "<<: ",
        "'",
        "\"",
        "|\n",
        ">",
        "#",
        "${",
        "${season}",
        "${opts.b[-1]}",
        "\\${",
        "~",
        "null",
        "true",
        "3",
        "1.5",
        "1e999",
        "0x1F",
        "99999999999999999999",
        "../..",
        "/",
        "s3://x",
        "@",
        "é",
        "\t",
        "\r\n",
        "\u{feff}",
        "\u{1b}",
        "!tag ",
        "%YAML",
        "---",
        "...",
        "?",
        "gate",
        "cmd",
        "deps",
        "stages",
        "foreach",
        "\0",
        "\u{85}",
        "\u{2028}",
    ];
    select(tokens.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
        survives(&Project::with(&String::from_utf8_lossy(&bytes)))?;
    }

    #[test]
    fn no_tokens_make_it_panic(tokens in vec(token(), 0..40), in_params in any::<bool>()) {
        let text = tokens.concat();
        survives(&if in_params { full(FULL).and("params.yaml", &text) } else { full(&text) })?;
    }

    #[test]
    fn no_damage_makes_it_panic(cuts in vec((any::<Index>(), 0..12_usize, token()), 1..4)) {
        let mut text = FULL.to_owned();
        for (at, len, token) in cuts {
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len().max(1));
            let head = chars.iter().take(at);
            text = head.collect::<String>() + &token + &chars.iter().skip(at + len).collect::<String>();
        }
        survives(&full(&text))?;
    }

    #[test]
    fn the_order_of_keys_means_nothing(
        stage in Just(STAGE_KEYS.to_vec()).prop_shuffle(),
        gate in Just(GATE_KEYS.to_vec()).prop_shuffle(),
        top in Just(vec!["vars: [{o: p}]\n", "metrics: [m]\n", "stages:"]).prop_shuffle(),
    ) {
        let loaded = |stage: &[&str], gate: &[&str], top: &[&str]| {
            let stages = format!("stages:\n  s: {{{}}}\n  g: {{{}}}\n", stage.join(", "), gate.join(", "));
            let mut pipeline = full(&top.concat().replace("stages:", &stages)).loaded().pipeline;
            // But for the lines that messages cite.
            pipeline.nodes.iter_mut().for_each(|node| if let Work::Gate(gate) = &mut node.work { gate.line = 0 });
            pipeline
        };
        let expect = loaded(&STAGE_KEYS, &GATE_KEYS, &["vars: [{o: p}]\n", "metrics: [m]\n", "stages:"]);
        prop_assert_eq!(loaded(&stage, &gate, &top), expect);
    }
}

const STAGE_KEYS: [&str; 12] = [
    "cmd: 'run ${o} ${v}'",
    "wdir: sub",
    "vars: [{v: 1}]",
    "deps: [a, b]",
    "params: [season, lr]",
    "outs: ['${o}': {push: false, cache: false}]",
    "metrics: [n]",
    "plots: [q]",
    "retry: {on: [exit], attempts: 2}",
    "resources: {mem: 1MiB, cpu: 1}",
    "env: [A]",
    "timeout: 5",
];
const GATE_KEYS: [&str; 4] = ["gate: {schema: s.yaml, data: [sub/p]}", "needs: [s]", "env: [B]", "desc: d"];
