//! Random edits of a project: of what it is, and of what stands on the disk.

use super::dice::Dice;
use super::make::scalars;
use super::project::{Out, Project, Stage};

/// What is done with the disk, beside the files of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnDisk {
    Touch(String),
    Remove(String),
    Append(String),
    /// An empty file that is no file of the project.
    Create(String),
}

/// An edit, told, and what it does beside changing the project.
#[derive(Clone, Debug)]
pub struct Deed {
    pub told: String,
    pub on_disk: Option<OnDisk>,
    pub effect: Effect,
}

/// What an edit does that the two tools are known to take differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    None,
    /// Something was removed from the stage or group of that name.
    Removed(String),
    /// The folder or the outs' flags of the stage or group are changed.
    Unseen(String),
    /// A parameter has a value that Python calls equal to the one before, and nobody else does.
    Equal,
    /// A stage fails when it runs.
    Broken,
}

/// What an edit may reach for.
pub struct Reach<'a> {
    /// The project as it was, for edits that take all back.
    pub past: &'a [Project],
    /// The outs of all stages.
    pub outs: &'a [String],
    /// Whether the edit may be one that the tools are known to take differently.
    pub is_last: bool,
}

type Kind = fn(&mut Dice, &mut Project, &Reach) -> Option<Deed>;

/// Edits that both tools take in the same way, by weight.
const PEACEABLE: [Kind; 19] = [
    source, source, source, param, param, param, touch, drop_out, drop_out, edit_out, command, command, add_dep,
    add_param, shuffle, freeze, take_back, take_back, add_stage,
];

/// Edits of which one tool makes more than the other.
const DIVISIVE: [Kind; 6] = [remove_dep, remove_param, remove_out, flags, break_stage, drop_stage];

/// Makes one random edit.
pub fn edit(dice: &mut Dice, project: &mut Project, reach: &Reach) -> Deed {
    for _ in 0..20 {
        let is_divisive = reach.is_last && dice.likely(50);
        let kind = if is_divisive { dice.pick(&DIVISIVE) } else { dice.pick(&PEACEABLE) };
        if let Some(deed) = kind(dice, project, reach) {
            return deed;
        }
    }
    Deed::of("nothing is changed")
}

impl Deed {
    fn of(told: impl Into<String>) -> Self {
        Self { told: told.into(), on_disk: None, effect: Effect::None }
    }

    fn on_disk(told: impl Into<String>, on_disk: OnDisk) -> Self {
        Self { on_disk: Some(on_disk), ..Self::of(told) }
    }

    fn with(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}

/// Returns what the tools are known to take differently of what is new in a project.
pub fn effects(old: &Project, new: &Project) -> Vec<Effect> {
    let mut effects = Vec::new();
    for stage in new.pipelines.iter().flat_map(|pipeline| &pipeline.stages) {
        let same = |other: &&Stage| other.name == stage.name;
        let Some(old) = old.pipelines.iter().flat_map(|pipeline| &pipeline.stages).find(same) else { continue };
        let paths = |stage: &Stage| -> Vec<String> { stage.outs.iter().map(|out| out.path.clone()).collect() };
        let is_less = |old: &[String], new: &[String]| old.iter().any(|each| !new.contains(each));
        if is_less(&old.deps, &stage.deps) || is_less(&old.params, &stage.params) || is_less(&paths(old), &paths(stage))
        {
            effects.push(Effect::Removed(stage.name.clone()));
        }
        let is_other = |out: &Out| old.outs.iter().any(|other| other.path == out.path && other.flags != out.flags);
        if old.wdir != stage.wdir || stage.outs.iter().any(is_other) {
            effects.push(Effect::Unseen(stage.name.clone()));
        }
    }
    effects
}

fn any_stage<'a>(dice: &mut Dice, project: &'a mut Project) -> Option<&'a mut Stage> {
    let (pipeline, stage) = *dice.pick_some(&project.stages())?;
    Some(&mut project.pipelines[pipeline].stages[stage])
}

fn source(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let paths: Vec<String> = project.sources.keys().filter(|path| !path.ends_with("keep.txt")).cloned().collect();
    let path = dice.pick_some(&paths)?.clone();
    match dice.roll(5) {
        0 if path.contains('/') => {
            project.sources.remove(&path);
            // A folder of which nothing is left is another matter.
            project.sources.insert(format!("{path}.renamed"), "renamed\n".to_owned());
            Some(Deed::of(format!("`{path}` is replaced by another file of its folder")))
        }
        1 if path.contains('/') => {
            project.sources.insert(format!("{path}.new"), "new\n".to_owned());
            Some(Deed::of(format!("a file is added beside `{path}`")))
        }
        2 => {
            let same = project.sources.values().next().cloned().unwrap_or_default();
            project.sources.insert(path.clone(), same);
            Some(Deed::of(format!("`{path}` becomes equal to another file")))
        }
        _ => {
            project.sources.get_mut(&path)?.push_str("more\n");
            Some(Deed::of(format!("`{path}` grows")))
        }
    }
}

fn param(dice: &mut Dice, project: &mut Project, reach: &Reach) -> Option<Deed> {
    if project.tables.is_empty() {
        return None;
    }
    let at = dice.roll(project.tables.len());
    let table = &mut project.tables[at];
    let (path, notation) = (table.path.clone(), table.notation);
    let mut leaves = table.leaves();
    if leaves.is_empty() {
        return None;
    }
    let at = dice.roll(leaves.len());
    let new = (*dice.pick(scalars(notation, true))).to_owned();
    let told = format!("`{}` becomes `{new}` in `{path}`", leaves[at]);
    let is_equal = number(leaves[at]).is_some_and(|old| number(&new) == Some(old));
    if is_equal && !reach.is_last {
        return None;
    }
    *leaves[at] = new;
    Some(Deed::of(told).with(if is_equal { Effect::Equal } else { Effect::None }))
}

/// Returns the number that a scalar is to Python, written so that equal numbers are equal texts.
fn number(text: &str) -> Option<String> {
    let number = match text {
        "true" | "True" => 1.0,
        "false" | "False" => 0.0,
        "0x1F" => 31.0,
        text => text.replace('_', "").parse::<f64>().ok()?,
    };
    Some(format!("{:?}", number + 0.0))
}

fn touch(dice: &mut Dice, project: &mut Project, reach: &Reach) -> Option<Deed> {
    let paths: Vec<&String> = project.sources.keys().chain(reach.outs).collect();
    let path = (*dice.pick_some(&paths)?).clone();
    Some(Deed::on_disk(format!("`{path}` is touched"), OnDisk::Touch(path)))
}

fn drop_out(dice: &mut Dice, _: &mut Project, reach: &Reach) -> Option<Deed> {
    let path = dice.pick_some(reach.outs)?.clone();
    Some(Deed::on_disk(format!("the out `{path}` is deleted"), OnDisk::Remove(path)))
}

fn edit_out(dice: &mut Dice, _: &mut Project, reach: &Reach) -> Option<Deed> {
    let path = dice.pick_some(reach.outs)?.clone();
    Some(Deed::on_disk(format!("the out `{path}` is edited by hand"), OnDisk::Append(path)))
}

fn command(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let n = dice.roll(1000);
    let stage = any_stage(dice, project)?;
    stage.cmd.push(format!("echo {n}"));
    Some(Deed::of(format!("the command of `{}` gets one more part", stage.name)))
}

fn add_dep(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stage = any_stage(dice, project)?;
    let path = if stage.wdir.is_some() { "keep.txt" } else { "work/keep.txt" };
    if stage.deps.iter().any(|dep| dep == path) {
        return None;
    }
    stage.deps.insert(0, path.to_owned());
    Some(Deed::of(format!("`{}` gets the dep `{path}`", stage.name)))
}

fn add_param(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let (at, stage) = *dice.pick_some(&project.stages())?;
    let path = project.pipelines[at].path("params.yaml");
    let keys = project.tables.iter().find(|table| table.path == path)?.keys();
    let stage = &mut project.pipelines[at].stages[stage];
    let key = dice.pick_some(&keys)?.clone();
    if stage.wdir.is_some() || stage.params.contains(&key) {
        return None;
    }
    stage.params.push(key.clone());
    Some(Deed::of(format!("`{}` gets the parameter `{key}`", stage.name)))
}

#[expect(clippy::unnecessary_wraps, reason = "it is one of the edits")]
fn shuffle(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let at = dice.roll(project.pipelines.len());
    let pipeline = &mut project.pipelines[at];
    dice.shuffle(&mut pipeline.stages);
    for stage in &mut pipeline.stages {
        dice.shuffle(&mut stage.deps);
        dice.shuffle(&mut stage.outs);
    }
    Some(Deed::of(format!("the order in `{}` changes", pipeline.path("dvc.yaml"))))
}

fn freeze(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stage = any_stage(dice, project)?;
    stage.frozen = if stage.frozen.is_some() { None } else { Some("true".to_owned()) };
    let word = if stage.frozen.is_some() { "frozen" } else { "not frozen any more" };
    Some(Deed::of(format!("`{}` is {word}", stage.name)))
}

fn take_back(dice: &mut Dice, project: &mut Project, reach: &Reach) -> Option<Deed> {
    let at = dice.roll(reach.past.len().max(1));
    *project = reach.past.get(at)?.clone();
    Some(Deed::of(format!("everything is again as before edit {}", at + 1)))
}

#[expect(clippy::unnecessary_wraps, reason = "it is one of the edits")]
fn add_stage(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let name = format!("late{}", dice.roll(1000));
    let out = format!("{name}.out");
    let stage = Stage {
        cmd: vec!["echo \"$DVC_STAGE\" >> \"$DIFF_RAN\"".to_owned(), format!("cat in0.txt > {out}")],
        deps: vec!["in0.txt".to_owned()],
        outs: vec![Out { path: out, list: "outs", flags: Vec::new() }],
        name: name.clone(),
        ..Stage::default()
    };
    let stages = &mut project.pipelines[0].stages;
    stages.insert(dice.roll(stages.len() + 1), stage);
    Some(Deed::of(format!("there is a new stage `{name}`")))
}

fn remove_dep(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stage = any_stage(dice, project)?;
    let dep = (!stage.deps.is_empty()).then(|| stage.deps.remove(0))?;
    let told = format!("`{}` loses the dep `{dep}`", stage.name);
    Some(Deed::of(told))
}

fn remove_param(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stage = any_stage(dice, project)?;
    let param = stage.params.pop()?;
    let told = format!("`{}` loses the parameter `{param}`", stage.name);
    Some(Deed::of(told))
}

fn remove_out(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stage = any_stage(dice, project)?;
    let out = stage.outs.pop()?;
    let told = format!("`{}` loses the out `{}`", stage.name, out.path);
    Some(Deed::of(told))
}

fn flags(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stage = any_stage(dice, project)?;
    let name = stage.name.clone();
    let out = stage.outs.first_mut()?;
    out.flags = if out.flags.is_empty() { vec!["cache: false".to_owned()] } else { Vec::new() };
    let told = format!("`{name}`: the flags of `{}` become {:?}", out.path, out.flags);
    Some(Deed::of(told))
}

fn break_stage(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let stages = project.pipelines.iter().flat_map(|pipeline| &pipeline.stages);
    let marks: Vec<String> = stages.flat_map(|stage| &stage.cmd).filter_map(|part| mark(part)).collect();
    let mark = dice.pick_some(&marks)?.clone();
    // So that it runs at all.
    let told =
        source(dice, project, &Reach { past: &[], outs: &[], is_last: false }).map_or(String::new(), |deed| deed.told);
    let told = format!("the stage that looks for `{mark}` fails; {told}");
    Some(Deed::on_disk(told, OnDisk::Create(mark)).with(Effect::Broken))
}

/// Returns the file whose presence makes a part of a command fail.
fn mark(part: &str) -> Option<String> {
    let name = part.strip_prefix("test ! -e \"$DVC_ROOT/")?.strip_suffix('"')?;
    Some(name.to_owned())
}

fn drop_stage(dice: &mut Dice, project: &mut Project, _: &Reach) -> Option<Deed> {
    let (at, stage) = *dice.pick_some(&project.stages())?;
    let stages = &mut project.pipelines[at].stages;
    if stages.len() < 2 {
        return None;
    }
    let stage = stages.remove(stage);
    Some(Deed::of(format!("the stage `{}` is gone", stage.name)))
}
