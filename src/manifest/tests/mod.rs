//! Tests of the manifest as a whole: what is read, one snapshot for each error, and properties.

mod members;
mod properties;
mod reading;
mod refusing;
mod refusing_forms;
mod refusing_members;
mod refusing_stages;
mod refusing_templates;
mod strict;
mod whole;

use std::collections::{BTreeMap, BTreeSet};

use lockgate_spanned::{Charset, Problems, Style};

use super::{DeadLink, Link, Loaded, Look, TextFound, Texts, load, load_checked};
use crate::pipeline::{Files, Parsing};
use crate::words::{RelPath, Spot};

/// A project in memory: the files that have text, and the names of others that are only there.
#[derive(Clone, Default)]
struct Project {
    texts: BTreeMap<String, String>,
    others: BTreeSet<String>,
    parsing: Parsing,
}

impl Project {
    fn with(pipeline: &str) -> Self {
        Self::default().and("pipeline.yaml", pipeline)
    }

    fn and(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(path.to_owned(), text.to_owned());
        self
    }

    fn having(mut self, path: &str) -> Self {
        self.others.insert(path.to_owned());
        self
    }

    fn load(&self) -> Result<Loaded, Problems> {
        load(&Files { parsing: self.parsing, ..Files::single(path("pipeline.yaml")) }, self)
    }

    fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|problems| panic!("{}", rendered(&problems)))
    }

    /// Loads and draws what was wrong.
    fn refused(&self) -> String {
        rendered(&self.load().expect_err("the pipeline is wrong"))
    }

    /// Loads and checks, and draws what was wrong.
    fn refused_as_a_whole(&self) -> String {
        let problems =
            load_checked(&Files::single(path("pipeline.yaml")), self, self).expect_err("the pipeline is wrong");
        rendered(&problems)
    }
}

impl Texts for Project {
    fn read(&self, path: &RelPath) -> TextFound {
        self.texts.get(path.as_str()).map_or(TextFound::Missing, |text| TextFound::Text(text.clone()))
    }
}

impl Look for Project {
    fn exists(&self, path: Spot<'_>) -> bool {
        let inside = format!("{path}/");
        let mut names = self.texts.keys().chain(&self.others);
        names.any(|name| name == path.as_str() || name.starts_with(&inside))
    }

    fn names_in(&self, folder: Spot<'_>) -> Vec<String> {
        let names = self.texts.keys().chain(&self.others).map(|name| path(name));
        names.filter(|name| Spot::from(&name.parent()) == folder).map(|name| name.file_name().to_owned()).collect()
    }

    fn link(&self, _path: Spot<'_>) -> Option<Link> {
        None
    }

    fn dead_link(&self, _path: Spot<'_>) -> Option<DeadLink> {
        None
    }
}

fn path(text: &str) -> RelPath {
    RelPath::parse(text).expect("a path inside the project")
}

fn rendered(problems: &Problems) -> String {
    problems.render(Style { width: 100, colour: false, charset: Charset::Unicode })
}

/// Draws what is wrong with a pipeline of one file.
fn refused(pipeline: &str) -> String {
    Project::with(pipeline).refused()
}
