//! `cargo xtask layers`: the invariants of ARCHITECTURE.md that a machine can check.
//!
//! The command fails only after all checks, so that one run shows everything that is broken.

mod dialects;
mod edges;
mod faults;
mod files;
mod names;
mod programs;
mod tree;
mod wasm;
mod weight;

use crate::result::Result;
use crate::violation::{Violation, report, verdict};
use crate::workspace::Workspace;

/// The sources of our libraries; a crate may stand in the folder of another.
const LIBRARIES: &[&str] = &[
    "influx-framing/src/",
    "influx-proto/src/",
    "influx-transport/src/",
    "influx-client/src/",
    "influx-client/testkit/src/",
    "influx-client/cli/src/",
    "influx-arrow/src/",
];

type Check = fn(&Workspace) -> Result<Vec<Violation>>;

const CHECKS: &[(&str, Check)] = &[
    ("which crate depends on which", edges::check),
    ("every crate inherits the workspace's lints", files::check_manifests),
    ("names stay in their module", names::check),
    ("dialects stay in their folder", dialects::check),
    ("programs have names of their own", programs::check),
    ("files are short and say what they are", files::check),
    ("every fault has a test that exists", faults::check),
    ("the tree of dependencies is small", weight::check),
    ("the pure crates compile for wasm32", wasm::check),
];

pub(crate) fn run() -> Result {
    let workspace = Workspace::load()?;
    let mut broken = 0;
    for (name, check) in CHECKS {
        broken += report(name, &check(&workspace)?);
    }
    verdict(broken)
}
