//! What other processes are.
#![expect(clippy::disallowed_methods, reason = "the kernel tells it in files of its own")]

/// Returns the command line of a process; `None` if there is none of that number, or it has ended or belongs to another
/// machine's or container's numbers.
pub fn command_of(pid: u32) -> Option<String> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words: Vec<_> = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    let line = words.join(" ").trim().to_owned();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_command_line() {
        let this = command_of(std::process::id()).expect("this process has one");
        assert!(this.contains(env!("CARGO_PKG_NAME")), "{this}");
        assert_eq!(command_of(u32::MAX), None);
    }
}
