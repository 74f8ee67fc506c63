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
