//! Declared types against stored ones, and values from one to the other.

use std::sync::Arc;

use polars::prelude::{AnyValue, DataType, PlSmallStr, TimeZone};

use crate::value::{self, Literal, TimeUnit, Type};

/// How a column is stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stored {
    /// As text that is parsed into whatever type is declared.
    Text,
    Typed(DataType),
}

impl Stored {
    /// Says whether the stored type is the declared one; text may hold any.
    pub fn is(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Text, _)
            | (_, Type::Any)
            | (Self::Typed(DataType::Datetime(_, None)), Type::Datetime { unit: None, .. }) => true,
            (Self::Typed(stored), ty) => *stored == dtype(ty),
        }
    }

    /// Names the stored type as a schema would.
    pub fn name(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Typed(stored) => type_of(stored).map_or_else(|| stored.to_string(), |ty| ty.to_string()),
        }
    }
}

/// Returns the data-frame library's name for a declared type.
pub(crate) fn dtype(ty: &Type) -> DataType {
    match ty {
        // Text without any value is of no type; it is read as text.
        Type::Any | Type::Str => DataType::String,
        Type::Bool => DataType::Boolean,
        Type::I8 => DataType::Int8,
        Type::I16 => DataType::Int16,
        Type::I32 => DataType::Int32,
        Type::I64 => DataType::Int64,
        Type::U8 => DataType::UInt8,
        Type::U16 => DataType::UInt16,
        Type::U32 => DataType::UInt32,
        Type::U64 => DataType::UInt64,
        Type::F32 => DataType::Float32,
        Type::F64 => DataType::Float64,
        Type::Date => DataType::Date,
        Type::Time => DataType::Time,
        Type::Datetime { unit, zone } => {
            DataType::Datetime(library_unit(unit.unwrap_or(TimeUnit::Us)), zone_of(zone.as_deref()))
        }
    }
}

/// Returns the type with which a stored column is declared; `None` when there is none. Text is declared as text.
pub(crate) fn declarable(stored: &Stored) -> Option<Type> {
    if let Stored::Typed(stored) = stored { type_of(stored) } else { Some(Type::Str) }
}

/// Returns the declared type for a stored one; text for a type that cannot be declared.
pub(super) fn type_of_stored(stored: &Stored) -> Type {
    declarable(stored).unwrap_or(Type::Str)
}

/// Returns the nanoseconds of one tick of a date or of a point in time.
pub(super) fn tick_nanos(stored: &DataType) -> i128 {
    if let DataType::Datetime(unit, _) = stored { our_unit(*unit).nanos() } else { 86_400_000_000_000 }
}

pub(crate) fn type_of(stored: &DataType) -> Option<Type> {
    if let DataType::Datetime(unit, zone) = stored {
        let zone = zone.as_ref().map(ToString::to_string);
        return Some(Type::Datetime { unit: Some(our_unit(*unit)), zone });
    }
    let declared = Type::names().filter_map(Type::parse).filter(|ty| *ty != Type::Any);
    declared.into_iter().find(|ty| dtype(ty) == *stored)
}

/// Says whether `name` is a time zone the library knows; a schema with another one is refused.
pub(crate) fn is_time_zone(name: &str) -> bool {
    TimeZone::validate_time_zone(name).is_ok()
}

fn zone_of(zone: Option<&str>) -> Option<TimeZone> {
    let zone = zone.map(PlSmallStr::from);
    TimeZone::opt_try_new(zone).expect("the zone is known: checked when the schema was read")
}

fn library_unit(unit: TimeUnit) -> polars::prelude::TimeUnit {
    match unit {
        TimeUnit::Ms => polars::prelude::TimeUnit::Milliseconds,
        TimeUnit::Us => polars::prelude::TimeUnit::Microseconds,
        TimeUnit::Ns => polars::prelude::TimeUnit::Nanoseconds,
    }
}

fn our_unit(unit: polars::prelude::TimeUnit) -> TimeUnit {
    match unit {
        polars::prelude::TimeUnit::Milliseconds => TimeUnit::Ms,
        polars::prelude::TimeUnit::Microseconds => TimeUnit::Us,
        polars::prelude::TimeUnit::Nanoseconds => TimeUnit::Ns,
    }
}

/// Turns a value into one of the stored type; `None` when that type cannot hold it exactly.
pub(crate) fn any_value(value: &Literal, stored: &DataType) -> Option<AnyValue<'static>> {
    Some(match (value, stored) {
        (Literal::Bool(value), DataType::Boolean) => AnyValue::Boolean(*value),
        (Literal::Str(text), DataType::String) => AnyValue::StringOwned(PlSmallStr::from(text.as_str())),
        (Literal::Int(value), DataType::Int8) => AnyValue::Int8(i8::try_from(*value).ok()?),
        (Literal::Int(value), DataType::Int16) => AnyValue::Int16(i16::try_from(*value).ok()?),
        (Literal::Int(value), DataType::Int32) => AnyValue::Int32(i32::try_from(*value).ok()?),
        (Literal::Int(value), DataType::Int64) => AnyValue::Int64(i64::try_from(*value).ok()?),
        (Literal::Int(value), DataType::UInt8) => AnyValue::UInt8(u8::try_from(*value).ok()?),
        (Literal::Int(value), DataType::UInt16) => AnyValue::UInt16(u16::try_from(*value).ok()?),
        (Literal::Int(value), DataType::UInt32) => AnyValue::UInt32(u32::try_from(*value).ok()?),
        (Literal::Int(value), DataType::UInt64) => AnyValue::UInt64(u64::try_from(*value).ok()?),
        #[expect(clippy::cast_possible_truncation, reason = "the value was read as f32 and widened")]
        (Literal::Float(value), DataType::Float32) => AnyValue::Float32(*value as f32),
        (Literal::Float(value), DataType::Float64) => AnyValue::Float64(*value),
        (Literal::Date(days), DataType::Date) => AnyValue::Date(*days),
        (Literal::Time(nanos), DataType::Time) => AnyValue::Time(*nanos),
        (Literal::Datetime(nanos), DataType::Datetime(unit, zone)) => {
            let scale = our_unit(*unit).nanos();
            let value = (nanos % scale == 0).then(|| i64::try_from(nanos / scale).ok()).flatten()?;
            AnyValue::DatetimeOwned(value, *unit, zone.clone().map(Arc::new))
        }
        _ => return None,
    })
}

/// Writes a cell as its file would; `None` for null.
#[expect(clippy::wildcard_enum_match_arm, reason = "values of types that cannot be declared are written as they come")]
pub(crate) fn cell_text(value: &AnyValue<'_>) -> Option<String> {
    Some(match value {
        AnyValue::Null => return None,
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Date(days) => value::date_text(i64::from(*days)),
        AnyValue::Time(nanos) => value::time_text(*nanos),
        AnyValue::Datetime(ticks, unit, zone) => instant_text(*ticks, our_unit(*unit), zone.is_some()),
        AnyValue::DatetimeOwned(ticks, unit, zone) => instant_text(*ticks, our_unit(*unit), zone.is_some()),
        AnyValue::Boolean(value) => value.to_string(),
        AnyValue::Int8(value) => value.to_string(),
        AnyValue::Int16(value) => value.to_string(),
        AnyValue::Int32(value) => value.to_string(),
        AnyValue::Int64(value) => value.to_string(),
        AnyValue::UInt8(value) => value.to_string(),
        AnyValue::UInt16(value) => value.to_string(),
        AnyValue::UInt32(value) => value.to_string(),
        AnyValue::UInt64(value) => value.to_string(),
        AnyValue::Float32(value) => value.to_string(),
        AnyValue::Float64(value) => value.to_string(),
        other => format!("{other:?}"),
    })
}

fn instant_text(ticks: i64, unit: TimeUnit, zoned: bool) -> String {
    let text = value::datetime_text(i128::from(ticks) * unit.nanos());
    if zoned { text + "Z" } else { text }
}
