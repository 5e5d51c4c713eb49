//! Programs in JavaScript, with their packages from npm in a folder of their own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::installed;
use super::work_folder::kept;
use crate::process::{capture, execute};
use crate::result::Result;
use crate::workspace::root;

/// Makes sure that the folder has this version of a package. Later runs use the same folder.
pub(super) fn available(package: &str, version: &str) -> Result {
    installed("node", "nodejs")?;
    if has(package, version).is_ok() {
        return Ok(());
    }
    installed("npm", "npm")?;
    let folder = folder()?;
    let failure = |error| format!("could not prepare {}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failure)?;
    for file in ["package.json", "package-lock.json"] {
        let pinned = root().join("xtask/interop/npm").join(file);
        fs::copy(pinned, folder.join(file)).map_err(failure)?;
    }
    // These packages have nothing to build, so their scripts need not run.
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
    execute(install.current_dir(&folder))?;
    has(package, version)
}

/// A script of `xtask/interop`, to be run with the packages.
pub(super) fn script(name: &str) -> Result<Command> {
    let mut script = node()?;
    script.arg(root().join("xtask/interop").join(name));
    Ok(script)
}

fn has(package: &str, version: &str) -> Result {
    let test = "const [name, version] = process.argv.slice(1); \
                process.exit(require(`${name}/package.json`).version === version ? 0 : 1)";
    capture(node()?.args(["-e", test, package, version])).map(drop)
}

fn node() -> Result<Command> {
    let mut node = Command::new("node");
    node.env("NODE_PATH", folder()?.join("node_modules"));
    Ok(node)
}

fn folder() -> Result<PathBuf> {
    kept("npm")
}
