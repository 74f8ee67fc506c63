//! The README does what it says.

use std::fs;

use crate::clone::{Clone, repository};
use crate::transcript::{Step, agrees, steps};

#[test]
fn every_command_of_the_readme_prints_what_the_readme_says() {
    let clone = Clone::settled();
    let page = fs::read_to_string(repository().join("README.md")).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > 20, "the README has lost its commands: {steps:?}");
    let mut folder = clone.path("");
    for step in steps {
        match step {
            Step::Write { path, text } => fs::write(folder.join(path), text).unwrap(),
            Step::Run { command, expected } => {
                // The next command stands where this one has gone.
                let ended = clone.path(".home");
                fs::create_dir_all(&ended).unwrap();
                let told = clone.bash_in(&folder, &format!("{command}\npwd > '{}/folder'", ended.display()));
                let lines: Vec<&str> = told.text.lines().collect();
                assert!(agrees(&expected, &lines), "$ {command}\nexpected:\n{}\n\nsaid:\n{told}", expected.join("\n"));
                folder = fs::read_to_string(ended.join("folder")).unwrap().trim_end().into();
            }
        }
    }
    assert_ne!(folder, clone.path(""), "the README ends with a pipeline of one's own");
    fs::remove_dir_all(folder).unwrap();
}
