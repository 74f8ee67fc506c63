//! How far current data are from a reference, and what chance alone would do.

mod chi_square;
mod divergence;
mod kolmogorov_smirnov;
mod psi;
mod steps;
mod wasserstein;

pub use chi_square::{ChiSquare, ThinColumns, chi_square};
pub use divergence::{
    LogBase, hellinger, jeffreys, jensen_shannon_distance, jensen_shannon_divergence, kullback_leibler, l_infinity,
    total_variation,
};
pub use kolmogorov_smirnov::{EXACT_UP_TO, KolmogorovSmirnov, kolmogorov_smirnov};
pub use psi::{PER_BIN, Psi, psi, psi_of_shares};
pub use wasserstein::{Weighted, wasserstein, wasserstein_normed, wasserstein_weighted};
