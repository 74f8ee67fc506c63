//! The writing of all the tables that a gate reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Reading, Said, TextForm};

/// How the files of a gate are written: all of them, and those of which something else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextForms {
    pub all: TextForm,
    /// By the path by which the gate names the file.
    files: BTreeMap<String, TextForm>,
}

impl TextForms {
    /// All files are written alike.
    pub fn new(all: TextForm) -> Self {
        Self { all, files: BTreeMap::new() }
    }

    /// Returns how a file is written.
    pub fn of(&self, file: &str) -> &TextForm {
        self.files.get(file).unwrap_or(&self.all)
    }

    /// Takes what was said of one file.
    ///
    /// A file is written in one way, whoever reads it: another one than was said before is a mistake.
    pub fn learn(&mut self, file: &str, said: Said, reading: &mut Reading<'_>) {
        let Said { form, span } = said;
        match self.files.get(file) {
            Some(was) if *was != form => {
                let message = format!("`{file}` cannot be written in two ways: above it is `csv: {was}`");
                reading.refuse::<()>(span, message, "say the same of it, or say it once");
            }
            Some(_) => {}
            None => drop(self.files.insert(file.to_owned(), form)),
        }
    }

    /// Says whether all files are plain, as without a word about them.
    pub fn is_plain(&self) -> bool {
        self.all == TextForm::PLAIN && self.others().next().is_none()
    }

    /// Returns what is said, a line each: of all files, then of single ones by their paths.
    pub fn said(&self) -> Vec<String> {
        let all = (self.all != TextForm::PLAIN).then(|| self.all.to_string());
        all.into_iter().chain(self.others().map(|(file, form)| format!("{file} {form}"))).collect()
    }

    /// Returns the files that are not written as all are.
    fn others(&self) -> impl Iterator<Item = (&String, &TextForm)> {
        self.files.iter().filter(|(_, form)| **form != self.all)
    }

    /// Returns the canonical form: equal for two of them exactly when every file is written alike.
    pub fn normal_form(&self) -> Value {
        let files = self.others().map(|(file, form)| (file.clone(), form.normal_form()));
        serde_json::json!({ "all": self.all.normal_form(), "files": files.collect::<Map<_, _>>() })
    }
}
