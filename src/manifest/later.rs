//! What the design has and this version does not: refused by name, so that nobody looks for a typing mistake.

use lockgate_spanned::{Key, Node, Value as Yaml};

use super::report::Report;

/// A key that later versions bring, and what to do until then.
struct Later {
    key: &'static str,
    until_then: &'static str,
}

const STAGE: [Later; 2] = [
    Later { key: "partition", until_then: "write each partition as a stage of its own" },
    Later { key: "effect", until_then: "run what acts on the outside world by hand, after `repro`" },
];

/// Whether a stage's partitions are left out, so that its body cannot be read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Readable,
    Multiplied,
}

impl Report {
    /// Takes the keys of later versions out of a stage, each with a problem.
    pub(super) fn refuse_later_stage_keys(&mut self, stage: &mut Node) -> Body {
        let keys = self.refuse(stage, &STAGE, "stages with");
        if keys.iter().any(|key| key.text == "partition") {
            return Body::Multiplied;
        }
        Body::Readable
    }

    fn refuse(&mut self, node: &mut Node, later: &[Later], what: &str) -> Vec<Key> {
        let Yaml::Map(entries) = &mut node.value else { return Vec::new() };
        let known = |key: &Key| later.iter().find(|later| later.key == key.text);
        let refused: Vec<Key> = entries.extract_if(.., |(key, _)| known(key).is_some()).map(|(key, _)| key).collect();
        for key in &refused {
            let message = format!("this version of lockgate does not have {what} `{}` yet", key.text);
            let until_then = known(key).map_or("remove it", |later| later.until_then);
            self.push(self.at("later", key.span, message).label("not yet").help(until_then));
        }
        refused
    }
}
