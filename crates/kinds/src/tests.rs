//! Whole settings: a text in, values or all its mistakes out.

use insta::assert_snapshot;
use lockgate_forms::TextForms;
use lockgate_spanned::{Charset, Node, Problem, Problems, Source, Style, Value, read};

use crate::Kind;

/// Reads the kind that `text` has under `gate`, as a pipeline file does; a path that goes up is refused.
fn kind(text: &str) -> Result<(Kind, TextForms), String> {
    let source = Source::new("pipeline.yaml", text);
    let mut problems = Problems::default();
    let root = read(&source, &mut problems).expect("the text is YAML");
    let Some(Node { value: Value::Map(gate), .. }) = root.get("gate") else { panic!("there is a gate") };
    let (name, node) = &gate[0];
    let mut misplaced = Problems::default();
    let mut place = |path: &str, span| {
        if path.starts_with("..") {
            misplaced.push(Problem::new("path", &source, span, format!("`{path}` leaves the project")));
            return None;
        }
        Some(format!("sub/{path}"))
    };
    let kind = Kind::read(&name.text, node, &source, &mut problems, &mut place);
    problems.extend(misplaced);
    problems.sort();
    assert_eq!(kind.is_some(), problems.is_empty(), "{}", drawn(&problems));
    kind.ok_or_else(|| drawn(&problems))
}

fn drawn(problems: &Problems) -> String {
    problems.render(Style { width: 120, colour: false, charset: Charset::Ascii })
}

fn form(text: &str) -> String {
    let (kind, forms) = kind(text).unwrap_or_else(|problems| panic!("{problems}"));
    String::from_utf8(kind.normal_form(&forms)).expect("it is JSON")
}

/// One line a mistake: place, message, next step.
fn mistakes(text: &str) -> String {
    let source = Source::new("p", text);
    let mut problems = Problems::default();
    let root = read(&source, &mut problems).expect("the text is YAML");
    let Some(Node { value: Value::Map(gate), .. }) = root.get("gate") else { panic!("there is a gate") };
    let (name, node) = &gate[0];
    let kind = Kind::read(&name.text, node, &source, &mut problems, &mut |path, _| Some(path.to_owned()));
    assert_eq!(kind, None, "something is wrong");
    problems.sort();
    let line = |p: &Problem| format!("{} {} -> {}", p.cite(), p.message(), p.next_step().unwrap_or("nothing"));
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

const ALL: [&str; 9] = [
    "gate:
  freshness:
    {column: updated_at, warn_after: 30m, fail_after: 60m, now: 2017-05-21, timezone: Europe/London,
     per: [division, season], expected: [[E0, 2016], [E1, 2016]]}",
    "gate:
  drift:
    reference: references/features.json
    columns: {elo_diff: , form_points: {psi: 0.3, ks: {fail: 0.1, alpha: 0.001}}}
    psi: {warn: 0.1, fail: 0.2}
    critical: [elo_diff]
    share_drifted: 50%",
    "gate:
  drift: {reference: r.json, columns: '*', wasserstein: 0.1, jensen_shannon: 0.2, chi_square: 0.3, bins: 5, min_rows: 128}",
    "gate:
  calibration: {probability: p_home, outcome: home_won, ece: {fail: 0.05, warn: 0.03}, brier: 0.25, window: 380}",
    "gate:
  calibration:
    {probabilities: {H: p_home, D: p_draw, A: p_away}, outcome: result, spiegelhalter: {alpha: 0.01}, min_rows: 50}",
    "gate:
  regression:
    metrics: {brier: {better: lower, max_drop: 2%, max_gain: 5%}, test.accuracy: {better: higher, max_drop: 1%}}
    baseline: baselines/model.json
    evaluation: {keys: [matches, season], files: [data/test.parquet]}
    rows: {file: reports/predictions.csv, key: [match_id], loss: loss}",
    "gate:
  tolerance:
    against: data/live.parquet
    key: [game_id]
    columns: {spread: 0.5, moneyline: {absolute: 0.10}, total: {relative: 1%}, over: 2%, book: equal,
              odds: {absolute: 1, relative: 1%}}
    missing: allow",
    "gate:
  sql: {query: SELECT * FROM data WHERE home = away, tables: {teams: data/ref/teams.parquet}}",
    "gate:
  leakage:
    stage: features
    key: match_id
    time: date
    outcomes:
      data/clean/matches.parquet: [home_goals, away_goals, result]
      data/odds.csv: {columns: closing, time: kickoff}",
];

#[test]
fn settings_have_a_normal_form_with_all_defaults() {
    assert_snapshot!(ALL.map(form).join("\n"), @r#"
    {"format":"lockgate gate rules 1","kind":{"freshness":{"column":"updated_at","warn_after":{"secs":1800,"nanos":0},"fail_after":{"secs":3600,"nanos":0},"now":{"at":{"wall":1495324800000000000}},"timezone":"Europe/London","per":["division","season"],"expected":[["E0","2016"],["E1","2016"]],"skew":{"secs":60,"nanos":0}}}}
    {"format":"lockgate gate rules 1","kind":{"drift":{"reference":"sub/references/features.json","columns":{"these":[{"name":"elo_diff","distances":{"psi":{"warn":0.1,"fail":0.2},"ks":null,"wasserstein":null,"jensen_shannon":null,"chi_square":null}},{"name":"form_points","distances":{"psi":{"warn":null,"fail":0.3},"ks":{"bounds":{"warn":null,"fail":0.1},"alpha":0.001},"wasserstein":null,"jensen_shannon":null,"chi_square":null}}]},"bins":10,"min_rows":50,"critical":["elo_diff"],"share_drifted":0.5}}}
    {"format":"lockgate gate rules 1","kind":{"drift":{"reference":"sub/r.json","columns":{"all":{"psi":null,"ks":null,"wasserstein":{"warn":null,"fail":0.1},"jensen_shannon":{"warn":null,"fail":0.2},"chi_square":{"bounds":{"warn":null,"fail":0.3},"alpha":0.01}}},"bins":5,"min_rows":128,"critical":[],"share_drifted":null}}}
    {"format":"lockgate gate rules 1","kind":{"calibration":{"forecast":{"event":{"probability":"p_home","outcome":"home_won","event":null}},"ece":{"warn":0.03,"fail":0.05},"brier":{"warn":null,"fail":0.25},"spiegelhalter":null,"bins":10,"min_rows":100,"window":380}}}
    {"format":"lockgate gate rules 1","kind":{"calibration":{"forecast":{"classes":{"probabilities":[["H","p_home"],["D","p_draw"],["A","p_away"]],"outcome":"result"}},"ece":null,"brier":null,"spiegelhalter":0.01,"bins":10,"min_rows":50,"window":null}}}
    {"format":"lockgate gate rules 1","kind":{"regression":{"metrics":[{"name":"brier","better":"lower","max_drop":0.02,"max_gain":0.05},{"name":"test.accuracy","better":"higher","max_drop":0.01,"max_gain":null}],"baseline":"sub/baselines/model.json","evaluation":{"keys":["matches","season"],"files":["sub/data/test.parquet"]},"rows":{"file":"sub/reports/predictions.csv","key":["match_id"],"loss":"loss"}}}}
    {"format":"lockgate gate rules 1","kind":{"tolerance":{"against":"sub/data/live.parquet","key":["game_id"],"columns":[["spread",{"absolute":0.5}],["moneyline",{"absolute":0.1}],["total",{"relative":0.01}],["over",{"relative":0.02}],["book","equal"],["odds",{"either":{"absolute":1.0,"relative":0.01}}]],"missing":"allow","extra":"fail"}}}
    {"format":"lockgate gate rules 1","kind":{"sql":{"query":"SELECT * FROM data WHERE home = away","tables":[["teams","sub/data/ref/teams.parquet"]]}}}
    {"format":"lockgate gate rules 1","kind":{"leakage":{"stage":"features","key":["match_id"],"time":"date","outcomes":[{"file":"sub/data/clean/matches.parquet","columns":["home_goals","away_goals","result"],"time":"date"},{"file":"sub/data/odds.csv","columns":["closing"],"time":"kickoff"}],"labels":[],"cutoffs":3}}}
    "#);
}

#[test]
fn settings_survive_the_snapshot_of_a_pipeline() {
    for text in ALL {
        let kind = kind(text).unwrap().0;
        let bytes = postcard::to_stdvec(&kind).unwrap();
        assert_eq!(postcard::from_bytes::<Kind>(&bytes).unwrap(), kind);
    }
}

#[test]
fn kinds_name_themselves_their_files_and_whether_they_read_the_clock() {
    let line = |text: &&str| {
        let kind = kind(text).unwrap().0;
        format!("{} {:?} {}", kind.name(), kind.files(), kind.reads_clock())
    };
    let clock = "gate:\n  freshness: {column: at, fail_after: 1d}";
    let approval = "gate:\n  approval: {ask: the analyst on duty reads the report}";
    let lines: Vec<String> = ALL.iter().chain([&clock, &approval]).map(line).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    freshness [] false
    drift ["sub/references/features.json"] false
    drift ["sub/r.json"] false
    calibration [] false
    calibration [] false
    regression ["sub/baselines/model.json", "sub/data/test.parquet"] false
    tolerance ["sub/data/live.parquet"] false
    sql ["sub/data/ref/teams.parquet"] false
    leakage ["sub/data/clean/matches.parquet", "sub/data/odds.csv"] false
    freshness [] true
    approval [] false
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the messages are its content")]
fn all_mistakes_are_found_at_once_each_with_a_next_step() {
    let text = "gate:
  drift:
    referense: r.json
    columns: [elo, elo]
    psi: {warn: 0.2, fail: 0.1}
    ks: {alpha: 2}
    bins: 1
    critical: [form]
    share_drifted: 0.5
";
    assert_snapshot!(kind(text).unwrap_err(), @"
    error: `drift` has no key `referense`
       ,-[pipeline.yaml:3:5]
     2 |   drift:
     3 |     referense: r.json
       :     ^^^^|^^^^
       :         `-- not a key
     4 |     columns: [elo, elo]
       `----
      help: did you mean `reference`?

    error: `drift` has no `reference`
       ,-[pipeline.yaml:3:5]
     2 |   drift:
     3 |     referense: r.json
       :     |
       :     `-- here
     4 |     columns: [elo, elo]
       `----
      help: add `reference: references/features.json`

    error: `columns` has `elo` twice
       ,-[pipeline.yaml:4:20]
     3 |     referense: r.json
     4 |     columns: [elo, elo]
       :                    ^|^
       :                     `-- here
     5 |     psi: {warn: 0.2, fail: 0.1}
       `----
      help: remove one of the two

    error: `psi` fails above 0.1 and warns only above 0.2
       ,-[pipeline.yaml:5:10]
     4 |     columns: [elo, elo]
     5 |     psi: {warn: 0.2, fail: 0.1}
       :          |
       :          `-- here
     6 |     ks: {alpha: 2}
       `----
      help: let `warn` be below `fail`

    error: `ks` has neither `warn` nor `fail`
       ,-[pipeline.yaml:6:9]
     5 |     psi: {warn: 0.2, fail: 0.1}
     6 |     ks: {alpha: 2}
       :         |
       :         `-- here
     7 |     bins: 1
       `----
      help: add `fail: 0.2`, the value above which the gate fails, or `warn: 0.1`

    error: `alpha` is 2
       ,-[pipeline.yaml:6:17]
     5 |     psi: {warn: 0.2, fail: 0.1}
     6 |     ks: {alpha: 2}
       :                 |
       :                 `-- here
     7 |     bins: 1
       `----
      help: write a probability between 0 and 1, such as `0.01`

    error: `bins` is 1
       ,-[pipeline.yaml:7:11]
     6 |     ks: {alpha: 2}
     7 |     bins: 1
       :           |
       :           `-- here
     8 |     critical: [form]
       `----
      help: write a whole number, 2 or more

    error: critical column `form` is not among `columns`
       ,-[pipeline.yaml:8:15]
     7 |     bins: 1
     8 |     critical: [form]
       :               |
       :               `-- here
     9 |     share_drifted: 0.5
       `----
      help: add `form` to `columns`, or remove it here

    error: `share_drifted` is `0.5`, not a percentage
       ,-[pipeline.yaml:9:20]
     8 |     critical: [form]
     9 |     share_drifted: 0.5
       :                    ^|^
       :                     `-- here
       `----
      help: write a percentage such as `5%`
    ");
}

#[test]
fn a_path_that_is_refused_refuses_the_settings() {
    let text = "gate:\n  tolerance: {against: ../x.csv, key: id, columns: {a: 1}}";
    assert_snapshot!(kind(text).unwrap_err(), @"
    error: `../x.csv` leaves the project
       ,-[pipeline.yaml:2:24]
     1 | gate:
     2 |   tolerance: {against: ../x.csv, key: id, columns: {a: 1}}
       :                        ^^^^|^^^
       :                            `-- here
       `----
    ");
}

#[test]
fn what_is_missing_says_how_to_write_it() {
    let empty = Kind::NAMES.map(|name| mistakes(&format!("gate:\n  {name}: {{}}")));
    assert_snapshot!(empty.join("\n"), @r#"
    p:2:14 `freshness` has no `column` -> add `column: updated_at`
    p:2:14 `freshness` has neither `warn_after` nor `fail_after` -> add `fail_after: 60m`, the age above which the gate fails
    p:2:10 `drift` has no `reference` -> add `reference: references/features.json`
    p:2:10 `drift` has no `columns` -> add `columns: [elo_diff, form_points]`
    p:2:16 `calibration` has no `outcome` -> add `outcome: home_won`
    p:2:16 `calibration` has no column of probabilities -> add `probability: p_home`, or `probabilities: {H: p_home, D: p_draw, A: p_away}`
    p:2:16 `calibration` has nothing to judge by -> add `ece: {fail: 0.05}`, `brier: {fail: 0.25}` or `spiegelhalter: {alpha: 0.01}`
    p:2:15 `regression` has no `metrics` -> add `metrics: {brier: {better: lower, max_drop: 2%, max_gain: 5%}}`
    p:2:15 `regression` has no `baseline` -> add `baseline: baselines/model.json`
    p:2:15 `regression` has no `evaluation` -> add `evaluation: [matches, season]`, the metrics that say on which data they were computed
    p:2:14 `tolerance` has no `against` -> add `against: data/live.parquet`
    p:2:14 `tolerance` has no `key` -> add `key: [game_id]`
    p:2:14 `tolerance` has no `columns` -> add `columns: {spread: 0.5, total: {relative: 1%}}`
    p:2:8 `sql` has no `query` -> add `query: SELECT * FROM data WHERE home = away`
    p:2:12 `leakage` has no `stage` -> add `stage: features`
    p:2:12 `leakage` has no `key` -> add `key: [match_id]`
    p:2:12 `leakage` has no `time` -> add `time: date`
    p:2:12 `leakage` has no `outcomes` -> add `outcomes: {data/matches.parquet: [home_goals, away_goals]}`
    p:2:13 `approval` has no `ask` -> add `ask: "who must look, and at what"`
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the messages are its content")]
fn settings_that_could_only_pass_or_never_pass_are_refused() {
    let texts = [
        "freshness: {column: at, warn_after: 2h, fail_after: 60}",
        "freshness: {column: at, warn_after: 2h, fail_after: 60m}",
        "freshness: {column: at, fail_after: 1d, now: yesterday, expected: [E0]}",
        "freshness: {column: at, fail_after: 1d, per: [a, b], expected: [E0, [E0, 1]]}",
        "drift: {reference: r.json, columns: [a], psi: 0.1, critical: [a]}",
        "drift: {reference: r.json, columns: {a: {psi: 0.1}, b: }}",
        "drift: {reference: r.json, columns: a, psi: {}}",
        "calibration: {probability: p, probabilities: {a: p, b: q}, outcome: y, ece: 0.1}",
        "calibration: {probabilities: {a: p}, outcome: y, event: a, ece: 0.1}",
        "calibration: {probability: p, outcome: y, ece: 0.1, window: 50}",
        "calibration: {probability: p, outcome: y, spiegelhalter: {alpha: 1}}",
        "regression: {metrics: {a: {better: less, max_drop: 2}, b: {better: lower}}, baseline: b.json, evaluation: n}",
        "regression: {metrics: {a: {max_drop: 2%}}, baseline: b.json, evaluation: {}, rows: {}}",
        "tolerance: {against: a.csv, key: [], columns: {a: {}, b: equl, c: -1}, extra: ignore}",
        "sql: {query: ' ', tables: {data: a.csv, data2: b.csv}}",
        "leakage: {stage: f, key: [id], time: date, outcomes: [a.csv], cutoffs: 0}",
        "approval: look at it",
    ];
    let all = texts.map(|text| format!("{text}\n{}\n", mistakes(&format!("gate:\n  {text}"))));
    assert_snapshot!(all.join("\n"), @"
    freshness: {column: at, warn_after: 2h, fail_after: 60}
    p:2:55 `fail_after` is `60`, not a duration -> write a number with its unit: `90s`, `30m`, `1h30m` or `2d`

    freshness: {column: at, warn_after: 2h, fail_after: 60m}
    p:2:39 it fails after 1h and warns only after 2h -> let `warn_after` be the shorter of the two

    freshness: {column: at, fail_after: 1d, now: yesterday, expected: [E0]}
    p:2:48 `now` is `yesterday`, not a moment -> write a date or a date and time: `2017-05-21T15:00:00Z`; without `now` it is the moment of the run
    p:2:59 `expected` lists groups, but there is no `per` -> name the columns that make a group: `per: [division]`

    freshness: {column: at, fail_after: 1d, per: [a, b], expected: [E0, [E0, 1]]}
    p:2:67 a group of `expected` has 1 values, and `per` 2 columns -> give one value for each column of `per`, in their order

    drift: {reference: r.json, columns: [a], psi: 0.1, critical: [a]}
    p:2:54 without `share_drifted` every column fails alone, and `critical` says nothing -> remove it, or add `share_drifted: 50%`, above which the other columns fail together

    drift: {reference: r.json, columns: {a: {psi: 0.1}, b: }}
    p:2:10 `drift` has no distance by which to judge `b` -> add `psi: {warn: 0.1, fail: 0.2}`; distances: psi, ks, wasserstein, jensen_shannon, chi_square

    drift: {reference: r.json, columns: a, psi: {}}
    p:2:47 `psi` has neither `warn` nor `fail` -> add `fail: 0.2`, the value above which the gate fails, or `warn: 0.1`

    calibration: {probability: p, probabilities: {a: p, b: q}, outcome: y, ece: 0.1}
    p:2:33 `calibration` has `probability` and `probabilities` -> keep `probability` for one event, or `probabilities` for the values of the outcome

    calibration: {probabilities: {a: p}, outcome: y, event: a, ece: 0.1}
    p:2:32 `probabilities` has one class only -> for one event, write `probability: p_home` and `event: H`
    p:2:52 `event` is said of one `probability`, not of several -> remove it

    calibration: {probability: p, outcome: y, ece: 0.1, window: 50}
    p:2:63 `window` has 50 rows and `min_rows` needs 100 -> widen the window, or set a smaller `min_rows`

    calibration: {probability: p, outcome: y, spiegelhalter: {alpha: 1}}
    p:2:68 `alpha` is 1 -> write a probability between 0 and 1, such as `0.01`

    regression: {metrics: {a: {better: less, max_drop: 2}, b: {better: lower}}, baseline: b.json, evaluation: n}
    p:2:38 `better` cannot be `less` -> write one of lower, higher
    p:2:54 `max_drop` is `2`, not a percentage -> write a percentage such as `5%`
    p:2:61 metric `b` has neither `max_drop` nor `max_gain` -> add `max_drop: 2%`, above which a worse one fails, or `max_gain: 5%`, above which a better one is looked at

    regression: {metrics: {a: {max_drop: 2%}}, baseline: b.json, evaluation: {}, rows: {}}
    p:2:29 metric `a` does not say which way is better -> add `better: lower` or `better: higher`
    p:2:76 `evaluation` is empty -> name `keys` of the metrics file, or `files` that were evaluated
    p:2:86 `rows` has no `file` -> add `file: reports/predictions.csv`
    p:2:86 `rows` has no `key` -> add `key: [match_id]`
    p:2:86 `rows` has no `loss` -> add `loss: loss`

    tolerance: {against: a.csv, key: [], columns: {a: {}, b: equl, c: -1}, extra: ignore}
    p:2:36 `key` is empty -> name at least one
    p:2:53 column `a` has no bound -> write `0.5`, `{absolute: 0.1}`, `{relative: 1%}` or `equal`
    p:2:60 `b` is a string, not a number -> write a number such as `0.2`
    p:2:69 `c` is -1 -> write a finite number, zero or more
    p:2:81 `extra` cannot be `ignore` -> write one of fail, warn, allow

    sql: {query: ' ', tables: {data: a.csv, data2: b.csv}}
    p:2:16 `query` is empty -> fill it in or remove it
    p:2:36 `data` is the name of what the gate judges -> give the table another name
    p:2:50 `data2` is the name of what the gate judges -> give the table another name

    leakage: {stage: f, key: [id], time: date, outcomes: [a.csv], cutoffs: 0}
    p:2:56 `outcomes` is a list, not a mapping -> write `outcomes: {data/matches.parquet: [home_goals, away_goals]}`
    p:2:74 `cutoffs` is 0 -> write a whole number, 1 or more

    approval: look at it
    p:2:13 `approval` is a string, not a mapping -> write it as keys and values; known keys: ask
    ");
}

#[test]
fn a_table_may_be_named_with_how_it_is_written() {
    let plain = "gate:\n  sql: {query: SELECT 1, tables: {t: t.csv}}";
    let semicolons =
        "gate:\n  sql: {query: SELECT 1, tables: {t: {path: t.csv, csv: {delimiter: ';', missing: [NA, '-']}}}}";
    assert_snapshot!(form(semicolons), @r#"{"format":"lockgate gate rules 1","kind":{"sql":{"query":"SELECT 1","tables":[["t","sub/t.csv"]]}},"csv":{"all":{"delimiter":",","encoding":"utf-8","missing":[],"decimal":"."},"files":{"sub/t.csv":{"delimiter":";","encoding":"utf-8","missing":["-","NA"],"decimal":"."}}}}"#);
    assert_eq!(form(&semicolons.replace("[NA, '-']", "['-', NA, NA]")), form(semicolons));
    assert_eq!(form(&semicolons.replace("{delimiter: ';', missing: [NA, '-']}", "{}")), form(plain));
    let texts = [
        "tolerance: {against: {pth: a.csv}, key: id, columns: {a: 1}}",
        "tolerance: {against: {path: a.csv, csv: {delimiter: ';;', encodin: utf-8}}, key: id, columns: {a: 1}}",
        "sql: {query: SELECT 1, tables: {a: {path: a.csv, csv: {delimiter: ;}}, b: {path: a.csv, csv: {}}}}",
        "leakage: {stage: f, key: id, time: t, outcomes: {a.csv: {columns: [x], csv: [;]}}}",
    ];
    let all = texts.map(|text| mistakes(&format!("gate:\n  {text}")));
    assert_snapshot!(all.join("\n"), @r#"
    p:2:24 `against` has no `path` -> add `path: data/teams.csv`
    p:2:25 `against` has no key `pth` -> did you mean `path`?
    p:2:56 `delimiter` cannot be ";;" -> write one character such as ";", "|" or "\t"
    p:2:61 `csv` has no key `encodin` -> did you mean `encoding`?
    p:2:91 `a.csv` cannot be written in two ways: above it is `csv: {delimiter: ";"}` -> say the same of it, or say it once
    p:2:79 `csv` is a list, not a mapping -> write it as keys and values; known keys: delimiter, encoding, missing, decimal
    "#);
}

#[test]
fn a_bound_that_nothing_can_exceed_is_a_mistake() {
    assert_snapshot!(mistakes("gate:\n  calibration: {probability: p, outcome: y, ece: 5, brier: {warn: 0.5, fail: 1}}"), @"
    p:2:50 `ece` is 5, and nothing is ever above 1 -> write a number from 0 to less than 1
    p:2:78 `fail` is 1, and nothing is ever above 1 -> write a number from 0 to less than 1
    ");
    assert_snapshot!(mistakes("gate:\n  calibration: {probabilities: {H: a, D: b}, outcome: y, brier: 2}"), @"p:2:65 `brier` is 2, and nothing is ever above 2 -> write a number from 0 to less than 2");
    assert_snapshot!(mistakes("gate:\n  drift: {reference: r.json, columns: '*', psi: 5, wasserstein: 5, ks: 5, jensen_shannon: 1, chi_square: {fail: 1.5}}"), @"
    p:2:72 `ks` is 5, and nothing is ever above 1 -> write a number from 0 to less than 1
    p:2:91 `jensen_shannon` is 1, and nothing is ever above 1 -> write a number from 0 to less than 1
    p:2:113 `fail` is 1.5, and nothing is ever above 1 -> write a number from 0 to less than 1
    ");
    assert_snapshot!(mistakes("gate:\n  sql: {query: \"SELECT * FROM data WHERE home = 'limit 0' LIMIT 0\"}"), @"p:2:16 a query with `LIMIT 0` finds no row, whatever the data -> remove the limit");
}

#[test]
fn a_time_zone_that_is_not_known_is_a_mistake() {
    assert_snapshot!(mistakes("gate:\n  freshness: {column: at, fail_after: 1h, timezone: Europe/Londn}"), @"p:2:53 the time zone `Europe/Londn` is not known -> did you mean `Europe/London`?");
    assert_snapshot!(mistakes("gate:\n  freshness: {column: at, fail_after: 1h, timezone: Mars}"), @"p:2:53 the time zone `Mars` is not known -> write UTC or a name such as Europe/London");
}
