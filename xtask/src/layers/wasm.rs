//! The pure crates compile for wasm32, which has neither sockets nor threads.

use std::path::Path;
use std::process::Command;

use super::Violation;
use crate::process::{capture, execute};
use crate::result::Result;
use crate::workspace::{Workspace, cargo};

const TARGET: &str = "wasm32-unknown-unknown";

pub(super) fn check(_: &Workspace) -> Result<Vec<Violation>> {
    if !is_installed()? {
        println!("!!!    NOT CHECKED: {TARGET} is not installed; `rustup target add {TARGET}`");
        return Ok(Vec::new());
    }
    let mut violations = Vec::new();
    for package in ["influx-proto", "influx-framing"] {
        let mut build = cargo(["check", "--quiet", "--all-features", "--target", TARGET]);
        if let Err(failure) = execute(build.args(["-p", package])) {
            violations.push(Violation {
                place: package.to_owned(),
                rule: failure,
                why: "the pure crates are for browsers and embedded programs too",
            });
        }
    }
    Ok(violations)
}

fn is_installed() -> Result<bool> {
    let sysroot = capture(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib").is_dir())
}
