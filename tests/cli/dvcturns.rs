//! Both tools in turns on one project, and DVC alone on another: what they write is the same, and neither redoes what the other
//! has done. Skips itself where DVC is not installed.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use crate::dvclock::dvc;
use crate::sandbox::Sandbox;

const PIPELINE: &str = "\
vars:
- words: [red, blue]
stages:
  clean:
    cmd: echo clean >> ran; mkdir -p clean/deep && sort raw.csv > clean/rows && cat images/* > clean/deep/all
    deps: [raw.csv, images]
    params: [rows, shape]
    outs: [clean]
  split:
    foreach: {train: 2, test: 1}
    do:
      cmd: echo split >> ran; head -n ${item} clean/rows > ${key}.csv
      deps: [clean/rows]
      params: [p.toml: [split.seed], p.py: [RATE, Net.depth]]
      outs: [\"${key}.csv\"]
  fit:
    matrix: {model: [a, b], word: \"${words}\"}
    cmd: echo fit >> ran; cat train.csv clean/deep/all > fit-${item.model}-${item.word}.bin; echo \"{\\\"n\\\":1}\" > m-${key}.json
    deps: [train.csv, clean/deep, images/one.txt]
    params: [p.json: [lr, deep]]
    outs: [\"fit-${item.model}-${item.word}.bin\"]
    metrics: [\"m-${key}.json\": {cache: false}]
";

const REPORT: &str = "\
stages:
  all:
    wdir: ..
    cmd: echo report >> ran; cat fit-a-red.bin test.csv notes/n.md > report/all.txt; printf %s x > report/one
    deps: [fit-a-red.bin, test.csv, notes]
    params: [{p.json: }]
    outs: [report/all.txt, report/one: {persist: true}]
";

const FILES: [(&str, &str); 9] = [
    ("dvc.yaml", PIPELINE),
    ("report/dvc.yaml", REPORT),
    ("params.yaml", "rows: 3\nshape: {w: 0.30000000000000004, h: [1e22, ~]}\n"),
    ("p.toml", "[split]\nseed = 7\nz = {b = 1, a = 2}\n"),
    ("p.json", "{\"lr\": 0.1, \"deep\": {\"b\": 1, \"a\": [1.0, 2]}, \"size\": 1}\n"),
    ("p.py", "RATE = 1e-5\nclass Net:\n    depth = 3\n"),
    ("raw.csv", "b\na\nc\n"),
    ("images/one.txt", "1\n"),
    ("notes/n.md", "note\n"),
];

/// What is edited before each turn, all of it at once.
const EDITS: [&[(&str, &str)]; 9] = [
    &[("raw.csv", "b\na\nc\nd\n")],
    &[("images/two.txt", "2\n"), ("p.json", "{\"lr\": 0.2, \"deep\": {\"b\": 1, \"a\": [1.0, 2]}, \"size\": 1}\n")],
    &[("p.toml", "[split]\nseed = 8\nz = {b = 1, a = 2}\n")],
    &[("notes/n.md", "another\n"), ("notes/m.md", "more\n")],
    &[("p.py", "RATE = 2e-5\nclass Net:\n    depth = 3\n"), ("raw.csv", "x\n")],
    &[("images/one.txt", "one\n")],
    &[("p.json", "{\"lr\": 0.2, \"deep\": {\"b\": 1, \"a\": [1.0, 2]}, \"size\": 2}\n")],
    // Back to what it was: both have it in a cache.
    &[("images/one.txt", "1\n"), ("raw.csv", "b\na\nc\nd\n")],
    &[("params.yaml", "rows: 3\nshape: {h: [1e22, ~], w: 0.30000000000000004}\n")],
];

const WRITTEN: [&str; 5] = ["dvc.lock", "report/dvc.lock", "raw.csv.dvc", "images.dvc", "notes.dvc"];

struct Dvc(OsString);

impl Dvc {
    fn run(&self, project: &Sandbox, line: &str) -> String {
        let mut command = Command::new(&self.0);
        command.args(line.split(' ')).current_dir(project.path()).env("DVC_NO_ANALYTICS", "1").env("SHELL", "/bin/sh");
        let output = command.output().expect("DVC can be started");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "dvc {line}: {text}");
        text
    }

    fn project(&self) -> Sandbox {
        let project = Sandbox::empty();
        for (path, text) in FILES {
            project.write(path, text);
        }
        self.run(&project, "init --no-scm -q");
        self.run(&project, "add -q raw.csv images notes");
        let text = project.read("raw.csv.dvc");
        project.write("raw.csv.dvc", &format!("# rows of May\n{text}desc: rows\nmeta:\n  who: me\n"));
        project
    }
}

/// Returns which commands have run since this was asked before.
fn ran(project: &Sandbox) -> Vec<String> {
    let path = project.path().join("ran");
    let mut ran: Vec<String> = fs::read_to_string(&path).unwrap_or_default().lines().map(ToOwned::to_owned).collect();
    ran.sort();
    let _ = fs::remove_file(path);
    ran
}

#[test]
fn both_tools_take_turns_on_a_project_with_data_groups_and_several_files() {
    let Some(dvc) = dvc().map(Dvc) else { return println!("skipped: DVC is not installed") };
    let [both, alone] = [dvc.project(), dvc.project()];
    let ours = |project: &Sandbox| {
        let output = project.lockgate("repro -P -q --write-dvc-lock");
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output}");
    };
    let first: &[(&str, &str)] = &[];
    for (turn, edits) in std::iter::once(&first).chain(EDITS.iter()).enumerate() {
        for (path, text) in *edits {
            both.write(path, text);
            alone.write(path, text);
        }
        dvc.run(&alone, "repro -P -q");
        if turn % 2 == 0 {
            ours(&both);
        } else {
            dvc.run(&both, "repro -P -q");
        }
        assert_eq!(ran(&both), ran(&alone), "turn {turn}");
        for file in WRITTEN {
            assert_eq!(both.read(file), alone.read(file), "{file} in turn {turn}");
        }
        assert_eq!(dvc.run(&both, "status"), "Data and pipelines are up to date.\n", "turn {turn}");
        let status = both.lockgate("status --check");
        assert_eq!(status.code, 0, "turn {turn}: {status}");
        ours(&both);
        assert_eq!(both.lockgate("status --check").code, 0, "turn {turn}");
        assert_eq!(ran(&both), Vec::<String>::new(), "turn {turn}: the other has done it");
    }
    // A clone with the cache alone: nothing runs, whoever is asked.
    for folder in ["clean", "images", "notes"] {
        fs::remove_dir_all(both.path().join(folder)).expect("it is there");
    }
    fs::remove_dir_all(both.path().join(".lockgate")).expect("it is there");
    for file in ["raw.csv", "train.csv", "test.csv", "fit-a-red.bin", "report/all.txt", "pipeline.lock"] {
        both.remove(file);
    }
    ours(&both);
    assert_eq!(ran(&both), Vec::<String>::new());
    assert_eq!(dvc.run(&both, "status"), "Data and pipelines are up to date.\n");
}
