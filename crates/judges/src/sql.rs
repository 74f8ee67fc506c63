//! `sql`: a query that must return no row.
//!
//! The gate's data is `data` in the query, or `data1`, `data2` and so on when there are several. No row of a table without
//! rows, or by a column without values, is no evidence: that is inconclusive, save for a column that the query asks for
//! `IS NULL` or `IS NOT NULL`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lockgate_contract::{Report, Sample, SqlError, SqlResult, State, TableAt, TableFile, sql};
use lockgate_kinds::Sql;

use crate::finding::{Draft, Finding, SHOWN, sample};
use crate::words::{listed, rows};
use crate::{Given, JudgeError};

/// Judges by the rows that the query returns: they are the bad ones.
pub fn judge(settings: &Sql, given: &Given<'_>) -> Result<Report, JudgeError> {
    let mut draft = Draft::new(given);
    let (mut unseen, mut examined) = (Vec::new(), 0);
    let words = words(&settings.query);
    for (at, input) in given.data.iter().enumerate() {
        let table = draft.open(input)?;
        let name = data_name(at, given.data.len());
        examined += draft.rows();
        match draft.rows() {
            0 => unseen.push(format!("`{name}` has no row; needs one")),
            _ => unseen.extend(without_values(&name, given.table(input), &table, &words)?),
        }
    }
    for (name, file) in &settings.tables {
        let path = (given.file)(file);
        let at = TableAt { name: file, path: &path, form: given.forms.of(file) };
        let table = TableFile::open(at)?;
        match table.rows()? {
            0 => unseen.push(format!("`{name}` has no row; needs one")),
            _ => unseen.extend(without_values(name, at, &table, &words)?),
        }
    }
    let finding = Finding::new("sql", settings.query.split_whitespace().collect::<Vec<_>>().join(" "));
    let finding = Finding { examined, ..finding.expecting("no row") };
    let answer = match answer(settings, given) {
        // A column without values has no type in a text format, and the query may fail for that alone.
        Err(SqlError::Refused { .. }) if !unseen.is_empty() => None,
        answer => Some(answer?),
    };
    let found = match answer {
        Some(answer) if answer.total > 0 => {
            draft.history("bad rows", answer.total as f64);
            let finding = finding.seen(State::Fail, rows(answer.total)).samples(samples(&answer));
            Finding { bad: answer.total, ..finding }
        }
        Some(_) if unseen.is_empty() => {
            draft.history("bad rows", 0.0);
            finding.seen(State::Pass, "no row")
        }
        Some(_) | None => finding.lacking(unseen.join("; ")),
    };
    draft.found(found);
    Ok(draft.finish())
}

fn data_name(at: usize, of: usize) -> String {
    if of == 1 { "data".to_owned() } else { format!("data{}", at + 1) }
}

fn answer(settings: &Sql, given: &Given<'_>) -> Result<SqlResult, SqlError> {
    let data = given.data.iter().enumerate();
    let data = data.map(|(at, input)| (data_name(at, given.data.len()), input.path.to_owned(), input.name));
    let others = settings.tables.iter().map(|(name, file)| (name.clone(), (given.file)(file), file.as_str()));
    let tables: Vec<(String, PathBuf, &str)> = data.chain(others).collect();
    let tables = tables.iter().map(|(called, path, file)| {
        // The file is called by its own name, which says of what format it is: where it lies may not.
        (called.as_str(), TableAt { name: file, path, form: given.forms.of(file) })
    });
    sql(&tables.collect::<Vec<_>>(), &settings.query, SHOWN)
}

fn samples(answer: &SqlResult) -> Vec<Sample> {
    let names = || answer.columns.iter().map(String::as_str);
    answer.rows.iter().map(|row| sample(None, names().zip(row.iter().cloned()))).collect()
}

/// Says which columns that the query names have no value at all in the table that it calls `name`.
fn without_values(name: &str, at: TableAt<'_>, table: &TableFile, words: &[String]) -> Result<Vec<String>, JudgeError> {
    let asked: BTreeSet<String> = table.columns()?.into_iter().map(|(column, _)| column).collect();
    let asked: Vec<String> = asked.into_iter().filter(|column| is_judged(column, words)).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let quoted = |column: &String| format!("COUNT(\"{}\")", column.replace('"', "\"\""));
    let counts: Vec<String> =
        asked.iter().enumerate().map(|(at, column)| format!("{} AS c{at}", quoted(column))).collect();
    let counted = sql(&[("t", at)], &format!("SELECT {} FROM t", counts.join(", ")), 1)?;
    let counts = counted.rows.into_iter().next().unwrap_or_default();
    let empty = asked.into_iter().zip(counts).filter(|(_, count)| count.as_deref() == Some("0"));
    let empty: Vec<String> = empty.map(|(column, _)| column).collect();
    Ok(if empty.is_empty() {
        Vec::new()
    } else {
        vec![format!("{} of `{name}` has no value; needs one", listed(&empty, SHOWN))]
    })
}

/// Whether the query names a column and does not ask for its nulls by name.
fn is_judged(column: &str, words: &[String]) -> bool {
    let named = words.iter().enumerate().filter(|(_, word)| word.eq_ignore_ascii_case(column));
    let mut named = named.peekable();
    let is = |at: usize, text: &str| words.get(at).is_some_and(|word| word.eq_ignore_ascii_case(text));
    named.peek().is_some()
        && !named.any(|(at, _)| is(at + 1, "is") && (is(at + 2, "null") || is(at + 2, "not") && is(at + 3, "null")))
}

/// Returns the names and keywords of a query; what stands between single quotes is neither.
fn words(query: &str) -> Vec<String> {
    let outside = query.split('\'').step_by(2);
    let split = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    outside.flat_map(split).collect()
}
