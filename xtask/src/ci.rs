//! `cargo xtask ci`: every check, the quick ones first. It stops at the first that fails.

use std::time::Instant;

use crate::{Result, find};

/// Commands with their arguments: first those that need little time or find most faults. `interop`
/// installs a peer of `bench`. The tests are the last, so that the log ends with their total.
const STEPS: &[&str] = &[
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

pub(crate) fn run() -> Result {
    let started = Instant::now();
    for (at, step) in STEPS.iter().enumerate() {
        println!("\n=== {step} ({} of {}) ===", at + 1, STEPS.len());
        let step_started = Instant::now();
        let (name, arguments) = parts(step);
        let command = find(name).ok_or_else(|| format!("there is no command `{name}`"))?;
        let outcome = (command.run)(&arguments);
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

fn parts(step: &str) -> (&str, Vec<String>) {
    let (name, arguments) = step.split_once(' ').unwrap_or((step, ""));
    (name, arguments.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::COMMANDS;

    #[test]
    fn every_command_is_a_step_and_the_tests_are_the_last() {
        let mut steps: Vec<&str> = STEPS.iter().map(|step| parts(step).0).collect();
        let mut commands: Vec<&str> =
            COMMANDS.iter().map(|command| command.name).filter(|name| *name != "ci").collect();
        assert_eq!(steps.last(), Some(&"test"));
        steps.sort_unstable();
        commands.sort_unstable();
        assert_eq!(steps, commands);
    }

    #[test]
    fn the_benches_start_after_their_peer_is_installed() {
        let place = |name: &str| STEPS.iter().position(|step| parts(step).0 == name);
        assert!(place("interop") < place("bench"), "{STEPS:?}");
    }
}
