//! Parameters and metrics, compared between revisions of git.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// A stage with a parameter and two metrics, of which git is to have one and the store the other.
const SCORE: &str = "\
stages:
  score:
    cmd: |
      printf '{\"brier\": %s, \"by\": {\"home\": 0.25}, \"rows\": 100}' ${lr} > score.json
      printf 'deep: {auc: %s}' ${lr} > kept.yaml
    params: [lr]
    metrics:
    - score.json: {cache: false}
    - kept.yaml
";

/// Two commits, `v1` and the present one, and a third state in the workspace.
fn history() -> Sandbox {
    let project = Sandbox::of(SCORE);
    project.git("init -q");
    project.write(".gitignore", ".lockgate\nkept.yaml\n");
    for (lr, name) in [("0.1", "v1"), ("0.2", "v2")] {
        project.write("params.yaml", &format!("lr: {lr}\nseed: 7\nlayers: [8, 4]\n"));
        assert_eq!(project.lockgate("repro").code, 0);
        project.git("add .");
        project.git("commit -q -m state");
        project.git(&format!("tag -a -m about {name}"));
    }
    project.write("params.yaml", "lr: 0.4\nlayers: [8, 2]\nnew: {on: true}\n");
    assert_eq!(project.lockgate("repro").code, 0);
    project
}

#[test]
fn params_are_compared_with_git() {
    let project = history();
    assert_snapshot!(project.lockgate("params diff"), @"
    Path         Param   HEAD    workspace
    params.yaml  layers  [8, 4]  [8, 2]
    params.yaml  lr      0.2     0.4
    params.yaml  new.on  -       true
    params.yaml  seed    7       -
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("params diff v1 HEAD"), @"
    Path         Param  v1   HEAD
    params.yaml  lr     0.1  0.2
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("params diff v1 workspace --md --no-path"), @"
    | Param   | v1     | workspace   |
    |---------|--------|-------------|
    | layers  | [8, 4] | [8, 2]      |
    | lr      | 0.1    | 0.4         |
    | new.on  | -      | true        |
    | seed    | 7      | -           |

    --- exit 0
    ");
    assert_snapshot!(project.lockgate("params diff --deps --all --json"), @r#"
    {
      "params.yaml": {
        "lr": {
          "old": 0.2,
          "new": 0.4,
          "diff": 0.2
        }
      }
    }
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("params diff HEAD v2"), @"
    --- stderr
    no value differs
    --- exit 0
    ");
}

#[test]
fn files_of_vars_and_of_the_top_level_count_as_parameters() {
    let project = Sandbox::of("vars: [v.yaml]\nparams: [p.toml]\nstages:\n  s: {cmd: 'true ${n}'}\n");
    project.write("v.yaml", "n: 1\nunused: 2\n");
    project.write("p.toml", "[a]\nb = 1\n");
    project.git("init -q");
    project.git("add .");
    project.git("commit -q -m one");
    project.write("v.yaml", "n: 3\nunused: 2\n");
    project.write("p.toml", "[a]\nb = 2.5\n");
    project.write("other.json", "{\"x\": 1}");
    assert_snapshot!(project.lockgate("params diff"), @"
    Path    Param  HEAD  workspace
    p.toml  a.b    1     2.5
    v.yaml  n      1     3
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("params diff --targets other.json p.toml"), @"
    Path        Param  HEAD  workspace
    other.json  x      -     1
    p.toml      a.b    1     2.5
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("params diff --deps"), @"
    --- stderr
    no value differs
    --- exit 0
    ");
}

#[test]
fn metrics_of_revisions_come_from_git_and_from_the_store() {
    let project = history();
    assert_snapshot!(project.lockgate("metrics show"), @"
    Path        brier  by.home  deep.auc  rows
    kept.yaml   -      -        0.4       -
    score.json  0.4    0.25     -         100
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics show -T"), @"
    Revision   Path        brier  by.home  deep.auc  rows
    workspace  kept.yaml   -      -        0.4       -
    workspace  score.json  0.4    0.25     -         100
    v1         kept.yaml   -      -        0.1       -
    v1         score.json  0.1    0.25     -         100
    v2         kept.yaml   -      -        0.2       -
    v2         score.json  0.2    0.25     -         100
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics show -a --md"), @"
    | Revision   | Path       | brier   | by.home   | deep.auc   | rows   |
    |------------|------------|---------|-----------|------------|--------|
    | workspace  | kept.yaml  | -       | -         | 0.4        | -      |
    | workspace  | score.json | 0.4     | 0.25      | -          | 100    |
    | main       | kept.yaml  | -       | -         | 0.2        | -      |
    | main       | score.json | 0.2     | 0.25      | -          | 100    |

    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics show --rev v1 score.json --json"), @r#"
    {
      "workspace": {
        "data": {
          "score.json": {
            "data": {
              "brier": 0.4,
              "by": {
                "home": 0.25
              },
              "rows": 100
            }
          }
        }
      },
      "v1": {
        "data": {
          "score.json": {
            "data": {
              "brier": 0.1,
              "by": {
                "home": 0.25
              },
              "rows": 100
            }
          }
        }
      }
    }
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("metrics diff"), @"
    Path        Metric    HEAD  workspace  Change
    kept.yaml   deep.auc  0.2   0.4        0.2
    score.json  brier     0.2   0.4        0.2
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics diff v1 v2 --all --precision 1"), @"
    Path        Metric    v1   v2   Change
    kept.yaml   deep.auc  0.1  0.2  0.1
    score.json  brier     0.1  0.2  0.1
    score.json  by.home   0.2  0.2  0.0
    score.json  rows      100  100  0
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics diff --targets kept.yaml --json"), @r#"
    {
      "kept.yaml": {
        "deep.auc": {
          "old": 0.2,
          "new": 0.4,
          "diff": 0.2
        }
      }
    }
    --- exit 0
    "#);
    assert_eq!(project.lockgate("metrics show -A").stdout.lines().count(), 7);
}

#[test]
fn the_workspace_is_not_shown_twice() {
    let project = history();
    project.git("commit -q -a -m three");
    assert_snapshot!(project.lockgate("metrics show -a"), @"
    Revision  Path        brier  by.home  deep.auc  rows
    main      kept.yaml   -      -        0.4       -
    main      score.json  0.4    0.25     -         100
    --- exit 0
    ");
}

#[test]
fn what_the_store_has_lost_is_told_and_the_rest_is_shown() {
    let project = history();
    project.lockgate("gc -w -f");
    assert_snapshot!(project.lockgate("metrics diff v1"), @"
    Path        Metric  v1   workspace  Change
    score.json  brier   0.1  0.4        0.3
    --- stderr
    warning: `kept.yaml` of v1 cannot be used: it was file 190863bdf2, which the store does not have
      help: check that revision out and run `lockgate repro` there to have it again
    --- exit 0
    ");
    project.remove("kept.yaml");
    assert_snapshot!(project.lockgate("metrics show"), @"
    Path        brier  by.home  deep.auc  rows
    kept.yaml   -      -        0.4       -
    score.json  0.4    0.25     -         100
    --- exit 0
    ");
}

#[test]
fn a_revision_with_another_pipeline_is_asked_by_its_own() {
    let project = Sandbox::empty();
    project.git("init -q");
    project.write("dvc.yaml", "metrics: [old.json]\n");
    project.write("old.json", "{\"x\": 1}");
    project.write("new.json", "{\"y\": 1}");
    project.git("add .");
    project.git("commit -q -m dvc");
    project.write("dvc.yaml", "metrics: [\n");
    project.git("commit -q -a -m broken");
    project.git("rm -q dvc.yaml");
    project.write("pipeline.yaml", "metrics: [new.json]\nstages: {}\n");
    assert_snapshot!(project.lockgate("metrics show --rev HEAD --rev HEAD~1"), @"
    Revision   Path      x  y
    workspace  new.json  -  1
    HEAD       new.json  -  1
    HEAD~1     old.json  1  -
    --- stderr
    warning: `dvc.yaml` of HEAD cannot be used: it has mistakes
      help: the files that the workspace declares are looked for in its place
    --- exit 0
    ");
}

#[test]
fn all_files_of_a_dvc_project_are_looked_at() {
    let project = Sandbox::empty();
    for folder in ["a", "b/c"] {
        project.write(&format!("{folder}/dvc.yaml"), "metrics: [m.json]\nplots: [same: {y: {p.json: v}}]\n");
        project.write(&format!("{folder}/params.yaml"), "lr: 1\n");
        project.write(&format!("{folder}/m.json"), "{\"x\": 1}");
        project.write(&format!("{folder}/p.json"), "[{\"v\": 1}]");
    }
    project.write(".dvc/config", "");
    project.git("init -q");
    project.git("add .");
    project.git("commit -q -m one");
    for folder in ["a", "b/c"] {
        project.write(&format!("{folder}/params.yaml"), "lr: 2\n");
        project.write(&format!("{folder}/m.json"), "{\"x\": 2}");
    }
    assert_snapshot!(project.lockgate("params diff"), @"
    Path             Param  HEAD  workspace
    a/params.yaml    lr     1     2
    b/c/params.yaml  lr     1     2
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("-C b metrics diff"), @"
    Path         Metric  HEAD  workspace  Change
    ../a/m.json  x       1     2          1
    c/m.json     x       1     2          1
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("plots show"), @"
    file://DIR/dvc_plots/index.html
    --- exit 0
    ");
    let plots: serde_json::Value =
        serde_json::from_str(&project.lockgate("plots diff --json").stdout).expect("it is JSON");
    let names: Vec<&String> = plots["data"].as_object().expect("a mapping").keys().collect();
    assert_eq!(names, ["a/dvc.yaml::same", "b/c/dvc.yaml::same"]);
}

#[test]
fn a_metric_that_nothing_makes_is_told_with_the_place_that_names_it() {
    let project = Sandbox::empty();
    project.write("dvc.yaml", "metrics: [z.json, t.json,\n  d/m.json]\nstages: {s: {cmd: mkdir d, outs: [d]}}\n");
    project.write("sub/dvc.yaml", "stages: {}\nmetrics:\n- ../y.json\n- x.json\n");
    project.write("t.json.dvc", "outs:\n- md5: 5bbf5a52328e7439ae6e719dfe712200\n  hash: md5\n  path: t.json\n");
    assert_snapshot!(project.lockgate("metrics show").stderr, @"
    `d/m.json` is not there: `lockgate repro` makes it
    `sub/x.json` is not there: no stage makes it, and `sub/dvc.yaml:4` names it
    `t.json` is not there: `lockgate checkout t.json.dvc` puts it in place
    `y.json` is not there: no stage makes it, and `sub/dvc.yaml:3` names it
    `z.json` is not there: no stage makes it, and `dvc.yaml:1` names it
    ");
}

#[test]
fn a_metric_that_is_not_made_yet_is_told() {
    let project = Sandbox::of(SCORE);
    project.write("params.yaml", "lr: 0.1\n");
    assert_snapshot!(project.lockgate("metrics show"), @"
    --- stderr
    `kept.yaml` is not there: `lockgate repro` makes it
    `score.json` is not there: `lockgate repro` makes it
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics show --json"), @r#"
    {
      "": {
        "data": {
          "kept.yaml": {
            "error": {
              "type": "absent",
              "msg": "it is not there"
            }
          },
          "score.json": {
            "error": {
              "type": "absent",
              "msg": "it is not there"
            }
          }
        }
      }
    }
    --- stderr
    `kept.yaml` is not there: `lockgate repro` makes it
    `score.json` is not there: `lockgate repro` makes it
    --- exit 0
    "#);
    assert_snapshot!(Sandbox::of("stages: {}\n").lockgate("metrics show"), @"
    --- stderr
    the pipeline declares no metrics
    --- exit 0
    ");
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let project = history();
    project.write("score.json", "{\"brier\": 0.1,}");
    assert_snapshot!(project.lockgate("metrics diff"), @r#"
    Path       Metric    HEAD  workspace  Change
    kept.yaml  deep.auc  0.2   0.4        0.2
    --- stderr
    error: `score.json` is not valid JSON: trailing comma
       ╭─[score.json:1:15]
     1 │ {"brier": 0.1,}
       ·               ┬
       ·               ╰── here
       ╰────
      help: correct it at the mark
    --- exit 3
    "#);
}

#[test]
fn values_of_python_that_are_no_json_are_shown() {
    let project = Sandbox::of("metrics: [m.json]\nstages: {}\n");
    project.write("m.json", "{\"loss\": NaN, \"best\": -Infinity, \"tiny\": 1.25e-7}");
    assert_snapshot!(project.lockgate("metrics show"), @"
    Path    best       loss  tiny
    m.json  -Infinity  NaN   1.25e-7
    --- exit 0
    ");
}

#[test]
fn more_metrics_than_the_screen_has_room_for_stand_below_one_another() {
    let project = history();
    let output = project.finish(project.command("metrics show -T").env("COLUMNS", "40"));
    assert_snapshot!(output, @"
    Revision   Path        Metric    Value
    workspace  kept.yaml   deep.auc  0.4
    workspace  score.json  brier     0.4
    workspace  score.json  by.home   0.25
    workspace  score.json  rows      100
    v1         kept.yaml   deep.auc  0.1
    v1         score.json  brier     0.1
    v1         score.json  by.home   0.25
    v1         score.json  rows      100
    v2         kept.yaml   deep.auc  0.2
    v2         score.json  brier     0.2
    v2         score.json  by.home   0.25
    v2         score.json  rows      100
    --- exit 0
    ");
}

#[test]
fn folders_are_taken_when_it_is_said() {
    let project = Sandbox::of("stages: {}\n");
    project.write("reports/a.json", "{\"x\": 1}");
    project.write("reports/deep/b.yaml", "y: 2\n");
    project.write("reports/notes.txt", "none");
    assert_snapshot!(project.lockgate("metrics show reports"), @"
    --- stderr
    error: `reports` is a folder
      help: name a file; `metrics show` and `metrics diff` take the files of a folder with `-R`
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("metrics show reports -R"), @"
    Path                 x  y
    reports/a.json       1  -
    reports/deep/b.yaml  -  2
    --- exit 0
    ");
    assert_snapshot!(project.finish(project.command("metrics show a.json").current_dir(project.path().join("reports"))), @"
    Path    x
    a.json  1
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("metrics show nope.json"), @"
    --- stderr
    error: there is no `nope.json` to be shown
      help: name a file that is there, or none for all that the pipeline declares
    --- exit 2
    ");
}

#[test]
fn without_git_or_a_revision_the_next_step_is_told() {
    let project = Sandbox::of(SCORE);
    project.write("params.yaml", "lr: 0.1\n");
    assert_snapshot!(project.lockgate("params diff"), @"
    --- stderr
    error: this project is not in a git repository
      help: `git init` makes it one; values are compared with what git has
    --- exit 2
    ");
    project.git("init -q");
    assert_snapshot!(project.lockgate("params diff"), @"
    --- stderr
    error: git has no commit of this project yet
      help: `git commit` makes the first one; values are compared with it from then on
    --- exit 2
    ");
    project.git("add .");
    project.git("commit -q -m one");
    let foreign = project.finish(project.command("params diff").env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"));
    assert!(foreign.stderr.contains("git config --global --add safe.directory") && foreign.code == 2, "{foreign}");
    assert_snapshot!(project.lockgate("params diff nope"), @"
    --- stderr
    error: git knows no revision `nope` of this project
      help: name a commit, a branch or a tag; `git log --oneline` lists commits
    --- exit 2
    ");
    assert_snapshot!(project.finish(project.command("metrics show -a").env("PATH", "/nowhere")), @"
    --- stderr
    error: `git` cannot be started: No such file or directory (os error 2)
      help: install git; values are compared with what it has
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("metrics show --md --json"), @"
    --- stderr
    error: the argument '--md' cannot be used with '--json'

    Usage: lockgate metrics show --md [TARGET]...

    For more information, try '--help'.
    --- exit 2
    ");
}

#[test]
fn a_project_below_the_root_of_a_repository_is_found_in_it() {
    let project = Sandbox::empty();
    project.write("sub/pipeline.yaml", "metrics: [m.json, far.json]\nstages: {}\n");
    project.write("sub/m.json", "{\"x\": 1}");
    std::os::unix::fs::symlink("../far.json", project.path().join("sub/far.json")).expect("a link can be made");
    project.write("far.json", "{\"y\": 1}");
    project.git("init -q");
    project.git("add .");
    project.git("commit -q -m one");
    project.write("sub/m.json", "{\"x\": 2}");
    project.write("far.json", "{\"y\": 3}");
    // As in a hook of git, which says from elsewhere where the repository is.
    let in_hook = project.finish(project.command("-C sub metrics diff").env("GIT_DIR", ".git"));
    assert_eq!(in_hook.to_string(), project.lockgate("-C sub metrics diff").to_string());
    assert_snapshot!(in_hook, @"
    Path      Metric  HEAD  workspace  Change
    far.json  y       1     3          2
    m.json    x       1     2          1
    --- exit 0
    ");
}
