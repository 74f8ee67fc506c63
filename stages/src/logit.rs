//! Multinomial logistic regression by Newton's method, the same bits on every machine.
//!
//! Three classes; the log-odds of the first and the last against the middle one are linear in the inputs (Hosmer and
//! Lemeshow, "Applied Logistic Regression", ch. 8). Sums run in row order, `exp` and `ln` are `libm`'s, nothing is fused
//! or reordered. Knows nothing of football.

/// Weights of one class against the reference: the intercept, then one weight per input.
pub type Weights<const N: usize> = [f64; N];

/// The two rows of weights: first class against middle, last class against middle.
pub type Coefficients<const N: usize> = [Weights<N>; 2];

#[derive(Debug, Clone, Copy)]
pub struct FitRules {
    /// Penalty: half of this times the sum of squared weights is added to the loss; intercepts go free.
    pub l2: f64,
    pub max_iterations: usize,
}

#[derive(Debug)]
pub struct Fit<const N: usize> {
    pub coefficients: Coefficients<N>,
    pub iterations: usize,
}

/// The largest move of a weight in the last step, when that was still too large.
#[derive(Debug, PartialEq)]
pub struct Unsettled(pub f64);

/// A step that moves no weight by more than this ends the fit.
const SETTLED: f64 = 1e-10;

/// Returns the probabilities of the three classes.
pub fn probabilities<const N: usize>(coefficients: &Coefficients<N>, row: &[f64; N]) -> [f64; 3] {
    let odds = |weights: &Weights<N>| weights.iter().zip(row).map(|(weight, value)| weight * value).sum::<f64>();
    let logits = [odds(&coefficients[0]), 0.0, odds(&coefficients[1])];
    let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares = logits.map(|logit| libm::exp(logit - highest));
    let total = shares[0] + shares[1] + shares[2];
    shares.map(|share| share / total)
}

/// Fits rows (a leading 1 for the intercept, then standardised inputs) to their classes 0, 1 and 2.
pub fn fit<const N: usize>(rows: &[[f64; N]], classes: &[usize], rules: FitRules) -> Result<Fit<N>, Unsettled> {
    let mut coefficients = [[0.0; N]; 2];
    let mut moved = f64::INFINITY;
    for iteration in 1..=rules.max_iterations {
        let step = newton_step(rows, classes, &coefficients, rules.l2);
        moved = 0.0;
        for (weights, step) in coefficients.iter_mut().zip(step.chunks(N)) {
            for (weight, step) in weights.iter_mut().zip(step) {
                *weight -= step;
                moved = f64::max(moved, step.abs());
            }
        }
        if moved <= SETTLED {
            return Ok(Fit { coefficients, iterations: iteration });
        }
    }
    Err(Unsettled(moved))
}

/// Returns the inverse Hessian of the penalised loss times its gradient; rows of weights one after the other.
fn newton_step<const N: usize>(
    rows: &[[f64; N]],
    classes: &[usize],
    coefficients: &Coefficients<N>,
    l2: f64,
) -> Vec<f64> {
    let mut gradient = vec![0.0; 2 * N];
    let mut hessian = vec![vec![0.0; 2 * N]; 2 * N];
    for (row, class) in rows.iter().zip(classes) {
        let [first, _, last] = probabilities(coefficients, row);
        let residuals = [first - one_if(*class == 0), last - one_if(*class == 2)];
        let cross = -first * last;
        let curvature = [[first * (1.0 - first), cross], [cross, last * (1.0 - last)]];
        accumulate(&mut gradient, &mut hessian, row, residuals, curvature);
    }
    for at in (0..2 * N).filter(|at| at % N != 0) {
        gradient[at] += l2 * coefficients[at / N][at % N];
        hessian[at][at] += l2;
    }
    solve(hessian, gradient)
}

/// Adds one row's share; of the symmetric Hessian only the lower half is filled.
fn accumulate<const N: usize>(
    gradient: &mut [f64],
    hessian: &mut [Vec<f64>],
    row: &[f64; N],
    residuals: [f64; 2],
    curvature: [[f64; 2]; 2],
) {
    for i in 0..2 * N {
        let value = row[i % N];
        gradient[i] += residuals[i / N] * value;
        for j in 0..=i {
            hessian[i][j] += curvature[i / N][j / N] * (value * row[j % N]);
        }
    }
}

fn one_if(is_class: bool) -> f64 {
    if is_class { 1.0 } else { 0.0 }
}

/// Solves a symmetric positive definite system by Cholesky decomposition, reading the lower half.
fn solve(mut lower: Vec<Vec<f64>>, mut values: Vec<f64>) -> Vec<f64> {
    let n = values.len();
    for i in 0..n {
        for j in 0..=i {
            let explained: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = lower[i][j] - explained;
            lower[i][j] = if i == j { rest.sqrt() } else { rest / lower[j][j] };
        }
    }
    for i in 0..n {
        let explained: f64 = (0..i).map(|k| lower[i][k] * values[k]).sum();
        values[i] = (values[i] - explained) / lower[i][i];
    }
    for i in (0..n).rev() {
        let explained: f64 = (i + 1..n).map(|k| lower[k][i] * values[k]).sum();
        values[i] = (values[i] - explained) / lower[i][i];
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn a_symmetric_system_is_solved() {
        let solution = solve(vec![vec![4.0, 0.0], vec![2.0, 3.0]], vec![10.0, 9.0]);
        close(solution[0], 1.5);
        close(solution[1], 2.0);
    }

    #[test]
    fn without_inputs_the_fit_gives_the_shares_of_the_classes() {
        let classes = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
        let fit = fit(&[[1.0]; 10], &classes, FitRules { l2: 1.0, max_iterations: 20 }).unwrap();
        let [first, middle, last] = probabilities(&fit.coefficients, &[1.0]);
        close(first, 0.4);
        close(middle, 0.3);
        close(last, 0.3);
    }

    #[test]
    fn a_binary_input_without_penalty_gives_the_shares_of_each_group() {
        // A saturated model reproduces the observed shares: 6/8, 1/8, 1/8 against 1/8, 3/8, 4/8.
        let mut rows = vec![[1.0, 0.0]; 8];
        rows.extend([[1.0, 1.0]; 8]);
        let classes = [0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 1, 1, 2, 2, 2, 2];
        let fit = fit(&rows, &classes, FitRules { l2: 0.0, max_iterations: 50 }).unwrap();
        let low = probabilities(&fit.coefficients, &[1.0, 0.0]);
        let high = probabilities(&fit.coefficients, &[1.0, 1.0]);
        for (found, expected) in low.into_iter().chain(high).zip([0.75, 0.125, 0.125, 0.125, 0.375, 0.5]) {
            close(found, expected);
        }
    }

    #[test]
    fn a_fit_that_runs_out_of_steps_says_how_far_it_was() {
        let classes = [0, 1, 2, 0];
        let Unsettled(moved) = fit(&[[1.0]; 4], &classes, FitRules { l2: 0.0, max_iterations: 1 }).unwrap_err();
        assert!(moved > SETTLED);
    }
}
