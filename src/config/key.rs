//! What can be set, and the form of each value.

use std::fmt;
use std::time::Duration;

use lockgate_spanned::nearest;

use crate::pipeline::{FlagForm, ListForm};
use crate::words::quantity;

/// A setting's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Jobs,
    Grace,
    CacheLink,
    CacheProtect,
    ParsingBool,
    ParsingList,
    DvcWriteLock,
    /// The size of a named pool.
    Pool(String),
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    Count(usize),
    Time(Duration),
    Link(Link),
    Flag(bool),
    FlagForm(FlagForm),
    ListForm(ListForm),
    /// Units of a pool; bytes for `mem`.
    Amount(u64),
}

/// How outputs are placed from the store where the file system cannot share blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Copy,
    Hardlink,
    Symlink,
}

impl Key {
    /// The names that are always there; pools are named by the user.
    pub const FIXED: [Self; 7] = [
        Self::Jobs,
        Self::Grace,
        Self::CacheLink,
        Self::CacheProtect,
        Self::DvcWriteLock,
        Self::ParsingBool,
        Self::ParsingList,
    ];

    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("pools.") {
            Some(pool) if is_bare(pool) => Some(Self::Pool(pool.to_owned())),
            _ => Self::FIXED.into_iter().find(|key| key.to_string() == text),
        }
    }

    /// Returns the next step for a name that is not a key.
    pub fn help_for(unknown: &str) -> String {
        let names: Vec<String> = Self::FIXED.iter().map(ToString::to_string).collect();
        match nearest(unknown, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}, pools.NAME", names.join(", ")),
        }
    }

    /// Returns the variable of the environment that sets it.
    pub fn variable(&self) -> String {
        format!("LOCKGATE_{}", self.to_string().replace('.', "_").to_uppercase())
    }

    /// Returns what it is, in one line.
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::Jobs => "tasks that run at a time, and the size of the `cpu` pool",
            Self::Grace => "time between SIGTERM and SIGKILL when a task is ended",
            Self::CacheLink => "how outputs are placed where blocks cannot be shared: copy, hardlink or symlink",
            Self::CacheProtect => "whether placed copies are write-protected too",
            Self::ParsingBool => "how a boolean becomes an option of a command: store_true or boolean_optional",
            Self::ParsingList => "how a list becomes options of a command: nargs or append",
            Self::DvcWriteLock => "whether dvc.lock and DVC's cache are kept in step, for teams that use both tools",
            Self::Pool(_) => "size of a pool that stages take from with `resources`",
        }
    }

    /// Reads a value; the error says what is expected.
    pub fn read(&self, text: &str) -> Result<Setting, &'static str> {
        match self {
            Self::Jobs => count(text).map(Setting::Count).ok_or("a whole number from 1"),
            Self::Grace => {
                quantity::duration(text).map(Setting::Time).ok_or("a duration such as `5s`, `500ms` or `2m`")
            }
            Self::CacheLink => Link::parse(text).map(Setting::Link).ok_or("`copy`, `hardlink` or `symlink`"),
            Self::CacheProtect | Self::DvcWriteLock => text.parse().map(Setting::Flag).map_err(|_| "`true` or `false`"),
            Self::ParsingBool => {
                FlagForm::parse(text).map(Setting::FlagForm).ok_or("`store_true` or `boolean_optional`")
            }
            Self::ParsingList => ListForm::parse(text).map(Setting::ListForm).ok_or("`nargs` or `append`"),
            Self::Pool(name) if name == "mem" => above_zero(quantity::size(text)).ok_or("a size such as `8GiB`"),
            Self::Pool(_) => above_zero(text.parse().ok()).ok_or("a whole number from 1"),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jobs => f.write_str("jobs"),
            Self::Grace => f.write_str("grace"),
            Self::CacheLink => f.write_str("cache.link"),
            Self::CacheProtect => f.write_str("cache.protect"),
            Self::ParsingBool => f.write_str("parsing.bool"),
            Self::ParsingList => f.write_str("parsing.list"),
            Self::DvcWriteLock => f.write_str("dvc.write_lock"),
            Self::Pool(name) => write!(f, "pools.{name}"),
        }
    }
}

impl Link {
    fn parse(text: &str) -> Option<Self> {
        [Self::Copy, Self::Hardlink, Self::Symlink].into_iter().find(|link| link.word() == text)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Hardlink => "hardlink",
            Self::Symlink => "symlink",
        }
    }
}

impl Setting {
    /// Returns the value as TOML: a string in quotes, a number or a boolean bare.
    pub fn to_toml(&self) -> String {
        match self {
            Self::Time(_) | Self::Link(_) | Self::FlagForm(_) | Self::ListForm(_) => format!("\"{self}\""),
            Self::Count(_) | Self::Flag(_) | Self::Amount(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Time(time) if time.subsec_millis() == 0 => write!(f, "{}s", time.as_secs()),
            Self::Time(time) => write!(f, "{}ms", time.as_millis()),
            Self::Link(link) => f.write_str(link.word()),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::FlagForm(form) => f.write_str(form.word()),
            Self::ListForm(form) => f.write_str(form.word()),
            Self::Amount(amount) => write!(f, "{amount}"),
        }
    }
}

/// Whether a name can stand in TOML without quotes.
fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn above_zero(amount: Option<u64>) -> Option<Setting> {
    amount.filter(|amount| *amount > 0).map(Setting::Amount)
}

fn count(text: &str) -> Option<usize> {
    text.parse().ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_the_form_of_their_key() {
        let check = |key: &str, text: &str, expect: Result<&str, &str>| {
            let key = Key::parse(key).expect("a key");
            let got = key.read(text).map(|setting| setting.to_toml());
            assert_eq!(got.as_deref().map_err(|error| &**error), expect, "{key} {text}");
        };
        check("jobs", "4", Ok("4"));
        check("jobs", "0", Err("a whole number from 1"));
        check("grace", "5s", Ok("\"5s\""));
        check("grace", "250ms", Ok("\"250ms\""));
        check("grace", "soon", Err("a duration such as `5s`, `500ms` or `2m`"));
        check("cache.link", "hardlink", Ok("\"hardlink\""));
        check("cache.link", "reflink", Err("`copy`, `hardlink` or `symlink`"));
        check("cache.protect", "true", Ok("true"));
        check("parsing.bool", "boolean_optional", Ok("\"boolean_optional\""));
        check("parsing.list", "repeat", Err("`nargs` or `append`"));
        check("pools.odds_api", "2", Ok("2"));
        check("pools.odds_api", "2GiB", Err("a whole number from 1"));
        check("pools.mem", "2GiB", Ok("2147483648"));
    }

    #[test]
    fn a_name_that_is_no_key_gets_the_one_that_was_meant() {
        assert_eq!(Key::parse("pools."), None);
        assert_eq!(Key::help_for("cache.lnk"), "did you mean `cache.link`?");
        assert_eq!(
            Key::help_for("colour"),
            "known keys: jobs, grace, cache.link, cache.protect, dvc.write_lock, parsing.bool, parsing.list, pools.NAME"
        );
        assert_eq!(Key::parse("pools.odds_api").map(|key| key.variable()).as_deref(), Some("LOCKGATE_POOLS_ODDS_API"));
    }
}
