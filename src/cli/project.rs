//! Where the project is, for commands that do not read its pipeline.

use std::path::Path;

use super::context::Context;
use super::trouble::Trouble;
use crate::sys::disk::{Kind, Root};
use crate::words::Exit;
use crate::words::RelPath;

/// Returns the project's root: the nearest folder, here or above, that has a `.lockgate`, else one with a pipeline.
pub fn root(context: &Context) -> Result<Root, Trouble> {
    find(&context.folder)?.ok_or_else(|| {
        let message = format!("there is no project in `{}` or in a folder above it", context.folder.display());
        Trouble::new(Exit::Invalid, message).help("`lockgate init` writes a first `pipeline.yaml`")
    })
}

/// Returns the project's root, or the folder itself outside of a project.
pub fn root_or_folder(context: &Context) -> Result<Root, Trouble> {
    match find(&context.folder)? {
        Some(root) => Ok(root),
        None => Ok(Root::open(&context.folder)?),
    }
}

fn find(folder: &Path) -> Result<Option<Root>, Trouble> {
    let mut with_pipeline = None;
    let absolute = Root::open(folder)?.path().to_owned();
    for folder in absolute.ancestors() {
        let root = Root::open(folder)?;
        if has(&root, ".lockgate", Kind::Folder) {
            return Ok(Some(root));
        }
        if with_pipeline.is_none() && ["pipeline.yaml", "dvc.yaml"].iter().any(|name| has(&root, name, Kind::File)) {
            with_pipeline = Some(root);
        }
    }
    Ok(with_pipeline)
}

/// What cannot be looked at is not there: another folder may have it.
fn has(root: &Root, name: &str, kind: Kind) -> bool {
    let path = RelPath::parse(name).expect("the name is a plain one");
    root.stat(&path).is_ok_and(|stat| stat.is_some_and(|stat| stat.kind == kind))
}
