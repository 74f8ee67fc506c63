//! `approval`: a person looks at the data before anything reads it.

use lockgate_spanned::Node;
use serde::{Deserialize, Serialize};

use crate::reader::Reader;

/// What a person is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who must look, and at what.
    pub ask: String,
}

impl Approval {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &["ask"])?;
        let ask = reader.needed(&fields, "ask", "\"who must look, and at what\"")?;
        Some(Self { ask: reader.text("ask", ask)? })
    }
}
