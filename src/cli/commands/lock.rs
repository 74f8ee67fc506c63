//! `lockgate lock`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::dvclock;
use crate::engine::{NotSettled, Settled};
use crate::lock::{self, Branch, LockWarning, NotMerged, Realm, Texts};
use crate::sys::disk::{read_outside, write_outside};
use crate::words::text::{inert, list};
use crate::words::{Exit, RelPath};

/// Merge what two branches have in their locks
#[derive(Clone, Debug, Args)]
pub struct Lock {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    Merge(Merge),
}

/// Merge locks entry by entry: as git's merge driver, or where git has left its conflict markers
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate init --merge-driver    git calls it from now on
  lockgate lock merge             take the markers out that git has left in the project's locks

What only one side has changed is as that side has it. An entry that both have changed, and not to the same, is dropped:
`lockgate repro` decides it anew, and takes it from the run cache where it can. Exit code 7 tells that there are such.")]
pub struct Merge {
    /// The common ancestor, ours and theirs; the result replaces OURS [default: the project's locks, as they stand]
    #[arg(num_args = 3, value_names = ["BASE", "OURS", "THEIRS"])]
    files: Vec<PathBuf>,
    /// What the file is called in the project: a `pipeline.lock` or a `dvc.lock`
    #[arg(long, value_name = "PATH", requires = "files", default_value = lock::FILE_NAME)]
    path: String,
}

pub fn run(command: &Lock, context: &mut Context) -> Ended {
    let Action::Merge(merge) = &command.action;
    match &merge.files[..] {
        [base, ours, theirs] => three(&merge.path, [base, ours, theirs], context),
        _ => settle(context),
    }
}

/// Writes the merge of three files over the second of them.
fn three(path: &str, files: [&PathBuf; 3], context: &mut Context) -> Ended {
    let [base, ours, theirs] = files.map(|file| context.folder.join(file));
    let text = |branch: Branch, file: &PathBuf| match read_outside(file) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(Trouble::usage(format!("there is no file `{}`", file.display()))
            .help("name the common ancestor, our side and their side")),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(no_lock(&format!("{branch} is no text"))),
        Err(error) => Err(error.into()),
    };
    // What two branches have in common may be nothing; then git names an empty file.
    let (before, ours_text, theirs_text) =
        (read_outside(&base).ok().flatten(), text(Branch::Ours, &ours)?, text(Branch::Theirs, &theirs)?);
    let place = RelPath::parse(path).ok();
    let texts = Texts { base: before.as_deref().unwrap_or_default(), ours: &ours_text, theirs: &theirs_text };
    let (merged, disputed) = match place.as_ref().map(|place| (place.file_name(), place.parent())) {
        Some((lock::FILE_NAME, home)) => of_ours(texts, &Realm::below(home))?,
        Some((dvclock::FILE_NAME, _)) => of_dvc(texts)?,
        Some(_) | None => {
            let message = format!("`{path}` is neither a `{}` nor a `{}`", lock::FILE_NAME, dvclock::FILE_NAME);
            return Err(Trouble::usage(message).help("name one with `--path`"));
        }
    };
    write_outside(&ours, &merged)?;
    Ok(told(&Settled { file: place.unwrap_or_else(RelPath::root), disputed }, context))
}

fn of_ours(texts: Texts<'_>, realm: &Realm) -> Result<(String, Vec<String>), Trouble> {
    let merged = lock::merge(texts, realm).map_err(|error| match error {
        NotMerged::Newer(newer) => Trouble::new(Exit::Invalid, newer.to_string()),
        NotMerged::NoLock { .. } => no_lock(&error.to_string()),
    })?;
    let disputed = merged.warning.map(LockWarning::disputed).unwrap_or_default();
    Ok((lock::render(&merged.lock, realm), disputed))
}

fn of_dvc(texts: Texts<'_>) -> Result<(String, Vec<String>), Trouble> {
    let base = Some(texts.base).filter(|base| !base.is_empty());
    let merged = dvclock::merge(base, texts.ours, texts.theirs);
    let merged = merged.map_err(|_| no_lock("one of the sides is no `dvc.lock`"))?;
    Ok((merged.text, merged.disputed))
}

fn no_lock(message: &str) -> Trouble {
    Trouble::new(Exit::Invalid, message)
        .help("our side is left as it is: take one of the sides, or delete the file; then `lockgate repro`")
}

/// Takes the markers out of the locks of the project.
fn settle(context: &mut Context) -> Ended {
    let settled = context.look()?.settle_locks()?;
    if settled.is_empty() {
        context.note("no lock of the project has conflict markers\n");
    }
    let ends: Vec<Exit> = settled.iter().map(|settled| told(settled, context)).collect();
    Ok(Exit::heaviest(&ends))
}

fn told(settled: &Settled, context: &mut Context) -> Exit {
    let Settled { file, disputed } = settled;
    if disputed.is_empty() {
        context.note(&format!("`{file}` is merged\n"));
        return Exit::Done;
    }
    let names: Vec<String> = disputed.iter().map(|name| format!("`{}`", inert(name))).collect();
    let (entries, them) = if names.len() == 1 { ("the entry", "it") } else { ("the entries", "them") };
    let names = list(&names);
    context.note(&format!(
        "`{file}` is merged without {entries} of {names}: the two sides do not agree on {them}\n\
         next: `lockgate repro` decides anew, then `git add {file}`\n"
    ));
    Exit::NotUpToDate
}

impl From<NotSettled> for Trouble {
    fn from(error: NotSettled) -> Self {
        match error {
            NotSettled::Run(error) => error.into(),
            NotSettled::NoLock(_) => Self::new(Exit::Invalid, error.to_string())
                .help("it is left as it is: take one of the sides, or delete the file; then `lockgate repro`"),
        }
    }
}
