//! Programs in Python, in a virtual environment of their own.

use std::path::PathBuf;
use std::process::Command;

use super::work_folder::kept;
use crate::Result;
use crate::process::{capture, execute};
use crate::workspace::root;

/// Makes sure that the environment has this version of a package. It is made once and used again.
pub(super) fn available(package: &str, version: &str) -> Result {
    if has(package, version).is_ok() {
        return Ok(());
    }
    // --clear repairs an environment whose making was interrupted.
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
