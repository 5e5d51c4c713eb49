//! Every Rust file is short and has its subject in its first line.

use super::Violation;
use crate::Result;
use crate::workspace::{File, Workspace, files, root};

const MAX_LINES: usize = 500;

pub(super) fn check(_: &Workspace) -> Result<Vec<Violation>> {
    Ok(files(root(), "rs")?.iter().flat_map(violations).collect())
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
}
