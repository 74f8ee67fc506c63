//! What every command is handed.

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use lockgate_spanned::Style;

use super::Invocation;
use super::args::{Cli, Command};
use super::settings;
use super::trouble::Trouble;
use crate::engine::{Doubt, OpenError, Place, Project, Workspace};
use crate::event::Event;
use crate::report::fold::fold;
use crate::report::plain::{Detail, Look, line};
use crate::sys::disk::{Root, is_folder};
use crate::sys::term::{Env, Out, Stream, Terminal};
use crate::words::{Exit, RelPath};

/// How much the user wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    Quiet,
    Usual,
    Verbose,
}

/// The world as one command sees it.
pub struct Context {
    pub env: Env,
    /// The folder in which the command counts as started (`--cd`).
    pub folder: PathBuf,
    /// The pipeline file, if the user names one.
    pub file: Option<PathBuf>,
    pub terminal: Terminal,
    pub verbosity: Verbosity,
    pub out: Out,
}

impl Context {
    /// Takes the global arguments in, and returns the command.
    pub fn new(cli: Cli, invocation: Invocation, out: Out) -> (Self, Command) {
        let Invocation { env, folder, .. } = invocation;
        let verbosity = match (cli.globals.quiet, cli.globals.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Usual,
        };
        let terminal = Terminal::look(&env, cli.globals.color.into());
        let folder = cli.globals.cd.map_or_else(|| folder.clone(), |cd| real(folder.join(cd)));
        (Self { env, folder, file: cli.globals.file, terminal, verbosity, out }, cli.command)
    }

    /// Says by name that the folder is not there, before anything is looked for in it.
    pub fn check_folder(&self) -> Result<(), Trouble> {
        if is_folder(&self.folder) {
            return Ok(());
        }
        Err(Trouble::usage(format!("there is no folder `{}`", self.folder.display()))
            .help("name another with `-C DIR`"))
    }

    /// The style of standard output.
    pub fn data_style(&self) -> Style {
        self.terminal.stdout.style
    }

    /// The style of standard error.
    pub fn style(&self) -> Style {
        self.terminal.stderr.style
    }

    /// Says why a command could not go on, and returns its exit code.
    pub fn tell(&mut self, trouble: &Trouble) -> Exit {
        let text = trouble.render(self.style());
        if trouble.is_drawn() {
            self.out.say(&text);
        } else {
            self.say(&text);
        }
        trouble.exit
    }

    /// Says a line on standard error, unless the user wants quiet.
    pub fn note(&mut self, line: &str) {
        if self.verbosity != Verbosity::Quiet {
            self.say(line);
        }
    }

    /// Says lines on standard error, none of them wider than a terminal.
    fn say(&mut self, text: &str) {
        let text = fitted(text, self.terminal.stderr);
        self.out.say(&text);
    }

    /// Shows lines for people on standard output, none of them wider than a terminal.
    pub fn show(&mut self, text: &str) -> io::Result<()> {
        let text = fitted(text, self.terminal.stdout);
        self.out.data(&text)
    }
}

/// Returns a folder without `..` in its path, whose ancestors would be other folders; one that is not there stays as it is said.
fn real(folder: PathBuf) -> PathBuf {
    Root::open(&folder).map_or(folder, |root| root.path().to_owned())
}

/// What is said, and what to do, of a pipeline file that is not read.
fn passed_over(file: &RelPath) -> (String, Option<String>) {
    let message = format!("`{file}` is not read: there is a `pipeline.yaml` beside it, which is a pipeline by itself");
    let help = "name the one that is meant: `--file PATH`".to_owned();
    (message, Some(help))
}

/// What is piped keeps its lines.
pub fn fitted(text: &str, stream: Stream) -> Cow<'_, str> {
    if stream.is_terminal { fold(text, stream.style.width).into() } else { text.into() }
}

impl Context {
    /// Finds the project, and reads its settings.
    pub fn find(&self) -> Result<Project, Trouble> {
        let project = self.look()?;
        let parsing = settings::read(self, project.root(), &[])?.parsing();
        Ok(project.with_parsing(parsing))
    }

    /// Finds the project alone, for a command that can go on without one.
    pub fn look(&self) -> Result<Project, OpenError> {
        Project::find(&self.place())
    }

    fn place(&self) -> Place {
        Place { cwd: self.folder.clone(), file: self.file.clone(), env: self.env.clone() }
    }

    /// Returns the root of the project in which the command counts as started, whatever is in it; `None` outside of projects.
    pub fn enclosing(&self) -> Result<Option<Root>, Trouble> {
        match Project::enclosing(&self.place()) {
            Ok(root) => Ok(Some(root)),
            Err(OpenError::NoPipeline(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the workspace, and warns of what is wrong with its lock and its texts.
    pub fn open(&mut self) -> Result<Workspace, Trouble> {
        let project = self.find()?;
        self.open_project(project)
    }

    /// Opens the workspace of a project that was found.
    pub fn open_project(&mut self, project: Project) -> Result<Workspace, Trouble> {
        let of_files = project.passed_over().map(passed_over);
        let workspace = Workspace::open(project)?;
        let of_lock = workspace.lock_warning().map(|warning| (warning.to_string(), warning.help().map(str::to_owned)));
        let of_texts = workspace.warnings().iter().map(|warning| (warning.message.clone(), warning.help.clone()));
        for (message, help) in of_files.into_iter().chain(of_lock).chain(of_texts) {
            self.warn(message, help);
        }
        Ok(workspace)
    }

    /// Warns of what could not be used of dvc.lock, once a command has asked for it.
    pub fn warn_of_doubts(&mut self, workspace: &Workspace) {
        for Doubt { message, help } in workspace.evidence().take_doubts() {
            self.warn(message, Some(help));
        }
    }

    pub fn warn(&mut self, message: String, help: Option<String>) {
        let look = Look { style: self.style(), detail: Detail::Quiet, names: 0 };
        let line = line(&Event::Warning { message, help }, look).unwrap_or_default();
        self.say(&format!("{line}\n"));
    }
}
