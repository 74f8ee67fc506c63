//! `lockgate stage add`.

use clap::Args;

use crate::cli::commands::{Ended, repro};
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::engine::{OpenError, check_text};
use crate::manifest::{IfThere, NewOut, NewParams, NewStage, OutList, add_stage, refusal_of_name};
use crate::sys::disk::{Durability, Root};
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
    #[arg(short, long = "outs", value_name = "PATH")]
    outs: Vec<String>,
    /// An output that is not kept in the store, such as one that git keeps
    #[arg(short = 'O', long, value_name = "PATH")]
    outs_no_cache: Vec<String>,
    /// An output that stays in place while the stage runs, so that it can go on from it
    #[arg(long, value_name = "PATH")]
    outs_persist: Vec<String>,
    /// The same, not kept in the store
    #[arg(long, value_name = "PATH")]
    outs_persist_no_cache: Vec<String>,
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
    let (root, file) = place(context)?;
    let (file, before) = if root.stat(&file)?.is_some() {
        let file = root.resolve(&file)?;
        (file.clone(), root.read_to_string(&file)?)
    } else {
        (file, String::new())
    };
    let if_there = if command.force { IfThere::Replace } else { IfThere::Refuse };
    let text = add_stage(&file, &before, &command.stage()?, if_there).map_err(Trouble::invalid)?;
    check_text(&root, &file, &text).map_err(Trouble::invalid)?;
    root.publish(&file, text.as_bytes(), Durability::Later)?;
    let next = if command.run { String::new() } else { format!("; `lockgate repro {}` runs it", command.name) };
    context.note(&format!("added stage `{}` to `{file}`{next}\n", command.name));
    if !command.run {
        return Ok(Exit::Done);
    }
    let targets = vec![command.name.clone()];
    repro::run(&repro::Repro { targets, single_item: true, ..repro::Repro::default() }, context)
}

/// Returns the pipeline file of this folder. A DVC project has one in each folder, so a new one is made; another has one.
fn place(context: &Context) -> Result<(Root, RelPath), Trouble> {
    let plain = |name: &str| RelPath::parse(name).expect("the name is a plain one");
    match context.look() {
        Ok(project) if context.file.is_some() || project.is_here() => {
            Ok((project.root().clone(), project.file().clone()))
        }
        Ok(project) if project.file().file_name() == "dvc.yaml" => {
            let file = project.here().join("dvc.yaml").expect("the name is a plain one");
            Ok((project.root().clone(), file))
        }
        Ok(project) => {
            let file = project.file().seen_from(project.here());
            let folder = project.file().parent().seen_from(project.here());
            Err(Trouble::usage(format!(
                "the pipeline file is `{file}`, and the paths of a stage are meant from its folder"
            ))
            .help(format!("add the stage there: `lockgate -C {folder} stage add …`")))
        }
        Err(OpenError::NoPipeline(_)) => Ok((Root::open(&context.folder)?, plain("pipeline.yaml"))),
        Err(error) => Err(error.into()),
    }
}

impl Add {
    fn stage(&self) -> Result<NewStage, Trouble> {
        Ok(NewStage {
            name: self.name.clone(),
            cmd: words(&self.command),
            desc: self.desc.clone(),
            wdir: self.wdir.clone(),
            deps: self.deps.clone(),
            params: params(&self.params)?,
            outs: self.outs.all(),
            always_changed: self.always_changed,
        })
    }
}

impl Outs {
    fn all(&self) -> Vec<NewOut> {
        let lists = [
            (&self.outs, OutList::Outs, true, false),
            (&self.outs_no_cache, OutList::Outs, false, false),
            (&self.outs_persist, OutList::Outs, true, true),
            (&self.outs_persist_no_cache, OutList::Outs, false, true),
            (&self.metrics, OutList::Metrics, true, false),
            (&self.metrics_no_cache, OutList::Metrics, false, false),
            (&self.plots, OutList::Plots, true, false),
            (&self.plots_no_cache, OutList::Plots, false, false),
        ];
        let outs = lists.into_iter().flat_map(|(paths, list, cache, persist)| {
            paths.iter().map(move |path| NewOut { path: path.clone(), list, cache, persist })
        });
        outs.collect()
    }
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
    all.sort_by_key(|params| params.file.is_some());
    Ok(all)
}
