//! Stages and groups: what they read, what they make, and how they are told apart.

use super::{MadeTable, Maker, NUMBERS, Names, Product, Suffix, WORDS};
use crate::dvcdiff::project::{Out, Pipeline, Stage, Table, seen_from};

impl Maker<'_> {
    pub(super) fn stage(&mut self, pipeline: &Pipeline, names: &Names) -> Stage {
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
        if suffix.text.is_empty() && self.dice.likely(50) {
            self.made_table(&mut stage, &wdir, &read);
        }
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
        if self.dice.likely(70)
            && let Some(table) = self.dice.pick_some(&self.made_tables).cloned()
        {
            let file = seen_from(wdir, &table.path);
            let n = self.dice.between(1, 3);
            let keys = self.dice.sample(&table.keys, n);
            let is_whole = self.dice.likely(20);
            stage.params.push(if is_whole { format!("{file}:") } else { format!("{file}: [{}]", keys.join(", ")) });
        }
        stage.params.sort_unstable();
        stage.params.dedup();
    }

    /// Lets a stage make a file of parameters too: some of its values hang on what the stage reads, others never change.
    fn made_table(&mut self, stage: &mut Stage, wdir: &str, read: &[Product]) {
        self.n_outs += 1;
        let name = format!("t{}", self.n_outs);
        let (file, lines) = match self.dice.roll(4) {
            0 => (format!("{name}-made.json"), made_json()),
            1 => (format!("{name}-made.toml"), made_lines(" = ")),
            2 => (format!("{name}/conf.yaml"), made_lines(": ")),
            _ => (format!("{name}.yaml"), made_lines(": ")),
        };
        let out = file.split('/').next().unwrap_or(&file).to_owned();
        let data = read.iter().find(|product| !product.is_folder).map_or("/dev/null", |product| &product.path);
        stage.cmd.push(format!("n=$(wc -l < '{data}' | tr -d ' ')"));
        if out != file {
            stage.cmd.push(format!("mkdir -p {out}"));
        }
        stage.cmd.push(format!("{{ {}; }} > {file}", lines.join("; ")));
        let flags = if self.dice.likely(20) { vec!["cache: false".to_owned()] } else { Vec::new() };
        self.products.push(Product { path: join(wdir, &out), is_folder: out != file });
        self.made_tables.push(MadeTable { path: join(wdir, &file), keys: vec!["n", "half", "fix", "list"] });
        stage.outs.push(Out { path: out, list: "outs", flags });
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

    fn flags(&mut self, stage: &mut Stage) {
        if self.dice.likely(6) {
            stage.frozen = Some("true".to_owned());
        }
        stage.always_changed = self.dice.likely(6);
        if self.dice.likely(15) {
            stage.desc = Some("what it does: \"much\"".to_owned());
        }
    }
}

/// Returns commands that print a table in YAML or TOML; `n` is a variable of the shell.
fn made_lines(between: &str) -> Vec<String> {
    let line = |key: &str, value: &str| format!("echo \"{key}{between}{value}\"");
    vec![line("n", "$n"), line("half", "$((n / 2)).5"), line("fix", "0.1"), line("list", "[1, 2]")]
}

/// Returns a command that prints the same in JSON.
fn made_json() -> Vec<String> {
    vec!["echo '{\"fix\": 0.1, \"n\": '$n', \"list\": [1, 2], \"half\": '$((n / 2))'.5}'".to_owned()]
}

fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}
