//! Great Expectations suites.
//!
//! [`read`] goes from the text to typed expectations, [`catalogue`] knows every type and how it is said in lockgate's
//! language, [`condition`] translates what restricts an expectation to some rows, and [`write`] makes the schema of it.
//! What the types mean is what Great Expectations 1.24 does with a pandas data frame; `tests/gx` holds its verdicts.

mod aggregates;
mod catalogue;
mod condition;
mod kwargs;
mod query;
mod read;
mod rows;
mod shape;
mod values;
mod why;
mod write;

pub(crate) use write::translate;
