//! No test leaves a socket open.
//!
//! That none leaves a task behind, every test shows by itself. Descriptors belong to the whole
//! process, where tests run side by side, and so they are counted in a process without that.

use std::process::Command;

use crate::support::{COUNT_DESCRIPTORS, LEAK};

#[test]
#[cfg(target_os = "linux")]
fn every_test_closes_what_it_opened() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--test-threads=1", "--skip", "leaks::"])
        .env(COUNT_DESCRIPTORS, "1")
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains("test result: "), "{report}");
    // Whatever else fails there, fails in the ordinary run of the tests too.
    let leaks: Vec<_> = report.lines().filter(|line| line.contains(LEAK)).collect();
    assert_eq!(leaks, [""; 0], "{report}");
}
