//! The layers, merged: for every key the value that counts and where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lockgate_spanned::{Problem, Problems, Source, Span};

use super::key::{Key, Link, Setting};
use super::layer::{self, Layer, Text};
use crate::pipeline::Parsing;

/// Everything that can set something.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// The processors of this machine: the default of `jobs`.
    pub cores: usize,
    pub files: &'a [Text],
    pub env: &'a [(String, String)],
    pub flags: &'a [Flag],
}

/// A setting given as a flag.
#[derive(Clone, Debug)]
pub struct Flag {
    pub name: &'static str,
    pub key: Key,
    pub setting: Setting,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { layer: Layer, name: String, line: usize },
    Variable(String),
    Flag(&'static str),
}

/// The value that counts for one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub setting: Setting,
    pub origin: Origin,
}

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    entries: BTreeMap<Key, Entry>,
}

impl Config {
    /// Merges the layers; all mistakes in them are returned together.
    pub fn merge(sources: &Sources<'_>) -> Result<Self, Problems> {
        let mut config = Self { entries: defaults(sources.cores) };
        let mut problems = Problems::default();
        let mut files: Vec<&Text> = sources.files.iter().collect();
        files.sort_by_key(|text| text.layer);
        for text in files {
            for given in layer::read(text, &mut problems) {
                let origin = Origin::File { layer: text.layer, name: text.name.clone(), line: given.line };
                config.entries.insert(given.key, Entry { setting: given.setting, origin });
            }
        }
        for (name, value) in sources.env {
            config.variable(name, value, &mut problems);
        }
        for flag in sources.flags {
            let entry = Entry { setting: flag.setting.clone(), origin: Origin::Flag(flag.name) };
            config.entries.insert(flag.key.clone(), entry);
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Variables that are no settings are left alone: stages and tests have their own under the same prefix.
    fn variable(&mut self, name: &str, value: &str, problems: &mut Problems) {
        let Some(key) = key_of_variable(name) else { return };
        match key.read(value) {
            Ok(setting) => {
                self.entries.insert(key, Entry { setting, origin: Origin::Variable(name.to_owned()) });
            }
            Err(expected) => {
                let source = Source::new(format!("environment variable {name}"), value);
                let message = format!("`{name}` is `{value}`, not {expected}");
                let problem = Problem::new("config::value", &source, Span { start: 0, len: value.len() }, message);
                problems.push(problem.label(format!("expected {expected}")).help(key.meaning()));
            }
        }
    }

    pub fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub fn entries(&self) -> impl Iterator<Item = (&Key, &Entry)> {
        self.entries.iter()
    }

    pub fn jobs(&self) -> usize {
        let Setting::Count(count) = self.setting(&Key::Jobs) else { unreachable!("`jobs` is read as a count") };
        *count
    }

    pub fn grace(&self) -> Duration {
        let Setting::Time(time) = self.setting(&Key::Grace) else { unreachable!("`grace` is read as a duration") };
        *time
    }

    pub fn link(&self) -> Link {
        let Setting::Link(link) = self.setting(&Key::CacheLink) else { unreachable!("`cache.link` is read as a link") };
        *link
    }

    pub fn protect(&self) -> bool {
        *self.setting(&Key::CacheProtect) == Setting::Flag(true)
    }

    /// Returns how mappings become options of commands.
    pub fn parsing(&self) -> Parsing {
        let (flags, lists) = (self.setting(&Key::ParsingBool), self.setting(&Key::ParsingList));
        let (Setting::FlagForm(flags), Setting::ListForm(lists)) = (flags, lists) else {
            unreachable!("`parsing.bool` and `parsing.list` are read as forms")
        };
        Parsing { flags: *flags, lists: *lists }
    }

    pub fn writes_dvc_lock(&self) -> bool {
        *self.setting(&Key::DvcWriteLock) == Setting::Flag(true)
    }

    /// Returns the pools that have a size, without `cpu`, which is `jobs`.
    pub fn pools(&self) -> BTreeMap<String, u64> {
        let pool = |(key, entry): (&Key, &Entry)| {
            let (Key::Pool(name), Setting::Amount(amount)) = (key, &entry.setting) else { return None };
            Some((name.clone(), *amount))
        };
        self.entries.iter().filter_map(pool).collect()
    }

    fn setting(&self, key: &Key) -> &Setting {
        &self.entries.get(key).expect("every fixed key has a default").setting
    }
}

fn defaults(cores: usize) -> BTreeMap<Key, Entry> {
    let entry = |setting| Entry { setting, origin: Origin::Default };
    let Parsing { flags, lists } = Parsing::default();
    BTreeMap::from([
        (Key::Jobs, entry(Setting::Count(cores.max(1)))),
        (Key::Grace, entry(Setting::Time(Duration::from_secs(5)))),
        (Key::CacheLink, entry(Setting::Link(Link::Copy))),
        (Key::CacheProtect, entry(Setting::Flag(false))),
        (Key::ParsingBool, entry(Setting::FlagForm(flags))),
        (Key::ParsingList, entry(Setting::ListForm(lists))),
        (Key::DvcWriteLock, entry(Setting::Flag(false))),
    ])
}

fn key_of_variable(name: &str) -> Option<Key> {
    if let Some(pool) = name.strip_prefix("LOCKGATE_POOLS_") {
        return Key::parse(&format!("pools.{}", pool.to_lowercase()));
    }
    Key::FIXED.into_iter().find(|key| key.variable() == name)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line, .. } => write!(f, "{name}:{line}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use lockgate_spanned::{Charset, Style};

    use super::*;

    fn text(layer: Layer, text: &str) -> Text {
        let name = match layer {
            Layer::User => "~/.config/lockgate/config.toml",
            Layer::Dvc => ".dvc/config",
            Layer::DvcLocal => ".dvc/config.local",
            Layer::Project => ".lockgate/config.toml",
            Layer::Local => ".lockgate/config.local.toml",
        };
        Text { layer, name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_later_layer_wins_and_every_value_knows_its_origin() {
        let files = [
            text(Layer::Local, "grace = '250ms'\n"),
            text(Layer::DvcLocal, "[parsing]\n    list = append\n"),
            text(Layer::User, "jobs = 8\ngrace = '9s'\n"),
            text(Layer::Project, "cache.link = 'hardlink'\njobs = 1\n[pools]\nx = 2\nmem = '2GiB'\n"),
        ];
        let env = [("LOCKGATE_POOLS_X".to_owned(), "3".to_owned()), ("LOCKGATE_REAL_DATA".to_owned(), "d".to_owned())];
        let flags = [Flag { name: "--jobs", key: Key::Jobs, setting: Setting::Count(3) }];
        let config =
            Config::merge(&Sources { cores: 2, files: &files, env: &env, flags: &flags }).expect("no mistakes");
        let lines: Vec<String> =
            config.entries().map(|(key, entry)| format!("{key} = {} ({})", entry.setting, entry.origin)).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        jobs = 3 (flag --jobs)
        grace = 250ms (.lockgate/config.local.toml:1)
        cache.link = hardlink (.lockgate/config.toml:1)
        cache.protect = false (default)
        parsing.bool = store_true (default)
        parsing.list = append (.dvc/config.local:2)
        dvc.write_lock = false (default)
        pools.mem = 2147483648 (.lockgate/config.toml:5)
        pools.x = 3 (environment variable LOCKGATE_POOLS_X)
        ");
    }

    #[test]
    fn all_mistakes_are_shown_with_their_places() {
        let files = [text(Layer::Project, "job = 4\n[cache]\nlink = 'soft'\nprotect = [true]\n[cash]\nx = 1\n")];
        let env = [("LOCKGATE_JOBS".to_owned(), "many".to_owned())];
        let problems =
            Config::merge(&Sources { cores: 2, files: &files, env: &env, flags: &[] }).expect_err("mistakes");
        let style = Style { width: 100, colour: false, charset: Charset::Unicode };
        insta::assert_snapshot!(problems.render(style), @"
        error: there is no setting `job`
           ╭─[.lockgate/config.toml:1:1]
         1 │ job = 4
           · ─┬─
           ·  ╰── not a setting
         2 │ [cache]
           ╰────
          help: did you mean `jobs`?

        error: `cache.link` is 'soft', not `copy`, `hardlink` or `symlink`
           ╭─[.lockgate/config.toml:3:8]
         2 │ [cache]
         3 │ link = 'soft'
           ·        ───┬──
           ·           ╰── expected `copy`, `hardlink` or `symlink`
         4 │ protect = [true]
           ╰────
          help: how outputs are placed where blocks cannot be shared: copy, hardlink or symlink

        error: `cache.protect` is [true], not one value
           ╭─[.lockgate/config.toml:4:11]
         3 │ link = 'soft'
         4 │ protect = [true]
           ·           ───┬──
           ·              ╰── expected one value
         5 │ [cash]
           ╰────
          help: whether placed copies are write-protected too

        error: there is no setting `cash`
           ╭─[.lockgate/config.toml:5:2]
         4 │ protect = [true]
         5 │ [cash]
           ·  ──┬─
           ·    ╰── not a setting
         6 │ x = 1
           ╰────
          help: known keys: jobs, grace, cache.link, cache.protect, dvc.write_lock, parsing.bool,
                parsing.list, pools.NAME

        error: `LOCKGATE_JOBS` is `many`, not a whole number from 1
           ╭─[environment variable LOCKGATE_JOBS:1:1]
         1 │ many
           · ──┬─
           ·   ╰── expected a whole number from 1
           ╰────
          help: tasks that run at a time, and the size of the `cpu` pool
        ");
    }

    #[test]
    fn text_that_is_not_toml_is_shown() {
        let files = [text(Layer::User, "jobs 4\n")];
        let problems = Config::merge(&Sources { files: &files, ..Sources::default() }).expect_err("not TOML");
        let style = Style { width: 100, colour: false, charset: Charset::Unicode };
        insta::assert_snapshot!(problems.render(style), @"
        error: `~/.config/lockgate/config.toml` is not valid TOML: key with no value, expected `=`
           ╭─[~/.config/lockgate/config.toml:1:6]
         1 │ jobs 4
           ·      ┬
           ·      ╰── here
           ╰────
          help: write `key = value`, strings in quotes; `lockgate config --list` shows every key
        ");
    }
}
