//! Every crate inherits the workspace's lints.

use std::fs;

use super::Violation;
use crate::Result;
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for package in &workspace.packages {
        let place = package.manifest.display().to_string();
        let text = fs::read_to_string(&package.manifest)
            .map_err(|error| format!("could not read {place}: {error}"))?;
        if !inherits_lints(&text) {
            violations.push(Violation {
                place,
                rule: "the manifest has no `[lints]` with `workspace = true`".to_owned(),
                why: "the lints forbid unsafe code and panics; a crate without them is unguarded",
            });
        }
    }
    Ok(violations)
}

fn inherits_lints(manifest: &str) -> bool {
    manifest.contains("\n[lints]\nworkspace = true\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lints_table_counts() {
        let check = |manifest: &str, expected: bool| {
            assert_eq!(inherits_lints(manifest), expected, "{manifest}");
        };
        check("[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n", true);
        check("[package]\nname = \"a\"\n", false);
        check("\n[lints]\n\n[dependencies.a]\nworkspace = true\n", false);
        check("\n[lints.rust]\nworkspace = true\n", false);
        check("\n[lints]\nworkspace = false\n", false);
    }
}
