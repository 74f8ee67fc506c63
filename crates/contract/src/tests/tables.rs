//! References to other tables, groups of columns, environments and names that columns had.

use insta::assert_snapshot;

use super::{Desk, csv, drawn, lines, schema};
use crate::{CheckError, Given, Input, Report, Schema, State, TableAt, check};
use lockgate_forms::TextForm;
use lockgate_spanned::{Problems, Source};

const GAMES: &str =
    "columns:\n  home: str? in teams.code\n  away: {type: str?, in: teams.code, allow: 40%, level: warn}\n";

/// Judges games against a table of teams.
fn against(games: &str, teams: &str) -> Result<Report, CheckError> {
    let desk = Desk::new();
    let (games, teams) = (desk.file("games.csv", games), desk.file("teams.csv", teams));
    let tables = [("teams".to_owned(), TableAt::plain("ref/teams.csv", &teams))].into();
    check(&schema(GAMES), &[Input { name: "games.csv", path: &games }], &Given { tables, ..Given::default() })
}

#[test]
fn a_table_that_is_referred_to_is_read_as_it_is_written() {
    let desk = Desk::new();
    let (games, teams) =
        (desk.file("games.csv", "home,away\nKC,BUF\n"), desk.file("teams.csv", "code;n\nKC;1\nBUF;2\nNA;3\n"));
    let form = TextForm { delimiter: b';', missing: vec!["NA".to_owned()], ..TextForm::PLAIN };
    let read = |form| {
        let tables = [("teams".to_owned(), TableAt { name: "ref/teams.csv", path: &teams, form })].into();
        let games = Input { name: "games.csv", path: &games };
        check(&schema(GAMES), &[games], &Given { tables, ..Given::default() }).map(|report| lines(&report))
    };
    assert_snapshot!(read(&form).unwrap(), @"
    pass extra_columns  forbid: no other columns
    pass home  type str: every value is str
    pass home  in teams.code: 0 of 1 row not in teams.code
    pass away  type str: every value is str
    pass away  in teams.code: 0 of 1 row not in teams.code
    ");
    assert_snapshot!(read(TextForm::plain()).unwrap_err(), @"s.yaml:2: `teams.code` is no column of `ref/teams.csv`: it is not there");
}

fn judged(games: &str, teams: &str) -> Report {
    against(games, teams).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn strangers_are_named_with_how_often_they_are_there() {
    let found =
        judged("home,away\nKC,OAK\nOAK,BUF\nBUFF,KC\nOAK,\n,\n", "code,name\nKC,Chiefs\nBUF,Bills\n\nKC,again\n");
    assert_snapshot!(found.screen(80), @r#"
    ✗ home  in teams.code                                                 s.yaml:2
        observed  "OAK" ×2, "BUFF" ×1, 3 of 4 values not in teams.code (75 %,
                  allowed 0)
        ref/teams.csv has 2 values there
        "BUFF": did you mean "BUF"?
        row  line  home
          2     3  OAK
          3     4  BUFF
          4     5  OAK
    "#);
    assert_eq!(found.state, State::Fail);
}

#[test]
fn what_is_in_the_other_table_passes_and_null_breaks_nothing() {
    let found = judged("home,away\nKC,BUF\n,KC\n", "code\nKC\nBUF\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass home  type str: every value is str
    pass home  in teams.code: 0 of 1 value not in teams.code
    pass away  type str: every value is str
    pass away  in teams.code: 0 of 2 rows not in teams.code
    ");
}

#[test]
fn a_reference_without_values_proves_nothing() {
    let found = judged("home,away\nKC,BUF\n", "code\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass home  type str: every value is str
    inconclusive home  in teams.code: the reference ref/teams.csv has no value in `code`: one would be enough
    pass away  type str: every value is str
    inconclusive away  in teams.code: the reference ref/teams.csv has no value in `code`: one would be enough
    ");
}

#[test]
fn a_reference_that_cannot_be_followed_is_an_error() {
    let desk = Desk::new();
    let games = desk.file("games.csv", "home,away\nKC,BUF\n");
    let alone = check(&schema(GAMES), &[Input { name: "games.csv", path: &games }], &Given::default());
    assert_snapshot!(alone.expect_err("the table is not given"), @"s.yaml:2: the schema refers to a table `teams`, which is not given; add `tables: {teams: PATH}` to the gate, or `--table teams=PATH` to the command");
    assert_snapshot!(against("home,away\nKC,BUF\n", "cod\nKC\n").expect_err("there is no such column"), @"s.yaml:2: `teams.code` is no column of `ref/teams.csv`: did you mean `cod`?");
    let names: Vec<String> =
        schema(GAMES).tables().iter().map(|table| format!("{} {}", table.at, table.name)).collect();
    assert_eq!(names, ["s.yaml:2 teams"]);
}

const FEATURES: &str = "extra_columns: allow\ncolumns: {id: i64}\ncomplete:\n  features:\n    columns: [\"f_*\"]\n    ";

fn full(asks: &str, content: &str) -> Report {
    csv(&format!("{FEATURES}{asks}\n"), content)
}

const ROWS: &str = "id,f_a,f_b,f_c,x\n1,0,1.5,,9\n2,0,NaN,7,9\n3,,2.5,,9\n4,0,3.5,7,9\n";

#[test]
fn a_group_of_columns_is_as_full_as_asked() {
    assert_snapshot!(full("per_row: 60%\n    per_column: 70%\n    table: 70%\n    zero_share_max: 50%\n    constant: forbid", ROWS).screen(90), @"
    ✗ complete features  per_row 60 %                                               s.yaml:6
        observed  1 of 4 rows less full (25 %, allowed 0)
        row  line   f_a  f_b   f_c
          3     4  null  2.5  null

    ✗ complete features  per_column 70 %                                            s.yaml:7
        observed  `f_c` full 50 %; 1 of 3 columns less full
        column  full
        f_c     50 %

    ✗ complete features  table 70 %                                                 s.yaml:8
        observed  66.7 % of 12 cells full

    ✗ complete features  zero_share_max 50 %                                        s.yaml:9
        observed  `f_a` zeros 100 %; 1 of 3 columns filled with zeros
        column  zeros
        f_a     100 %

    ✗ complete features  constant forbid                                           s.yaml:10
        observed  `f_a` values 3; 2 of 3 columns constant
        column  values
        f_a          3
        f_c          2
    ");
    let kept = full("per_row: 60%\n    allow: 1\n    per_column: 50%\n    table: 66%\n    zero_share_max: 100%", ROWS);
    assert_snapshot!(lines(&kept), @"
    pass id  type i64: every value is i64
    pass id  not null: no null
    pass complete features  per_row 60 %: 1 of 4 rows less full (25 %, allowed 1)
    pass complete features  per_column 50 %: 0 of 3 columns less full
    pass complete features  table 66 %: 66.7 % of 12 cells full
    pass complete features  zero_share_max 100 %: 0 of 3 columns filled with zeros
    ");
    assert_eq!(full("per_row: 100%\n    otherwise: warn", ROWS).state, State::Warn);
}

#[test]
fn a_group_that_shows_nothing_is_inconclusive() {
    let last = |asks: &str, content: &str| {
        let found = full(asks, content);
        let rule = found.rules.last().expect("there is a rule");
        format!("{} {}", rule.state.name(), rule.observed)
    };
    assert_snapshot!(last("per_row: 60%", "id,x\n1,2\n"), @"inconclusive `f_*` matches no column of the table: correct `columns` of `features`");
    assert_snapshot!(last("zero_share_max: 10%", "id,f_a\n1,\n"), @"inconclusive `f_a` has no value: one would be enough");
    assert_snapshot!(last("zero_share_max: 10%", "id,f_a\n1,x\n"), @"inconclusive none of the columns holds numbers: name some, or remove `zero_share_max`");
    assert_snapshot!(last("constant: forbid", "id,f_a\n1,3\n2,\n"), @"inconclusive `f_a` has 1 value: two rows with one would be enough");
    assert_snapshot!(last("table: 10%", "id,f_a\n"), @"inconclusive the table has no rows");
}

/// All problems of a schema text in one line each.
fn problems(text: &str) -> String {
    let mut problems = Problems::default();
    let read = Schema::read(&Source::new("s.yaml", text), &mut problems);
    assert_eq!(read.is_none(), !problems.is_empty(), "{}", drawn(&problems));
    let line = |p: &lockgate_spanned::Problem| {
        format!("{} {} -> {}", p.cite(), p.message(), p.next_step().unwrap_or("(no next step)"))
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn mistakes_in_groups_environments_and_evolution_are_told() {
    let text = "key: a\nextra_columns: drop\ncolumns: {a: i64, b: str}\ncomplete:\n  f: {columns: [], per_row: 120%, otherwise: halt}\n  \
                g: {per_rw: 1%}\n  h: {columns: x, allow: 2, table: 5}\nenvironments:\n  serving: {optional: [a, bb]}\n  other: {optional: [a]}\n  \
                third: {}\nevolution: {added: wan, renamed: {c: d, a: b}, remvd: fail}\n";
    assert_snapshot!(problems(text), @r#"
    s.yaml:2:16 a gate judges a table and drops nothing from it -> write `allow` here, and drop the columns in a stage that comes after the gate
    s.yaml:5:16 `columns` names no column -> write `columns: "f_*"` or a list of names, in which `*` stands for any text
    s.yaml:5:29 `per_row` cannot be `120%` -> write a share: `per_row: 80%`
    s.yaml:5:46 a schema cannot halt a run -> say `otherwise: fail` here and `on_fail: halt` at the gate, which decides what a failure does
    s.yaml:6:3 group `g` has no `columns` -> add `columns: "f_*"`
    s.yaml:6:3 group `g` asks for nothing -> add `per_row: 80%`, `per_column: 90%`, `table: 95%`, `zero_share_max: 50%` or `constant: forbid`
    s.yaml:6:7 group `g` has no key `per_rw` -> did you mean `per_row`?
    s.yaml:7:26 `allow` has no rows to apply to -> it is the share or number of rows that may be less full: add `per_row: 80%`
    s.yaml:7:36 `table` cannot be `5` -> write a share: `table: 80%`
    s.yaml:9:27 `optional` names `bb`, which is not a declared column -> declare it under `columns`
    s.yaml:10:21 `a` is in the key, and may not be absent -> leave it out of `optional`
    s.yaml:11:3 environment `third` says nothing -> add `optional: [home_score]`, the columns that may be absent there
    s.yaml:12:20 `added` cannot be `wan` -> did you mean `warn`?
    s.yaml:12:38 `renamed` names `d`, which is not a declared column -> declare it under `columns`
    s.yaml:12:41 `a` is renamed and still declared -> an old name stands before the colon, a new one after it
    s.yaml:12:48 `evolution` has no key `remvd` -> known keys: added, removed, narrowed, widened, renamed, doc
    "#);
}

const SERVED: &str = "columns: {a: i64, b: 'i64? 1..', c: 'i64?'}\nrules:\n  - r: b > a\nenvironments: {serving: {optional: [b]}}\n\
                      evolution: {removed: fail, renamed: {cc: c}}\n";

#[test]
fn an_environment_lets_columns_be_absent_and_judges_those_that_are_there() {
    let base = schema(SERVED);
    let served = base.in_environment("serving").expect("the environment is there");
    let judge = |schema: &Schema, content: &str| {
        let desk = Desk::new();
        let path = desk.file("t.csv", content);
        check(schema, &[Input { name: "t", path: &path }], &Given::default()).expect("it is a table")
    };
    assert_snapshot!(lines(&judge(&served, "a,c\n1,2\n")), @"
    pass extra_columns  forbid: no other columns
    pass a  type i64: every value is i64
    pass a  not null: no null
    pass b  type i64: the column is absent, as it may be
    pass c  type i64: every value is i64
    ");
    assert_eq!(judge(&served, "a,b,c\n1,0,2\n").state, State::Fail);
    assert_eq!(judge(&base, "a,c\n1,2\n").state, State::Fail);
    assert_ne!(base.normal_form(), served.normal_form());
    assert_snapshot!(base.in_environment("servng").expect_err("there is none"), @"the schema has no environment `servng`; did you mean `serving`?");
    assert_snapshot!(base.in_environment("x").expect_err("there is none"), @"the schema has no environment `x`; add it to the schema: `environments: {x: {optional: [COLUMN]}}`");
}

#[test]
fn a_column_with_its_old_name_is_told() {
    let found = csv(SERVED, "a,b,cc\n1,2,3\n");
    let notes: Vec<&str> = found.rules.iter().flat_map(|rule| &rule.notes).map(String::as_str).collect();
    assert_snapshot!(notes.join("\n"), @"`cc` is there: `evolution` says it was renamed to `c`");
}
