//! Our side of the exchanges: examples of our crates as programs.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::Result;
use crate::process::{cargo, execute};
use crate::workspace::Workspace;

/// An example of ours. All of them are built when the first is asked for.
pub(super) fn example(name: &str) -> Result<Command> {
    static FOLDER: OnceLock<Result<PathBuf>> = OnceLock::new();
    Ok(Command::new(FOLDER.get_or_init(build).clone()?.join(name)))
}

/// Builds as `cargo xtask test` does, so that who runs both builds nothing twice.
fn build() -> Result<PathBuf> {
    execute(&mut cargo(["build", "--workspace", "--all-features", "--examples"]))?;
    Ok(Workspace::load()?.target.join("debug/examples"))
}
