//! A page with commands and what they print: what is to be done, and whether what was printed is what the page says.
//!
//! A fence `console` holds lines that begin with `$ ` and, after each, what is expected. In it, `…` stands for anything
//! within a line, and a line of nothing else for any lines. A fence with the name of a file, `yaml pipeline.yaml`, is that file.

/// One thing that the page tells the reader to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Write { path: String, text: String },
    Run { command: String, expected: Vec<String> },
}

/// Returns the steps of a page, in their order.
pub fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            None if info == "console" => steps.extend(commands(&body)),
            Some((_, path)) => steps.push(Step::Write { path: path.to_owned(), text: body.join("\n") + "\n" }),
            None => {}
        }
    }
    steps
}

fn commands(body: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in body {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step::Run { command: command.to_owned(), expected: Vec::new() }),
            (None, Some(Step::Run { expected, .. })) => expected.push((*line).to_owned()),
            (None, _) => panic!("a fence `console` begins with a command, not with `{line}`"),
        }
    }
    steps
}

/// Whether the lines are as expected.
pub fn agrees(expected: &[String], lines: &[&str]) -> bool {
    let Some((first, rest)) = expected.split_first() else { return lines.is_empty() };
    if first == "…" {
        return (0..=lines.len()).any(|n| agrees(rest, &lines[n..]));
    }
    lines.split_first().is_some_and(|(line, others)| line_agrees(first, line.trim_end()) && agrees(rest, others))
}

fn line_agrees(expected: &str, line: &str) -> bool {
    match expected.split_once('…') {
        None => expected == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
            ends.into_iter().any(|at| line_agrees(rest, &line[at..]))
        }),
    }
}

#[test]
fn a_page_is_read_and_compared() {
    let page = "text\n```console\n$ a b\nx … z\n…\nend\n$ c\n```\n```yaml f.yaml\nk: 1\n```\n```sh\n$ not this\n```\n";
    let expected: Vec<String> = ["x … z", "…", "end"].map(str::to_owned).into();
    let run = |command: &str, expected| Step::Run { command: command.to_owned(), expected };
    let write = Step::Write { path: "f.yaml".to_owned(), text: "k: 1\n".to_owned() };
    assert_eq!(steps(page), [run("a b", expected.clone()), run("c", Vec::new()), write]);
    let check = |lines: &[&str], expect: bool| assert_eq!(agrees(&expected, lines), expect, "{lines:?}");
    check(&["x y z", "end"], true);
    check(&["x y y z  ", "1", "2", "end"], true);
    check(&["x z", "end"], false);
    check(&["x y z", "end", "more"], false);
    check(&["x y z"], false);
}
