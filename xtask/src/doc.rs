//! `cargo xtask doc`: the documentation builds, and every link in it leads somewhere.

use crate::Result;
use crate::process::{cargo, run as run_command};

pub(crate) fn run() -> Result {
    let mut doc = cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    run_command(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
