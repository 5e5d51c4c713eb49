//! `cargo xtask api`: a program can name all that our public signatures contain.
//!
//! The signatures come from the JSON that rustdoc writes.

#![expect(clippy::indexing_slicing, reason = "a JSON value without a member gives null for it")]

mod docs;
mod paths;
mod signatures;

use crate::Result;
use crate::violation::{report, verdict};
use crate::workspace::Workspace;
use docs::Docs;
use paths::Paths;

pub(crate) fn run() -> Result {
    let workspace = Workspace::load()?;
    let libraries = workspace.libraries().filter(|package| package.has_library);
    let crates: Vec<Docs> =
        libraries.map(|package| docs::build(&workspace, package)).collect::<Result<_>>()?;
    let mut broken = 0;
    for docs in &crates {
        let paths = Paths::of(docs, &crates);
        let violations = signatures::check(docs, &paths);
        broken += report(&format!("public signatures of {}", docs.name()), &violations);
    }
    verdict(broken)
}
