//! `cargo xtask layers`: the invariants of ARCHITECTURE.md that a machine can check.
//!
//! The command fails only after all checks, so that one run shows everything that is broken.

mod dialects;
mod edges;
mod faults;
mod files;
mod manifests;
mod names;
mod tree;
mod wasm;
mod weight;

use std::fmt;

use crate::Result;
use crate::workspace::Workspace;

/// The sources of our libraries, whose crates may stand in the folders of others.
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
    ("every crate inherits the workspace's lints", manifests::check),
    ("names stay in their module", names::check),
    ("dialects stay in their folder", dialects::check),
    ("files are short and say what they are", files::check),
    ("every fault has a test that exists", faults::check),
    ("the tree of dependencies is small", weight::check),
    ("the pure crates compile for wasm32", wasm::check),
];

pub(crate) fn run() -> Result {
    let workspace = Workspace::load()?;
    let mut broken = 0;
    for (name, check) in CHECKS {
        let violations = check(&workspace)?;
        println!("{} {name}", if violations.is_empty() { "ok    " } else { "BROKEN" });
        for violation in &violations {
            println!("  {violation}");
        }
        broken += violations.len();
    }
    if broken == 0 { Ok(()) } else { Err(format!("{broken} places break the rules above")) }
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq)]
struct Violation {
    place: String,
    rule: String,
    /// Why the rule exists.
    why: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    because {}", self.place, self.rule, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_says_where_what_and_why() {
        let violation =
            Violation { place: "a.rs:7".to_owned(), rule: "no x".to_owned(), why: "x is slow" };
        assert_eq!(violation.to_string(), "a.rs:7: no x\n    because x is slow");
    }
}
