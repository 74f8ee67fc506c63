//! Distribution functions that the tests of significance need, and nothing more.
//!
//! All of them use `libm` and a fixed order of operations, so their last bit is the same on every machine. NaN gives NaN.

mod chi_square;
mod gamma;
mod kolmogorov;
mod normal;

pub use chi_square::{chi_square_quantile, chi_square_sf};
pub use gamma::{regularized_gamma_p, regularized_gamma_q};
pub use kolmogorov::kolmogorov_sf;
pub use normal::normal_sf;
