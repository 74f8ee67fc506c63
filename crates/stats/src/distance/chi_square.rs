//! The chi-square test of two rows of counts.

use crate::StatError;
use crate::contingency::{Contingency, RowTotals};
use crate::error::{Inconclusive, Subject};
use crate::special::chi_square_sf;
use crate::sum::sum;

/// The least expected count for which the approximation is trusted (W. Cochran, Biometrics 10, 1954).
const EXPECTED: f64 = 5.0;

/// What is done with columns in which fewer than five are expected on either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinColumns {
    /// They count like all others, as scipy, NannyML and alibi-detect do.
    Keep,
    /// They are one column together, with the smallest of the others where that is not enough.
    Merge,
}

/// The outcome of a chi-square test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquare {
    pub statistic: f64,
    /// Degrees of freedom: one less than the columns that were compared.
    pub dof: u64,
    /// The probability of at least this statistic when both rows come from one distribution.
    pub p_value: f64,
    /// The effect size √(χ² / n), within [0, 1]; unlike the p-value it does not shrink as n grows.
    pub cramers_v: f64,
}

/// Tests whether both rows of a table come from one distribution (Pearson's test of homogeneity).
///
/// Columns that are empty on both sides do not count; a level that only one side has does. Yates's correction is applied
/// to two columns and to no others, as scipy's `chi2_contingency` does.
pub fn chi_square(table: &Contingency, thin: ThinColumns) -> Result<ChiSquare, StatError> {
    let mut columns: Vec<[u64; 2]> = table.columns().filter(|[one, other]| one + other > 0).collect();
    let totals = table.totals();
    if thin == ThinColumns::Merge {
        columns = merge_thin(columns, totals)?;
    }
    let yates = if columns.len() == 2 { 0.5 } else { 0.0 };
    let statistic = sum(columns.iter().flat_map(|column| {
        expected(*column, totals).into_iter().zip(*column).map(|(expected, observed)| {
            let distance = (observed as f64 - expected).abs();
            let corrected = distance - distance.min(yates);
            corrected * corrected / expected
        })
    }));
    let dof = columns.len() as u64 - 1;
    let n = totals.reference as f64 + totals.current as f64;
    Ok(ChiSquare { statistic, dof, p_value: chi_square_sf(statistic, dof), cramers_v: (statistic / n).sqrt().min(1.0) })
}

/// What both rows would have in this column if they were alike.
fn expected([one, other]: [u64; 2], totals: RowTotals) -> [f64; 2] {
    let (reference, current) = (totals.reference as f64, totals.current as f64);
    let share = (one as f64 + other as f64) / (reference + current);
    [reference * share, current * share]
}

fn merge_thin(columns: Vec<[u64; 2]>, totals: RowTotals) -> Result<Vec<[u64; 2]>, Inconclusive> {
    let size = |column: &[u64; 2]| column[0] + column[1];
    let is_thin = |column: &[u64; 2]| expected(*column, totals).iter().any(|count| *count < EXPECTED);
    let largest = columns.iter().map(size).max().unwrap_or(0);
    let (thin, mut kept): (Vec<_>, Vec<_>) = columns.into_iter().partition(is_thin);
    let mut pooled = thin.into_iter().fold([0, 0], |total, column| [total[0] + column[0], total[1] + column[1]]);
    kept.sort_by_key(|column| std::cmp::Reverse(size(column)));
    while size(&pooled) > 0 && is_thin(&pooled) {
        let Some(smallest) = kept.pop() else { break };
        pooled = [pooled[0] + smallest[0], pooled[1] + smallest[1]];
    }
    if size(&pooled) > 0 {
        kept.push(pooled);
    }
    if kept.len() < 2 { Err(too_thin(largest, totals)) } else { Ok(kept) }
}

/// How long the shorter row must be for two columns: the largest, and all others together.
fn too_thin(largest: u64, totals: RowTotals) -> Inconclusive {
    let RowTotals { reference, current } = totals;
    let all = reference + current;
    let smaller_share = largest.min(all - largest) as f64 / all as f64;
    let (of, has) = if reference < current { (Subject::Reference, reference) } else { (Subject::Current, current) };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of counts is not that small")]
    let needs = (EXPECTED / smaller_share).ceil() as u64;
    Inconclusive::TooFew { of, has, needs: needs.max(has + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    fn table(reference: &[u64], current: &[u64]) -> Contingency {
        Contingency::new(reference.to_vec(), current.to_vec()).unwrap()
    }

    #[test]
    fn two_columns_are_corrected_as_scipy_does() {
        let check = |reference: &[u64], current: &[u64], statistic: f64, p_value: f64| {
            let test = chi_square(&table(reference, current), ThinColumns::Keep).unwrap();
            near(test.statistic, statistic, 1e-12);
            near(test.p_value, p_value, 1e-12);
            assert_eq!(test.dof, 1);
        };
        check(&[10, 20], &[30, 25], 2.706_155_303_030_302, 0.099_961_643_873_534_9);
        check(&[90, 10], &[40, 19], 10.823_481_983_095_807, 0.001_002_208_303_118_688);
        assert_eq!(chi_square(&table(&[10, 10], &[10, 10]), ThinColumns::Keep).unwrap().p_value, 1.0);
    }

    #[test]
    fn columns_empty_on_both_sides_do_not_count() {
        let with = chi_square(&table(&[40, 0, 60, 30], &[30, 0, 20, 9]), ThinColumns::Keep).unwrap();
        assert_eq!(Ok(with), chi_square(&table(&[40, 60, 30], &[30, 20, 9]), ThinColumns::Keep));
        assert_eq!(with.dof, 2);
    }

    #[test]
    fn thin_columns_are_merged() {
        let merged = chi_square(&table(&[40, 50, 30, 2, 1], &[30, 20, 15, 4, 5]), ThinColumns::Merge).unwrap();
        let by_hand = chi_square(&table(&[50, 40, 33], &[20, 30, 24]), ThinColumns::Keep).unwrap();
        // Both thin columns together are still thin, so the smallest of the others joins them.
        assert_eq!(merged.dof, by_hand.dof);
        near(merged.statistic, by_hand.statistic, 1e-12);
    }

    #[test]
    fn a_table_too_thin_to_compare_says_what_would_do() {
        let error = chi_square(&table(&[90, 10], &[9, 1]), ThinColumns::Merge).unwrap_err();
        assert_eq!(error.to_string(), "the current data: needs n ≥ 50, has 10");
    }
}
