//! Rules with a verdict for each group of rows.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS, csv, lines, report};
use crate::State;

const GAMES: &str = "season,week\n2019,1\n2019,2\n2020,1\n2021,1\n2021,2\n2021,3\n2021,4\n2022,1\n2022,2\n";

#[test]
fn rows_are_counted_in_each_group_and_the_worst_is_shown_first() {
    let found = csv("rows: 2..3 per season\ncolumns: {season: i16, week: i8}\n", GAMES);
    assert_snapshot!(found.screen(80), @"
    ✗ rows  2..3 per season                                               s.yaml:1
        observed  season 2020, rows 1; 2 of 4 groups outside (50 %, allowed 0)
        season  rows
          2020     1
          2021     4
    ");
    assert_eq!((found.rules[0].bad, found.rules[0].examined), (2, 4));
}

#[test]
fn groups_are_counted_by_several_columns_and_may_be_tolerated() {
    let said = |rows: &str| {
        let found = csv(&format!("rows: {rows}\ncolumns: {{season: i16, week: i8}}\n"), GAMES);
        format!("{} {}", found.rules[0].state.name(), found.rules[0].observed)
    };
    assert_snapshot!(said("1 per season, week"), @"pass 0 of 9 groups outside");
    assert_snapshot!(said("2.. per week"), @"fail week 3, rows 1; 2 of 4 groups outside (50 %, allowed 0)");
    assert_snapshot!(said("{range: 2..3, per: season, allow: 2}"), @"pass season 2020, rows 1; 2 of 4 groups outside (50 %, allowed 2)");
    assert_snapshot!(said("{range: 2..3, per: season, allow: 49%, level: warn}"), @"warn season 2020, rows 1; 2 of 4 groups outside (50 %, allowed 49 %)");
    assert_snapshot!(said("{range: 100.., level: warn}"), @"warn 9 rows");
}

#[test]
fn null_is_a_group_and_text_that_is_no_value_is_in_none() {
    let found = csv("rows: 2 per a\ncolumns: {a: 'i8?'}\n", "a\n1\n1\nx\ny\nz\n\n");
    assert_snapshot!(lines(&found), @"
    fail rows  2..2 per a: a null, rows 1; 1 of 2 groups outside (50 %, allowed 0)
    pass extra_columns  forbid: no other columns
    fail a  type i8: 3 of 5 values not i8 (60 %, allowed 0)
    ");
    let nothing = csv("rows: ..9 per a\ncolumns: {a: i8}\n", "a\n");
    assert_snapshot!(lines(&nothing), @"
    inconclusive rows  0..9 per a: the table has no rows
    pass extra_columns  forbid: no other columns
    inconclusive a  type i8: the table has no rows
    inconclusive a  not null: the table has no rows
    ");
}

#[test]
fn groups_are_the_same_in_every_format() {
    let frame = df!("season" => [2019i64, 2020, 2019, 2020, 2021, 2021]).expect("one column is even");
    for ending in ENDINGS {
        let desk = Desk::new();
        let text = "rows: 2 per season\ncolumns: {season: i64}\n";
        assert_eq!(report(text, &desk.table(&format!("t.{ending}"), &frame)).state, State::Pass, "{ending}");
    }
}

#[test]
fn groups_of_many_batches_are_merged() {
    let check = |rows: i64, expect: (State, u64)| {
        let seasons: Vec<i64> = (0..rows).map(|row| row * 7_919 % 1_000).collect();
        let frame = df!("season" => seasons).expect("one column is even");
        let desk = Desk::new();
        let found = report("rows: 300 per season\ncolumns: {season: i64}\n", &desk.table("t.arrow", &frame));
        assert_eq!((found.rules[0].state, found.rules[0].bad), expect, "{}", found.rules[0].observed);
    };
    check(300_000, (State::Pass, 0));
    check(299_998, (State::Fail, 2));
}
