//! Files of parameters, with values as odd as people write them.

use super::{KEYS, Maker, Names, WORDS};
use crate::dvcdiff::project::{Notation, Pipeline, Table, Value};

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

impl Maker<'_> {
    pub(super) fn scalar(&mut self, notation: Notation, is_tame: bool) -> Value {
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
    pub(super) fn params(&mut self, pipeline: &Pipeline) -> Names {
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
    pub(super) fn table(&mut self, pipeline: &Pipeline) {
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

    /// Lets `vars` read a file of parameters, the whole or a key.
    pub(super) fn vars_of_tables(&mut self, pipeline: &mut Pipeline, names: &mut Names) {
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
}
