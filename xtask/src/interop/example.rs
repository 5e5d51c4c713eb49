//! Our side of the exchanges: the crates' examples, built when they are needed.

use std::process::Command;

use crate::Result;
use crate::process::{cargo, execute};
use crate::workspace::Workspace;

/// An example of a crate, built with these features.
pub(super) fn example(package: &str, name: &str, features: &str) -> Result<Command> {
    let mut build = cargo(["build", "--quiet", "-p", package, "--features", features]);
    execute(build.args(["--example", name]))?;
    Ok(Command::new(Workspace::load()?.target.join("debug/examples").join(name)))
}
