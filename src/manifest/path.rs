//! Paths as a pipeline file writes them.

use std::fmt;

use lockgate_spanned::{Node, Span};

use super::report::Report;
use crate::words::{Place, RelPath, RelPathError, Spot};

/// What the kernel takes, and a depth at which nothing that walks a path runs out of stack.
const LONGEST: usize = 4095;
const DEEPEST: usize = 200;

impl Report {
    /// Reads a path that is relative to `base`, inside of the project.
    pub(super) fn path(&mut self, base: &RelPath, node: &Node, what: fmt::Arguments<'_>) -> Option<RelPath> {
        let text = self.text(node, what)?;
        self.path_of(base, &text, node.span, what)
    }

    /// Reads `text`, which stands at `span`, as a path that is relative to `base`, inside of the project.
    pub(super) fn path_of(
        &mut self,
        base: &RelPath,
        text: &str,
        span: Span,
        what: fmt::Arguments<'_>,
    ) -> Option<RelPath> {
        self.local(text, span, what)?;
        self.sound(base.join(text), span, format_args!("{what} is not a path inside the project"), what)
    }

    /// Reads `text`, which stands at `span`, as a path that is relative to `base` and may lead out of the project.
    pub(super) fn place_of(
        &mut self,
        base: &RelPath,
        text: &str,
        span: Span,
        what: fmt::Arguments<'_>,
    ) -> Option<Place> {
        self.local(text, span, what)?;
        self.sound(base.place(text), span, format_args!("{what} is not a path that can be used"), what)
    }

    fn local(&mut self, text: &str, span: Span, what: fmt::Arguments<'_>) -> Option<()> {
        if !text.contains("://") {
            return Some(());
        }
        let message = format!("{what} is `{text}`, and lockgate knows only files of this machine");
        let help = "let a stage with `always_changed: true` fetch or send it, and name the file that it writes: what reads \
                    that file runs when its content changes";
        self.push(self.at("path::remote", span, message).help(help));
        None
    }

    fn sound<P>(
        &mut self,
        read: Result<P, RelPathError>,
        span: Span,
        refusal: fmt::Arguments<'_>,
        what: fmt::Arguments<'_>,
    ) -> Option<P>
    where
        for<'p> &'p P: Into<Spot<'p>>,
    {
        let path = match read {
            Ok(path) => path,
            Err(error) => {
                self.push(self.at("path::outside", span, format!("{refusal}: {error}")).help(next_step(&error)));
                return None;
            }
        };
        let spot: Spot<'_> = (&path).into();
        if spot.as_str().len() > LONGEST || spot.steps().count() > DEEPEST + 1 {
            let message = format!("{what} is longer than {LONGEST} bytes or deeper than {DEEPEST} folders");
            self.push(self.at("path::too-long", span, message).help("shorten it: no file can be there"));
            return None;
        }
        Some(path)
    }
}

fn next_step(error: &RelPathError) -> &'static str {
    match error {
        RelPathError::Empty => "write the path, or remove the entry",
        RelPathError::Absolute(_) | RelPathError::Leaves(_) => {
            "copy the data into the project, or make a stage that fetches it there"
        }
        RelPathError::Holds(_) => "name what is meant inside of it",
        RelPathError::Control(_) => "rename the file without control characters",
        RelPathError::TooLong(_) => "shorten the name",
    }
}
