//! Gates on tables: what a schema needs besides the table that it judges.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const SCHEMA: &str = "\
columns:
  home: str in teams.code
  score: i64
environments:
  serving: {optional: [score]}
";

const PIPELINE: &str = "\
stages:
  load: {cmd: cp in.csv games.csv, deps: [in.csv], outs: [games.csv]}
  judge: {gate: {data: games.csv, schema: schema.yaml, tables: {teams: teams.csv}, environment: serving}}
";

fn project() -> Sandbox {
    let project = Sandbox::of(PIPELINE);
    project.write("schema.yaml", SCHEMA);
    project.write("teams.csv", "code\nKC\nBUF\n");
    project.write("in.csv", "home\nKC\nBUF\nKC\n");
    project
}

#[test]
fn validate_takes_the_tables_and_the_environment_that_a_schema_has() {
    let project = project();
    assert_snapshot!(project.lockgate("validate in.csv --schema schema.yaml"), @"
    --- stderr
    error: the schema refers to a table `teams`, which is not given
       ╭─[schema.yaml:2:3]
     1 │ columns:
     2 │   home: str in teams.code
       ·   ───────────┬───────────
       ·              ╰── here
     3 │   score: i64
       ╰────
      help: add `--table teams=PATH`
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("validate in.csv --schema schema.yaml --table teams=teams.csv"), @"
    ✗ schema schema.yaml  FAIL  in.csv  3 rows × 1  2 of 6 rules failed TIME

      ✗ score  type i64                                                                    schema.yaml:3
          observed  the column is missing

      ? score  not null  (inconclusive)                                                    schema.yaml:3
          observed  not judged: `score` is missing

    --- exit 4
    ");
    let serving = "validate in.csv --schema schema.yaml --table teams=teams.csv --environment";
    assert_snapshot!(project.lockgate(&format!("{serving} serving")), @"
    ✓ schema schema.yaml  PASS  in.csv  3 rows × 1  5 rules TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate(&format!("{serving} servin")), @"
    --- stderr
    error: the schema has no environment `servin`, which `--environment` names
      help: did you mean `serving`?
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("validate in.csv --schema schema.yaml --table teams"), @"
    --- stderr
    error: invalid value 'teams' for '--table <NAME=PATH>': write NAME=PATH, such as teams=data/ref/teams.parquet

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("validate in.csv --schema schema.yaml --table teams=team.csv"), @"
    --- stderr
    error: there is no table `team.csv`
      help: name a file or a folder
    --- exit 2
    ");
}

#[test]
fn a_gate_that_does_not_give_what_its_schema_needs_is_a_mistake_in_the_pipeline() {
    let project = project();
    project.write("pipeline.yaml", &PIPELINE.replace(", tables: {teams: teams.csv}", ""));
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: the schema refers to a table `teams`, which gate `judge` does not give
       ╭─[schema.yaml:2:3]
     1 │ columns:
     2 │   home: str in teams.code
       ·   ───────────┬───────────
       ·              ╰── here
     3 │   score: i64
       ╰────
      help: add `tables: {teams: PATH}` to the gate
    --- exit 3
    ");
    project.write("pipeline.yaml", &PIPELINE.replace("environment: serving", "environment: server"));
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: the schema has no environment `server`, which gate `judge` names
      help: add it to the schema: `environments: {server: {optional: [COLUMN]}}`
    --- exit 3
    ");
}

#[test]
fn another_table_and_another_environment_are_judged_anew() {
    let project = project();
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ judge     pass TIME 5 rules
    ✓ load      ran TIME
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    · judge     fresh               pass
    · load      fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    project.write("teams.csv", "code\nKC\nSEA\n");
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    ✗ judge     fail TIME 1 of 5 rules failed
    ✗ load      refused             by `judge`

    ✗ gate judge  FAIL  games.csv  (file 37d32210a7)  3 rows × 1  1 of 5 rules failed TIME

      ✗ home  in teams.code                                                                schema.yaml:2
          observed  "BUF" ×1, 1 of 3 rows not in teams.code (33.3 %, allowed 0)
          teams.csv has 2 values there
          row  line  home
            2     3  BUF

      since the last pass
          home  in teams.code: 0 of 3 rows not in teams.code → "BUF" ×1, 1 of 3 rows not in teams.code
          (33.3 %, allowed 0)
          home "BUF" is new

      next      fix the data and run again:         lockgate repro
                see this again, with its evidence:  lockgate gate show judge
                accept it on purpose:               lockgate gate accept judge --rule "home in teams.code" --reason "…" --until DAY
                the rule is wrong:                  edit schema.yaml:2, then lockgate repro

    ✗ a gate stopped the line: 1 refused in TIME
    --- exit 4
    "#);
    project.write("teams.csv", "code\nKC\nBUF\n");
    project.write("schema.yaml", &SCHEMA.replace("optional: [score]", "optional: [home]"));
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    ✗ judge     fail TIME 2 of 6 rules failed
    ✗ load      refused             by `judge`

    ✗ gate judge  FAIL  games.csv  (file 37d32210a7)  3 rows × 1  2 of 6 rules failed TIME

      ✗ score  type i64                                                                    schema.yaml:3
          observed  the column is missing

      ? score  not null  (inconclusive)                                                    schema.yaml:3
          observed  not judged: `score` is missing

      since the last pass
          score  type i64: the column is absent, as it may be → the column is missing
          score  not null is a new rule: not judged: `score` is missing

      next      fix the data and run again:         lockgate repro
                see this again, with its evidence:  lockgate gate show judge
                accept it on purpose:               lockgate gate accept judge --rule "score type i64" --reason "…" --until DAY
                the rule is wrong:                  edit schema.yaml:3, then lockgate repro

    ✗ a gate stopped the line: 1 refused in TIME
    --- exit 4
    "#);
}

#[test]
fn a_table_that_a_schema_refers_to_is_read_as_the_gate_says() {
    let project = project();
    project.write("teams.csv", "code;founded\nKC;1960\nBUF;1959\nNA;\n");
    let said = |form: &str| PIPELINE.replace("teams: teams.csv", &format!("teams: {{path: teams.csv, csv: {form}}}"));
    project.write("pipeline.yaml", &said("{delimiter: ;, missing: [NA]}"));
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ judge     pass TIME 5 rules
    ✓ load      ran TIME
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
    // What changes the reading changes the key of the verdict, and what does not leaves it as it is.
    project.write("pipeline.yaml", &said("{missing: [NA, NA], delimiter: ;, encoding: utf-8}"));
    assert_snapshot!(project.lockgate("status"), @"
    task   decision  because
    load   fresh
    judge  fresh
    --- stderr
    everything is fresh: 2 tasks
    --- exit 0
    ");
    project.write("pipeline.yaml", &said("{delimiter: ;}"));
    assert_snapshot!(project.lockgate("status"), @"
    task   decision  because
    load   fresh
    judge  run       rules changed: 6028d090a5 -> 4788f244c9
    --- stderr
    1 run, 1 fresh
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("show judge"), @r#"
    gate judge
      data     games.csv
      schema   schema.yaml
      in       environment serving
      table    teams = teams.csv
      csv      teams.csv {delimiter: ";"}
      dep      teams.csv
      lock     key 28362b239e
               pass: 5 rules on 3 rows
    --- exit 0
    "#);
    project.write("pipeline.yaml", &said("{delimiter: ;;}"));
    assert_snapshot!(project.lockgate("status"), @r#"
    --- stderr
    error: `delimiter` cannot be ";;"
       ╭─[pipeline.yaml:3:107]
     2 │   load: {cmd: cp in.csv games.csv, deps: [in.csv], outs: [games.csv]}
     3 │   judge: {gate: {data: games.csv, schema: schema.yaml, tables: {teams: {path: teams.csv, csv: {delimiter: ;;}}}, environment: serving}}
       ·                                                                                                           ─┬
       ·                                                                                                            ╰── here
       ╰────
      help: write one character such as ";", "|" or "\t"
    --- exit 3
    "#);
    let validate = "validate in.csv --schema schema.yaml --environment serving --table teams=teams.csv";
    assert_snapshot!(project.lockgate(validate), @"
    ✗ schema schema.yaml  ERROR  in.csv TIME

          schema.yaml:2: `teams.code` is no column of `teams.csv`: it is not there

    --- exit 4
    ");
    assert_snapshot!(project.lockgate(&format!("{validate} --csv teams={{\"delimiter\":\";\"}}")), @"
    ✓ schema schema.yaml  PASS  in.csv  3 rows × 1  5 rules TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate(&format!("{validate} --csv team={{}}")), @"
    --- stderr
    error: `--csv` says how `team` is written, and no such table is given
      help: add `--table team=PATH`
    --- exit 2
    ");
    assert_snapshot!(project.lockgate(&format!("{validate} --csv teams={{\"delimitr\":1}}")), @r#"
    --- stderr
    error: invalid value 'teams={"delimitr":1}' for '--csv <[NAME=]FORM>': `csv` has no key `delimitr` (did you mean `delimiter`?)

    For more information, try '--help'.
    --- exit 2
    "#);
}

#[test]
fn a_gate_that_measures_says_how_its_tables_are_written() {
    let pipeline = "\
stages:
  load: {cmd: cp in.csv odds.csv, deps: [in.csv], outs: [odds.csv]}
  drifted:
    gate:
      data: odds.csv
      csv: {delimiter: ;, missing: [NA], decimal: ','}
      drift: {reference: odds.json, columns: [price], psi: 0.2, min_rows: 5, bins: 2}
";
    let project = Sandbox::of(pipeline);
    let rows: String =
        (0..40).map(|i| if i == 7 { "NA;x\n".to_owned() } else { format!("{},5;x\n", i % 20) }).collect();
    project.write("in.csv", &format!("price;book\n{rows}"));
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("gate reference drifted"), @"
    --- stderr
    gate `drifted` compares with `odds.json` from now on; commit it
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ drifted   pass TIME 1 rule
    ✓ load      restored TIME
    ✓ done: 1 ran, 1 restored in TIME
    --- exit 0
    ");
    project.write("pipeline.yaml", &pipeline.replace("missing: [NA], ", ""));
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✗ drifted   error TIME `odds.csv`, row 8: `NA` in column `price` is not a number; correct it, or leave the cell empty
    ✗ load      refused             by `drifted`

    ✗ gate drifted  ERROR  odds.csv  (file aa4f152d1c) TIME

          `odds.csv`, row 8: `NA` in column `price` is not a number; correct it, or leave the cell empty

      next      mend what kept it from judging, and run again:  lockgate repro
                see this again, with its evidence:              lockgate gate show drifted

    ✗ a gate stopped the line: 1 refused in TIME
    --- exit 4
    ");
}

#[test]
fn a_suite_is_told_how_its_table_is_written_and_a_schema_says_it_itself() {
    let project = Sandbox::empty();
    let between = r#"{"type": "expect_column_values_to_be_between", "kwargs": {"column": "b", "max_value": 5}}"#;
    project.write("suite.json", &format!("{{\"name\": \"s\", \"expectations\": [{between}]}}"));
    project.write("in.csv", "a;b\n1;2\n3;4\n");
    let of_suite = |csv: &str| format!("stages:\n  judge: {{gate: {{data: in.csv, schema: suite.json{csv}}}}}\n");
    project.write("pipeline.yaml", &of_suite(""));
    assert_eq!(project.lockgate("repro").code, 4, "there is no column `b`");
    project.write("pipeline.yaml", &of_suite(", csv: {delimiter: ;}"));
    let output = project.lockgate("repro");
    assert_eq!(output.code, 0, "{output}");
    let output = project.lockgate("validate in.csv --schema suite.json --csv {delimiter:\";\"}");
    assert_eq!(output.code, 2, "a space belongs after the colon\n{output}");
    let mut command = project.command("validate in.csv --schema suite.json --csv");
    assert_snapshot!(project.finish(command.arg("{delimiter: ;}")), @"
    ✓ schema suite.json  PASS  in.csv  2 rows × 2  2 rules TIME
    --- exit 0
    ");
    let mut command = project.command("schema infer in.csv --csv");
    let schema = project.finish(command.arg("{delimiter: ;}"));
    assert!(schema.stdout.contains("\ncsv: {delimiter: \";\"}\n"), "{schema}");
    project.write("suite.json", &schema.stdout);
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    error: `csv` of gate `judge` is for suites of other tools; a schema says itself how its table is written
      help: write `csv: {delimiter: ";"}` in it
    --- exit 3
    "#);
}

#[test]
fn a_reference_is_made_of_a_folder_that_was_refused_and_of_what_lies_in_it() {
    for data in ["parts", "parts/1.csv"] {
        let project = Sandbox::of(&format!(
            "stages:
  load: {{cmd: 'mkdir parts; cp in.csv parts/1.csv', deps: [in.csv], outs: [parts]}}
  no_drift: {{gate: {{data: {data}, drift: {{reference: r.json, columns: [n], psi: 0.2, min_rows: 5}}}}}}
"
        ));
        project.write("in.csv", &(0..60).fold("n\n".to_owned(), |text, n| text + &format!("{n}\n")));
        let output = project.lockgate("repro");
        assert_eq!((output.code, project.exists("parts")), (4, false), "{output}");
        let output = project.lockgate("gate reference no_drift");
        assert_eq!(output.code, 0, "{data}\n{output}");
        let output = project.lockgate("repro");
        assert_eq!(output.code, 0, "{data}\n{output}");
        // Of data that was refused and that nobody has any more, there is none: what is in its place is older.
        project.write("in.csv", "n\n1000\n1001\n1002\n1003\n1004\n1005\n");
        let output = project.lockgate("repro");
        assert_eq!((output.code, project.exists("parts")), (4, true), "{output}");
        project.write(".lockgate/quarantine/load/outs/parts/2.csv", "n\n1\n");
        let output = project.lockgate("gate reference no_drift");
        assert_eq!(output.code, if data == "parts" { 2 } else { 0 }, "{data}\n{output}");
    }
}
