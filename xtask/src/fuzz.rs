//! `cargo xtask fuzz`: searches for inputs that break a promise, or replays those that are kept.
//!
//! The workspace `fuzz/` has the checks. Searching needs a nightly compiler and cargo-fuzz,
//! replaying needs neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{capture, command_line, execute};
use crate::result::Result;
use crate::workspace::{Workspace, cargo, root};

pub(crate) fn run(arguments: &[String]) -> Result {
    match Task::parse(arguments)? {
        Task::Replay => replay(),
        Task::Search { target, seconds } => search(target.as_deref(), seconds),
    }
}

#[derive(Debug, PartialEq)]
enum Task {
    Replay,
    /// In one target or in all, each for this time.
    Search {
        target: Option<String>,
        seconds: u32,
    },
}

impl Task {
    fn parse(arguments: &[String]) -> Result<Self> {
        let (mut target, mut seconds) = (None, 15);
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--replay" if arguments.len() == 1 => return Ok(Self::Replay),
                "--replay" => return Err("`--replay` stands alone".to_owned()),
                "--seconds" => {
                    let number = words.next().and_then(|number| number.parse().ok());
                    seconds = number
                        .filter(|seconds| *seconds > 0)
                        .ok_or("`--seconds` needs a number from 1")?;
                }
                option if option.starts_with('-') => {
                    return Err(format!(
                        "unknown option `{option}`; known are --seconds and --replay"
                    ));
                }
                name if target.is_none() => target = Some(name.to_owned()),
                name => return Err(format!("one target at a time, found another: `{name}`")),
            }
        }
        Ok(Self::Search { target, seconds })
    }
}

/// Checks the format, the lints and the kept inputs of `fuzz/`, which the other commands skip.
fn replay() -> Result {
    let target = Workspace::load()?.target;
    // This target folder holds the builds of the crates' own tests.
    let own = |command| {
        let mut cargo = cargo([command, "--manifest-path", "fuzz/Cargo.toml"]);
        if command != "fmt" {
            cargo.arg("--target-dir").arg(&target);
        }
        cargo
    };
    execute(own("fmt").arg("--check"))?;
    execute(own("clippy").args(["--quiet", "--all-targets", "--", "-D", "warnings"]))?;
    execute(own("test").args(["--quiet", "--all-targets"]))
}

fn search(target: Option<&str>, seconds: u32) -> Result {
    check_tools()?;
    let mut targets = targets()?;
    if let Some(name) = target {
        if !targets.iter().any(|target| target == name) {
            return Err(format!("there is no target `{name}`; there are: {}", targets.join(", ")));
        }
        targets = vec![name.to_owned()];
    }
    execute(cargo_fuzz("build").args(target))?;
    println!("{}", row("target", "execs", "execs/s", "findings"));
    let mut findings = Vec::new();
    for target in &targets {
        findings.extend(search_one(target, seconds)?);
    }
    if findings.is_empty() {
        return Ok(());
    }
    let list: Vec<_> = findings.iter().map(|path| path.display().to_string()).collect();
    Err(format!(
        "inputs that break a promise:\n  {}\n\
         Move them to fuzz/regressions/TARGET/, then `cargo xtask fuzz --replay` shows the failure",
        list.join("\n  ")
    ))
}

/// A search needs more tools than the build of this workspace.
fn check_tools() -> Result {
    for (check, remedy) in [
        ("rustup run nightly rustc --version", "rustup toolchain install nightly"),
        ("cargo fuzz --version", "cargo install cargo-fuzz --locked"),
        ("c++ --version", "apt-get install g++"),
    ] {
        let mut words = check.split(' ');
        let mut tool = Command::new(words.next().unwrap_or_default());
        capture(tool.args(words)).map_err(|_| {
            format!("`{check}` fails; try: {remedy}\n`cargo xtask fuzz --replay` does not need it")
        })?;
    }
    Ok(())
}

/// Every file of `fuzz/fuzz_targets/` is a target.
fn targets() -> Result<Vec<String>> {
    let mut names: Vec<_> = files(&root().join("fuzz/fuzz_targets"))
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    if names.is_empty() { Err("fuzz/fuzz_targets/ has no target".to_owned()) } else { Ok(names) }
}

fn cargo_fuzz(command: &str) -> Command {
    // `cargo +nightly` works only where `cargo` is rustup's.
    let mut rustup = Command::new("rustup");
    rustup.args(["run", "nightly", "cargo", "fuzz", command, "--features", "libfuzzer"]);
    rustup.current_dir(root());
    rustup
}

/// Searches, prints a line about it, and returns the files of the inputs that break a promise.
fn search_one(target: &str, seconds: u32) -> Result<Vec<PathBuf>> {
    let fuzz = root().join("fuzz");
    let artifacts = fuzz.join("artifacts").join(target);
    let known = files(&artifacts);

    // libFuzzer adds what it finds to the first folder and only reads the others.
    let found = fuzz.join("target/corpus").join(target);
    let folders =
        [found.clone(), fuzz.join("corpus").join(target), fuzz.join("regressions").join(target)];
    let log = fuzz.join("target").join(format!("{target}.log"));
    let prepare = || {
        fs::create_dir_all(&found)?;
        fs::File::create(&log)
    };
    let file = prepare().map_err(|error| format!("could not write {}: {error}", log.display()))?;

    let mut run = cargo_fuzz("run");
    run.arg(target).args(folders.iter().filter(|folder| folder.is_dir())).arg("--");
    run.args(["-max_len=4096", "-rss_limit_mb=512", "-timeout=5", "-print_final_stats=1"]);
    run.arg(format!("-max_total_time={seconds}")).stdout(Stdio::null()).stderr(file);
    let line = command_line(&run);
    let status = run.status().map_err(|error| format!("could not start `{line}`: {error}"))?;

    let output = fs::read_to_string(&log).unwrap_or_default();
    let mut findings = files(&artifacts);
    findings.retain(|path| !known.contains(path));
    if !status.success() && findings.is_empty() {
        return Err(format!("`{line}` failed: {status}\nSee {}", log.display()));
    }
    let executions = statistic(&output, "number_of_executed_units");
    let per_second = statistic(&output, "average_exec_per_sec");
    println!("{}", row(target, executions, per_second, &findings.len().to_string()));
    Ok(findings)
}

fn row(target: &str, executions: &str, per_second: &str, findings: &str) -> String {
    format!("{target:<20} {executions:>12} {per_second:>10} {findings:>9}")
}

/// The files in a folder; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// The number in libFuzzer's line `stat::name:   123`; 0 if it is missing.
fn statistic<'a>(output: &'a str, name: &str) -> &'a str {
    let value = output
        .lines()
        .find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name)?.strip_prefix(':'));
    value.map_or("0", str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_refused() {
        let check = |arguments: &str, expected: Result<Task, &str>| {
            let words: Vec<_> = arguments.split_whitespace().map(str::to_owned).collect();
            let found = Task::parse(&words);
            match (found, expected) {
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                (found, expected) => assert_eq!(found, expected.map_err(str::to_owned)),
            }
        };
        let search = |target: Option<&str>, seconds| {
            Ok(Task::Search { target: target.map(str::to_owned), seconds })
        };
        check("", search(None, 15));
        check("dsn", search(Some("dsn"), 15));
        check("--seconds 120", search(None, 120));
        check("dsn --seconds 3", search(Some("dsn"), 3));
        check("--replay", Ok(Task::Replay));
        check("--replay dsn", Err("stands alone"));
        check("--seconds", Err("a number"));
        check("--seconds 0", Err("a number"));
        check("dsn quote", Err("`quote`"));
        check("--jobs", Err("`--jobs`"));
    }

    #[test]
    fn statistics_are_found_in_the_log() {
        let log = "Done 12 runs\nstat::number_of_executed_units: 4242\nstat::average_exec_per_sec:     21\n";
        assert_eq!(statistic(log, "number_of_executed_units"), "4242");
        assert_eq!(statistic(log, "average_exec_per_sec"), "21");
        assert_eq!(statistic(log, "peak_rss_mb"), "0");
    }

    #[test]
    fn a_row_has_a_column_for_each_number() {
        let expected = "dsn                             7          3         1";
        assert_eq!(row("dsn", "7", "3", "1"), expected);
    }

    #[test]
    fn the_targets_of_this_repository_are_found() {
        assert!(targets().unwrap().contains(&"chunked_json".to_owned()));
    }
}
