//! Words of the schema language as they are written.

/// Words that a condition has for itself.
const RESERVED: [&str; 8] = ["and", "or", "not", "is", "null", "in", "true", "false"];

/// Writes the name of a column as conditions do: in backticks unless it is a plain word.
pub(crate) fn column(name: &str) -> String {
    if is_word(name) && !RESERVED.contains(&name) { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// Writes a text as conditions do.
pub(crate) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Writes a YAML string, in quotes unless it cannot be read as anything else; as a value within `{…}`.
pub(crate) fn yaml(value: &str) -> String {
    let reads_otherwise = ["null", "true", "false", "nan", "inf"].iter().any(|word| value.eq_ignore_ascii_case(word));
    if is_word(value) && !reads_otherwise { value.to_owned() } else { quoted(value) }
}

/// Writes a YAML string in double quotes, whose escapes are those of JSON.
pub(crate) fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// Makes a name for a rule or a schema of any text: lower case is kept, what is no letter or digit becomes a hyphen.
pub(crate) fn slug(value: &str) -> String {
    let dashed: String = value.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "unnamed".to_owned() } else { parts.join("-") }
}

fn is_word(value: &str) -> bool {
    let starts = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_when_they_must_be() {
        assert_eq!(column("week"), "week");
        assert_eq!(column("home team"), "`home team`");
        assert_eq!(column("in"), "`in`");
        assert_eq!(column("a`b"), "`a``b`");
        assert_eq!(text("O'Brien"), "'O''Brien'");
        assert_eq!(yaml("week"), "week");
        assert_eq!(yaml("True"), "\"True\"");
        assert_eq!(yaml("a: b"), "\"a: b\"");
        assert_eq!(slug("my suite.warning"), "my-suite-warning");
    }
}
