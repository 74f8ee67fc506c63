//! Random projects. What they have is what real `dvc.yaml` files have, in odder mixtures; a few have a mistake.

mod commands;
mod stages;
mod tables;

pub use tables::scalars;

use super::dice::Dice;
use super::project::{Pipeline, Project, Stage};

const WORDS: [&str; 6] = ["a", "b", "c", "us", "eu-1", "x_y"];
const NUMBERS: [&str; 6] = ["1", "2", "2.5", "1e-5", "010", "1.0"];
/// No `size` and no `nfiles`: DVC leaves parameters of these names out of the key of its run cache, and restores what is wrong.
const KEYS: [&str; 6] = ["lr", "depth", "seed", "width", "rate", "mode"];

/// A file or folder that a later stage can read.
#[derive(Clone)]
struct Product {
    path: String,
    is_folder: bool,
}

/// A file of parameters that a stage makes.
#[derive(Clone)]
struct MadeTable {
    path: String,
    keys: Vec<&'static str>,
}

/// Makes the project of a seed.
pub fn make(dice: &mut Dice) -> Project {
    let (products, made_tables) = (Vec::new(), Vec::new());
    let mut maker = Maker { dice, project: Project::default(), products, made_tables, n_stages: 0, n_outs: 0 };
    maker.sources();
    let mut folders = vec![String::new()];
    if maker.dice.likely(45) {
        folders.push("sub".to_owned());
        if maker.dice.likely(30) {
            folders.push("sub/deep".to_owned());
        }
    }
    for folder in &folders {
        maker.pipeline(folder);
    }
    // Order in the file is no order of the graph.
    if maker.dice.likely(40) {
        for pipeline in &mut maker.project.pipelines {
            maker.dice.shuffle(&mut pipeline.stages);
        }
    }
    maker.project
}

struct Maker<'a> {
    dice: &'a mut Dice,
    project: Project,
    products: Vec<Product>,
    made_tables: Vec<MadeTable>,
    n_stages: usize,
    n_outs: usize,
}

/// What a stage body may name in `${…}`.
#[derive(Clone, Default)]
struct Names {
    scalars: Vec<String>,
    maps: Vec<String>,
    lists: Vec<String>,
}

/// The part of the names of members and of their paths that makes them differ, and what it can be, if that is known.
#[derive(Clone, Default)]
struct Suffix {
    text: String,
    values: Vec<String>,
}

impl Maker<'_> {
    fn source(&mut self, path: &str, content: &str) {
        self.project.sources.insert(path.to_owned(), content.to_owned());
    }

    fn sources(&mut self) {
        for at in 0..self.dice.between(2, 3) {
            let path = format!("in{at}.txt");
            self.source(&path, &format!("source {at}\n"));
            self.products.push(Product { path, is_folder: false });
        }
        if self.dice.likely(60) {
            self.source("raw/one.csv", "1\n");
            self.source("raw/two.csv", "2\n");
            self.source("raw/more/three.csv", "3\n");
            self.products.push(Product { path: "raw".to_owned(), is_folder: true });
            self.products.push(Product { path: "raw/one.csv".to_owned(), is_folder: false });
        }
        if self.dice.likely(40) {
            self.source("kept.csv", "kept\n");
            self.project.tracked.push("kept.csv".to_owned());
            self.products.push(Product { path: "kept.csv".to_owned(), is_folder: false });
        }
        if self.dice.likely(25) {
            self.source("pics/a.bin", "pic a\n");
            self.source("pics/b.bin", "pic b\n");
            self.project.tracked.push("pics".to_owned());
            self.products.push(Product { path: "pics".to_owned(), is_folder: true });
        }
    }

    fn pipeline(&mut self, folder: &str) {
        let mut pipeline = Pipeline { folder: folder.to_owned(), ..Pipeline::default() };
        let mut names = Names::default();
        if self.dice.likely(85) {
            names = self.params(&pipeline);
        }
        if self.dice.likely(50) {
            self.table(&pipeline);
        }
        if self.dice.likely(30) {
            pipeline.vars.push("{inl: {p: 1, q: w}}".to_owned());
            names.scalars.extend(["inl.p".to_owned(), "inl.q".to_owned()]);
            names.maps.push("inl".to_owned());
        }
        self.vars_of_tables(&mut pipeline, &mut names);
        let work = pipeline.path("work/keep.txt");
        self.source(&work, "keep\n");
        for _ in 0..if folder.is_empty() { self.dice.between(2, 4) } else { self.dice.between(1, 2) } {
            let stage = self.stage(&pipeline, &names);
            pipeline.stages.push(stage);
        }
        if self.dice.likely(15) {
            pipeline.rest.extend(["metrics:".to_owned(), "  - gone.json".to_owned()]);
        }
        if self.dice.likely(10) {
            pipeline.rest.extend(["plots:".to_owned(), "  - curve.csv: {x: a, y: b}".to_owned()]);
        }
        if self.dice.likely(4) {
            self.mistake(&mut pipeline);
        }
        self.project.pipelines.push(pipeline);
    }

    /// Puts a mistake into a pipeline, of which both tools have something to say.
    fn mistake(&mut self, pipeline: &mut Pipeline) {
        match self.dice.roll(7) {
            0 => pipeline.vars.push("nowhere.yaml".to_owned()),
            1 => pipeline.vars.push("{lr: 7}".to_owned()),
            2 => pipeline.stages[0].cmd.push("echo ${no.such.thing}".to_owned()),
            3 => pipeline.stages[0].deps.push("no-such-file".to_owned()),
            4 => pipeline.stages[0].params.push("no_such_key".to_owned()),
            5 => pipeline.stages[0].wdir = Some("no-such-folder".to_owned()),
            _ => {
                let twice = pipeline.stages[0].clone();
                pipeline.stages.push(Stage { name: "twice".to_owned(), ..twice });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_project_each_time_and_another_seed_another() {
        let files = |seed| make(&mut Dice::new(seed)).files();
        assert_eq!(files(7), files(7));
        assert_ne!(files(7), files(8));
    }

    #[test]
    fn many_projects_have_stages_that_read_parameters_which_stages_make() {
        let is_one = |seed: &u64| {
            let project = make(&mut Dice::new(*seed));
            let stages = || project.pipelines.iter().flat_map(|pipeline| &pipeline.stages);
            let made: Vec<&str> = stages().flat_map(|stage| &stage.outs).map(|out| out.path.as_str()).collect();
            let is_made = |param: &String| made.iter().any(|out| out.starts_with('t') && param.contains(out));
            stages().any(|stage| stage.params.iter().any(is_made))
        };
        let n = (0..100).filter(is_one).count();
        assert!(n > 30, "{n} of 100");
    }

    #[test]
    fn a_hundred_projects_have_every_form_of_a_stage() {
        let texts: String = (0..100).flat_map(|seed| make(&mut Dice::new(seed)).files().into_values()).collect();
        let forms = [
            "foreach: ${",
            "foreach: [",
            "foreach: {",
            "matrix: {",
            "wdir: ",
            "frozen: ",
            "always_changed: ",
            "metrics:",
            "plots:",
            "persist: true",
            "cache: false",
            "vars:",
            "params:",
            "conf.toml",
            "conf.json",
            "consts.py",
            "-made.toml: [",
            "-made.json: [",
            "/conf.yaml: [",
        ];
        let missing: Vec<&str> = forms.into_iter().filter(|form| !texts.contains(form)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
