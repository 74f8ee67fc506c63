//! Columns that the names of folders give: `season=2016/part-0.parquet`, as Hive writes partitions.
//!
//! A key is percent-decoded and `__HIVE_DEFAULT_PARTITION__` is null. Its values are text, as in the text formats: they are
//! parsed into the declared type, and one that does not parse is a finding. Where the files hold the column themselves, theirs counts.

use polars::prelude::{AnyValue, Column, DataFrame, DataType, PlSmallStr, PolarsResult, Scalar};

use super::{CheckError, Texts, Wanted, any_value, dtype, raw_name, text_name};
use crate::value::Type;

/// The name of a folder whose key is null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// A column and its value in all rows below a folder; `None` is null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderKey {
    pub name: String,
    pub value: Option<String>,
}

impl FolderKey {
    /// Reads the name of a folder; `None` when it is not a key with a value.
    pub fn read(folder: &str) -> Option<Self> {
        let (name, value) = folder.split_once('=')?;
        let name = percent_decoded(name).filter(|name| !name.is_empty())?;
        let value = if value == NULL { None } else { Some(percent_decoded(value)?) };
        Some(Self { name, value })
    }

    /// Returns the value; null when the text is not one of the type.
    pub fn value(&self, ty: &Type) -> Scalar {
        let stored = dtype(ty);
        let value = self.value.as_deref().and_then(|text| ty.parse_value(text));
        let value = value.and_then(|value| any_value(&value, &stored));
        Scalar::new(stored, value.unwrap_or(AnyValue::Null))
    }

    /// Returns the column and, beside it, the text where that is not a value of the type.
    fn columns(&self, wanted: &Wanted, texts: Texts, height: usize) -> Vec<Column> {
        let value = self.value(&wanted.ty);
        let text = |text: Option<&str>| {
            let text = text.map_or(AnyValue::Null, |text| AnyValue::StringOwned(text.into()));
            Scalar::new(DataType::String, text)
        };
        let written = self.value.as_deref();
        let misfit = text(written.filter(|_| value.is_null()));
        let mut columns = vec![(wanted.name.clone(), value), (raw_name(&wanted.name), misfit)];
        if texts == Texts::All {
            columns.push((text_name(&wanted.name), text(written)));
        }
        let column = |(name, value)| Column::new_scalar(PlSmallStr::from_string(name), value, height);
        columns.into_iter().map(column).collect()
    }
}

/// Adds the wanted keys to the rows of a file.
pub(super) fn add(frame: &mut DataFrame, keys: &[FolderKey], wanted: &[Wanted], texts: Texts) -> PolarsResult<()> {
    for wanted in wanted {
        if let Some(key) = keys.iter().find(|key| key.name == wanted.name) {
            for column in key.columns(wanted, texts, frame.height()) {
                frame.with_column(column)?;
            }
        }
    }
    Ok(())
}

/// Makes sure that two files lie below folders with the same keys.
pub(super) fn expect_same(first: (&str, &[FolderKey]), other: (&str, &[FolderKey])) -> Result<(), CheckError> {
    let names = |keys: &[FolderKey]| keys.iter().map(|key| key.name.clone()).collect::<Vec<_>>();
    let (expected, found) = (names(first.1), names(other.1));
    if expected == found {
        return Ok(());
    }
    let list = |names: &[String]| if names.is_empty() { "no key".to_owned() } else { names.join("=…/") + "=…" };
    let why = format!("its folders have {} and not {}", list(&found), list(&expected));
    Err(CheckError::PartsDiffer { path: other.0.to_owned(), first: first.0.to_owned(), why })
}

/// Undoes `%2F` and the like; `None` when what comes out is not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|code| *first == b'%' && code.iter().all(u8::is_ascii_hexdigit));
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_and_the_default_partition_is_null() {
        let check = |folder: &str, expect: Option<(&str, Option<&str>)>| {
            let key = |(name, value): (&str, Option<&str>)| FolderKey {
                name: name.to_owned(),
                value: value.map(str::to_owned),
            };
            assert_eq!(FolderKey::read(folder), expect.map(key), "{folder}");
        };
        check("season=2016", Some(("season", Some("2016"))));
        check("a%20b=x%2Fy%3D1=2", Some(("a b", Some("x/y=1=2"))));
        check("k=100%", Some(("k", Some("100%"))));
        check("k=", Some(("k", Some(""))));
        check("k=__HIVE_DEFAULT_PARTITION__", Some(("k", None)));
        check("k=%ff", None);
        check("=1", None);
        check("data", None);
    }
}
