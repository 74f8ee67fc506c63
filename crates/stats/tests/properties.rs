//! Properties that every statistic has, and what all of them do when there is nothing to see.
#![expect(clippy::unwrap_used, reason = "what fails here is a failed test")]
#![expect(clippy::float_cmp, reason = "zeros and infinities are exact")]

use lockgate_stats::special::{chi_square_quantile, chi_square_sf, kolmogorov_sf};
use lockgate_stats::*;
use proptest::prelude::*;

const DRAWS: Draws = Draws { count: 100, seed: 3 };

fn sample(values: &[f64]) -> Sample {
    Sample::new(Subject::Current, values.to_vec(), 0, NanPolicy::IsNull).unwrap()
}

/// All that is asked of two numeric columns, by name.
fn distances(x: &Sample, y: &Sample) -> Vec<(&'static str, Result<f64, StatError>)> {
    let table = || Histogram::of_reference(x, 4)?.against(y);
    let of_shares = |distance: fn(&Shares, &Shares) -> Result<f64, Invalid>| -> Result<f64, StatError> {
        let [p, q] = table()?.shares(Smoothing::None)?;
        Ok(distance(&p, &q)?)
    };
    let weighted = |one: &Sample| Weighted::new(Subject::Current, one.values(), &vec![1.0; one.values().len()]);
    vec![
        ("psi", table().and_then(|table| Ok(psi(&table, Smoothing::HALF, PER_BIN)?.value))),
        ("chi-square", table().and_then(|table| Ok(chi_square(&table, ThinColumns::Keep)?.statistic))),
        ("chi-square, merged", table().and_then(|table| Ok(chi_square(&table, ThinColumns::Merge)?.statistic))),
        ("jensen-shannon", of_shares(|p, q| jensen_shannon_distance(p, q, LogBase::Two))),
        ("hellinger", of_shares(hellinger)),
        ("total variation", of_shares(total_variation)),
        ("l-infinity", of_shares(l_infinity)),
        ("kullback-leibler", of_shares(kullback_leibler)),
        ("jeffreys", of_shares(jeffreys)),
        ("kolmogorov-smirnov", kolmogorov_smirnov(x, y).map(|test| test.statistic)),
        ("wasserstein", wasserstein(x, y)),
        ("wasserstein, normed", wasserstein_normed(x, y, 0.0)),
        ("wasserstein, weighted", weighted(x).and_then(|x| Ok(wasserstein_weighted(&x, &weighted(y)?)))),
    ]
}

/// All that is asked of predictions, by name.
fn calibrations(probabilities: &[f64], outcomes: &[bool]) -> Vec<(&'static str, Result<f64, StatError>)> {
    let predictions = || Predictions::new(probabilities, outcomes, 0);
    let bins = Binning::EqualWidth(10);
    let null = |given: Predictions| expected_calibration_error_null(&given, bins, 20, DRAWS);
    vec![
        ("ece", predictions().and_then(|given| Ok(reliability(&given, bins, 20)?.expected_calibration_error()))),
        ("ece by mass", {
            let by_mass = |given| Ok(reliability(&given, Binning::EqualMass(5), 20)?.expected_calibration_error());
            predictions().and_then(by_mass)
        }),
        ("null", predictions().and_then(|given| Ok(null(given)?.percentile(95)))),
        ("murphy", predictions().and_then(|given| Ok(murphy(&given, bins, 20)?.resolution))),
        ("skill", predictions().and_then(|given| Ok(brier(&given).skill()?))),
        ("spiegelhalter", predictions().and_then(|given| Ok(spiegelhalter(&given)?.p_value))),
    ]
}

fn column() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![(-20_i8..20).prop_map(f64::from), -1e3..1e3], 2..80)
}

fn counts() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    (2..12_usize).prop_flat_map(|bins| {
        let row = || prop::collection::vec(0..500_u64, bins);
        (row(), row())
    })
}

fn near(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

/// What says nothing: each of these against a good column is without an answer, or an answer that shows the drift.
#[test]
fn nothing_to_see_is_never_a_pass() {
    let good: Vec<f64> = (0..60).map(f64::from).collect();
    for (name, empty) in [("empty", vec![]), ("all NaN", vec![f64::NAN; 40])] {
        for (what, answer) in distances(&sample(&empty), &sample(&good)) {
            assert!(matches!(answer, Err(StatError::Inconclusive(_))), "{what} of {name} as reference: {answer:?}");
        }
        for (what, answer) in distances(&sample(&good), &sample(&empty)) {
            let shows_nulls = answer.as_ref().is_ok_and(|distance| *distance > 0.1);
            let inconclusive = matches!(answer, Err(StatError::Inconclusive(_)));
            assert!(inconclusive || name == "all NaN" && shows_nulls, "{what} of {name}: {answer:?}");
        }
    }
    for (what, answer) in distances(&sample(&[30.0]), &sample(&good)) {
        assert!(matches!(answer, Err(StatError::Inconclusive(_))), "{what} of one row as reference: {answer:?}");
    }
    for (what, answer) in distances(&sample(&good), &sample(&[30.0])) {
        assert!(answer.is_err() || answer.is_ok_and(|distance| distance > 0.1), "{what} of one row");
    }
}

#[test]
fn a_constant_column_is_no_reference_for_bins_and_shows_in_all_others() {
    let constant = sample(&[5.0; 60]);
    let good = sample(&(0..60).map(f64::from).collect::<Vec<_>>());
    for (what, answer) in distances(&constant, &good) {
        match what {
            "kolmogorov-smirnov" | "wasserstein" | "wasserstein, weighted" => assert!(answer.unwrap() > 0.5, "{what}"),
            _ => assert_eq!(answer, Err(Inconclusive::NoVariance { of: Subject::Current }.into()), "{what}"),
        }
    }
    for (what, answer) in distances(&good, &constant) {
        assert!(answer.unwrap() > 0.1, "{what}");
    }
}

#[test]
fn an_all_null_column_is_inconclusive_against_another() {
    let nulls = Sample::new(Subject::Reference, vec![], 50, NanPolicy::IsError).unwrap();
    for (what, answer) in distances(&nulls, &nulls) {
        assert!(matches!(answer, Err(StatError::Inconclusive(_))), "{what}: {answer:?}");
    }
    let levels = Levels { nulls: 50, ..Levels::default() };
    assert!(matches!(levels.against(&levels, Rare::Keep), Err(StatError::Inconclusive(_))));
    assert!(Levels::default().against(&Levels::default(), Rare::Keep).is_err());
}

#[test]
fn calibration_of_nothing_one_row_or_one_outcome_is_never_a_pass() {
    for (what, answer) in calibrations(&[], &[]).into_iter().chain(calibrations(&[1.0], &[true])) {
        assert!(matches!(answer, Err(StatError::Inconclusive(_))), "{what}: {answer:?}");
    }
    for (what, answer) in calibrations(&[0.5, f64::NAN], &[true, true]) {
        assert!(matches!(answer, Err(StatError::Invalid(_))), "{what}: {answer:?}");
    }
    // Certain predictions of one outcome: they are right, which is evidence for all but what compares outcomes.
    let constant = calibrations(&[1.0; 50], &[true; 50]);
    let silent: Vec<_> = constant.iter().filter(|(_, answer)| answer.is_err()).map(|(what, _)| *what).collect();
    assert_eq!(silent, ["skill", "spiegelhalter"]);
}

proptest! {
    #[test]
    fn a_column_is_at_no_distance_of_itself(values in column()) {
        let one = sample(&values);
        for (what, answer) in distances(&one, &one) {
            if let Ok(distance) = answer {
                prop_assert!(distance.abs() < 1e-12, "{what}: {distance}");
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (values, shuffled) in column().prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle())),
        other in column(),
    ) {
        let other = sample(&other);
        prop_assert_eq!(distances(&sample(&values), &other), distances(&sample(&shuffled), &other));
    }

    #[test]
    fn distances_of_samples_are_symmetric_and_bounded(x in column(), y in column()) {
        let (x, y) = (sample(&x), sample(&y));
        let (one, other) = (kolmogorov_smirnov(&x, &y).unwrap(), kolmogorov_smirnov(&y, &x).unwrap());
        prop_assert!(near(one.statistic, other.statistic) && (0.0..=1.0).contains(&one.statistic));
        prop_assert!(near(one.p_exact(), other.p_exact()) && (0.0..=1.0).contains(&one.p_exact()));
        prop_assert!((0.0..=1.0).contains(&one.p_asymptotic()));
        let [there, back] = [wasserstein(&x, &y).unwrap(), wasserstein(&y, &x).unwrap()];
        prop_assert!(near(there, back) && there >= 0.0);
        // The distance of the means is the least, and D times the whole range the greatest, that it can be.
        let mean = |sample: &Sample| sample.values().iter().sum::<f64>() / f64::from(u32::try_from(sample.n()).unwrap());
        let range = x.values().last().unwrap().max(*y.values().last().unwrap()) - x.values()[0].min(y.values()[0]);
        prop_assert!(there >= (mean(&x) - mean(&y)).abs() - 1e-9 && there <= one.statistic * range + 1e-9);
    }

    #[test]
    fn a_shift_moves_the_wasserstein_distance_by_as_much(values in column(), shift in -50_i8..50) {
        let moved: Vec<f64> = values.iter().map(|value| value + f64::from(shift)).collect();
        let distance = wasserstein(&sample(&values), &sample(&moved)).unwrap();
        prop_assert!((distance - f64::from(shift).abs()).abs() < 1e-9);
    }

    #[test]
    fn distances_of_shares_are_symmetric_and_bounded((reference, current) in counts()) {
        let Ok(table) = Contingency::new(reference.clone(), current.clone()) else { return Ok(()) };
        let turned = Contingency::new(current, reference).unwrap();
        let index = |table: &Contingency| psi(table, Smoothing::HALF, 0).unwrap();
        // Laplace adds as much to either row, so the index has no direction.
        prop_assert!(near(index(&table).value, index(&turned).value));
        prop_assert!(index(&table).contributions.iter().all(|part| *part >= 0.0));
        prop_assert!((0.0..=1.0).contains(&index(&table).p_value()));
        let [p, q] = table.shares(Smoothing::HALF).unwrap();
        prop_assert!(near(index(&table).value, jeffreys(&p, &q).unwrap()));
        let [p, q] = table.shares(Smoothing::None).unwrap();
        let variation = total_variation(&p, &q).unwrap();
        let helling = hellinger(&p, &q).unwrap();
        let js = jensen_shannon_divergence(&p, &q, LogBase::Two).unwrap();
        let bounded = 0.0..=1.0 + 1e-12;
        prop_assert!(bounded.contains(&variation) && bounded.contains(&helling) && bounded.contains(&js));
        prop_assert!(l_infinity(&p, &q).unwrap() <= variation + 1e-12);
        // Le Cam's and Lin's inequalities.
        prop_assert!(helling * helling <= variation + 1e-12 && variation <= helling * 2.0_f64.sqrt() + 1e-12);
        prop_assert!(js <= variation + 1e-12);
        prop_assert!(near(js, jensen_shannon_divergence(&q, &p, LogBase::Two).unwrap()));
        let [test, back] = [&table, &turned].map(|table| chi_square(table, ThinColumns::Keep).unwrap());
        prop_assert!(near(test.statistic, back.statistic) && (0.0..=1.0).contains(&test.cramers_v));
    }

    #[test]
    fn every_value_has_one_bin_and_nulls_their_own(values in column(), other in column(), nulls in 0..20_u64) {
        let reference = sample(&values);
        let current = Sample::new(Subject::Current, other, nulls, NanPolicy::IsError).unwrap();
        for cuts in [Cuts::quantiles(&reference, 5), Cuts::equal_width(&reference, 5), Cuts::doane(&reference)] {
            let Ok(cuts) = cuts else { continue };
            prop_assert_eq!(Histogram::of(&current, cuts).n(), current.n());
        }
        if let Ok(kept) = Histogram::of_reference(&reference, 5) {
            prop_assert!(kept.counts().iter().all(|count| *count > 0) && kept.counts().len() <= 5);
        }
    }

    #[test]
    fn calibration_errors_are_bounded_and_know_no_order(
        (rows, shuffled) in prop::collection::vec((0.0..=1.0_f64, any::<bool>()), 20..200)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        by_mass in any::<bool>(),
        min_samples in 1..20_u64,
    ) {
        let binning = if by_mass { Binning::EqualMass(10) } else { Binning::EqualWidth(10) };
        let given = |rows: Vec<(f64, bool)>| {
            let (probabilities, outcomes): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
            Predictions::new(&probabilities, &outcomes, 0).unwrap()
        };
        let (one, n) = (given(rows.clone()), rows.len() as u64);
        let result = reliability(&one, binning, min_samples).unwrap();
        prop_assert_eq!(&result, &reliability(&given(shuffled), binning, min_samples).unwrap());
        prop_assert_eq!(result.bins.iter().map(|bin| bin.n).sum::<u64>(), n);
        prop_assert!(result.bins.iter().all(|bin| bin.n >= min_samples));
        let (error, worst) = (result.expected_calibration_error(), result.maximum_calibration_error());
        prop_assert!((0.0..=1.0).contains(&error) && error <= worst + 1e-12);
        for bin in &result.bins {
            prop_assert!(bin.interval(0.95).unwrap().contains(bin.rate()));
        }
        let parts = murphy(&one, binning, min_samples).unwrap();
        let total = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins;
        prop_assert!((total - brier(&one).score).abs() < 1e-12);
    }

    #[test]
    fn adjusted_p_values_are_never_smaller_and_bonferroni_is_the_stricter(
        p_values in prop::collection::vec(0.0..=1.0_f64, 1..30),
    ) {
        let (strict, loose) = (bonferroni(&p_values).unwrap(), benjamini_hochberg(&p_values).unwrap());
        for ((p, strict), loose) in p_values.iter().zip(strict).zip(loose) {
            prop_assert!(*p <= loose + 1e-15 && loose <= strict + 1e-15 && strict <= 1.0);
        }
    }

    #[test]
    fn tails_are_probabilities_that_fall(x in 0.0..300.0_f64, dof in 1..200_u64, d in 0.0..1.0_f64, n in 1..3000_u64) {
        let tail = chi_square_sf(x, dof);
        prop_assert!((0.0..=1.0).contains(&tail) && chi_square_sf(x + 1.0, dof) <= tail);
        let back = chi_square_quantile(0.5, dof);
        prop_assert!(near(chi_square_sf(back, dof), 0.5));
        prop_assert!((0.0..=1.0).contains(&kolmogorov_sf(d, n)));
    }

    #[test]
    fn what_is_better_one_way_is_worse_the_other(before in 0.01..10.0_f64, after in 0.01..10.0_f64) {
        let [lower, higher] = [Direction::LowerIsBetter, Direction::HigherIsBetter]
            .map(|direction| relative_improvement(before, after, direction).unwrap());
        prop_assert!(near(lower, -higher));
    }
}
