//! Aggregates as expressions: what a batch gives for a group, how two of these become one, and what is read at the end.
//!
//! Counts, sums, extremes and deviations are merged from batch to batch in a few numbers a group. Medians, quantiles, different
//! values and the most common one need all values; these are kept with their counts, each value once.

use std::collections::BTreeMap;

use polars::prelude::{DataType, Expr, NULL, SortMultipleOptions, len, lit, when};

use super::formula::{Leaves, value};
use super::masks::named;
use crate::schema::{Aggregate, How, Operand};

/// What a reduction carries for the aggregates that are merged, each part once whoever needs it.
#[derive(Default)]
pub(super) struct Parts {
    parts: BTreeMap<String, (Expr, Expr)>,
}

/// The hidden columns of a table of values: one of them, and how often it is there.
pub(super) const VALUE: &str = "\u{0}value";
pub(super) const TIMES: &str = "\u{0}times";

impl Parts {
    pub fn partial(&self) -> Vec<Expr> {
        self.parts.iter().map(|(name, (partial, _))| partial.clone().alias(name.as_str())).collect()
    }

    pub fn merged(&self) -> Vec<Expr> {
        self.parts.iter().map(|(name, (_, merged))| merged.clone().alias(name.as_str())).collect()
    }

    /// Adds a part and returns what stands for it once it is merged.
    fn part(&mut self, name: &str, partial: Expr, merge: fn(Expr) -> Expr) -> Expr {
        let name = format!("\u{0}{name}");
        self.parts.entry(name.clone()).or_insert_with(|| (partial, merge(named(&name))));
        named(&name)
    }

    /// The number of rows.
    pub fn rows(&mut self) -> Expr {
        self.part("rows", len().cast(DataType::UInt64), Expr::sum)
    }

    /// Returns how the aggregate is read off the merged parts; `None` for one that needs all values.
    pub fn figure(&mut self, aggregate: &Aggregate, leaves: &dyn Leaves) -> Option<Expr> {
        let Some(of) = &aggregate.of else { return Some(self.rows()) };
        let cells = Cells { of, leaves };
        Some(match aggregate.how {
            How::Count => self.count(&cells),
            How::Sum => {
                let sum = self.part(&format!("sum {of}"), cells.float().sum(), Expr::sum);
                self.unless_empty(sum, &cells)
            }
            How::Avg => {
                let (sum, count) =
                    (self.part(&format!("sum {of}"), cells.float().sum(), Expr::sum), self.count(&cells));
                self.unless_empty(sum / count.cast(DataType::Float64), &cells)
            }
            How::Min => {
                let least = self.part(&format!("min {of}"), cells.value().min(), Expr::min);
                self.unless_nan(least, &cells)
            }
            How::Max => {
                let most = self.part(&format!("max {of}"), cells.value().max(), Expr::max);
                self.unless_nan(most, &cells)
            }
            How::Std => self.deviation(&cells),
            How::ShareNull => {
                let nulls = self.part(&format!("nulls {of}"), sum(cells.is_null()), Expr::sum);
                share(nulls, self.rows())
            }
            How::ShareZero => {
                let zero = cells.float().eq(lit(0.0)).fill_null(lit(false));
                let zeros = self.part(&format!("zeros {of}"), sum(zero), Expr::sum);
                let count = self.count(&cells);
                self.unless_empty(share(zeros, count), &cells)
            }
            How::Median | How::Quantile(_) | How::NUnique | How::ShareUnique | How::MostCommon => return None,
        })
    }

    fn count(&mut self, cells: &Cells<'_>) -> Expr {
        self.part(&format!("count {}", cells.of), sum(cells.value().is_not_null()), Expr::sum)
    }

    fn unless_empty(&mut self, figure: Expr, cells: &Cells<'_>) -> Expr {
        when(self.count(cells).gt(lit(0u64))).then(figure).otherwise(lit(NULL))
    }

    /// The library passes over NaN when it looks for extremes, and NaN has no place in an order.
    fn unless_nan(&mut self, figure: Expr, cells: &Cells<'_>) -> Expr {
        if !cells.of.ty().is_float() {
            return figure;
        }
        let nans =
            self.part(&format!("nans {}", cells.of), sum(cells.value().is_nan().fill_null(lit(false))), Expr::sum);
        when(nans.gt(lit(0u64))).then(lit(f64::NAN)).otherwise(figure)
    }

    /// The deviations of batches are put together without the loss that a sum of squares has (Chan, Golub, LeVeque 1979).
    fn deviation(&mut self, cells: &Cells<'_>) -> Expr {
        let of = cells.of;
        let count = self.count(cells);
        let (mean_name, squares_name) = (format!("\u{0}mean {of}"), format!("\u{0}squares {of}"));
        let (n, mean) = (count.clone().cast(DataType::Float64), named(&mean_name));
        let whole_mean = (n.clone() * mean.clone()).sum() / n.clone().sum();
        let apart = mean - whole_mean.clone();
        let squares = (named(&squares_name) + n.clone() * apart.clone() * apart).sum();
        let float = cells.float();
        let batch = float.clone().var(0) * float.clone().count().cast(DataType::Float64);
        self.parts.insert(mean_name, (float.mean(), whole_mean));
        self.parts.insert(squares_name.clone(), (batch, squares));
        let variance = named(&squares_name) / (n - lit(1.0));
        when(count.gt(lit(1u64))).then(variance.sqrt()).otherwise(lit(NULL))
    }
}

/// What an aggregate is computed of.
struct Cells<'a> {
    of: &'a Operand,
    leaves: &'a dyn Leaves,
}

impl Cells<'_> {
    fn value(&self) -> Expr {
        value(self.leaves, self.of)
    }

    fn float(&self) -> Expr {
        self.value().cast(DataType::Float64)
    }

    fn is_null(&self) -> Expr {
        if let Operand::Column { name, .. } = self.of { self.leaves.is_null(name) } else { self.value().is_null() }
    }
}

fn sum(mask: Expr) -> Expr {
    mask.cast(DataType::UInt64).sum()
}

fn share(part: Expr, whole: Expr) -> Expr {
    part.cast(DataType::Float64) / whole.cast(DataType::Float64)
}

/// Returns how an aggregate that needs all values is read off them within a group of a table of values.
pub(super) fn of_values(how: How) -> Expr {
    let is_value = named(VALUE).is_not_null();
    let values = || named(VALUE).filter(is_value.clone());
    let times = || named(TIMES).filter(is_value.clone());
    let total = || times().sum();
    match how {
        How::NUnique => values().len().cast(DataType::UInt64),
        How::ShareUnique => when(total().gt(lit(0u64))).then(share(values().len(), total())).otherwise(lit(NULL)),
        How::MostCommon => values().filter(times().eq(times().max())).min(),
        How::Median => {
            let last = total().cast(DataType::Float64) - lit(1.0);
            let half = last / lit(2.0);
            (at_rank(half.clone().floor()) + at_rank(half.ceil())) / lit(2.0)
        }
        How::Quantile(q) => at_rank(nearest((total().cast(DataType::Float64) - lit(1.0)) * lit(q))),
        How::Count | How::Sum | How::Avg | How::Min | How::Max | How::Std | How::ShareNull | How::ShareZero => {
            unreachable!("these are merged from batch to batch")
        }
    }
}

/// Returns the two ranks, from 0, of the sorted values of which a figure is the mean; without a value there are none such.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³")]
pub(super) fn rank_of(how: How, values: u64) -> (f64, f64) {
    let last = values as f64 - 1.0;
    let ranks = |rank: f64| (rank.floor(), rank.ceil());
    ranks(if let How::Quantile(q) = how { (last * q).round_ties_even() } else { last / 2.0 })
}

/// Returns the value at a rank, from 0, of the sorted values; NaN when there is one among them.
fn at_rank(rank: Expr) -> Expr {
    let is_value = named(VALUE).is_not_null();
    let value = named(VALUE).filter(is_value.clone()).cast(DataType::Float64);
    let order = || named(VALUE).filter(named(VALUE).is_not_null());
    let sorted = value.clone().sort_by([order()], SortMultipleOptions::default());
    let up_to = named(TIMES).filter(is_value).sort_by([order()], SortMultipleOptions::default()).cum_sum(false);
    let found = sorted.filter(up_to.cast(DataType::Float64).gt(rank)).first();
    when(value.is_nan().any(true)).then(lit(f64::NAN)).otherwise(found)
}

/// Rounds to a whole rank, a half to the even one.
fn nearest(rank: Expr) -> Expr {
    let below = rank.clone().floor();
    let part = rank - below.clone();
    let is_odd = (below.clone() - (below.clone() / lit(2.0)).floor() * lit(2.0)).eq(lit(1.0));
    let is_up = part.clone().gt(lit(0.5)).or(part.eq(lit(0.5)).and(is_odd));
    below + is_up.cast(DataType::Float64)
}
