//! `cargo xtask ci`: every check, the quick ones first. It stops at the first that fails.

use std::time::Instant;

use crate::result::Result;

/// Commands with their arguments: first those that need little time or find most faults. `interop`
/// installs a peer of `bench`. The tests are the last, so that the log ends with their total.
pub(crate) const STEPS: &[&str] = &[
    "fmt",
    "layers",
    "audit",
    "lint",
    "doc",
    "api",
    "features",
    "examples",
    "fuzz --replay",
    "demo",
    "interop",
    "bench --once",
    "test",
];

/// Runs each step with the function that `find` has for its command.
pub(crate) fn run(find: impl Fn(&str) -> Option<fn(&[String]) -> Result>) -> Result {
    let started = Instant::now();
    for (at, step) in STEPS.iter().enumerate() {
        println!("\n=== {step} ({} of {}) ===", at + 1, STEPS.len());
        let step_started = Instant::now();
        let (name, arguments) = parts(step);
        let run = find(name).ok_or_else(|| format!("there is no command `{name}`"))?;
        let outcome = run(&arguments);
        let seconds = [step_started, started].map(|start| start.elapsed().as_secs_f64());
        let [seconds, total] = seconds;
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        // The tests print their own time above their total.
        if *step != "test" || outcome.is_err() {
            println!("=== {step}: {verdict} after {seconds:.1} s, {total:.1} s in all ===");
        }
        outcome.map_err(|failure| format!("{failure}\nTo repeat it: cargo xtask {step}"))?;
    }
    Ok(())
}

/// The name of a step's command, and its arguments.
pub(crate) fn parts(step: &str) -> (&str, Vec<String>) {
    let (name, arguments) = step.split_once(' ').unwrap_or((step, ""));
    (name, arguments.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_are_the_last_step() {
        assert_eq!(STEPS.last(), Some(&"test"));
    }

    #[test]
    fn the_benches_start_after_their_peer_is_installed() {
        let place = |name: &str| STEPS.iter().position(|step| parts(step).0 == name);
        assert!(place("interop") < place("bench"), "{STEPS:?}");
    }
}
