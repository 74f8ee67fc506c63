//! Plots: on the terminal, as vega-lite and as a page.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// A stage with a plot that git has and one that only the store has, and plots of the top level.
const TRAIN: &str = "\
stages:
  train:
    cmd: cp src.csv loss.csv; cp src.csv kept.csv
    deps: [src.csv]
    plots:
    - loss.csv: {cache: false, x: step, y: loss, title: Loss}
    - kept.csv:
      - {x: step, y: accuracy}
      - {x: loss, y: accuracy, template: scatter}
plots:
- both:
    x: step
    y: {loss.csv: [loss, accuracy]}
- pairs.json: {template: confusion, x: actual, y: predicted}
- pictures
";

fn project() -> Sandbox {
    let project = Sandbox::of(TRAIN);
    project.write("src.csv", "step,loss,accuracy\n0,1.0,0.1\n10,0.5,0.6\n20,0.25,0.7\n");
    project
        .write("pairs.json", "[{\"actual\": \"a\", \"predicted\": \"b\"}, {\"actual\": \"a\", \"predicted\": \"a\"}]");
    project.write("pictures/one.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    project.write("pictures/notes.txt", "not drawn");
    assert_eq!(project.lockgate("repro").code, 0);
    project
}

/// One commit, and a workspace in which the losses are smaller.
fn history() -> Sandbox {
    let project = project();
    project.git("init -q");
    project.write(".gitignore", ".lockgate\nkept.csv\n");
    project.git("add .");
    project.git("commit -q -m one");
    project.write("src.csv", "step,loss,accuracy\n0,0.8,0.1\n10,0.3,0.7\n20,0.1,0.9\n");
    assert_eq!(project.lockgate("repro").code, 0);
    project
}

#[test]
fn plots_are_drawn_in_characters() {
    let project = project();
    let output = project.finish(project.command("plots show --text").env("COLUMNS", "60"));
    assert_snapshot!(output, @r"
    both
    y
       1 │**
         │  ****
         │      ***
         │         ***
         │            ****
         │                ***                     ++++++++++++++
         │                   ***    ++++++++++++++
    0.55 │                      ++++
         │                   +++    *****
         │                +++            ******
         │            ++++                     *******
         │         +++                                ******
         │      +++                                         ****
         │  ++++
     0.1 │++
         └──────────────────────────────────────────────────────
          0                       step                        20
      * loss
      + accuracy

    pairs.json
    predicted \ actual  a
    a                   1
    b                   1

    pictures/one.svg: on the page only

    Loss
    loss
        1 │⠑⠢⡀
          │  ⠈⠑⢄⡀
          │     ⠈⠢⢄
          │        ⠑⠢⣀
          │           ⠑⠤⡀
          │             ⠈⠒⢄
          │                ⠉⠢⢄
    0.625 │                   ⠑⠢⡀
          │                     ⠈⠑⢄⡀
          │                        ⠈⠢⢄⡀
          │                           ⠈⠑⠒⠤⢄⡀
          │                                ⠈⠉⠒⠤⢄⣀
          │                                      ⠉⠒⠢⢄⣀
          │                                           ⠉⠑⠢⠤⣀
     0.25 │                                                ⠉⠑⠒⠤⣀
          └─────────────────────────────────────────────────────
           0                       step                       20

    kept.csv
    accuracy
    0.7 │                                             ⢀⣀⣀⠤⠤⠔⠒⠒⠊⠉
        │                                  ⢀⣀⣀⠤⠤⠤⠒⠒⠊⠉⠉⠁
        │                           ⡠⠤⠒⠒⠒⠉⠉⠁
        │                        ⢀⠤⠊
        │                      ⢀⠔⠁
        │                    ⡠⠔⠁
        │                  ⡠⠊
    0.4 │               ⢀⠤⠊
        │             ⢀⠔⠁
        │           ⣀⠔⠁
        │         ⡠⠊
        │      ⢀⡠⠊
        │    ⢀⠔⠁
        │  ⣀⠔⠁
    0.1 │⡠⠊
        └───────────────────────────────────────────────────────
         0                        step                        20

    kept.csv (2)
    accuracy
    0.7 │⠁
        │
        │                  ⠄
        │
        │
        │
        │
    0.4 │
        │
        │
        │
        │
        │
        │
    0.1 │                                                      ⢀
        └───────────────────────────────────────────────────────
         0.25                       loss                       1

    --- exit 0
    ");
}

#[test]
fn revisions_are_drawn_over_one_another() {
    let project = history();
    let output = project.finish(project.command("plots diff --text --targets loss.csv").env("COLUMNS", "50"));
    assert_snapshot!(output, @"
    Loss
    loss
       1 │++
         │  +++
         │     ++
         │**     +++
         │  ***     +++
         │     **      +++
         │       ***      ++
    0.55 │          ***     +++
         │             ***     ++++
         │                **       +++++
         │                  ***         ++++++
         │                     *****          +++++
         │                          *******        +++
         │                                 *******
     0.1 │                                        ****
         └────────────────────────────────────────────
          0                  step                   20
      * workspace
      + HEAD

    --- exit 0
    ");
    let kept = project.lockgate("plots diff HEAD workspace --targets kept.csv --json");
    let kept: serde_json::Value = serde_json::from_str(&kept.stdout).expect("it is JSON");
    assert_eq!(kept["data"]["kept.csv"][0]["revisions"], serde_json::json!(["HEAD", "workspace"]));
    let plots: Vec<&String> = kept["data"].as_object().expect("a mapping").keys().collect();
    assert_eq!(plots, ["kept.csv", "kept.csv (2)"]);
}

#[test]
fn one_plot_is_printed_as_vega_lite() {
    let project = project();
    assert_snapshot!(project.lockgate("plots show loss.csv --show-vega -t simple --title T --x-label X -y accuracy"), @r##"
    {
      "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
      "data": {
        "values": [
          {
            "step": 0,
            "loss": 1.0,
            "accuracy": 0.1,
            "rev": "workspace"
          },
          {
            "step": 10,
            "loss": 0.5,
            "accuracy": 0.6,
            "rev": "workspace"
          },
          {
            "step": 20,
            "loss": 0.25,
            "accuracy": 0.7,
            "rev": "workspace"
          }
        ]
      },
      "title": {
        "text": "T",
        "anchor": "middle"
      },
      "width": 300,
      "height": 300,
      "params": [
        {
          "name": "grid",
          "select": "interval",
          "bind": "scales"
        }
      ],
      "mark": {
        "type": "line",
        "tooltip": {
          "content": "data"
        }
      },
      "encoding": {
        "x": {
          "field": "step",
          "type": "quantitative",
          "title": "X"
        },
        "y": {
          "field": "accuracy",
          "type": "quantitative",
          "title": "accuracy",
          "scale": {
            "zero": false
          }
        },
        "color": {
          "field": "rev",
          "type": "nominal",
          "scale": {
            "domain": [
              "workspace"
            ],
            "range": [
              "#945dd6"
            ]
          }
        },
        "tooltip": [
          {
            "field": "rev",
            "title": "rev"
          },
          {
            "field": "step",
            "title": "X"
          },
          {
            "field": "accuracy",
            "title": "accuracy"
          }
        ]
      }
    }
    --- exit 0
    "##);
    assert_snapshot!(project.lockgate("plots show --show-vega"), @"
    --- stderr
    error: `--show-vega` prints one plot
      help: name it; `--json` prints the vega-lite of all of them
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("plots show pictures/one.svg --show-vega"), @"
    --- stderr
    error: this plot is a picture, of which there is no vega-lite
      help: leave `--show-vega` out
    --- exit 2
    ");
}

#[test]
fn a_page_is_one_file_where_it_is_asked_for() {
    let project = project();
    assert_snapshot!(project.lockgate("plots show"), @"
    file://DIR/lockgate_plots/index.html
    --- exit 0
    ");
    let page = project.read("lockgate_plots/index.html");
    assert_eq!(page.matches("vegaEmbed(\"#plot-").count(), 5);
    assert!(page.contains("<img alt=\"workspace\" src=\"data:image/svg+xml;base64,PHN2Zy"), "{page}");
    assert!(!page.contains("not drawn"), "{page}");
    assert_snapshot!(project.lockgate("plots show both -o out/page"), @"
    file://DIR/out/page/index.html
    --- exit 0
    ");
    assert_eq!(project.read("out/page/index.html").matches("<section>").count(), 1);
    let of_dvc = Sandbox::empty();
    of_dvc.write("dvc.yaml", "plots: [a.csv]\n");
    of_dvc.write("a.csv", "v\n1\n2\n");
    assert_snapshot!(of_dvc.lockgate("plots show"), @"
    file://DIR/dvc_plots/index.html
    --- exit 0
    ");
}

#[test]
fn a_file_that_nothing_declares_is_drawn_too() {
    let project = Sandbox::of("stages: {}\n");
    project.write("deep/t.tsv", "1\t5\n2\t6\n");
    let text =
        project.finish(project.command("plots show deep/t.tsv --no-header -x 0 -y 1 --text").env("COLUMNS", "40"));
    assert_snapshot!(text, @"
    deep/t.tsv
    1
      6 │                                ⢀⡠⠊
        │                              ⢀⠔⠁
        │                            ⡠⠒⠁
        │                         ⢀⡠⠊
        │                       ⢀⠔⠁
        │                     ⡠⠒⠁
        │                  ⢀⡠⠊
    5.5 │                ⢀⠔⠁
        │              ⡠⠊⠁
        │           ⢀⠤⠊
        │         ⢀⠔⠁
        │       ⡠⠊⠁
        │    ⢀⠤⠊
        │  ⢀⠔⠁
      5 │⡠⠊⠁
        └───────────────────────────────────
         1                0                2

    --- exit 0
    ");
    assert_snapshot!(project.lockgate("plots show deep/u.tsv"), @"
    --- stderr
    error: there is no plot or file `deep/u.tsv`
      help: name a file that is there: the pipeline declares no plots
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("plots show"), @"
    --- stderr
    the pipeline declares no plots
    --- exit 0
    ");
}

#[test]
fn what_cannot_be_drawn_is_told_and_the_rest_is_drawn() {
    let project = history();
    project.write("pairs.json", "[{\"actual\": 1},]");
    let output = project.finish(project.command("plots show pairs.json both --text").env("COLUMNS", "50"));
    assert_snapshot!(output, @r#"
    both
    y
    0.9 │                                          +++
        │                                    ++++++
        │**                             +++++
        │  **                     ++++++
        │    ***              ++++
        │       **          ++
        │         **      ++
    0.5 │           *** ++
        │             ++*
        │          +++   ***
        │        ++         **
        │      ++             *****
        │    ++                    *******
        │  ++                             ********
    0.1 │++                                       ****
        └─────────────────────────────────────────────
         0                   step                   20
      * loss
      + accuracy

    --- stderr
    error: `pairs.json` is not valid JSON: trailing comma
       ╭─[pairs.json:1:16]
     1 │ [{"actual": 1},]
       ·                ┬
       ·                ╰── here
       ╰────
      help: correct it at the mark
    --- exit 3
    "#);
    assert_snapshot!(project.lockgate("plots show loss.csv -y los --text"), @"
    --- stderr
    nothing could be drawn
    warning: plot `loss.csv` of workspace is not drawn: `loss.csv` has no field `los`; it has `step`, `loss` and `accuracy`
      help: name one of them with `-x` or `-y`, or in the pipeline file
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("plots show loss.csv -t linaer"), @"
    --- stderr
    error: there is no template `linaer`
      help: did you mean `linear`?
    --- exit 2
    ");
    project.write("pipeline.yaml", &TRAIN.replace("template: confusion", "template: cnofusion"));
    project.write("pairs.json", "[{\"actual\": 1, \"predicted\": 2}]");
    let output = project.lockgate("plots show pairs.json both --text");
    assert!(output.stdout.starts_with("both\n") && output.code == 2, "{output}");
    assert_snapshot!(output.stderr, @"
    plot `pairs.json` is not drawn:
    error: there is no template `cnofusion`
      help: did you mean `confusion`?
    ");
    assert_snapshot!(project.lockgate("plots show bth"), @"
    --- stderr
    error: there is no plot or file `bth`
      help: did you mean `both`?
    --- exit 2
    ");
    project.write("pipeline.yaml", "plots: [nowhere.csv, pairs.json]\nstages: {}\n");
    assert_snapshot!(project.lockgate("plots show nowhere.csv --text"), @"
    --- stderr
    nothing could be drawn
    warning: `nowhere.csv` of workspace cannot be used: it is not there
      help: `lockgate repro` makes what stages make; the others are shown
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("plots diff --targets nowhere.csv --text"), @"
    --- stderr
    nothing could be drawn
    warning: `nowhere.csv` of workspace and HEAD cannot be used: it is not there
      help: `lockgate repro` makes what stages make; the others are shown
    --- exit 0
    ");
    project.write("pipeline.yaml", TRAIN);
    project.lockgate("gc -w -f");
    let json = project.lockgate("plots diff HEAD --targets kept.csv --json");
    assert!(json.stdout.contains("which the store does not have") && json.code == 0, "{json}");
}

#[test]
fn templates_are_listed_and_ones_own_are_found() {
    let project = project();
    assert_snapshot!(project.lockgate("plots templates"), @"
    simple
    linear
    confusion
    confusion_normalized
    scatter
    scatter_jitter
    smooth
    bar_horizontal_sorted
    bar_horizontal
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("plots templates nope"), @"
    --- stderr
    error: there is no template `nope`
      help: `lockgate plots templates` lists them; the path of a file names one of your own
    --- exit 2
    ");
    project.write(".dvc/plots/mine.json", "{\"data\": {\"values\": \"<DVC_METRIC_DATA>\"}, \"y\": \"<DVC_METRIC_Y>\"}");
    assert_snapshot!(project.lockgate("plots show loss.csv -t mine --show-vega"), @r#"
    {
      "data": {
        "values": [
          {
            "step": 0,
            "loss": 1.0,
            "accuracy": 0.1,
            "rev": "workspace",
            "filename": "loss.csv",
            "field": "loss"
          },
          {
            "step": 10,
            "loss": 0.5,
            "accuracy": 0.6,
            "rev": "workspace",
            "filename": "loss.csv",
            "field": "loss"
          },
          {
            "step": 20,
            "loss": 0.25,
            "accuracy": 0.7,
            "rev": "workspace",
            "filename": "loss.csv",
            "field": "loss"
          }
        ]
      },
      "y": "loss"
    }
    --- exit 0
    "#);
    project.write("bad.json", "{\"mark\": \"line\"}");
    assert_snapshot!(project.lockgate("plots show loss.csv -t bad.json --show-vega"), @r#"
    --- stderr
    error: `DIR/bad.json` is not a template: it has no place for the points, which is `"<DVC_METRIC_DATA>"`
      help: `lockgate plots templates linear` prints one to start from
    --- exit 2
    "#);
}
