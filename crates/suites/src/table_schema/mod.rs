//! Frictionless Table Schemas, version 1 and 2 (<https://datapackage.org/standard/table-schema/>).
//!
//! Each field becomes a column; what the short words of a column cannot say becomes a rule of its own. The types are those
//! that a reader of text finds in a CSV file, which is what the format is made for.

mod field;
mod keys;

use std::sync::Arc;

use lockgate_spanned::{Node, Problem, Problems, Source, Span};

use crate::draft::{Draft, Page};
use crate::translation::{Dialect, Options, Translation, Unmapped};
use crate::words::{quoted, slug, yaml};
use field::Column;
use keys::Match;

/// What has been found so far, and how much of it is said.
struct Ledger<'s> {
    source: &'s Arc<Source>,
    mapped: usize,
    unmapped: Vec<Unmapped>,
}

impl Ledger<'_> {
    fn say(&mut self) {
        self.mapped += 1;
    }

    fn refuse(&mut self, span: Span, rule: impl Into<String>, why: impl Into<String>) {
        let at = self.source.cite(span);
        self.unmapped.push(Unmapped { at, rule: rule.into(), why: why.into() });
    }
}

/// Translates a Table Schema; `None` when it is not well formed.
pub(crate) fn translate(
    root: &Node,
    source: &Arc<Source>,
    _options: &Options,
    problems: &mut Problems,
) -> Option<Translation> {
    let fields = fields(root, source, problems)?;
    let mut ledger = Ledger { source, mapped: 0, unmapped: Vec::new() };
    let policy = keys::fields_match(root, &mut ledger);
    let mut columns: Vec<Column> =
        fields.iter().map(|(name, node)| field::read(name, node, policy, &mut ledger)).collect();
    let head = keys::read(root, &mut columns, &mut ledger);
    let total = ledger.mapped + ledger.unmapped.len();
    ledger.unmapped.sort_by_key(|unmapped| line_of(&unmapped.at));
    let page = page(root, source, policy, &head, &columns, &ledger);
    let (text, origins) = page.finish();
    let Ledger { mapped, unmapped, .. } = ledger;
    Some(Translation { dialect: Dialect::TableSchema, text, mapped, total, unmapped, origins })
}

fn line_of(cite: &str) -> usize {
    cite.rsplit_once(':').and_then(|(_, line)| line.parse().ok()).unwrap_or_default()
}

/// Returns the fields with their names; one without a name or one that is there twice is malformed.
fn fields<'a>(root: &'a Node, source: &Arc<Source>, problems: &mut Problems) -> Option<Vec<(&'a str, &'a Node)>> {
    let mut refuse = |span: Span, message: String, help: &str| {
        problems.push(Problem::new("suite::malformed", source, span, message).help(help));
    };
    let list = root.get("fields")?;
    let Some(items) = list.as_list() else {
        refuse(list.span, format!("`fields` is {}, not a list", list.value.kind()), "write one mapping for each field");
        return None;
    };
    let mut found: Vec<(&str, &Node)> = Vec::with_capacity(items.len());
    for item in items {
        match item.get("name").and_then(|name| Some((name.as_str()?, name.span))) {
            None => refuse(item.span, "a field has no name".to_owned(), "add `\"name\": …`"),
            Some((name, span)) if found.iter().any(|(other, _)| *other == name) => {
                refuse(span, format!("two fields are called `{name}`"), "rename one of them");
            }
            Some((name, _)) => found.push((name, item)),
        }
    }
    Some(found)
}

fn page(
    root: &Node,
    source: &Source,
    policy: Match,
    head: &[(String, String)],
    columns: &[Column],
    ledger: &Ledger<'_>,
) -> Page {
    let mut page = Page::default();
    let total = ledger.mapped + ledger.unmapped.len();
    page.line(format!("# From `{}`: {} of {total} constraints.", source.name(), ledger.mapped));
    let name = root.get("name").and_then(Node::as_str).unwrap_or("table");
    page.line(format!("schema: {}/1", slug(name)));
    for key in ["description", "title"] {
        if let Some(text) = root.get(key).and_then(Node::as_str) {
            page.line(format!("doc: {}", quoted(text)));
            break;
        }
    }
    for line in policy.lines() {
        page.line(line);
    }
    for (line, at) in head {
        page.cited(line.as_str(), at);
    }
    page.line("");
    page.line(if columns.is_empty() { "columns: {}" } else { "columns:" });
    for column in columns {
        page.cited(column.line(), &column.at);
    }
    let rules: Vec<(&Draft, &str)> =
        columns.iter().flat_map(|column| column.rules.iter().map(|rule| (rule, column.at.as_str()))).collect();
    if !rules.is_empty() {
        page.line("");
        page.line("rules:");
        for (rule, at) in rules {
            page.rule(rule, at);
        }
    }
    for Unmapped { at, rule, why } in &ledger.unmapped {
        page.line(format!("# Not translated: {at} {rule}: {why}"));
    }
    page
}

/// Writes a flow list of texts.
fn list(names: &[String]) -> String {
    format!("[{}]", names.iter().map(|name| yaml(name)).collect::<Vec<_>>().join(", "))
}
