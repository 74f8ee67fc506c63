//! Two tables, row by row.

use insta::assert_snapshot;

use super::Desk;

const GATE: &str = "tolerance: {against: live.csv, key: [game], columns: {spread: 0.5, moneyline: {absolute: 0.10}, book: equal}, missing: allow}";
const LIVE: &str = "game,spread,moneyline,book\na,-3,1.9,x\nb,2.5,2.1,y\nc,7,3.5,\nd,1,,z\n";

fn bets(rows: &str) -> String {
    let desk = Desk::new().and("live.csv", LIVE).and("bets.csv", format!("game,spread,moneyline,book\n{rows}"));
    desk.said(GATE, &["bets.csv"])
}

#[test]
fn prices_within_their_bounds_agree() {
    assert_snapshot!(bets("a,-3.5,2.0,x\nb,2.5,2.0,y\n"), @"
    pass
    pass key  [game] unique: 2 rows [0 of 2]
    pass key in live.csv  [game] unique: 4 rows [0 of 4]
    pass missing rows  of live.csv: 2 of 4 rows, which is allowed [2 of 4]
      row 3, game c
      row 4, game d
    pass extra rows  not in live.csv: 0 of 2 rows [0 of 2]
    pass spread  within 0.5: 0 of 2 pairs too far apart, the largest difference 0.5 [0 of 2]
    pass moneyline  within 0.1: 0 of 2 pairs too far apart, the largest difference 0.1 [0 of 2]
    pass book  equal: 0 of 2 pairs too far apart [0 of 2]
    ");
}

#[test]
fn a_price_that_moved_fails_with_its_row() {
    assert_snapshot!(bets("a,-3.6,1.9,x\nb,2,2.25,y\nd,1,1.5,w\n"), @"
    fail
    pass key  [game] unique: 3 rows [0 of 3]
    pass key in live.csv  [game] unique: 4 rows [0 of 4]
    pass missing rows  of live.csv: 1 of 4 rows, which is allowed [1 of 4]
      row 3, game c
    pass extra rows  not in live.csv: 0 of 3 rows [0 of 3]
    fail spread  within 0.5: 1 of 3 pairs too far apart, the largest difference 0.6 [1 of 3]
      row 1, game a, spread -3.6, spread in live.csv -3
    fail moneyline  within 0.1: 2 of 3 pairs too far apart, the largest difference 0.15 [2 of 3]
      row 2, game b, moneyline 2.25, moneyline in live.csv 2.1
      row 3, game d, moneyline 1.5, moneyline in live.csv null
    fail book  equal: 1 of 3 pairs too far apart [1 of 3]
      row 3, game d, book w, book in live.csv z
    ");
}

#[test]
fn rows_without_a_counterpart_and_double_keys_fail() {
    assert_snapshot!(bets("a,-3,1.9,x\na,-3,1.9,x\n,1,1,x\ne,1,1,x\n"), @"
    fail
    fail key  [game] unique: the key of 2 of 4 rows is null or stands above already [2 of 4]
      row 2, game a
      row 3, game null
    pass key in live.csv  [game] unique: 4 rows [0 of 4]
    pass missing rows  of live.csv: 3 of 4 rows, which is allowed [3 of 4]
      row 2, game b
      row 3, game c
      row 4, game d
    fail extra rows  not in live.csv: 1 of 4 rows [1 of 4]
      row 4, game e
    pass spread  within 0.5: 0 of 1 pairs too far apart, the largest difference 0 [0 of 1]
    pass moneyline  within 0.1: 0 of 1 pairs too far apart, the largest difference 0 [0 of 1]
    pass book  equal: 0 of 1 pairs too far apart [0 of 1]
    ");
}

#[test]
fn nothing_to_compare_is_inconclusive() {
    assert_snapshot!(bets("c,,,\n"), @"
    fail
    pass key  [game] unique: 1 row [0 of 1]
    pass key in live.csv  [game] unique: 4 rows [0 of 4]
    pass missing rows  of live.csv: 3 of 4 rows, which is allowed [3 of 4]
      row 1, game a
      row 2, game b
      row 4, game d
    pass extra rows  not in live.csv: 0 of 1 rows [0 of 1]
    fail spread  within 0.5: 1 of 1 pairs too far apart [1 of 1]
      row 1, game c, spread null, spread in live.csv 7
    fail moneyline  within 0.1: 1 of 1 pairs too far apart [1 of 1]
      row 1, game c, moneyline null, moneyline in live.csv 3.5
    inconclusive book  equal: no row of both tables has a value to compare; needs one [0 of 0]
    ");
    assert_snapshot!(bets(""), @"
    inconclusive
    inconclusive key  [game] unique: no row; needs one [0 of 0]
    pass key in live.csv  [game] unique: 4 rows [0 of 4]
    pass missing rows  of live.csv: 4 of 4 rows, which is allowed [4 of 4]
      row 1, game a
      row 2, game b
      row 3, game c
      row 4, game d
    inconclusive extra rows  not in live.csv: no row; needs one [0 of 0]
    inconclusive spread  within 0.5: no row of both tables has a value to compare; needs one [0 of 0]
    inconclusive moneyline  within 0.1: no row of both tables has a value to compare; needs one [0 of 0]
    inconclusive book  equal: no row of both tables has a value to compare; needs one [0 of 0]
    ");
}

#[test]
fn whole_numbers_that_no_float_holds_are_compared_exactly() {
    let desk = Desk::new();
    desk.file("live.csv", "id,x\n1,9007199254740992\n2,5\n3,-9223372036854775808\n");
    desk.file("t.csv", "id,x\n1,9007199254740993\n2,5\n3,-9223372036854775808\n");
    assert_snapshot!(desk.said("tolerance: {against: live.csv, key: id, columns: {x: 0}}", &["t.csv"]), @"
    fail
    pass key  [id] unique: 3 rows [0 of 3]
    pass key in live.csv  [id] unique: 3 rows [0 of 3]
    pass missing rows  of live.csv: 0 of 3 rows [0 of 3]
    pass extra rows  not in live.csv: 0 of 3 rows [0 of 3]
    fail x  within 0: 1 of 3 pairs too far apart, the largest difference 1 [1 of 3]
      row 1, id 1, x 9007199254740993, x in live.csv 9007199254740992
    ");
    let near = desk.judge("tolerance: {against: live.csv, key: id, columns: {x: 1}}", &["t.csv"]).unwrap();
    assert_eq!(near.state.name(), "pass");
    desk.file("t.csv", "id,x\n1,inf\n");
    desk.file("live.csv", "id,x\n1,inf\n");
    let same = desk.judge("tolerance: {against: live.csv, key: id, columns: {x: 0}}", &["t.csv"]).unwrap();
    assert_eq!(same.state.name(), "pass");
}
