//! The wall around the data-frame library: where it falls, its caller gets a text and not a panic.
//!
//! The program ends the process at any panic, which is right for its own mistakes. One that is raised in another crate while
//! somebody waits behind the wall is kept from that: it is caught, and becomes the error of one gate. It knows nothing of
//! tables. A build whose panics abort has no wall.

use std::any::Any;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many callers are behind the wall: the library raises panics on its own threads and hands them to the caller's.
static BEHIND: AtomicUsize = AtomicUsize::new(0);

static HOOK: Once = Once::new();

/// Runs what calls the library; where it panics, returns the first line of what it said.
///
/// Nothing that `run` left half done may be used afterwards.
pub fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(keep_from_others);
    BEHIND.fetch_add(1, Ordering::SeqCst);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    BEHIND.fetch_sub(1, Ordering::SeqCst);
    outcome.map_err(|panic| text(&*panic))
}

/// Puts a hook before the one that is there, which is not told of what is caught.
fn keep_from_others() {
    let others = take_hook();
    set_hook(Box::new(move |panic| {
        if !is_caught(panic) {
            others(panic);
        }
    }));
}

fn is_caught(panic: &PanicHookInfo<'_>) -> bool {
    let is_foreign = panic.location().is_some_and(|place| !is_ours(place.file()));
    is_foreign && BEHIND.load(Ordering::SeqCst) > 0
}

/// The compiler names the files of this workspace relative to it, and those of other crates from the root.
fn is_ours(file: &str) -> bool {
    Path::new(file).is_relative()
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    first_line(text.unwrap_or("an unknown place"))
}

/// Returns the first line of what the library said, without its end.
pub(crate) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches(['.', ':']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_behind_the_wall_is_a_text() {
        assert_eq!(caught(|| 7), Ok(7));
        // A slice of the standard library, whose panics are not of this workspace either.
        let beyond = std::hint::black_box(3);
        assert_eq!(
            caught(|| std::time::Duration::MAX * beyond),
            Err("overflow when multiplying duration by scalar".to_owned())
        );
    }

    #[test]
    fn only_panics_of_other_crates_are_kept_from_the_program() {
        assert!(is_ours(file!()) && is_ours("src/main.rs"));
        assert!(!is_ours("/home/someone/.cargo/registry/src/index/polars-expr-0.55.2/src/reduce/sum.rs"));
        assert!(!is_ours("/rustc/59807616/library/core/src/option.rs"));
    }
}
