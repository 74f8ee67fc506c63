//! `lockgate logs`.

use clap::Args;
use serde_json::json;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::cli::{history, project};
use crate::report::json::page;
use crate::report::table::Table;
use crate::sys::disk::{DiskError, Root};
use crate::words::Exit;
use crate::words::{RelPath, TaskId};

/// Print what a task wrote when it last ran, or list the logs of a run
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate logs                  the logs of the last run
  lockgate logs train            all that `train` wrote when it last ran
  lockgate logs train --run ID   in that run; `lockgate runs` lists them")]
pub struct Logs {
    /// A stage or gate, or one member of it
    task: Option<String>,
    /// The run, by the beginning of its name [default: the last, or the last in which the task ran]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Print JSON: the logs, and with a task what they say
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Logs, context: &mut Context) -> Ended {
    let root = project::root(context)?;
    let runs =
        match &command.run {
            None => history::run_names(&root)?,
            Some(text) => vec![history::find(&root, text)?.ok_or_else(|| {
                Trouble::usage(format!("there is no run `{text}`")).help("`lockgate runs` lists them")
            })?],
        };
    match &command.task {
        None => list(command, context, &root, runs.first()),
        Some(task) => print(command, context, &root, &runs, task),
    }
}

fn list(command: &Logs, context: &mut Context, root: &Root, run: Option<&String>) -> Ended {
    let logs = run.map(|run| Ok::<_, Trouble>(history::logs_of(&history::journal(root, run)?, None))).transpose()?;
    if command.json {
        let logs = logs.iter().flatten().map(|(task, log)| json!({ "task": task.to_string(), "log": log.to_string() }));
        context.out.data(&page(&json!({ "v": 1, "logs": logs.collect::<Vec<_>>() })))?;
        return Ok(Exit::Done);
    }
    let Some(logs) = logs else {
        context.note("nothing has run here yet\n");
        return Ok(Exit::Done);
    };
    let mut table = Table::new(&["task", "log"]);
    for (task, log) in logs {
        table.row([task.to_string().into(), log.to_string().into()]);
    }
    context.out.data(&table.render(context.data_style()))?;
    Ok(Exit::Done)
}

/// Bytes go out as the task wrote them: colours and all.
fn print(command: &Logs, context: &mut Context, root: &Root, runs: &[String], task: &str) -> Ended {
    let logs = newest_logs(root, runs, task)?;
    if logs.is_empty() {
        return Err(Trouble::usage(format!("no run has a log of `{task}`"))
            .help("`lockgate runs` lists the runs, `lockgate status` the tasks"));
    }
    if command.json {
        let told = |(task, log): &(TaskId, RelPath)| {
            let text = String::from_utf8_lossy(&root.read(log)?).into_owned();
            Ok(json!({ "task": task.to_string(), "log": log.to_string(), "text": text }))
        };
        let logs = logs.iter().map(told).collect::<Result<Vec<_>, DiskError>>()?;
        context.out.data(&page(&json!({ "v": 1, "logs": logs })))?;
        return Ok(Exit::Done);
    }
    let many = logs.len() > 1;
    for (name, log) in logs {
        if many {
            context.out.data_line(&format!("==> {name} <=="))?;
        }
        context.out.bytes(&root.read(&log)?)?;
    }
    Ok(Exit::Done)
}

fn newest_logs(root: &Root, runs: &[String], task: &str) -> Result<Vec<(TaskId, RelPath)>, Trouble> {
    for run in runs {
        let logs = history::logs_of(&history::journal(root, run)?, Some(task));
        if !logs.is_empty() {
            return Ok(logs);
        }
    }
    Ok(Vec::new())
}
