//! The laws of the source: floors, walls between dependencies, sizes, and lints with a reason.
#![expect(clippy::disallowed_methods, reason = "this test reads the source")]

use std::path::{Path, PathBuf};

/// Each module's floor; a module may use its own floor and lower ones.
const FLOORS: &[(&str, u8)] = &[
    ("words", 0),
    ("pipeline", 1),
    ("manifest", 1),
    ("config", 1),
    ("graph", 2),
    ("fingerprint", 3),
    ("lock", 3),
    ("dvclock", 3),
    ("consent", 3),
    ("plan", 4),
    ("schedule", 4),
    ("event", 4),
    ("statelog", 4),
    ("sys", 5),
    ("observe", 6),
    ("store", 6),
    ("gate", 6),
    ("engine", 7),
    ("report", 8),
    ("cli", 8),
];

/// Crates that only some places may name.
const WALLS: &[(&str, &[&str])] = &[
    ("polars", &["crates/contract/", "stages/"]),
    ("petgraph", &["src/graph/"]),
    ("serde_saphyr", &["crates/spanned/", "stages/tests/"]),
    ("indicatif", &["src/report/"]),
    ("clap", &["src/cli/", "stages/src/main.rs", "stages/src/", "xtask/"]),
    ("object_store", &[]),
    ("tokio", &[]),
];

/// Longest source file, in lines.
const MOST_LINES: usize = 700;

struct File {
    path: String,
    text: String,
}

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "crates", "stages", "xtask", "tests"] {
        collect(root, &root.join(folder), &mut files);
    }
    assert!(files.len() > 100, "the source was not found");
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("source is UTF-8");
            let path = path.strip_prefix(root).expect("inside").to_str().expect("UTF-8").to_owned();
            files.push(File { path, text });
        }
    }
}

/// Lines of code: comments and what follows the module of unit tests are left out.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| *line != "#[cfg(test)]" && *line != "mod tests {");
    lines.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
}

fn floor(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn report(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn a_module_uses_its_own_floor_or_a_lower_one() {
    let mut broken = Vec::new();
    for file in sources().iter().filter(|file| file.path.starts_with("src/")) {
        let module = file.path["src/".len()..].split(['/', '.']).next().unwrap_or_default();
        let Some(own) = floor(module) else {
            if !["lib", "main"].contains(&module) {
                broken.push(format!("{}: module `{module}` has no floor; give it one in tests/tidy.rs", file.path));
            }
            continue;
        };
        for (line, text) in code_lines(&file.text) {
            for used in text.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if let Some(other) = floor(&used).filter(|other| *other > own) {
                    broken
                        .push(format!("{}:{line}: `{module}` (floor {own}) uses `{used}` (floor {other})", file.path));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn heavy_crates_stay_behind_their_walls() {
    let mut broken = Vec::new();
    for file in sources().iter().filter(|file| file.path != "tests/tidy.rs") {
        for (name, places) in WALLS {
            if places.iter().any(|place| file.path.starts_with(place)) {
                continue;
            }
            let names = |line: &str| line.contains(&format!("{name}::")) || line.contains(&format!("use {name};"));
            broken.extend(
                code_lines(&file.text)
                    .filter(|(_, line)| names(line))
                    .map(|(at, _)| format!("{}:{at}: `{name}` is not named here", file.path)),
            );
        }
    }
    report(&broken);
}

#[test]
fn no_file_is_too_long() {
    let long = sources().into_iter().filter(|file| !file.path.contains("tests/"));
    let long = long.map(|file| (file.text.lines().count(), file.path)).filter(|(lines, _)| *lines > MOST_LINES);
    report(&long.map(|(lines, path)| format!("{path}: {lines} lines; look for the seam")).collect::<Vec<_>>());
}

#[test]
fn lints_are_expected_with_a_reason_and_tests_are_never_switched_off() {
    let mut broken = Vec::new();
    let banned =
        [concat!("[", "allow("), concat!("#[", "ignore"), concat!("todo", "!("), concat!("unimplemented", "!(")];
    for file in sources() {
        let found = file.text.lines().enumerate().filter(|(_, line)| banned.iter().any(|word| line.contains(word)));
        broken.extend(found.map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim())));
    }
    report(&broken);
}

#[test]
fn every_module_says_what_it_is() {
    let silent = sources().into_iter().filter(|file| !file.text.starts_with("//!"));
    report(&silent.map(|file| format!("{}: it does not open with `//!`", file.path)).collect::<Vec<_>>());
}
