//! Every Rust file is short and begins with its subject, and every crate inherits the lints.

use std::fs;

use super::Violation;
use crate::result::Result;
use crate::workspace::{File, Workspace, files, root};

const MAX_LINES: usize = 500;

pub(super) fn check(_: &Workspace) -> Result<Vec<Violation>> {
    Ok(files(root(), "rs")?.iter().flat_map(violations).collect())
}

pub(super) fn check_manifests(workspace: &Workspace) -> Result<Vec<Violation>> {
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

fn violations(file: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    let lines = file.text.lines().count();
    if lines > MAX_LINES {
        violations.push(Violation {
            place: file.path.clone(),
            rule: format!("a file has at most {MAX_LINES} lines, this one {lines}"),
            why: "a file has one subject; one this long has two",
        });
    }
    if !file.text.starts_with("//! ") {
        violations.push(Violation {
            place: format!("{}:1", file.path),
            rule: "a file starts with a `//!` line".to_owned(),
            why: "a reader wants to know within one line whether this is the place",
        });
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_nameless_files_are_found() {
        let check = |text: &str, expected: &[&str]| {
            let file = File { path: "a.rs".to_owned(), text: text.to_owned() };
            let found = violations(&file);
            let rules: Vec<_> = found.iter().map(|violation| violation.rule.as_str()).collect();
            assert_eq!(rules, expected);
        };
        check("//! A file.\n", &[]);
        check("fn f() {}\n", &["a file starts with a `//!` line"]);
        check("", &["a file starts with a `//!` line"]);
        check(&"//! A file.\n".repeat(500), &[]);
        check(&"//! A file.\n".repeat(501), &["a file has at most 500 lines, this one 501"]);
    }

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
