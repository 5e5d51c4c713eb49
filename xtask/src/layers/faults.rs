//! Every fault that SECURITY.md lists has a test, and the tests that it names exist.

use super::Violation;
use crate::result::Result;
use crate::source::{starts_with, tokens};
use crate::workspace::{File, Workspace, files, root};

const DOCUMENT: &str = "SECURITY.md";
const HEADING: &str = "## Faults";

pub(super) fn check(_: &Workspace) -> Result<Vec<Violation>> {
    let text = std::fs::read_to_string(root().join(DOCUMENT))
        .map_err(|error| format!("could not read {DOCUMENT}: {error}"))?;
    Ok(violations(&text, &files(root(), "rs")?))
}

fn violations(document: &str, files: &[File]) -> Vec<Violation> {
    let section = document.lines().enumerate().skip_while(|(_, line)| *line != HEADING).skip(1);
    let section = section.take_while(|(_, line)| !line.starts_with("## "));
    let rows = section.filter(|(_, line)| line.starts_with('|'));
    let mut tables = 0;
    let mut violations = Vec::new();
    for (index, row) in rows {
        if row.starts_with("| fault ") || row.starts_with("|---") {
            tables += 1;
            continue;
        }
        violations.extend(complaints(row, files).into_iter().map(|rule| Violation {
            place: format!("{DOCUMENT}:{}", index + 1),
            rule,
            why: "a promise about a fault is worth what its test is worth",
        }));
    }
    if tables == 0 {
        violations.push(Violation {
            place: DOCUMENT.to_owned(),
            rule: format!("there is a table of faults below `{HEADING}`"),
            why: "the table says which faults are tested",
        });
    }
    violations
}

/// The faults of the tests in the last cell of a row.
fn complaints(row: &str, files: &[File]) -> Vec<String> {
    let row = row.trim_end().trim_start_matches('|');
    let cell = row.strip_suffix('|').unwrap_or(row).rsplit('|').next().unwrap_or_default();
    // Every second part of the cell stands in backticks.
    let tests: Vec<_> = cell.split('`').skip(1).step_by(2).collect();
    if tests.is_empty() {
        return vec!["a fault has a test, as `path::name`".to_owned()];
    }
    let missing = tests.into_iter().filter(|test| !exists(test, files));
    missing.map(|test| format!("there is no test `{test}`")).collect()
}

fn exists(test: &str, files: &[File]) -> bool {
    let Some((path, name)) = test.rsplit_once("::") else { return false };
    let Some(file) = files.iter().find(|file| file.path == path) else { return false };
    let tokens = tokens(&file.text).unwrap_or_default();
    (0..tokens.len())
        .any(|at| starts_with(tokens.get(at..).unwrap_or_default(), &format!("fn {name}(")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_test_that_exists_are_found() {
        let files = ["a/tests/it/main.rs", "a/src/b.rs"].map(|path| File {
            path: path.to_owned(),
            text: "#[test]\nfn it_works() {}\n// fn in_a_comment() {}\n".to_owned(),
        });
        let check = |rows: &str, expected: &[&str]| {
            let document = format!("# S\n## Faults\n\n{rows}\n## Limits\n| no fault | 1 |\n");
            let found = violations(&document, &files);
            let found: Vec<_> =
                found.into_iter().map(|v| format!("{} {}", v.place, v.rule)).collect();
            assert_eq!(found, expected, "{rows}");
        };
        let table = |row: &str| format!("| fault | test |\n|---|---|\n{row}");
        check(&table("| `x` breaks | `a/src/b.rs::it_works` |"), &[]);
        check(&table("| x | `a/src/b.rs::it_works`, `a/tests/it/main.rs::it_works` |"), &[]);
        check(
            &table("| `a/src/b.rs::it_works` | |"),
            &["SECURITY.md:6 a fault has a test, as `path::name`"],
        );
        for test in
            ["a/src/b.rs::it", "a/src/c.rs::it_works", "it_works", "a/src/b.rs::in_a_comment"]
        {
            let row = format!("| x | `a/src/b.rs::it_works`, `{test}` |");
            check(&table(&row), &[&format!("SECURITY.md:6 there is no test `{test}`")]);
        }
        check("", &["SECURITY.md there is a table of faults below `## Faults`"]);
    }
}
