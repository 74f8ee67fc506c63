//! Stages that see the future, and one that does not.

use std::fs;

use insta::assert_snapshot;
use lockgate_contract::TableAt;
use lockgate_forms::TextForms;
use lockgate_kinds::{Kind, Leakage};

use super::{Desk, kind, said};
use crate::JudgeError;
use crate::leakage::{Cutoff, Features, Probe, compare, control, perturb, report};

const GATE: &str = "leakage: {stage: features, key: [id], time: day, outcomes: {matches.csv: [home, away]}, labels: [margin], cutoffs: 2}";

/// Games of one team, a pair of them a day.
fn matches() -> String {
    let row = |i: u32| format!("{i},2017-05-{:02},{},{}", i / 2 + 1, i * 7 % 5, i * 3 % 4);
    super::csv("id,day,home,away", (0..20).map(row))
}

struct Game {
    id: String,
    day: String,
    margin: f64,
}

fn games(text: &str) -> Vec<Game> {
    let game = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let goals = |at: usize| cells[at].parse::<f64>().expect("goals are numbers");
        Game { id: cells[0].to_owned(), day: cells[1].to_owned(), margin: goals(2) - goals(3) }
    };
    text.lines().skip(1).map(game).collect()
}

/// A stage that gives each game one feature, and its outcome as the label.
fn features(matches: &str, of: impl Fn(&[Game], usize) -> f64) -> String {
    let games = games(matches);
    let row = |at: usize| format!("{},{},{},{}", games[at].id, games[at].day, of(&games, at), games[at].margin);
    super::csv("id,day,form,margin", (0..games.len()).map(row))
}

fn settings() -> Leakage {
    let Kind::Leakage(settings) = kind(GATE) else { panic!("it is a leakage gate") };
    settings
}

/// Does what the engine does: judges a stage by running it on changed copies of its input.
fn probe(of: impl Fn(&[Game], usize) -> f64) -> Result<String, JudgeError> {
    let (desk, settings) = (Desk::new(), settings());
    let input = desk.file("matches.csv", matches());
    let base = desk.file("features.csv", features(&matches(), &of));
    let base = Features::open(&settings, TableAt::plain("features.csv", &base))?;
    let run = |cutoff: Cutoff| -> Result<(Features, u64), JudgeError> {
        let changed = desk.0.path().join("changed.csv");
        let input = TableAt::plain("matches.csv", &input);
        let perturbed = perturb(&settings.outcomes[0], input, &changed, cutoff)?;
        let made = features(&fs::read_to_string(&changed).unwrap(), &of);
        let made = desk.file(&format!("{cutoff}.csv"), made);
        Ok((Features::open(&settings, TableAt::plain("features.csv", &made))?, perturbed))
    };
    let (again, perturbed) = run(Cutoff::never(&base))?;
    assert_eq!(perturbed, 0);
    desk.given(&["features.csv"], &TextForms::default(), |given| control(&settings, &base, &again, given))?;
    let probe = |cutoff| {
        let (made, perturbed) = run(cutoff)?;
        Ok(Probe { cutoff, perturbed, moved: compare(&base, &made, cutoff)? })
    };
    let probes = base.cutoffs(settings.cutoffs).into_iter().map(probe).collect::<Result<Vec<_>, JudgeError>>()?;
    desk.given(&["features.csv"], &TextForms::default(), |given| Ok(said(&report(&settings, given, &probes)?)))
}

fn mean(games: &[Game]) -> f64 {
    games.iter().map(|game| game.margin).sum::<f64>() / games.len().max(1) as f64
}

#[test]
fn a_stage_that_only_looks_back_passes() {
    let earlier = |games: &[Game], at: usize| {
        let end = games.iter().position(|game| game.day == games[at].day).unwrap_or(0);
        mean(&games[..end])
    };
    assert_snapshot!(probe(earlier).unwrap(), @"
    pass
    pass features  unmoved up to 2017-05-04: 14 outcomes from 2017-05-04 on were changed, and 10 later cells moved with them [0 of 24]
    pass features  unmoved up to 2017-05-07: 8 outcomes from 2017-05-07 on were changed, and 6 later cells moved with them [0 of 42]
    = leaked cells: 0
    ");
}

#[test]
fn a_lost_shift_is_found_with_its_first_game() {
    assert_snapshot!(probe(|games, at| mean(&games[..=at])).unwrap(), @"
    fail
    fail features  unmoved up to 2017-05-04: 2 cells of 2 rows that are not later moved with them [2 of 24]
      (14 outcomes from 2017-05-04 on were changed)
      row 7, id 6, feature form, before 0.14285714285714285, after 0.2857142857142857
      row 8, id 7, feature form, before 0.5, after 0.375
    fail features  unmoved up to 2017-05-07: 2 cells of 2 rows that are not later moved with them [2 of 42]
      (8 outcomes from 2017-05-07 on were changed)
      row 13, id 12, feature form, before 0.6153846153846154, after 0.38461538461538464
      row 14, id 13, feature form, before 0.42857142857142855, after 0.5714285714285714
    = leaked cells: 4
    ");
}

#[test]
fn a_mean_of_the_whole_season_is_found() {
    assert_snapshot!(probe(|games, _| mean(games)).unwrap(), @"
    fail
    fail features  unmoved up to 2017-05-04: 8 cells of 8 rows that are not later moved with them [8 of 24]
      (14 outcomes from 2017-05-04 on were changed)
      row 1, id 0, feature form, before 0.5, after 1.1
      row 2, id 1, feature form, before 0.5, after 1.1
      row 3, id 2, feature form, before 0.5, after 1.1
      row 4, id 3, feature form, before 0.5, after 1.1
      row 5, id 4, feature form, before 0.5, after 1.1
    fail features  unmoved up to 2017-05-07: 14 cells of 14 rows that are not later moved with them [14 of 42]
      (8 outcomes from 2017-05-07 on were changed)
      row 1, id 0, feature form, before 0.5, after 0.85
      row 2, id 1, feature form, before 0.5, after 0.85
      row 3, id 2, feature form, before 0.5, after 0.85
      row 4, id 3, feature form, before 0.5, after 0.85
      row 5, id 4, feature form, before 0.5, after 0.85
    = leaked cells: 22
    ");
}

#[test]
fn a_stage_that_reads_no_outcome_is_inconclusive() {
    assert_snapshot!(probe(|_, at| f64::from(u32::try_from(at).unwrap())).unwrap(), @"
    inconclusive
    inconclusive features  unmoved up to 2017-05-04: 14 outcomes from 2017-05-04 on were changed, and no feature moved, not even later ones: declare the `outcomes` that stage `features` reads [0 of 24]
    inconclusive features  unmoved up to 2017-05-07: 8 outcomes from 2017-05-07 on were changed, and no feature moved, not even later ones: declare the `outcomes` that stage `features` reads [0 of 42]
    = leaked cells: 0
    ");
}

#[test]
fn a_stage_that_gives_other_features_each_time_is_an_error() {
    let calls = std::cell::Cell::new(0.0);
    let count = |_: &[Game], _: usize| {
        calls.set(calls.get() + 1.0);
        calls.get()
    };
    assert_snapshot!(probe(count).unwrap_err(), @"stage `features` gives other features when it runs again on the same inputs: `form` of 0 was 1 and is 21 at pipeline.yaml:7; make it deterministic (seeds, order, the clock), or its leaks cannot be told from chance");
}

#[test]
fn without_a_probe_nothing_is_known() {
    let desk = Desk::new();
    desk.file("features.csv", "id,day,form\n1,2017-05-01,0.5\n");
    assert_snapshot!(desk.said(GATE, &["features.csv"]), @"
    inconclusive
    inconclusive features  unmoved by the future: `day` has not two different times, so there is no cutoff; needs rows before and after one [0 of 0]
    = leaked cells: 0
    ");
}

#[test]
fn a_row_that_vanishes_has_moved() {
    let (desk, settings) = (Desk::new(), settings());
    let open = |name: &str, text: &str| {
        let path = desk.file(name, text);
        Features::open(&settings, TableAt::plain(name, &path)).unwrap()
    };
    let base = open("a.csv", "id,day,form\n1,2017-05-01,\n2,2017-05-02,1\n3,2017-05-03,2\n");
    let other = open("b.csv", "id,day,form\n3,2017-05-03,2\n1,2017-05-01,0\n");
    let moved = compare(&base, &other, base.cutoffs(9)[1]).unwrap();
    assert_eq!((moved.leaked, moved.leaked_rows, moved.later), (4, 2, 0));
    assert_eq!(moved.first[0].after.as_deref(), Some("0"));
}
