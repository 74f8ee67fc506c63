//! Schemas that are made of tables.

use insta::assert_snapshot;
use lockgate_forms::{Decimal, TextForm};
use polars::prelude::*;
use proptest::prelude::*;

use super::{Desk, ENDINGS, lines, report};
use crate::{State, TableAt, infer};

fn inferred(path: &std::path::Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    infer(TableAt::plain(&name, path), "games").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_table_that_is_written_in_its_own_way_passes_the_schema_that_says_it() {
    let desk = Desk::new();
    let path = desk.file("t.csv", "id;odds\n1;1,5\n2;NA\n");
    let form = TextForm { delimiter: b';', decimal: Decimal::Comma, missing: vec!["NA".to_owned()], ..TextForm::PLAIN };
    let text = infer(TableAt { name: "t.csv", path: &path, form: &form }, "odds").expect("it is a table");
    assert_snapshot!(text, @r#"
    # Inferred from "t.csv": 2 rows, 2 columns. Bounds are what was seen, rounded outward:
    # tighten what you know better, and loosen what was chance.
    schema: odds/1
    extra_columns: forbid
    csv: {delimiter: ";", missing: ["NA"], decimal: ","}
    # key: [id]    # never null, another value in each of 2 rows
    rows: 1..    # 2 seen

    columns:
      id: i64 1..2         # 1 to 2, 2 different
      odds: f64? 1.5..1.5  # 1 of 2 null, 1.5 to 1.5
    "#);
    assert_eq!(report(&text, &path).state, State::Pass);
}

#[test]
fn a_schema_tells_what_was_seen_and_how_often() {
    let teams = ["KC", "BUF", "SF"];
    let frame = df!(
        "game id" => (0..60).map(|at| format!("2024_{at:02}")).collect::<Vec<_>>(),
        "season" => (0..60).map(|at| 2019 + at % 6).collect::<Vec<i16>>(),
        "week" => (0..60).map(|at| (at % 7 != 0).then_some(i64::from(at) % 38)).collect::<Vec<_>>(),
        "home" => (0..60).map(|at| teams[at % 3]).collect::<Vec<_>>(),
        "spread" => (0..60).map(|at| if at == 9 { f64::NAN } else { f64::from(at) * 0.37 - 10.0 }).collect::<Vec<_>>(),
        "ok" => vec![true; 60],
        "note" => vec![None::<&str>; 60],
    )
    .expect("the columns are even");
    assert_snapshot!(inferred(&Desk::new().table("t.parquet", &frame)), @r#"
    # Inferred from "t.parquet": 60 rows, 7 columns. Bounds are what was seen, rounded outward:
    # tighten what you know better, and loosen what was chance.
    schema: games/1
    extra_columns: forbid
    # key: ["game id"]    # never null, another value in each of 60 rows
    rows: 1..    # 60 seen

    columns:
      "game id": str                                # 60 different, 7..7 characters
      season: i16 2019..2024                        # 2019 to 2024, 6 different
      week: i64? 0..40                              # 9 of 60 null, 0 to 37, 36 different
      home: {type: str, in: ["BUF", "KC", "SF"]}    # 3 different, 2..3 characters
      spread: {type: f64, range: -10..20, nan: ok}  # 1 NaN, -10 to 11.829999999999998
      ok: bool                                      # 1 different
      note: str?                                    # 60 of 60 null, no value
    "#);
}

#[test]
fn a_table_without_rows_gives_its_columns() {
    let frame = df!("a" => Vec::<i64>::new(), "b" => Vec::<String>::new()).expect("the columns are even");
    assert_snapshot!(inferred(&Desk::new().table("t.parquet", &frame)), @r#"
    # Inferred from "t.parquet": 0 rows, 2 columns. Bounds are what was seen, rounded outward:
    # tighten what you know better, and loosen what was chance.
    schema: games/1
    extra_columns: forbid

    columns:
      a: i64?  # no value
      b: str?  # no value
    "#);
}

prop_compose! {
    fn frames()(rows in 1_usize..12)(
        ints in prop::collection::vec(prop::option::of(any::<i64>()), rows),
        small in prop::collection::vec(-50_i8..50, rows),
        floats in prop::collection::vec(prop::option::of(prop_oneof![any::<f64>(), -10.0..10.0, Just(f64::NAN)]), rows),
        texts in prop::collection::vec(prop::option::of("[a-cé' \"/]{0,3}"), rows),
        days in prop::collection::vec(prop::option::of(-10_000..20_000), rows),
        flags in prop::collection::vec(any::<bool>(), rows),
    ) -> DataFrame {
        let mut frame = df!("ints" => ints, "small" => small, "floats" => floats, "texts of it" => texts, "flags" => flags)
            .expect("the columns are even");
        let days = Series::new("days".into(), days).cast(&DataType::Date).expect("numbers are days");
        frame.with_column(days.into()).expect("the column is even");
        frame
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A column without any value is inconclusive under no rule, for it gets none.
    #[test]
    fn a_table_passes_the_schema_that_was_made_of_it(frame in frames()) {
        for ending in ENDINGS {
            let desk = Desk::new();
            let path = desk.table(&format!("t.{ending}"), &frame);
            let schema = inferred(&path);
            let report = report(&schema, &path);
            prop_assert_eq!(report.state, State::Pass, "{}\n{}\n{}", ending, schema, lines(&report));
        }
    }
}
