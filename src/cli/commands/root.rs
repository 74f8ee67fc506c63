//! `lockgate root`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::project;
use crate::sys::disk;
use crate::words::Exit;

/// Print the way from here to the project's root
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  cd \"$(lockgate root)\"    go there, from any folder of the project

The root is the nearest folder, here or above, that has a `.lockgate`, else one with a pipeline file.")]
pub struct Root {
    /// Print the whole path
    #[arg(long)]
    absolute: bool,
}

pub fn run(command: &Root, context: &mut Context) -> Ended {
    let root = match context.find() {
        Ok(project) => project.root().clone(),
        Err(_) => project::root(context)?,
    };
    let here = disk::Root::open(&context.folder)?;
    let steps = here.path().strip_prefix(root.path()).map(|below| below.components().count());
    let text = match steps {
        Ok(0) if !command.absolute => ".".to_owned(),
        Ok(steps) if !command.absolute => vec![".."; steps].join("/"),
        Ok(_) | Err(_) => root.path().display().to_string(),
    };
    context.out.data_line(&text)?;
    Ok(Exit::Done)
}
