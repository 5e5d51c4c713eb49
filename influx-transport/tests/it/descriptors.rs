//! A process without free file descriptors.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::time::Duration;

use influx_transport::tcp::{TcpConnector, TcpListener};
use influx_transport::{Connect, Delivery, ErrorKind, Listen, Phase};
use rlimit::Resource;
use tokio::time::timeout;

use crate::support::run;

/// Tells the test that it runs alone in a process, which may run out of descriptors.
const ALONE: &str = "INFLUX_TEST_ALONE";

#[test]
fn a_listener_without_descriptors_neither_ends_nor_spins_and_recovers() {
    if std::env::var_os(ALONE).is_some() {
        return run(check());
    }
    let name = "descriptors::a_listener_without_descriptors_neither_ends_nor_spins_and_recovers";
    let mut alone = Command::new(std::env::current_exe().unwrap());
    let output = alone.args([name, "--exact"]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

async fn check() {
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let connector = TcpConnector::from(listener.local_addr());
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(connector.connect().await.unwrap());
    }
    // The system hands out the lowest number that is free, and none from the limit on.
    let next = File::open("/dev/null").unwrap().as_raw_fd();
    let (_, hard) = Resource::NOFILE.get().unwrap();
    Resource::NOFILE.set(u64::try_from(next).unwrap() + 10, hard).unwrap();

    let mut accepted = Vec::new();
    while let Ok((stream, _)) = timeout(Duration::from_secs(1), listener.accept()).await {
        accepted.push(stream);
    }
    assert_eq!(accepted.len(), 10);
    // At 0, 50, 150, 350 and 750 ms. A loop without pauses would try thousands of times.
    assert!((1..10).contains(&listener.stats().failures), "{}", listener.stats().failures);
    let error = connector.connect().await.unwrap_err();
    assert_eq!((error.kind(), error.phase()), (ErrorKind::Io, Phase::Connect));
    assert_eq!(error.delivery(), Delivery::NotSent);

    let before = listener.stats().failures;
    drop(accepted);
    for _ in 10..clients.len() {
        drop(listener.accept().await);
    }
    assert_eq!(listener.stats().failures, before);
}
