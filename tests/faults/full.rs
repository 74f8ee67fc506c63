//! A file system that is really full: a small one is mounted at the project, which only root can do.

use std::process::Command;

use crate::sandbox::Sandbox;

/// A project that is a file system of its own, unmounted with the test.
struct Small {
    ws: Sandbox,
}

impl Small {
    /// Makes one of `kib` KiB; `None`, and a line that says so, where nothing can be mounted.
    fn of(kib: usize, pipeline: &str) -> Option<Self> {
        let small = Self { ws: Sandbox::empty() };
        if !small.mount(&format!("size={kib}k")) {
            eprintln!("skipped: no file system can be mounted here");
            return None;
        }
        small.ws.write("pipeline.yaml", pipeline);
        Some(small)
    }

    fn mount(&self, options: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "none"]).arg(self.ws.path());
        mount.output().is_ok_and(|output| output.status.success())
    }

    fn grow(&self, kib: usize) {
        assert!(self.mount(&format!("remount,size={kib}k")), "what is mounted can grow");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.ws.path()).output();
    }
}

/// Makes as many bytes as its input says; what is beside it needs next to nothing.
const PIPELINE: &str = "\
stages:
  big:
    cmd: head -c $(cat n.txt) /dev/zero > big.bin
    deps: [n.txt]
    outs: [big.bin]
  after:
    cmd: wc -c < big.bin > after.txt
    deps: [big.bin]
    outs: [after.txt]
  z1: {cmd: cp n.txt z1, deps: [n.txt], outs: [z1]}
  z2: {cmd: cp z1 z2, deps: [z1], outs: [z2]}
";

fn len(small: &Small) -> u64 {
    small.ws.path().join("big.bin").metadata().unwrap().len()
}

#[test]
fn what_cannot_be_stored_halts_the_run_and_the_last_good_outputs_stand() {
    let Some(small) = Small::of(2048, PIPELINE) else { return };
    let ws = &small.ws;
    ws.write("n.txt", "100000\n");
    let output = ws.lockgate("repro");
    assert_eq!(output.code, 0, "{output}");
    // It fits once, and not once more into the store.
    ws.write("n.txt", "1200000\n");
    let output = ws.lockgate("repro -k -j 1");
    assert_eq!((output.code, len(&small)), (6, 100_000), "{output}");
    for said in ["big.bin", "No space left", "free space on the file system at `DIR`", "halted", "back in place"] {
        assert!(output.stderr.contains(said), "`{said}` is not said\n{output}");
    }
    assert_eq!(ws.read("after.txt").trim(), "100000", "{output}");
    small.grow(8192);
    let output = ws.lockgate("repro");
    assert_eq!((output.code, len(&small), ws.read("after.txt").trim()), (0, 1_200_000, "1200000"), "{output}");
}

#[test]
fn a_command_that_fails_on_a_full_disk_is_told_so_and_stays_the_stages_failure() {
    let Some(small) = Small::of(2048, PIPELINE) else { return };
    let ws = &small.ws;
    ws.write("n.txt", "100000\n");
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.write("n.txt", "5000000\n");
    let output = ws.lockgate("repro big");
    assert_eq!((output.code, len(&small)), (1, 100_000), "{output}");
    for said in ["failed with exit status 1; there is no space left on the file system at `DIR`", "free space on `DIR`"]
    {
        assert!(output.stderr.contains(said), "`{said}` is not said\n{output}");
    }
    ws.write("n.txt", "200000\n");
    let output = ws.lockgate("repro");
    assert_eq!((output.code, len(&small)), (0, 200_000), "the failed output has taken the room\n{output}");
}

/// A gate that had no room to look says nothing about the data: it is asked again.
#[test]
fn a_command_gate_on_a_full_disk_ends_in_error() {
    let pipeline = "stages:\n  g: {gate: {data: in.txt, command: head -c 5000000 /dev/zero > side}}\n";
    let Some(small) = Small::of(1024, pipeline) else { return };
    small.ws.write("in.txt", "x\n");
    let output = small.ws.lockgate("repro");
    assert!([4, 6].contains(&output.code), "{output}");
    assert!(output.stderr.contains("there is no space left on the file system at `DIR`"), "{output}");
    small.ws.remove("side");
    small.grow(8192);
    let output = small.ws.lockgate("repro");
    assert_eq!(output.code, 0, "{output}");
}

/// Bad rows that cannot be written are the machine's, not the data's: the gate judges again once there is room.
#[cfg(feature = "tables")]
#[test]
fn bad_rows_without_room_halt_the_run() {
    let pipeline = "stages:\n  g: {gate: {data: in.csv, schema: s.yaml}}\n";
    let Some(small) = Small::of(768, pipeline) else { return };
    small.ws.write("s.yaml", "columns: {a: str len 1..2}\n");
    // Nothing that could be made smaller.
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from(state >> 58).expect("six bits"))
    };
    let rows: Vec<String> =
        (0..18_000).map(|_| (0..50).map(|_| next()).filter(|c| c.is_alphanumeric()).collect()).collect();
    small.ws.write("in.csv", &format!("a\n{}\n", rows.join("\n")));
    let output = small.ws.lockgate("repro");
    assert_eq!(output.code, 6, "{output}");
    assert!(
        output.stderr.contains("cannot write the bad rows to `.lockgate/quarantine/g/in.csv.rows.parquet`"),
        "{output}"
    );
    small.grow(8192);
    let output = small.ws.lockgate("repro");
    assert_eq!(output.code, 4, "{output}");
}
