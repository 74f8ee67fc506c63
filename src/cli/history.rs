//! The runs of a project, read from their journals.

use super::trouble::Trouble;
use crate::event::Event;
use crate::report::history::Journal;
use crate::sys::disk::{Kind, Layout, Root};
use crate::words::Exit;
use crate::words::{RelPath, TaskId};

/// Returns the names of all runs, the newest first: a name begins with the time of its start.
pub fn run_names(root: &Root) -> Result<Vec<String>, Trouble> {
    let entries = root.list(&Layout::runs())?;
    let folders = entries.into_iter().filter(|entry| entry.kind == Kind::Folder);
    let mut names: Vec<String> = folders.filter_map(|entry| entry.name.into_string().ok()).collect();
    names.sort();
    names.reverse();
    Ok(names)
}

/// Reads the journal of a run; one that is not there is empty.
pub fn journal(root: &Root, run: &str) -> Result<Journal, Trouble> {
    let path = Layout::runs().join(run).and_then(|folder| folder.join("journal.jsonl"));
    let path = path.map_err(|error| Trouble::usage(format!("`{run}` is not the name of a run: {error}")))?;
    match root.read(&path) {
        Ok(bytes) => Ok(Journal::read(run, &String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Journal::read(run, "")),
        Err(error) => Err(error.into()),
    }
}

/// Returns the run that `text` names: in full, by a beginning that only one has, or `last`.
pub fn find(root: &Root, text: &str) -> Result<Option<String>, Trouble> {
    let names = run_names(root)?;
    if text == "last" {
        return Ok(names.into_iter().next());
    }
    let mut matches = names.iter().filter(|name| name.starts_with(text));
    match (matches.next(), matches.next()) {
        (Some(_), Some(_)) if !names.iter().any(|name| name == text) => {
            Err(Trouble::new(Exit::Usage, format!("several runs begin with `{text}`"))
                .help("`lockgate runs` lists them"))
        }
        (Some(_), Some(_)) => Ok(Some(text.to_owned())),
        (Some(one), None) => Ok(Some(one.clone())),
        (None, _) => Ok(None),
    }
}

/// Whether `text` names the task: in full, or by its stage or group.
pub fn names_task(text: &str, task: &TaskId) -> bool {
    task.to_string() == text || task.local() == text || task.name.as_str() == text || task.name.group() == text
}

/// Returns the logs of the tasks that `text` names in a run, in the order in which they started.
pub fn logs_of(journal: &Journal, text: Option<&str>) -> Vec<(TaskId, RelPath)> {
    let mut logs: Vec<(TaskId, RelPath)> = Vec::new();
    for event in journal.events() {
        let Some((task, log)) = log_of(event) else { continue };
        let is_new = !logs.iter().any(|(known, _)| known == task);
        if is_new && text.is_none_or(|text| names_task(text, task)) {
            logs.push((task.clone(), log.clone()));
        }
    }
    logs
}

fn log_of(event: &Event) -> Option<(&TaskId, &RelPath)> {
    if let Event::Started { task, log, .. } = event {
        return Some((task, log));
    }
    let Event::Judged { task, report: Some(report), .. } = event else { return None };
    report.log.as_ref().map(|log| (task, log))
}
