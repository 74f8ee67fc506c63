//! Columns against a stored reference.

use insta::assert_snapshot;

use super::Desk;

/// Values spread evenly over 0..1, the same each time.
fn spread(n: u32) -> impl Iterator<Item = f64> {
    (0..n).map(|i| f64::from(i * 7919 % 10_007) / 10_007.0)
}

/// The division of a row: half of them, four of ten, and the rest.
fn level(x: f64) -> &'static str {
    match x {
        ..0.5 => "E0",
        ..0.9 => "E1",
        _ => "E2",
    }
}

/// A desk with a reference of 1,000 rows.
fn desk(gate: &str) -> Desk {
    let desk = Desk::new();
    let row = |x: f64| format!("{x},{},{}", x * x, level(x));
    desk.file("old.csv", super::csv("elo,form,division", spread(1000).map(row)));
    desk.refer(gate, &["old.csv"], "ref.json");
    desk
}

/// Judges rows of `elo,form,division`.
fn now(gate: &str, rows: impl Iterator<Item = (String, String, &'static str)>) -> String {
    let desk = desk(gate);
    let rows = rows.map(|(elo, form, division)| format!("{elo},{form},{division}"));
    desk.file("new.csv", super::csv("elo,form,division", rows));
    desk.said(gate, &["new.csv"])
}

const PSI: &str = "drift: {reference: ref.json, columns: [elo], psi: {warn: 0.1, fail: 0.2}}";
const ALL: &str = "drift: {reference: ref.json, columns: '*', psi: 0.2, ks: 0.1, wasserstein: 0.2, jensen_shannon: 0.2, chi_square: 0.2}";

#[test]
fn equal_data_has_not_drifted_by_any_distance() {
    assert_snapshot!(now(ALL, spread(400).map(|x| (x.to_string(), (x * x).to_string(), level(x)))), @"
    pass
    pass division  psi ≤ 0.2: 3.28e-5; chance alone stays under 0.0322 in 99 of 100 cases [0 of 1]
    pass division  jensen-shannon ≤ 0.2: 0.00225 [0 of 1]
    pass division  chi-square ≤ 0.2: Cramér's V 0.0024, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass elo  psi ≤ 0.2: 0.000244; chance alone stays under 0.0758 in 99 of 100 cases [0 of 1]
    pass elo  jensen-shannon ≤ 0.2: 0.00672 [0 of 1]
    pass elo  chi-square ≤ 0.2: Cramér's V 0.00714, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass elo  ks ≤ 0.1: 0.004 at 0.574, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass elo  wasserstein ≤ 0.2: 0.00392 standard deviations of the reference [0 of 1]
    pass form  psi ≤ 0.2: 0.000244; chance alone stays under 0.0758 in 99 of 100 cases [0 of 1]
    pass form  jensen-shannon ≤ 0.2: 0.00672 [0 of 1]
    pass form  chi-square ≤ 0.2: Cramér's V 0.00714, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass form  ks ≤ 0.1: 0.004 at 0.329, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass form  wasserstein ≤ 0.2: 0.00419 standard deviations of the reference [0 of 1]
    = chi-square division: 0.00239536
    = chi-square elo: 0.00714304
    = chi-square form: 0.00714304
    = jensen-shannon division: 0.00225141
    = jensen-shannon elo: 0.00671509
    = jensen-shannon form: 0.00671509
    = ks elo: 0.004
    = ks form: 0.004
    = psi division: 0.0000328372
    = psi elo: 0.000243915
    = psi form: 0.000243915
    = wasserstein elo: 0.0039191
    = wasserstein form: 0.00418876
    ");
}

#[test]
fn shifted_data_has_drifted_by_all_distances() {
    assert_snapshot!(now(ALL, spread(400).map(|x| ((x + 0.4).to_string(), (x * x).to_string(), if x < 0.2 { "E0" } else { "E9" }))), @"
    fail
    fail division  psi ≤ 0.2: 8.89; chance alone stays under 0.0397 in 99 of 100 cases [1 of 1]
      (most of it: `E9` was 0 % and is 80 %)
    fail division  jensen-shannon ≤ 0.2: 0.835 [1 of 1]
    fail division  chi-square ≤ 0.2: Cramér's V 0.871, p < 1e-12 corrected for 3 columns, α = 0.01 [1 of 1]
    fail elo  psi ≤ 0.2: 2.26; chance alone stays under 0.0758 in 99 of 100 cases [1 of 1]
      (most of it: > 0.9 was 10 % and is 50.2 %)
    fail elo  jensen-shannon ≤ 0.2: 0.547 [1 of 1]
    fail elo  chi-square ≤ 0.2: Cramér's V 0.516, p < 1e-12 corrected for 3 columns, α = 0.01 [1 of 1]
    fail elo  ks ≤ 0.1: 0.405 at 0.96, p < 1e-12 corrected for 3 columns, α = 0.01 [1 of 1]
    fail elo  wasserstein ≤ 0.2: 1.39 standard deviations of the reference [1 of 1]
    pass form  psi ≤ 0.2: 0.000244; chance alone stays under 0.0758 in 99 of 100 cases [0 of 1]
    pass form  jensen-shannon ≤ 0.2: 0.00672 [0 of 1]
    pass form  chi-square ≤ 0.2: Cramér's V 0.00714, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass form  ks ≤ 0.1: 0.004 at 0.329, p = 1 corrected for 3 columns, α = 0.01 [0 of 1]
    pass form  wasserstein ≤ 0.2: 0.00419 standard deviations of the reference [0 of 1]
    = chi-square division: 0.870988
    = chi-square elo: 0.51615
    = chi-square form: 0.00714304
    = jensen-shannon division: 0.835409
    = jensen-shannon elo: 0.546544
    = jensen-shannon form: 0.00671509
    = ks elo: 0.405
    = ks form: 0.004
    = psi division: 8.8857
    = psi elo: 2.25739
    = psi form: 0.000243915
    = wasserstein elo: 1.38738
    = wasserstein form: 0.00418876
    ");
}

#[test]
fn values_out_of_the_range_of_the_reference_count() {
    // A histogram over the range of the reference drops them, renormalises the rest and reads 0.
    let far = |x: f64| if x < 0.394 { "1000".to_owned() } else { x.to_string() };
    assert_snapshot!(now(PSI, spread(1000).map(|x| (far(x), "0".into(), "E0"))), @"
    fail
    fail elo  psi ≤ 0.2, warned above 0.1: 2.45; chance alone stays under 0.0433 in 99 of 100 cases [1 of 1]
      (most of it: > 0.9 was 10 % and is 49.3 %)
    = psi elo: 2.44553
    ");
}

#[test]
fn nulls_and_nans_are_a_bin_of_their_own() {
    let gone = |x: f64| {
        if x < 0.3 {
            String::new()
        } else if x < 0.5 {
            "NaN".to_owned()
        } else {
            (2.0 * x - 1.0).to_string()
        }
    };
    assert_snapshot!(now(PSI, spread(1000).map(|x| (gone(x), "0".into(), "E0"))), @"
    fail
    fail elo  psi ≤ 0.2, warned above 0.1: 3.78; chance alone stays under 0.0464 in 99 of 100 cases [1 of 1]
      (most of it: null was 0 % and is 50 %)
    = psi elo: 3.77775
    ");
}

#[test]
fn too_few_rows_are_inconclusive_and_say_how_many_would_do() {
    assert_snapshot!(now(PSI, spread(16).map(|x| (x.to_string(), "0".into(), "E0"))), @"
    inconclusive
    inconclusive reference  ref.json: needs n ≥ 50, has 16: widen the window [0 of 0]
    ");
    let small = "drift: {reference: ref.json, columns: [elo, division], psi: 0.2, ks: 0.1, min_rows: 5}";
    assert_snapshot!(now(small, spread(16).map(|x| (x.to_string(), "0".into(), "E0"))), @"
    fail
    inconclusive elo  psi ≤ 0.2: the current data: needs n ≥ 50, has 16: widen the window [0 of 0]
    pass elo  ks ≤ 0.1: 0.084 at 0.165, p = 1 corrected for 2 columns, α = 0.01 [0 of 1]
    fail division  psi ≤ 0.2: 1.35; chance alone stays under 0.585 in 99 of 100 cases [1 of 1]
      (most of it: `E1` was 40 % and is 0 %)
    = ks elo: 0.084
    = psi division: 1.35132
    ");
}

#[test]
fn what_chance_alone_would_do_is_no_drift() {
    let noisy = "drift: {reference: ref.json, columns: [elo], psi: 0.02, ks: {fail: 0.02, alpha: 0.01}}";
    let uneven = |x: f64| if x < 0.47 { x / 0.47 * 0.5 } else { 0.5 + (x - 0.47) / 0.53 * 0.5 };
    let shaken = spread(300).map(|x| (uneven(x).powf(1.1).to_string(), "0".into(), "E0"));
    assert_snapshot!(now(noisy, shaken), @"
    pass
    pass elo  psi ≤ 0.02: 0.00463; chance alone stays under 0.0939 in 99 of 100 cases [0 of 1]
    pass elo  ks ≤ 0.02: 0.0247 at 0.153, p = 0.998, α = 0.01 [0 of 1]
      (above the bound, and so it would be by chance alone)
    = ks elo: 0.0246667
    = psi elo: 0.00462984
    ");
}

#[test]
fn columns_that_fail_together_warn_alone() {
    let gate =
        "drift: {reference: ref.json, columns: [elo, form, division], psi: 0.2, critical: [elo], share_drifted: 50%}";
    let judged = |elo: f64, form: f64, division: &'static str| {
        let moved = spread(400).map(move |x| {
            (
                (x + elo).to_string(),
                (x * x + form).to_string(),
                if division.is_empty() && x < 0.5 {
                    "E0"
                } else if division.is_empty() {
                    "E1"
                } else {
                    division
                },
            )
        });
        now(gate, moved)
    };
    assert_snapshot!(judged(0.0, 0.5, ""), @"
    fail
    pass elo  psi ≤ 0.2: 0.000244; chance alone stays under 0.0758 in 99 of 100 cases [0 of 1]
    warn form  psi ≤ 0.2: 3.95; chance alone stays under 0.0758 in 99 of 100 cases [1 of 1]
      (most of it: > 0.81 was 10 % and is 44.5 %)
    warn division  psi ≤ 0.2: 0.458; chance alone stays under 0.0322 in 99 of 100 cases [1 of 1]
      (most of it: `E2` was 10 % and is 0 %)
    fail columns  drifted ≤ 50 %: 2 of 2 (100 %) [2 of 2]
      (drifted: `division`, `form`)
    = psi division: 0.458169
    = psi elo: 0.000243915
    = psi form: 3.94609
    ");
    assert_snapshot!(judged(0.5, 0.0, ""), @"
    fail
    fail elo  psi ≤ 0.2: 2.93; chance alone stays under 0.0758 in 99 of 100 cases [1 of 1]
      (most of it: > 0.9 was 10 % and is 60 %)
    pass form  psi ≤ 0.2: 0.000244; chance alone stays under 0.0758 in 99 of 100 cases [0 of 1]
    warn division  psi ≤ 0.2: 0.458; chance alone stays under 0.0322 in 99 of 100 cases [1 of 1]
      (most of it: `E2` was 10 % and is 0 %)
    pass columns  drifted ≤ 50 %: 1 of 2 (50 %) [1 of 2]
      (drifted: `division`)
    = psi division: 0.458169
    = psi elo: 2.93323
    = psi form: 0.000243915
    ");
    assert_snapshot!(judged(0.0, 0.5, "E7"), @"
    fail
    pass elo  psi ≤ 0.2: 0.000244; chance alone stays under 0.0758 in 99 of 100 cases [0 of 1]
    warn form  psi ≤ 0.2: 3.95; chance alone stays under 0.0758 in 99 of 100 cases [1 of 1]
      (most of it: > 0.81 was 10 % and is 44.5 %)
    warn division  psi ≤ 0.2: 13.3; chance alone stays under 0.0397 in 99 of 100 cases [1 of 1]
      (most of it: `E7` was 0 % and is 100 %)
    fail columns  drifted ≤ 50 %: 2 of 2 (100 %) [2 of 2]
      (drifted: `division`, `form`)
    = psi division: 13.2893
    = psi elo: 0.000243915
    = psi form: 3.94609
    ");
}

#[test]
fn what_the_reference_lacks_is_inconclusive() {
    let desk = desk(PSI);
    desk.file("new.csv", super::csv("elo,form", spread(100).map(|x| format!("{x},{x}"))));
    let form = PSI.replace("[elo]", "[form]");
    assert_snapshot!(desk.said(&form, &["new.csv"]), @"
    inconclusive
    inconclusive form  drift: the reference does not have it: make it again with `lockgate gate reference g` [0 of 0]
    ");
    assert_snapshot!(desk.said(&PSI.replace("ref.json", "gone.json"), &["new.csv"]), @"
    inconclusive
    inconclusive reference  gone.json: there is none: make it with `lockgate gate reference g` and commit it [0 of 0]
    ");
    assert_snapshot!(desk.said(&PSI.replace("psi:", "bins: 5, psi:"), &["new.csv"]), @"
    inconclusive
    inconclusive reference  ref.json: it was made with 10 bins, and 5 are wanted: make it again with `lockgate gate reference g` [0 of 0]
    ");
    assert_snapshot!(desk.said(&PSI.replace("[elo]", "[elow]"), &["new.csv"]), @"
    inconclusive
    inconclusive elow  drift: the reference does not have it: make it again with `lockgate gate reference g` [0 of 0]
    ");
}

#[test]
fn a_reference_of_nothing_judges_nothing() {
    let desk = Desk::new().and("old.csv", "x,y\n1,\n");
    let gate = "drift: {reference: ref.json, columns: '*', psi: 0.2, min_rows: 1}";
    desk.refer(gate, &["old.csv"], "ref.json");
    assert_snapshot!(desk.said(gate, &["old.csv"]), @"
    inconclusive
    inconclusive reference  ref.json: it has no column: make it again with `lockgate gate reference g`, of data in which columns vary [0 of 0]
    ");
}

#[test]
fn a_reference_is_a_file_of_version_1() {
    let desk = Desk::new();
    let rows = (0..12_usize).map(|i| {
        format!(
            "{},{},same,2017-05-{:02}",
            if i == 5 { "inf".to_owned() } else { (i as f64 / 10.0).to_string() },
            ["a", "b", ""][i % 3],
            i + 1
        )
    });
    desk.file("old.csv", super::csv("x,level,constant,day", rows));
    let gate = "drift: {reference: ref.json, columns: '*', psi: 0.2, bins: 3}";
    let text = desk.refer(gate, &["old.csv"], "ref.json");
    assert_eq!(text, include_str!("drift-reference-v1.json"));
    assert_eq!(desk.judge(gate, &["old.csv"]).unwrap().metrics.keys().collect::<Vec<_>>(), Vec::<&String>::new());
    for (from, to) in
        [("reference 1", "reference 2"), ("\"n\": 12", "\"n\": 13"), ("0.4", "O.4"), ("\"nulls\"", "\"nuls\"")]
    {
        desk.file("ref.json", text.replacen(from, to, 1));
        let error = desk.judge(gate, &["old.csv"]).unwrap_err().to_string();
        assert!(error.contains("lockgate gate reference g"), "{error}");
    }
    desk.file("ref.json", text.replace("reference 1", "reference 2"));
    assert_snapshot!(desk.said(gate, &["old.csv"]), @"error: `ref.json` is in the format `lockgate drift reference 2`, and this version reads `lockgate drift reference 1`; update lockgate, or make the file again with `lockgate gate reference g`");
}

#[test]
fn a_reference_that_could_not_judge_is_not_made() {
    let desk = Desk::new()
        .and("old.csv", "constant,day,id\n1,2017-05-01,a\n1,2017-05-02,b\n")
        .and("many.csv", super::csv("id", (0..1001).map(|i| format!("m{i}"))));
    let made = |columns: &str, data: &[&str]| {
        let gate = format!("drift: {{reference: ref.json, columns: [{columns}], psi: 0.2}}");
        desk.reference(&gate, data).unwrap_err().to_string()
    };
    assert_snapshot!(made("constant", &["old.csv"]), @"no reference can be made: column `constant` of `old.csv`: the reference: all values are equal or fall into one bin; needs two that differ; leave it out of `columns`, or take data in which it varies");
    assert_snapshot!(made("day", &["old.csv"]), @"no reference can be made: column `day` of `old.csv`: it has points in time, which always move on; leave it out of `columns`, or take data in which it varies");
    assert_snapshot!(made("id", &["many.csv"]), @"no reference can be made: column `id` of `many.csv`: it has 1001 different texts, more than 1000, and is no category; leave it out of `columns`, or take data in which it varies");
    assert_snapshot!(made("id", &["old.csv", "many.csv"]), @"no reference can be made: gate `g` has 2 tables; let the gate judge one, and the others by gates of their own");
    assert_snapshot!(desk.reference("approval: {ask: x}", &[]).unwrap_err(), @"gates of kind `approval` compare with no file that could be made; those of kind `drift` and `regression` do");
}

#[test]
fn a_long_column_is_drawn_from_and_says_so() {
    let desk = Desk::new();
    let values = (0..20_000_u32).map(|i| f64::from(i * 7919 % 20_011).to_string());
    desk.file("old.csv", super::csv("x", values.clone()));
    desk.file("new.csv", super::csv("x", values.map(|x| format!("1{x}"))));
    let gate = "drift: {reference: ref.json, columns: [x], ks: 0.1}";
    assert!(desk.refer(gate, &["old.csv"], "ref.json").contains("\"drawn\""));
    assert_snapshot!(desk.said(gate, &["old.csv"]), @"
    pass
    pass x  ks ≤ 0.1: 0.0133 at 9520, p = 0.187, α = 0.01 [0 of 1]
      (the reference keeps 10000 of 20000 values: its distribution is known within 0.0136 (95 %))
    = ks x: 0.0133
    ");
    assert_snapshot!(desk.said(gate, &["new.csv"]), @"
    fail
    fail x  ks ≤ 0.1: 0.507 at 11000, p < 1e-12, α = 0.01 [1 of 1]
      (the reference keeps 10000 of 20000 values: its distribution is known within 0.0136 (95 %))
    = ks x: 0.5072
    ");
}

#[test]
fn a_column_that_the_reference_lacks_is_told_and_blocks_where_it_is_named() {
    let gate = "drift: {reference: ref.json, columns: '*', psi: 0.2, share_drifted: 50%, critical: [k]}";
    let desk = Desk::new();
    desk.file("old.csv", super::csv("elo,k", spread(200).map(|x| format!("{x},1"))));
    desk.refer(gate, &["old.csv"], "ref.json");
    desk.file("new.csv", super::csv("elo,k,new", spread(200).map(|x| format!("{x},1000,2"))));
    assert_snapshot!(desk.said(gate, &["new.csv"]), @"
    inconclusive
    pass columns  all that the reference has: 1 of 3 are judged [0 of 1]
      (`k`: the reference: all values are equal or fall into one bin; needs two that differ)
      (`new`: it was not there when the reference was made)
    pass elo  psi ≤ 0.2: 0; chance alone stays under 0.217 in 99 of 100 cases [0 of 1]
    inconclusive k  drift: the reference does not have it (the reference: all values are equal or fall into one bin; needs two that differ): make it again with `lockgate gate reference g` [0 of 0]
    pass columns  drifted ≤ 50 %: 0 of 1 (0 %) [0 of 1]
    = psi elo: 0
    ");
    assert_snapshot!(desk.said("drift: {reference: ref.json, columns: '*', psi: 0.2}", &["new.csv"]), @"
    pass
    pass columns  all that the reference has: 1 of 3 are judged [0 of 1]
      (`k`: the reference: all values are equal or fall into one bin; needs two that differ)
      (`new`: it was not there when the reference was made)
    pass elo  psi ≤ 0.2: 0; chance alone stays under 0.217 in 99 of 100 cases [0 of 1]
    = psi elo: 0
    ");
    let named = "drift: {reference: ref.json, columns: [elo, k], psi: 0.2, share_drifted: 50%}";
    assert_eq!(desk.judge(named, &["new.csv"]).unwrap().state.name(), "inconclusive");
}

#[test]
fn a_reference_that_disagrees_with_itself_is_an_error() {
    let desk = desk(PSI);
    desk.file("new.csv", super::csv("elo", spread(200).map(|x| x.to_string())));
    let text = desk.reference(PSI, &["old.csv"]).unwrap();
    let said = |text: &str| {
        desk.file("ref.json", text);
        desk.said(PSI, &["new.csv"])
    };
    assert_snapshot!(said(&text.replace("\"rows\": 1000", "\"rows\": 5")), @"error: `ref.json` is not a reference: column `elo`: it has 1000 values and 0 nulls, and the reference 5 rows; make it again with `lockgate gate reference g`");
    assert_snapshot!(said("null"), @"error: `ref.json` is not a reference: it does not say its `format`; make it again with `lockgate gate reference g`");
    assert_snapshot!(said("{\"format\": \"lockgate drift reference 1\", \"rows\": 1, \"bins\": 10, \"columns\": {\"elo\": 5}}"), @"error: `ref.json` is not a reference: invalid type: integer `5`, expected a mapping with the `kind` of a column at line 1 column 84; make it again with `lockgate gate reference g`");
    assert_snapshot!(said(&text.replace("\"elo\": {", "\"elo\": null, \"elo\": {")), @"error: `ref.json` is not a reference: the key `elo` stands twice at line 6 column 22; make it again with `lockgate gate reference g`");
}
