//! The CI driver: `cargo xtask <command>`. Every command runs alone.

mod api;
mod audit;
mod child;
mod ci;
mod deny;
mod doc;
mod examples;
mod features;
mod fuzz;
mod interop;
mod layers;
mod plain;
mod process;
mod result;
mod source;
mod test;
mod violation;
mod workspace;

use std::process::ExitCode;

use result::Result;

struct Command {
    name: &'static str,
    /// The arguments as the help shows them; empty: none.
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: &[Command] = &[
    command("ci", "", "everything below, in the order that finds faults soonest", |_| {
        ci::run(|name| find(name).map(|command| command.run))
    }),
    command("fmt", "", "the code is formatted", |_| plain::fmt()),
    command(
        "layers",
        "",
        "the invariants of ARCHITECTURE.md: dependencies, forbidden names, dialects, weight, files",
        |_| layers::run(),
    ),
    command(
        "audit",
        "",
        "licences, sources and versions of other people's crates keep to deny.toml",
        |_| audit::run(),
    ),
    command("lint", "", "clippy without a warning", |_| plain::lint()),
    command("doc", "", "plain English, and documentation without a warning", |_| doc::run()),
    command("api", "", "a program can name all that public signatures contain", |_| api::run()),
    command("features", "", "each crate alone, with each of its features alone", |_| {
        features::run()
    }),
    command("examples", "", "the READMEs' examples, each in a project of its own", |_| {
        examples::run()
    }),
    command(
        "demo",
        "[arguments of the demo]",
        "builds and runs the demo against the embedded server, or against INFLUX_DSN",
        plain::demo,
    ),
    command(
        "fuzz",
        "[target] [--seconds N] | --replay",
        "searches for inputs that break a promise, or replays those that are kept",
        fuzz::run,
    ),
    command("interop", "", "other people's programs against ours", |_| interop::run()),
    command(
        "bench",
        "[case] [--once] [--list]",
        "our crates and their best peers, measured side by side",
        plain::bench,
    ),
    command(
        "test",
        "[arguments of cargo test]",
        "all unit, integration and documentation tests with all features",
        test::run,
    ),
];

const fn command(
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
) -> Command {
    Command { name, arguments, about, run }
}

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
    fn every_command_is_a_step() {
        let mut steps: Vec<&str> = ci::STEPS.iter().map(|step| ci::parts(step).0).collect();
        let mut commands: Vec<&str> =
            COMMANDS.iter().map(|command| command.name).filter(|name| *name != "ci").collect();
        steps.sort_unstable();
        commands.sort_unstable();
        assert_eq!(steps, commands);
    }

    #[test]
    fn commands_are_found_by_their_whole_name() {
        assert_eq!(find("lint").map(|command| command.name), Some("lint"));
        assert!(find("lin").is_none());
        assert!(find("help").is_none(), "help is not a command of the table");
    }
}
