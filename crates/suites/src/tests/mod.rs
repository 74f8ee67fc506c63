//! Whole suites in, whole schemas out.

mod suites;
mod table_schemas;

use std::collections::BTreeMap;

use lockgate_spanned::{Charset, Problems, Source, Style};

use crate::{Options, Translation, translate};

fn with(text: &str, params: &[(&str, &str)]) -> Result<Translation, String> {
    let source = Source::new("suite.json", text);
    let mut problems = Problems::default();
    let params: BTreeMap<String, String> = params.iter().map(|&(name, value)| (name.into(), value.into())).collect();
    let translation = translate(&source, &Options { params }, &mut problems);
    let style = Style { width: 100, colour: false, charset: Charset::Unicode };
    translation.ok_or_else(|| problems.render(style))
}

/// Returns the schema, or the problems.
fn schema(text: &str) -> String {
    with(text, &[]).map_or_else(|problems| problems, |translation| translation.text)
}

/// Returns what one expectation becomes: the lines of its rules, or why there are none.
fn one(ty: &str, kwargs: &str) -> String {
    let suite = format!(r#"{{"name": "one", "expectations": [{{"type": "{ty}", "kwargs": {kwargs}}}]}}"#);
    let translation = with(&suite, &[]).expect("the suite is well formed");
    let rules = translation.text.lines().filter(|line| line.starts_with("  - "));
    let rules: Vec<&str> = rules.map(|line| line.trim_start_matches("  - ")).collect();
    translation.unmapped.first().map_or_else(|| rules.join("\n"), |unmapped| format!("unmapped: {}", unmapped.why))
}
