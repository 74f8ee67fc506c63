//! Every expectation type of Great Expectations 1.24, and how it is said in lockgate's language.

use lockgate_spanned::nearest;

use super::kwargs::Kwargs;
use super::values::Drafted;
use super::why::Why;
use super::{aggregates, rows, shape, values};

/// One type.
pub(super) struct Known {
    pub name: &'static str,
    /// The kwargs that belong to it alone.
    pub kwargs: &'static [&'static str],
    pub how: How,
}

/// How a type is translated.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// By a function, which may still refuse some kwargs.
    By(fn(&Kwargs<'_>) -> Drafted),
    /// Not at all, and why.
    Not(&'static str),
}

/// What may be said of every type: which rows, how many of them, and how Great Expectations is to report.
pub(super) const COMMON: [&str; 15] = [
    "mostly",
    "row_condition",
    "condition_parser",
    "ignore_row_if",
    "batch_id",
    "result_format",
    "include_config",
    "catch_exceptions",
    "meta",
    "auto",
    "profiler_config",
    "output_strftime_format",
    "column",
    "column_A",
    "column_B",
];

const BOUNDS: &[&str] = &["min_value", "max_value", "strict_min", "strict_max"];
const SET: &[&str] = &["value_set"];
const NOTHING: &[&str] = &[];
const DISTRIBUTION: &str = "it compares distributions: use a `drift` gate";
const SQL: &str = "it is a query: use an `sql` gate, which passes when its query returns no row";
const LIKE: &str =
    "a LIKE pattern means something else in every database, and nothing in pandas: write a regular expression";
const SPREAD: &str = "it compares each value with a statistic of all of them, which no rule here does";
const JSON: &str = "no rule here looks into JSON texts: use a `command` gate";

#[rustfmt::skip]
const TYPES: &[Known] = &[
    known("expect_column_values_to_not_be_null", NOTHING, How::By(values::not_null)),
    known("expect_column_values_to_be_null", NOTHING, How::By(values::null)),
    known("expect_column_values_to_be_between", BOUNDS, How::By(values::between)),
    known("expect_column_values_to_be_in_set", SET, How::By(values::in_set)),
    known("expect_column_values_to_not_be_in_set", SET, How::By(values::not_in_set)),
    known("expect_column_values_to_be_unique", NOTHING, How::By(values::unique)),
    known("expect_column_values_to_match_regex", &["regex"], How::By(values::regex)),
    known("expect_column_values_to_not_match_regex", &["regex"], How::By(values::not_regex)),
    known("expect_column_values_to_match_regex_list", &["regex_list", "match_on"], How::By(values::regex_list)),
    known("expect_column_values_to_not_match_regex_list", &["regex_list"], How::By(values::not_regex_list)),
    known("expect_column_values_to_match_strftime_format", &["strftime_format"], How::By(values::date_format)),
    known("expect_column_value_lengths_to_be_between", BOUNDS, How::By(values::lengths_between)),
    known("expect_column_value_lengths_to_equal", &["value"], How::By(values::lengths_equal)),
    known("expect_column_values_to_be_increasing", &["strictly"], How::By(values::increasing)),
    known("expect_column_values_to_be_decreasing", &["strictly"], How::By(values::decreasing)),
    known("expect_column_values_to_be_of_type", &["type_"], How::By(shape::of_type)),
    known("expect_column_values_to_be_in_type_list", &["type_list"], How::By(shape::in_type_list)),
    known("expect_column_max_to_be_between", BOUNDS, How::By(aggregates::max)),
    known("expect_column_min_to_be_between", BOUNDS, How::By(aggregates::min)),
    known("expect_column_mean_to_be_between", BOUNDS, How::By(aggregates::mean)),
    known("expect_column_median_to_be_between", BOUNDS, How::By(aggregates::median)),
    known("expect_column_stdev_to_be_between", BOUNDS, How::By(aggregates::stdev)),
    known("expect_column_sum_to_be_between", BOUNDS, How::By(aggregates::sum)),
    known("expect_column_quantile_values_to_be_between", &["quantile_ranges", "allow_relative_error"], How::By(aggregates::quantiles)),
    known("expect_column_unique_value_count_to_be_between", BOUNDS, How::By(aggregates::n_unique)),
    known("expect_column_proportion_of_unique_values_to_be_between", BOUNDS, How::By(aggregates::share_unique)),
    known("expect_column_proportion_of_non_null_values_to_be_between", BOUNDS, How::By(aggregates::share_not_null)),
    known("expect_column_distinct_values_to_be_in_set", SET, How::By(aggregates::distinct_in_set)),
    known("expect_column_distinct_values_to_contain_set", SET, How::By(aggregates::distinct_contain)),
    known("expect_column_distinct_values_to_equal_set", SET, How::By(aggregates::distinct_equal)),
    known("expect_column_to_exist", &["column_index"], How::By(shape::exists)),
    known("expect_table_row_count_to_be_between", BOUNDS, How::By(shape::rows)),
    known("expect_table_row_count_to_equal", &["value"], How::By(shape::rows_equal)),
    known("expect_table_column_count_to_be_between", BOUNDS, How::By(shape::column_count)),
    known("expect_table_column_count_to_equal", &["value"], How::By(shape::column_count_equal)),
    known("expect_table_columns_to_match_set", &["column_set", "exact_match"], How::By(shape::column_set)),
    known("expect_table_columns_to_match_ordered_list", &["column_list"], How::By(shape::column_list)),
    known("expect_column_pair_values_a_to_be_greater_than_b", &["or_equal"], How::By(rows::greater)),
    known("expect_column_pair_values_to_be_equal", NOTHING, How::By(rows::equal)),
    known("expect_column_pair_values_to_be_in_set", &["value_pairs_set"], How::By(rows::pair_in_set)),
    known("expect_compound_columns_to_be_unique", &["column_list"], How::By(rows::compound_unique)),
    known("expect_select_column_values_to_be_unique_within_record", &["column_list"], How::By(rows::different_within_row)),
    known("expect_multicolumn_values_to_be_unique", &["column_list"], How::By(rows::different_within_row)),
    known("expect_multicolumn_values_to_be_equal", &["column_list"], How::By(rows::same_within_row)),
    known("expect_multicolumn_sum_to_equal", &["column_list", "sum_total"], How::By(rows::sum)),
    known("expect_column_most_common_value_to_be_in_set", NOTHING, How::Not("a tie of the most common values has several answers there, and one here")),
    known("expect_column_values_to_match_like_pattern", NOTHING, How::Not(LIKE)),
    known("expect_column_values_to_not_match_like_pattern", NOTHING, How::Not(LIKE)),
    known("expect_column_values_to_match_like_pattern_list", NOTHING, How::Not(LIKE)),
    known("expect_column_values_to_not_match_like_pattern_list", NOTHING, How::Not(LIKE)),
    known("expect_column_values_to_be_dateutil_parseable", NOTHING, How::Not("what dateutil reads has no definition but its code: say the format, with `is_date(x, '%Y-%m-%d')`")),
    known("expect_column_values_to_be_json_parseable", NOTHING, How::Not(JSON)),
    known("expect_column_values_to_match_json_schema", NOTHING, How::Not(JSON)),
    known("expect_column_value_z_scores_to_be_less_than", NOTHING, How::Not(SPREAD)),
    known("expect_column_values_to_not_be_outliers", NOTHING, How::Not(SPREAD)),
    known("expect_column_kl_divergence_to_be_less_than", NOTHING, How::Not(DISTRIBUTION)),
    known("expect_column_chisquare_test_p_value_to_be_greater_than", NOTHING, How::Not(DISTRIBUTION)),
    known("expect_column_bootstrapped_ks_test_p_value_to_be_greater_than", NOTHING, How::Not(DISTRIBUTION)),
    known("expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than", NOTHING, How::Not(DISTRIBUTION)),
    known("expect_column_type_to_be", NOTHING, How::Not("it names a type of a database: declare the column's type")),
    known("expect_table_row_count_to_equal_other_table", NOTHING, How::Not("it counts another table: use an `sql` gate")),
    known("expect_query_results_to_match_comparison", NOTHING, How::Not(SQL)),
    known("unexpected_rows_expectation", NOTHING, How::Not(SQL)),
];

const fn known(name: &'static str, kwargs: &'static [&'static str], how: How) -> Known {
    Known { name, kwargs, how }
}

/// Returns what is known of a type, which may be written as the name of its class (`ExpectColumnToExist`).
pub(super) fn find(ty: &str) -> Result<&'static Known, Why> {
    let wanted = squashed(ty);
    if let Some(found) = TYPES.iter().find(|known| squashed(known.name) == wanted) {
        return Ok(found);
    }
    Err(nearest(ty, TYPES.iter().map(|known| known.name)).map_or(Why::Custom, Why::Misspelt))
}

/// A name without what tells snake case from the name of a class.
fn squashed(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

impl Known {
    /// Refuses a kwarg that is not known: it could change what is meant.
    pub fn check(&self, kwargs: &Kwargs<'_>) -> Result<(), Why> {
        let known = || self.kwargs.iter().copied().chain(COMMON);
        for (key, _) in kwargs.expectation.kwargs {
            let Some(node) = kwargs.get(&key.text) else { continue };
            let is_off = node.value == lockgate_spanned::Value::Bool(false);
            if is_off || known().any(|name| name == key.text) {
                continue;
            }
            let near = nearest(&key.text, known()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(Why::kwarg(&key.text, format!("is no kwarg that is known here{near}")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_found_by_either_of_its_names() {
        let check = |ty, expect: Result<&str, Why>| assert_eq!(find(ty).map(|known| known.name), expect, "{ty}");
        check("expect_column_to_exist", Ok("expect_column_to_exist"));
        check("ExpectColumnToExist", Ok("expect_column_to_exist"));
        check("ExpectColumnKLDivergenceToBeLessThan", Ok("expect_column_kl_divergence_to_be_less_than"));
        check("ExpectColumnPairValuesAToBeGreaterThanB", Ok("expect_column_pair_values_a_to_be_greater_than_b"));
        check("expect_column_to_exists", Err(Why::Misspelt("expect_column_to_exist")));
        check("expect_column_max_to_be_between_custom", Err(Why::Custom));
    }

    #[test]
    fn no_type_is_listed_twice() {
        let mut names: Vec<&str> = TYPES.iter().map(|known| known.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
