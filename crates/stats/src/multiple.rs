//! Many tests at once: p-values that account for how many there were.

use crate::StatError;
use crate::error::{Invalid, Subject, too_few};

/// Returns p-values times their number, at most 1, in the order given (C. Bonferroni).
///
/// Comparing them with α bounds the probability of *any* false alarm by α.
pub fn bonferroni(p_values: &[f64]) -> Result<Vec<f64>, StatError> {
    check(p_values)?;
    let n = p_values.len() as f64;
    Ok(p_values.iter().map(|p| (p * n).min(1.0)).collect())
}

/// Returns p-values adjusted for the false discovery rate, in the order given.
///
/// Comparing them with α bounds the expected *share* of false alarms among the alarms by α (Y. Benjamini and Y. Hochberg, J.
/// R. Stat. Soc. B 57, 1995).
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, StatError> {
    check(p_values)?;
    let n = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*one].total_cmp(&p_values[*other]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (below, index) in order.into_iter().enumerate().rev() {
        least = least.min(p_values[index] * n / (below + 1) as f64);
        adjusted[index] = least;
    }
    Ok(adjusted)
}

fn check(p_values: &[f64]) -> Result<(), StatError> {
    too_few(Subject::PValues, p_values.len(), 1)?;
    match p_values.iter().enumerate().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
        None => Ok(()),
        Some((at, value)) => Err(Invalid::NotAProbability { of: Subject::PValues, at, value: *value }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_scipy() {
        let p_values = [0.01, 0.04, 0.03, 0.005, 0.8, 0.04];
        let expect = [0.03, 0.048, 0.048, 0.03, 0.8, 0.048];
        let adjusted = benjamini_hochberg(&p_values).unwrap();
        adjusted.iter().zip(expect).for_each(|(value, expect)| crate::near(*value, expect, 1e-12));
        let expect = [0.06, 0.24, 0.18, 0.03, 1.0, 0.24];
        let adjusted = bonferroni(&p_values).unwrap();
        adjusted.iter().zip(expect).for_each(|(value, expect)| crate::near(*value, expect, 1e-12));
    }

    #[test]
    fn no_test_or_no_probability_is_no_answer() {
        for adjust in [bonferroni, benjamini_hochberg] {
            assert!(adjust(&[]).is_err() && adjust(&[0.1, f64::NAN]).is_err() && adjust(&[1.1]).is_err());
        }
    }
}
