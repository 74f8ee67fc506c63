//! `lockgate stage add`.

use std::collections::BTreeMap;

use clap::Args;

use crate::cli::commands::{Ended, repro};
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::engine::{OpenError, Project, check_texts};
use crate::manifest::{IfThere, NewOut, NewParams, NewStage, OutList, add_stage, refusal_of_name};
use crate::pipeline::{Files, Flavour};
use crate::sys::disk::{Durability, Root, is_folder};
use crate::words::{Exit, RelPath};

/// Add a stage to the pipeline file
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate stage add -n clean -d raw.csv -o clean.csv python clean.py raw.csv clean.csv
  lockgate stage add -n train -d clean.csv -p lr,train.depth -o model.bin -M scores.json 'python train.py > log'
  lockgate stage add -n train --force --run …    in place of the one that is there, and run it

The stage is written below the others; comments and layout of the file stay as they are. Without a pipeline file one is
made. Paths are meant from the folder of the file, or from --wdir. Write a command with `>`, `|`, `$` or quotes as one word.")]
pub struct Add {
    /// Its name: letters, digits, `-` and `_`
    #[arg(short, long, value_name = "NAME")]
    name: String,
    /// Replace the stage of that name
    #[arg(short, long)]
    force: bool,
    /// A file or folder that it reads
    #[arg(short, long = "deps", value_name = "PATH")]
    deps: Vec<String>,
    /// Parameters that it reads: keys of `params.yaml` or of FILE; `FILE:` for the whole file
    #[arg(short, long = "params", value_name = "[FILE:]KEY,…")]
    params: Vec<String>,
    #[command(flatten)]
    outs: Outs,
    /// The folder in which it runs
    #[arg(short, long, value_name = "PATH")]
    wdir: Option<String>,
    /// Run it every time
    #[arg(long)]
    always_changed: bool,
    /// What it is for, in a line
    #[arg(long, value_name = "TEXT")]
    desc: Option<String>,
    /// Run it once it is added
    #[arg(long)]
    run: bool,
    /// The command
    #[arg(required = true, value_name = "CMD", trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

#[derive(Clone, Debug, Args)]
struct Outs {
    /// A file or folder that it makes
    #[arg(short = 'o', long = "outs", value_name = "PATH")]
    data: Vec<String>,
    /// An output that is not kept in the store, such as one that git keeps
    #[arg(short = 'O', long = "outs-no-cache", value_name = "PATH")]
    data_no_cache: Vec<String>,
    /// An output that stays in place while the stage runs, so that it can go on from it
    #[arg(long = "outs-persist", value_name = "PATH")]
    persist: Vec<String>,
    /// The same, not kept in the store
    #[arg(long = "outs-persist-no-cache", value_name = "PATH")]
    persist_no_cache: Vec<String>,
    /// A file of metrics that it makes
    #[arg(short, long = "metrics", value_name = "PATH")]
    metrics: Vec<String>,
    /// A file of metrics that is not kept in the store
    #[arg(short = 'M', long, value_name = "PATH")]
    metrics_no_cache: Vec<String>,
    /// A file of data to plot
    #[arg(long, value_name = "PATH")]
    plots: Vec<String>,
    /// A file of data to plot that is not kept in the store
    #[arg(long, value_name = "PATH")]
    plots_no_cache: Vec<String>,
}

pub fn run(command: &Add, context: &mut Context) -> Ended {
    if let Some(why) = refusal_of_name(&command.name) {
        return Err(Trouble::usage(format!("`{}` cannot be the name of a stage: {why}", command.name))
            .help("use letters, digits, `-` and `_`; such characters mean members, files and patterns in targets"));
    }
    let Target { root, file, files } = Target::of(context)?;
    let before = if root.stat(&file)?.is_some() { root.read_to_string(&file)? } else { String::new() };
    let if_there = if command.force { IfThere::Replace } else { IfThere::Refuse };
    let text = add_stage(&file, &before, &command.stage()?, if_there).map_err(Trouble::invalid)?;
    let texts = BTreeMap::from([(file.clone(), text)]);
    check_texts(&root, &files, &texts).map_err(Trouble::invalid)?;
    let path = if before.is_empty() { file.clone() } else { root.resolve(&file)? };
    root.publish(&path, texts[&file].as_bytes(), Durability::Later)?;
    if files.flavour == Flavour::Dvc {
        context.open()?.name_outs(&file.parent(), &command.name)?;
    }
    let name = if command.name.contains(' ') { format!("'{}'", command.name) } else { command.name.clone() };
    let next = if command.run { String::new() } else { format!("; `lockgate repro {name}` runs it") };
    context.note(&format!("added stage `{}` to `{file}`{next}\n", command.name));
    if !command.run {
        return Ok(Exit::Done);
    }
    let targets = vec![command.name.clone()];
    repro::run(&repro::Repro { targets, single_item: true, ..repro::Repro::default() }, context)
}

/// The file into which a stage is written.
struct Target {
    root: Root,
    file: RelPath,
    /// The files of the pipeline, with this one among them.
    files: Files,
}

impl Target {
    /// Returns the pipeline file of this folder. A DVC project has one in each folder, so a new one is made; another has one.
    fn of(context: &Context) -> Result<Self, Trouble> {
        match context.look() {
            Ok(project) => Self::within(&project, context.file.is_some()),
            Err(OpenError::NoPipeline(_)) => Self::first(context),
            Err(error) => Err(error.into()),
        }
    }

    fn within(project: &Project, is_named: bool) -> Result<Self, Trouble> {
        let here = project.here();
        let target = |file: RelPath| {
            let files = project.files_with(&file);
            Ok(Self { root: project.root().clone(), file, files })
        };
        match project.entry() {
            Some(entry) if is_named || entry.parent() == *here => target(entry.clone()),
            Some(entry) if entry.file_name() != "dvc.yaml" => {
                let (file, folder) = (entry.seen_from(here), entry.parent().seen_from(here));
                let message =
                    format!("the pipeline file is `{file}`, and the paths of a stage are meant from its folder");
                Err(Trouble::usage(message).help(format!("add the stage there: `lockgate -C {folder} stage add …`")))
            }
            Some(_) | None => target(below(here, "dvc.yaml")),
        }
    }

    /// The first file of a project: in one of DVC, it is DVC's.
    fn first(context: &Context) -> Result<Self, Trouble> {
        let here = Root::open(&context.folder)?;
        let dvc = here.path().ancestors().find(|folder| is_folder(&folder.join(".dvc")));
        let (root, file) = match dvc {
            None => (here, below(&RelPath::root(), "pipeline.yaml")),
            Some(folder) => {
                let way = here.path().strip_prefix(folder).ok().and_then(|way| way.to_str()).unwrap_or_default();
                let way = RelPath::root().join(way).unwrap_or_else(|_| RelPath::root());
                (Root::open(folder)?, below(&way, "dvc.yaml"))
            }
        };
        Ok(Self { root, files: Files::single(file.clone()), file })
    }
}

fn below(folder: &RelPath, name: &str) -> RelPath {
    folder.join(name).expect("the name is a plain one")
}

impl Add {
    fn stage(&self) -> Result<NewStage, Trouble> {
        Ok(NewStage {
            name: self.name.clone(),
            cmd: words(&self.command),
            desc: self.desc.clone(),
            wdir: self.wdir.clone(),
            deps: sorted(self.deps.clone()),
            params: params(&self.params)?,
            outs: self.outs.all(),
            always_changed: self.always_changed,
        })
    }
}

impl Outs {
    fn all(&self) -> Vec<NewOut> {
        let lists = [
            (&self.data, OutList::Outs, true, false),
            (&self.data_no_cache, OutList::Outs, false, false),
            (&self.persist, OutList::Outs, true, true),
            (&self.persist_no_cache, OutList::Outs, false, true),
            (&self.metrics, OutList::Metrics, true, false),
            (&self.metrics_no_cache, OutList::Metrics, false, false),
            (&self.plots, OutList::Plots, true, false),
            (&self.plots_no_cache, OutList::Plots, false, false),
        ];
        let outs = lists.into_iter().flat_map(|(paths, list, cache, persist)| {
            paths.iter().map(move |path| NewOut { path: path.clone(), list, cache, persist })
        });
        let mut outs: Vec<NewOut> = outs.collect();
        outs.sort_by(|a, b| a.path.cmp(&b.path));
        outs
    }
}

/// Lists are sorted and without repeats, as DVC writes them.
fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts.dedup();
    texts
}

/// One word is the command as it is; of several, those that a shell would split are quoted.
fn words(words: &[String]) -> String {
    let [word] = words else {
        return words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    };
    word.clone()
}

fn quoted(word: &str) -> String {
    match (word.is_empty() || word.contains(char::is_whitespace), word.contains('"')) {
        (false, _) => word.to_owned(),
        (true, false) => format!("\"{word}\""),
        (true, true) => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Gathers keys by file, those of `params.yaml` first.
fn params(texts: &[String]) -> Result<Vec<NewParams>, Trouble> {
    let mut all: Vec<NewParams> = Vec::new();
    for text in texts {
        let (file, keys) = text.rsplit_once(':').map_or((None, text.as_str()), |(file, keys)| (Some(file), keys));
        let keys: Vec<String> = keys.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        if file == Some("") || (file.is_none() && keys.is_empty()) {
            return Err(Trouble::usage(format!("`{text}` names no parameter"))
                .help("write `-p KEY,KEY`, `-p FILE:KEY`, or `-p FILE:` for all of a file"));
        }
        let file = file.map(str::to_owned);
        match all.iter_mut().find(|known| known.file == file) {
            // The whole file wins over its keys.
            Some(known) if known.keys.is_empty() || keys.is_empty() => known.keys.clear(),
            Some(known) => known.keys.extend(keys),
            None => all.push(NewParams { file, keys }),
        }
    }
    all.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(all.into_iter().map(|params| NewParams { keys: sorted(params.keys), ..params }).collect())
}
