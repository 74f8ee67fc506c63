//! Verdicts of gates that measure, and the files with which they compare.

use lockgate_contract::{Input, TableAt};
use lockgate_forms::TextForms;
use lockgate_judges::leakage::{self, Cutoff, Features, Probe};
use lockgate_judges::{Given, JudgeError, behind_wall};
use lockgate_kinds::{Kind, Leakage};

use super::tables::judgement;
use super::{Case, Judgement, Redo};
use crate::fingerprint::Rules;
use crate::words::Digest;

/// Returns the rules of a gate that measures: its settings, how the tables are written that it reads, and the version of what applies them.
pub fn rules_of_kind(kind: &Kind, forms: &TextForms) -> Rules {
    Rules { digest: Digest::of(&kind.normal_form(forms)), checker: lockgate_judges::CHECKER_VERSION }
}

/// Measures data and holds it against the settings of a gate.
pub fn judge_kind(kind: &Kind, case: &Case<'_>) -> Judgement {
    with_given(case, |given| lockgate_judges::judge(kind, given)).map_or_else(
        |why| Judgement::error(case.described.clone(), why.to_string()),
        |report| judgement(&report, case.described.clone()),
    )
}

/// Returns the text of the file with which a gate compares from now on.
pub fn reference_of(kind: &Kind, case: &Case<'_>) -> Result<String, String> {
    with_given(case, |given| lockgate_judges::reference(kind, given)).map_err(|why| why.to_string())
}

fn with_given<T>(case: &Case<'_>, act: impl FnOnce(&Given<'_>) -> T) -> T {
    let names: Vec<String> = case.data.iter().map(|(path, _)| path.to_string()).collect();
    let data: Vec<Input<'_>> = names.iter().zip(&case.data).map(|(name, (_, path))| Input { name, path }).collect();
    let Case { gate, citation, forms, place, now_ns, .. } = case;
    act(&Given { gate, citation, data: &data, forms, file: place, now: *now_ns })
}

/// Judges whether features of the past move when outcomes of the future change: the stage is run again, once on inputs
/// that were only written anew and once for each cutoff.
pub fn judge_leakage(settings: &Leakage, case: &Case<'_>, redo: &mut Redo<'_>) -> Judgement {
    let report = with_given(case, |given| probe(settings, given, redo));
    match report {
        Ok(report) => judgement(&report, case.described.clone()),
        Err(why) => Judgement::error(case.described.clone(), why),
    }
}

fn probe(settings: &Leakage, given: &Given<'_>, redo: &mut Redo<'_>) -> Result<lockgate_contract::Report, String> {
    let told = |error: JudgeError| error.to_string();
    let Some(input) = given.data.first() else { return Err("there is no data to judge".to_owned()) };
    let open = |table: TableAt<'_>| behind_wall("leakage", given, || Features::open(settings, table)).map_err(told);
    let base = open(given.table(input))?;
    let mut again = |cutoff: Cutoff| -> Result<(Features, u64), String> {
        let mut perturbed = 0;
        let made = redo(&mut |file, from, to| {
            let outcomes = settings.outcomes.iter().filter(|outcomes| outcomes.file == file);
            for outcomes in outcomes {
                let input = TableAt { name: file, path: from, form: given.forms.of(file) };
                let perturb = || leakage::perturb(outcomes, input, to, cutoff);
                perturbed += behind_wall("leakage", given, perturb).map_err(told)?;
            }
            Ok(())
        })?;
        Ok((open(TableAt { path: &made, ..given.table(input) })?, perturbed))
    };
    let mut probes = Vec::new();
    let cutoffs = base.cutoffs(settings.cutoffs);
    if !cutoffs.is_empty() {
        let (same, _) = again(Cutoff::never(&base))?;
        leakage::control(settings, &base, &same, given).map_err(told)?;
    }
    for cutoff in cutoffs {
        let (other, perturbed) = again(cutoff)?;
        let moved = leakage::compare(&base, &other, cutoff).map_err(told)?;
        probes.push(Probe { cutoff, perturbed, moved });
    }
    leakage::report(settings, given, &probes).map_err(told)
}
