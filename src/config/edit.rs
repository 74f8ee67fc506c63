//! Changing one setting in the text of a file, and leaving every other byte as it is.

use lockgate_spanned::{Problems, Span};

use super::key::{Key, Setting};
use super::layer::{self, Layer, Text};

/// Returns `text` with `key` set to `setting`; comments and order stay.
///
/// A text with mistakes gives its problems: it is not made worse.
pub fn set(name: &str, text: &str, key: &Key, setting: &Setting) -> Result<String, Problems> {
    let value = setting.to_toml();
    let edited = match place(name, text, key)? {
        Some(at) => format!("{}{value}{}", &text[..at.start], &text[at.start + at.len..]),
        None => insert(text, &key.to_string(), &value),
    };
    // A section may be written in a way that takes no new key (`cache = {}`): say so instead of writing a broken file.
    place(name, &edited, key)?;
    Ok(edited)
}

/// Returns `text` without the line that sets `key`, or `None` when it does not set it.
pub fn unset(name: &str, text: &str, key: &Key) -> Result<Option<String>, Problems> {
    let Some(at) = place(name, text, key)? else { return Ok(None) };
    let start = text[..at.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at.start + at.len..].find('\n').map_or(text.len(), |end| at.start + at.len + end + 1);
    Ok(Some(format!("{}{}", &text[..start], &text[end..])))
}

fn place(name: &str, text: &str, key: &Key) -> Result<Option<Span>, Problems> {
    let mut problems = Problems::default();
    let text = Text { layer: Layer::Project, name: name.to_owned(), text: text.to_owned() };
    let given = layer::read(&text, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(given.iter().find(|given| given.key == *key).map(|given| given.span))
}

/// Adds a line under its section when there is one, and else at the top as a dotted key, where no section reaches it.
fn insert(text: &str, key: &str, value: &str) -> String {
    let Some((section, name)) = key.split_once('.') else { return format!("{key} = {value}\n{text}") };
    let header = format!("[{section}]");
    let mut done = false;
    let mut lines = String::with_capacity(text.len() + 40);
    for line in text.split_inclusive('\n') {
        lines.push_str(line);
        if !done && line.trim() == header {
            let gap = if line.ends_with('\n') { "" } else { "\n" };
            lines.extend([gap, name, " = ", value, "\n"]);
            done = true;
        }
    }
    if done { lines } else { format!("{section}.{name} = {value}\n{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, key: &str, value: &str) -> String {
        let key = Key::parse(key).expect("a key");
        let setting = key.read(value).expect("a value");
        set("config.toml", text, &key, &setting).expect("no mistakes")
    }

    #[test]
    fn a_value_is_replaced_where_it_stands() {
        assert_eq!(after("# mine\njobs = 4 # all\n", "jobs", "2"), "# mine\njobs = 2 # all\n");
        assert_eq!(after("[cache]\nlink='copy'", "cache.link", "symlink"), "[cache]\nlink=\"symlink\"");
    }

    #[test]
    fn a_new_key_goes_where_its_section_reaches_it() {
        assert_eq!(after("", "jobs", "2"), "jobs = 2\n");
        assert_eq!(after("[cache]\n", "jobs", "2"), "jobs = 2\n[cache]\n");
        assert_eq!(
            after("[cache]\nprotect = true\n", "cache.link", "copy"),
            "[cache]\nlink = \"copy\"\nprotect = true\n"
        );
        assert_eq!(after("jobs = 1\n", "pools.gpu", "2"), "pools.gpu = 2\njobs = 1\n");
        assert_eq!(after("[pools]", "pools.gpu", "2"), "[pools]\ngpu = 2\n");
    }

    #[test]
    fn a_key_is_taken_out_with_its_line() {
        let unset = |text: &str| unset("config.toml", text, &Key::Jobs).expect("no mistakes");
        assert_eq!(unset("# a\njobs = 4 # b\ngrace = '1s'\n").as_deref(), Some("# a\ngrace = '1s'\n"));
        assert_eq!(unset("grace = '1s'\n"), None);
    }
}
