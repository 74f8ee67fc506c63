//! `lockgate config`.

use clap::Args;
use serde_json::json;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::settings::{self, SettingsFile};
use crate::cli::trouble::Trouble;
use crate::config::{self, Entry, Key, Layer};
use crate::report::json::page;
use crate::report::table::Table;
use crate::sys::disk::Root;
use crate::words::Exit;

/// Show and change settings
///
/// Settings come in layers, of which the later wins: defaults, your own file in the XDG config folder, the project's
/// `.lockgate/config.toml`, `.lockgate/config.local.toml`, variables `LOCKGATE_*`, flags.
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate config --list --origin       every setting, and where its value comes from
  lockgate config jobs                  one setting
  lockgate config jobs 4                set it for the project, in .lockgate/config.toml
  lockgate config --user cache.link hardlink
  lockgate config --unset jobs")]
pub struct Config {
    /// The setting
    key: Option<String>,
    /// Its new value
    #[arg(conflicts_with = "unset")]
    value: Option<String>,
    /// List all settings
    #[arg(short, long, conflicts_with_all = ["key", "unset"])]
    list: bool,
    /// Say where each value comes from
    #[arg(long)]
    origin: bool,
    /// Change `.lockgate/config.local.toml`, which is not committed
    #[arg(long, conflicts_with = "user")]
    local: bool,
    /// Change your own file, for all projects
    #[arg(long)]
    user: bool,
    /// Take the setting out of the file
    #[arg(long, requires = "key")]
    unset: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Config, context: &mut Context) -> Ended {
    let root = project::root_or_folder(context)?;
    let Some(name) = &command.key else { return list(command, context, &root) };
    let key = Key::parse(name)
        .ok_or_else(|| Trouble::usage(format!("there is no setting `{name}`")).help(Key::help_for(name)))?;
    match &command.value {
        Some(value) => set(command, context, &root, &key, value),
        None if command.unset => unset(command, context, &root, &key),
        None => show(command, context, &root, &key),
    }
}

fn list(command: &Config, context: &mut Context, root: &Root) -> Ended {
    let config = settings::read(context, root, &[])?;
    let text = if command.json {
        let entry = |(key, entry): (&Key, &Entry)| json!({ "key": key.to_string(), "value": entry.setting.to_string(), "origin": entry.origin.to_string() });
        page(&json!({ "v": 1, "settings": config.entries().map(entry).collect::<Vec<_>>() }))
    } else if command.origin {
        let mut table = Table::new(&["setting", "value", "origin"]);
        for (key, entry) in config.entries() {
            table.row([key.to_string().into(), entry.setting.to_string().into(), entry.origin.to_string().into()]);
        }
        table.render(context.data_style())
    } else {
        let lines = config.entries().map(|(key, entry)| format!("{key} = {}\n", entry.setting.to_toml()));
        lines.collect::<Vec<_>>().concat()
    };
    context.out.data(&text)?;
    Ok(Exit::Done)
}

fn show(command: &Config, context: &mut Context, root: &Root, key: &Key) -> Ended {
    let config = settings::read(context, root, &[])?;
    let Some(entry) = config.get(key) else {
        return Err(
            Trouble::usage(format!("`{key}` is not set")).help(format!("`lockgate config {key} VALUE` sets it"))
        );
    };
    let origin = if command.origin { format!("  ({})", entry.origin) } else { String::new() };
    context.out.data_line(&format!("{}{origin}", entry.setting))?;
    Ok(Exit::Done)
}

fn set(command: &Config, context: &mut Context, root: &Root, key: &Key, value: &str) -> Ended {
    let setting = key.read(value).map_err(|expected| {
        Trouble::usage(format!("`{key}` cannot be `{value}`: it is {expected}")).help(key.meaning())
    })?;
    let file = file(command, context, root)?;
    let text = config::set(&file.name, &file.read()?.unwrap_or_default(), key, &setting).map_err(Trouble::invalid)?;
    file.write(&text)?;
    context.note(&format!("`{key}` is {setting} in `{}`\n", file.name));
    Ok(Exit::Done)
}

fn unset(command: &Config, context: &mut Context, root: &Root, key: &Key) -> Ended {
    let file = file(command, context, root)?;
    let text = file.read()?.unwrap_or_default();
    let Some(text) = config::unset(&file.name, &text, key).map_err(Trouble::invalid)? else {
        return Err(Trouble::usage(format!("`{}` does not set `{key}`", file.name))
            .help("`lockgate config --list --origin` says where its value comes from"));
    };
    file.write(&text)?;
    context.note(&format!("`{key}` is not set any more in `{}`\n", file.name));
    Ok(Exit::Done)
}

/// Returns the file that the flags choose.
fn file(command: &Config, context: &Context, root: &Root) -> Result<SettingsFile, Trouble> {
    if !command.user {
        return Ok(settings::project_file(root, if command.local { Layer::Local } else { Layer::Project }));
    }
    settings::user_file(&context.env).ok_or_else(|| {
        Trouble::usage("neither `XDG_CONFIG_HOME` nor `HOME` says where your settings are").help("set one of them")
    })
}
