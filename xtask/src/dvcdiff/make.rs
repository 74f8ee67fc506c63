//! Random projects. What they have is what real `dvc.yaml` files have, in odder mixtures; a few have a mistake.

use super::dice::Dice;
use super::project::{Notation, Out, Pipeline, Project, Stage, Table, Value, seen_from};

/// Scalars that may stand in a command: no quotation marks, nothing a shell acts upon in single quotes.
const TAME: [&str; 22] = [
    "1", "0", "-3", "2.5", "1e-5", "1e10", "1.0", "true", "false", "~", "a", "b", "\"x y\"", "0.1", "010", "0x1F",
    "yes", "1_000", "a-b", "3.14e2", ".5", "1e3",
];

/// Scalars for parameters, as YAML has them.
const ODD: [&str; 26] = [
    "+7",
    "~x",
    "'it''s'",
    "\"\"",
    "\"  s \"",
    "\"a\\nb\"",
    "\"a\\nb\\n\"",
    "\"tab\\there\"",
    "\"true\"",
    "\"null\"",
    "\"1.0\"",
    "\"- x\"",
    "\"a: b\"",
    "\"#c\"",
    "\"é ü\"",
    "\"\\u263a\"",
    "\"@at\"",
    "\"%p\"",
    "\"{a}\"",
    "\"a very long text, so long that whoever writes it has to break it somewhere near its end or beyond\"",
    "\"010\"",
    "\"1e3\"",
    "-0.0",
    "123456789012",
    "1e22",
    "\"back\\\\slash\"",
];

const JSON: [&str; 13] =
    ["1", "0", "-3", "2.5", "1e-5", "1.0", "true", "false", "null", "\"a\"", "\"x: y\"", "\"\"", "\"true\""];
const TOML: [&str; 11] = ["1", "0", "-3", "2.5", "1e-5", "1.0", "true", "false", "\"a\"", "'lit \\ x'", "1_000"];
const PYTHON: [&str; 12] = ["1", "0", "-3", "2.5", "1e-5", "1.0", "True", "False", "None", "\"a\"", "'it'", "\"x: y\""];

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

/// Makes the project of a seed.
pub fn make(dice: &mut Dice) -> Project {
    let mut maker = Maker { dice, project: Project::default(), products: Vec::new(), n_stages: 0, n_outs: 0 };
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

/// Returns the scalars that may stand in a file of a notation.
pub fn scalars(notation: Notation, is_tame: bool) -> &'static [&'static str] {
    match notation {
        Notation::Yaml if is_tame => &TAME,
        Notation::Yaml => &ODD,
        Notation::Json => &JSON,
        Notation::Toml => &TOML,
        Notation::Python => &PYTHON,
    }
}

struct Maker<'a> {
    dice: &'a mut Dice,
    project: Project,
    products: Vec<Product>,
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

    fn scalar(&mut self, notation: Notation, is_tame: bool) -> Value {
        Value::leaf(self.dice.pick::<&str>(scalars(notation, is_tame)))
    }

    fn value(&mut self, notation: Notation, depth: usize) -> Value {
        let n = self.dice.between(0, 3);
        match self.dice.roll(if depth == 0 { 10 } else { 8 }) {
            9 => Value::List((0..n).map(|_| self.value(notation, depth + 1)).collect()),
            8 => {
                let mut keys = self.dice.sample(&KEYS, n.max(1));
                // The order of a TOML table is a difference that is known.
                if notation == Notation::Toml {
                    keys.sort_unstable();
                }
                Value::Map(keys.into_iter().map(|key| (key.to_owned(), self.value(notation, depth + 1))).collect())
            }
            _ => {
                let is_tame = self.dice.likely(50);
                self.scalar(notation, is_tame)
            }
        }
    }

    /// Makes `params.yaml` beside a pipeline file and returns what may be named of it.
    fn params(&mut self, pipeline: &Pipeline) -> Names {
        let mut entries = vec![
            ("lr".to_owned(), self.scalar(Notation::Yaml, true)),
            ("n".to_owned(), self.scalar(Notation::Yaml, true)),
            ("name".to_owned(), Value::leaf(self.dice.pick::<&str>(&WORDS))),
        ];
        let items = self.dice.sample(&WORDS, 2).into_iter().map(Value::leaf).collect();
        entries.push(("items".to_owned(), Value::List(items)));
        let keys = self.dice.sample(&KEYS, 2);
        let opts = keys.iter().map(|key| ((*key).to_owned(), self.scalar(Notation::Yaml, true))).collect();
        entries.push(("opts".to_owned(), Value::Map(opts)));
        for key in ["odd", "deep", "other"] {
            entries.push((key.to_owned(), self.value(Notation::Yaml, 0)));
        }
        self.dice.shuffle(&mut entries);
        let path = pipeline.path("params.yaml");
        self.project.tables.push(Table { path, notation: Notation::Yaml, entries });
        let scalars = ["lr", "n", "name", "items[0]", "items.1"].map(str::to_owned).to_vec();
        let scalars = scalars.into_iter().chain(keys.iter().map(|key| format!("opts.{key}"))).collect();
        Names { scalars, maps: vec!["opts".to_owned()], lists: vec!["items".to_owned()] }
    }

    /// Makes a file of parameters in another notation.
    fn table(&mut self, pipeline: &Pipeline) {
        let (name, notation) = *self.dice.pick(&[
            ("conf.json", Notation::Json),
            ("conf.toml", Notation::Toml),
            ("consts.py", Notation::Python),
            ("more.yaml", Notation::Yaml),
            ("settings.cfg", Notation::Yaml),
        ]);
        let stem = name.chars().next().unwrap_or('x');
        let mut entries: Vec<(String, Value)> =
            (0..3).map(|at| (format!("{stem}{at}"), self.value(notation, 0))).collect();
        entries.push((format!("{stem}_tame"), self.scalar(notation, true)));
        self.project.tables.push(Table { path: pipeline.path(name), notation, entries });
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

    /// Lets `vars` read a file of parameters, the whole or a key.
    fn vars_of_tables(&mut self, pipeline: &mut Pipeline, names: &mut Names) {
        let beside = |table: &&Table| {
            table.path.rsplit_once('/').map_or("", |(folder, _)| folder) == pipeline.folder
                && !table.path.ends_with("params.yaml")
        };
        let Some(table) = self.project.tables.iter().find(beside).cloned() else { return };
        if !self.dice.likely(60) {
            return;
        }
        let file = table.path.rsplit('/').next().unwrap_or_default();
        let tame: Vec<String> =
            table.entries.iter().map(|(key, _)| key.clone()).filter(|key| key.ends_with("_tame")).collect();
        let item = if self.dice.likely(50) { file.to_owned() } else { format!("{file}:{}", tame.join(",")) };
        pipeline.vars.push(item);
        names.scalars.extend(tame);
    }

    fn stage(&mut self, pipeline: &Pipeline, names: &Names) -> Stage {
        self.n_stages += 1;
        let mut stage =
            Stage { name: format!("{}{}", self.dice.pick(&["s", "load-", "Fit_"]), self.n_stages), ..Stage::default() };
        let mut names = names.clone();
        let suffix = self.group(&mut stage, &mut names);
        let mut wdir = pipeline.folder.clone();
        if self.dice.likely(20) {
            stage.wdir = Some("work".to_owned());
            wdir = pipeline.path("work");
        }
        if self.dice.likely(12) {
            stage.vars.push("{own: 5, own2: [1, z]}".to_owned());
            names.scalars.extend(["own".to_owned(), "own2[-1]".to_owned()]);
        }
        let read = self.deps(&mut stage, &wdir, &suffix);
        self.stage_params(&mut stage, pipeline, &wdir);
        let made = self.outs(&mut stage, &wdir, &suffix);
        self.commands(&mut stage, &names, &read, &made);
        self.flags(&mut stage);
        for product in &made {
            if suffix.text.is_empty() {
                self.products.push(Product { path: join(&wdir, &product.path), is_folder: product.is_folder });
            }
            for value in &suffix.values {
                let path = join(&wdir, &product.path.replace(&suffix.text, value));
                self.products.push(Product { path, is_folder: product.is_folder });
            }
        }
        stage
    }

    /// Makes a group of some stages; returns what tells its members apart.
    fn group(&mut self, stage: &mut Stage, names: &mut Names) -> Suffix {
        match self.dice.roll(10) {
            0..=2 => self.foreach(stage, names),
            3 | 4 => self.matrix(stage, names),
            _ => Suffix::default(),
        }
    }

    fn foreach(&mut self, stage: &mut Stage, names: &mut Names) -> Suffix {
        stage.is_foreach = true;
        let suffix = |text: &str, values: Vec<String>| Suffix { text: format!("${{{text}}}"), values };
        match self.dice.roll(6) {
            0 if !names.lists.is_empty() => {
                stage.group = Some("foreach: ${items}".to_owned());
                suffix("item", Vec::new())
            }
            1 if !names.maps.is_empty() => {
                let map = self.dice.pick(&names.maps).clone();
                stage.group = Some(format!("foreach: ${{{map}}}"));
                names.scalars.push("item".to_owned());
                suffix("key", Vec::new())
            }
            2 => {
                stage.group = Some("foreach: {one: {v: 1.0, w: a}, two: {v: 1e-5, w: ~}}".to_owned());
                names.scalars.extend(["item.v".to_owned(), "item[w]".to_owned()]);
                suffix("key", vec!["one".to_owned(), "two".to_owned()])
            }
            3 => {
                stage.group = Some("foreach: [{n: a, v: 1}, {n: b, v: [2, 3]}]".to_owned());
                suffix("item.n", vec!["a".to_owned(), "b".to_owned()])
            }
            4 => {
                let items = self.dice.sample(&NUMBERS, 2);
                stage.group = Some(format!("foreach: [{}]", items.join(", ")));
                suffix("item", Vec::new())
            }
            _ => {
                let n = self.dice.between(1, 2);
                let items = self.dice.sample(&WORDS, n);
                stage.group = Some(format!("foreach: [{}]", items.join(", ")));
                suffix("item", items.into_iter().map(str::to_owned).collect())
            }
        }
    }

    fn matrix(&mut self, stage: &mut Stage, names: &mut Names) -> Suffix {
        let (n_words, n_numbers) = (self.dice.between(1, 2), if self.dice.likely(30) { 2 } else { 1 });
        let numbers = self.dice.sample(&NUMBERS, n_numbers).join(", ");
        let words = match self.dice.roll(3) {
            0 if !names.lists.is_empty() => "\"${items}\"".to_owned(),
            1 => "[[1, 2], {k: v}]".to_owned(),
            _ => format!("[{}]", self.dice.sample(&WORDS, n_words).join(", ")),
        };
        stage.group = Some(format!("matrix: {{m: {words}, v: [{numbers}]}}"));
        names.scalars.push("item.v".to_owned());
        Suffix { text: "${key}".to_owned(), values: Vec::new() }
    }

    /// Declares what the stage reads; returns it as its commands see it.
    fn deps(&mut self, stage: &mut Stage, wdir: &str, suffix: &Suffix) -> Vec<Product> {
        let n = if self.dice.likely(8) { 0 } else { self.dice.between(1, 3) };
        let mut chosen = self.dice.sample(&self.products, n);
        // A folder and a file in it are two deps of one graph; one of them is enough here.
        chosen.dedup_by(|a, b| a.path.starts_with(&b.path) || b.path.starts_with(&a.path));
        let mut read = Vec::new();
        for product in chosen {
            let mut path = seen_from(wdir, &product.path);
            let value = suffix.values.iter().find(|value| value.len() > 1 && path.contains(value.as_str()));
            if let Some(value) = value.filter(|_| self.dice.likely(60)) {
                path = path.replacen(value.as_str(), &suffix.text, 1);
            }
            if !stage.deps.contains(&path) {
                stage.deps.push(path.clone());
                read.push(Product { path, is_folder: product.is_folder });
            }
        }
        read
    }

    fn stage_params(&mut self, stage: &mut Stage, pipeline: &Pipeline, wdir: &str) {
        let tables: Vec<Table> = self.project.tables.clone();
        for _ in 0..self.dice.roll(3) {
            let Some(table) = self.dice.pick_some(&tables) else { continue };
            let keys = table.keys();
            let n = self.dice.between(1, 2);
            let keys = self.dice.sample(&keys, n);
            let file = seen_from(wdir, &table.path);
            if file == "params.yaml" && pipeline.folder == wdir {
                stage.params.extend(keys);
            } else if self.dice.likely(15) {
                stage.params.push(format!("{file}:"));
            } else {
                stage.params.push(format!("{file}: [{}]", keys.join(", ")));
            }
        }
        stage.params.sort_unstable();
        stage.params.dedup();
    }

    /// Declares what the stage makes.
    fn outs(&mut self, stage: &mut Stage, wdir: &str, suffix: &Suffix) -> Vec<Product> {
        let n = if self.dice.likely(8) { 0 } else { self.dice.between(1, 2) };
        let mut made = Vec::new();
        for _ in 0..n {
            self.n_outs += 1;
            let tail = if suffix.text.is_empty() { String::new() } else { format!("-{}", suffix.text) };
            let (list, ending, is_folder) = match self.dice.roll(10) {
                0 | 1 => ("metrics", ".json", false),
                2 => ("plots", ".csv", false),
                3 | 4 => ("outs", "", true),
                _ => ("outs", ".txt", false),
            };
            let place = if self.dice.likely(20) { "made/" } else { "" };
            let path = format!("{place}o{}{tail}{ending}", self.n_outs);
            let mut flags = Vec::new();
            if self.dice.likely(if list == "outs" { 12 } else { 50 }) {
                flags.push("cache: false".to_owned());
            }
            if self.dice.likely(8) {
                flags.push("persist: true".to_owned());
            }
            if self.dice.likely(6) {
                flags.push("desc: an out".to_owned());
            }
            let written = if self.dice.likely(5) { format!("./{path}") } else { path.clone() };
            let written = if self.dice.likely(5) && !wdir.is_empty() {
                format!("../{}/{path}", wdir.rsplit('/').next().unwrap_or_default())
            } else {
                written
            };
            stage.outs.push(Out { path: written, list, flags });
            made.push(Product { path, is_folder });
        }
        made
    }

    /// Writes commands that make the outs out of what is read, and tell that they ran.
    fn commands(&mut self, stage: &mut Stage, names: &Names, read: &[Product], made: &[Product]) {
        let mut cmd = vec!["echo \"$DVC_STAGE\" >> \"$DIFF_RAN\"".to_owned()];
        if self.dice.likely(25) {
            cmd.push(format!("test ! -e \"$DVC_ROOT/broken{}\"", self.n_stages));
        }
        for folder in made.iter().filter_map(|out| out.path.rsplit_once('/').map(|(folder, _)| folder)) {
            cmd.push(format!("mkdir -p {folder}"));
        }
        let mut first: Option<String> = None;
        for out in made {
            let file = if out.is_folder { format!("{}/part", out.path) } else { out.path.clone() };
            if out.is_folder {
                cmd.push(format!("mkdir -p '{}'", out.path));
            }
            match &first {
                Some(first) if self.dice.likely(50) => cmd.push(format!("wc -c < '{first}' > '{file}'")),
                Some(first) => cmd.push(format!("cp '{first}' '{file}'")),
                None => cmd.push(format!("{{ {}; }} > '{file}'", self.sayings(stage, names, read).join("; "))),
            }
            if out.is_folder {
                cmd.push(format!("mkdir -p '{0}/in' && wc -l < '{file}' > '{0}/in/n'", out.path));
            }
            first.get_or_insert(file);
        }
        if made.is_empty() && self.dice.likely(50) {
            cmd.push(self.saying(names));
        }
        // Not closed, and nothing behind it that would close it.
        if self.dice.likely(5) {
            cmd.push("echo 'open ${'".to_owned());
        }
        stage.cmd = cmd;
        stage.is_list = self.dice.likely(15);
    }

    /// Returns commands that print what the content of an out hangs on.
    fn sayings(&mut self, stage: &Stage, names: &Names, read: &[Product]) -> Vec<String> {
        if self.dice.likely(12) {
            return vec!["echo constant".to_owned()];
        }
        let mut say = vec!["echo \"$DVC_STAGE\"".to_owned()];
        for dep in read.iter().filter(|_| self.dice.likely(90)) {
            say.push(if dep.is_folder {
                format!("find '{}' -type f | LC_ALL=C sort | xargs cat", dep.path)
            } else {
                format!("cat '{}'", dep.path)
            });
        }
        if !stage.params.is_empty() && stage.wdir.is_none() && self.dice.likely(40) {
            say.push("grep '^n:' params.yaml || :".to_owned());
        }
        for _ in 0..self.dice.roll(3) {
            say.push(self.saying(names));
        }
        say
    }

    fn saying(&mut self, names: &Names) -> String {
        if self.dice.likely(15)
            && let Some(map) = self.dice.pick_some(&names.maps)
        {
            return format!("echo run ${{{map}}}");
        }
        let text = match (self.dice.roll(12), self.dice.pick_some(&names.scalars)) {
            (0, _) => "\\${HOME} $$ {}".to_owned(),
            (2, Some(name)) => format!("$${{{name}}} ${{{name}}}}}"),
            (3, Some(name)) => format!("--k=${{ {name} }}"),
            (_, Some(name)) => format!("${{{name}}}"),
            (_, None) => "plain".to_owned(),
        };
        format!("echo '{text}'")
    }

    fn flags(&mut self, stage: &mut Stage) {
        if self.dice.likely(6) {
            stage.frozen = Some("true".to_owned());
        }
        stage.always_changed = self.dice.likely(6);
        if self.dice.likely(15) {
            stage.desc = Some("what it does: \"much\"".to_owned());
        }
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

fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
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
        ];
        let missing: Vec<&str> = forms.into_iter().filter(|form| !texts.contains(form)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
