//! The statistics against values computed with scipy, scikit-learn, NannyML and Evidently.
//!
//! Every case of `stat-reference.json` is walked, and every expected value of a case must have an answer here. Where the
//! file pins down what another tool gets wrong, the wrong value is built from the same parts: the difference is shown, not
//! only asserted.
#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]

use std::collections::BTreeMap;

use lockgate_stats::special::chi_square_sf;
use lockgate_stats::*;
use serde_json::{Map, Value, json};

/// What the functions say, by the name of the expected value.
type Answers = BTreeMap<&'static str, Value>;

#[test]
fn every_expected_value_of_every_case_is_answered() {
    let file: Value = serde_json::from_str(include_str!("stat-reference.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 19);
    let mut wrong = Vec::new();
    for case in cases {
        let answers = answers(case["kind"].as_str().unwrap(), &case["inputs"]);
        let tolerance = case["tolerance"].as_f64().unwrap();
        for (name, expected) in case["expected"].as_object().unwrap() {
            let told = match answers.get(name.as_str()) {
                None => "no function answers it".to_owned(),
                Some(answer) if agree(answer, expected, tolerance) => continue,
                Some(answer) => format!("{answer} is not {expected}"),
            };
            wrong.push(format!("{}: {name}: {told}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn agree(answer: &Value, expected: &Value, tolerance: f64) -> bool {
    match (answer, expected) {
        (Value::Array(answers), Value::Array(expected)) => {
            answers.len() == expected.len()
                && answers.iter().zip(expected).all(|(one, other)| agree(one, other, tolerance))
        }
        (Value::Number(answer), Value::Number(expected)) => {
            let (answer, expected) = (answer.as_f64().unwrap(), expected.as_f64().unwrap());
            (answer - expected).abs() <= tolerance * expected.abs().max(f64::MIN_POSITIVE)
                || (answer - expected).abs() <= 1e-15
        }
        (one, other) => one == other,
    }
}

fn answers(kind: &str, inputs: &Value) -> Answers {
    match kind {
        "psi_numeric" => psi_numeric(inputs),
        "psi_degenerate" => psi_degenerate(inputs),
        "psi_null" => psi_null(inputs),
        "categorical" => categorical(inputs),
        "evidently" => evidently(inputs),
        "nannyml" if inputs.get("reference").is_some() => nannyml_numeric(inputs),
        "nannyml" => nannyml_categorical(inputs),
        "divergence" => divergence(inputs),
        "ks" => ks(inputs),
        "wasserstein" => wasserstein_distances(inputs),
        "calibration" => calibration(inputs),
        "metric_gate" => metric_gate(inputs),
        other => panic!("no function answers the kind `{other}`"),
    }
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn sample(subject: Subject, value: &Value) -> Sample {
    Sample::new(subject, floats(value), 0, NanPolicy::IsError).unwrap()
}

fn samples(inputs: &Value, names: [&str; 2]) -> [Sample; 2] {
    [sample(Subject::Reference, &inputs[names[0]]), sample(Subject::Current, &inputs[names[1]])]
}

/// Counts by level; what the file calls `null` is no level.
fn levels(value: &Value) -> Levels {
    let entries: &Map<String, Value> = value.as_object().unwrap();
    let mut counts: BTreeMap<String, u64> =
        entries.iter().map(|(level, count)| (level.clone(), count.as_u64().unwrap())).collect();
    let nulls = counts.remove("null").unwrap_or(0);
    Levels { counts, nulls }
}

fn floored(table: &Contingency, floor: f64) -> f64 {
    psi(table, Smoothing::Floor(floor), 1).unwrap().value
}

fn shares(table: &Contingency) -> [Shares; 2] {
    table.shares(Smoothing::None).unwrap()
}

#[expect(clippy::cast_possible_truncation, reason = "the number of bins is ten")]
fn bins(inputs: &Value) -> usize {
    inputs["bins"].as_u64().unwrap() as usize
}

#[expect(clippy::cast_precision_loss, reason = "counts of some dozen values")]
fn psi_numeric(inputs: &Value) -> Answers {
    let [reference, current] = samples(inputs, ["reference", "current"]);
    let table = Histogram::of_reference(&reference, bins(inputs)).unwrap().against(&current).unwrap();
    // The seed has bins of one width over the reference and loses what lies outside: here, the leftover bin.
    let cuts = Cuts::equal_width(&reference, bins(inputs)).unwrap();
    let [before, after] = [&reference, &current].map(|sample| Histogram::of(sample, cuts.clone()));
    let (lost, inside) = after.counts().split_last().unwrap();
    let seed = Contingency::new(before.counts()[..bins(inputs)].to_vec(), inside.to_vec()).unwrap();
    BTreeMap::from([
        ("psi_seed_eps_1e_6", json!(floored(&seed, 1e-6))),
        ("share_out_of_range", json!(*lost as f64 / current.n() as f64)),
        ("psi_quantile_open_floor_1e_4", json!(floored(&table, 1e-4))),
    ])
}

fn psi_degenerate(inputs: &Value) -> Answers {
    let [reference, current] = samples(inputs, ["reference", "current"]);
    let cuts = Cuts::quantiles(&reference, bins(inputs)).unwrap();
    let [before, after] = [&reference, &current].map(|sample| Histogram::of(sample, cuts.clone()));
    let table = before.against_counts(&after).unwrap();
    BTreeMap::from([
        ("unique_interior_edges", json!(cuts.at())),
        ("interior_edges", json!(cuts.at())),
        ("bins_after_dedup", json!(cuts.bins())),
        ("ref_counts", json!(before.counts())),
        ("cur_counts", json!(after.counts())),
        ("psi_floor_1e_4", json!(floored(&table, 1e-4))),
    ])
}

fn psi_null(inputs: &Value) -> Answers {
    let side = |subject, in_range: &str, nulls: &str| {
        let mut values = floats(&inputs[in_range]);
        let all: f64 = values.iter().sum();
        let dropped = Shares::new(subject, values.iter().map(|share| share / all).collect()).unwrap();
        values.push(inputs[nulls].as_f64().unwrap());
        (Shares::new(subject, values).unwrap(), dropped)
    };
    let (reference, without) = side(Subject::Reference, "ref_in_range_shares", "reference_null_share");
    let (current, current_without) = side(Subject::Current, "cur_in_range_shares", "current_null_share");
    BTreeMap::from([
        ("psi_null_bin", json!(psi_of_shares(&reference, &current).unwrap())),
        ("psi_nulls_dropped", json!(psi_of_shares(&without, &current_without).unwrap())),
    ])
}

fn categorical(inputs: &Value) -> Answers {
    let (reference, current) = (levels(&inputs["reference_counts"]), levels(&inputs["current_counts"]));
    let (names, table) = reference.against(&current, Rare::Keep).unwrap();
    let names: Vec<&str> = names
        .into_iter()
        .map(|level| match level {
            Level::Named(name) => name,
            Level::Other | Level::Null => panic!("the case has neither"),
        })
        .collect();
    let [p, q] = shares(&table);
    let test = chi_square(&table, ThinColumns::Keep).unwrap();
    BTreeMap::from([
        ("categories", json!(names)),
        ("ref_share", json!(p.values())),
        ("cur_share", json!(q.values())),
        ("psi_evidently_floor_1e_4", json!(floored(&table, 1e-4))),
        ("psi_floor_1e_4_no_renorm", json!(floored(&table, 1e-4))),
        ("psi_laplace_0_5", json!(psi(&table, Smoothing::HALF, PER_BIN).unwrap().value)),
        ("jsd_distance_base_e", json!(jensen_shannon_distance(&p, &q, LogBase::E).unwrap())),
        ("jsd_distance_base_2", json!(jensen_shannon_distance(&p, &q, LogBase::Two).unwrap())),
        ("jsd_divergence_base_2_tfdv", json!(jensen_shannon_divergence(&p, &q, LogBase::Two).unwrap())),
        ("l_infinity", json!(l_infinity(&p, &q).unwrap())),
        ("total_variation", json!(total_variation(&p, &q).unwrap())),
        ("hellinger", json!(hellinger(&p, &q).unwrap())),
        ("chi2_contingency_stat", json!(test.statistic)),
        ("chi2_contingency_p", json!(test.p_value)),
        ("chi2_contingency_dof", json!(test.dof)),
        ("evidently_chisquare_p", json!(goodness_of_fit_p(&p, &q))),
    ])
}

/// Evidently takes the shares of the reference as the truth; a level that it never had is then infinitely unlikely.
fn goodness_of_fit_p(p: &Shares, q: &Shares) -> f64 {
    let pairs = p.values().iter().zip(q.values());
    let statistic: f64 = pairs.map(|(p, q)| 60.0 * (q - p) * (q - p) / p).sum();
    chi_square_sf(statistic, p.values().len() as u64 - 1)
}

fn evidently(inputs: &Value) -> Answers {
    let (reference, current) = (levels(&inputs["reference"]), levels(&inputs["current"]));
    let index = |(names, table): (Vec<Level<'_>>, Contingency)| {
        let psi = psi(&table, Smoothing::None, PER_BIN).unwrap();
        // Null rows are part of n, but Evidently gives them no bin.
        let binned = names.iter().zip(&psi.contributions).filter(|(level, _)| **level != Level::Null);
        (psi.value, binned.map(|(_, part)| part).sum::<f64>())
    };
    let (with_nulls, of_evidently) = index(reference.against(&current, Rare::Keep).unwrap());
    let [reference, current] = [reference, current].map(|levels| Levels { nulls: 0, ..levels });
    let (without_nulls, _) = index(reference.against(&current, Rare::Keep).unwrap());
    BTreeMap::from([
        ("psi_evidently", json!(of_evidently)),
        ("psi_null_bin", json!(with_nulls)),
        ("psi_null_dropped", json!(without_nulls)),
    ])
}

fn nannyml_numeric(inputs: &Value) -> Answers {
    let [reference, current] = samples(inputs, ["reference", "current"]);
    let cuts = Cuts::doane(&reference).unwrap();
    let [p, q] = shares(&Histogram::of(&reference, cuts.clone()).against(&current).unwrap());
    let distance = jensen_shannon_distance(&p, &q, LogBase::Two).unwrap();
    BTreeMap::from([
        ("js_distance_base2_doane_bins_of_reference_with_leftover_bin", json!(distance)),
        ("doane_edges", json!(cuts.at())),
        ("hellinger_doane", json!(hellinger(&p, &q).unwrap())),
        ("ks_statistic", json!(kolmogorov_smirnov(&reference, &current).unwrap().statistic)),
        ("wasserstein", json!(wasserstein(&reference, &current).unwrap())),
    ])
}

fn nannyml_categorical(inputs: &Value) -> Answers {
    let (reference, current) = (levels(&inputs["reference_counts"]), levels(&inputs["current_counts"]));
    let (_, table) = reference.against(&current, Rare::Keep).unwrap();
    let [p, q] = shares(&table);
    BTreeMap::from([
        ("js_distance_base2", json!(jensen_shannon_distance(&p, &q, LogBase::Two).unwrap())),
        ("l_infinity", json!(l_infinity(&p, &q).unwrap())),
        ("chi2_stat", json!(chi_square(&table, ThinColumns::Keep).unwrap().statistic)),
    ])
}

fn divergence(inputs: &Value) -> Answers {
    let [p, q] = ["p", "q"].map(|name| Shares::new(Subject::Reference, floats(&inputs[name])).unwrap());
    BTreeMap::from([
        ("kl_pq_nats", json!(kullback_leibler(&p, &q).unwrap())),
        ("kl_qp_nats", json!(kullback_leibler(&q, &p).unwrap())),
        ("jeffreys_equals_psi", json!(jeffreys(&p, &q).unwrap())),
        ("psi", json!(psi_of_shares(&p, &q).unwrap())),
        ("jsd_distance_nats", json!(jensen_shannon_distance(&p, &q, LogBase::E).unwrap())),
        ("jsd_distance_bits", json!(jensen_shannon_distance(&p, &q, LogBase::Two).unwrap())),
        ("jsd_divergence_bits", json!(jensen_shannon_divergence(&p, &q, LogBase::Two).unwrap())),
    ])
}

fn ks(inputs: &Value) -> Answers {
    let [x, y] = samples(inputs, ["x", "y"]);
    let test = kolmogorov_smirnov(&x, &y).unwrap();
    BTreeMap::from([
        ("statistic", json!(test.statistic)),
        ("location", json!(test.location)),
        ("p_exact", json!(test.p_exact())),
        ("p_asymp_kstwo", json!(test.p_asymptotic())),
    ])
}

fn wasserstein_distances(inputs: &Value) -> Answers {
    let [x, y] = samples(inputs, ["x", "y"]);
    let distance = if inputs.get("x_weights").is_some() {
        let weighted = |values: &str, weights: &str| {
            Weighted::new(Subject::Reference, &floats(&inputs[values]), &floats(&inputs[weights])).unwrap()
        };
        wasserstein_weighted(&weighted("x", "x_weights"), &weighted("y", "y_weights"))
    } else {
        wasserstein(&x, &y).unwrap()
    };
    BTreeMap::from([
        ("w1", json!(distance)),
        ("w1_over_ref_std_ddof0", json!(wasserstein_normed(&x, &y, 0.0).unwrap())),
        ("evidently_normed", json!(wasserstein_normed(&x, &y, 0.001).unwrap())),
        ("std_ddof0", json!(standard_deviation(&x, Divisor::Population).unwrap())),
        ("std_ddof1", json!(standard_deviation(&x, Divisor::Sample).unwrap())),
    ])
}

fn calibration(inputs: &Value) -> Answers {
    let probabilities = floats(&inputs["prob"]);
    let outcomes: Vec<bool> = floats(&inputs["outcome"]).iter().map(|outcome| *outcome > 0.5).collect();
    let error = |probabilities: &[f64], outcomes: &[bool], binning| {
        let predictions = Predictions::new(probabilities, outcomes, 0).unwrap();
        reliability(&predictions, binning, 1).unwrap().expected_calibration_error()
    };
    // Cutting by rank alone tears equal predictions apart: five groups of two, each a bin of its own.
    let groups = probabilities.chunks(2).zip(outcomes.chunks(2));
    let naive: f64 = groups.map(|(p, y)| error(p, y, Binning::EqualWidth(1)) / 5.0).sum();
    BTreeMap::from([
        ("true_gap", json!(error(&probabilities, &outcomes, Binning::EqualMass(5)))),
        ("ece_width10", json!(error(&probabilities, &outcomes, Binning::EqualWidth(10)))),
        ("ece_mass5_rank_split_naive", json!(naive)),
    ])
}

fn metric_gate(inputs: &Value) -> Answers {
    let number = |name: &str| inputs.get(name).and_then(Value::as_f64);
    let direction = match inputs["direction"].as_str().unwrap() {
        "lower_is_better" => Direction::LowerIsBetter,
        "higher_is_better" => Direction::HigherIsBetter,
        other => panic!("no direction: {other}"),
    };
    let (baseline, candidate) = (number("baseline").unwrap(), number("candidate").unwrap());
    let limits = Limits::new(number("max_drop"), number("max_improvement")).unwrap();
    let (decision, improvement) = match limits.compare(baseline, candidate, direction).unwrap() {
        Comparison::Within { improvement } => ("within", improvement),
        Comparison::Fail { improvement, .. } => ("fail", improvement),
        Comparison::Review { improvement, .. } => ("review", improvement),
    };
    let mut answers = BTreeMap::from([("relative_improvement", json!(improvement)), ("decision", json!(decision))]);
    if improvement > 0.05 && decision == "within" {
        let note = "(0.2-0.19)/0.2 is 0.050000000000000044 in f64: a strict > 0.05 fires although the improvement is \
                    exactly 5%";
        answers.insert("note", json!(note));
    }
    answers
}
