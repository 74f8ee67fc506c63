//! One project in two copies, one for each tool: edits in rounds, and what is compared after each.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::compare::{Aspect, Difference, Left, changed, left, resolved, status};
use super::dice::Dice;
use super::edit::{Deed, Effect, OnDisk, Reach, edit, effects};
use super::known::{Round, reason};
use super::make::make;
use super::project::Project;
use super::tools::{Answer, Dvc, End, Fallible, Lockgate, Resolved, Status, Tool};

/// What a seed came to.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub n_rounds: usize,
    /// Rounds in which both tools refused the project.
    pub n_refused: usize,
    /// Differences on purpose, by the name of the reason.
    pub known: BTreeMap<&'static str, usize>,
    /// What was edited, and all other differences after it.
    pub told: Vec<String>,
    pub differences: Vec<(usize, Difference)>,
}

/// The tools, and where they work.
pub struct Bench {
    pub dvc: Dvc,
    pub lockgate: Lockgate,
    pub folder: PathBuf,
}

/// A project in two copies.
struct Session<'a> {
    bench: &'a mut Bench,
    /// DVC's copy and lockgate's; after the turn, the other way round.
    folders: [PathBuf; 2],
    project: Project,
    past: Vec<Project>,
    is_turned: bool,
    /// The outs of all stages in the last round.
    outs: Vec<String>,
    findings: Findings,
}

/// Whether the copies can still be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Goes,
    /// Both refuse the project as it is now.
    Refused,
    Ended,
}

/// Makes the project of a seed and works on it.
pub fn play(bench: &mut Bench, seed: u64) -> Fallible<Findings> {
    let mut dice = Dice::new(seed);
    let project = make(&mut dice);
    let home = bench.folder.join(format!("seed-{seed}"));
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let folders = ["dvc", "lockgate"].map(|name| home.join(name));
    for folder in &folders {
        settings(folder)?;
        write_all(folder, &project.sources)?;
    }
    if !project.tracked.is_empty() {
        bench.dvc.add(&folders[0], &project.tracked)?;
        copy_tracking(&folders, &project)?;
    }
    folders.iter().try_for_each(|folder| write_all(folder, &project.files()))?;
    let mut session = Session {
        bench,
        folders,
        project,
        past: Vec::new(),
        is_turned: false,
        outs: Vec::new(),
        findings: Findings::default(),
    };
    session.rounds(&mut dice)?;
    Ok(session.findings)
}

/// Writes the settings that DVC needs to leave the rest of the machine alone.
fn settings(folder: &Path) -> Fallible<()> {
    write(&folder.join(".dvc/tmp/.keep"), "")?;
    let site = folder.with_extension("site");
    let config = format!(
        "[core]\n    no_scm = True\n    analytics = false\n    check_update = false\n    site_cache_dir = {}\n",
        site.display()
    );
    write(&folder.join(".dvc/config"), &config)
}

/// Writes the files that are not there as they are to be.
fn write_all(folder: &Path, files: &BTreeMap<String, String>) -> Fallible<()> {
    let is_other =
        |(path, text): &(&String, &String)| fs::read_to_string(folder.join(path)).ok().as_ref() != Some(text);
    files.iter().filter(is_other).try_for_each(|(path, text)| write(&folder.join(path), text))
}

/// Gives the second copy what `dvc add` has made in the first.
fn copy_tracking(folders: &[PathBuf; 2], project: &Project) -> Fallible<()> {
    for path in &project.tracked {
        let name = format!("{path}.dvc");
        fs::copy(folders[0].join(&name), folders[1].join(&name))?;
    }
    copy_folder(&folders[0].join(".dvc/cache"), &folders[1].join(".dvc/cache"))
}

fn copy_folder(from: &Path, to: &Path) -> Fallible<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Fallible<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}

impl Session<'_> {
    fn rounds(&mut self, dice: &mut Dice) -> Fallible<()> {
        let n_rounds = dice.between(2, 3);
        let turn = dice.likely(35).then(|| dice.between(1, n_rounds - 1));
        let mut course = self.round(&Round::default())?;
        for at in 1..=n_rounds {
            if course == Course::Ended || (course == Course::Refused && self.past.is_empty()) {
                return Ok(());
            }
            if turn == Some(at) && course == Course::Goes {
                self.turn()?;
            }
            let round = if course == Course::Refused { self.back()? } else { self.edit(dice, at == n_rounds)? };
            course = self.round(&round)?;
        }
        Ok(())
    }

    /// Takes back what both tools refuse.
    fn back(&mut self) -> Fallible<Round> {
        let last = self.past.last().cloned().unwrap_or_default();
        self.change(last)?;
        self.findings.told.push("the edit that is refused is taken back".to_owned());
        Ok(Round::default())
    }

    fn edit(&mut self, dice: &mut Dice, is_last: bool) -> Fallible<Round> {
        let outs = self.outs.clone();
        let mut project = self.project.clone();
        let reach = Reach { past: &self.past, outs: &outs, is_last };
        let deeds: Vec<Deed> = (0..dice.between(1, 2)).map(|_| edit(dice, &mut project, &reach)).collect();
        self.past.push(self.project.clone());
        self.change(project)?;
        for deed in &deeds {
            self.findings.told.push(deed.told.clone());
            if let Some(on_disk) = &deed.on_disk {
                self.folders.iter().try_for_each(|folder| act(folder, on_disk))?;
            }
        }
        let hurt = deeds.iter().filter_map(|deed| match &deed.on_disk {
            Some(OnDisk::Remove(path) | OnDisk::Append(path)) => Some(path.clone()),
            Some(OnDisk::Touch(_) | OnDisk::Create(_)) | None => None,
        });
        let hurt: Vec<String> = hurt.collect();
        let mut effects = effects(&self.past[self.past.len() - 1], &self.project);
        effects.extend(deeds.into_iter().map(|deed| deed.effect).filter(|effect| *effect != Effect::None));
        Ok(Round { effects, hurt, ..Round::default() })
    }

    /// Makes the files of both copies those of another project. What does not change is not written.
    fn change(&mut self, project: Project) -> Fallible<()> {
        let (old, new) = (self.project.files(), project.files());
        for folder in &self.folders {
            for path in old.keys().filter(|path| !new.contains_key(*path)) {
                fs::remove_file(folder.join(path))?;
            }
            for (path, text) in new.iter().filter(|(path, text)| old.get(*path) != Some(*text)) {
                write(&folder.join(path), text)?;
            }
        }
        self.project = project;
        Ok(())
    }

    /// Compares what both say, lets both work, and compares what both did.
    fn round(&mut self, round: &Round) -> Fallible<Course> {
        self.findings.n_rounds += 1;
        let [theirs, ours] = self.folders.clone();
        let (dvc, lockgate) = (self.bench.dvc.resolve(&theirs)?, self.bench.lockgate.resolve(&ours)?);
        let (dvc, lockgate) = match (dvc, lockgate) {
            (Answer::Refused(_), Answer::Refused(_)) => {
                self.findings.n_refused += 1;
                return Ok(Course::Refused);
            }
            (Answer::Refused(why), Answer::Given(_)) => return Ok(self.refused(round, &why, "takes it")),
            (Answer::Given(_), Answer::Refused(why)) => {
                let ran = self.bench.dvc.repro(&theirs)?;
                return Ok(self.refused(round, &format!("{:?} {}", ran.end, ran.said), &why));
            }
            (Answer::Given(dvc), Answer::Given(lockgate)) => (dvc, lockgate),
        };
        let old = std::mem::replace(&mut self.outs, dvc.outs.values().flatten().cloned().collect());
        let lost: Vec<String> = old.into_iter().filter(|out| !self.outs.contains(out)).collect();
        let round = &self.with_stages(round, &dvc, &lost);
        self.tell(round, resolved(&dvc, &lockgate));
        // Before the first run everything is changed.
        if self.findings.n_rounds > 1 {
            self.compare_status(round)?;
        }
        let theirs_left = look(&mut self.bench.dvc, &theirs, &self.project, &dvc)?;
        let ours_left = look(&mut self.bench.lockgate, &ours, &self.project, &dvc)?;
        if theirs_left.ran.end == End::Refused && ours_left.ran.end == End::Refused {
            self.findings.n_refused += 1;
            return Ok(Course::Refused);
        }
        let n_known = self.findings.known.values().sum::<usize>();
        let mut differences = left(&theirs_left, &ours_left);
        // Of runs that do not end in the same way, on purpose, nothing else can be the same.
        if let Some(end) = differences.iter().find(|each| each.aspect == Aspect::End && reason(each, round).is_some()) {
            differences = vec![end.clone()];
        }
        self.tell(round, differences);
        if theirs_left.ran.end != ours_left.ran.end {
            return Ok(Course::Ended);
        }
        self.compare_status(round)?;
        let is_apart = !self.findings.differences.is_empty() || self.findings.known.values().sum::<usize>() > n_known;
        Ok(if is_apart { Course::Ended } else { Course::Goes })
    }

    /// Adds to what is known of a round what the stages are; `lost` were outs and are not any more.
    fn with_stages(&self, round: &Round, stages: &Resolved, lost: &[String]) -> Round {
        let removed = round.effects.iter().filter_map(|effect| match effect {
            Effect::Removed(name) => Some(name.clone()),
            Effect::None | Effect::Unseen(_) | Effect::Equal | Effect::Broken => None,
        });
        let mut removed = stages.named(&removed.collect());
        removed.extend(stages.readers(lost));
        let (frozen, persisting) = (stages.frozen(), stages.persisting());
        Round {
            removed: stages.below(removed),
            hurt_frozen: stages.below(stages.makers(&frozen, &round.hurt)),
            hurt_persisting: stages.below(stages.makers(&persisting, &round.hurt)),
            made: stages.outs.values().flatten().cloned().collect(),
            unkept: stages.unkept(),
            elsewhere: stages.elsewhere(),
            frozen,
            is_turned: self.is_turned,
            ..round.clone()
        }
    }

    fn refused(&mut self, round: &Round, dvc: &str, lockgate: &str) -> Course {
        self.tell(round, vec![Difference::new(Aspect::Refusal, "", dvc, lockgate)]);
        Course::Ended
    }

    fn compare_status(&mut self, round: &Round) -> Fallible<()> {
        let [theirs, ours] = &self.folders;
        let (dvc, lockgate) = (self.bench.dvc.status(theirs)?, self.bench.lockgate.status(ours)?);
        let differences = match (&dvc, &lockgate) {
            (Answer::Given(dvc), Answer::Given(lockgate)) => status(dvc, lockgate),
            (Answer::Refused(_), Answer::Refused(_)) => Vec::new(),
            _ => vec![Difference::new(Aspect::Status, "", told(&dvc), told(&lockgate))],
        };
        self.tell(round, differences);
        Ok(())
    }

    /// Lets each tool go on where the other one has worked. What is up to date for one has to be so for the other.
    fn turn(&mut self) -> Fallible<()> {
        self.findings.told.push("the tools change places".to_owned());
        self.folders.swap(0, 1);
        self.is_turned = true;
        self.past.clear();
        self.compare_status(&Round::default())?;
        let [theirs, ours] = self.folders.clone();
        let Answer::Given(resolved) = self.bench.dvc.resolve(&theirs)? else { return Ok(()) };
        let before = [&theirs, &ours].map(|folder| locks(folder, &self.project));
        let dvc = look(&mut self.bench.dvc, &theirs, &self.project, &resolved)?;
        let lockgate = look(&mut self.bench.lockgate, &ours, &self.project, &resolved)?;
        let mut differences = left(&dvc, &lockgate);
        for (side, before) in [&dvc, &lockgate].into_iter().zip(&before) {
            differences.extend(changed(before, &side.locks));
        }
        let differences = differences.into_iter().map(|difference| Difference { aspect: Aspect::Turns, ..difference });
        self.tell(&Round::default(), differences.collect());
        Ok(())
    }

    fn tell(&mut self, round: &Round, differences: Vec<Difference>) {
        for difference in differences {
            match reason(&difference, round) {
                Some(reason) => *self.findings.known.entry(reason).or_default() += 1,
                None => self.findings.differences.push((self.findings.told.len(), difference)),
            }
        }
    }
}

fn told(answer: &Answer<Status>) -> String {
    match answer {
        Answer::Given(status) => format!("{status:?}"),
        Answer::Refused(why) => why.clone(),
    }
}

/// Lets a tool run, and looks at what it left.
fn look(tool: &mut dyn Tool, folder: &Path, project: &Project, outs: &Resolved) -> Fallible<Left> {
    let ran = tool.repro(folder)?;
    let mut left = Left { ran, outs: BTreeMap::new(), locks: locks(folder, project) };
    for path in outs.outs.values().flatten() {
        read_all(folder, path, &mut left.outs)?;
    }
    Ok(left)
}

fn locks(folder: &Path, project: &Project) -> BTreeMap<String, String> {
    let paths = project.pipelines.iter().map(|pipeline| pipeline.path("dvc.lock"));
    paths.filter_map(|path| Some((path.clone(), fs::read_to_string(folder.join(&path)).ok()?))).collect()
}

/// Reads a file, or all files of a folder.
fn read_all(root: &Path, path: &str, texts: &mut BTreeMap<String, String>) -> Fallible<()> {
    let full = root.join(path);
    if !full.is_dir() {
        texts.extend(fs::read_to_string(&full).ok().map(|text| (path.to_owned(), text)));
        return Ok(());
    }
    for entry in fs::read_dir(&full)? {
        let name = entry?.file_name();
        read_all(root, &format!("{path}/{}", name.to_string_lossy()), texts)?;
    }
    Ok(())
}

/// Does to one copy what an edit does to the disk. What is not there, a failure for example, stays away.
fn act(root: &Path, on_disk: &OnDisk) -> Fallible<()> {
    match on_disk {
        OnDisk::Create(path) => write(&root.join(path), "")?,
        OnDisk::Touch(path) if root.join(path).is_file() => {
            fs::File::options().append(true).open(root.join(path))?.set_modified(SystemTime::now())?;
        }
        OnDisk::Remove(path) if root.join(path).is_dir() => fs::remove_dir_all(root.join(path))?,
        OnDisk::Remove(path) if root.join(path).exists() => fs::remove_file(root.join(path))?,
        OnDisk::Append(path) => append(&root.join(path))?,
        OnDisk::Touch(_) | OnDisk::Remove(_) => {}
    }
    Ok(())
}

fn append(path: &Path) -> Fallible<()> {
    let file = if path.is_dir() { path.join("by-hand") } else { path.to_owned() };
    if file.parent().is_some_and(Path::is_dir) {
        let line = by_hand(&file);
        writeln!(fs::File::options().create(true).append(true).open(file)?, "{line}")?;
    }
    Ok(())
}

/// Returns a line that leaves a file of parameters readable.
fn by_hand(file: &Path) -> &'static str {
    match file.extension().and_then(|suffix| suffix.to_str()) {
        Some("yaml") => "by_hand: 1",
        Some("toml") => "by_hand = 1",
        Some(_) | None => "by hand",
    }
}
