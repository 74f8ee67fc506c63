//! The rules of a gate's report, one by one, for the files that other programs read.

use serde_json::Value;

use crate::event::GateReport;

/// One rule and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about and what it asks: `amount range 0..10`.
    pub name: String,
    /// `schemas/orders.yaml:6`
    pub citation: String,
    pub observed: String,
    pub passes: bool,
}

/// Returns the rules of a schema gate; another gate has none that could be told apart.
pub fn rules(report: &GateReport) -> Vec<Rule> {
    let rules = report.details.get("rules").and_then(Value::as_array);
    rules.into_iter().flatten().map(rule).collect()
}

fn rule(value: &Value) -> Rule {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let passes = text("level") != "Fail" || ["Pass", "Warn"].contains(&text("state").as_str());
    let name = format!("{} {}", text("subject"), text("rule"));
    Rule { name, citation: text("citation"), observed: text("observed"), passes }
}
