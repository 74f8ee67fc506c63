//! What has changed from one schema to another, as plain values.

/// All changes, in the order of the new schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaChanges {
    pub changes: Vec<SchemaChange>,
    /// The major of both names, when it was not raised.
    pub kept_major: Option<u64>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaChange {
    /// `tightened`, `loosened`, `changed`, `added`, `removed`, `renamed` or `retyped`.
    pub effect: &'static str,
    /// What it is about, `week`, and the kind of the rule, `range`.
    pub subject: String,
    pub kind: String,
    pub was: Option<String>,
    pub now: Option<String>,
    /// `file:line`.
    pub at: String,
    pub weight: Weight,
}

/// What a change does to those who read the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Harmless,
    Warns,
    Breaks,
}

impl Weight {
    pub fn name(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Warns => "warns",
            Self::Breaks => "breaks",
        }
    }
}
