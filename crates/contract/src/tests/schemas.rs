//! What is said of a schema text, and which texts are the same.

use insta::assert_snapshot;
use lockgate_spanned::{Problems, Source};

use super::{csv, drawn, lines, schema};
use crate::Schema;

fn problems(text: &str) -> String {
    let source = Source::new("s.yaml", text);
    let mut problems = Problems::default();
    let read = Schema::read(&source, &mut problems);
    assert_eq!(read.is_none(), !problems.is_empty(), "a schema is read exactly when nothing is wrong");
    drawn(&problems)
}

/// One line a problem: place, message, next step.
pub(super) fn brief(text: &str) -> String {
    let source = Source::new("s.yaml", text);
    let mut problems = Problems::default();
    Schema::read(&source, &mut problems);
    let line = |p: &lockgate_spanned::Problem| {
        format!("{} {} -> {}", p.cite(), p.message(), p.next_step().unwrap_or("(no next step)"))
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_schema_of_the_reference_page_is_read() {
    let page = include_str!("../../../../docs/SCHEMAS.md");
    let schema = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```\n").next()).expect("the page has one");
    assert_eq!(problems(schema), "");
}

/// The problem of one column.
fn column(form: &str) -> String {
    brief(&format!("columns:\n  c: {form}\n"))
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is the snapshot")]
fn all_mistakes_are_shown_at_once_with_their_places() {
    assert_snapshot!(problems(
        "schema: games\nkey: [game_ids]\nextra_colums: forbid\nrows: many\ncolumns:\n  game_id: string\n  week: i8 1..300\n  \
         season: {type: i16, rnge: 1999..2030}\n"
    ), @"
    error: `schema` is `games`, not NAME/MAJOR
       ,-[s.yaml:1:9]
     1 | schema: games
       :         ^^|^^
       :           `-- here
     2 | key: [game_ids]
       `----
      help: write for example `schema: games/1`

    error: `key` names `game_ids`, which is not a declared column
       ,-[s.yaml:2:7]
     1 | schema: games
     2 | key: [game_ids]
       :       ^^^^|^^^
       :           `-- here
     3 | extra_colums: forbid
       `----
      help: did you mean `game_id`?

    error: the schema has no key `extra_colums`
       ,-[s.yaml:3:1]
     2 | key: [game_ids]
     3 | extra_colums: forbid
       : ^^^^^^|^^^^^
       :       `-- not a key
     4 | rows: many
       `----
      help: did you mean `extra_columns`?

    error: `many` is not a range of counts
       ,-[s.yaml:4:7]
     3 | extra_colums: forbid
     4 | rows: many
       :       ^^|^
       :         `-- here
     5 | columns:
       `----
      help: write 250..300, 1.. or ..5

    error: there is no type `string`
       ,-[s.yaml:6:12]
     5 | columns:
     6 |   game_id: string
       :            ^^^|^^
       :               `-- here
     7 |   week: i8 1..300
       `----
      help: did you mean `str`?

    error: bound `300` is not a value of type i8
       ,-[s.yaml:7:12]
     6 |   game_id: string
     7 |   week: i8 1..300
       :            ^^^|^^
       :               `-- here
     8 |   season: {type: i16, rnge: 1999..2030}
       `----
      help: i8 holds whole numbers -128 to 127

    error: column `season` has no key `rnge`
       ,-[s.yaml:8:23]
     7 |   week: i8 1..300
     8 |   season: {type: i16, rnge: 1999..2030}
       :                       ^^|^
       :                         `-- not a key
       `----
      help: did you mean `range`?
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is the snapshot")]
fn each_mistake_in_a_column_says_what_to_write() {
    let forms = [
        "integer",
        "i8 22..1",
        "i8 1..2 3..4",
        "i8 1..x",
        "i8 week",
        "str 1..2",
        "str in teams.code",
        "str in []",
        "i8 in [1, 1, 300]",
        "str /[/",
        "str /abc",
        "i64 /abc/",
        "i64 len 1..2",
        "str len a..b",
        "datetime[us, Mars]",
        "{range: 1..2}",
        "{type: str, in: [a, 1, true]}",
        "{type: i8, in: 3}",
        "{type: i8, level: warn}",
        "{type: i8, range: 1..2, allow: 200%, level: fial}",
        "{type: i8, range: 1..2, allow: {warn: 5%, fail: 1%}}",
        "{type: i8, range: 1..2, allow: {warn: 5%}}",
        "{type: i8, range: 1..2, allow: {warn: 1, fail: 2}, level: warn}",
        "{type: i8, nan: ok}",
        "{type: f64, range: NaN..1}",
        "[i8]",
        "~",
    ];
    let said: Vec<String> =
        forms.iter().map(|form| format!("{form}\n    {}", column(form).replace('\n', "\n    "))).collect();
    assert_snapshot!(said.join("\n"), @r#"
    integer
        s.yaml:2:6 there is no type `integer` -> did you mean `i64`?
    i8 22..1
        s.yaml:2:9 no value is in the range `22..1` -> put the lower bound first
    i8 1..2 3..4
        s.yaml:2:14 the column has two rules of the kind `range` -> keep one of the two
    i8 1..x
        s.yaml:2:9 bound `x` is not a value of type i8 -> i8 holds whole numbers -128 to 127
    i8 week
        s.yaml:2:9 `week` is not a rule -> after the type come, in any order: LOW..HIGH, in [A, B], in TABLE.COLUMN, /regex/, len A..B; anything else needs the mapping form {type: …, range: …}
    str 1..2
        s.yaml:2:10 a column of type str has no range -> a range needs numbers, dates or times; for text use in [..], /regex/ or len A..B
    str in teams.code
        
    str in []
        s.yaml:2:13 the set is empty -> list the values that are allowed
    i8 in [1, 1, 300]
        s.yaml:2:16 `1` stands twice in the set -> keep one of the two
        s.yaml:2:19 `300` is not a value of type i8 -> i8 holds whole numbers -128 to 127
    str /[/
        s.yaml:2:11 `[` is not a regular expression: unclosed character class -> the syntax is that of the Rust crate `regex`
    str /abc
        s.yaml:2:10 the regular expression has no end -> add `/`
    i64 /abc/
        s.yaml:2:11 a column of type i64 is not matched with a regular expression -> declare the column as str, or use a range
    i64 len 1..2
        s.yaml:2:14 a column of type i64 has no length -> use a range, or declare the column as str
    str len a..b
        s.yaml:2:14 `a..b` is not a range of counts -> write 250..300, 1.. or ..5
    datetime[us, Mars]
        s.yaml:2:6 there is no time zone `Mars` -> write UTC or Europe/Paris
    {range: 1..2}
        s.yaml:2:3 column `c` has no `type` -> add `type: i64`
    {type: str, in: [a, 1, true]}
        s.yaml:2:26 `1` is an integer to YAML, and the column holds strings -> put it in quotes: "1"
    {type: i8, in: 3}
        s.yaml:2:21 `in` is an integer, not a list of values -> write `in: [scheduled, live, final]`
    {type: i8, level: warn}
        s.yaml:2:17 `level` has no rule to apply to -> it is for range, in, matches, find, len and nan; type and nulls always fail
    {type: i8, range: 1..2, allow: 200%, level: fial}
        s.yaml:2:37 `allow` cannot be `200%` -> write a share such as 0.5%, or a number of rows
        s.yaml:2:50 `level` cannot be `fial` -> did you mean `fail`?
    {type: i8, range: 1..2, allow: {warn: 5%, fail: 1%}}
        s.yaml:2:44 it warns above 5 % and fails above 1 % already -> let `warn` be the smaller of the two
    {type: i8, range: 1..2, allow: {warn: 5%}}
        s.yaml:2:37 `allow` needs both `warn` and `fail` -> write `allow: {warn: 0.5%, fail: 5%}`, or one share or number of rows
    {type: i8, range: 1..2, allow: {warn: 1, fail: 2}, level: warn}
        s.yaml:2:57 `level` is said twice -> `allow: {warn: …, fail: …}` says both levels: remove `level`
    {type: i8, nan: ok}
        s.yaml:2:17 a column of type i8 has no NaN -> remove `nan`
    {type: f64, range: NaN..1}
        s.yaml:2:25 NaN cannot be a bound -> leave the bound out to have no limit
    [i8]
        s.yaml:2:6 column `c` is a list, not a type -> write for example `i64 1..22` or `{type: i64}`
    ~
        s.yaml:2:6 column `c` is nothing, not a type -> write for example `i64 1..22` or `{type: i64}`
    "#);
}

#[test]
fn columns_and_keys_must_fit_together() {
    assert_snapshot!(brief("doc: nothing\n"), @"s.yaml:1:1 the schema has no `columns` -> list the columns of the table: `columns: {week: i8 1..22}`");
    assert_snapshot!(brief("key: [a, a]\nalso_unique: [a, [b, c]]\ncolumns: {a: i64, b: i64}\n"), @"
    s.yaml:1:6 `key` names `a` twice -> keep one of the two
    s.yaml:2:15 a combination in `also_unique` is a string, not a list -> write [[a, b]] when a and b are unique together, [[a], [b]] when each is
    s.yaml:2:22 `also_unique` names `c`, which is not a declared column -> declare it under `columns`
    ");
    assert_snapshot!(brief("columns: {}\n"), @"s.yaml:1:10 the schema has neither a column nor a rule -> list the columns of the table: `columns: {week: i8 1..22}`");
    assert_snapshot!(brief("columns: [a, b]\nalso_unique: week\n"), @"
    s.yaml:1:10 `columns` is a list, not a mapping -> list the columns of the table: `columns: {week: i8 1..22}`
    s.yaml:2:14 `also_unique` is a string, not a list -> write a list of lists: `also_unique: [[season, week, home]]`
    ");
}

#[test]
fn kinds_of_gates_are_not_keys_of_a_schema() {
    assert_snapshot!(brief("fresh: {column: a}\ndrif: {}\ncolumns: {a: i64}\ndrift: {against: x}\n"), @"
    s.yaml:1:1 `fresh` is a kind of gate, not a key of a schema -> a verdict of a schema is kept as long as the table is the same: make it a gate in the pipeline
    s.yaml:2:1 the schema has no key `drif` -> did you mean `drift`?
    s.yaml:4:1 `drift` is a kind of gate, not a key of a schema -> a verdict of a schema is kept as long as the table is the same: make it a gate in the pipeline
    ");
    assert_snapshot!(brief("frsh: {column: a}\ncolumns: {a: i64}\n"), @"s.yaml:1:1 the schema has no key `frsh` -> known keys: schema, doc, gx_compat, csv, key, also_unique, extra_columns, column_order, rows, columns, rules, complete, environments, evolution");
}

#[test]
fn grouped_rows_are_read_with_their_places() {
    let said = |rows: &str| brief(&format!("rows: {rows}\ncolumns: {{season: i16, week: i8}}\n"));
    let forms = [
        "250..300 per season, week",
        "250.. per seasn, wek",
        "many per season",
        "{per: season}",
        "{range: 1.., per: [season, season], allow: x}",
        "{range: 1.., allow: 1}",
        "{range: 1.., pre: season}",
        "[1]",
    ];
    let said: Vec<String> =
        forms.iter().map(|form| format!("{form}\n    {}", said(form).replace('\n', "\n    "))).collect();
    assert_snapshot!(said.join("\n"), @"
    250..300 per season, week
        
    250.. per seasn, wek
        s.yaml:1:17 `rows` names `seasn`, which is not a declared column -> did you mean `season`?
        s.yaml:1:24 `rows` names `wek`, which is not a declared column -> did you mean `week`?
    many per season
        s.yaml:1:7 `many` is not a range of counts -> write 250..300, 1.. or ..5
    {per: season}
        s.yaml:1:7 `rows` has no `range` -> add `range: 250..300`
    {range: 1.., per: [season, season], allow: x}
        s.yaml:1:25 `per` names `season` twice -> keep one of the two
        s.yaml:1:50 `allow` cannot be `x` -> write a share such as 0.5%, or a number of rows
    {range: 1.., allow: 1}
        s.yaml:1:27 `allow` has no groups to apply to -> it tolerates groups: add `per: [season]`, or widen the range
    {range: 1.., pre: season}
        s.yaml:1:20 `rows` has no key `pre` -> did you mean `per`?
    [1]
        s.yaml:1:7 `` is not a range of counts -> write 250..300, 1.. or ..5
    ");
}

fn normal(text: &str) -> String {
    String::from_utf8(schema(text).normal_form()).expect("the normal form is text")
}

#[test]
fn the_normal_form_is_fixed() {
    assert_snapshot!(normal(
        "schema: games/2\ndoc: words\nkey: [b, a]\nalso_unique: [[a, b]]\nrows: 1..\ncolumns:\n  b: i8 1..22\n  a: str in [y, x]\n  \
         c: {type: f64?, range: -2..<2, allow: 0.5%, level: warn, doc: words}\n  d: 'str /\\d+/ len 2..'\n"
    ), @r#"{"format":"lockgate schema rules 1","key":["a","b"],"also_unique":[["a","b"]],"extra_columns":"forbid","column_order":"any","rows":[1,null],"columns":[{"name":"a","type":"str","nullable":false,"nan":null,"rules":[{"rule":{"in":["x","y"]},"allow":"0","level":"fail"}]},{"name":"b","type":"i8","nullable":false,"nan":null,"rules":[{"rule":{"range":"1..22"},"allow":"0","level":"fail"}]},{"name":"c","type":"f64","nullable":true,"nan":"fail","rules":[{"rule":{"range":"-2..<2"},"allow":"0.5%","level":"warn"}]},{"name":"d","type":"str","nullable":false,"nan":null,"rules":[{"rule":{"len":[2,null]},"allow":"0","level":"fail"},{"rule":{"matches":"\\d+"},"allow":"0","level":"fail"}]}]}"#);
}

#[test]
fn form_order_comments_and_quotes_do_not_matter() {
    let one = normal("key: [a, b]\ncolumns:\n  a: i8 1..22\n  b: str in [x, y]\n");
    let other = normal(
        "# words\nschema: t/7\ncolumns: # more\n  b: {in: ['y', \"x\"], type: str, doc: d}\n  a: 'i8   1..22'\nextra_columns: forbid\nkey:\n- b\n- a\n",
    );
    assert_eq!(one, other);
}

#[test]
fn each_change_of_meaning_changes_the_normal_form() {
    let base = "key: a\ncolumns:\n  a: i8 1..22\n  b: str\n";
    let changed = [
        "columns:\n  a: i8 1..22\n  b: str\n",
        "key: b\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\nalso_unique: [[a]]\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\nrows: 1..\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\nrows: 1.. per b\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\nrows: {range: 1.., per: b, allow: 1}\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\nrows: {range: 1.., level: warn}\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\nextra_columns: warn\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\ncolumn_order: exact\ncolumns:\n  a: i8 1..22\n  b: str\n",
        "key: a\ncolumns:\n  a: i16 1..22\n  b: str\n",
        "key: a\ncolumns:\n  a: i8? 1..22\n  b: str\n",
        "key: a\ncolumns:\n  a: i8 1..<22\n  b: str\n",
        "key: a\ncolumns:\n  a: i8 1..\n  b: str\n",
        "key: a\ncolumns:\n  a: {type: i8, range: 1..22, allow: 1}\n  b: str\n",
        "key: a\ncolumns:\n  a: {type: i8, range: 1..22, allow: {warn: 0, fail: 1%}}\n  b: str\n",
        "key: a\ncolumns:\n  a: {type: i8, range: 1..22, allow: 1%}\n  b: str\n",
        "key: a\ncolumns:\n  a: {type: i8, range: 1..22, level: warn}\n  b: str\n",
        "key: a\ncolumns:\n  a: i8 1..22\n  b: str /x/\n",
        "key: a\ncolumns:\n  a: i8 1..22\n  b: {type: str, find: x}\n",
        "key: a\ncolumns:\n  a: i8 1..22\n  b: str in [x]\n",
        "key: a\ncolumns:\n  a: i8 1..22\n  b: str len 1..\n",
        "key: a\ncolumns:\n  a: i8 1..22\n  c: str\n",
    ];
    let forms: std::collections::BTreeSet<String> = changed.iter().chain([&base]).map(|text| normal(text)).collect();
    assert_eq!(forms.len(), changed.len() + 1);
}

#[test]
fn each_rule_of_the_language_has_a_normal_form_of_its_own() {
    let changed = [
        "",
        "gx_compat: true\n",
        "rules: [{r: {check: avg(a) > 1}}]\n",
        "rules: [{r: {check: avg(a) > 1, by: b}}]\n",
        "rules: [{r: {check: avg(a) > 1, by: b, allow: 1}}]\n",
        "rules: [{r: {check: 'quantile(a, 0.5) > 1'}}]\n",
        "rules: [{r: {check: 'quantile(a, 0.6) > 1'}}]\n",
        "rules: [{r: {increasing: a}}]\n",
        "rules: [{r: {decreasing: a}}]\n",
        "rules: [{r: {increasing: a, strict: true}}]\n",
        "rules: [{r: {increasing: a, by: b}}]\n",
        "rules: [{r: {unique: [a]}}]\n",
        "rules: [{r: {unique: [a], nulls: counted}}]\n",
        "rules: [{r: {unique: [a], when: a > 1}}]\n",
        "rules: [{r: \"matches(b, 'x')\"}]\n",
        "rules: [{r: \"find(b, 'x')\"}]\n",
        "rules: [{r: \"is_date(b, '%Y')\"}]\n",
        "complete: {f: {columns: a, per_row: 50%}}\n",
        "complete: {f: {columns: b, per_row: 50%}}\n",
        "complete: {f: {columns: a, per_row: 51%}}\n",
        "complete: {f: {columns: a, per_row: 50%, allow: 1}}\n",
        "complete: {f: {columns: a, per_row: 50%, otherwise: warn}}\n",
        "complete: {f: {columns: a, per_row: 50%, constant: forbid}}\n",
    ];
    let base = "columns: {a: i8, b: str}\n";
    let mut forms: std::collections::BTreeSet<String> =
        changed.iter().map(|text| normal(&format!("{text}{base}"))).collect();
    let columns = [
        "{a: any, b: str}",
        "{a: i8, b: str in t.b}",
        "{a: i8, b: str in t.c}",
        "{a: {type: i8, optional: true}, b: str}",
    ];
    forms.extend(columns.iter().map(|columns| normal(&format!("columns: {columns}\n"))));
    assert_eq!(forms.len(), changed.len() + columns.len());
    let evolved =
        format!("{base}evolution: {{added: warn, renamed: {{c: a}}}}\nenvironments: {{e: {{optional: a}}}}\n");
    assert_eq!(normal(&evolved), normal(base), "neither says anything of a table");
}

#[test]
fn the_short_form_holds_regexes_with_slashes_and_quoted_values() {
    let read = schema(
        "columns:\n  a: str /a/b/ len 1..9\n  b: str in [O'Brien, 'x, y', \"]\"]\n  c: datetime[us, UTC] 2020-01-01T00:00Z..\n",
    );
    let rules: Vec<String> =
        read.columns.iter().flat_map(|column| &column.rules).map(|rule| format!("{} {}", rule.at, rule.kind)).collect();
    assert_snapshot!(rules.join("\n"), @r#"
    s.yaml:2 matches /a/b/
    s.yaml:2 len 1..9
    s.yaml:3 in ["O'Brien", "x, y", "]"]
    s.yaml:4 range 2020-01-01T00:00:00..
    "#);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z:\\[\\]{}/.?<, \"'\n%0-9-]{0,60}") {
        let source = Source::new("s.yaml", format!("columns:\n  c: {text}\n"));
        let mut problems = Problems::default();
        let read = Schema::read(&source, &mut problems);
        proptest::prop_assert_eq!(read.is_none(), !problems.is_empty());
        drawn(&problems);
    }
}

#[test]
fn a_schema_without_columns_has_rules_on_the_table() {
    let found = csv("extra_columns: allow\ncolumns: {}\nrules: [{r: count() > 0}, {h: {has_columns: [a]}}]", "a\n1\n");
    assert_snapshot!(lines(&found), @"
    pass r  count() > 0: count() 1
    pass h  has [a]: 1 column
    ");
}
