//! Mistakes in how the tables of a gate are said to be written.

#![expect(clippy::too_many_lines, reason = "a snapshot shows the whole output")]

use super::refused;

/// A gate `g` with the given body.
fn gate(body: &str) -> String {
    refused(&format!("stages:\n  g:\n    gate: {body}\n"))
}

#[test]
fn how_tables_are_written_is_said_where_they_are_named() {
    let all = [
        gate("{data: a.csv, command: test a, csv: {delimitr: ;}}"),
        gate(
            "{data: a.csv, schema: s.yaml, tables: {t: {path: t.csv, csv: {delimiter: ab}}, u: {csv: {}}, v: {path: ../v.csv}}}",
        ),
        gate("{data: a.csv, sql: {query: SELECT 1, tables: {t: {path: ../t.csv, csv: {encoding: utf8}}}}, csv: x}"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    error: `csv` of gate `g` does not go with `command`
       ╭─[pipeline.yaml:3:42]
     2 │   g:
     3 │     gate: {data: a.csv, command: test a, csv: {delimitr: ;}}
       ·                                          ─┬─
       ·                                           ╰── here
       ╰────
      help: remove it: the command reads the data itself

    error: `csv` has no key `delimitr`
       ╭─[pipeline.yaml:3:48]
     2 │   g:
     3 │     gate: {data: a.csv, command: test a, csv: {delimitr: ;}}
       ·                                                ────┬───
       ·                                                    ╰── not a key
       ╰────
      help: did you mean `delimiter`?

    error: `delimiter` cannot be "ab"
       ╭─[pipeline.yaml:3:84]
     2 │   g:
     3 │     gate: {data: a.csv, schema: s.yaml, tables: {t: {path: t.csv, csv: {delimiter: ab}}, u: {csv: {}}, v: {path: ../v.csv}}}
       ·                                                                                    ─┬
       ·                                                                                     ╰── here
       ╰────
      help: write one character such as ";", "|" or "\t"

    error: table `u` of gate `g` has no `path`
       ╭─[pipeline.yaml:3:93]
     2 │   g:
     3 │     gate: {data: a.csv, schema: s.yaml, tables: {t: {path: t.csv, csv: {delimiter: ab}}, u: {csv: {}}, v: {path: ../v.csv}}}
       ·                                                                                             ┬
       ·                                                                                             ╰── here
       ╰────
      help: add `path: data/teams.csv`

    error: table `v` of gate `g` is not a path inside the project: `../v.csv` leaves the project
       ╭─[pipeline.yaml:3:114]
     2 │   g:
     3 │     gate: {data: a.csv, schema: s.yaml, tables: {t: {path: t.csv, csv: {delimiter: ab}}, u: {csv: {}}, v: {path: ../v.csv}}}
       ·                                                                                                                  ────┬───
       ·                                                                                                                      ╰── here
       ╰────
      help: copy the data into the project, or make a stage that fetches it there

    error: `sql` of gate `g` is not a path inside the project: `../t.csv` leaves the project
       ╭─[pipeline.yaml:3:67]
     2 │   g:
     3 │     gate: {data: a.csv, sql: {query: SELECT 1, tables: {t: {path: ../t.csv, csv: {encoding: utf8}}}}, csv: x}
       ·                                                                   ────┬───
       ·                                                                       ╰── here
       ╰────
      help: copy the data into the project, or make a stage that fetches it there

    error: `encoding` cannot be `utf8`
       ╭─[pipeline.yaml:3:93]
     2 │   g:
     3 │     gate: {data: a.csv, sql: {query: SELECT 1, tables: {t: {path: ../t.csv, csv: {encoding: utf8}}}}, csv: x}
       ·                                                                                             ──┬─
       ·                                                                                               ╰── here
       ╰────
      help: did you mean `utf-8`?

    error: `csv` is a string, not a mapping
       ╭─[pipeline.yaml:3:108]
     2 │   g:
     3 │     gate: {data: a.csv, sql: {query: SELECT 1, tables: {t: {path: ../t.csv, csv: {encoding: utf8}}}}, csv: x}
       ·                                                                                                            ┬
       ·                                                                                                            ╰── here
       ╰────
      help: write it as keys and values; known keys: delimiter, encoding, missing, decimal
    "#);
}
