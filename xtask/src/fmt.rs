//! `cargo xtask fmt`: is the code formatted as rustfmt.toml says?

use crate::Result;
use crate::process::{cargo, run as run_command};

pub(crate) fn run() -> Result {
    run_command(&mut cargo(["fmt", "--all", "--check"]))
        .map_err(|failure| format!("{failure}\n`cargo fmt --all` formats the code"))
}
