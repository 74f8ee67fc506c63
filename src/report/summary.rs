//! The end of a run, in one or two lines: what it came to, and the counts.

use lockgate_spanned::Style;

use super::paint::{Ink, Mark, mark, paint};
use super::plain::millis;
use crate::event::Summary;
use crate::words::Exit;
use crate::words::text::plural;

/// Draws the counts of a run that has ended, under the words for how it ended.
pub fn render(summary: &Summary, style: Style) -> String {
    let (sign, ink, words) = ending(summary);
    let counts = match counts(summary).as_slice() {
        [] => "nothing to do".to_owned(),
        [_] if is_all_fresh(summary) => plural(summary.fresh, "task"),
        counts => counts.join(", "),
    };
    let saved = if summary.saved_ms > summary.elapsed_ms && summary.restored + summary.fresh > 0 {
        format!(", saved {}", millis(summary.saved_ms))
    } else {
        String::new()
    };
    let words = paint(style, ink, words);
    format!("{} {words}: {counts} in {}{saved}\n", mark(style, sign), millis(summary.elapsed_ms))
}

fn ending(summary: &Summary) -> (Mark, Ink, &'static str) {
    let bad = |words| (Mark::Bad, Ink::Bad, words);
    match Exit::from_code(summary.exit) {
        Some(Exit::Done) if is_all_fresh(summary) => (Mark::Good, Ink::Good, "everything is fresh"),
        Some(Exit::Done) if summary.degraded > 0 => (Mark::Caution, Ink::Caution, "done, degraded"),
        Some(Exit::Done | Exit::NotUpToDate) => (Mark::Good, Ink::Good, "done"),
        Some(Exit::StageFailed) => bad("failed"),
        Some(Exit::GateBlocked) => bad("a gate stopped the line"),
        Some(Exit::PersonNeeded) => bad("a person is needed"),
        Some(Exit::Halted) => bad("halted"),
        Some(Exit::Damaged) => bad("not everything could be kept"),
        Some(Exit::Interrupted) => bad("interrupted"),
        Some(Exit::Usage | Exit::Invalid | Exit::Bug) | None => bad("ended"),
    }
}

fn is_all_fresh(summary: &Summary) -> bool {
    summary.exit == Exit::Done.code() && summary.ran + summary.restored + summary.adopted + summary.degraded == 0
}

/// Returns the counts that are not zero, what went wrong first.
pub fn counts(summary: &Summary) -> Vec<String> {
    let counts = [
        (summary.failed, "failed"),
        (summary.refused, "refused"),
        (summary.blocked, "blocked"),
        (summary.skipped, "not started"),
        (summary.ran, "ran"),
        (summary.restored, "restored"),
        (summary.adopted, "adopted"),
        (summary.fresh, "fresh"),
        (summary.degraded, "of them degraded"),
    ];
    counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;

    #[test]
    fn the_last_line_says_how_the_run_ended() {
        let base = Summary { elapsed_ms: 1200, ..Summary::default() };
        let all = [
            Summary { fresh: 9, saved_ms: 65_000, elapsed_ms: 12, ..base.clone() },
            Summary { ran: 3, restored: 1, fresh: 5, saved_ms: 65_000, ..base.clone() },
            Summary { failed: 1, blocked: 4, ran: 3, exit: 1, ..base.clone() },
            Summary { refused: 1, blocked: 4, ran: 1, exit: 4, ..base.clone() },
            Summary { skipped: 2, ran: 1, exit: 130, ..base.clone() },
            Summary { exit: 0, elapsed_ms: 0, ..base },
        ];
        let text: String = all.iter().map(|summary| render(summary, PLAIN)).collect();
        insta::assert_snapshot!(text, @"
        ✓ everything is fresh: 9 tasks in 12 ms, saved 1 m 05 s
        ✓ done: 3 ran, 1 restored, 5 fresh in 1.2 s, saved 1 m 05 s
        ✗ failed: 1 failed, 4 blocked, 3 ran in 1.2 s
        ✗ a gate stopped the line: 1 refused, 4 blocked, 1 ran in 1.2 s
        ✗ interrupted: 2 not started, 1 ran in 1.2 s
        ✓ everything is fresh: nothing to do in 0 ms
        ");
    }
}
