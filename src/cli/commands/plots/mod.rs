//! `lockgate plots`: its arguments, and the plots written down in the form that was asked for.

mod collect;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use lockgate_spanned::nearest;
use serde_json::{Map, Value as Json, json};

use self::collect::{Collected, Collector, Trouble as PlotTrouble};
use super::Ended;
use super::compare::worse;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::cli::values::{Sides, WORKSPACE, note_outside};
use crate::engine::Workspace;
use crate::pipeline::{Axis, Drawing, Flavour, OutKind};
use crate::report::json::page;
use crate::report::paint::{Ink, paint};
use crate::report::plots::{Content, Plot, html, template, text};
use crate::sys::disk::write_outside;
use crate::words::Exit;
use crate::words::text::inert;

/// Draw plots, and compare them between revisions
#[derive(Clone, Debug, Args)]
pub struct Plots {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    Show(Show),
    Diff(Diff),
    Templates(Templates),
}

/// Draw the plots of the workspace, as a page and on the terminal
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate plots show                          all that the pipeline declares as plots
  lockgate plots show loss.csv --text          one file, in characters; nothing is written
  lockgate plots show p.csv -t confusion -x actual -y predicted
  lockgate plots show roc --show-vega          the vega-lite of one plot

The page is `dvc_plots/index.html` for a `dvc.yaml`, else `lockgate_plots/index.html`. It is one file with its data inside; the
library that draws is loaded from the network, and without it the page shows what a terminal does.")]
pub struct Show {
    /// Plots by name, or files [default: all plots]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    form: Form,
}

/// Draw the plots of several revisions over one another
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate plots diff                          the workspace and HEAD
  lockgate plots diff main --text              the workspace and main, in characters
  lockgate plots diff v1 v2 v3 --targets roc   one plot in three revisions

What git does not have of a plot is taken from the store, if the store still has what that revision's lock names.")]
pub struct Diff {
    /// Revisions, or `workspace` [default: workspace and HEAD]; one alone is drawn over the workspace
    #[arg(value_name = "REV")]
    revisions: Vec<String>,
    /// Plots by name, or files [default: all plots]
    #[arg(long, value_name = "TARGET", num_args = 1..)]
    targets: Vec<String>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    form: Form,
}

/// List the built-in templates, or print one
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  lockgate plots templates linear > my.json    the start of a template of your own, for `-t my.json`")]
pub struct Templates {
    /// The template to print
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// How plots are drawn: each setting stands above what the pipeline file says.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How it is drawn")]
struct Settings {
    /// A template by name (`plots templates` lists them), or the file of one
    #[arg(short, long, value_name = "NAME")]
    template: Option<String>,
    /// The field of the x axis
    #[arg(short, value_name = "FIELD")]
    x: Option<String>,
    /// The field of the y axis
    #[arg(short, value_name = "FIELD")]
    y: Option<String>,
    /// What stands above the plot
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// What stands beside the x axis
    #[arg(long, value_name = "TEXT")]
    x_label: Option<String>,
    /// What stands beside the y axis
    #[arg(long, value_name = "TEXT")]
    y_label: Option<String>,
    /// Tables have no line of names; their columns are called 0, 1, …
    #[arg(long)]
    no_header: bool,
}

/// In which form plots are written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "In which form")]
struct Form {
    /// Write the page into this folder
    #[arg(short, long, value_name = "DIR", conflicts_with_all = ["text", "json", "show_vega"])]
    out: Option<PathBuf>,
    /// Draw in characters, and write no page
    #[arg(long, conflicts_with_all = ["json", "show_vega"])]
    text: bool,
    /// Print JSON, with vega-lite for each chart
    #[arg(long, conflicts_with = "show_vega")]
    json: bool,
    /// Print the vega-lite of one plot
    #[arg(long)]
    show_vega: bool,
}

pub fn run(command: &Plots, context: &mut Context) -> Ended {
    match &command.part {
        Part::Show(Show { targets, settings, form }) => draw(context, &[WORKSPACE.to_owned()], targets, settings, form),
        Part::Diff(Diff { revisions, targets, settings, form }) => {
            let sides = match revisions.as_slice() {
                [] => &[WORKSPACE, "HEAD"].map(str::to_owned)[..],
                [one] => &[WORKSPACE.to_owned(), one.clone()],
                several => several,
            };
            draw(context, sides, targets, settings, form)
        }
        Part::Templates(Templates { name }) => templates(context, name.as_deref()),
    }
}

fn templates(context: &mut Context, name: Option<&str>) -> Ended {
    let text = match name {
        None => template::names().collect::<Vec<_>>().join("\n") + "\n",
        Some(name) => template::built_in_text(name).ok_or_else(|| no_template(name))?.to_owned(),
    };
    context.out.data(&text)?;
    Ok(Exit::Done)
}

/// What is said of a template that is not there.
fn no_template(name: &str) -> Trouble {
    let help = match nearest(name, template::names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`lockgate plots templates` lists them; the path of a file names one of your own".to_owned(),
    };
    Trouble::usage(format!("there is no template `{name}`")).help(help)
}

impl Settings {
    /// Puts what was said on the command line above what the pipeline file says.
    fn over(&self, drawing: &Drawing) -> Drawing {
        let axis = |said: &Option<String>, axis: &Axis| {
            said.as_ref().map_or_else(|| axis.clone(), |field| Axis::Fields(vec![field.clone()]))
        };
        let text = |said: &Option<String>, text: &Option<String>| said.clone().or_else(|| text.clone());
        Drawing {
            x: axis(&self.x, &drawing.x),
            y: axis(&self.y, &drawing.y),
            template: text(&self.template, &drawing.template),
            title: text(&self.title, &drawing.title),
            x_label: text(&self.x_label, &drawing.x_label),
            y_label: text(&self.y_label, &drawing.y_label),
            headless: self.no_header || drawing.headless,
        }
    }
}

fn draw(context: &mut Context, names: &[String], targets: &[String], settings: &Settings, form: &Form) -> Ended {
    if form.show_vega && targets.len() != 1 {
        return Err(Trouble::usage("`--show-vega` prints one plot")
            .help("name it; `--json` prints the vega-lite of all of them"));
    }
    let workspace = context.open()?;
    let sides = Sides::new(&workspace);
    let sides = names.iter().map(|name| Ok((name.clone(), sides.named(name)?)));
    let sides = sides.collect::<Result<Vec<_>, Trouble>>()?;
    let collector = Collector {
        sides: &sides,
        cwd: workspace.cwd(),
        folder: &context.folder,
        root: workspace.root(),
        over: &|drawing| settings.over(drawing),
    };
    // The mistake in one that is meant for all plots is told once.
    settings.template.iter().try_for_each(|name| collector.template(name).map(drop))?;
    let collected = collector.collect(targets)?;
    note_outside(&workspace, OutKind::Plot, context);
    write(context, &workspace, &collected, form)?;
    let mut exit = Exit::Done;
    for trouble in &collected.troubles {
        exit = worse(exit, trouble.tell(context));
    }
    Ok(exit)
}

fn write(context: &mut Context, workspace: &Workspace, collected: &Collected, form: &Form) -> Result<(), Trouble> {
    if form.json {
        return Ok(context.out.data(&page(&to_json(collected)))?);
    }
    if collected.plots.is_empty() {
        let why =
            if collected.troubles.is_empty() { "the pipeline declares no plots" } else { "nothing could be drawn" };
        context.note(&format!("{why}\n"));
        return Ok(());
    }
    if form.show_vega {
        let specs = collected.plots.iter().find_map(spec).ok_or_else(|| {
            Trouble::usage("this plot is a picture, of which there is no vega-lite").help("leave `--show-vega` out")
        })?;
        return Ok(context.out.data(&page(&specs))?);
    }
    if form.text || context.terminal.stdout.is_terminal {
        for plot in &collected.plots {
            let drawn = in_characters(plot, context);
            context.out.data(&drawn)?;
        }
    }
    if !form.text {
        let file = write_page(context, workspace, &collected.plots, form.out.as_deref())?;
        context.out.data_line(&file_url(&file))?;
    }
    Ok(())
}

fn write_page(
    context: &Context,
    workspace: &Workspace,
    plots: &[Plot],
    out: Option<&Path>,
) -> Result<PathBuf, Trouble> {
    let folder = out.unwrap_or_else(|| match workspace.pipeline().files.flavour {
        Flavour::Dvc => Path::new("dvc_plots"),
        Flavour::Native => Path::new("lockgate_plots"),
    });
    let file = context.folder.join(folder).join("index.html");
    write_outside(&file, &html::page(plots))?;
    Ok(file)
}

/// Writes a path as browsers take it.
fn file_url(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    format!("file://{}", path.as_os_str().as_encoded_bytes().iter().map(|byte| encode(*byte)).collect::<String>())
}

fn spec(plot: &Plot) -> Option<Json> {
    match &plot.content {
        Content::Chart(chart) => Some(template::spec(chart)),
        Content::Images(_) => None,
    }
}

fn in_characters(plot: &Plot, context: &Context) -> String {
    let drawn = match &plot.content {
        Content::Chart(chart) => text::chart(chart, context.data_style()),
        Content::Images(_) => None,
    };
    let id = inert(&plot.id);
    drawn.map_or_else(|| format!("{id}: on the page only\n\n"), |drawn| format!("{drawn}\n"))
}

/// As in DVC: for each plot its charts or pictures with their revisions; then what could not be drawn.
fn to_json(collected: &Collected) -> Json {
    let mut data = Map::new();
    for plot in &collected.plots {
        let entries = match &plot.content {
            Content::Chart(chart) => {
                let revisions = chart.points.revisions();
                json!([{ "type": "vega", "revisions": revisions, "content": template::spec(chart) }])
            }
            Content::Images(images) => images
                .iter()
                .map(|image| json!({ "type": "image", "revisions": [image.revision], "url": html::data_url(image) }))
                .collect(),
        };
        data.insert(plot.id.clone(), entries);
    }
    let errors: Vec<Json> = collected.troubles.iter().map(PlotTrouble::to_json).collect();
    let mut all = Map::new();
    if !errors.is_empty() {
        all.insert("errors".to_owned(), Json::Array(errors));
    }
    all.insert("data".to_owned(), Json::Object(data));
    Json::Object(all)
}

impl PlotTrouble {
    /// Says on standard error what is not drawn, and why.
    fn tell(&self, context: &mut Context) -> Exit {
        match self {
            Self::Unread { revision, failure } => failure.tell(revision, context),
            Self::NoTemplate { id, why } => {
                context.note(&format!("plot `{}` is not drawn:\n", inert(id)));
                context.tell(why)
            }
            Self::Undrawn { revision, id, why, exit } => {
                let warning = paint(context.style(), Ink::Caution, "warning");
                let of = if revision.is_empty() { String::new() } else { format!(" of {}", inert(revision)) };
                let why_not = inert(&why.to_string());
                context.note(&format!(
                    "{warning}: plot `{}`{of} is not drawn: {why_not}\n  help: {}\n",
                    inert(id),
                    why.help()
                ));
                *exit
            }
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Unread { revision, failure } => {
                let error = failure.to_json();
                json!({ "rev": revision, "source": failure.file, "type": error["type"], "msg": error["msg"] })
            }
            Self::NoTemplate { id, why } => json!({ "name": id, "type": "template", "msg": why.message() }),
            Self::Undrawn { revision, id, why, exit: _ } => {
                json!({ "name": id, "rev": revision, "type": "undrawn", "msg": why.to_string() })
            }
        }
    }
}
