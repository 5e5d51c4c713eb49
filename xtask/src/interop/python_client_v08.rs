//! The official Python client of InfluxDB 0.8 against our embedded server.

use std::path::PathBuf;
use std::process::Command;

use super::child::Child;
use super::examples::example;
use super::tally::Tally;
use super::work_folder::kept;
use super::{Exchange, Peer};
use crate::Result;
use crate::process::{capture, execute};
use crate::workspace::root;

pub(super) const PEER: Peer = Peer {
    name: "influxdb 5.3.2 (Python)",
    available,
    exchanges: &[Exchange { direction: "its client -> our server", transport: "HTTP", run }],
};

/// The virtual environment is made once and used again.
fn available() -> Result {
    let environment = environment()?;
    if imports_client().is_ok() {
        return Ok(());
    }
    // --clear repairs an environment whose making was interrupted.
    execute(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
    let mut install = Command::new(python()?);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    execute(install.arg(root().join("xtask/interop/requirements.txt")))?;
    imports_client().map(drop)
}

fn run() -> Result<Tally> {
    // It serves until its input ends.
    let mut server = Child::start(&mut example("serve_v08")?)?;
    let mut script = Command::new(python()?);
    script.arg(root().join("xtask/interop/python_client_v08.py")).arg(server.address()?);
    let lines = Child::start(&mut script)?.run(Vec::new())?;
    server.run(Vec::new())?;
    passed(lines.last().map_or("", String::as_str)).map(Tally::of_checks)
}

/// Reads the script's closing line.
fn passed(line: &str) -> Result<usize> {
    let count = line.strip_suffix(" checks passed").and_then(|count| count.parse().ok());
    count.ok_or_else(|| format!("the script closed with `{line}`, not with `N checks passed`"))
}

fn imports_client() -> Result<String> {
    let version = "import sys, influxdb; sys.exit(influxdb.__version__ != '5.3.2')";
    capture(Command::new(python()?).args(["-c", version]))
}

fn python() -> Result<PathBuf> {
    Ok(environment()?.join("bin/python"))
}

fn environment() -> Result<PathBuf> {
    kept("venv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_closing_line_counts() {
        assert_eq!(passed("42 checks passed"), Ok(42));
        for line in ["", "ok create_database", "checks passed", "42 checks passed, 1 failed"] {
            assert!(passed(line).is_err(), "{line}");
        }
    }
}
