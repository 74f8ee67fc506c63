//! The text of the records to their meaning: all mistakes at once, each in its place.
//!
//! What cannot be read is an error, never a consent and never silently none: a record that was meant to count and does not
//! would be looked for in the wrong place.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use lockgate_spanned::{Fields, Node, Problem, Problems, Source, Value};

use super::record::{Approval, Scope, Waiver};
use crate::words::{Content, Digest, RelPath};

const WAIVER: [&str; 7] = ["gate", "rule", "rules", "data", "reason", "given", "until"];
const APPROVAL: [&str; 5] = ["gate", "inputs", "data", "reason", "given"];

/// Reads `waivers.yaml`.
pub fn read_waivers(name: &str, text: &str) -> Result<Vec<Waiver>, Problems> {
    read(name, text, "waivers", waiver)
}

/// Reads `approvals.yaml`.
pub fn read_approvals(name: &str, text: &str) -> Result<Vec<Approval>, Problems> {
    read(name, text, "approvals", approval)
}

fn read<T>(
    name: &str,
    text: &str,
    list: &str,
    one: impl Fn(&mut Reader<'_>, &Fields<'_>) -> Option<T>,
) -> Result<Vec<T>, Problems> {
    let source = Source::new(name, text);
    let mut problems = Problems::default();
    let root = lockgate_spanned::read(&source, &mut problems);
    let mut reader = Reader { source, problems: &mut problems };
    let records = root.and_then(|root| reader.list(&root, list, one));
    match records {
        Some(records) if problems.is_empty() => Ok(records),
        // An empty text has no records.
        None if problems.is_empty() => Ok(Vec::new()),
        Some(_) | None => Err(problems),
    }
}

struct Reader<'a> {
    source: Arc<Source>,
    problems: &'a mut Problems,
}

fn waiver(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Waiver> {
    let gate = reader.text(fields, "gate");
    let rule = reader.text(fields, "rule");
    let rules = reader.parsed::<Digest>(fields, "rules", "a digest");
    let data = reader.scope(fields);
    let reason = reader.text(fields, "reason");
    let given = reader.date(fields, "given");
    let until = reader.date(fields, "until");
    Some(Waiver { gate: gate?, rule: rule?, rules: rules?, data: data?, reason: reason?, given: given?, until: until? })
}

fn approval(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Approval> {
    let gate = reader.text(fields, "gate");
    let inputs = reader.parsed::<Digest>(fields, "inputs", "a digest");
    let data = reader.scope(fields);
    let reason = reader.text(fields, "reason");
    let given = reader.date(fields, "given");
    let data = match data? {
        Scope::Exactly(data) => data,
        Scope::Any => BTreeMap::new(),
    };
    Some(Approval { gate: gate?, inputs: inputs?, data, reason: reason?, given: given? })
}

impl Reader<'_> {
    fn list<T>(
        &mut self,
        root: &Node,
        list: &str,
        one: impl Fn(&mut Reader<'_>, &Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let fields = Fields::open(root, "the file", &[list], &self.source, self.problems)?;
        let node = fields.get(list)?;
        let known: &[&str] = if list == "waivers" { &WAIVER } else { &APPROVAL };
        let Value::List(items) = &node.value else {
            self.refuse(node, format!("`{list}` is {}, not a list", node.value.kind()));
            return None;
        };
        let what = format!("a record of `{list}`");
        let read = |item: &Node| {
            let fields = Fields::open(item, &what, known, &self.source, self.problems)?;
            one(&mut Reader { source: Arc::clone(&self.source), problems: self.problems }, &fields)
        };
        Some(items.iter().filter_map(read).collect())
    }

    fn refuse(&mut self, node: &Node, message: String) {
        let help = "give the consent again with lockgate, or remove the record";
        self.problems.push(Problem::new("consent::record", &self.source, node.span, message).help(help));
    }

    fn field<'n>(&mut self, fields: &Fields<'n>, key: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            let message = format!("the record has no `{key}`");
            let help = "give the consent again with lockgate, or remove the record";
            self.problems.push(Problem::new("consent::record", &self.source, fields.span(), message).help(help));
        }
        found
    }

    fn text(&mut self, fields: &Fields<'_>, key: &str) -> Option<String> {
        let node = self.field(fields, key)?;
        let text = node.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        if text.is_none() {
            self.refuse(node, format!("`{key}` is {}, not text", node.value.kind()));
        }
        text
    }

    fn parsed<T: std::str::FromStr>(&mut self, fields: &Fields<'_>, key: &str, what: &str) -> Option<T> {
        let node = self.field(fields, key)?;
        let value = node.as_str().and_then(|text| text.parse().ok());
        if value.is_none() {
            self.refuse(node, format!("`{key}` is not {what}"));
        }
        value
    }

    fn date(&mut self, fields: &Fields<'_>, key: &str) -> Option<Date> {
        self.parsed(fields, key, "a day such as `2026-12-01`")
    }

    fn scope(&mut self, fields: &Fields<'_>) -> Option<Scope> {
        let node = self.field(fields, "data")?;
        if node.as_str() == Some("any") {
            return Some(Scope::Any);
        }
        let Value::Map(entries) = &node.value else {
            self.refuse(node, "`data` is neither `any` nor contents by path".to_owned());
            return None;
        };
        let content = |text: &str, node: &Node| -> Option<(RelPath, Content)> {
            Some((RelPath::parse(text).ok()?, node.as_str()?.parse().ok()?))
        };
        let data: Option<BTreeMap<_, _>> = entries.iter().map(|(key, value)| content(&key.text, value)).collect();
        if data.is_none() {
            self.refuse(node, "`data` has a path or a content that cannot be read".to_owned());
        }
        data.map(Scope::Exactly)
    }
}
