//! `cargo xtask api`: a program can name all that our public signatures contain.
//!
//! The signatures come from the JSON that rustdoc writes, which leaves out items with `doc(hidden)`.

#![expect(clippy::indexing_slicing, reason = "a JSON value without a member gives null for it")]

mod docs;
mod paths;
mod signatures;
#[cfg(test)]
mod tests;

use crate::result::Result;
use crate::violation::{report, verdict};
use crate::workspace::Workspace;
use paths::Paths;

pub(crate) fn run() -> Result {
    let workspace = Workspace::load()?;
    let (mut crates, mut broken) = (Vec::new(), 0);
    // In the order of the workspace, a crate comes after those that it uses.
    for package in workspace.libraries().filter(|package| package.has_library) {
        crates.push(docs::build(&workspace, package)?);
        if let Some(docs) = crates.last() {
            let violations = signatures::check(docs, &Paths::of(docs, &crates));
            broken += report(&format!("public signatures of {}", docs.name()), &violations);
        }
    }
    verdict(broken)
}
