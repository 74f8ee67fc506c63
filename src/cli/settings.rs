//! The settings of an invocation: the files are read here, and merged by `config`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::trouble::Trouble;
use crate::config::{Config, Flag, Key, Layer, Setting, Sources, Text};
use crate::engine::{DvcLockUse, Manner};
use crate::store::{Link, Protect};
use crate::sys::disk::{DiskError, Durability, Layout, Root, prepare, read_outside, write_outside};
use crate::sys::term::Env;
use crate::words::Exit;
use crate::words::RelPath;

/// Reads every layer for the project at `root`; the flags are on top.
pub fn read(context: &Context, root: &Root, flags: &[Flag]) -> Result<Config, Trouble> {
    let files = [
        text(Layer::User, user_file(&context.env)),
        text(Layer::Dvc, Some(dvc_file(root, "config"))),
        text(Layer::DvcLocal, Some(dvc_file(root, "config.local"))),
        text(Layer::Project, Some(project_file(root, Layer::Project))),
        text(Layer::Local, Some(project_file(root, Layer::Local))),
    ];
    let files = files.into_iter().filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
    let env: Vec<(String, String)> = context.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Config::merge(&Sources { cores, files: &files, env: &env, flags }).map_err(Trouble::invalid)
}

/// A settings file, and the name it has in messages.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    pub name: String,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Project(Root, RelPath),
    Outside(PathBuf),
}

impl SettingsFile {
    /// Returns the text, or `None` when there is no such file.
    pub fn read(&self) -> Result<Option<String>, DiskError> {
        let (root, path) = match &self.place {
            Place::Outside(path) => return read_outside(path),
            Place::Project(root, path) => (root, path),
        };
        match root.read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the text as a whole, and makes the folder of the file when it is missing.
    pub fn write(&self, text: &str) -> Result<(), DiskError> {
        match &self.place {
            Place::Outside(path) => write_outside(path, text),
            Place::Project(root, path) => {
                prepare(root)?;
                root.publish(path, text.as_bytes(), Durability::Later)
            }
        }
    }
}

/// Returns the file of a layer that lies in the project.
pub fn project_file(root: &Root, layer: Layer) -> SettingsFile {
    let name = match layer {
        Layer::Local => "config.local.toml",
        Layer::User | Layer::Dvc | Layer::DvcLocal | Layer::Project => "config.toml",
    };
    let path = Layout::home().join(name).expect("the name is a plain one");
    SettingsFile { name: path.to_string(), place: Place::Project(root.clone(), path) }
}

/// Returns a file with the settings of DVC, which is read and never written.
fn dvc_file(root: &Root, name: &str) -> SettingsFile {
    let path = RelPath::parse(&format!(".dvc/{name}")).expect("the names are plain ones");
    SettingsFile { name: path.to_string(), place: Place::Project(root.clone(), path) }
}

/// Returns the user's own file, or `None` when the environment does not say where it would be.
pub fn user_file(env: &Env) -> Option<SettingsFile> {
    let path = user_folder(env)?.join("config.toml");
    Some(SettingsFile { name: path.display().to_string(), place: Place::Outside(path) })
}

/// Returns `lockgate` in the XDG folder for settings; a relative one does not count, as the specification says.
fn user_folder(env: &Env) -> Option<PathBuf> {
    let absolute = |name: &str| env.get(name).map(Path::new).filter(|path| path.is_absolute());
    let base = absolute("XDG_CONFIG_HOME").map(Path::to_owned).or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(base.join("lockgate"))
}

fn text(layer: Layer, file: Option<SettingsFile>) -> Result<Option<Text>, Trouble> {
    let Some(file) = file else { return Ok(None) };
    match file.read() {
        Ok(text) => Ok(text.map(|text| Text { layer, name: file.name, text })),
        Err(error) if layer == Layer::User && is_of_another(&error) => Ok(None),
        Err(error) => Err(Trouble::new(Exit::Invalid, error.to_string()).help("make it a file that you may read")),
    }
}

/// Whether a file belongs to somebody else: `HOME` is often that of another user, as under `sudo` or in containers.
fn is_of_another(error: &DiskError) -> bool {
    error.kind() == ErrorKind::PermissionDenied
}

/// Warns that the user's own settings do not count since they may not be read. Git goes on as well: a project that works
/// needs them for nothing.
pub fn warn_of_unread(context: &mut Context) {
    let Some(Err(error)) = user_file(&context.env).map(|file| file.read()) else { return };
    if is_of_another(&error) {
        let help = "set `HOME` or `XDG_CONFIG_HOME` to a folder that you may enter".to_owned();
        context.warn(format!("{error}: the user's own settings do not count"), Some(help));
    }
}

/// Returns the store's word for how outputs are placed.
pub const fn link(link: crate::config::Link) -> Link {
    match link {
        crate::config::Link::Copy => Link::Copy,
        crate::config::Link::Hardlink => Link::Hardlink,
        crate::config::Link::Symlink => Link::Symlink,
    }
}

/// Returns how files get into the workspace.
pub fn manner(config: &Config) -> Manner {
    let protect = if config.protect() { Protect::ReadOnly } else { Protect::Writable };
    Manner { link: link(config.link()), protect }
}

/// Returns what becomes of dvc.lock.
pub fn dvc_lock(config: &Config) -> DvcLockUse {
    if config.writes_dvc_lock() { DvcLockUse::Keep } else { DvcLockUse::Leave }
}

/// Returns what the flag `--write-dvc-lock` sets.
pub fn write_dvc_lock(is_given: bool) -> Vec<Flag> {
    let flag = Flag { name: "--write-dvc-lock", key: Key::DvcWriteLock, setting: Setting::Flag(true) };
    if is_given { vec![flag] } else { Vec::new() }
}

/// Reads a `NAME=N` of `--pool`.
pub fn pool(text: &str) -> Result<Flag, Trouble> {
    let help = "write it as `--pool NAME=N`, such as `--pool odds_api=2`";
    let wrong = |why: String| Trouble::new(Exit::Usage, why).help(help);
    let (name, amount) = text.split_once('=').ok_or_else(|| wrong(format!("`{text}` does not say how many")))?;
    let key =
        Key::parse(&format!("pools.{name}")).ok_or_else(|| wrong(format!("`{name}` is not the name of a pool")))?;
    let setting = key.read(amount).map_err(|expected| wrong(format!("`{amount}` is not {expected}")))?;
    Ok(Flag { name: "--pool", key, setting })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_folder_follows_xdg() {
        let check = |pairs: &[(&str, &str)], expect: Option<&str>| {
            let env: Env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(user_folder(&env).as_deref(), expect.map(Path::new), "{pairs:?}");
        };
        check(&[], None);
        check(&[("HOME", "/home/a")], Some("/home/a/.config/lockgate"));
        check(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/x")], Some("/x/lockgate"));
        check(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "x")], Some("/home/a/.config/lockgate"));
    }

    #[test]
    fn a_pool_is_a_name_and_a_number() {
        assert_eq!(pool("odds_api=2").map(|flag| flag.key).ok(), Some(Key::Pool("odds_api".to_owned())));
        for wrong in ["odds_api", "odds api=1", "odds_api=0"] {
            assert!(pool(wrong).is_err(), "{wrong}");
        }
    }
}
