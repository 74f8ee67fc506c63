//! Both tools behind one face: what they make of a project, what they say is changed, and what a run of theirs comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub type Fallible<T> = Result<T, Box<dyn Error>>;

const DRIVER: &str = include_str!("../../peers/dvc_driver.py");

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Ok,
    /// A stage failed.
    Failed,
    /// Nothing was done, because the project has a mistake.
    Refused,
}

/// What a tool makes of the files of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// By name, what it is in JSON.
    pub stages: BTreeMap<String, String>,
    pub outs: BTreeMap<String, Vec<String>>,
    pub dot: String,
}

/// Stages with all that is made of what they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wake {
    pub stages: BTreeSet<String>,
    pub outs: BTreeSet<String>,
}

impl Resolved {
    /// Returns the stages that DVC's run cache leaves out.
    pub fn unkept(&self) -> BTreeSet<String> {
        self.those(|stage| {
            let is_loose = |out: &Value| out[3] == true || (out[1] == "out" && out[2] == false);
            let reads = list_of(&stage["deps"]).count() + stage["params"].as_object().map_or(0, serde_json::Map::len);
            reads == 0 || list_of(&stage["outs"]).any(is_loose)
        })
    }

    /// Returns the stages that run in another folder than that of their file.
    pub fn elsewhere(&self) -> BTreeSet<String> {
        self.those(|stage| {
            let name = text(&stage["name"]);
            let folder = name.split_once(':').map_or(".", |(folder, _)| folder);
            text(&stage["wdir"]).trim_end_matches('/') != folder
        })
    }

    pub fn frozen(&self) -> BTreeSet<String> {
        self.those(|stage| stage["frozen"] == true)
    }

    pub fn persisting(&self) -> BTreeSet<String> {
        self.those(|stage| list_of(&stage["outs"]).any(|out| out[3] == true))
    }

    /// Returns the stages whose name or group, without its folder, is among `names`.
    pub fn named(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let short =
            |name: &str| name.rsplit(':').next().unwrap_or(name).split('@').next().unwrap_or_default().to_owned();
        self.those(|stage| names.contains(&short(&text(&stage["name"]))))
    }

    pub fn readers(&self, paths: &[String]) -> BTreeSet<String> {
        self.those(|stage| read_by(stage).any(|read| paths.iter().any(|path| overlap(path, &read))))
    }

    /// Returns those of `stages` that make one of these outs.
    pub fn makers(&self, stages: &BTreeSet<String>, outs: &[String]) -> BTreeSet<String> {
        let makes = |name: &&String| self.outs.get(*name).into_iter().flatten().any(|out| outs.contains(out));
        stages.iter().filter(makes).cloned().collect()
    }

    /// Returns these stages and all that reads what they make, with their outs.
    pub fn below(&self, mut below: BTreeSet<String>) -> Wake {
        loop {
            let outs: Vec<&String> = below.iter().filter_map(|name| self.outs.get(name)).flatten().collect();
            let is_made = |read: String| outs.iter().any(|out| overlap(out, &read));
            let more = self.those(|stage| read_by(stage).any(is_made));
            if more.is_subset(&below) {
                let outs = outs.into_iter().cloned().collect();
                return Wake { stages: below, outs };
            }
            below.extend(more);
        }
    }

    fn those(&self, is: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let chosen = self.stages.iter().filter(|(_, stage)| serde_json::from_str(stage).is_ok_and(|stage| is(&stage)));
        chosen.map(|(name, _)| name.clone()).collect()
    }
}

/// Returns what a stage reads: its deps and its files of parameters.
fn read_by(stage: &Value) -> impl Iterator<Item = String> {
    let params = stage["params"].as_object().into_iter().flat_map(serde_json::Map::keys);
    list_of(&stage["deps"]).map(text).chain(params.cloned())
}

/// Why a stage is not up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stale {
    /// It is changed itself, in the words of the tool.
    Itself(String),
    /// Something that it needs will run first, or be put back as it was.
    Follows,
}

/// The stages that are not up to date, by name.
pub type Status = BTreeMap<String, Stale>;

/// An answer, or why there is none.
pub enum Answer<T> {
    Given(T),
    Refused(String),
}

/// How a run ended, what was said of failures, and which stages ran, by what they wrote down themselves.
#[derive(Clone, Debug)]
pub struct Ran {
    pub end: End,
    pub said: String,
    pub stages: Vec<String>,
}

pub trait Tool {
    fn resolve(&mut self, folder: &Path) -> Fallible<Answer<Resolved>>;
    /// Returns the stages that are not up to date.
    fn status(&mut self, folder: &Path) -> Fallible<Answer<Status>>;
    /// Brings everything up to date, going on where something fails.
    fn repro(&mut self, folder: &Path) -> Fallible<Ran>;
}

/// DVC in one Python process.
pub struct Dvc {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    scratch: PathBuf,
}

impl Dvc {
    /// Starts it; `scratch` is a folder for its own files.
    pub fn start(python: &str, scratch: &Path) -> Fallible<Self> {
        fs::create_dir_all(scratch)?;
        let driver = scratch.join("dvc_driver.py");
        fs::write(&driver, DRIVER)?;
        let log = fs::File::create(scratch.join("dvc.log"))?;
        let mut child = Command::new(python)
            .arg(&driver)
            .envs([("SHELL", "/bin/sh"), ("DVC_NO_ANALYTICS", "1")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{python}: {error}; give a Python that has DVC with --python"))?;
        let requests = child.stdin.take().ok_or("the driver has no standard input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("the driver has no standard output")?);
        Ok(Self { child, requests, answers, scratch: scratch.to_owned() })
    }

    /// Returns the versions of DVC and of Python.
    pub fn version(&mut self) -> Fallible<String> {
        let answer = self.ask(&json!({"op": "version"}))?;
        Ok(format!("DVC {}, Python {}", text(&answer["version"]), text(&answer["python"])))
    }

    /// Lets `.dvc` files track some paths.
    pub fn add(&mut self, folder: &Path, targets: &[String]) -> Fallible<()> {
        let answer = self.ask(&json!({"op": "add", "folder": folder, "targets": targets}))?;
        if answer["end"] == "ok" { Ok(()) } else { Err(format!("dvc add: {answer}").into()) }
    }

    fn ask(&mut self, request: &Value) -> Fallible<Value> {
        writeln!(self.requests, "{request}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let log = self.scratch.join("dvc.log");
        serde_json::from_str(&line).map_err(|_| format!("the driver ended; see {}", log.display()).into())
    }

    fn op(&mut self, op: &str, folder: &Path) -> Fallible<(End, Value)> {
        let ran = self.scratch.join("ran");
        let answer = self.ask(&json!({"op": op, "folder": folder, "ran": ran}))?;
        let end = match text(&answer["end"]).as_str() {
            "ok" => End::Ok,
            "failed" => End::Failed,
            _ => End::Refused,
        };
        Ok((end, answer))
    }
}

impl Drop for Dvc {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left to be done.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tool for Dvc {
    fn resolve(&mut self, folder: &Path) -> Fallible<Answer<Resolved>> {
        let (end, answer) = self.op("resolve", folder)?;
        if end != End::Ok {
            return Ok(Answer::Refused(text(&answer["error"])));
        }
        Ok(Answer::Given(resolved(&answer["stages"], text(&answer["dot"]))))
    }

    fn status(&mut self, folder: &Path) -> Fallible<Answer<Status>> {
        let (end, answer) = self.op("status", folder)?;
        if end != End::Ok {
            return Ok(Answer::Refused(text(&answer["error"])));
        }
        let dirty = answer["dirty"].as_object().into_iter().flatten();
        let of_stages = dirty.filter(|(name, _)| !has_dvc_suffix(name));
        Ok(Answer::Given(of_stages.map(|(name, why)| (plain_name(name), Stale::Itself(text(why)))).collect()))
    }

    fn repro(&mut self, folder: &Path) -> Fallible<Ran> {
        let log = self.scratch.join("ran");
        fs::write(&log, "")?;
        let (end, answer) = self.op("repro", folder)?;
        Ok(Ran { end, said: text(&answer["error"]), stages: told_by(&log)? })
    }
}

/// The binary under test.
pub struct Lockgate {
    binary: PathBuf,
    scratch: PathBuf,
    /// The outs of the stages that were resolved last.
    made: Vec<Vec<String>>,
}

impl Lockgate {
    pub fn new(binary: &Path, scratch: &Path) -> Self {
        Self { binary: binary.to_owned(), scratch: scratch.to_owned(), made: Vec::new() }
    }

    pub fn version(&self) -> Fallible<String> {
        let (_, out, _) = self.run(Path::new("."), &["--version"])?;
        Ok(out.trim().to_owned())
    }

    fn run(&self, folder: &Path, words: &[&str]) -> Fallible<(Option<i32>, String, String)> {
        let output = Command::new(&self.binary)
            .args(words)
            .current_dir(folder)
            .envs([("SHELL", "/bin/sh"), ("NO_COLOR", "1")])
            .env("DIFF_RAN", self.scratch.join("ran-lockgate"))
            .stdin(Stdio::null())
            .output()?;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.status.code(), text(&output.stdout), text(&output.stderr)))
    }

    /// Runs a command that prints JSON.
    fn json(&self, folder: &Path, words: &[&str]) -> Fallible<Answer<Value>> {
        let (code, out, said) = self.run(folder, words)?;
        match code {
            Some(0) => Ok(Answer::Given(serde_json::from_str(&out)?)),
            Some(2 | 3) => Ok(Answer::Refused(said)),
            _ => Err(format!("lockgate {}: {code:?}\n{said}", words.join(" ")).into()),
        }
    }
}

impl Tool for Lockgate {
    fn resolve(&mut self, folder: &Path) -> Fallible<Answer<Resolved>> {
        let list = match self.json(folder, &["stage", "list", "--all", "--json"])? {
            Answer::Given(list) => list,
            Answer::Refused(why) => return Ok(Answer::Refused(why)),
        };
        let (code, dot, said) = self.run(folder, &["dag", "--dot"])?;
        if code != Some(0) {
            return Ok(Answer::Refused(said));
        }
        let resolved = resolved(&list_of(&list["stages"]).map(as_dvc_tells).collect(), dot);
        self.made = resolved.outs.values().cloned().collect();
        Ok(Answer::Given(resolved))
    }

    fn status(&mut self, folder: &Path) -> Fallible<Answer<Status>> {
        let answer = self.json(folder, &["status", "--json"])?;
        let Answer::Given(plan) = answer else {
            let Answer::Refused(why) = answer else { unreachable!("it was not given") };
            return Ok(Answer::Refused(why));
        };
        let made = self.made.iter().flatten().cloned().collect();
        let stale = |task: &Value| Some((text(&task["task"]), stale(&task["decision"], &made)?));
        Ok(Answer::Given(list_of(&plan["tasks"]).filter_map(stale).collect()))
    }

    fn repro(&mut self, folder: &Path) -> Fallible<Ran> {
        let log = self.scratch.join("ran-lockgate");
        fs::write(&log, "")?;
        let (code, _, said) = self.run(folder, &["repro", "-P", "-k", "-j", "2", "--write-dvc-lock"])?;
        let end = match code {
            Some(0) => End::Ok,
            Some(1) => End::Failed,
            Some(2 | 3) => End::Refused,
            _ => return Err(format!("lockgate repro: {code:?}\n{said}").into()),
        };
        Ok(Ran { end, said, stages: told_by(&log)? })
    }
}

/// Returns whether a decision says that a task is not up to date, and whether for its own sake: not only for what the stages
/// that make `made` will do.
fn stale(decision: &Value, made: &BTreeSet<String>) -> Option<Stale> {
    if ["fresh", "adopt", "held"].contains(&text(&decision["do"]).as_str()) {
        return None;
    }
    let follows = |reason: &Value| {
        let dep = reason["label"]["Dep"].as_str();
        reason["reason"] == "upstream_runs" || dep.is_some_and(|dep| made.iter().any(|out| overlap(out, dep)))
    };
    let is_own = !list_of(&decision["reasons"]).all(follows);
    Some(if is_own { Stale::Itself(decision.to_string()) } else { Stale::Follows })
}

/// Returns the name that lockgate has for a stage of DVC: `sub:a` for `sub/dvc.yaml:a`.
fn plain_name(name: &str) -> String {
    name.replacen("/dvc.yaml:", ":", 1)
}

/// Whether one path is the other, or is in it.
pub fn overlap(a: &str, b: &str) -> bool {
    let is_in = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    is_in(a, b) || is_in(b, a)
}

/// Returns what `stage list --json` says of a stage in the form of the driver.
fn as_dvc_tells(stage: &Value) -> Value {
    let mut params: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for param in list_of(&stage["params"]) {
        params.entry(text(&param["file"])).or_default().insert(text(&param["key"]));
    }
    let out = |out: &Value| json!([out["path"], out["kind"], out["cache"], out["persist"]]);
    let mut outs: Vec<Value> = list_of(&stage["outs"]).map(out).collect();
    outs.sort_by_key(Value::to_string);
    let deps: BTreeSet<String> = list_of(&stage["deps"]).map(text).collect();
    json!({
        "name": stage["name"], "cmd": stage["cmd"], "wdir": stage["wdir"], "deps": deps, "params": params, "outs": outs,
        "frozen": stage["frozen"], "always_changed": stage["always_changed"],
    })
}

fn resolved(stages: &Value, dot: String) -> Resolved {
    let mut resolved = Resolved { dot, ..Resolved::default() };
    for stage in list_of(stages) {
        let name = plain_name(&text(&stage["name"]));
        let mut stage = stage.clone();
        stage["name"] = Value::from(name.clone());
        let outs = list_of(&stage["outs"]).map(|out| text(&out[0])).collect();
        resolved.outs.insert(name.clone(), outs);
        resolved.stages.insert(name, stage.to_string());
    }
    resolved
}

fn list_of(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Returns a text as it is, and what is none in JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn has_dvc_suffix(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|suffix| suffix == "dvc")
}

fn told_by(log: &Path) -> Fallible<Vec<String>> {
    let mut lines: Vec<String> = fs::read_to_string(log)?.lines().map(plain_name).collect();
    lines.sort_unstable();
    Ok(lines)
}
