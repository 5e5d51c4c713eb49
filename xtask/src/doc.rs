//! `cargo xtask doc`: the documentation builds, and every link in it leads somewhere.

use crate::Result;
use crate::process::{cargo, execute};

pub(crate) fn run() -> Result {
    let mut doc = cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    execute(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
