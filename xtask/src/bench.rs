//! `cargo xtask bench`: our crates and their best peers, measured side by side.
//!
//! The benches are a workspace of their own, with a lock file and a target folder of their own.

use crate::Result;
use crate::process::{cargo, execute};

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut bench = cargo(["run", "--locked", "--manifest-path", "benches/Cargo.toml"]);
    // A check of the answers alone is not worth the minutes that the optimised build takes.
    if !arguments.iter().any(|argument| argument == "--once") {
        bench.arg("--release");
    }
    execute(bench.arg("--").args(arguments))
}
