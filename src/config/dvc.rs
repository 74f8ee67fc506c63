//! DVC's own settings file: sections in brackets, `key = value` below them. Only what lockgate takes from it is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use lockgate_spanned::{Problem, Problems, Source, Span};

use super::key::Key;
use super::layer::{Given, Text};

/// The section whose keys are the same for both.
const SECTION: &str = "parsing";

/// Reads the settings of `text` that lockgate has as well. A value that is none of theirs becomes a problem, and so does a line
/// that is no setting at all, since DVC reads nothing of such a file.
pub(super) fn read(text: &Text, problems: &mut Problems) -> Vec<Given> {
    let source = Source::new(text.name.clone(), text.text.clone());
    strange_lines(&text.text).for_each(|span| problems.push(strange(&source, span)));
    let mut given = Vec::new();
    for Line { nth, section, name, value, span } in lines(&text.text) {
        let Some(key) = Key::parse(&format!("{SECTION}.{name}")).filter(|_| section == SECTION) else { continue };
        match key.read(&value.to_lowercase()) {
            Ok(setting) => given.push(Given { key, setting, span, line: nth }),
            Err(expected) => problems.push(unexpected(&source, &key, value, span, expected)),
        }
    }
    given
}

/// Whether a text of settings says that the project has nothing to do with git (`core.no_scm`).
pub fn is_without_git(text: &str) -> bool {
    lines(text).any(|line| line.section == "core" && line.name == "no_scm" && line.value.eq_ignore_ascii_case("true"))
}

/// Returns the folder of DVC's cache, if the settings name one. Texts that come first win.
pub fn cache_folder(texts: &[String]) -> Option<String> {
    said(texts, "cache", "dir")
}

/// A place from which a project's data can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub name: String,
    /// As it is written: a folder, relative to that of the settings or absolute, or an address.
    pub url: String,
}

impl Remote {
    /// Returns the folder that the address names, if it names one.
    pub fn folder(&self) -> Option<&str> {
        match self.url.split_once("://") {
            None => Some(&self.url),
            Some(("file", path)) => Some(path),
            Some(_) => None,
        }
    }
}

/// Why there is nothing to fetch from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRemote {
    #[error("the settings of DVC name no remote")]
    None,
    #[error("the settings of DVC name {} remotes and no default", .0.len())]
    NoDefault(Vec<String>),
    #[error("the settings of DVC have no address for the remote `{0}`")]
    NoUrl(String),
}

/// Returns the remote that DVC takes by default. Texts that come first win.
pub fn default_remote(texts: &[String]) -> Result<Remote, NoRemote> {
    let Some(name) = said(texts, "core", "remote") else {
        let remotes: BTreeSet<String> =
            texts.iter().flat_map(|text| lines(text)).filter_map(|line| remote_of(line.section)).collect();
        return Err(if remotes.is_empty() {
            NoRemote::None
        } else {
            NoRemote::NoDefault(remotes.into_iter().collect())
        });
    };
    let is_of_remote = |line: &Line<'_>| line.name == "url" && remote_of(line.section).as_ref() == Some(&name);
    let url = texts.iter().find_map(|text| lines(text).find(is_of_remote).map(|line| line.value.to_owned()));
    url.map_or_else(|| Err(NoRemote::NoUrl(name.clone())), |url| Ok(Remote { name: name.clone(), url }))
}

/// Returns the name in the head of a section of the form `remote "NAME"`.
fn remote_of(section: &str) -> Option<String> {
    section.strip_prefix("remote \"").map(|name| name.trim_end_matches('"').to_owned())
}

fn said(texts: &[String], section: &str, name: &str) -> Option<String> {
    let is_it = |line: &Line<'_>| line.section == section && line.name == name;
    texts.iter().find_map(|text| lines(text).find(is_it).map(|line| line.value.to_owned()))
}

/// A setting as it stands.
struct Line<'a> {
    /// Counted from 1.
    nth: usize,
    section: &'a str,
    name: &'a str,
    value: &'a str,
    span: Span,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let (mut section, mut start) = ("", 0);
    text.split_inclusive('\n').enumerate().filter_map(move |(nth, line)| {
        let at = start;
        start += line.len();
        let content = line.trim();
        if let Some(name) = content.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.trim().trim_matches(['\'', '"']);
            return None;
        }
        let (name, value) = content.split_once('=')?;
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['\'', '"']);
        let span = Span { start: at + line.rfind(value).unwrap_or(0), len: value.len() };
        Some(Line { nth: nth + 1, section, name: name.trim(), value, span })
    })
}

/// Returns the lines that are neither a section, nor a setting, nor a remark. What stands between three quotes is a value.
fn strange_lines(text: &str) -> impl Iterator<Item = Span> {
    let (mut start, mut is_quoted) = (0, false);
    text.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let content = line.trim();
        let n_quotes = content.matches("'''").count() + content.matches("\"\"\"").count();
        let was_quoted = is_quoted;
        is_quoted ^= n_quotes % 2 == 1;
        let is_section = content.starts_with('[') && content.contains(']');
        let is_setting = !content.starts_with('[') && content.contains('=');
        let is_known = was_quoted || content.is_empty() || content.starts_with('#') || is_section || is_setting;
        (!is_known).then(|| Span { start: at + line.find(content).unwrap_or(0), len: content.len() })
    })
}

fn strange(source: &Arc<Source>, span: Span) -> Problem {
    let message = format!("`{}` is neither a section nor a setting", source.slice(span));
    let problem = Problem::new("config::syntax", source, span, message);
    problem.help("write `[section]` or `key = value`, remarks after `#`; DVC reads nothing of a file with such a line")
}

fn unexpected(source: &Arc<Source>, key: &Key, value: &str, span: Span, expected: &str) -> Problem {
    let problem = Problem::new("config::value", source, span, format!("`{key}` is `{value}`, not {expected}"));
    problem.label(format!("expected {expected}")).help(key.meaning())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layer;

    fn check(text: &str, expect: &[&str]) {
        let text = Text { layer: Layer::Dvc, name: ".dvc/config".to_owned(), text: text.to_owned() };
        let mut problems = Problems::default();
        let given = read(&text, &mut problems);
        let given = given.iter().map(|given| format!("{}: {} = {}", given.line, given.key, given.setting));
        let wrong = problems.iter().map(|problem| format!("{} {}", problem.cite(), problem.message()));
        assert_eq!(given.chain(wrong).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_project_may_have_nothing_to_do_with_git() {
        assert!(is_without_git("[core]\n    no_scm = True\n"));
        for text in ["", "[core]\n    no_scm = false\n", "[other]\nno_scm = true\n"] {
            assert!(!is_without_git(text), "{text}");
        }
    }

    #[test]
    fn the_folder_of_the_cache_is_that_of_the_settings() {
        let text = "[core]\n    dir = x\n['remote \"a\"']\n    url = /r\n[cache]\n    type = \"reflink,copy\"\n    dir = ../c\n";
        assert_eq!(cache_folder(&[text.to_owned()]).as_deref(), Some("../c"));
        assert_eq!(cache_folder(&["[core]\nremote = a\n".to_owned()]), None);
    }

    #[test]
    fn the_default_remote_is_the_one_that_is_named() {
        let check = |texts: &[&str], expect: Result<(&str, &str), &str>| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let got = default_remote(&texts).map(|remote| (remote.name, remote.url)).map_err(|error| error.to_string());
            let got = got.as_ref().map(|(name, url)| (name.as_str(), url.as_str())).map_err(String::as_str);
            assert_eq!(got, expect, "{texts:?}");
        };
        let remotes =
            "[core]\n    remote = a\n['remote \"a\"']\n    url = ../r\n['remote \"b\"']\n    url = s3://b/x\n";
        check(&[remotes], Ok(("a", "../r")));
        check(&["[core]\nremote = b\n", remotes], Ok(("b", "s3://b/x")));
        check(&["['remote \"a\"']\nurl = /mine\n", remotes], Ok(("a", "/mine")));
        check(&["['remote \"a\"']\nurl = x\n"], Err("the settings of DVC name 1 remotes and no default"));
        check(&[""], Err("the settings of DVC name no remote"));
        check(&["[core]\nremote = c\n"], Err("the settings of DVC have no address for the remote `c`"));
    }

    #[test]
    fn the_parsing_section_is_read_and_the_rest_is_dvcs_own() {
        check("[core]\n    remote = s\n    bool = x\n['remote \"s\"']\n    url = /data\n", &[]);
        check(
            "[parsing]\n    bool = boolean_optional\n    list = Append # each\n[cache]\n    list = nargs\n",
            &["2: parsing.bool = boolean_optional", "3: parsing.list = append"],
        );
        check("# remarks\n\n[core] # one\n    name = '''of\nseveral lines\n'''\n[[inner]]\n", &[]);
        check(
            "[core\n    remote = s\n    autostage true\n[parsing]\nbool = boolean_optional\n",
            &[
                "5: parsing.bool = boolean_optional",
                ".dvc/config:1:1 `[core` is neither a section nor a setting",
                ".dvc/config:3:5 `autostage true` is neither a section nor a setting",
            ],
        );
        check(
            "[parsing]\nbool = maybe\n",
            &[".dvc/config:2:8 `parsing.bool` is `maybe`, not `store_true` or `boolean_optional`"],
        );
    }
}
