//! `cargo xtask lint`: clippy without a warning, with all features and with the default ones.

use crate::Result;
use crate::process::{cargo, execute};

pub(crate) fn run() -> Result {
    // What one feature uses can be dead code without it, so both sets are looked at.
    for features in [&["--all-features"][..], &[]] {
        let mut clippy = cargo(["clippy", "--workspace", "--all-targets"]);
        execute(clippy.args(features).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}
