//! `lockgate gate accept` and `lockgate approve`: what a person allows, as a record that is committed.

use clap::Args;
use jiff::civil::Date;
use serde_json::json;

use super::Ended;
use super::gate::{last_verdict, one_gate, write_reference};
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::consent::{Approval, Scope, WHOLE_VERDICT, Waiver, with_approval, with_waiver};
use crate::engine::{Case, Workspace};
use crate::event::{GateReport, RuleFound};
use crate::report::json::page;
use crate::sys::clock::today;
use crate::sys::disk::{Durability, Layout, prepare};
use crate::words::text::list;
use crate::words::{Exit, GateState, RelPath, TaskId};

/// Let data pass although it breaks a rule, until a day, as a record that is committed
///
/// The waiver is about one rule of one gate, the rules as they are now, and the data as it is now. It is shown on every run,
/// and after its last day the gate blocks again.
#[derive(Clone, Debug, Args)]
pub struct Accept {
    /// The gate
    gate: String,
    /// The rule, as the gate's screen names it; `verdict` for a gate without rules that can be told apart
    #[arg(long, required = true, value_name = "RULE")]
    rule: Vec<String>,
    /// Why it is all right
    #[arg(long)]
    reason: String,
    /// The last day on which it counts, in UTC, such as 2026-12-01
    #[arg(long, value_name = "DAY")]
    until: Date,
    /// Whatever the data is, and not only for the data as it is now
    #[arg(long)]
    any_data: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Approve exactly the inputs that a gate wants reviewed, as a record that is committed
///
/// It counts for these inputs and no others: what changes asks for another review.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate gate show model_is_no_leak
  lockgate approve model_is_no_leak --reason \"the new features explain it; checked by hand on 20 matches\"")]
pub struct Approve {
    /// The gate
    gate: String,
    /// What was looked at, and why it is all right
    #[arg(long)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn accept(asked: &Accept, context: &mut Context) -> Ended {
    let reason = reason(&asked.reason)?;
    if asked.until < today() {
        return Err(
            Trouble::usage(format!("{} is over", asked.until)).help("`--until` is the last day on which it counts")
        );
    }
    let workspace = context.open()?;
    let (task, case) = case(&workspace, &asked.gate)?;
    let rules = case.recipe.rules_key();
    let data = if asked.any_data { Scope::Any } else { Scope::Exactly(case.recipe.data.clone()) };
    let chosen = asked.rule.iter().map(|rule| chosen(rule, &task, &case)).collect::<Result<Vec<_>, _>>()?;
    let waivers = chosen.into_iter().map(|rule| Waiver {
        gate: task.to_string(),
        rule,
        rules,
        data: data.clone(),
        reason: reason.to_owned(),
        given: today(),
        until: asked.until,
    });
    let waivers: Vec<Waiver> = waivers.collect();
    let write = |text: String| waivers.iter().fold(text, |text, waiver| with_waiver(&text, waiver));
    publish(&workspace, &Layout::waivers(), write)?;
    let names: Vec<&str> = waivers.iter().map(|waiver| waiver.rule.as_str()).collect();
    if asked.json {
        context.out.data(&page(&json!({
            "v": 1, "gate": task.to_string(), "rules": names, "until": asked.until.to_string(),
            "file": Layout::waivers().to_string(),
        })))?;
        return Ok(Exit::Done);
    }
    context.note(&format!(
        "{} of gate `{task}` may be broken until {}; commit `{}`\n",
        list(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>()),
        asked.until,
        Layout::waivers()
    ));
    Ok(Exit::Done)
}

pub fn approve(asked: &Approve, context: &mut Context) -> Ended {
    let reason = reason(&asked.reason)?;
    let workspace = context.open()?;
    let (task, case) = case(&workspace, &asked.gate)?;
    if !wants_review(&case) {
        let said = case.verdict.state.word();
        let help = format!("`lockgate gate show {task}` tells what it said; a broken rule can be accepted for a while");
        return Err(Trouble::usage(format!("gate `{task}` asks for no review: it says {said}")).help(help));
    }
    let approval = Approval {
        gate: task.to_string(),
        inputs: case.recipe.key(),
        data: case.recipe.data.clone(),
        reason: reason.to_owned(),
        given: today(),
    };
    publish(&workspace, &Layout::approvals(), |text| with_approval(&text, &approval))?;
    // The baseline is what was approved last: what is approved now is what later ones are compared with.
    let gate = one_gate(&workspace, &asked.gate)?;
    let moves = workspace.pipeline().nodes[gate.at()].gate().is_some_and(|gate| gate.kind.reference().is_some());
    let baseline = if moves { Some(write_reference(&workspace, gate)?) } else { None };
    if asked.json {
        let file = Layout::approvals().to_string();
        context.out.data(&page(&json!({ "v": 1, "gate": task.to_string(), "file": file })))?;
        return Ok(Exit::Done);
    }
    context.note(&format!(
        "gate `{task}` is approved for exactly these inputs; commit `{}`{}, then `lockgate repro`\n",
        Layout::approvals(),
        baseline.map(|file| format!(" and its new baseline `{file}`")).unwrap_or_default()
    ));
    Ok(Exit::Done)
}

fn reason(text: &str) -> Result<&str, Trouble> {
    let text = text.trim();
    if text.is_empty() { Err(Trouble::usage("`--reason` is empty").help("say why it is all right")) } else { Ok(text) }
}

fn wants_review(case: &Case) -> bool {
    let rules = case.report.iter().flat_map(GateReport::failed);
    case.verdict.state == GateState::Review || rules.into_iter().any(|rule| rule.state == GateState::Review)
}

/// Returns the gate and what it said of its inputs as they are now. A verdict that is never kept is taken from its last run.
fn case(workspace: &Workspace, name: &str) -> Result<(TaskId, Case), Trouble> {
    let gate = one_gate(workspace, name)?;
    let task = workspace.pipeline().nodes[gate.at()].id.clone();
    let not_judged = || {
        Trouble::usage(format!("gate `{task}` has not judged its inputs as they are now"))
            .help(format!("`lockgate gate run {task}` has it judge"))
    };
    let (recipe, precedent) = workspace.case_of(gate).ok_or_else(not_judged)?;
    if let Some(case) = precedent {
        return Ok((task, case));
    }
    if !workspace.pipeline().nodes[gate.at()].gate().is_some_and(|gate| gate.kind.is_volatile()) {
        return Err(not_judged());
    }
    let (verdict, report, _) = last_verdict(workspace, &task)?.ok_or_else(not_judged)?;
    Ok((task, Case { recipe, verdict, report }))
}

/// Returns the one broken rule that is meant: by its name, or by a part of it that no other has.
fn chosen(asked: &str, task: &TaskId, case: &Case) -> Result<String, Trouble> {
    let failed: Vec<&RuleFound> = case
        .report
        .iter()
        .flat_map(GateReport::failed)
        .filter(|rule| matches!(rule.state, GateState::Fail | GateState::Inconclusive))
        .collect();
    if failed.is_empty() {
        let whole = matches!(case.verdict.state, GateState::Fail | GateState::Inconclusive);
        let help = if whole { "write `--rule verdict`" } else { "nothing of it can be accepted" };
        return if whole && asked == WHOLE_VERDICT {
            Ok(asked.to_owned())
        } else {
            let said = case.verdict.state.word();
            Err(Trouble::usage(format!("gate `{task}` names no broken rule: it says {said}")).help(help))
        };
    }
    if let Some(rule) = failed.iter().find(|rule| rule.name == asked) {
        return Ok(rule.name.clone());
    }
    let close: Vec<&&RuleFound> = failed.iter().filter(|rule| rule.name.contains(asked)).collect();
    if let [only] = close.as_slice() {
        return Ok(only.name.clone());
    }
    let names: Vec<String> = failed.iter().map(|rule| format!("`{}`", rule.name)).collect();
    let which = if close.is_empty() { "is no broken rule" } else { "means more than one broken rule" };
    Err(Trouble::usage(format!("`{asked}` {which} of gate `{task}`"))
        .help(format!("broken rules: {}", names.join(", "))))
}

fn publish(workspace: &Workspace, path: &RelPath, write: impl FnOnce(String) -> String) -> Result<(), Trouble> {
    let root = workspace.root();
    prepare(root)?;
    // Two people, or two terminals, may give consents at once: none may write over the other's.
    let _held = root.lock(&Layout::home().join("consent.lock").expect("a plain name"))?;
    let text = match root.read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    root.publish(path, write(text).as_bytes(), Durability::Now)?;
    Ok(())
}
