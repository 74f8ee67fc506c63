//! The example as its files describe it: commands with their parameters filled in, run in a folder of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;

/// The stages with a command, in the order of the line.
pub const STAGES: [&str; 7] =
    ["load_data_from_sources", "clean", "features", "classification_models", "evaluate", "model_is_sane", "predict"];

const PROGRAM: &str = "stages/football ";

#[derive(Deserialize)]
pub struct Pipeline {
    pub stages: BTreeMap<String, Stage>,
}

#[derive(Deserialize)]
pub struct Stage {
    cmd: Option<String>,
    gate: Option<Gate>,
    #[serde(default)]
    pub deps: Vec<String>,
}

#[derive(Deserialize)]
struct Gate {
    command: Option<String>,
}

impl Pipeline {
    pub fn read() -> Self {
        serde_saphyr::from_str(&fs::read_to_string(root().join("pipeline.yaml")).unwrap()).unwrap()
    }
}

impl Stage {
    pub fn command(&self) -> Option<&str> {
        self.cmd.as_deref().or_else(|| self.gate.as_ref()?.command.as_deref())
    }
}

/// A folder in which the line runs.
pub struct Workspace {
    folder: tempfile::TempDir,
    pipeline: Pipeline,
    params: Value,
    threads: &'static str,
}

impl Workspace {
    /// A workspace with the committed matches and parameters.
    pub fn new() -> Self {
        let params = fs::read_to_string(root().join("params.yaml")).unwrap();
        let workspace = Self {
            folder: tempfile::tempdir().unwrap(),
            pipeline: Pipeline::read(),
            params: serde_saphyr::from_str(&params).unwrap(),
            threads: "2",
        };
        fs::create_dir(workspace.path("data")).unwrap();
        fs::copy(root().join("data/football.csv"), workspace.path("data/football.csv")).unwrap();
        workspace
    }

    pub fn with_threads(self, threads: &'static str) -> Self {
        Self { threads, ..self }
    }

    /// Sets a parameter by its JSON pointer.
    pub fn with_param(mut self, pointer: &str, value: Value) -> Self {
        *self.params.pointer_mut(pointer).expect("the parameter is in params.yaml") = value;
        self
    }

    /// Makes `load_data_from_sources` take its matches elsewhere than from `data/football.csv`.
    pub fn with_sources(mut self, flags: &str) -> Self {
        let load = self.pipeline.stages.get_mut("load_data_from_sources").unwrap();
        let command = load.cmd.take().unwrap();
        let replaced = command.replace("--layout openfootball --source data/football.csv", flags);
        assert_ne!(command, replaced);
        load.cmd = Some(replaced);
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(from), "`{from}` is not in `{path}`");
        fs::write(self.path(path), text.replacen(from, to, 1)).unwrap();
    }

    /// Runs one stage and returns how it ended.
    pub fn run(&self, stage: &str) -> Output {
        let command = self.pipeline.stages[stage].command().expect("the stage has a command");
        if stage == "predict" && self.path("models/outcome.json").exists() {
            // The stage `promote` runs no program of the example: whoever passed the gates is the champion.
            fs::copy(self.path("models/outcome.json"), self.path("models/champion.json")).unwrap();
        }
        let flags = command.strip_prefix(PROGRAM).expect("every command has the same text");
        Command::new(env!("CARGO_BIN_EXE_football"))
            .args(self.filled(flags).split_ascii_whitespace().map(|flag| flag.replace('\u{a0}', " ")))
            .current_dir(self.folder.path())
            .env("POLARS_MAX_THREADS", self.threads)
            .output()
            .unwrap()
    }

    /// Runs one stage that must succeed, and returns what it said.
    pub fn succeed(&self, stage: &str) -> String {
        let output = self.run(stage);
        assert!(output.status.success(), "{stage}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs one stage that must exit 1, and returns its message.
    pub fn fail(&self, stage: &str) -> String {
        let output = self.run(stage);
        assert_eq!(output.status.code(), Some(1), "{stage} did not fail");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Runs the whole line and returns what each stage said.
    pub fn run_all(&self) -> String {
        STAGES.map(|stage| self.succeed(stage)).concat()
    }

    fn filled(&self, command: &str) -> String {
        let mut parts = command.split("${");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').expect("every `${` is closed");
            let value = self.params.pointer(&format!("/{}", name.replace('.', "/")));
            filled += &value.unwrap_or_else(|| panic!("`{name}` is not in params.yaml")).to_string();
            filled += rest;
        }
        filled
    }
}

/// Returns the root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
