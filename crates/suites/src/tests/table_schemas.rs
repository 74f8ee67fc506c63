//! Frictionless Table Schemas.

use insta::assert_snapshot;

use super::schema;

#[test]
fn a_table_schema_becomes_a_schema() {
    assert_snapshot!(schema(r#"{
  "name": "matches",
  "title": "Matches of a season",
  "fields": [
    {"name": "Date", "type": "date", "format": "default", "description": "Match Date (YYYY-MM-DD)"},
    {"name": "HomeTeam", "type": "string", "constraints": {"required": true, "minLength": 2}},
    {"name": "AwayTeam", "type": "string", "constraints": {"required": true}},
    {"name": "FTHG", "type": "integer", "constraints": {"minimum": 0, "maximum": "20"}, "missingValues": ["", "-9"]},
    {"name": "FTR", "type": "string", "constraints": {"enum": ["H", "D", "A"]}},
    {"name": "odds", "type": "number", "constraints": {"exclusiveMinimum": 1}},
    {"name": "ref no", "type": "string", "constraints": {"unique": true, "pattern": "[A-Z]{2}\\d+"}},
    {"name": "played", "type": "boolean"},
    {"name": "kickoff", "type": "datetime", "format": "%d/%m/%Y %H:%M"}
  ],
  "missingValues": ["", "NA", "-"],
  "primaryKey": ["Date", "HomeTeam"],
  "uniqueKeys": [["Date", "AwayTeam"]],
  "foreignKeys": [{"fields": "HomeTeam", "reference": {"resource": "teams", "fields": "name"}}]
}"#), @r#"
    # From `suite.json`: 24 of 24 constraints.
    schema: matches/1
    doc: "Matches of a season"
    extra_columns: forbid
    column_order: exact
    csv: {missing: ["", "NA", "-"]}
    key: [Date, HomeTeam]
    also_unique: [["ref no"], [Date, AwayTeam]]

    columns:
      Date: {type: date?, doc: "Match Date (YYYY-MM-DD)"}
      HomeTeam: {type: str, len: "2..", in: teams.name}
      AwayTeam: str
      FTHG: {type: i64?, range: "0..20", missing: ["", "-9"]}
      FTR: {type: str?, in: ["H", "D", "A"]}
      odds: f64?
      "ref no": {type: str?, matches: "[A-Z]{2}\\d+"}
      played: {type: str?, in: ["true", "True", "TRUE", "1", "false", "False", "FALSE", "0"]}
      kickoff: str?

    rules:
      - odds-above: {check: "odds > 1"}
      - kickoff-format: {check: "is_date(kickoff, '%d/%m/%Y %H:%M')"}
    "#);
}

#[test]
fn what_has_no_exact_rule_is_unmapped() {
    assert_snapshot!(schema(r#"{
  "fields": [
    {"name": "at", "type": "datetime"},
    {"name": "where", "type": "geopoint"},
    {"name": "mail", "type": "string", "format": "email", "constraints": {"minimum": "a", "pattern": "(?=x)"}},
    {"name": "price", "type": "number", "decimalChar": ","},
    {"name": "n", "type": "integer", "missingValues": ["-9"], "constraints": {"minimum": "low", "jsonSchema": {}}}
  ],
  "fieldsMatch": "partial",
  "missingValues": ["NA"],
  "primaryKey": "nothing",
  "foreignKeys": [{"fields": ["n"], "reference": {"fields": ["at"]}}]
}"#), @"
    # From `suite.json`: 1 of 14 constraints.
    schema: table/1
    extra_columns: allow

    columns:
      at: {type: any?, optional: true}
      where: {type: any?, optional: true}
      mail: {type: str?, optional: true}
      price: {type: any?, optional: true}
      n: {type: i64?, optional: true}
    # Not translated: suite.json:3 field `at`: type datetime: whether the values have a zone is not told: declare `datetime[us, UTC]`, `datetime[us]` or `time`
    # Not translated: suite.json:4 field `where`: type geopoint: there is no such type here
    # Not translated: suite.json:5 field `mail`: type string, format email: a text of this format has no rule: write a regular expression
    # Not translated: suite.json:5 field `mail`: minimum: it has no exact rule on str
    # Not translated: suite.json:5 field `mail`: pattern: it has no exact rule on str
    # Not translated: suite.json:6 field `price`: type number, decimalChar: numbers are written one way in the whole file: see `csv: {decimal: …}`
    # Not translated: suite.json:7 field `n`: minimum: it has no exact rule on i64
    # Not translated: suite.json:7 field `n`: jsonSchema: it has no exact rule on i64
    # Not translated: suite.json:7 field `n`: missingValues: without the empty text among them an empty field would be a value
    # Not translated: suite.json:9 fieldsMatch: that one of the columns at least is there has no rule
    # Not translated: suite.json:10 missingValues: without the empty text among them an empty field would be a value
    # Not translated: suite.json:11 primaryKey: it does not name fields of the schema
    # Not translated: suite.json:12 foreignKeys: it points into the same table, which no rule does
    ");
}

#[test]
fn fields_without_names_are_told() {
    assert_snapshot!(schema(r#"{"fields": [{"type": "date"}, {"name": "a"}, {"name": "a"}]}"#), @r#"
    error: a field has no name
       ╭─[suite.json:1:13]
     1 │ {"fields": [{"type": "date"}, {"name": "a"}, {"name": "a"}]}
       ·             ┬
       ·             ╰── here
       ╰────
      help: add `"name": …`

    error: two fields are called `a`
       ╭─[suite.json:1:55]
     1 │ {"fields": [{"type": "date"}, {"name": "a"}, {"name": "a"}]}
       ·                                                       ─┬─
       ·                                                        ╰── here
       ╰────
      help: rename one of them
    "#);
}
