//! What `params diff` and `metrics diff` have in common.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::cli::values::{As, Sides, Values, WORKSPACE, Wants, targets};
use crate::engine::Workspace;
use crate::pipeline::Pipeline;
use crate::report::json::page;
use crate::report::values::{Extent, Precision, diff, diff_json, diff_table};
use crate::sys::disk::Kind;
use crate::words::Exit;

/// Which two states are compared, and how the outcome is written.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Clone, Debug, Args)]
pub struct Compare {
    /// The old revision
    #[arg(value_name = "A", default_value = "HEAD")]
    old: String,
    /// The new revision, or `workspace`
    #[arg(value_name = "B", default_value = WORKSPACE)]
    new: String,
    /// Show also what is the same in both
    #[arg(long)]
    all: bool,
    /// Compare these files, also when the pipeline does not name them
    #[arg(long, value_name = "PATH", num_args = 1..)]
    targets: Vec<String>,
    /// Leave the column of paths out
    #[arg(long)]
    no_path: bool,
    /// Print a table in Markdown
    #[arg(long, conflicts_with = "json")]
    md: bool,
    /// Print JSON: file, key, then `old`, `new` and `diff`
    #[arg(long)]
    json: bool,
}

/// What is compared.
pub struct Compared<'a> {
    pub form: As,
    /// Returns what a state declares.
    pub declared: &'a dyn Fn(&Pipeline) -> Wants,
    /// Whether a target may be a folder.
    pub folders: Folders,
    /// The head of the column of keys.
    pub title: &'static str,
    /// A column that is not shown.
    pub without: &'static str,
    pub precision: Precision,
}

/// What becomes of a target that is a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folders {
    Taken,
    Refused,
}

impl Compare {
    pub fn run(&self, context: &mut Context, workspace: &Workspace, compared: &Compared<'_>) -> Ended {
        let named = targets(workspace.cwd(), &self.targets)?;
        if compared.folders == Folders::Refused {
            refuse_folders(workspace, &named)?;
        }
        let sides = Sides::new(workspace);
        let read = |name: &str| {
            let side = sides.named(name)?;
            let wants = if named.is_empty() { &(compared.declared)(side.pipeline()) } else { &named };
            Ok::<_, Trouble>(Values::read(&side, wants, compared.form, workspace.cwd()))
        };
        let (mut old, mut new) = (read(&self.old)?, read(&self.new)?);
        for target in named.keys().map(|path| path.seen_from(workspace.cwd())) {
            if old.lacks(&target) && new.lacks(&target) {
                return Err(no_such_file(&target));
            }
        }
        // A file that only one of the two has is a difference; one that only one of the two can show is none.
        old.drop_unshown(&new.failures);
        new.drop_unshown(&old.failures);
        self.show(context, &old, &new, compared)?;
        let mut exit = Exit::Done;
        for (name, values) in [(&self.old, &old), (&self.new, &new)] {
            for failure in values.failures.iter().filter(|failure| !failure.is_absence()) {
                exit = worse(exit, failure.tell(name, context));
            }
        }
        Ok(exit)
    }

    fn show(&self, context: &mut Context, old: &Values, new: &Values, compared: &Compared<'_>) -> Result<(), Trouble> {
        let extent = if self.all { Extent::All } else { Extent::Changed };
        let differences = diff(&old.files, &new.files, extent);
        if self.json {
            context.out.data(&page(&diff_json(&differences)))?;
            return Ok(());
        }
        if differences.is_empty() {
            context.note("no value differs\n");
            return Ok(());
        }
        let table = diff_table(&differences, compared.title, [&self.old, &self.new], compared.precision);
        let table = table.without(compared.without);
        let table = if self.no_path { table.without("Path") } else { table };
        let text = if self.md { table.markdown() } else { table.render(context.data_style()) };
        Ok(context.out.data(&text)?)
    }
}

/// A folder is meant only when it is said so: its files need not be what the command is about.
pub fn refuse_folders(workspace: &Workspace, named: &Wants) -> Result<(), Trouble> {
    for path in named.keys() {
        if workspace.root().stat(path)?.is_some_and(|stat| stat.kind == Kind::Folder) {
            let shown = path.seen_from(workspace.cwd());
            return Err(Trouble::usage(format!("`{shown}` is a folder"))
                .help("name a file; `metrics show` and `metrics diff` take the files of a folder with `-R`"));
        }
    }
    Ok(())
}

/// What is said of a target that no state has.
pub fn no_such_file(target: &str) -> Trouble {
    Trouble::usage(format!("there is no `{target}` to be shown"))
        .help("name a file that is there, or none for all that the pipeline declares")
}

/// Returns the one of two ends that is not good, if one is.
pub fn worse(before: Exit, now: Exit) -> Exit {
    if before == Exit::Done { now } else { before }
}
