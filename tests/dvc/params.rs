//! params and status.

use insta::assert_snapshot;

use crate::script::{play, project, row, stages};

#[test]
fn keys_of_one_file_are_joined_and_a_whole_file_wins() {
    let ws = stages(
        "  s:\n    cmd: touch o\n    params: [lr, {params.yaml: [epochs], other.yaml: [a]}, other.yaml: null, third.yaml: []]\n    outs: [o]\n",
    );
    ws.write("params.yaml", "lr: 1\nepochs: 2\nunused: 3\n");
    ws.write("other.yaml", "a: 1\nb: 2\n");
    ws.write("third.yaml", "x: {y: 1}\n");
    assert_snapshot!(play(&ws, "
        repro --write-dvc-lock
        cat dvc.lock
        edit params.yaml | unused: 3 | unused: 4
        repro
        edit other.yaml | b: 2 | b: 3
        repro
    "), @"
    $ repro --write-dvc-lock
    s ran
    $ cat dvc.lock
    schema: '2.0'
    stages:
      s:
        cmd: touch o
        params:
          params.yaml:
            epochs: 2
            lr: 1
          other.yaml:
            a: 1
            b: 2
          third.yaml:
            x:
              y: 1
        outs:
        - path: o
          hash: md5
          md5: d41d8cd98f00b204e9800998ecf8427e
          size: 0
    $ repro
    s fresh
    $ repro
    s ran
    ");
}

#[test]
fn files_are_read_by_what_their_names_end_with() {
    let ws = stages(
        "  s:\n    cmd: touch o\n    params: [p.py: [A, B, Cls.x, Cls.y], p.toml: [t.k], p.json: [j], p.conf: [c]]\n    outs: [o]\n",
    );
    ws.write("p.py", "import os\nA: int = 10\nB = [1, 2.5]\nD = os.getcwd()\nclass Cls:\n    x = 'text'\n    def __init__(self):\n        self.y = None\n");
    ws.write("p.toml", "[t]\nk = 1\n");
    ws.write("p.json", "{\"j\": true}");
    ws.write("p.conf", "c: 1\n");
    assert_snapshot!(play(&ws, "
        repro --write-dvc-lock
        cat dvc.lock
        > p.toml t: {k: 1}
        status
        > p.toml [t]
        status
    "), @"
    $ repro --write-dvc-lock
    s ran
    $ cat dvc.lock
    schema: '2.0'
    stages:
      s:
        cmd: touch o
        params:
          p.conf:
            c: 1
          p.json:
            j: true
          p.py:
            A: 10
            B:
            - 1
            - 2.5
            Cls.x: text
            Cls.y:
          p.toml:
            t.k: 1
        outs:
        - path: o
          hash: md5
          md5: d41d8cd98f00b204e9800998ecf8427e
          size: 0
    $ status
    error: `p.toml` is not valid TOML: key with no value, expected `=`
       ╭─[p.toml:1:4]
     1 │ t: {k: 1}
       ·    ┬
       ·    ╰── here
       ╰────
      help: correct it at the mark
    exit 3
    $ status
    error: stage `s` reads `t.k`, which `p.toml` does not have
       ╭─[dvc.yaml:4:51]
     3 │     cmd: touch o
     4 │     params: [p.py: [A, B, Cls.x, Cls.y], p.toml: [t.k], p.json: [j], p.conf: [c]]
       ·                                                   ─┬─
       ·                                                    ╰── here
     5 │     outs: [o]
       ╰────
      help: add it to `p.toml`, or remove it here
    exit 3
    ");
}

#[test]
fn dates_are_values() {
    let ws = stages("  s:\n    cmd: echo ${day} > o\n    params: [day, at]\n    outs: [o]\n");
    ws.write("params.yaml", "day: 2024-01-31\nat: 2024-01-31T12:00:00Z\n");
    assert_snapshot!(play(&ws, "
        repro
        cat o
        edit params.yaml | 12:00 | 13:00
        repro
    "), @"
    $ repro
    s ran
    $ cat o
    2024-01-31
    $ repro
    s ran
    ");
}

#[test]
fn differences_are_told_as_json() {
    let ws = project(&[
        ("params.yaml", "a: 1\ngone: x\nlist: [1, 2]\ndict: {x: 1, y: 2}\nsame: 1\nvia: 3\n"),
        ("dvc.yaml", "stages:\n  s:\n    cmd: echo ${via} > o\n    params: [a, list, dict, same]\n    outs: [o]\n"),
    ]);
    ws.git("init -q");
    ws.git("add -A");
    ws.git("commit -qm start");
    ws.write("params.yaml", "a: 2\nlist: [1, 3]\ndict: {x: 1, y: 3, z: 4}\nsame: 1\nvia: 4\n");
    let json = |line: &str| ws.lockgate(line).stdout.split_whitespace().collect::<String>();
    let lines = [
        "params diff --json",
        "params diff --json --all",
        "params diff --json --targets nowhere.yaml",
        "params diff --json --deps",
    ];
    assert_snapshot!(lines.map(json).join("\n"), @r#"
    {"params.yaml":{"a":{"old":1,"new":2,"diff":1},"dict.y":{"old":2,"new":3,"diff":1},"dict.z":{"old":null,"new":4},"gone":{"old":"x","new":null},"list":{"old":[1,2],"new":[1,3]},"via":{"old":3,"new":4,"diff":1}}}
    {"params.yaml":{"a":{"old":1,"new":2,"diff":1},"dict.x":{"old":1,"new":1,"diff":0},"dict.y":{"old":2,"new":3,"diff":1},"dict.z":{"old":null,"new":4},"gone":{"old":"x","new":null},"list":{"old":[1,2],"new":[1,3]},"same":{"old":1,"new":1,"diff":0},"via":{"old":3,"new":4,"diff":1}}}

    {"params.yaml":{"a":{"old":1,"new":2,"diff":1},"dict.y":{"old":2,"new":3,"diff":1},"dict.z":{"old":null,"new":4},"list":{"old":[1,2],"new":[1,3]}}}
    "#);
}

#[test]
fn status_says_what_has_changed() {
    let ws = row();
    assert_snapshot!(play(&ws, "
        repro -q
        >> in 2
        > b edited
        edit dvc.yaml | cat b > c | cat  b > c
        status
        status a
        status b
        status -q
    "), @"
    $ repro -q
    $ status
    task  decision  because
    a     run       dep `in` changed: file 50cc1102b1 -> file a37d46d908
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    $ status a
    task  decision  because
    a     run       dep `in` changed: file 50cc1102b1 -> file a37d46d908
    1 run
    $ status b
    task  decision  because
    a     run       dep `in` changed: file 50cc1102b1 -> file a37d46d908
    b     may run   `a` will run first
    1 run, 1 may run
    $ status -q
    exit 7
    ");
    assert_snapshot!(ws.lockgate("status b --json"), @r#"
    {
      "v": 1,
      "fresh": false,
      "tasks": [
        {
          "task": "a",
          "decision": {
            "do": "run",
            "reasons": [
              {
                "reason": "changed",
                "label": {
                  "Dep": "in"
                },
                "was": {
                  "Content": {
                    "File": {
                      "digest": "50cc1102b1c612e6962547aacdcef9a400d4416ef8dd9388e885991853c400c9",
                      "mode": "Plain"
                    }
                  }
                },
                "now": {
                  "Content": {
                    "File": {
                      "digest": "a37d46d908a5843627780a7ac2f63e162403e3264e712c6ef098e8a3949f7ac4",
                      "mode": "Plain"
                    }
                  }
                }
              }
            ]
          }
        },
        {
          "task": "b",
          "decision": {
            "do": "pending",
            "on": [
              "a"
            ]
          }
        }
      ]
    }
    --- exit 0
    "#);
}

#[test]
fn status_works_while_a_run_goes_on() {
    let ws = stages("  s:\n    cmd: $LOCKGATE status > seen 2>&1; touch o\n    outs: [o]\n");
    let binary = env!("CARGO_BIN_EXE_lockgate");
    assert_eq!(ws.finish(ws.command("repro").env("LOCKGATE", binary)).code, 0);
    assert_snapshot!(ws.read("seen"), @"
    task  decision  because
    s     run       it has no entry in the lock
    1 run
    ");
}
