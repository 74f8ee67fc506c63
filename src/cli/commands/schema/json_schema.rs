//! `lockgate schema json-schema`.

use clap::Args;

use crate::cli::commands::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::gate::language;
use crate::words::Exit;

/// Print the JSON Schema of the language, for editors
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  lockgate schema json-schema > .lockgate-schema.json

Then put this on the first line of a schema: # yaml-language-server: $schema=../.lockgate-schema.json")]
pub struct JsonSchema {}

pub fn run(_command: &JsonSchema, context: &mut Context) -> Ended {
    let text = language().map_err(|error| Trouble::new(Exit::Usage, error))?;
    context.out.data(&text)?;
    Ok(Exit::Done)
}
