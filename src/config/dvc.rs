//! DVC's own settings file: sections in brackets, `key = value` below them. Only what lockgate takes from it is read.

use std::sync::Arc;

use lockgate_spanned::{Problem, Problems, Source, Span};

use super::key::Key;
use super::layer::{Given, Text};

/// The section whose keys are the same for both.
const SECTION: &str = "parsing";

/// Reads the settings of `text` that lockgate has as well; a value that is none of theirs becomes a problem.
pub(super) fn read(text: &Text, problems: &mut Problems) -> Vec<Given> {
    let source = Source::new(text.name.clone(), text.text.clone());
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
    fn the_parsing_section_is_read_and_the_rest_is_dvcs_own() {
        check("[core]\n    remote = s\n    bool = x\n['remote \"s\"']\n    url = /data\n", &[]);
        check(
            "[parsing]\n    bool = boolean_optional\n    list = Append # each\n[cache]\n    list = nargs\n",
            &["2: parsing.bool = boolean_optional", "3: parsing.list = append"],
        );
        check(
            "[parsing]\nbool = maybe\n",
            &[".dvc/config:2:8 `parsing.bool` is `maybe`, not `store_true` or `boolean_optional`"],
        );
    }
}
