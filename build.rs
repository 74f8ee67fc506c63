//! Links the binary at a fixed address on Linux.
//!
//! A position-independent binary that holds the data-frame library has about 150,000 relocations, which the dynamic
//! linker applies at every start: more than a millisecond, most of what `lockgate --version` would take.
#![expect(clippy::disallowed_methods, reason = "cargo tells a build script everything through the environment")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
