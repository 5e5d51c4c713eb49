//! Programs in Python, in a virtual environment, and the official client of InfluxDB 0.8.

use std::path::PathBuf;
use std::process::Command;

use super::ours::example;
use super::tally::Tally;
use super::work_folder::kept;
use super::{Peer, exchange};
use crate::child::Child;
use crate::process::{capture, execute};
use crate::result::Result;
use crate::workspace::root;

pub(super) const PEER: Peer = Peer {
    name: "influxdb 5.3.2 (Python)",
    available: || available("influxdb", "5.3.2"),
    exchanges: &[exchange("its client -> our server", "HTTP", run)],
};

/// Makes sure that the environment has this version of a package. Later runs use the same one.
pub(super) fn available(package: &str, version: &str) -> Result {
    if has(package, version).is_ok() {
        return Ok(());
    }
    // --clear repairs an environment after an interrupted run.
    execute(Command::new("python3").args(["-m", "venv", "--clear"]).arg(kept("venv")?))?;
    let mut install = Command::new(python()?);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    execute(install.arg(root().join("xtask/interop/requirements.txt")))?;
    has(package, version)
}

/// A script of `xtask/interop`, to be run in the environment.
pub(super) fn script(name: &str) -> Result<Command> {
    let mut script = Command::new(python()?);
    script.arg(root().join("xtask/interop").join(name));
    Ok(script)
}

fn has(package: &str, version: &str) -> Result {
    let test = "import sys; from importlib.metadata import version as v; \
                sys.exit(v(sys.argv[1]) != sys.argv[2])";
    capture(Command::new(python()?).args(["-c", test, package, version])).map(drop)
}

fn python() -> Result<PathBuf> {
    Ok(kept("venv")?.join("bin/python"))
}

fn run() -> Result<Tally> {
    // The server runs until its input ends.
    let mut server = Child::start(&mut example("serve_v08")?)?;
    let mut script = script("python_client_v08.py")?;
    let lines = Child::start(script.arg(server.address()?))?.run(Vec::new())?;
    server.run(Vec::new())?;
    Tally::passed(&lines)
}
