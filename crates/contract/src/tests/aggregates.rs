//! Rules on aggregates of groups of rows.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS, csv, lines, report};
use crate::State;

const COLUMNS: &str = "columns: {g: 'str?', a: 'i64?', b: 'f64?', s: 'str?', d: 'date?', t: 'bool?'}\n";
const ROWS: &str = "g,a,b,s,d,t\nx,1,0.5,aa,2024-01-01,true\nx,2,1.5,bb,2024-01-03,false\nx,,,bb,,\ny,7,0,cc,2024-02-01,true\ny,9,-3.5,,2024-01-31,true\n";

/// What is said of one rule on the rows above.
fn said(rule: &str) -> String {
    let found = csv(&format!("{COLUMNS}rules:\n  - r: {rule}\n"), ROWS);
    let rule = found.rules.last().expect("there is a rule");
    format!("{} {}", rule.state.name(), rule.observed)
}

#[test]
fn every_aggregate_is_computed_over_all_rows() {
    let check = |rule: &str| said(&format!("\"{rule}\""));
    assert_snapshot!(check("count() = 5"), @"pass count() 5");
    assert_snapshot!(check("count(a) = 4"), @"pass count(a) 4");
    assert_snapshot!(check("sum(a) = 19 and avg(a) = 4.75"), @"pass sum(a) 19, avg(a) 4.75");
    assert_snapshot!(check("min(b) >= -3 or max(b) < 1"), @"fail min(b) -3.5, max(b) 1.5");
    assert_snapshot!(check("median(a) = 4.5"), @"pass median(a) 4.5");
    assert_snapshot!(check("abs(std(a) - 3.8622) < 0.0001"), @"pass std(a) 3.86221");
    assert_snapshot!(check("n_unique(s) = 3 and n_unique(t) = 2"), @"pass n_unique(s) 3, n_unique(t) 2");
    assert_snapshot!(check("share_null(a) <= 0.2 and share_unique(s) = 0.75"), @"pass share_null(a) 0.2, share_unique(s) 0.75");
    assert_snapshot!(check("share_zero(b) < 0.25"), @"fail share_zero(b) 0.25");
    assert_snapshot!(check("most_common(s) = 'bb'"), @"pass most_common(s) bb");
    assert_snapshot!(check("most_common(s) in ['aa', 'cc']"), @"fail most_common(s) bb");
    assert_snapshot!(check("most_common(t)= false"), @"fail most_common(t) true");
    assert_snapshot!(check("max(d) <= '2024-01-31'"), @"fail max(d) 2024-02-01");
    assert_snapshot!(check("max(s) = 'cc' and min(d) = '2024-01-01'"), @"pass max(s) cc, min(d) 2024-01-01");
    assert_snapshot!(check("quantile(a, 0.5) = 2 and quantile(a, 0.9) = 9"), @"fail quantile(a, 0.5) 7, quantile(a, 0.9) 9");
    assert_snapshot!(check("avg(abs(b)) < 1 and avg(a - b) > 3"), @"fail avg(abs(b)) 1.375, avg(a - b) 5.125");
    assert_snapshot!(check("max(len(s)) = 2"), @"pass max(len(s)) 2");
}

#[test]
fn a_group_has_a_verdict_of_its_own_and_the_worst_is_shown_first() {
    let text = format!(
        "{COLUMNS}rules:\n  - level: {{check: abs(avg(a)) < 3 and count() > 1, by: g}}\n  - middle: {{check: median(b) >= 0, by: [g], allow: 1}}\n"
    );
    let found = csv(&text, ROWS);
    assert_snapshot!(found.screen(90), @"
    ✗ level  abs(avg(a)) < 3 and count() > 1 by g                                   s.yaml:3
        observed  g y, avg(a) 8, count() 2; 1 of 2 groups against it (50 %, allowed 0)
        g  avg(a)  count()
        y       8        2
    ");
    assert_snapshot!(lines(&found).lines().last().expect("there are rules"), @"pass middle  median(b) >= 0 by g: g y, median(b) -1.75; 1 of 2 groups against it (50 %, allowed 1)");
}

#[test]
fn a_condition_on_rows_restricts_the_groups() {
    assert_snapshot!(said("{check: sum(a) = 10, when: t}"), @"fail sum(a) 17");
    assert_snapshot!(said("{check: n_unique(s) = 2, when: g = 'x'}"), @"pass n_unique(s) 2");
    assert_snapshot!(said("{check: count() > 0, when: g = 'z'}"), @"inconclusive no row for which `g = 'z'` holds");
    assert_snapshot!(said("{check: max(a) > 1, by: g, when: \"a is null or a < 9\"}"), @"pass 0 of 2 groups against it");
    assert_snapshot!(said("{check: \"g <> 'y' or max(a) > 9\", by: g}"), @"fail g y, max(a) 9; 1 of 2 groups against it (50 %, allowed 0)");
}

#[test]
fn an_aggregate_of_no_value_is_inconclusive() {
    assert_snapshot!(said("{check: avg(a) > 1, when: a is null}"), @"inconclusive avg(a) null: a value to compute it of would be enough");
    assert_snapshot!(said("{check: std(a) > 1, when: a = 1}"), @"inconclusive std(a) null: a value to compute it of would be enough");
    assert_snapshot!(said("{check: max(a) > 0, by: s}"), @"pass 0 of 4 groups against it");
    assert_snapshot!(said("{check: median(a) > 0, when: a is null}"), @"inconclusive median(a) null: a value to compute it of would be enough");
    assert_snapshot!(said("{check: count(a) = 0, when: a is null}"), @"pass count(a) 0");
    assert_snapshot!(said("{check: most_common(a) = 0, when: a is null}"), @"inconclusive most_common(a) null: a value to compute it of would be enough");
}

#[test]
fn nan_is_in_every_figure_unless_it_counts_as_null() {
    let said = |nan: &str| {
        let text = format!(
            "columns: {{b: {{type: 'f64?', nan: {nan}}}}}\nrules: [{{m: max(b) < 9}}, {{a: avg(b) < 9}}, {{q: median(b) < 9}}, {{c: count(b) = 2}}]\n"
        );
        lines(&csv(&text, "b\n1\nNaN\n2\n"))
    };
    assert_snapshot!(said("ok"), @"
    pass extra_columns  forbid: no other columns
    pass b  type f64: every value is f64
    fail m  max(b) < 9: max(b) NaN
    fail a  avg(b) < 9: avg(b) NaN
    fail q  median(b) < 9: median(b) NaN
    fail c  count(b) = 2: count(b) 3
    ");
    assert_snapshot!(said("null"), @"
    pass extra_columns  forbid: no other columns
    pass b  type f64: every value is f64
    pass m  max(b) < 9: max(b) 2
    pass a  avg(b) < 9: avg(b) 1.5
    pass q  median(b) < 9: median(b) 1.5
    pass c  count(b) = 2: count(b) 2
    ");
}

#[test]
fn aggregates_of_many_batches_are_put_together() {
    let rows = 60_000i64;
    let numbers: Vec<i64> = (0..rows).map(|row| row * 7_919 % 60_013).collect();
    let far: Vec<f64> = (0..rows).map(|row| 1.7e9 + if row % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let groups: Vec<i64> = (0..rows).map(|row| row % 3).collect();
    let frame = df!("g" => groups, "n" => numbers, "far" => far).expect("the columns are even");
    let text = "columns: {g: i64, n: i64, far: f64}\nrules:\n  - whole: std(far) > 1 and std(far) < 1.0001\n  - parts: {check: count() = 20000 and median(n) > 29000 and n_unique(n) = 20000 and std(far) < 1.0001, by: g}\n  - sum: sum(n) > 1799000000\n";
    for ending in ["csv", "arrow"] {
        let desk = Desk::new();
        let found = report(text, &desk.table(&format!("t.{ending}"), &frame));
        assert_eq!(found.state, State::Pass, "{ending}\n{}", lines(&found));
    }
}

#[test]
fn the_nearest_rank_is_that_of_numpy() {
    // Checked against numpy 2: np.quantile(np.arange(n), q, method="nearest").
    let check = |n: i64, q: f64, expect: i64| {
        let cells = (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        let found = csv(
            &format!("columns: {{a: i64}}\nrules: [{{r: 'quantile(a, {q}) = {expect}'}}]\n"),
            &format!("a\n{cells}\n"),
        );
        assert_eq!(found.state, State::Pass, "{}", lines(&found));
    };
    check(2, 0.5, 0);
    check(4, 0.5, 2);
    check(5, 0.1, 0);
    check(6, 0.5, 2);
    check(6, 0.9, 4);
    check(11, 0.25, 2);
    check(11, 0.75, 8);
    check(1, 0.3, 0);
    check(3, 1.0, 2);
    check(3, 0.0, 0);
}

#[test]
fn rows_are_counted_where_no_column_has_to_be_read() {
    let table = df!("id" => [1_i64, 2, 3, 4, 5, 6]).expect("the columns are even");
    for ending in ENDINGS {
        let desk = Desk::new();
        let path = desk.table(&format!("t.{ending}"), &table);
        let said = |rule: &str| lines(&report(&format!("columns: {{id: i64}}\nrules: [{{r: {rule}}}]"), &path));
        assert!(
            said("count() >= 6").ends_with("pass r  count() >= 6: count() 6"),
            "{ending}: {}",
            said("count() >= 6")
        );
        assert!(said("count() > 6").ends_with("fail r  count() > 6: count() 6"), "{ending}: {}", said("count() > 6"));
    }
}

#[test]
fn the_least_the_most_and_the_most_common_text_are_texts() {
    let rules = "columns: {a: i64}\nrules:\n  - least: min(text(a)) = '10'\n  - most: max(text(a)) = '9'\n  - common: most_common(text(a)) <> '9'\n";
    let found = csv(rules, "a\n10\n9\n10\n");
    assert_eq!(found.state, State::Pass, "{}", lines(&found));
}
