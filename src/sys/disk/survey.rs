//! Finding files by name in a whole project, without what git and DVC ignore.
//!
//! The names in a folder are what they were while the folder's stat is. What one survey has read spares the next one the
//! reading, which in a folder of many files takes long. What is ignored is decided anew each time.

use std::collections::BTreeMap;

use ignore::WalkBuilder;
use serde::{Deserialize, Serialize};

use super::clock::{Age, FileClock};
use super::folder::FolderEntry;
use super::root::Root;
use super::stat::{Kind, Stat};
use crate::words::RelPath;

/// Folders that hold no part of a pipeline.
const APART: [&str; 4] = [".git", ".hg", DVC, ".lockgate"];

/// What makes a project of the folder that holds it.
const DVC: &str = ".dvc";

/// With fewer names, what was read is read again as quickly as it would be written down.
const MANY: usize = 1000;

/// A folder of more bytes holds many names, where its size says anything.
const LARGE: u64 = 4096;

/// The names in folders that matter to a survey, by folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names(BTreeMap<RelPath, Listed>);

/// What was read of one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    /// Of the folder, before it was read.
    stat: Stat,
    /// Files whose name is wanted.
    files: Vec<Box<str>>,
    folders: Vec<Box<str>>,
    /// Whether there is a `.dvc`, which may be a symlink.
    has_dvc: bool,
}

/// What was found in a project.
#[derive(Debug, Default)]
pub struct Survey {
    /// Sorted.
    pub files: Vec<RelPath>,
    /// Of the folders that were gone through, those on which the next survey may rely.
    pub names: Names,
    /// How many names were read.
    n_read: usize,
    /// How many of them are new among those on which the next survey may rely.
    n_new: usize,
}

impl Survey {
    /// Whether so much is new that it is worth keeping for the next survey.
    pub fn is_worth_keeping(&self) -> bool {
        self.n_new >= MANY
    }
}

impl Root {
    /// Finds the files whose name is `wanted`, given what is `known` of an earlier survey for the same names.
    ///
    /// Left out are what `.gitignore` files name when the project is under git, what `.dvcignore` files name, what lies behind
    /// symlinks, projects within the project (folders with a `.dvc`), and what cannot be named in UTF-8. A folder that cannot
    /// be read is passed over: nothing in it could be used. Without a clock the next survey can rely on nothing.
    pub fn find_files(&self, wanted: &dyn Fn(&str) -> bool, known: &Names, clock: Option<&FileClock>) -> Survey {
        Search { root: self, wanted, known, clock, survey: Survey::default() }.run()
    }
}

fn rules(root: &Root) -> WalkBuilder {
    let mut rules = WalkBuilder::new(root.path());
    rules.hidden(false).ignore(false).git_global(false).add_custom_ignore_filename(".dvcignore");
    rules
}

struct Search<'a> {
    root: &'a Root,
    wanted: &'a dyn Fn(&str) -> bool,
    known: &'a Names,
    clock: Option<&'a FileClock>,
    survey: Survey,
}

impl Search<'_> {
    fn run(mut self) -> Survey {
        let mut ignored = rules(self.root).build_matchers().pop().expect("one for the one root");
        let mut pending = vec![RelPath::root()];
        while let Some(folder) = pending.pop() {
            let Some(listed) = self.list(&folder).filter(|listed| !self.is_project(&folder, listed)) else { continue };
            let mut part = |name: &str, is_folder| {
                // A name with a control character is none that a pipeline could have.
                let path = folder.join(name).ok()?;
                (!ignored.matched(path.as_str(), is_folder).is_ignore()).then_some(path)
            };
            self.survey.files.extend(listed.files.iter().filter_map(|name| part(name, false)));
            pending.extend(listed.folders.iter().filter_map(|name| part(name, true)));
        }
        self.survey.files.sort();
        self.survey
    }

    /// Returns what is in a folder, as it is known if the folder is what it was; `None` when it cannot be read.
    fn list(&mut self, folder: &RelPath) -> Option<Listed> {
        let stat = self.root.stat(folder).ok()??;
        if let Some(listed) = self.known.0.get(folder).filter(|listed| listed.stat == stat) {
            self.survey.names.0.insert(folder.clone(), listed.clone());
            return Some(listed.clone());
        }
        // Read before the folder is: what comes into it from here on must show in its times.
        let age = self.age(&stat);
        let entries = self.root.open_folder(folder).ok()?.entries().ok()?;
        let listed = self.sift(stat, &entries);
        self.survey.n_read += entries.len();
        if age == Age::Settled {
            self.survey.n_new += entries.len();
            self.survey.names.0.insert(folder.clone(), listed.clone());
        }
        Some(listed)
    }

    /// Tells whether a folder that is to be read can be relied on afterwards; where little is read, nobody is to rely on it.
    fn age(&self, stat: &Stat) -> Age {
        let is_much = stat.size > LARGE || self.survey.n_read >= MANY;
        self.clock.filter(|_| is_much).map_or(Age::Young, |clock| clock.age(std::iter::once(stat)))
    }

    /// Takes of the names in a folder those that matter.
    fn sift(&self, stat: Stat, entries: &[FolderEntry]) -> Listed {
        let mut listed = Listed { stat, files: Vec::new(), folders: Vec::new(), has_dvc: false };
        for entry in entries {
            let Some(name) = entry.name.to_str() else { continue };
            listed.has_dvc |= name == DVC;
            match entry.kind {
                Kind::File if (self.wanted)(name) => listed.files.push(name.into()),
                Kind::Folder if !APART.contains(&name) => listed.folders.push(name.into()),
                Kind::File | Kind::Folder | Kind::Symlink | Kind::Special(_) => {}
            }
        }
        listed
    }

    /// Whether a folder is a project within the project.
    fn is_project(&self, folder: &RelPath, listed: &Listed) -> bool {
        let is_folder = |path: &RelPath| {
            let found = self.root.stat(path);
            found.is_ok_and(|found| found.is_some_and(|found| found.kind == Kind::Folder))
        };
        !folder.is_root() && listed.has_dvc && is_folder(&folder.join(DVC).expect("a plain name"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sandbox::{Sandbox, path};
    use super::*;

    fn is_wanted(name: &str) -> bool {
        name == "dvc.yaml"
    }

    /// The same by the walk of the library that knows the rules, which reads everything.
    fn by_library(root: &Root) -> Vec<RelPath> {
        let is_part = {
            let root = root.path().to_owned();
            move |entry: &ignore::DirEntry| {
                let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                let is_apart = entry.file_name().to_str().is_some_and(|name| APART.contains(&name));
                entry.path() == root
                    || !is_folder
                    || !(is_apart || entry.path().join(DVC).metadata().is_ok_and(|dvc| dvc.is_dir()))
            }
        };
        let files = rules(root)
            .filter_entry(is_part)
            .build()
            .flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let wanted = files.filter(|entry| entry.file_name().to_str().is_some_and(is_wanted));
        let relative =
            |entry: ignore::DirEntry| path(entry.path().strip_prefix(root.path()).unwrap().to_str().unwrap());
        let mut found: Vec<RelPath> = wanted.map(relative).collect();
        found.sort();
        found
    }

    /// Writes files, passing over those whose name, or a name above, stands for something else already.
    fn write(ws: &Sandbox, files: &[String], text: &str) {
        for file in files {
            let parent = path(file).parent();
            if ws.root.create_dir_all(&parent).is_ok() && ws.root.stat(&path(file)).unwrap().is_none() {
                ws.write(file, text);
            }
        }
    }

    /// Surveys a project as if it were a large one.
    fn survey(root: &Root, known: &Names, clock: &FileClock) -> Survey {
        let survey = Survey { n_read: MANY, ..Survey::default() };
        Search { root, wanted: &is_wanted, known, clock: Some(clock), survey }.run()
    }

    fn settle(root: &Root, clock: &FileClock) {
        let clock_file = root.caches().unwrap().join("clock").unwrap();
        clock.now().unwrap();
        let newest = root.stat(&clock_file).unwrap().unwrap();
        assert_eq!(clock.settle(std::iter::once(&newest)), Age::Settled);
    }

    #[test]
    fn a_folder_that_is_what_it_was_is_not_read_again() {
        let ws = Sandbox::new();
        for file in ["dvc.yaml", "a/dvc.yaml", "a/b/x", "c/x"] {
            ws.write(file, "x");
        }
        let clock = FileClock::new(&ws.root);
        settle(&ws.root, &clock);
        let first = survey(&ws.root, &Names::default(), &clock);
        assert_eq!((first.files.len(), first.n_new), (2, 8));
        ws.write("c/dvc.yaml", "x");
        let again = survey(&ws.root, &first.names, &clock);
        assert_eq!((again.files.len(), again.n_read - MANY), (3, 2));
        ws.rename_to_bytes("a", b"d");
        let moved = survey(&ws.root, &first.names, &clock);
        assert_eq!(moved.files, ["c/dvc.yaml", "d/dvc.yaml", "dvc.yaml"].map(path));
    }

    #[test]
    fn a_folder_that_changed_just_now_is_not_relied_on() {
        let ws = Sandbox::new();
        let changed_ns = ws.root.stat(&ws.write("a/x", "x").parent()).unwrap().unwrap().ctime_ns;
        let relied_on = |later_ns| {
            let clock = FileClock::stopped(&ws.root, changed_ns + later_ns);
            survey(&ws.root, &Names::default(), &clock).names.0.contains_key("a")
        };
        assert_eq!([0, 1_000_000_000].map(relied_on), [false, true]);
    }

    #[test]
    fn little_is_not_worth_keeping() {
        let ws = Sandbox::new();
        (0..MANY).for_each(|at| drop(ws.write(&format!("many/{at}"), "x")));
        let clock = FileClock::new(&ws.root);
        settle(&ws.root, &clock);
        let find = |known: &Names| ws.root.find_files(&is_wanted, known, Some(&clock));
        let first = find(&Names::default());
        assert!(first.is_worth_keeping());
        assert!(!find(&first.names).is_worth_keeping());
        assert!(!ws.root.find_files(&is_wanted, &Names::default(), None).is_worth_keeping());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_survey_finds_what_the_library_finds(
            files in prop::collection::vec("([ab]/){0,3}(dvc[.]yaml|x|[.]dvc/config|[.]git/x|[.]hg/dvc[.]yaml)", 0..12),
            rules in prop::collection::vec(("([ab]/){0,2}([.]gitignore|[.]dvcignore)", "(!?/?[ab](/dvc[.]yaml|/)?\n|!?dvc[.]yaml\n){0,3}"), 0..4),
            later in prop::collection::vec("([ab]/){0,3}dvc[.]yaml", 0..3),
        ) {
            let ws = Sandbox::new();
            write(&ws, &files, "x");
            for (file, text) in &rules {
                write(&ws, std::slice::from_ref(file), text);
            }
            let clock = FileClock::new(&ws.root);
            settle(&ws.root, &clock);
            let first = survey(&ws.root, &Names::default(), &clock);
            prop_assert_eq!(&first.files, &by_library(&ws.root));
            write(&ws, &later, "x");
            let again = survey(&ws.root, &first.names, &clock);
            prop_assert_eq!(&again.files, &by_library(&ws.root));
        }
    }
}
