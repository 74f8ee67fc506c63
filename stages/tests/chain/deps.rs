//! The deps in `pipeline.yaml` are the sources that decide a stage's bytes.

use std::collections::BTreeSet;
use std::fs;

use crate::example::{Pipeline, STAGES, root};

/// Sources without influence on outputs: the flag parser and the messages.
const WITHOUT_INFLUENCE: [&str; 2] = ["main", "error"];

/// Returns the modules that a module's source names in `use crate::…;`.
fn uses(module: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(format!("stages/src/{module}.rs"))).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let named = code.split("use crate::").skip(1);
    named.map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()).collect()
}

/// Returns the sources that a module is made of, itself included.
fn sources(module: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![module.to_owned()];
    while let Some(module) = open.pop() {
        if !WITHOUT_INFLUENCE.contains(&module.as_str()) && found.insert(format!("stages/src/{module}.rs")) {
            open.extend(uses(&module));
        }
    }
    found
}

#[test]
fn every_stage_names_the_sources_it_is_made_of() {
    let pipeline = Pipeline::read();
    for stage in STAGES {
        let module = if stage == "model_is_sane" { "check_model" } else { stage };
        let deps = pipeline.stages[stage].deps.iter();
        let named: BTreeSet<String> = deps.filter(|dep| dep.starts_with("stages/src/")).cloned().collect();
        assert_eq!(named, sources(module), "deps of `{stage}`");
    }
}
