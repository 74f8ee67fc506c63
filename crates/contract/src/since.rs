//! What is different from an earlier report of the same tables.
//!
//! Pure, and told in the words of the reports: rows, columns, and the rules whose findings differ. Rules that hold now as they
//! did then are left out, also when they looked at more rows.

use std::collections::BTreeSet;

use crate::report::{Report, RuleReport, State, TableReport};

impl Report {
    /// Returns what has changed since `last`, one fact an entry: rows, columns, then rules in the order of this report.
    ///
    /// Tables are matched by their paths and rules by table and name; a table or rule that `last` does not have is new.
    pub fn since(&self, last: &Self) -> Vec<String> {
        let mut facts = Vec::new();
        for table in &self.tables {
            let place = if self.tables.len() > 1 { format!("`{}`: ", table.path) } else { String::new() };
            let found = match last.tables.iter().find(|before| before.path == table.path) {
                Some(before) => table_changes(table, before),
                None => vec!["the table is new".to_owned()],
            };
            facts.extend(found.into_iter().map(|fact| place.clone() + &fact));
        }
        for rule in &self.rules {
            facts.extend(rule_changes(rule, last.same_rule(rule, &self.tables)));
        }
        facts
    }

    fn same_rule(&self, rule: &RuleReport, tables: &[TableReport]) -> Option<&RuleReport> {
        let table = self.tables.iter().position(|table| table.path == tables[rule.table].path)?;
        let is_same =
            |before: &&RuleReport| before.table == table && before.subject == rule.subject && before.rule == rule.rule;
        self.rules.iter().find(is_same)
    }
}

fn table_changes(table: &TableReport, before: &TableReport) -> Vec<String> {
    let mut facts = Vec::new();
    if table.rows != before.rows {
        let (sign, by) =
            if table.rows > before.rows { ('+', table.rows - before.rows) } else { ('-', before.rows - table.rows) };
        facts.push(format!("rows {} → {} ({sign}{by})", before.rows, table.rows));
    }
    // A report of a version that did not note the columns says nothing of them.
    if before.stored.is_empty() {
        return facts;
    }
    for column in &table.stored {
        match before.stored.iter().find(|other| other.name == column.name) {
            None => facts.push(format!("column `{}` is new ({})", column.name, column.stored)),
            Some(other) if other.stored != column.stored => {
                facts.push(format!("column `{}` was {} and is {}", column.name, other.stored, column.stored));
            }
            Some(_) => {}
        }
    }
    let is_gone = |name: &str| table.stored.iter().all(|column| column.name != name);
    let gone = before.stored.iter().filter(|column| is_gone(&column.name));
    facts.extend(gone.map(|column| format!("column `{}` is gone", column.name)));
    facts
}

fn rule_changes(rule: &RuleReport, before: Option<&RuleReport>) -> Vec<String> {
    let Some(before) = before else {
        // One that holds is no news to who has just written it.
        let is_news = rule.state != State::Pass;
        return is_news.then(|| format!("{} is a new rule: {}", rule.name(), rule.observed)).into_iter().collect();
    };
    let mut facts = Vec::new();
    let changed = rule.state != before.state || rule.bad != before.bad;
    if changed && rule.observed != before.observed {
        facts.push(format!("{}: {} → {}", rule.name(), before.observed, rule.observed));
    }
    facts.extend(new_values(rule, before).into_iter().map(|value| format!("{} {value:?} is new", rule.subject)));
    facts
}

/// Returns the values outside of a set that the samples show and those of `before` did not.
fn new_values<'a>(rule: &'a RuleReport, before: &'a RuleReport) -> BTreeSet<&'a str> {
    if !rule.rule.starts_with("in ") {
        return BTreeSet::new();
    }
    &values(rule) - &values(before)
}

fn values(rule: &RuleReport) -> BTreeSet<&str> {
    let cells = rule.samples.iter().flat_map(|sample| &sample.cells);
    cells.filter(|cell| cell.column == rule.subject).filter_map(|cell| cell.value.as_deref()).collect()
}
