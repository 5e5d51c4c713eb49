//! Fails tests that leave a task or a descriptor behind.
//!
//! Tasks are counted after every test. Descriptors belong to the whole process, where tests run side
//! by side, and so they are counted in a process without that.

use std::fs;
use std::future::Future;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::runtime::Builder;

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
    // Other failures there occur in the ordinary run of the tests too.
    let leaks: Vec<_> = report.lines().filter(|line| line.contains(LEAK)).collect();
    assert_eq!(leaks, [""; 0], "{report}");
}

/// Runs a test, which must leave no task behind, and no descriptor where they are counted.
pub(crate) fn run_on<F: Future>(builder: &mut Builder, test: F) -> F::Output {
    // The first runtime of a process opens what all of them share.
    drop(builder.build().unwrap());
    let before = descriptors();
    let runtime = builder.build().unwrap();
    let output = runtime.block_on(test);
    // A task that was dropped needs a turn of the runtime to be gone. No time goes by for it.
    until_none("tasks outlive their test", || {
        runtime.block_on(tokio::task::yield_now());
        runtime.metrics().num_alive_tasks()
    });
    drop(runtime);
    // The thread of a lookup lets go of the runtime a moment after it has answered.
    until_none(LEAK, || descriptors().saturating_sub(before));
    output
}

fn until_none(what: &str, mut left: impl FnMut() -> usize) {
    let start = Instant::now();
    loop {
        match left() {
            0 => return,
            left => assert!(start.elapsed() < Duration::from_secs(5), "{left} {what}"),
        }
        std::thread::yield_now();
    }
}

/// How many descriptors this process has open, if it runs one test after the other.
fn descriptors() -> usize {
    let counts = std::env::var_os(COUNT_DESCRIPTORS).is_some();
    if counts { fs::read_dir("/proc/self/fd").unwrap().count() } else { 0 }
}

/// How a test says that it left descriptors open.
const LEAK: &str = "descriptors stay open";

/// The variable of the environment that says that nothing else in the process opens descriptors.
const COUNT_DESCRIPTORS: &str = "INFLUX_TEST_COUNT_DESCRIPTORS";
