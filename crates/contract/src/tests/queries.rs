//! Queries over tables.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS};
use crate::{TableAt, sql};

/// Answers over a table of games and one of teams.
fn answer(ending: &str, query: &str) -> String {
    let desk = Desk::new();
    let games =
        df!("home" => ["KC", "BUF", "KC"], "away" => ["BUF", "BUF", "GB"], "spread" => [Some(3.5), None, Some(-1.0)]);
    let teams = df!("team" => ["KC", "BUF"]);
    let games = desk.table(&format!("games.{ending}"), &games.expect("the columns are even"));
    let teams = desk.table("teams.csv", &teams.expect("one column is even"));
    match sql(&[("games", TableAt::plain("games", &games)), ("teams", TableAt::plain("teams", &teams))], query, 2) {
        Ok(found) => format!("{:?} {:?} of {}", found.columns, found.rows, found.total),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_query_has_the_same_answer_in_every_format() {
    let said = ENDINGS.map(|ending| {
        [
            answer(ending, "SELECT home, spread FROM games WHERE home = away"),
            answer(ending, "select * from games order by home, away"),
            answer(ending, "WITH missing AS (SELECT away FROM games WHERE away NOT IN (SELECT team FROM teams)) SELECT away FROM missing"),
            answer(ending, "SELECT COUNT(*) AS n, ABS(MIN(spread)) AS low FROM games"),
            answer(ending, "SELECT home FROM games WHERE home = 'drop; delete'"),
            answer(ending, "SELECT COUNT(*) FROM games"),
            answer(ending, "SELECT count(*) AS n FROM games WHERE spread > 100"),
            answer(ending, "SELECT * FROM (SELECT COUNT(*) AS n FROM games) AS c WHERE c.n < 5"),
            answer(ending, "SELECT COUNT(*) AS n FROM (SELECT home FROM games UNION ALL SELECT team FROM teams)"),
        ]
        .join("\n")
    });
    assert!(said.iter().all(|other| *other == said[0]), "{said:#?}");
    assert_snapshot!(said[0], @r#"
    ["home", "spread"] [[Some("BUF"), None]] of 1
    ["home", "away", "spread"] [[Some("BUF"), Some("BUF"), None], [Some("KC"), Some("BUF"), Some("3.5")]] of 3
    ["away"] [[Some("GB")]] of 1
    ["n", "low"] [[Some("3"), Some("1")]] of 1
    ["home"] [] of 0
    ["len"] [[Some("3")]] of 1
    ["n"] [[Some("0")]] of 1
    ["n"] [[Some("3")]] of 1
    ["n"] [[Some("5")]] of 1
    "#);
}

#[test]
fn a_query_that_does_more_than_ask_is_refused() {
    let queries = [
        "DROP TABLE games",
        "",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM \"read_parquet\"('x')",
        "SELECT * FROM games; DROP TABLE games",
        "/* SELECT */ DELETE FROM games",
        "SELECT * FROM nowhere",
        "SELECT nothing FROM games",
        "SELECT FROM WHERE",
        "-- a\n SELECT '\\'' FROM read_csv('x')",
    ];
    assert_snapshot!(queries.map(|query| answer("parquet", query)).join("\n"), @r#"
    the query starts with `drop`, and a query may only ask; start it with SELECT or WITH
    the query starts with ``, and a query may only ask; start it with SELECT or WITH
    the query reads files with `read_csv`; name the tables under `tables` and ask for them by name
    the query reads files with `read_parquet`; name the tables under `tables` and ask for them by name
    the query cannot be answered: one (and only one) statement can be parsed at a time; correct the query (its dialect is the SQL of polars)
    the query starts with `delete`, and a query may only ask; start it with SELECT or WITH
    the query cannot be answered: relation 'nowhere' was not found; correct the query (its dialect is the SQL of polars)
    the query cannot be answered: not found: unable to find column "nothing"; valid columns: ["home", "away", "spread"]; correct the query (its dialect is the SQL of polars)
    the query cannot be answered: relation 'WHERE' was not found; correct the query (its dialect is the SQL of polars)
    the query reads files with `read_csv`; name the tables under `tables` and ask for them by name
    "#);
}
