//! Queries that must return no row.

use insta::assert_snapshot;

use super::Desk;

fn said(query: &str, text: &str) -> String {
    let desk = Desk::new().and("m.csv", text).and("teams.csv", "code\nKC\nSF\n");
    let gate = format!("sql: {{query: \"{query}\", tables: {{teams: teams.csv}}}}");
    desk.said(&gate, &["m.csv"])
}

const MATCHES: &str = "home,away,goals\nKC,SF,3\nSF,SF,1\nOAK,KC,2\n";

#[test]
fn rows_of_the_answer_are_the_bad_ones() {
    assert_snapshot!(said("SELECT home, away FROM data WHERE home = away", MATCHES), @"
    fail
    fail sql  SELECT home, away FROM data WHERE home = away: 1 row [1 of 3]
      home SF, away SF
    = bad rows: 1
    ");
    assert_snapshot!(said("SELECT home FROM data WHERE goals > 5", MATCHES), @"
    pass
    pass sql  SELECT home FROM data WHERE goals > 5: no row [0 of 3]
    = bad rows: 0
    ");
    assert_snapshot!(said("SELECT home FROM data LEFT JOIN teams ON data.home = teams.code WHERE teams.code IS NULL", MATCHES), @"
    fail
    fail sql  SELECT home FROM data LEFT JOIN teams ON data.home = teams.code WHERE teams.code IS NULL: 1 row [1 of 3]
      home OAK
    = bad rows: 1
    ");
}

#[test]
fn no_row_of_nothing_is_no_evidence() {
    assert_snapshot!(said("SELECT home FROM data WHERE goals > 5", "home,away,goals\n"), @"
    inconclusive
    inconclusive sql  SELECT home FROM data WHERE goals > 5: `data` has no row; needs one [0 of 0]
    ");
    assert_snapshot!(said("SELECT home FROM data WHERE goals > 5", "home,away,goals\nKC,SF,\n"), @"
    inconclusive
    inconclusive sql  SELECT home FROM data WHERE goals > 5: `goals` of `data` has no value; needs one [0 of 1]
    ");
    assert_snapshot!(said("SELECT home FROM data WHERE goals IS NOT NULL", "home,away,goals\nKC,SF,\n"), @"
    pass
    pass sql  SELECT home FROM data WHERE goals IS NOT NULL: no row [0 of 1]
    = bad rows: 0
    ");
    assert_snapshot!(said("SELECT COUNT(*) AS n FROM data HAVING COUNT(*) < 5", "home,away,goals\n"), @"
    inconclusive
    inconclusive sql  SELECT COUNT(*) AS n FROM data HAVING COUNT(*) < 5: `data` has no row; needs one [0 of 0]
    ");
}

#[test]
fn what_is_no_question_is_an_error() {
    assert_snapshot!(said("DROP TABLE data", MATCHES), @"error: the query starts with `drop`, and a query may only ask; start it with SELECT or WITH");
    assert_snapshot!(said("SELECT nothing FROM data", MATCHES), @r#"error: the query cannot be answered: not found: unable to find column "nothing"; valid columns: ["home", "away", "goals"]; correct the query (its dialect is the SQL of polars)"#);
}

#[test]
fn several_tables_are_numbered() {
    let desk = Desk::new().and("a.csv", "x\n1\n2\n").and("b.csv", "x\n2\n");
    let gate = "sql: {query: SELECT data1.x FROM data1 JOIN data2 ON data1.x = data2.x}";
    assert_snapshot!(desk.said(gate, &["a.csv", "b.csv"]), @"
    fail
    fail sql  SELECT data1.x FROM data1 JOIN data2 ON data1.x = data2.x: 1 row [1 of 3]
      x 2
    = bad rows: 1
    ");
}

#[test]
fn no_row_by_a_table_without_rows_is_no_evidence() {
    let desk = Desk::new();
    desk.file("m.csv", MATCHES);
    desk.file("teams.csv", "code,city\n");
    let gate = "sql: {query: SELECT home FROM data JOIN teams ON data.home = teams.code, tables: {teams: teams.csv}}";
    assert_snapshot!(desk.said(gate, &["m.csv"]), @"
    inconclusive
    inconclusive sql  SELECT home FROM data JOIN teams ON data.home = teams.code: `teams` has no row; needs one [0 of 3]
    ");
    desk.file("teams.csv", "code,city\n,Kansas City\n");
    assert_snapshot!(desk.said(gate, &["m.csv"]), @"
    inconclusive
    inconclusive sql  SELECT home FROM data JOIN teams ON data.home = teams.code: `code` of `teams` has no value; needs one [0 of 3]
    ");
}
