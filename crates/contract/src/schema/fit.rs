//! Rules on columns of type `any`: what they mean for the type that a table has.

use super::ast::{End, Range, RuleKind};
use crate::value::{Literal, Type};

impl RuleKind {
    /// Returns the rule as one on values of type `ty`; the error says why such values cannot be judged by it.
    pub(crate) fn of_type(&self, ty: &Type) -> Result<Self, String> {
        match self {
            Self::Range(range) => range.of_type(ty).map(Self::Range),
            // What cannot be read as a value of the type is no value that the column could have.
            Self::In(values) => Ok(Self::In(values.iter().filter_map(|value| reread(value, ty)).collect())),
            Self::Reference(_) => Ok(self.clone()),
            Self::Matches(_) | Self::Find(_) | Self::Len(_) if *ty == Type::Str => Ok(self.clone()),
            Self::Matches(_) | Self::Find(_) => Err(format!("{ty} is not matched with a regular expression")),
            Self::Len(_) => Err(format!("{ty} has no length")),
            Self::NotNan if ty.is_float() => Ok(self.clone()),
            Self::NotNan => Err(format!("{ty} has no NaN")),
        }
    }
}

impl Range {
    fn of_type(&self, ty: &Type) -> Result<Self, String> {
        let is_read = |bound: &Option<Literal>| bound.as_ref().is_none_or(|bound| reread(bound, ty).is_some());
        if let (Some((low, high)), true) = (ty.int_domain(), self.is_of_numbers()) {
            return Ok(self.of_whole_numbers(low, high));
        }
        if !ty.has_range() || !is_read(&self.low) || !is_read(&self.high) {
            return Err(format!("{ty} does not lie between the bounds {self}"));
        }
        let bound = |bound: &Option<Literal>| bound.as_ref().and_then(|bound| reread(bound, ty));
        Ok(Self { low: bound(&self.low), high: bound(&self.high), end: self.end })
    }

    fn is_of_numbers(&self) -> bool {
        self.low.iter().chain(&self.high).all(|bound| matches!(bound, Literal::Int(_) | Literal::Float(_)))
    }

    /// Rounds the bounds inward and leaves those out that every value of the type keeps.
    fn of_whole_numbers(&self, least: i128, most: i128) -> Self {
        let low = self.low.as_ref().map(|bound| rounded(bound, f64::ceil));
        let high = self.high.as_ref().map(|bound| rounded(bound, f64::floor));
        let high_is_part = self.high.as_ref().is_some_and(is_part);
        let end = if high_is_part { End::Included } else { self.end };
        if low.is_some_and(|low| low > most) || high.is_some_and(|high| high < least) {
            // No value of the type is within.
            return Self { low: Some(Literal::Int(most)), high: Some(Literal::Int(most)), end: End::Excluded };
        }
        Self {
            low: low.filter(|low| *low > least).map(Literal::Int),
            high: high.filter(|high| *high <= most).map(Literal::Int),
            end,
        }
    }
}

fn is_part(bound: &Literal) -> bool {
    matches!(bound, Literal::Float(value) if value.fract() != 0.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a bound too large for a whole number is beyond every type")]
fn rounded(bound: &Literal, round: fn(f64) -> f64) -> i128 {
    match bound {
        Literal::Float(value) => round(*value) as i128,
        Literal::Int(value) => *value,
        Literal::Bool(_) | Literal::Str(_) | Literal::Date(_) | Literal::Time(_) | Literal::Datetime(_) => 0,
    }
}

/// Reads the text of a value as one of another type.
fn reread(value: &Literal, ty: &Type) -> Option<Literal> {
    let text = if let Literal::Str(text) = value { text.clone() } else { value.to_string() };
    let zone = |text: &str| ty.parse_value(&format!("{text}Z")).or_else(|| ty.parse_value(&format!("{text}T00:00Z")));
    ty.parse_value(&text).or_else(|| zone(&text).filter(|_| matches!(ty, Type::Datetime { .. })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_any_number_hold_for_the_type_that_is_there() {
        let check = |low: &str, high: &str, end: End, ty: &str, expect: &str| {
            let bound = |text: &str| Type::Any.parse_value(text);
            let (low, high) = Literal::alike(bound(low), bound(high));
            let ty = Type::parse(ty).expect("the type is valid");
            let found = Range { low, high, end }.of_type(&ty);
            assert_eq!(found.map_or_else(|why| why, |range| range.to_string()), expect);
        };
        check("0", "10", End::Included, "i64", "0..10");
        check("0.5", "2.5", End::Excluded, "i64", "1..2");
        check("0", "2.0", End::Excluded, "i64", "0..<2");
        check("-1000", "300", End::Included, "i8", "..");
        check("300", "", End::Included, "i8", "127..<127");
        check("0", "1", End::Included, "f64", "0..1");
        check("0", "1", End::Included, "str", "str does not lie between the bounds 0..1");
        check("2020-01-01", "", End::Included, "date", "2020-01-01..");
        check("2020-01-01", "", End::Included, "datetime[us, UTC]", "2020-01-01T00:00:00..");
        check("2020-01-01", "", End::Included, "i64", "i64 does not lie between the bounds 2020-01-01..");
    }
}
