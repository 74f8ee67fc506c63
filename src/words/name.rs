//! Names of stages, gates and tasks.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::relpath::RelPath;

/// The name of a stage or gate as the pipeline file gives it, with its `foreach` or `matrix` member: `train@a`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeName(#[serde(with = "super::shared")] Arc<str>);

impl NodeName {
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name without its member: `train` of `train@a`.
    pub fn group(&self) -> &str {
        self.0.split_once('@').map_or(&self.0, |(group, _)| group)
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The values of a stage's partition dimensions in declared order; empty for a stage without partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartitionKey(Vec<(Box<str>, Box<str>)>);

impl PartitionKey {
    pub fn new(values: Vec<(Box<str>, Box<str>)>) -> Self {
        Self(values)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&values.join(","))
    }
}

/// What is planned, run, locked and cached: one stage or gate at one partition key.
///
/// Shown as `train`, `train@a`, `train[week=3]`, and with the folder of its pipeline file where that is not the root:
/// `models:train`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskId {
    /// The folder of the pipeline file that declares the stage.
    pub folder: RelPath,
    pub name: NodeName,
    pub partition: PartitionKey,
}

impl TaskId {
    /// Names the only task of a stage without partitions.
    pub fn whole(folder: RelPath, name: NodeName) -> Self {
        Self { folder, name, partition: PartitionKey::default() }
    }

    /// Returns the name within its pipeline file, as the lock writes it.
    pub fn local(&self) -> String {
        if self.partition.is_empty() { self.name.to_string() } else { format!("{}[{}]", self.name, self.partition) }
    }

    /// Returns a name that is safe as one component of a path on every file system.
    pub fn file_stem(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() || "-_@=,.".contains(c) { c } else { '_' };
        let text: String = self.to_string().chars().map(safe).take(100).collect();
        if text == self.to_string() && !text.starts_with('.') {
            return text;
        }
        format!("{}-{}", text.trim_start_matches('.'), super::Digest::of(self.to_string().as_bytes()).short())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.folder.is_root() {
            write!(f, "{}:", self.folder)?;
        }
        if self.partition.is_empty() { f.write_str(self.name.as_str()) } else { f.write_str(&self.local()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_shown_with_what_tells_it_apart() {
        let folder = RelPath::parse("models").expect("a path");
        let mut task = TaskId::whole(RelPath::root(), NodeName::new("train@a"));
        assert_eq!(task.to_string(), "train@a");
        task.partition = PartitionKey::new(vec![("week".into(), "3".into())]);
        assert_eq!(task.to_string(), "train@a[week=3]");
        task.folder = folder;
        assert_eq!(task.to_string(), "models:train@a[week=3]");
        assert_eq!(task.name.group(), "train");
    }

    #[test]
    fn a_file_stem_is_one_safe_component() {
        let stem = |name: &str| TaskId::whole(RelPath::root(), NodeName::new(name)).file_stem();
        assert_eq!(stem("train@a"), "train@a");
        assert!(stem("a/b").starts_with("a_b-"));
        assert_ne!(stem("a/b"), stem("a:b"));
        assert!(!stem("..").starts_with('.'));
    }
}
