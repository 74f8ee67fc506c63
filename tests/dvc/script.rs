//! A script played in a project: edits and commands, a line each, to a text of what the commands said.

use std::fs;

use crate::sandbox::{Output, Sandbox};

/// Makes a project of DVC with these files.
pub fn project(files: &[(&str, &str)]) -> Sandbox {
    let ws = Sandbox::empty();
    ws.write(".dvc/config", "");
    for (path, text) in files {
        ws.write(path, text);
    }
    ws
}

/// Makes a project of one file with these stages.
pub fn stages(stages: &str) -> Sandbox {
    project(&[("dvc.yaml", &format!("stages:\n{stages}"))])
}

/// Three stages in a row, each with a line in `ran` when it is executed.
pub fn row() -> Sandbox {
    let stage = |name: &str, dep: &str| {
        format!("  {name}:\n    cmd: cat {dep} > {name} && echo {name} >> ran\n    deps: [{dep}]\n    outs: [{name}]\n")
    };
    let ws = stages(&[stage("a", "in"), stage("b", "a"), stage("c", "b")].concat());
    ws.write("in", "1\n");
    ws
}

/// Plays a script.
///
/// | line | does |
/// |---|---|
/// | `> FILE TEXT`, `>> FILE TEXT` | writes a line, adds one |
/// | `rm PATH` | removes a file or a folder |
/// | `edit FILE \| WAS \| NOW` | replaces what is there once; `⏎` is a line break |
/// | `cat FILE` | shows it |
/// | anything else | a command of lockgate, one task at a time; what became of each task stands on one line |
pub fn play(ws: &Sandbox, script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter_map(|line| step(ws, line)).collect::<Vec<_>>().join("\n").replace("\n\n", "\n")
}

fn step(ws: &Sandbox, line: &str) -> Option<String> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word {
        ">" | ">>" => {
            let (file, text) = rest.split_once(' ').unwrap_or((rest, ""));
            let before = if word == ">>" { ws.read(file) } else { String::new() };
            ws.write(file, &format!("{before}{text}\n"));
            None
        }
        "rm" => {
            let path = ws.path().join(rest);
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.unwrap();
            None
        }
        "edit" => {
            let rest = rest.replace("⏎", "\n");
            let [file, was, now] = rest.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
            let text = ws.read(file);
            assert_eq!(text.matches(was).count(), 1, "{line}");
            ws.write(file, &text.replace(was, now));
            None
        }
        "cat" => Some(format!("$ {line}\n{}", ws.read(rest).trim_end())),
        _ => Some(format!("$ {line}\n{}", brief(&ws.finish(ws.command(line).env("LOCKGATE_JOBS", "1"))))),
    }
}

/// What became of each task on one line, then all else that is said but for the summary, then the exit code unless it is 0.
pub fn brief(output: &Output) -> String {
    let (mut tasks, mut said) = (Vec::new(), Vec::new());
    for line in output.stderr.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (words[0], line.starts_with(' ')) {
            ("✓" | "·" | "-" | "✗" | "○", false) if is_summary(&words) => {}
            ("✓" | "·" | "-" | "✗" | "○", false) if words.len() > 2 && words[1] != "stage" => {
                tasks.push(format!("{} {}", words[1], words[2..].join(" ").replace(" TIME", "")));
            }
            _ => said.push(line.to_owned()),
        }
    }
    let mut lines: Vec<String> = output.stdout.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.extend((!tasks.is_empty()).then(|| tasks.join(", ")));
    lines.extend(said);
    lines.extend((output.code != 0).then(|| format!("exit {}", output.code)));
    lines.join("\n")
}

fn is_summary(words: &[&str]) -> bool {
    words[1].ends_with(':') || words.starts_with(&["✓", "everything", "is", "fresh:"])
}
