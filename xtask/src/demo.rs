//! `cargo xtask demo`: builds and runs the demo.
//!
//! It starts the embedded server, or uses the server that the environment's `INFLUX_DSN` names.

use crate::Result;
use crate::process::{cargo, execute};

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut demo = cargo(["run", "--release", "-p", "influx-client", "--example", "demo"]);
    execute(demo.arg("--").args(arguments))
}
