//! `lockgate gate`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::consent::{Accept, accept};
use super::{Ended, repro};
use crate::cli::context::Context;
use crate::cli::history;
use crate::cli::trouble::Trouble;
use crate::engine::{Asked, ReferenceError, Workspace, quarantine};
use crate::event::{Event, GateReport};
use crate::gate::rows_as_csv;
use crate::graph::{Scope, TaskIx};
use crate::lock::Verdict;
use crate::pipeline::Gate as GateNode;
use crate::plan::{Decision, Reason};
use crate::report::gate::{Judge, Screen, render};
use crate::report::json::{page, to_value};
use crate::report::paint::Ink;
use crate::report::story::Downstream;
use crate::report::table::{Cell, Table};
use crate::sys::disk::Durability;
use crate::words::{Exit, GateState, RelPath, TaskId};

/// List gates, show what one of them said, or have it judge
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate gate list                what each gate says
  lockgate gate show validate_raw   its last screen, with the evidence
  lockgate gate run validate_raw    bring up to date what it judges, and judge it
  lockgate gate accept validate_raw --rule \"week range 1..22\" --reason \"week 23 was played\" --until 2026-12-01")]
pub struct Gate {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    /// List the gates and what they say of the data as it is
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show the last screen of a gate
    Show {
        /// The gate
        gate: String,
        /// Print all rows that broke a rule, as CSV, with a column for each rule
        #[arg(long, conflicts_with = "json")]
        rows: bool,
        /// Print JSON, with every detail of the report
        #[arg(long)]
        json: bool,
    },
    /// Write the file with which a gate compares, from the data as it is: a reference for drift, a baseline for regression
    Reference {
        /// The gate
        gate: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let data pass although it breaks a rule, until a day, as a record that is committed
    Accept(Accept),
    /// Bring up to date what gates judge, and have them judge it
    Run {
        /// The gates
        #[arg(required = true, value_name = "GATE")]
        gates: Vec<String>,
        /// Print the events of the run, one JSON value a line
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: &Gate, context: &mut Context) -> Ended {
    match &command.part {
        Part::List { json } => list(context, *json),
        Part::Show { gate, rows: true, .. } => show_rows(context, gate),
        Part::Show { gate, json, .. } => show(context, gate, *json),
        Part::Reference { gate, json } => reference(context, gate, *json),
        Part::Accept(asked) => accept(asked, context),
        Part::Run { gates, json } => judge(context, gates, *json),
    }
}

/// What a gate says at the moment, in a word, and what it says of it.
struct Says {
    word: &'static str,
    ink: Ink,
    summary: String,
}

fn says(decision: Option<&Decision>, locked: Option<&Verdict>) -> Says {
    let verdict = |verdict: &Verdict| {
        let ink = if verdict.state.lets_pass() { Ink::Good } else { Ink::Bad };
        Says { word: verdict.state.word(), ink, summary: verdict.summary.clone() }
    };
    let other = |word, ink, summary: String| Says { word, ink, summary };
    match (decision, locked) {
        // It was let pass: by its `on_fail`, a waiver or an approval.
        (Some(Decision::Fresh), Some(locked)) if !locked.state.lets_pass() => {
            other(locked.state.word(), Ink::Caution, format!("{}; what waits for it goes on", locked.summary))
        }
        (Some(Decision::Fresh), Some(locked)) => verdict(locked),
        (Some(Decision::Fresh), None) => other("pass", Ink::Good, String::new()),
        (Some(Decision::Refused { verdict: refusal }), _) => verdict(refusal),
        (Some(Decision::Blocked { by }), _) => {
            other("blocked", Ink::Bad, by.first().map(ToString::to_string).unwrap_or_default())
        }
        (Some(decision @ (Decision::Run { .. } | Decision::Pending { .. } | Decision::Restore { .. })), _) => {
            let reasons = decision.reasons();
            match reasons.iter().find_map(Reason::error) {
                Some(why) => other(GateState::Error.word(), Ink::Bad, why.to_owned()),
                None => other("not judged", Ink::Caution, reasons.first().map(ToString::to_string).unwrap_or_default()),
            }
        }
        (None | Some(Decision::Held(_) | Decision::Adopt { .. }), _) => {
            other("not judged", Ink::Caution, String::new())
        }
    }
}

fn list(context: &mut Context, json: bool) -> Ended {
    let workspace = context.open()?;
    let selection = workspace.select(&[], Scope::Upstream)?;
    let plan = workspace.plan(&selection, Asked::default());
    let mut table = Table::new(&["gate", "kind", "judges", "says", "of it"]);
    let mut values = Vec::new();
    for node in &workspace.pipeline().nodes {
        let Some(gate) = node.gate() else { continue };
        let locked = workspace.lock().tasks.get(&node.id).and_then(|entry| entry.verdict.as_ref());
        let says = says(plan.get(&node.id), locked);
        let (kind, data) = (gate.kind.name(), data(gate));
        values.push(json!({
            "gate": node.id.to_string(), "kind": kind, "data": gate.data.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "says": says.word, "summary": says.summary,
        }));
        let word = Cell::inked(says.ink, says.word);
        table.row([node.id.to_string().into(), kind.into(), data.into(), word, says.summary.into()]);
    }
    if json {
        context.out.data(&page(&json!({ "v": 1, "gates": values })))?;
    } else if table.is_empty() {
        context.note("the pipeline has no gates\n");
    } else {
        context.out.data(&table.render(context.data_style()))?;
    }
    Ok(Exit::Done)
}

fn data(gate: &GateNode) -> String {
    let paths: Vec<&str> = gate.data.iter().map(crate::words::RelPath::as_str).collect();
    paths.join(", ")
}

fn show(context: &mut Context, name: &str, json: bool) -> Ended {
    let workspace = context.open()?;
    let task = &workspace.pipeline().nodes[one_gate(&workspace, name)?.at()].id;
    let Some((verdict, report, elapsed_ms)) = last_verdict(&workspace, task)? else {
        return Err(Trouble::usage(format!("gate `{task}` has not judged anything yet"))
            .help(format!("`lockgate gate run {task}` has it judge")));
    };
    let report = report.as_ref();
    if json {
        let value =
            json!({ "v": 1, "gate": task.to_string(), "verdict": to_value(&verdict), "report": report.map(to_value) });
        context.out.data(&page(&value))?;
        return Ok(Exit::Done);
    }
    let downstream = &Downstream::default();
    let screen = Screen { judge: Judge::Gate(task), verdict: &verdict, report, allowed: &[], elapsed_ms, downstream };
    context.show(&render(&screen, context.data_style()))?;
    Ok(Exit::Done)
}

/// Prints the bad rows that the gate's last verdict has left in quarantine.
fn show_rows(context: &mut Context, name: &str) -> Ended {
    let workspace = context.open()?;
    let task = &workspace.pipeline().nodes[one_gate(&workspace, name)?.at()].id;
    let folder = quarantine(task);
    let root = workspace.root();
    let files = root.list(&folder).unwrap_or_default();
    let mut files: Vec<RelPath> = files
        .iter()
        .filter_map(|entry| folder.join(entry.name.to_str().filter(|name| name.ends_with(".rows.parquet"))?).ok())
        .collect();
    files.sort();
    if files.is_empty() {
        context.note(&format!("gate `{task}` has left no bad rows\n"));
    }
    for file in files {
        let text = rows_as_csv(file.as_str(), &file.under(root.path()));
        let text =
            text.map_err(|why| Trouble::usage(why).help(format!("`lockgate gate run {task}` writes them anew")))?;
        context.out.data(&text)?;
    }
    Ok(Exit::Done)
}

pub type LastVerdict = (Verdict, Option<GateReport>, Option<u64>);

/// Looks through the journals from the newest on; without one that tells, the lock may know the verdict.
pub fn last_verdict(workspace: &Workspace, task: &TaskId) -> Result<Option<LastVerdict>, Trouble> {
    for run in history::run_names(workspace.root())? {
        let journal = history::journal(workspace.root(), &run)?;
        let found = journal.events().rev().find_map(|event| {
            let Event::Judged { task: judged, verdict, report, elapsed_ms, .. } = event else { return None };
            (judged == task).then(|| (verdict.clone(), report.clone(), Some(*elapsed_ms)))
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    let locked = workspace.lock().tasks.get(task).and_then(|entry| entry.verdict.clone());
    Ok(locked.map(|verdict| (verdict, None, None)))
}

fn reference(context: &mut Context, name: &str, json: bool) -> Ended {
    let workspace = context.open()?;
    let gate = one_gate(&workspace, name)?;
    let file = write_reference(&workspace, gate)?;
    if json {
        context.out.data(&page(&json!({ "v": 1, "gate": name, "file": file.to_string() })))?;
    } else {
        context.note(&format!("gate `{name}` compares with `{file}` from now on; commit it\n"));
    }
    Ok(Exit::Done)
}

/// Makes the file with which a gate compares anew; returns its path.
pub fn write_reference(workspace: &Workspace, gate: TaskIx) -> Result<RelPath, Trouble> {
    let name = &workspace.pipeline().nodes[gate.at()].id;
    let (file, text) = workspace.reference_of(gate).map_err(|error| {
        let help = match error {
            ReferenceError::NoneOfKind { .. } => "name a gate of kind `drift` or `regression`".to_owned(),
            ReferenceError::NoData => format!("`lockgate gate run {name}` has it made"),
            ReferenceError::Unmade(_) => "mend the data, or the settings of the gate".to_owned(),
        };
        Trouble::usage(format!("gate `{name}`: {error}")).help(help)
    })?;
    let root = workspace.root();
    root.create_dir_all(&file.parent())?;
    root.publish(&file, text.as_bytes(), Durability::Now)?;
    Ok(file)
}

fn judge(context: &mut Context, gates: &[String], json: bool) -> Ended {
    let workspace = context.open()?;
    for gate in gates {
        one_gate(&workspace, gate)?;
    }
    drop(workspace);
    repro::run(&repro::Repro { targets: gates.to_vec(), json, ..repro::Repro::default() }, context)
}

pub fn one_gate(workspace: &Workspace, name: &str) -> Result<TaskIx, Trouble> {
    let selection = workspace.select(&[name.to_owned()], Scope::Single)?;
    let nodes = &workspace.pipeline().nodes;
    let mut gates = selection.tasks().filter(|task| selection.is_target(*task) && nodes[task.at()].gate().is_some());
    gates.next().ok_or_else(|| {
        let known: Vec<&str> = nodes.iter().filter(|node| node.gate().is_some()).map(|n| n.name().as_str()).collect();
        let help =
            if known.is_empty() { "the pipeline has none".to_owned() } else { format!("gates: {}", known.join(", ")) };
        Trouble::usage(format!("`{name}` is not a gate")).help(help)
    })
}
