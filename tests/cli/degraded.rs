//! Data that did not pass and goes on as degraded, and stages that wait for what a gate says.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const BETS: &str = "stages:
  is_fresh:
    gate: {data: odds.csv, command: grep -q fresh odds.csv, on_fail: degrade}
  predict:
    cmd: echo \"predicted $(cat odds.csv) degraded=$LOCKGATE_DEGRADED\" > predictions.txt
    deps: [odds.csv]
    outs: [predictions.txt]
  report:
    cmd: cp predictions.txt report.txt
    deps: [predictions.txt]
    outs: [report.txt]
  bet:
    cmd: cp predictions.txt bets.txt
    deps: [predictions.txt]
    outs: [bets.txt]
    degraded: skip
";

#[test]
fn degraded_inputs_mark_all_that_is_made_of_them_and_what_must_not_use_them_stands_aside() {
    let project = Sandbox::of(BETS);
    project.write("odds.csv", "fresh\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ is_fresh  pass TIME exit status 0
    ✓ predict   ran TIME
    ✓ report    ran TIME
    ✓ bet       ran TIME
    ✓ done: 4 ran in TIME
    --- exit 0
    ");
    project.write("odds.csv", "stale\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ! is_fresh  warn TIME what is made of it is degraded, until the data is mended and this gate passes
    ! predict   ran TIME degraded by `is_fresh`
    ! bet       blocked             its inputs are degraded by `is_fresh`, and it says `degraded: skip`
    ! report    ran TIME degraded by `is_fresh`

    ! gate is_fresh  WARN  odds.csv  (file 496254544f) TIME

      grep -q fresh odds.csv  exit status 1

      note      what is made of it is degraded, until the data is mended and this gate passes

    ! done, degraded: 1 blocked, 3 ran, 2 of them degraded in TIME
    --- exit 0
    ");
    assert_eq!(project.read("report.txt"), "predicted stale degraded=is_fresh\n");
    assert_eq!(project.read("bets.txt"), "predicted fresh degraded=\n");
    assert_snapshot!(project.lockgate("status"), @"
    task      decision  because
    is_fresh  fresh     degraded by `is_fresh`
    predict   fresh     degraded by `is_fresh`
    report    fresh     degraded by `is_fresh`
    bet       blocked   its inputs are degraded by `is_fresh`, and it says `degraded: skip`
    --- stderr
    degraded until `is_fresh` passes: `lockgate gate show is_fresh` says why
    1 blocked, 3 fresh
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ! is_fresh  warn                what is made of it is degraded, until the data is mended and this gate passes
    ! predict   fresh               degraded by `is_fresh`
    ! bet       blocked             its inputs are degraded by `is_fresh`, and it says `degraded: skip`
    ! report    fresh               degraded by `is_fresh`

    ! gate is_fresh  WARN  odds.csv  (file 496254544f)  judged before, unchanged

      grep -q fresh odds.csv  exit status 1

      note      what is made of it is degraded, until the data is mended and this gate passes

    ! done, degraded: 1 blocked, 3 fresh, 2 of them degraded in TIME
    --- exit 0
    ");
    let lock = project.read("pipeline.lock");
    assert_eq!(lock.matches("    degraded:\n      - is_fresh\n").count(), 2, "{lock}");
    project.write("odds.csv", "fresh\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    · is_fresh  fresh               pass
    ✓ predict   restored TIME
    · bet       fresh
    ✓ report    restored TIME
    ✓ done: 2 restored, 2 fresh in TIME
    --- exit 0
    ");
    assert_eq!(project.read("bets.txt"), "predicted fresh degraded=\n");
}

const BY_A_REFERENCE: &str = "stages:
  is_fresh:
    gate: {data: odds.csv, command: grep -q fresh odds.csv, on_fail: degrade}
  baseline:
    cmd: cp odds.csv baseline.txt
    deps: [odds.csv]
    outs: [baseline.txt]
  like_baseline:
    gate: {data: games.csv, command: test -s baseline.txt}
    deps: [baseline.txt]
  train:
    cmd: cp games.csv model.txt
    deps: [games.csv]
    outs: [model.txt]
  model_is_whole:
    gate: {data: model.txt, command: test -s model.txt}
  bet:
    cmd: 'true'
    needs: [model_is_whole]
    degraded: skip
";

#[test]
fn a_gate_that_judges_by_what_is_degraded_hands_that_on() {
    let project = Sandbox::of(BY_A_REFERENCE);
    project.write("odds.csv", "fresh\n");
    project.write("games.csv", "1\n");
    project.lockgate("repro -q");
    project.write("odds.csv", "stale\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ! is_fresh        warn TIME what is made of it is degraded, until the data is mended and this gate passes
    ! baseline        ran TIME degraded by `is_fresh`
    ✓ like_baseline   pass TIME exit status 0
    · model_is_whole  fresh               pass
    ! train           ran TIME degraded by `is_fresh`
    ! bet             blocked             its inputs are degraded by `is_fresh`, and it says `degraded: skip`

    ! gate is_fresh  WARN  odds.csv  (file 496254544f) TIME

      grep -q fresh odds.csv  exit status 1

      note      what is made of it is degraded, until the data is mended and this gate passes

    ! done, degraded: 1 blocked, 4 ran, 1 fresh, 2 of them degraded in TIME
    --- exit 0
    ");
    let lock = project.read("pipeline.lock");
    assert_eq!(lock.matches("    degraded:\n      - is_fresh\n").count(), 2, "{lock}");
    assert_snapshot!(project.lockgate("status"), @"
    task            decision  because
    is_fresh        fresh     degraded by `is_fresh`
    baseline        fresh     degraded by `is_fresh`
    like_baseline   fresh     degraded by `is_fresh`
    train           fresh     degraded by `is_fresh`
    model_is_whole  fresh     degraded by `is_fresh`
    bet             blocked   its inputs are degraded by `is_fresh`, and it says `degraded: skip`
    --- stderr
    degraded until `is_fresh` passes: `lockgate gate show is_fresh` says why
    1 blocked, 5 fresh
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -s train"), @"
    --- stderr
    ! is_fresh        warn                what is made of it is degraded, until the data is mended and this gate passes
    · like_baseline   fresh               pass
    · model_is_whole  fresh               pass
    ! train           fresh               degraded by `is_fresh`

    ! gate is_fresh  WARN  odds.csv  (file 496254544f)  judged before, unchanged

      grep -q fresh odds.csv  exit status 1

      note      what is made of it is degraded, until the data is mended and this gate passes

    ! done, degraded: 4 fresh, 1 of them degraded in TIME
    --- exit 0
    ");
}

const RETRAIN: &str = "stages:
  drift:
    gate: {data: week.csv, command: test \"$(cat week.csv)\" -lt 10, on_fail: warn}
  train:
    cmd: cp week.csv model.txt
    deps: [week.csv]
    outs: [model.txt]
    when: {gate: drift, state: fail, consecutive: 2}
  predict:
    cmd: cat model.txt week.csv > predictions.txt
    deps: [model.txt, week.csv]
    outs: [predictions.txt]
";

#[test]
fn a_stage_with_a_condition_waits_for_what_the_gate_says_twice_in_a_row() {
    let project = Sandbox::of(RETRAIN);
    let week = |value: &str| {
        project.write("week.csv", value);
        project.lockgate("repro -q");
        project.read("model.txt").trim().to_owned()
    };
    assert_eq!(week("1"), "1", "it was never trained");
    assert_eq!(week("2"), "1");
    assert_eq!(week("20"), "1", "once is not twice");
    assert_eq!(week("3"), "1");
    assert_eq!(week("30"), "1");
    assert_eq!(week("30"), "1", "the same data again says nothing new");
    assert_snapshot!(project.lockgate("status"), @"
    task     decision  because
    drift    fresh
    train    held      waits until gate `drift` says fail 2 times in a row; last: pass, fail
    predict  fresh
    --- stderr
    everything is fresh: 3 tasks
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("explain train"), @"
    train  is held: it waits until gate `drift` says fail 2 times in a row; last: pass, fail

    the key of its last success, 93b2101111, covers
      kind of work     stage
      command          `cp week.csv model.txt`
      working folder   `.`
      dep `week.csv`   file d63bd9a826
      out `model.txt`  out
    --- exit 0
    ");
    project.write("week.csv", "40");
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    ! drift     warn TIME fail, let through by `on_fail: warn`: exit status 1
    ✓ train     ran TIME
    ✓ predict   ran TIME

    ! gate drift  WARN  week.csv  (file f1065412f2) TIME

      test "$(cat week.csv)" -lt 10  exit status 1


    ✓ done: 3 ran in TIME
    --- exit 0
    "#);
    assert_eq!(project.read("model.txt"), "40");
    let lock = project.read("pipeline.lock");
    assert_snapshot!(lock.split("history:").nth(1).unwrap_or_default(), @"

    drift:
      - {verdict: pass, data: ed1b1c503fe55b83}
      - {verdict: pass, data: b0fba8ea14a2f162}
      - {verdict: fail, data: a5bff88a9ca571b0}
      - {verdict: pass, data: 26795864570e867d}
      - {verdict: fail, data: b99acd693492b932}
      - {verdict: fail, data: 406dbb21b22fee38}
    ");
}

#[test]
fn mistakes_in_conditions_are_shown_in_their_place() {
    let project = Sandbox::empty();
    let stage = |name: &str, rest: &str| format!("  {name}:\n    cmd: 'true'\n    outs: [{name}.txt]\n{rest}");
    let stages = [
        stage("a", "    when: {gate: drif, state: fail}\n"),
        stage("b", "    when: {gate: drift, state: failed, consecutive: 11}\n"),
        stage("c", "    when: {state: fail}\n    degraded: never\n"),
    ];
    let gate = "  drift:\n    gate: {data: x.csv, command: 'true'}\n    when: {gate: drift, state: fail}\n";
    project.write("x.csv", "");
    project.write("pipeline.yaml", &format!("stages:\n{gate}{}", stages.concat()));
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: gate `drift` cannot have `when`
       ╭─[pipeline.yaml:4:5]
     3 │     gate: {data: x.csv, command: 'true'}
     4 │     when: {gate: drift, state: fail}
       ·     ──┬─
       ·       ╰── belongs to stages
     5 │   a:
       ╰────
      help: a gate judges whatever its data is; put the condition on a stage

    error: `when` of stage `a` names `drif`, which is no gate
       ╭─[pipeline.yaml:8:18]
     7 │     outs: [a.txt]
     8 │     when: {gate: drif, state: fail}
       ·                  ──┬─
       ·                    ╰── here
     9 │   b:
       ╰────
      help: did you mean `drift`?

    error: `failed` is no state of a verdict
        ╭─[pipeline.yaml:12:32]
     11 │     outs: [b.txt]
     12 │     when: {gate: drift, state: failed, consecutive: 11}
        ·                                ───┬──
        ·                                   ╰── here
     13 │   c:
        ╰────
      help: did you mean `fail`?

    error: `consecutive` of `when` of stage `b` is not a number from 1 to 10
        ╭─[pipeline.yaml:12:53]
     11 │     outs: [b.txt]
     12 │     when: {gate: drift, state: failed, consecutive: 11}
        ·                                                     ─┬
        ·                                                      ╰── here
     13 │   c:
        ╰────
      help: the lock keeps the last 10 verdicts of a gate

    error: `when` of stage `c` has no `gate`
        ╭─[pipeline.yaml:16:11]
     15 │     outs: [c.txt]
     16 │     when: {state: fail}
        ·           ┬
        ·           ╰── here
     17 │     degraded: never
        ╰────
      help: write it as `{gate: no_drift, state: fail, consecutive: 2}`

    error: `degraded` of stage `c` is `never`
        ╭─[pipeline.yaml:17:15]
     16 │     when: {state: fail}
     17 │     degraded: never
        ·               ──┬──
        ·                 ╰── here
        ╰────
      help: write `run` (as without it), or `skip` to stand aside while an input is degraded
    --- exit 3
    ");
}
