//! The commands around the run.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn init_writes_a_pipeline_that_runs() {
    let project = Sandbox::empty();
    assert_snapshot!(project.lockgate("init"), @"
    --- stderr
    wrote `pipeline.yaml`: look at it, then `lockgate repro`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("init"), @"
    --- stderr
    `pipeline.yaml` is here already and stays as it is; `lockgate status` says what would run
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ not_empty  pass TIME exit status 0
    ✓ hello      ran TIME
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
}

#[test]
fn init_hides_no_pipeline_of_a_folder_below() {
    let project = Sandbox::empty();
    project.write("sub/a/dvc.yaml", "stages:\n  x:\n    cmd: echo 1 > o\n    outs: [o]\n");
    assert_snapshot!(project.lockgate("init"), @"
    --- stderr
    this is a project already; `lockgate stage list --all` shows its stages, `lockgate stage add` adds one
    --- exit 0
    ");
    assert_eq!(project.lockgate("stage list --all").stdout, "sub/a:x  Outputs o\n");
    let of_dvc = Sandbox::empty();
    of_dvc.write(".dvc/config", "");
    of_dvc.lockgate("init");
    assert!(!of_dvc.exists("pipeline.yaml"));
}

#[test]
fn a_folder_of_a_project_becomes_no_project_of_its_own_without_a_word() {
    let project = Sandbox::empty();
    project.write("dvc.yaml", "stages:\n  a: {cmd: cp i a.txt, deps: [i], outs: [a.txt]}\n");
    project.write("sub/dvc.yaml", "stages:\n  b: {cmd: cp ../a.txt b.txt, deps: [../a.txt], outs: [b.txt]}\n");
    project.write("i", "1\n");
    project.git("init -q");
    assert_eq!(project.lockgate("repro -q").code, 0);
    assert_snapshot!(project.lockgate("-C sub init"), @"
    --- stderr
    error: `DIR/sub` is part of the project in `DIR`
      help: nothing was written; `lockgate stage list --all` shows the stages of the project; `mkdir .lockgate` makes this folder a project of its own
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("-C sub init --merge-driver"), @"
    --- stderr
    git merges locks by `lockgate lock merge` in this clone; commit `DIR/.gitattributes`
    --- exit 0
    ");
    assert!(!project.exists("sub/.lockgate") && !project.exists("sub/.gitattributes"));
    assert_snapshot!(project.read(".gitattributes"), @"
    pipeline.lock merge=lockgate
    dvc.lock merge=lockgate
    ");
    // Where nothing is declared yet, the folder of the project says so.
    project.remove("dvc.yaml");
    project.remove("sub/dvc.yaml");
    assert_eq!(project.lockgate("-C sub init").code, 2);
    std::fs::create_dir(project.path().join("sub/.lockgate")).expect("it can be made");
    assert_snapshot!(project.lockgate("-C sub init"), @"
    --- stderr
    wrote `pipeline.yaml`: look at it, then `lockgate repro`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("-C sub/.. init"), @"
    --- stderr
    wrote `pipeline.yaml`: look at it, then `lockgate repro`
    --- exit 0
    ");
}

#[test]
fn the_graph_is_drawn_in_every_form() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("dag"), @"
    load
    └── not_empty (gate)
        └── train
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("dag --dot"), @r#"
    strict digraph {
    "load";
    "not_empty" [shape=diamond];
    "train";
    "load" -> "not_empty";
    "not_empty" -> "train";
    }
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("dag --mermaid load"), @r#"
    flowchart TD
    	node1["load"]
    	node2{{"not_empty"}}
    	node1-->node2
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("dag --outs --format json"), @r#"
    {
      "v": 1,
      "nodes": [
        {
          "name": "raw.csv",
          "kind": "path"
        },
        {
          "name": "model.txt",
          "kind": "path"
        }
      ],
      "edges": [
        {
          "from": "raw.csv",
          "to": "model.txt"
        }
      ]
    }
    --- exit 0
    "#);
    let mut ascii = project.command("dag");
    assert_snapshot!(project.finish(ascii.env("LC_ALL", "C")), @"
    load
    `-- not_empty (gate)
        `-- train
    --- exit 0
    ");
}

#[test]
fn a_frozen_stage_does_not_run() {
    let project = Sandbox::example();
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("freeze train"), @"
    --- stderr
    `train` is frozen
    --- exit 0
    ");
    assert_snapshot!(project.read("pipeline.yaml").split("  train:").last().unwrap_or_default(), @r#"

    frozen: true
    cmd: echo accuracy "$(wc -l < raw.csv)" > model.txt
    deps: [raw.csv]
    params: [lr]
    outs: [model.txt]
    "#);
    project.write("params.yaml", "lr: 0.2\n");
    assert_snapshot!(project.lockgate("status --check"), @"
    task       decision  because
    load       fresh
    not_empty  fresh
    train      fresh
    --- stderr
    everything is fresh: 3 tasks
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("unfreeze train"), @"
    --- stderr
    `train` is not frozen any more
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("unfreeze train"), @"
    --- stderr
    nothing to change
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("freeze not_empty"), @"
    --- stderr
    error: `not_empty` is a gate, and a gate cannot be frozen
      help: take it out of the pipeline file if it should not judge
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("freeze pipeline.yaml"), @"
    --- stderr
    error: `pipeline.yaml` is no stage, and only stages can be frozen
      help: name the stage: `load`
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("freeze model.txt"), @"
    --- stderr
    error: `model.txt` is no stage, and only stages can be frozen
      help: name the stage: `train`
    --- exit 2
    ");
}

#[test]
fn the_store_is_verified_and_cleaned_up() {
    let project = Sandbox::example();
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("verify"), @"
    --- stderr
    read 5 objects, SIZE B: all sound
    --- exit 0
    ");
    project.write("in.csv", "a\nb\nc\n");
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("gc -w --dry"), @"
    --- stderr
    would remove 5 objects, SIZE B
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("gc -w -f"), @"
    --- stderr
    removed 5 objects, SIZE B
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("gc -w -f"), @"
    --- stderr
    removed 0 objects, SIZE B
    --- exit 0
    ");
    project.remove("model.txt");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    · not_empty  fresh               pass
    · load       fresh
    ✓ train      restored TIME
    ✓ done: 1 restored, 2 fresh in TIME
    --- exit 0
    ");
}

#[test]
fn a_damaged_object_is_set_aside_and_made_again() {
    let project = Sandbox::example();
    project.lockgate("repro");
    damage_blobs(&project.path().join(".lockgate/store/blobs"));
    assert_snapshot!(project.lockgate("verify").stderr, @"read 5 objects, SIZE B: 2 damaged objects set aside; `lockgate repro` makes again what is needed");
    assert_eq!(project.lockgate("verify").code, 0);
    project.remove("model.txt");
    assert_eq!(project.lockgate("repro").code, 0);
    assert_eq!(project.read("model.txt"), "accuracy 2\n");
}

fn damage_blobs(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            damage_blobs(&entry);
        } else {
            std::fs::remove_file(&entry).expect("it can be removed");
            std::fs::write(&entry, "damaged").expect("it can be written");
        }
    }
}

#[test]
fn help_tells_about_commands_and_exit_codes() {
    let project = Sandbox::empty();
    assert_snapshot!(project.lockgate("help"), @"
    Reruns a pipeline where something has changed, and stops it where data does not pass a gate

    Usage: lockgate [OPTIONS] <COMMAND>

    Commands:
      init         Start a project here: `.lockgate`, and a first pipeline file if there is none
      repro        Bring outputs up to date: run what has changed, restore what is known, stop where a
                   gate does not pass
      status       Say what would be done with each task, and the first reason
      explain      Say why a task would run: every reason, with what was and what is
      dag          Draw the graph
      stage        List stages, and add one to the pipeline file
      remove       Remove stages from the pipeline file and from the lock
      logs         Print what a task wrote when it last ran, or list the logs of a run
      runs         List the runs that executed something, the newest first
      show         Tell a run again, or show a task: what is declared, and what the lock holds of it
      gate         List gates, show what one of them said, or have it judge
      approve      Approve exactly the inputs that a gate wants reviewed, as a record that is committed
      validate     Judge a table by a schema, without a pipeline
      schema       Make schemas and compare them
      params       Compare parameters
      metrics      Show and compare metrics
      plots        Draw plots, and compare them between revisions
      commit       Record outputs as they stand as what their stages make, without running them
      checkout     Put outputs in place from the store, as the lock names them; run nothing
      freeze       Freeze stages: ignore their deps, never run them, keep their outputs as they are
      unfreeze     Let frozen stages run again
      import       Take over what another tool has recorded
      gc           Remove from the store what the lock does not need
      verify       Read the whole store, and set aside what is damaged
      lock         Merge what two branches have in their locks
      config       Show and change settings
      root         Print the way from here to the project's root
      doctor       Look at the machine and the project, and say what is wrong with them
      completions  Print a completion script for a shell
      man          Print a manual page
      help         Tell more about a command, or about the exit codes

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Global options:
          --file <FILE>   The pipeline file [default: pipeline.yaml, else dvc.yaml, here or in a folder
                          above]
      -C, --cd <DIR>      Work as if started in DIR
          --color <WHEN>  When to use colours [default: auto] [possible values: auto, always, never]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say every decision with its reasons

    Examples:
      lockgate repro               bring everything up to date
      lockgate repro train -j 4    one stage and what it needs, four tasks at a time
      lockgate status              what would run, and why
      lockgate explain train       every reason, with what was and what is

    `lockgate help COMMAND` tells more, `lockgate help exit-codes` what the exit codes mean.
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("help exit-codes"), @"
    Exit codes:
        0  done (warnings allowed)
        1  a stage failed, or `schema diff` found a breaking change
        2  usage
        3  pipeline, params, schema, settings or lock text is invalid
        4  a gate blocked (fail, inconclusive, error)
        5  a person is needed (review, approval, unknown effect)
        6  halted (kill switch, disk), or `--no-wait` and another run holds the workspace
        7  not up to date (`status --check`, `repro --dry` when something would run)
        8  store or lock damaged, or outputs could not be published or written
       70  a bug in lockgate
      130  interrupted

    When several apply, the first of 70, 130, 8, 6, 1, 4, 5 is told.
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("help repro"), @"
    Bring outputs up to date: run what has changed, restore what is known, stop where a gate does not
    pass

    Usage: lockgate repro [OPTIONS] [TARGET]...

    Arguments:
      [TARGET]...  What to bring up to date [default: everything]

    Options:
      -j, --jobs <N>            Tasks at a time, and the size of the `cpu` pool [default: the number of
                                processors]
      -f, --force               Run the targets and all upstream, even if they are fresh; frozen stages
                                stay as they are
          --force-downstream    Run what reads the outputs of a stage that ran, even if it made the same
                                again
      -i, --interactive         Ask before each stage; what is declined is left, with all that needs it
      -s, --single-item         Only the targets, without what they need
      -p, --pipeline            Everything that is connected with the targets
      -P, --all-pipelines       Everything, also what the pipeline file at hand does not ask for
      -R, --recursive           Targets are folders: all stages that are declared or run below them
          --glob                Targets are shell-style patterns on names: `train*`, `fit-[ab]`
      -k, --keep-going          Go on with all that is not below a failure
          --ignore-errors       Go on below a failed stage too, with the outputs of its last success;
                                the exit code is 1 all the same
          --allow-missing       Leave missing data away where nothing else has changed: it counts as
                                what the lock says it was
          --downstream          The targets and all that is made of them
          --dry                 Only say what would be done, and why
          --pull                Take what is missing from the default remote of DVC too, where that is a
                                folder
          --no-run-cache        Do not take outputs from earlier runs
          --no-commit           Do not keep outputs in the store; `lockgate commit` does that later
          --no-wait             Give up at once when another run holds the workspace
          --write-dvc-lock      Keep dvc.lock and DVC's cache in step, for those who use DVC too
          --pool <NAME=N>       The size of a named pool
          --report <KIND=FILE>  Write a report of the run: `junit=FILE`
          --json                Print the events of the run, one JSON value a line; with --dry, the plan
                                as one
      -h, --help                Print help

    Global options:
          --file <FILE>   The pipeline file [default: pipeline.yaml, else dvc.yaml, here or in a folder
                          above]
      -C, --cd <DIR>      Work as if started in DIR
          --color <WHEN>  When to use colours [default: auto] [possible values: auto, always, never]
      -q, --quiet         Say only what went wrong
      -v, --verbose       Say every decision with its reasons

    Examples:
      lockgate repro                  everything
      lockgate repro train            one stage and all that it needs
      lockgate repro train@a out.csv  a member of a group; the stage that makes a file
      lockgate repro --dry            say what would run, and why; exit 7 if something would
      lockgate repro -k -j 8          go on where a failure does not matter, eight tasks at a time
      lockgate repro --allow-missing --dry    in CI, without the data: is everything up to date?
      lockgate repro --pull           take what is missing from DVC's remote folder

    A target is a stage, a gate, a group, an output, or a `.dvc` file, which means its data. Gates on
    what is selected always count.
    --- exit 0
    ");
    assert_eq!(project.lockgate("repro --help").stdout, project.lockgate("help repro").stdout);
}

#[test]
fn scripts_for_shells_and_manual_pages_are_printed() {
    let project = Sandbox::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = project.lockgate(&format!("completions {shell}")).stdout;
        for word in ["repro", "force-downstream", "outs-persist-no-cache", "collapse-foreach-matrix", "all-commits"] {
            assert!(script.contains(word), "{shell} {word}");
        }
    }
    assert!(project.lockgate("man stage add").stdout.contains("always\\-changed"));
    assert_eq!(project.lockgate("man stage nope").code, 2);
    assert!(project.lockgate("man").stdout.contains(".TH lockgate"));
    assert!(project.lockgate("man repro").stdout.contains("single\\-item"));
    assert_eq!(project.lockgate("man nope").code, 2);
}

#[test]
fn doctor_looks_at_the_project() {
    let project = Sandbox::example();
    let output = project.lockgate("doctor");
    let names = output.stdout.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    assert_snapshot!(names.collect::<Vec<_>>().join("\n"), @"
    ✓ lockgate
    ✓ project
    ✓ disk
    ✓ placing
    ✓ settings
    ✓ pipeline
    ! git
    ");
    assert_eq!(output.code, 0);
    project.write("pipeline.yaml", "stages: 3\n");
    assert_eq!(project.lockgate("doctor").code, 3);
}

#[test]
fn doctor_says_what_git_says_of_a_repository_that_it_refuses() {
    let project = Sandbox::example();
    project.git("init -q");
    let git = |output: String| {
        let line = output.lines().find(|line| line.contains(" git ")).map(str::to_owned);
        line.expect("doctor looks at git")
    };
    assert!(git(project.lockgate("doctor").stdout).starts_with('✓'));
    let refused = project.finish(project.command("doctor").env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"));
    let line = git(refused.stdout.clone());
    assert!(line.contains("dubious ownership") && line.contains("git config --global --add safe.directory"), "{line}");
    assert!(line.starts_with('!') && !line.contains("in no repository"), "{line}");
    let without = project.finish(project.command("doctor").env("PATH", "/nowhere"));
    assert_snapshot!(git(without.stdout), @"! git       `git` cannot be started: No such file or directory (os error 2); install git; values are compared with what it has");
}

#[test]
fn what_was_made_at_another_time_was_not_edited() {
    let project = Sandbox::example();
    let made = |text: &str| {
        project.write("in.csv", text);
        assert_eq!(project.lockgate("repro -q").code, 0);
        project.read("pipeline.lock")
    };
    let first = made("a\n");
    made("a\nb\n");
    // As a switch of branches leaves it.
    project.write("in.csv", "a\n");
    project.write("pipeline.lock", &first);
    assert_snapshot!(project.lockgate("checkout"), @"
    --- stderr
    · not_empty  fresh               pass
    ✓ load       restored TIME
    ✓ train      restored TIME
    ✓ done: 2 restored, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(project.read("raw.csv"), "a\n");
    assert!(!project.exists(".lockgate/quarantine/load"));
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(project.path().join("raw.csv"), executable).expect("it is there");
    assert!(
        project.lockgate("checkout").stderr.contains("`raw.csv` had been edited"),
        "the store knows no permissions"
    );
}

#[test]
fn checkout_puts_in_place_what_the_lock_names_and_runs_nothing() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.remove("model.txt");
    project.write("raw.csv", "edited\n");
    assert_snapshot!(project.lockgate("checkout"), @"
    --- stderr
    · not_empty  fresh               pass
    ! warning: `raw.csv` had been edited; it was replaced, and the edited file is kept in `.lockgate/quarantine/load/edited`
        help: to publish an edited output as it is, use `lockgate commit -f load`
    ✓ load       restored TIME
    ✓ train      restored TIME
    ✓ done: 2 restored, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!((project.read("raw.csv"), project.read("model.txt")), ("a\nb\n".to_owned(), "accuracy 2\n".to_owned()));
    project.write("in.csv", "c\n");
    project.remove("raw.csv");
    project.write("params.yaml", "lr: 0.5\n");
    assert_snapshot!(project.lockgate("checkout"), @"
    --- stderr
    3 tasks cannot be put in place: `load`, `not_empty` and `train`; `lockgate repro` makes them
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("checkout nope"), @"
    --- stderr
    error: no stage, gate or output is called `nope`
      help: `lockgate status` lists all of them
    --- exit 2
    ");
}

#[test]
fn commit_records_outputs_as_they_stand_once_their_gates_pass() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.write("raw.csv", "made by hand\n");
    project.write("in.csv", "c\nd\n");
    assert_snapshot!(project.lockgate("commit -f load"), @"
    --- stderr
    ✓ not_empty  pass TIME exit status 0
    ✓ done: 1 ran in TIME
    committed 1 stage: `load`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("status"), @"
    task       decision  because
    load       fresh
    not_empty  fresh
    train      run       dep `raw.csv` changed: file 41153ec5e2 -> file 3d2dc44300
    --- stderr
    1 run, 2 fresh
    --- exit 0
    ");
    assert_eq!(project.read("raw.csv"), "made by hand\n");
    project.write("raw.csv", "");
    assert_snapshot!(project.lockgate("commit -f load"), @r#"
    --- stderr
    ✗ not_empty  fail TIME exit status 1

    ✗ gate not_empty  FAIL  raw.csv  (file af1349b9f5) TIME

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused in TIME
    --- exit 4
    "#);
    assert_eq!(project.lockgate("commit -f train").code, 4, "what it reads does not pass its gate");
    project.write("raw.csv", "made by hand\n");
    project.remove("model.txt");
    assert_snapshot!(project.lockgate("commit -f train"), @"
    --- stderr
    · not_empty  fresh               pass
    ✓ everything is fresh: 1 task in TIME
    error: out `model.txt` of stage `train` does not exist
      help: nothing was committed; `lockgate repro` makes what is missing
    --- exit 1
    ");
}
