//! Commands that make the outs of a stage out of what it reads, and write down that they ran.

use super::{Maker, Names, Product};
use crate::dvcdiff::project::Stage;

impl Maker<'_> {
    /// Writes commands that make the outs out of what is read, and tell that they ran.
    pub(super) fn commands(&mut self, stage: &mut Stage, names: &Names, read: &[Product], made: &[Product]) {
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
}
