//! Named points at which a crash or a failing disk can be made to happen, for tests.
//!
//! Without the cargo feature `faults`, `fault!("…")` expands to nothing. With it, `LOCKGATE_FAULT=NAME:ACT[:NTH]` acts
//! at the NTH time (default: the first) that the point is passed; ACT is `kill`, `eio`, `enospc` or `erofs`.

/// Passes a named point; under the feature `faults` it may end the process or return a [`DiskError`] from the caller.
///
/// [`DiskError`]: crate::sys::disk::DiskError
macro_rules! fault {
    ($name:literal) => {
        #[cfg(feature = "faults")]
        if let Some(source) = $crate::sys::fault::strike($name) {
            Err::<(), _>($crate::sys::disk::DiskError::injected($name, source))?;
        }
    };
}
pub(crate) use fault;

/// Every point there is, in the order of a run; a test compares the list with the source.
const POINTS: &[&str] = &[
    "disk.publish.write",
    "disk.publish.rename",
    "disk.publish.done",
    "disk.across.copy",
    "disk.across.rename",
    "disk.across.remove",
    "disk.append",
    "disk.append.sync",
    "disk.sync_point",
    "store.blob.write",
    "store.blob.rename",
    "store.blob.done",
    "store.tree.publish",
    "store.place.build",
    "store.place.clear",
    "store.place.rename",
    "store.place.done",
    "store.run.publish",
    "store.set_aside",
    "store.gc.remove",
    "txn.aside",
    "txn.put_back",
    "txn.sweep",
];

/// Returns the names of all points.
pub fn points() -> &'static [&'static str] {
    POINTS
}

/// Decides whether the point `name` is struck this time, and with which error; `kill` does not return.
#[cfg(feature = "faults")]
pub(crate) fn strike(name: &str) -> Option<std::io::Error> {
    use rustix::io::Errno;
    let order = ORDER.as_ref().filter(|order| order.name == name)?;
    if order.passed.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 != order.nth {
        return None;
    }
    match order.act.as_str() {
        "kill" => {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).ok();
            unreachable!("a killed process does not go on")
        }
        "enospc" => Some(Errno::NOSPC.into()),
        "erofs" => Some(Errno::ROFS.into()),
        _ => Some(Errno::IO.into()),
    }
}

#[cfg(feature = "faults")]
struct Order {
    name: String,
    act: String,
    nth: u64,
    passed: std::sync::atomic::AtomicU64,
}

#[cfg(feature = "faults")]
static ORDER: std::sync::LazyLock<Option<Order>> = std::sync::LazyLock::new(|| {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's order must reach the lowest floor without a path of its own"
    )]
    let text = std::env::var("LOCKGATE_FAULT").ok()?;
    let mut parts = text.split(':').map(str::to_owned);
    let (name, act) = (parts.next()?, parts.next()?);
    assert!(POINTS.contains(&name.as_str()), "LOCKGATE_FAULT names no point: `{name}`");
    let nth = parts.next().and_then(|nth| nth.parse().ok()).unwrap_or(1);
    Some(Order { name, act, nth, passed: 0.into() })
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "the test reads the source")]
    fn names_in(folder: &Path, names: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                names_in(&path, names);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("sys/fault.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let after = text.split("fault!(\"").skip(1);
                names.extend(after.filter_map(|rest| rest.split_once('"')).map(|(name, _)| name.to_owned()));
            }
        }
    }

    #[test]
    fn the_list_of_points_is_the_one_in_the_source() {
        let mut used = BTreeSet::new();
        names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut used);
        let listed: BTreeSet<String> = POINTS.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(used, listed);
        assert_eq!(listed.len(), POINTS.len(), "a point is listed twice");
    }
}
