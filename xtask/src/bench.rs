//! `cargo xtask bench`: our crates and their best peers, measured side by side.
//!
//! The benches are a workspace of their own, with a lock file and a target folder of their own.

use crate::Result;
use crate::process::{cargo, execute};

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut bench = cargo(["run", "--locked", "--manifest-path", "benches/Cargo.toml"]);
    if is_timed(arguments) {
        bench.arg("--release");
    }
    execute(bench.arg("--").args(arguments))
}

/// Whoever measures nothing need not wait for the optimised build, which takes minutes.
fn is_timed(arguments: &[String]) -> bool {
    let untimed = ["--once", "--list", "--help"];
    !arguments.iter().any(|argument| untimed.contains(&argument.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_measured_is_optimised() {
        let check = |line: &str, expected: bool| {
            let arguments: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(is_timed(&arguments), expected, "{line}");
        };
        check("", true);
        check("decode/cells --rounds 3", true);
        check("decode --callgrind", true);
        check("--once", false);
        check("decode --list", false);
    }
}
