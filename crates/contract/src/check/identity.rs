//! What stands for a value in 88 bits of a record.
//!
//! A number, a date, a time or a truth is its own 64 bits, in two orders: scattered, so that shares of records are of one size
//! whatever the values, or ordered as the values are, from which they can be read back. Anything else is hashed: equal values
//! always meet, and two different ones of a billion meet with odds below one in a hundred million.

use polars::prelude::{
    Column, DataFrame, DataType, NamedFrom, PlSeedableRandomStateQuality, PlSmallStr, PolarsResult,
    SeedableFromU64SeedExt, Series,
};

/// How many bits an identity has.
pub(super) const IDENTITY_BITS: u32 = 88;

/// The bits below the 64 of a value that is its own identity.
const LOW_BITS: u32 = IDENTITY_BITS - 64;

/// Says whether all values of a type fit into 64 bits as they are.
pub(super) fn is_whole(stored: &DataType) -> bool {
    use DataType::{Date, Datetime, Duration, Int8, Int16, Int32, Int64, Time, UInt8, UInt16, UInt32};
    matches!(stored, Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | Date | Time | Datetime(..) | Duration(_))
}

/// Returns identities for whole values, which are different for different ones; null is a value of its own.
pub(super) fn scattered(column: &Column) -> PolarsResult<Vec<u128>> {
    let values = column.to_physical_repr().cast(&DataType::Int64)?;
    let identity =
        |value: Option<i64>| value.map_or(1, |value| u128::from(scramble(value.cast_unsigned())) << LOW_BITS);
    Ok(values.i64()?.iter().map(identity).collect())
}

/// Scrambles a number; different numbers stay different (the finaliser of splitmix64).
fn scramble(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

/// Returns identities for each row that are equal for equal rows.
pub(super) fn hashed(mut rows: DataFrame) -> PolarsResult<Vec<u128>> {
    if rows.height() == 0 {
        return Ok(Vec::new());
    }
    let mut hash = |seed| rows.hash_rows(Some(PlSeedableRandomStateQuality::seed_from_u64(seed)));
    let (high, low) = (hash(1)?, hash(2)?);
    let both = high.into_no_null_iter().zip(low.into_no_null_iter());
    Ok(both.map(|(high, low)| (u128::from(high) << LOW_BITS) | u128::from(low >> (64 - LOW_BITS))).collect())
}

/// How the order of the values of a type is that of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ordered {
    Signed,
    Unsigned,
    /// NaN comes last, and the two zeros are one.
    Float,
}

const SIGN: u64 = 1 << 63;

impl Ordered {
    /// Returns how a type is ordered; `None` for one whose values do not fit.
    pub fn of(stored: &DataType) -> Option<Self> {
        if matches!(stored, DataType::Boolean | DataType::UInt64) {
            return Some(Self::Unsigned);
        }
        if matches!(stored, DataType::Float32 | DataType::Float64) {
            return Some(Self::Float);
        }
        is_whole(stored).then_some(Self::Signed)
    }

    /// Returns the identities of values, of which none is null.
    pub fn identities(self, column: &Column) -> PolarsResult<Vec<u128>> {
        let values = column.to_physical_repr();
        let high = |value: u64| u128::from(value) << LOW_BITS;
        Ok(match self {
            Self::Signed => {
                let values = values.cast(&DataType::Int64)?;
                values.i64()?.iter().flatten().map(|value| high(value.cast_unsigned() ^ SIGN)).collect()
            }
            Self::Unsigned => values.cast(&DataType::UInt64)?.u64()?.iter().flatten().map(high).collect(),
            Self::Float => {
                let values = values.cast(&DataType::Float64)?;
                values.f64()?.iter().flatten().map(|value| high(float_bits(value))).collect()
            }
        })
    }

    /// Returns the value of an identity as a float.
    #[expect(clippy::cast_precision_loss, reason = "figures are computed in 64-bit floats")]
    pub fn number(self, identity: u128) -> f64 {
        let bits = bits_of(identity);
        match self {
            Self::Signed => (bits ^ SIGN).cast_signed() as f64,
            Self::Unsigned => bits as f64,
            Self::Float => float_of(bits),
        }
    }

    /// Returns the values of identities as a column of their own type.
    pub fn values(self, identities: &[Option<u128>], stored: &DataType) -> PolarsResult<Series> {
        let name = PlSmallStr::EMPTY;
        let bits = identities.iter().map(|identity| identity.map(bits_of));
        let values = match self {
            Self::Signed => {
                Series::new(name, bits.map(|bits| bits.map(|bits| (bits ^ SIGN).cast_signed())).collect::<Vec<_>>())
            }
            Self::Unsigned => Series::new(name, bits.collect::<Vec<_>>()),
            Self::Float => Series::new(name, bits.map(|bits| bits.map(float_of)).collect::<Vec<_>>()),
        };
        values.cast(stored)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is shifted away are the bits below the value")]
fn bits_of(identity: u128) -> u64 {
    (identity >> LOW_BITS) as u64
}

fn float_bits(value: f64) -> u64 {
    // Adding zero makes the negative zero a positive one.
    let bits = if value.is_nan() { f64::NAN.to_bits() & !SIGN } else { (value + 0.0).to_bits() };
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn float_of(bits: u64) -> f64 {
    f64::from_bits(if bits & SIGN == 0 { !bits } else { bits & !SIGN })
}
