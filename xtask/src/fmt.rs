//! `cargo xtask fmt`: is the code formatted as rustfmt.toml says?

use crate::Result;
use crate::process::{cargo, execute};

pub(crate) fn run() -> Result {
    execute(&mut cargo(["fmt", "--all", "--check"]))
        .map_err(|failure| format!("{failure}\n`cargo fmt --all` formats the code"))
}
