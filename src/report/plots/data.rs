//! The content of a data file as rows of named values.

use serde_json::{Map, Number, Value as Json};

/// One point with all that its file says of it.
pub type Row = Map<String, Json>;

/// Takes the rows out of a tree: all its lists of mappings with equal keys, side by side.
pub fn rows_of(tree: &Json) -> Vec<Row> {
    let mut lists = Vec::new();
    find_lists(tree, &mut lists);
    let mut rows: Vec<Row> = Vec::new();
    for points in lists.into_iter().filter_map(|items| points(items)) {
        rows.resize_with(rows.len().max(points.len()), Row::new);
        for (row, point) in rows.iter_mut().zip(points) {
            row.extend(point.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    rows
}

fn find_lists<'t>(tree: &'t Json, lists: &mut Vec<&'t Vec<Json>>) {
    match tree {
        Json::Array(items) => lists.push(items),
        Json::Object(entries) => entries.values().for_each(|value| find_lists(value, lists)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Returns the items as points, if all of them have the same keys.
fn points(items: &[Json]) -> Option<Vec<&Row>> {
    let points: Vec<&Row> = items.iter().map(Json::as_object).collect::<Option<_>>()?;
    let first = points.first()?;
    let same = |point: &&Row| point.len() == first.len() && first.keys().all(|key| point.contains_key(key));
    points.iter().all(same).then_some(points)
}

/// Reads text in columns; without a line of names they are called `0`, `1`, ….
///
/// A column in which everything is a number, or nothing, has numbers; any other has texts. A line with fewer fields than
/// there are names leaves the rest out, and what stands beyond the names is dropped.
pub fn rows_of_table(text: &str, delimiter: char, headless: bool) -> Vec<Row> {
    let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(text), delimiter);
    if records.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> =
        if headless { (0..records[0].len()).map(|at| at.to_string()).collect() } else { records.remove(0) };
    let in_column = |at: usize| records.iter().filter_map(move |record| record.get(at));
    let numeric: Vec<bool> =
        (0..names.len()).map(|at| in_column(at).all(|text| number(text).is_some() || is_nothing(text))).collect();
    let value = |text: &str, numeric: bool| match number(text).filter(|_| numeric) {
        Some(number) => Json::Number(number),
        None if numeric => Json::Null,
        None => Json::from(text),
    };
    let row = |record: &Vec<String>| {
        let cells = names.iter().zip(&numeric).zip(record);
        cells.map(|((name, numeric), text)| (name.clone(), value(text, *numeric))).collect()
    };
    records.iter().map(row).collect()
}

/// What programs write where they have no number.
fn is_nothing(text: &str) -> bool {
    ["", "nan", "-nan", "inf", "+inf", "-inf", "null", "none", "na"]
        .contains(&text.trim().to_ascii_lowercase().as_str())
}

/// Returns the number that a text is, as programs write numbers: also `+1`, `.5` and `1.`.
///
/// A text with a leading zero before other digits is a code, and what is not finite is no number.
pub fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    let starts_well = unsigned.first().is_some_and(|first| first.is_ascii_digit() || *first == b'.');
    let is_code = unsigned.first() == Some(&b'0') && unsigned.get(1).is_some_and(u8::is_ascii_digit);
    if !starts_well || is_code {
        return None;
    }
    let as_json = serde_json::from_str(text.strip_prefix('+').unwrap_or(text)).ok();
    as_json.or_else(|| text.parse().ok().and_then(Number::from_f64))
}

/// Splits text by RFC 4180: fields in quotes may hold delimiters, line breaks and doubled quotes. Empty lines are none.
fn records(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let record = records.last_mut().expect("it starts with one");
        let field = record.last_mut().expect("a record starts with a field");
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => records.push(vec![String::new()]),
            c if c == delimiter && !quoted => record.push(String::new()),
            c => field.push(c),
        }
    }
    records.retain(|record| record.len() > 1 || !record[0].is_empty());
    records
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_of_numbers_have_numbers_and_others_texts() {
        let rows = |text: &str, headless| json!(rows_of_table(text, ',', headless)).to_string();
        let text = "step,loss,code\r\n0,1.50,007\n\n1,nan,\"a,\"\"b\"\"\nc\"\n2,\n";
        insta::assert_snapshot!(rows(text, false), @r#"[{"step":0,"loss":1.5,"code":"007"},{"step":1,"loss":null,"code":"a,\"b\"\nc"},{"step":2,"loss":null}]"#);
        insta::assert_snapshot!(rows("1,x\n2,y", true), @r#"[{"0":1,"1":"x"},{"0":2,"1":"y"}]"#);
        assert_eq!(rows("", false), "[]");
        assert_eq!(json!(rows_of_table("a\tb\n1\t2\n", '\t', false)), json!([{ "a": 1, "b": 2 }]));
    }

    #[test]
    fn a_number_may_have_a_sign_and_no_digits_on_one_side_of_the_point() {
        let check = |text: &str, expect: &str| assert_eq!(json!(number(text)).to_string(), expect, "{text}");
        for (text, expect) in
            [(".5", "0.5"), ("-.5", "-0.5"), ("+1", "1"), (" 1. ", "1.0"), ("+1.5e-3", "0.0015"), ("0", "0")]
        {
            check(text, expect);
        }
        for text in ["007", "-007", "+007", ".", "+", "+-1", "++1", "1e999", "inf", "nan", "1_000", "0x1", "1,5", ""] {
            check(text, "null");
        }
        assert_eq!(
            json!(rows_of_table("a\n+1\n.5\n-inf\n", ',', false)),
            json!([{ "a": 1 }, { "a": 0.5 }, { "a": null }])
        );
    }

    #[test]
    fn lists_of_points_are_found_in_a_tree() {
        let tree = json!({
            "name": "x", "numbers": [1, 2], "uneven": [{ "a": 1 }, { "b": 1 }],
            "train": { "loss": [{ "step": 0, "loss": 3 }, { "step": 1, "loss": 2 }], "lr": [{ "lr": 0.1 }] },
        });
        assert_eq!(json!(rows_of(&tree)), json!([{ "step": 0, "loss": 3, "lr": 0.1 }, { "step": 1, "loss": 2 }]));
    }
}
