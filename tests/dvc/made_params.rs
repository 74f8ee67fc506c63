//! params whose file is an out of another stage: DVC waits for that stage, and compares the keys that are named.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::script::{play, project, stages};

/// A stage that makes a file of parameters, declared after the one that reads it.
fn tuned() -> Sandbox {
    let ws = stages(
        "  fit:
    cmd: echo fit >> ran; cat made.yaml > fit.txt
    params:
    - made.yaml: [net, lr]
    - seed
    outs: [fit.txt]
  tune:
    cmd: |
      echo lr: $(cat lr) > made.yaml
      echo 'net: {z: 1, a: 2}' >> made.yaml
      echo unused: $(cat unused) >> made.yaml
    deps: [lr, unused]
    outs: [made.yaml]
",
    );
    ws.write("params.yaml", "seed: 3\n");
    ws.write("lr", "0.1\n");
    ws.write("unused", "1\n");
    ws
}

#[test]
fn the_stage_that_makes_parameters_is_waited_for_and_only_named_keys_count() {
    assert_snapshot!(play(&tuned(), "
        dag
        status
        repro --write-dvc-lock
        cat dvc.lock
        repro
        > unused 2
        repro --dry
        repro
        > lr 0.2
        repro
        > lr 0.1
        repro --dry
        > made.yaml lr: 0.3
        repro
        cat fit.txt
        explain fit
        rm made.yaml
        status fit
        repro -s fit
        repro
    "), @r#"
    $ dag
    tune
    └── fit
    $ status
    task  decision  because
    tune  run       it has no entry in the lock
    fit   may run   `tune` will run first
    1 run, 1 may run
    $ repro --write-dvc-lock
    tune ran, fit ran
    $ cat dvc.lock
    schema: '2.0'
    stages:
      tune:
        cmd: "echo lr: $(cat lr) > made.yaml\necho 'net: {z: 1, a: 2}' >> made.yaml\n\
          echo unused: $(cat unused) >> made.yaml\n"
        deps:
        - path: lr
          hash: md5
          md5: 1e85d27c4639f6730bb7624094413c74
          size: 4
        - path: unused
          hash: md5
          md5: b026324c6904b2a9cb4b88d6d61c81d1
          size: 2
        outs:
        - path: made.yaml
          hash: md5
          md5: 81486882c1b0e921009a600a051a020b
          size: 36
      fit:
        cmd: echo fit >> ran; cat made.yaml > fit.txt
        params:
          params.yaml:
            seed: 3
          made.yaml:
            lr: 0.1
            net:
              z: 1
              a: 2
        outs:
        - path: fit.txt
          hash: md5
          md5: 81486882c1b0e921009a600a051a020b
          size: 36
    $ repro
    tune fresh, fit fresh
    $ repro --dry
    task  decision  because
    tune  run       dep `unused` changed: file 50cc1102b1 -> file b9a1a3183d
    fit   may run   `tune` will run first
    1 run, 1 may run
    exit 7
    $ repro
    tune ran, fit fresh
    $ repro
    tune ran, fit ran
    $ repro --dry
    task  decision  because
    tune  restore   from the run cache: dep `lr` changed: file 0074c79fb1 -> file ee1bff4c89
    fit   restore   from the run cache: param `lr` of `made.yaml` changed: 0.2 -> 0.1
    2 restore
    exit 7
    $ repro
    tune restored, fit restored
    $ cat fit.txt
    lr: 0.1
    net: {z: 1, a: 2}
    unused: 1
    $ explain fit
    fit  is fresh: nothing it is made of has changed, and its outputs are in place
    the key of its last success, ae6d63d2d9, covers
      kind of work                   stage
      command                        `echo fit >> ran; cat made.yaml > fit.txt`
      working folder                 `.`
      param `lr` of `made.yaml`      0.1
      param `net` of `made.yaml`     {"a":2,"z":1}
      param `seed` of `params.yaml`  3
      out `fit.txt`                  out
    $ status fit
    task  decision  because
    tune  restore   from the store: out `made.yaml` is missing
    fit   fresh
    1 restore, 1 fresh
    $ repro -s fit
    ! fit       blocked             it reads parameters of `made.yaml`, which `tune` makes: it does not exist; `lockgate repro tune` makes it
    exit 1
    $ repro
    tune restored, fit fresh
    "#);
}

#[test]
fn a_change_of_a_value_is_told_with_both_sides() {
    let ws = tuned();
    assert_snapshot!(play(&ws, "
        repro -q
        > lr 0.2
        repro -q tune
        status
        explain fit
        show fit
        params diff --targets made.yaml
    "), @r#"
    $ repro -q
    $ repro -q tune
    $ status
    task  decision  because
    tune  fresh
    fit   run       param `lr` of `made.yaml` changed: 0.1 -> 0.2
    1 run, 1 fresh
    $ explain fit
    fit  would run, because
      param `lr` of `made.yaml` changed
          was  0.1
          now  0.2
    the key of its last success, ae6d63d2d9, covers
      kind of work                   stage
      command                        `echo fit >> ran; cat made.yaml > fit.txt`
      working folder                 `.`
      param `lr` of `made.yaml`      0.1
      param `net` of `made.yaml`     {"a":2,"z":1}
      param `seed` of `params.yaml`  3
      out `fit.txt`                  out
    $ show fit
    stage fit
      cmd      echo fit >> ran; cat made.yaml > fit.txt
      param    seed = 3  (params.yaml)
      param    lr  (made.yaml, which a stage makes)
      param    net  (made.yaml, which a stage makes)
      out      fit.txt
      lock     key ae6d63d2d9
               fit.txt  file 4acbf3e0ec
    $ params diff --targets made.yaml
    error: this project is not in a git repository
      help: `git init` makes it one; values are compared with what git has
    exit 2
    "#);
}

#[test]
fn what_dvc_has_recorded_is_believed() {
    assert_snapshot!(play(&tuned(), "
        repro --write-dvc-lock -q
        rm pipeline.lock
        rm .lockgate
        status
        edit dvc.lock |         lr: 0.1 |         lr: 0.2
        status
        edit dvc.lock |         lr: 0.2 |         lr: 0.1
        repro
    "), @"
    $ repro --write-dvc-lock -q
    $ status
    task  decision  because
    tune  adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    fit   adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    everything is up to date: 2 adopt
    $ status
    task  decision  because
    tune  adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    fit   run       not as in dvc.lock: param `lr` of `made.yaml` is another one
    1 run, 1 adopt
    $ repro
    tune adopted from dvc.lock, fit adopted from dvc.lock
    ");
}

#[test]
fn files_in_folders_and_of_other_formats_are_read_too() {
    let ws = stages(
        "  use:
    cmd: echo use >> ran; touch use.txt
    params: [conf/p.toml: [t.k], conf/p.py: [A], p.json: , conf/p.json: [list.-1, deep]]
    deps: [conf/extra]
    outs: [use.txt]
  make:
    cmd: mkdir conf && cp src/* conf && cp src/p.json p.json
    deps: [src]
    outs: [conf, p.json]
",
    );
    ws.write("src/p.toml", "[t]\nk = 1\n");
    ws.write("src/p.py", "A: int = 10\nB = 1\n");
    ws.write("src/p.json", "{\"z\": 1, \"list\": [1, 2], \"deep\": {\"z\": 1, \"a\": null}}");
    ws.write("src/extra", "");
    assert_snapshot!(play(&ws, "
        repro --write-dvc-lock
        cat dvc.lock
        edit src/p.py | B = 1 | B = 2
        repro
        edit src/p.py | A: int = 10 | A: int = 11
        repro
        rm conf
        repro --dry
        rm use.txt
        repro
    "), @"
    $ repro --write-dvc-lock
    make ran, use ran
    $ cat dvc.lock
    schema: '2.0'
    stages:
      make:
        cmd: mkdir conf && cp src/* conf && cp src/p.json p.json
        deps:
        - path: src
          hash: md5
          md5: 4f120da654ceaea5f92a8a31663d9a3c.dir
          size: 81
          nfiles: 4
        outs:
        - path: conf
          hash: md5
          md5: 4f120da654ceaea5f92a8a31663d9a3c.dir
          size: 81
          nfiles: 4
        - path: p.json
          hash: md5
          md5: ce4a030217712b31c8fc68106f77d7ab
          size: 53
      use:
        cmd: echo use >> ran; touch use.txt
        deps:
        - path: conf/extra
          hash: md5
          md5: d41d8cd98f00b204e9800998ecf8427e
          size: 0
        params:
          conf/p.json:
            deep:
              z: 1
              a:
            list.-1: 2
          conf/p.py:
            A: 10
          conf/p.toml:
            t.k: 1
          p.json:
            deep:
              z: 1
              a:
            list:
            - 1
            - 2
            z: 1
        outs:
        - path: use.txt
          hash: md5
          md5: d41d8cd98f00b204e9800998ecf8427e
          size: 0
    $ repro
    make ran, use fresh
    $ repro
    make ran, use ran
    $ repro --dry
    task  decision  because
    make  restore   from the store: out `conf` is missing
    use   fresh
    1 restore, 1 fresh
    exit 7
    $ repro
    make restored, use restored
    ");
}

#[test]
fn a_key_that_is_not_there_and_a_file_that_cannot_be_read_stop_their_stage() {
    let ws = stages(
        "  key: {cmd: touch key.txt, params: [m.yaml: [lrr, net.z, nothing]], outs: [key.txt]}
  text: {cmd: touch text.txt, params: [m.json: [lr]], outs: [text.txt]}
  file: {cmd: touch file.txt, params: [d/m.yaml: [lr]], outs: [file.txt]}
  folder: {cmd: touch folder.txt, params: [d: [lr]], outs: [folder.txt]}
  next: {cmd: touch next.txt, deps: [key.txt], outs: [next.txt]}
  make: {cmd: 'mkdir d; echo lr: 1 > m.yaml; echo [ > m.json', deps: [src], outs: [m.yaml, m.json, d]}
",
    );
    ws.write("src", "");
    assert_snapshot!(play(&ws, "
        status
        repro -k
        status
        rm m.yaml
        repro -s key
    "), @"
    $ status
    task    decision  because
    make    run       it has no entry in the lock
    key     may run   `make` will run first
    text    may run   `make` will run first
    file    may run   `make` will run first
    folder  may run   `make` will run first
    next    may run   `key` will run first
    1 run, 5 may run
    $ repro -k
    make ran
    ! key       blocked             it reads parameters of `m.yaml`, which `make` makes: it has no `lrr` (did you mean `lr`?); it has no `net.z` (add it; it has `lr`); it has no `nothing` (add it; it has `lr`)
    ! text      blocked             it reads parameters of `m.json`, which `make` makes: `m.json` is not valid JSON: EOF while parsing a list (m.json:2:1); let it be written as JSON
    ! file      blocked             it reads parameters of `d/m.yaml`, which `make` makes: it does not exist; let `make` write it
    ! folder    blocked             it reads parameters of `d`, which `make` makes: it is a folder; name a file in it
    ! next      blocked             `key` is blocked
    exit 1
    $ status
    task    decision  because
    make    fresh
    key     blocked   it reads parameters of `m.yaml`, which `make` makes: it has no `lrr` (did you mea…
    text    blocked   it reads parameters of `m.json`, which `make` makes: `m.json` is not valid JSON: …
    file    blocked   it reads parameters of `d/m.yaml`, which `make` makes: it does not exist; let `ma…
    folder  blocked   it reads parameters of `d`, which `make` makes: it is a folder; name a file in it
    next    blocked   `key` is blocked
    5 blocked, 1 fresh
    $ repro -s key
    ! key       blocked             it reads parameters of `m.yaml`, which `make` makes: it does not exist; `lockgate repro make` makes it
    exit 1
    ");
}

#[test]
fn parts_of_a_graph_are_chosen_by_what_makes_parameters() {
    let ws = tuned();
    assert_snapshot!(play(&ws, "
        repro fit
        > lr 0.2
        repro -s fit
        repro --downstream tune
        > lr 0.3
        freeze tune
        repro
        unfreeze tune
        freeze fit
        repro --write-dvc-lock
        status
        unfreeze fit
        repro
    "), @"
    $ repro fit
    tune ran, fit ran
    $ repro -s fit
    fit fresh
    $ repro --downstream tune
    tune ran, fit ran
    $ freeze tune
    `tune` is frozen
    $ repro
    tune fresh, fit fresh
    $ unfreeze tune
    `tune` is not frozen any more
    $ freeze fit
    `fit` is frozen
    $ repro --write-dvc-lock
    tune ran, fit fresh
    $ status
    task  decision  because
    tune  fresh
    fit   fresh
    everything is fresh: 2 tasks
    $ unfreeze fit
    `fit` is not frozen any more
    $ repro
    tune fresh, fit ran
    ");
}

#[test]
fn missing_data_is_known_by_the_store_or_made_again() {
    assert_snapshot!(play(&tuned(), "
        repro -q
        rm made.yaml
        rm fit.txt
        repro --allow-missing
        rm .lockgate
        repro --allow-missing --dry
        repro --allow-missing
    "), @"
    $ repro -q
    $ repro --allow-missing
    tune fresh, fit fresh
    $ repro --allow-missing --dry
    task  decision  because
    tune  run       out `made.yaml` is missing
    fit   may run   `tune` will run first
    1 run, 1 may run
    exit 7
    $ repro --allow-missing
    tune ran, fit fresh
    ");
}

#[test]
fn missing_data_is_known_by_the_cache_of_dvc_or_made_again() {
    assert_snapshot!(play(&tuned(), "
        repro -q --write-dvc-lock
        rm pipeline.lock
        rm .lockgate
        rm made.yaml
        rm fit.txt
        repro --allow-missing
        rm .dvc/cache
        repro --allow-missing --dry
    "), @"
    $ repro -q --write-dvc-lock
    $ repro --allow-missing
    tune fresh, fit fresh
    $ repro --allow-missing --dry
    task  decision  because
    tune  run       not as in dvc.lock: out `made.yaml` is missing, and DVC's cache does not have it (8…
    fit   may run   `tune` will run first
    1 run, 1 may run
    exit 7
    ");
}

#[test]
fn a_file_of_templates_is_read_as_it_stands() {
    let ws = project(&[
        (
            "dvc.yaml",
            "vars: [m.yaml]\nstages:\n  a: {cmd: cp src m.yaml, deps: [src], outs: [m.yaml]}\n  b: {cmd: 'echo ${lr} > b', outs: [b]}\n",
        ),
        ("src", "lr: 1\n"),
    ]);
    assert_snapshot!(play(&ws, "
        repro
        > m.yaml lr: 0
        repro
        repro
    "), @"
    $ repro
    error: `vars` names `m.yaml`, which does not exist
       ╭─[dvc.yaml:1:8]
     1 │ vars: [m.yaml]
       ·        ───┬──
       ·           ╰── here
     2 │ stages:
       ╰────
      help: create it, or remove it from `vars`: templates are read before anything runs
    exit 3
    $ repro
    a ran, b ran
    $ repro
    a fresh, b ran
    ");
}
