//! All values of what an aggregate is computed of, each once with how often it is there.
//!
//! Medians, quantiles, different values and the most common one need them. Up to a limit they are kept as they are; above it
//! they become records of 128 bits, which are sorted on disk: the number of the group, what stands for the value, and how often
//! it has come. The order of the records is that of the values where it has to be, and so every figure is read off them in one
//! or two passes. A most common text is looked for in the table again, for a record has only its hash.

use std::ops::ControlFlow;

use polars::prelude::{
    AnyValue, BooleanChunked, Column, DataFrame, DataType, Expr, IntoColumn, IntoLazy, NewChunkedArray, PlSmallStr,
    PolarsResult, Series, len,
};

use super::figures::{TIMES, VALUE, of_values, rank_of};
use super::identity::{IDENTITY_BITS, Ordered, hashed};
use super::masks::named;
use super::measure::TakeError;
use super::members::{GROUP, Members};
use super::reduce::Reduction;
use super::spill::{Records, Sorted};
use crate::schema::How;
use crate::table::Table;

/// Records of values in memory before they are written as a run: 32 MB.
const MOST_HELD: usize = 2 << 20;

/// Most common values that are looked for in one pass over the table: 64 MB.
const MOST_SOUGHT: usize = 4 << 20;

/// The bits of a record that say how often its value has come.
const TIMES_BITS: u32 = 20;
const MOST_TIMES: u64 = (1 << TIMES_BITS) - 1;

/// The bits of a record that are left for the number of its group.
const GROUP_SHIFT: u32 = IDENTITY_BITS + TIMES_BITS;

/// All values of what one or more aggregates are computed of, while they are found.
pub(super) struct Values {
    of: String,
    value: Expr,
    /// What is read off them, each under the name of its column.
    read: Vec<(String, How)>,
    kept: Option<Reduction>,
    spilled: Option<Spilled>,
    /// More different values than this are written, over all groups.
    most: usize,
}

/// The values that were too many to keep.
struct Spilled {
    records: Records,
    stored: DataType,
}

impl Values {
    pub fn new(of: String, value: Expr, most: usize) -> Self {
        Self { of, value, read: Vec::new(), kept: None, spilled: None, most }
    }

    pub fn is_of(&self, of: &str) -> bool {
        self.of == of
    }

    /// Has a figure read off the values into the column `name`.
    pub fn read(&mut self, name: &str, how: How) {
        if self.read.iter().all(|(known, _)| known != name) {
            self.read.push((name.to_owned(), how));
        }
    }

    /// Takes the values of rows that have the keys of their groups; `groups` has all of these.
    pub fn take(&mut self, rows: &DataFrame, groups: &mut Reduction, members: &Members) -> Result<(), TakeError> {
        let (value, most) = (self.of_rows(rows, members)?, self.most);
        let kept = self.kept.get_or_insert_with(|| {
            let names = members.keys().into_iter().chain([VALUE.to_owned()]).collect();
            let partial = vec![len().cast(DataType::UInt64).alias(TIMES)];
            Reduction::new(names, partial, vec![named(TIMES).sum()], most)
        });
        kept.take(&value)?;
        if kept.is_over() { self.spill(groups, members) } else { Ok(()) }
    }

    fn of_rows(&self, rows: &DataFrame, members: &Members) -> PolarsResult<DataFrame> {
        let keys = members.keys();
        let columns = keys.iter().map(|name| named(name)).chain([self.value.clone().alias(VALUE)]);
        rows.clone().lazy().select(columns.collect::<Vec<_>>()).collect()
    }

    /// Makes records of the values that are in memory.
    fn spill(&mut self, groups: &mut Reduction, members: &Members) -> Result<(), TakeError> {
        let Some(values) = self.kept.as_mut().map(Reduction::drain).transpose()?.flatten() else { return Ok(()) };
        // Above their limit there is nothing to judge, and no number for a group.
        let Some(groups) = groups.within_limit()? else { return Ok(()) };
        let stored = values.column(VALUE)?.dtype().clone();
        let values = members.number(values.lazy().filter(named(VALUE).is_not_null()).collect()?, groups)?;
        let spilled = self
            .spilled
            .get_or_insert_with(|| Spilled { records: Records::with_limit(&members.scratch, None, MOST_HELD), stored });
        let identities = identities(values.column(VALUE)?)?;
        let numbers = values.column(GROUP)?.u32()?.into_no_null_iter();
        let times = values.column(TIMES)?.u64()?.into_no_null_iter();
        let all = numbers.zip(identities).zip(times).flat_map(|((group, identity), times)| {
            let place = (u128::from(group) << GROUP_SHIFT) | (identity << TIMES_BITS);
            let whole = times / MOST_TIMES;
            let pieces = (0..whole).map(|_| MOST_TIMES).chain((times % MOST_TIMES > 0).then_some(times % MOST_TIMES));
            pieces.map(move |times| place | u128::from(times))
        });
        Ok(spilled.records.extend(all)?)
    }

    /// Returns what is read off the values, one row a group, in the order in which the groups were met.
    pub fn columns(
        &mut self,
        groups: &mut Reduction,
        members: &Members,
        table: &Table,
    ) -> Result<Result<Vec<Column>, String>, TakeError> {
        let Some(Spilled { stored, .. }) = &self.spilled else { return Ok(Ok(self.in_memory(members)?)) };
        let has_ranks = self.read.iter().any(|(_, how)| matches!(how, How::Median | How::Quantile(_)));
        if has_ranks && Ordered::of(stored).is_none() {
            return Ok(Err(format!("`{}` has more than {} different values of type {stored}", self.of, self.most)));
        }
        self.spill(groups, members)?;
        let Spilled { records, stored } = self.spilled.take().expect("it was looked at just now");
        let groups = groups.groups()?.expect("values belong to groups").clone();
        let reading = Reading { sorted: records.sorted()?, stored, groups, members };
        let summaries = reading.summaries()?;
        let column = |(name, how): &(String, How)| {
            let figures = match how {
                How::MostCommon => reading.most_common(&summaries, self, table)?,
                How::Median | How::Quantile(_) => reading.at_rank(*how, &summaries)?,
                How::NUnique => summaries.iter().map(|summary| summary.different).collect(),
                How::ShareUnique => summaries.iter().map(Summary::share_unique).collect(),
                How::Count | How::Sum | How::Avg | How::Min | How::Max | How::Std | How::ShareNull | How::ShareZero => {
                    unreachable!("these are merged from batch to batch")
                }
            };
            Ok(figures.with_name(PlSmallStr::from(name.as_str())).into_column())
        };
        self.read.iter().map(column).collect::<Result<_, _>>().map(Ok)
    }

    fn in_memory(&mut self, members: &Members) -> PolarsResult<Vec<Column>> {
        let kept = self.kept.as_mut().expect("values are taken with the groups they belong to");
        let rows = kept.groups()?.expect("a group has rows").clone().lazy();
        let read: Vec<Expr> = self.read.iter().map(|(name, how)| of_values(*how).alias(name.as_str())).collect();
        let keys: Vec<Expr> = members.keys().iter().map(|name| named(name)).collect();
        let read = if keys.is_empty() {
            rows.select(read).collect()?
        } else {
            rows.group_by_stable(keys).agg(read).collect()?
        };
        self.read.iter().map(|(name, _)| read.column(name).cloned()).collect()
    }
}

/// Returns what stands for values of which none is null.
fn identities(values: &Column) -> PolarsResult<Vec<u128>> {
    match Ordered::of(values.dtype()) {
        Some(ordered) => ordered.identities(values),
        None => hashed(DataFrame::new(values.len(), vec![values.clone()])?),
    }
}

/// Values that were spilled, while figures are read off them.
struct Reading<'a> {
    sorted: Sorted,
    stored: DataType,
    /// The table of all groups.
    groups: DataFrame,
    members: &'a Members,
}

/// What one pass over the values of a group shows.
#[derive(Clone, Copy, Default)]
struct Summary {
    different: u64,
    total: u64,
    /// How often the most common value is there, and the first of those that are there so often.
    most: u64,
    common: u128,
    /// The last in the order of the identities.
    last: u128,
}

impl Summary {
    fn take(&mut self, identity: u128, times: u64) {
        self.different += 1;
        self.total += times;
        self.last = identity;
        if times > self.most {
            (self.most, self.common) = (times, identity);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³")]
    fn share_unique(&self) -> Option<f64> {
        (self.total > 0).then(|| self.different as f64 / self.total as f64)
    }
}

impl Reading<'_> {
    /// Gives each value once: the number of its group, what stands for it, and how often it is there.
    fn each(&self, on_value: &mut dyn FnMut(usize, u128, u64)) -> Result<(), TakeError> {
        let mut open: Option<(u128, u64)> = None;
        let mut end = |place: u128, times: u64| {
            let group = usize::try_from(place >> IDENTITY_BITS).expect("the number of a group is small");
            on_value(group, place & ((1 << IDENTITY_BITS) - 1), times);
        };
        self.sorted.each(&mut |piece| {
            for record in piece {
                let place = record >> TIMES_BITS;
                #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are how often it has come")]
                let times = *record as u64 & MOST_TIMES;
                open = match open {
                    Some((known, so_far)) if known == place => Some((place, so_far + times)),
                    other => {
                        if let Some((known, so_far)) = other {
                            end(known, so_far);
                        }
                        Some((place, times))
                    }
                };
            }
        })?;
        if let Some((known, times)) = open {
            end(known, times);
        }
        Ok(())
    }

    fn summaries(&self) -> Result<Vec<Summary>, TakeError> {
        let mut summaries = vec![Summary::default(); self.groups.height()];
        self.each(&mut |group, identity, times| summaries[group].take(identity, times))?;
        Ok(summaries)
    }

    /// Returns a figure that is read off the sorted values, as [`of_values`] has it.
    fn at_rank(&self, how: How, summaries: &[Summary]) -> Result<Series, TakeError> {
        let ordered = Ordered::of(&self.stored).expect("only ordered values have ranks: looked at above");
        let ranks: Vec<(f64, f64)> = summaries.iter().map(|summary| rank_of(how, summary.total)).collect();
        let mut found: Vec<(Option<f64>, Option<f64>)> = vec![(None, None); ranks.len()];
        let mut before = vec![0.0; ranks.len()];
        self.each(&mut |group, identity, times| {
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³")]
            let up_to = before[group] + times as f64;
            let is_here = |rank: f64| rank >= before[group] && rank < up_to;
            if is_here(ranks[group].0) {
                found[group].0 = Some(ordered.number(identity));
            }
            if is_here(ranks[group].1) {
                found[group].1 = Some(ordered.number(identity));
            }
            before[group] = up_to;
        })?;
        let figure = |((low, high), summary): (&(Option<f64>, Option<f64>), &Summary)| {
            // NaN is the last in the order, and has no rank.
            if summary.total > 0 && ordered.number(summary.last).is_nan() {
                return Some(f64::NAN);
            }
            Some(f64::midpoint((*low)?, (*high)?))
        };
        Ok(found.iter().zip(summaries).map(figure).collect())
    }

    /// Returns for each group the smallest of its most common values.
    fn most_common(&self, summaries: &[Summary], of: &Values, table: &Table) -> Result<Series, TakeError> {
        if let Some(ordered) = Ordered::of(&self.stored) {
            let common: Vec<Option<u128>> =
                summaries.iter().map(|summary| (summary.total > 0).then_some(summary.common)).collect();
            return Ok(ordered.values(&common, &self.stored)?);
        }
        let mut smallest = Reduction::new(
            vec![GROUP.to_owned()],
            vec![named(VALUE).min().alias(VALUE)],
            vec![named(VALUE).min()],
            usize::MAX,
        );
        let mut sought: Vec<u128> = Vec::new();
        let mut failed = Ok(());
        self.each(&mut |group, identity, times| {
            // Where no value is there twice all are as common as one another, and none has to be sought.
            if failed.is_ok() && times > 1 && times == summaries[group].most {
                sought.push((group as u128) << IDENTITY_BITS | identity);
                if sought.len() == MOST_SOUGHT {
                    failed = self.seek(&sought, summaries, of, table, &mut smallest);
                    sought.clear();
                }
            }
        })?;
        failed?;
        self.seek(&sought, summaries, of, table, &mut smallest)?;
        let mut common = vec![AnyValue::Null; summaries.len()];
        if let Some(found) = smallest.groups()? {
            for (at, group) in found.column(GROUP)?.u32()?.into_no_null_iter().enumerate() {
                common[group as usize] = found.column(VALUE)?.get(at)?.into_static();
            }
        }
        Ok(Series::from_any_values_and_dtype(PlSmallStr::EMPTY, &common, &self.stored, true)?)
    }

    /// Reads the table again for the values that are sought, which are sorted.
    fn seek(
        &self,
        sought: &[u128],
        summaries: &[Summary],
        of: &Values,
        table: &Table,
        smallest: &mut Reduction,
    ) -> Result<(), TakeError> {
        let is_sought = |group: u32, identity: u128| {
            let place = u128::from(group) << IDENTITY_BITS | identity;
            summaries[group as usize].most == 1 || sought.binary_search(&place).is_ok()
        };
        for part in &table.parts {
            table.scan(part, &self.members.read, &mut |frame| {
                let mut take = || -> Result<(), TakeError> {
                    let values = of.of_rows(&self.members.of(&frame)?, self.members)?;
                    let values = values.lazy().filter(named(VALUE).is_not_null()).collect()?;
                    let values = self.members.number(values, &self.groups)?;
                    let identities = identities(values.column(VALUE)?)?;
                    let groups = values.column(GROUP)?.u32()?.into_no_null_iter();
                    let mask = groups.zip(identities).map(|(group, identity)| Some(is_sought(group, identity)));
                    let mask = BooleanChunked::from_iter_options(PlSmallStr::EMPTY, mask);
                    Ok(smallest.take(&values.filter(&mask)?)?)
                };
                take().map_err(|error| error.of(table))?;
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs::File;
    use std::path::Path;

    use lockgate_forms::TextForm;
    use lockgate_spanned::{Problems, Source};
    use polars::prelude::{NamedFrom, ParquetWriter, TimeUnit, df};
    use proptest::prelude::*;

    use crate::check::groups::Cohort;
    use crate::check::layout::Layout;
    use crate::check::plan::{self, Rule};
    use crate::schema::Schema;
    use crate::table::Wanted;

    use super::*;

    const COLUMNS: &str = "columns: {g: 'i64?', h: 'str?', i: 'i64?', u: 'u64?', x: 'f64?', f: 'f32?', s: 'str?', b: 'bool?', d: 'datetime[us]?'}\n";

    /// Judges rules on groups with so many values in memory.
    fn judged(schema: &Schema, path: &Path, most_values: usize) -> Vec<String> {
        let table = Table::open("t", path, TextForm::plain()).expect("it is a table");
        let rules = plan::rules(schema, &Layout::of(&table, schema).expect("the columns are there"));
        let grouped = rules.iter().filter_map(|rule| {
            let Rule::Groups { rule, by, columns, test: Ok(test) } = rule else { return None };
            Some((*rule, by, columns, test))
        });
        let grouped: Vec<_> = grouped.collect();
        let (_, by, columns, _) = grouped[0];
        let mut cohort = Cohort::new(by, None, columns, path.parent().expect("a file has a folder"));
        cohort.most_values = most_values;
        for (rule, _, columns, test) in &grouped {
            cohort.add(*rule, test, columns);
        }
        let wanted = schema.columns.iter().map(|column| Wanted { name: column.name.clone(), ty: column.ty.clone() });
        let wanted: Vec<_> = wanted.collect();
        for part in &table.parts {
            let mut take = |frame: DataFrame| {
                // Few rows at a time, so that groups and values come and come again.
                let step = 11.max(frame.height() / 4);
                for start in (0..frame.height()).step_by(step) {
                    let rows = frame.slice(i64::try_from(start).expect("it is small"), step);
                    cohort.take(&rows).expect("rows can be taken");
                }
                Ok(ControlFlow::Continue(()))
            };
            table.scan(part, &wanted, &mut take).expect("the table can be read");
        }
        let settled = cohort.settle(&table).expect("groups can be judged");
        settled.iter().map(|verdict| format!("{verdict:?}")).collect()
    }

    fn rules(by: &str) -> Schema {
        let mut text = COLUMNS.to_owned() + "rules:\n";
        let mut rule = |check: &str| {
            let number = text.lines().count();
            writeln!(text, "  - r{number}: {{check: \"{check}\"{by}}}").expect("a text can be written to");
        };
        for column in ["i", "u", "x", "f", "s", "b", "d", "g"] {
            rule(&format!("n_unique({column}) > 1 and share_unique({column}) < 0.9"));
        }
        for column in ["i", "u", "x", "f"] {
            rule(&format!("median({column}) > 0"));
            rule(&format!("quantile({column}, 0.9) > 1 or quantile({column}, 0.25) > 0"));
            rule(&format!("most_common({column}) > 0"));
        }
        rule("most_common(s) = 'b'");
        rule("most_common(d) < '1970-01-01 00:00:01'");
        rule("median(i) > 0 and n_unique(i) > 1 and most_common(s) <> 'a'");
        let mut problems = Problems::default();
        let schema = Schema::read(&Source::new("s.yaml", text), &mut problems);
        schema.unwrap_or_else(|| panic!("{:?}", problems.iter().map(|p| p.message().to_owned()).collect::<Vec<_>>()))
    }

    fn float() -> impl Strategy<Value = Option<f64>> {
        let some = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.5, 0.0, 0.5, 3.0, 1e300, -1e-300];
        proptest::option::of(proptest::sample::select(some.to_vec()))
    }

    /// Half of a number, and NaN for zero.
    fn half(n: i64) -> f32 {
        if n == 0 { f32::NAN } else { f32::from(i8::try_from(n).expect("it is small")) / 2.0 }
    }

    fn text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[ab\u{e9}]{0,2}")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

        #[test]
        fn what_is_spilled_gives_the_figures_of_what_is_in_memory(
            rows in proptest::collection::vec(
                ((proptest::option::of(-1i64..2), text(), proptest::option::of(-4i64..5)), (float(), text(), any::<Option<bool>>())),
                1..40,
            ),
            most in 0usize..9,
            by in proptest::sample::select(vec!["", ", by: g", ", by: [g, h]"]),
        ) {
            let each = |of: &dyn Fn(usize) -> Option<i64>| (0..rows.len()).map(of).collect::<Vec<_>>();
            let days = Series::new("d".into(), each(&|at| rows[at].0.2.map(|n| n * 400_000)));
            let mut frame = df!(
                "g" => each(&|at| rows[at].0.0),
                "h" => rows.iter().map(|row| row.0.1.clone()).collect::<Vec<_>>(),
                "i" => each(&|at| rows[at].0.2.map(|n| n * 3)),
                "u" => each(&|at| rows[at].0.2).iter().map(|n| n.map(|n| u64::MAX - n.unsigned_abs())).collect::<Vec<_>>(),
                "x" => rows.iter().map(|row| row.1.0).collect::<Vec<_>>(),
                "f" => rows.iter().map(|row| row.0.2.map(half)).collect::<Vec<_>>(),
                "s" => rows.iter().map(|row| row.1.1.clone()).collect::<Vec<_>>(),
                "b" => rows.iter().map(|row| row.1.2).collect::<Vec<_>>(),
            ).expect("the columns are even");
            let days = days.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("they are points in time");
            frame.with_column(days.into()).expect("the columns are even");
            let desk = tempfile::tempdir().expect("there is room for a folder");
            let path = desk.path().join("t.parquet");
            let file = File::create(&path).expect("files can be made");
            ParquetWriter::new(file).finish(&mut frame).expect("a small frame can be written");
            let rules = rules(by);
            prop_assert_eq!(judged(&rules, &path, most), judged(&rules, &path, 1_000_000));
        }
    }

    #[test]
    fn a_value_may_be_there_more_often_than_a_record_can_say() {
        let often = usize::try_from(MOST_TIMES).expect("it is small") * 2 + 5;
        let numbers = (0..often).map(|_| 7i64).chain([8, 9, 9]);
        let desk = tempfile::tempdir().expect("there is room for a folder");
        let members = Members { by: Vec::new(), takes_part: None, read: Vec::new(), scratch: desk.path().to_owned() };
        let frame = df!("i" => numbers.collect::<Vec<_>>()).expect("one column is even");
        let mut groups = Reduction::new(Vec::new(), vec![len().alias("n")], vec![named("n").sum()], 1);
        groups.take(&frame).expect("rows can be counted");
        let mut values = Values::new("i".to_owned(), named("i"), 0);
        values.read("share", How::ShareUnique);
        values.read("common", How::MostCommon);
        values.take(&frame, &mut groups, &members).expect("rows can be taken");
        let path = desk.path().join("t.csv");
        std::fs::write(&path, "i\n1\n").expect("files can be written");
        let table = Table::open("t", &path, TextForm::plain()).expect("it is a table");
        let columns =
            values.columns(&mut groups, &members, &table).expect("they can be read").expect("they have an order");
        let found = DataFrame::new(1, columns).expect("one group is one row");
        #[expect(clippy::cast_precision_loss, reason = "it is small")]
        let share = 3.0 / (often + 3) as f64;
        assert!(found.equals(&df!("share" => [share], "common" => [7i64]).expect("the columns are even")), "{found}");
    }
    #[test]
    fn the_smallest_of_many_texts_is_found_again() {
        let desk = tempfile::tempdir().expect("there is room for a folder");
        let path = desk.path().join("t.csv");
        let rows: Vec<String> = (0..9000).map(|n| format!("t{:04},{}\n", n * 7 % 4500, n % 2)).collect();
        std::fs::write(&path, format!("s,g\n{}x,1\n", rows.concat())).expect("files can be written");
        let text =
            "columns: {s: str, g: i64}\nrules:\n  - a: most_common(s) = 'no'\n  - b: most_common(text(g)) = 'no'\n";
        let schema = Schema::read(&Source::new("s.yaml", text), &mut Problems::default()).expect("it is a schema");
        let (spilled, held) = (judged(&schema, &path, 10), judged(&schema, &path, 10_000));
        assert_eq!(spilled, held);
        assert!(spilled[0].contains("t0000"), "{spilled:?}");
    }
}
