//! `cargo xtask doc`: texts are plain English, and every link in the documentation leads somewhere.

mod puzzles;
mod text;

use std::collections::BTreeMap;

use crate::process::execute;
use crate::result::Result;
use crate::violation::{Violation, report, verdict};
use crate::workspace::{cargo, files, root};

pub(crate) fn run() -> Result {
    let violations = read()?;
    let mut counts = BTreeMap::new();
    for violation in &violations {
        let folder = violation.place.split(['/', ':']).next().unwrap_or_default();
        *counts.entry(folder).or_insert(0) += 1;
    }
    let broken = report("plain English", &violations);
    for (folder, count) in counts {
        println!("       {folder}: {count}");
    }
    verdict(broken)?;
    let mut doc = cargo(["doc", "--workspace", "--no-deps", "--all-features"]);
    execute(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Reads all comments and string literals of the code, and all Markdown.
fn read() -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in files(root(), "rs")? {
        let paragraphs = text::of_source(&file.text);
        let paragraphs = paragraphs.map_err(|error| format!("{}: {error}", file.path))?;
        violations.extend(puzzles::check(&file.path, &paragraphs));
    }
    for file in files(root(), "md")? {
        violations.extend(puzzles::check(&file.path, &text::of_markdown(&file.text)));
    }
    Ok(violations)
}
