//! The terms of a run, and what is set up when its first task needs work.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::compiled::Compiled;
use super::crew::{Crew, News};
use super::logs::RunFiles;
use super::repro::{Keeping, WhenLost};
use super::work::{Shop, failure, io_failure};
use crate::event::{Failure, FailureCause};
use crate::observe::Observer;
use crate::pipeline::Flavour;
use crate::store::{Link, Protect, Store};
use crate::sys::disk::Root;
use crate::sys::process::{Cancel, Guard, Shell, adopt_orphans, end_orphans, task_token};

/// The variable by which a task knows its run, and the guard of the run its tasks.
const RUN: &str = "LOCKGATE_RUN";

/// What stays the same for all tasks of a run.
pub struct Terms {
    pub root: Root,
    pub compiled: Arc<Compiled>,
    pub store: Arc<Store>,
    pub observer: Arc<Observer>,
    pub flavour: Flavour,
    /// The user's `$SHELL`.
    pub user_shell: Option<String>,
    /// The values that must not get into a log.
    pub secrets: Vec<Vec<u8>>,
    pub jobs: usize,
    pub grace: Duration,
    pub link: Link,
    pub protect: Protect,
    pub when_lost: WhenLost,
    pub keeping: Keeping,
}

impl Terms {
    /// Makes the run's folder, ends what a dead run left running, starts the guard, and hires a crew.
    pub fn hire(&self, news: &Sender<News>) -> Result<Crew, Failure> {
        let machine =
            |what: &str, error: std::io::Error| failure(FailureCause::Io, format!("cannot start: {what}: {error}"));
        let run = RunFiles::new(&self.root);
        run.make().map_err(|error| io_failure("the folder of the run could not be made", &error))?;
        adopt_orphans().map_err(|error| machine("the system does not give orphans back", error))?;
        end_orphans(self.root.path());
        let (canceller, cancel) = Cancel::new().map_err(|error| machine("no pipe can be made", error))?;
        let token = format!("{RUN}={}", run.id());
        let guard = Guard::start(&token).map_err(|error| machine("the guard process cannot be started", error))?;
        let shop = Shop {
            root: self.root.clone(),
            compiled: Arc::clone(&self.compiled),
            store: Arc::clone(&self.store),
            observer: Arc::clone(&self.observer),
            shell: self.shell(),
            env: self.env(run.id()),
            secrets: self.secrets.clone(),
            run,
            grace: self.grace,
            link: self.link,
            protect: self.protect,
            keeping: self.keeping,
            cancel,
            guard,
        };
        Crew::hire(shop, canceller, news.clone(), self.jobs).map_err(|error| machine("signals cannot be caught", error))
    }

    fn shell(&self) -> Shell {
        match self.flavour {
            Flavour::Native => Shell::posix(),
            Flavour::Dvc => Shell::of_user(self.user_shell.as_deref()),
        }
    }

    fn env(&self, run: &str) -> Vec<(String, OsString)> {
        let (token, value) = task_token(self.root.path());
        let root = self.root.path().as_os_str().to_owned();
        let mut env = vec![(token, value.into()), (RUN.to_owned(), run.into())];
        if self.flavour == Flavour::Dvc {
            env.push(("DVC_ROOT".to_owned(), root));
        }
        env
    }
}
