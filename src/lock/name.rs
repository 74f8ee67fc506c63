//! Names of tasks in the lock's text: `train`, `train@a`, `train[week=3,league=E0]`, and `models:train` for a task of the
//! pipeline file in the folder `models` below that of the lock.
//!
//! A backslash takes the meaning from the next character, so that every name reads back to the task it was written for.

use super::Realm;
use crate::words::{NodeName, PartitionKey, RelPath, TaskId};

/// Returns the name of `task` in the lock that stands in `home`.
pub fn write(task: &TaskId, home: &RelPath) -> String {
    let mut out = String::new();
    if task.folder != *home {
        put_escaped(&mut out, &task.folder.seen_from(home), &['\\', '[', ':']);
        out.push(':');
    }
    put_escaped(&mut out, task.name.as_str(), &['\\', '[', ':']);
    let values = values_of(&task.partition);
    for (idx, (dimension, value)) in values.iter().enumerate() {
        out.push(if idx == 0 { '[' } else { ',' });
        put_escaped(&mut out, dimension, &['\\', ',', '=', ']']);
        out.push('=');
        put_escaped(&mut out, value, &['\\', ',', ']']);
    }
    out.push_str(if values.is_empty() { "" } else { "]" });
    out
}

/// Reads the name of a task of `realm`; `None` when it is not one that [`write`] gives.
pub fn read(text: &str, realm: &Realm) -> Option<TaskId> {
    let mut rest = text.chars();
    let (mut name, mut border) = take_until(&mut rest, &['[', ':'])?;
    let mut folder = realm.home.clone();
    if border == Some(':') {
        folder = folder.join(&name).ok().filter(|folder| *folder != realm.home && realm.takes(folder))?;
        (name, border) = take_until(&mut rest, &['['])?;
    }
    let mut values: Vec<(Box<str>, Box<str>)> = Vec::new();
    while matches!(border, Some('[' | ',')) {
        let (dimension, equals) = take_until(&mut rest, &['=', ',', ']'])?;
        let (value, next) = take_until(&mut rest, &[',', ']'])?;
        (equals == Some('=') && next.is_some()).then_some(())?;
        values.push((dimension.into(), value.into()));
        border = next;
    }
    rest.next().is_none().then_some(())?;
    Some(TaskId { folder, name: NodeName::new(name), partition: PartitionKey::new(values) })
}

/// The key does not show its parts; its serialised form does. Only tasks with partitions pay for it.
fn values_of(partition: &PartitionKey) -> Vec<(String, String)> {
    if partition.is_empty() {
        return Vec::new();
    }
    let pairs = serde_json::to_value(partition).and_then(serde_json::from_value);
    pairs.expect("a partition key is a list of pairs of texts")
}

fn put_escaped(out: &mut String, text: &str, meant: &[char]) {
    for c in text.chars() {
        if meant.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
}

/// Takes text up to the first of `borders` that is not escaped; `None` when it ends in the middle of an escape.
fn take_until(rest: &mut std::str::Chars<'_>, borders: &[char]) -> Option<(String, Option<char>)> {
    let mut taken = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => taken.push(rest.next()?),
            c if borders.contains(&c) => return Some((taken, Some(c))),
            c => taken.push(c),
        }
    }
    Some((taken, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Files;

    #[test]
    fn a_name_reads_back_to_its_task() {
        let check = |name: &str, partition: &[(&str, &str)], expect: &str| {
            let values = partition.iter().map(|(dimension, value)| ((*dimension).into(), (*value).into()));
            let partition = PartitionKey::new(values.collect());
            let task = TaskId { folder: RelPath::root(), name: NodeName::new(name), partition };
            assert_eq!(write(&task, &RelPath::root()), expect);
            assert_eq!(read(expect, &Realm::folder(RelPath::root())), Some(task));
        };
        check("train", &[], "train");
        check("train@a", &[("week", "3"), ("league", "E0")], "train@a[week=3,league=E0]");
        check("x[week=3]", &[], r"x\[week=3]");
        check("a]=,\\", &[("a=b", "c=d,e]f[g\\")], r"a]=,\\[a\=b=c=d\,e\]f[g\\]");
        check("", &[("", "")], "[=]");
        check("a:b", &[("x", "12:30")], r"a\:b[x=12:30]");
    }

    #[test]
    fn a_task_of_another_folder_is_named_with_it() {
        let path = |text: &str| RelPath::parse(text).expect("a path");
        let project = Realm::of(&Files::of_project(Vec::new(), Vec::new()));
        let check = |folder: &str, name: &str, expect: &str| {
            let task = TaskId::whole(path(folder), NodeName::new(name));
            assert_eq!(write(&task, &RelPath::root()), expect);
            assert_eq!(read(expect, &project), Some(task));
            assert_eq!(read(expect, &Realm::folder(RelPath::root())), None, "one file has one folder");
        };
        check("models", "train", "models:train");
        check("a/b", "c@d:e", r"a/b:c@d\:e");
        check("x[1]:y", "z", r"x\[1]\:y:z");
        for text in [":a", ".:a", "..:a", "/b:a", "a:"] {
            assert!(read(text, &project).is_none_or(|task| task.name.as_str().is_empty()), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for text in ["a[", "a[]", "a[b]", "a[b=c", "a[b=c]d", "a[b=c,]", "a\\", "a[b=c\\"] {
            assert_eq!(read(text, &Realm::folder(RelPath::root())), None, "{text}");
        }
    }
}
