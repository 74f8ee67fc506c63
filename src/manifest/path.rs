//! Paths as a pipeline file writes them.

use std::fmt;

use lockgate_spanned::{Node, Span};

use super::report::Report;
use crate::words::{RelPath, RelPathError};

/// What the kernel takes, and a depth at which nothing that walks a path runs out of stack.
const LONGEST: usize = 4095;
const DEEPEST: usize = 200;

impl Report {
    /// Reads a path that is relative to `base`.
    pub(super) fn path(&mut self, base: &RelPath, node: &Node, what: fmt::Arguments<'_>) -> Option<RelPath> {
        let text = self.text(node, what)?;
        self.path_of(base, &text, node.span, what)
    }

    /// Reads `text`, which stands at `span`, as a path that is relative to `base`.
    pub(super) fn path_of(
        &mut self,
        base: &RelPath,
        text: &str,
        span: Span,
        what: fmt::Arguments<'_>,
    ) -> Option<RelPath> {
        if let Some((scheme, _)) = text.split_once("://") {
            let message = format!("{what} is `{text}`; this version of lockgate has no {scheme} paths yet");
            let help = "fetch it in a stage of its own and name the file that the stage writes";
            self.push(self.at("path::remote", span, message).help(help));
            return None;
        }
        match base.join(text) {
            Ok(path) if path.as_str().len() > LONGEST || path.components().count() > DEEPEST => {
                let message = format!("{what} is longer than {LONGEST} bytes or deeper than {DEEPEST} folders");
                self.push(self.at("path::too-long", span, message).help("shorten it: no file can be there"));
                None
            }
            Ok(path) => Some(path),
            Err(error) => {
                let message = format!("{what} is not a path inside the project: {error}");
                self.push(self.at("path::outside", span, message).help(next_step(&error)));
                None
            }
        }
    }
}

fn next_step(error: &RelPathError) -> &'static str {
    match error {
        RelPathError::Empty => "write the path, or remove the entry",
        RelPathError::Absolute(_) | RelPathError::Leaves(_) | RelPathError::Holds(_) => {
            "copy the data into the project, or make a stage that fetches it there"
        }
        RelPathError::Control(_) => "rename the file without control characters",
        RelPathError::TooLong(_) => "shorten the name",
    }
}
