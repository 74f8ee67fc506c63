//! The age of the data by its own time.

use insta::assert_snapshot;

use super::Desk;

const GATE: &str = "freshness: {column: at, warn_after: 30m, fail_after: 60m}";

/// Judges one column of times at 2017-05-21 15:00 UTC.
fn of(gate: &str, times: &[&str]) -> String {
    let desk = Desk::new().and("odds.csv", super::csv("at,n", times.iter().map(|time| format!("{time},1"))));
    desk.said(gate, &["odds.csv"])
}

#[test]
fn the_newest_row_gives_the_age_in_whatever_order_and_zone() {
    assert_snapshot!(of(GATE, &["2017-05-21T14:45:00Z", "2017-05-21T12:00:00Z"]), @"
    pass
    pass at  age ≤ 1h, warned above 30m: newest 2017-05-21T14:45:00Z, 15m before 2017-05-21T15:00:00Z [0 of 1]
      row 1, at 2017-05-21T14:45:00Z
    = age at: 900
    ");
    assert_snapshot!(of(GATE, &["2017-05-21T16:20:00+02:00"]), @"
    warn
    warn at  age ≤ 1h, warned above 30m: newest 2017-05-21T14:20:00Z, 40m before 2017-05-21T15:00:00Z [1 of 1]
      row 1, at 2017-05-21T14:20:00Z
    = age at: 2400
    ");
    assert_snapshot!(of(GATE, &["2017-05-21T13:00:00Z", "2017-05-21T14:00:00Z"]), @"
    warn
    warn at  age ≤ 1h, warned above 30m: newest 2017-05-21T14:00:00Z, 1h before 2017-05-21T15:00:00Z [1 of 1]
      row 2, at 2017-05-21T14:00:00Z
    = age at: 3600
    ");
    assert_snapshot!(of(GATE, &["2017-05-21T13:59:59Z"]), @"
    fail
    fail at  age ≤ 1h, warned above 30m: newest 2017-05-21T13:59:59Z, 1h1s before 2017-05-21T15:00:00Z [1 of 1]
      row 1, at 2017-05-21T13:59:59Z
    = age at: 3601
    ");
}

#[test]
fn a_time_in_the_future_is_an_error_beyond_what_clocks_differ() {
    assert_snapshot!(of(GATE, &["2017-05-21T14:00:00Z", "2017-05-21T15:00:30Z"]), @"
    pass
    pass at  age ≤ 1h, warned above 30m: newest 2017-05-21T15:00:30Z, 0s before 2017-05-21T15:00:00Z [0 of 1]
      row 2, at 2017-05-21T15:00:30Z
    = age at: 0
    ");
    assert_snapshot!(of(GATE, &["2017-05-21T14:59:00Z", "2017-05-22T15:01:01Z"]), @"error: row 2 of `odds.csv` is in the future: `at` is 2017-05-22T15:01:01Z, 1d1m after 2017-05-21T15:00:00Z; correct the time or the clock that wrote it, or allow more with `skew` at pipeline.yaml:7");
}

#[test]
fn a_time_without_a_zone_needs_one() {
    assert_snapshot!(of(GATE, &["2017-05-21T15:45:00"]), @"error: the times in column `at` of `odds.csv` name no zone; add `timezone: UTC`, or that of the place, at pipeline.yaml:7");
    let london = "freshness: {column: at, fail_after: 60m, timezone: Europe/London}";
    assert_snapshot!(of(london, &["2017-05-21T15:45:00"]), @"
    pass
    pass at  age ≤ 1h: newest 2017-05-21T14:45:00Z, 15m before 2017-05-21T15:00:00Z [0 of 1]
      row 1, at 2017-05-21T14:45:00Z
    = age at: 900
    ");
    let day = "freshness: {column: at, fail_after: 1d, timezone: UTC, now: 2017-05-22}";
    assert_snapshot!(of(day, &["2017-05-20"]), @"
    fail
    fail at  age ≤ 1d: newest 2017-05-20T00:00:00Z, 2d before 2017-05-22T00:00:00Z [1 of 1]
      row 1, at 2017-05-20T00:00:00Z
    = age at: 172800
    ");
}

#[test]
fn without_a_time_there_is_no_verdict() {
    assert_snapshot!(of(GATE, &[]), @"
    inconclusive
    inconclusive at  age ≤ 1h, warned above 30m: no row has a value in `at`; needs one [1 of 1]
    ");
    assert_snapshot!(of(GATE, &["", ""]), @"
    inconclusive
    inconclusive at  age ≤ 1h, warned above 30m: no row has a value in `at`; needs one [1 of 1]
    ");
    assert_snapshot!(of(GATE, &["soon"]), @"error: `odds.csv`, row 1: `soon` in column `at` is not a date or a date and time; correct it, or leave the cell empty");
    assert_snapshot!(of("freshness: {column: att, fail_after: 1d}", &["2017-05-21"]), @"error: `odds.csv` has no column `att`: did you mean `at`?");
}

#[test]
fn each_group_is_judged_and_none_may_be_missing() {
    let rows =
        ["E0,2017,2017-05-21T14:50:00Z", "E1,2017,2017-05-21T10:00:00Z", "E1,2017,2017-05-21T11:00:00Z", "E2,2017,"];
    let desk = Desk::new().and("odds.csv", super::csv("division,season,at", rows.map(str::to_owned)));
    let judged =
        |settings: &str| desk.said(&format!("freshness: {{column: at, fail_after: 60m, {settings}}}"), &["odds.csv"]);
    assert_snapshot!(judged("per: division"), @"
    fail
    fail at per division  age ≤ 1h: 2 of 3 groups too old or without a time; the oldest has 2017-05-21T11:00:00Z, 4h before 2017-05-21T15:00:00Z [2 of 3]
      row 3, division E1, at 2017-05-21T11:00:00Z, age 4h
      division E2, at null, age null
    = age at: 14400
    ");
    assert_snapshot!(judged("per: [division, season], expected: [[E0, 2017]]"), @"
    pass
    pass at per division, season  age ≤ 1h: the oldest group has 2017-05-21T14:50:00Z, 10m before 2017-05-21T15:00:00Z [0 of 1]
      (not among the expected groups and not judged: `E1, 2017`, `E2, 2017`)
    pass division, season  has the expected groups: all 1 [0 of 1]
    = age at: 600
    ");
    assert_snapshot!(judged("per: division, expected: [E0, E7, E8]"), @"
    fail
    pass at per division  age ≤ 1h: the oldest group has 2017-05-21T14:50:00Z, 10m before 2017-05-21T15:00:00Z [0 of 1]
      (not among the expected groups and not judged: `E1`, `E2`)
    fail division  has the expected groups: no row of `E7`, `E8` [2 of 3]
    = age at: 600
    ");
    assert_snapshot!(judged("per: division, expected: [E7]"), @"
    fail
    inconclusive at per division  age ≤ 1h: no row has a value in `at`; needs one [0 of 0]
      (not among the expected groups and not judged: `E0`, `E1`, `E2`)
    fail division  has the expected groups: no row of `E7` [1 of 1]
    ");
}

#[test]
fn a_group_that_nobody_expects_is_told_and_not_judged() {
    let desk = Desk::new();
    desk.file("t.csv", "at,k\n2017-05-21T14:45:00Z,a\n2017-05-08T14:45:00Z,c\n");
    let gate = "freshness: {column: at, fail_after: 60m, per: k, expected: [a]}";
    assert_snapshot!(desk.said(gate, &["t.csv"]), @"
    pass
    pass at per k  age ≤ 1h: the oldest group has 2017-05-21T14:45:00Z, 15m before 2017-05-21T15:00:00Z [0 of 1]
      (not among the expected groups and not judged: `c`)
    pass k  has the expected groups: all 1 [0 of 1]
    = age at: 900
    ");
}
