//! `cargo xtask ci`: every check, the quick ones first. Stops at the first that fails.

use std::time::Instant;

use crate::{Result, find};

/// Commands with their arguments.
const STEPS: &[&str] = &[
    "fmt",
    "lint",
    "layers",
    "features",
    "doc",
    "fuzz --replay",
    "demo",
    "bench --once",
    "interop",
    "test",
];

pub(crate) fn run() -> Result {
    for (at, step) in STEPS.iter().enumerate() {
        println!("\n=== {step} ({} of {}) ===", at + 1, STEPS.len());
        let started = Instant::now();
        let (name, arguments) = parts(step);
        let command = find(name).ok_or_else(|| format!("there is no command `{name}`"))?;
        (command.run)(&arguments)
            .map_err(|failure| format!("{failure}\nTo repeat it: cargo xtask {step}"))?;
        // The tests come last and end with their total: whoever reads the log's end sees that they ran.
        if *step != "test" {
            println!("=== {step}: ok after {:.1} s ===", started.elapsed().as_secs_f64());
        }
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
}
