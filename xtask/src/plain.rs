//! The commands that only run cargo: `fmt`, `lint`, `demo` and `bench`.

use crate::process::execute;
use crate::result::Result;
use crate::workspace::cargo;

/// Is the code formatted as rustfmt.toml says?
pub(crate) fn fmt() -> Result {
    execute(&mut cargo(["fmt", "--all", "--check"]))
        .map_err(|failure| format!("{failure}\n`cargo fmt --all` formats the code"))
}

/// Clippy without a warning, with all features and with the default ones.
pub(crate) fn lint() -> Result {
    // Code that one feature uses can be dead without it.
    for features in [&["--all-features"][..], &[]] {
        let mut clippy = cargo(["clippy", "--workspace", "--all-targets"]);
        execute(clippy.args(features).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Runs the demo against the embedded server, or against the server in `INFLUX_DSN`.
pub(crate) fn demo(arguments: &[String]) -> Result {
    let mut demo = cargo(["run", "--release", "-p", "influx-client", "--example", "demo"]);
    execute(demo.arg("--").args(arguments))
}

/// Runs the benches, a workspace with a lock file and a target folder of its own.
pub(crate) fn bench(arguments: &[String]) -> Result {
    let mut bench = cargo(["run", "--locked", "--manifest-path", "benches/Cargo.toml"]);
    if is_timed(arguments) {
        bench.arg("--release");
    }
    execute(bench.arg("--").args(arguments))
}

/// Only a measurement needs the optimised build, which takes minutes.
fn is_timed(arguments: &[String]) -> bool {
    let untimed = ["--once", "--list", "--help"];
    !arguments.iter().any(|argument| untimed.contains(&argument.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_measurements_are_optimised() {
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
