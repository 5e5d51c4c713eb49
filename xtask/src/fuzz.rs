//! `cargo xtask fuzz`: searches for inputs that break a promise, or replays those that are kept.
//!
//! The workspace `fuzz/` has the checks. Searching needs a nightly compiler and cargo-fuzz,
//! replaying needs neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;
use crate::process::{capture, cargo, command_line, execute};
use crate::workspace::{Workspace, root};

pub(crate) fn run(arguments: &[String]) -> Result {
    match Task::parse(arguments)? {
        Task::Replay => replay(),
        Task::Search { target, seconds } => search(target.as_deref(), seconds),
    }
}

#[derive(Debug, PartialEq)]
enum Task {
    Replay,
    /// In one target or in all, each for so long.
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

/// Formatting, lints and the kept inputs of `fuzz/`, which the other commands do not see.
fn replay() -> Result {
    let target = Workspace::load()?.target;
    // What the crates' own tests have built is used again.
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
    let mut rows = Vec::new();
    for target in &targets {
        println!("{target}: {seconds} s");
        rows.push(search_one(target, seconds)?);
    }
    print!("\n{}", table(&rows));
    let findings: Vec<_> = rows.iter().flat_map(|row| &row.findings).collect();
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

/// What a search needs beyond what the build of this workspace needs.
fn check_tools() -> Result {
    let tools = [
        (
            &["rustup", "run", "nightly", "rustc", "--version"][..],
            "rustup toolchain install nightly",
        ),
        (&["cargo", "fuzz", "--version"], "cargo install cargo-fuzz --locked"),
        (&["c++", "--version"], "apt-get install g++"),
    ];
    let missing: Vec<_> = tools
        .iter()
        .filter(|(check, _)| !succeeds(check))
        .map(|(check, remedy)| format!("  `{}` fails; get it by: {remedy}", check.join(" ")))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "tools are missing (`cargo xtask fuzz --replay` needs none of them):\n{}",
        missing.join("\n")
    ))
}

fn succeeds(words: &[&str]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    capture(Command::new(program).args(arguments)).is_ok()
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
    // `cargo +nightly` would only work where `cargo` is rustup's.
    let mut rustup = Command::new("rustup");
    rustup.args(["run", "nightly", "cargo", "fuzz", command, "--features", "libfuzzer"]);
    rustup.current_dir(root());
    rustup
}

fn search_one(target: &str, seconds: u32) -> Result<Row> {
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
    Ok(Row {
        target: target.to_owned(),
        executions: statistic(&output, "number_of_executed_units"),
        per_second: statistic(&output, "average_exec_per_sec"),
        findings,
    })
}

/// The files in a folder; none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// The number in libFuzzer's line `stat::name:   123`; 0 if it is missing.
fn statistic(output: &str, name: &str) -> u64 {
    let value = output.lines().find_map(|line| {
        let (found, value) = line.strip_prefix("stat::")?.split_once(':')?;
        (found == name).then(|| value.trim().parse().ok()).flatten()
    });
    value.unwrap_or(0)
}

/// What came of one target.
struct Row {
    target: String,
    executions: u64,
    per_second: u64,
    findings: Vec<PathBuf>,
}

fn table(rows: &[Row]) -> String {
    let line = |target: &str, executions: &str, per_second: &str, findings: &str| {
        format!("{target:<20} {executions:>12} {per_second:>10} {findings:>9}\n")
    };
    let head = line("target", "execs", "execs/s", "findings");
    let rows = rows.iter().map(|Row { target, executions, per_second, findings }| {
        line(target, &executions.to_string(), &per_second.to_string(), &findings.len().to_string())
    });
    std::iter::once(head).chain(rows).collect()
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
        assert_eq!(statistic(log, "number_of_executed_units"), 4242);
        assert_eq!(statistic(log, "average_exec_per_sec"), 21);
        assert_eq!(statistic(log, "peak_rss_mb"), 0);
    }

    #[test]
    fn the_table_has_a_line_for_every_target() {
        let row = Row {
            target: "dsn".to_owned(),
            executions: 7,
            per_second: 3,
            findings: vec!["fuzz/artifacts/dsn/crash-1".into()],
        };
        let expected = "target                      execs    execs/s  findings\n\
                        dsn                             7          3         1\n";
        assert_eq!(table(&[row]), expected);
    }

    #[test]
    fn the_targets_of_this_repository_are_found() {
        assert!(targets().unwrap().contains(&"chunked_json".to_owned()));
    }
}
