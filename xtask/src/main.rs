//! The CI driver: `cargo xtask <command>`. Every command is one file and runs alone.

mod api;
mod bench;
mod child;
mod ci;
mod demo;
mod doc;
mod examples;
mod features;
mod fmt;
mod fuzz;
mod interop;
mod layers;
mod lint;
mod process;
mod source;
mod test;
mod violation;
mod workspace;

use std::process::ExitCode;

/// What a command gives back: nothing, or a text that says what failed.
type Result<T = (), E = String> = std::result::Result<T, E>;

struct Command {
    name: &'static str,
    /// The arguments it takes, as the help shows them; empty: none.
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "ci",
        arguments: "",
        about: "everything below, in the order that finds faults soonest",
        run: |_| ci::run(),
    },
    Command { name: "fmt", arguments: "", about: "is the code formatted", run: |_| fmt::run() },
    Command {
        name: "lint",
        arguments: "",
        about: "clippy without a warning",
        run: |_| lint::run(),
    },
    Command {
        name: "layers",
        arguments: "",
        about: "the invariants of ARCHITECTURE.md: dependencies, forbidden names, weight, files",
        run: |_| layers::run(),
    },
    Command {
        name: "features",
        arguments: "",
        about: "each crate alone, with each of its features alone",
        run: |_| features::run(),
    },
    Command {
        name: "doc",
        arguments: "",
        about: "the documentation builds without a warning",
        run: |_| doc::run(),
    },
    Command {
        name: "api",
        arguments: "",
        about: "public signatures contain only what a program can name",
        run: |_| api::run(),
    },
    Command {
        name: "examples",
        arguments: "",
        about: "the examples of the READMEs build and run in a project of their own",
        run: |_| examples::run(),
    },
    Command {
        name: "demo",
        arguments: "[arguments of the demo]",
        about: "builds and runs the demo against the embedded server, or against INFLUX_DSN",
        run: demo::run,
    },
    Command {
        name: "fuzz",
        arguments: "[target] [--seconds N] | --replay",
        about: "searches for inputs that break a promise, or replays those that are kept",
        run: fuzz::run,
    },
    Command {
        name: "bench",
        arguments: "[case] [--once] [--list]",
        about: "our crates and their best peers, measured side by side",
        run: bench::run,
    },
    Command {
        name: "interop",
        arguments: "",
        about: "other people's programs against ours",
        run: |_| interop::run(),
    },
    Command {
        name: "test",
        arguments: "[arguments of cargo test]",
        about: "all unit, integration and documentation tests with all features",
        run: test::run,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    let arguments: Vec<String> = arguments.collect();
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = find(&name) else {
        eprintln!("error: there is no command `{name}`; `cargo xtask help` lists them");
        return ExitCode::from(2);
    };
    if command.arguments.is_empty() && !arguments.is_empty() {
        eprintln!(
            "error: `cargo xtask {name}` takes no arguments, found `{}`",
            arguments.join(" ")
        );
        return ExitCode::from(2);
    }
    match (command.run)(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

fn help() -> String {
    let line = |command: &Command| {
        let usage = format!("{} {}", command.name, command.arguments);
        format!("  {usage:<40} {}\n", command.about)
    };
    let lines: String = COMMANDS.iter().map(line).collect();
    format!("Usage: cargo xtask <command>\n\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_has_a_line_for_every_command() {
        let help = help();
        for Command { name, about, .. } in COMMANDS {
            let line = help.lines().find(|line| line.starts_with(&format!("  {name} ")));
            assert!(
                line.is_some_and(|line| line.ends_with(about)),
                "{name} is missing in:\n{help}"
            );
        }
    }

    #[test]
    fn commands_are_found_by_their_whole_name() {
        assert_eq!(find("lint").map(|command| command.name), Some("lint"));
        assert!(find("lin").is_none());
        assert!(find("help").is_none(), "help is not a command of the table");
    }
}
