//! Three texts to one, block by block: each stage's entry is a fact of its own.

use super::edit::{NotEditable, Parts};
use super::read::DvcLock;
use crate::lock::conflict::branches;
use crate::lock::{Branch, standing};

/// What texts come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub text: String,
    /// The stages that both sides have changed, and not to the same. They have no entry.
    pub disputed: Vec<String>,
}

/// Merges two texts that come from `base`; what stands in neither but in the text of both stays as ours has it.
pub fn merge(base: Option<&str>, ours: &str, theirs: &str) -> Result<Merged, NotEditable> {
    let (base, _) = DvcLock::read(base.unwrap_or_default());
    let [our_blocks, their_blocks] = [ours, theirs].map(|text| match DvcLock::read(text) {
        (lock, None) => Ok(lock),
        (_, Some(_)) => Err(NotEditable),
    });
    let (our_blocks, their_blocks) = (our_blocks?, their_blocks?);
    let mut parts = Parts::of(ours, &our_blocks)?;
    let mut theirs = Parts::of(theirs, &their_blocks)?;
    let mut disputed = Vec::new();
    for stage in our_blocks.names().chain(their_blocks.names().filter(|name| our_blocks.line(name).is_none())) {
        let said = [&base, &our_blocks, &their_blocks].map(|lock| lock.said(stage));
        match standing(said[0].as_ref(), said[1].as_ref(), said[2].as_ref()) {
            Some(Branch::Ours) => {}
            Some(Branch::Theirs) => match theirs.take(stage) {
                Some(block) => parts.put(stage, block),
                None => drop(parts.take(stage)),
            },
            None => {
                parts.take(stage);
                disputed.push(stage.to_owned());
            }
        }
    }
    let text = parts.text();
    if DvcLock::read(&text).1.is_some() { Err(NotEditable) } else { Ok(Merged { text, disputed }) }
}

/// Takes conflict markers out of a text; `None` when there are none.
pub fn settle(text: &str) -> Option<Result<Merged, NotEditable>> {
    let sides = branches(text)?;
    Some(merge(sides.base.as_deref(), &sides.ours, &sides.theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(blocks: &[(&str, &str)]) -> String {
        let blocks = blocks.iter().map(|(stage, cmd)| format!("  {stage}:\n    cmd: {cmd}\n"));
        format!("schema: '2.0'\nstages:\n{}", blocks.collect::<String>())
    }

    #[test]
    fn each_entry_is_merged_by_itself() {
        let base = text(&[("a", "x"), ("b", "x"), ("c", "x"), ("d", "x")]);
        let ours = text(&[("a", "ours"), ("b", "x"), ("c", "ours"), ("new", "ours")]);
        let theirs = text(&[("a", "x"), ("c", "theirs"), ("d", "x"), ("other", "theirs")]);
        let merged = merge(Some(&base), &ours, &theirs).expect("they are locks");
        assert_eq!(merged.text, text(&[("a", "ours"), ("new", "ours"), ("other", "theirs")]));
        assert_eq!(merged.disputed, ["c"]);
    }

    #[test]
    fn markers_are_taken_out() {
        let head = "schema: '2.0'\nstages:\n  a:\n    cmd: x\n";
        let sides = "<<<<<<< HEAD\n  b:\n    cmd: ours\n=======\n  c:\n    cmd: 'two\n\n      lines'\n>>>>>>> x\n";
        let merged = settle(&format!("{head}{sides}")).expect("there are markers").expect("it is a lock");
        assert_eq!(merged.text, format!("{head}  b:\n    cmd: ours\n  c:\n    cmd: 'two\n\n      lines'\n"));
        assert_eq!(settle(head), None);
        assert_eq!(merge(None, head, "schema: '3.0'\n"), Err(NotEditable));
        assert_eq!(merge(None, head, ""), Err(NotEditable));
        assert_eq!(merge(None, head, "schema: '2.0'\n"), Err(NotEditable));
    }
}
