//! Words for people: plurals, durations, sizes, and text that cannot act on a terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use lockgate_spanned::acts_on_a_terminal;

/// Returns `1 stage`, `2 stages`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Returns a duration in the two units that matter: `41 ms`, `3.2 s`, `2 m 05 s`, `1 h 03 m`.
pub fn duration(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds {
        0 => format!("{} ms", elapsed.as_millis()),
        1..60 => format!("{:.1} s", elapsed.as_secs_f64()),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Returns a size in binary units: `512 B`, `1.5 KiB`, `4.0 GiB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut value = size as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Returns `text` with what acts on a terminal written as escapes.
pub fn inert(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c if acts_on_a_terminal(c) => write!(out, "{}", c.escape_default()).unwrap_or_default(),
            c => out.push(c),
        }
    }
    out
}

/// Returns the beginning of a command for a message, with the size of all of it where that is more.
pub fn beginning(command: &str) -> String {
    const SHOWN: usize = 200;
    match command.char_indices().nth(SHOWN) {
        None => format!("`{}`", inert(command)),
        Some((end, _)) => format!("`{}…` ({})", inert(&command[..end]), bytes(command.len() as u64)),
    }
}

/// Adds the lines that a text does not have yet at its end.
pub fn with_lines(text: &str, lines: impl IntoIterator<Item = String>) -> String {
    let mut out = text.to_owned();
    let there: BTreeSet<&str> = text.lines().map(str::trim_end).collect();
    for line in lines {
        if !there.contains(line.as_str()) {
            let gap = if out.is_empty() || out.ends_with('\n') { "" } else { "\n" };
            out.push_str(&[gap, &line, "\n"].concat());
        }
    }
    out
}

/// Joins names for a sentence: `a`, `a and b`, `a, b and c`.
pub fn list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_short() {
        assert_eq!(duration(Duration::from_millis(41)), "41 ms");
        assert_eq!(duration(Duration::from_millis(3210)), "3.2 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 m 05 s");
        assert_eq!(duration(Duration::from_secs(3780)), "1 h 03 m");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(4 << 30), "4.0 GiB");
    }

    #[test]
    fn a_long_command_is_known_by_its_beginning() {
        assert_eq!(beginning("cp a b"), "`cp a b`");
        assert_eq!(beginning(&"ü".repeat(2048)), format!("`{}…` (4.0 KiB)", "ü".repeat(200)));
    }

    #[test]
    fn nothing_of_a_text_acts_on_a_terminal() {
        assert_eq!(inert("a\tb\u{1b}[2J ü \u{202e}cod\u{2066}"), r"a    b\u{1b}[2J ü \u{202e}cod\u{2066}");
    }

    #[test]
    fn escape_codes_are_made_inert() {
        assert_eq!(inert("a\u{1b}[31mb\tc"), "a\\u{1b}[31mb    c");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
