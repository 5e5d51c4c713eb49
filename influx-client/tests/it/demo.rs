//! What the demo says when something is wrong: one line that names the cause and the fix.

use std::path::PathBuf;
use std::process::Command;

use influx_client::testkit::Server;

/// The demo as `cargo test` has built it, beside this test's own program.
fn demo() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let demo = test.ancestors().nth(2).unwrap().join("examples/demo");
    assert!(
        demo.exists(),
        "{} is missing: build it by `cargo build --all-features --examples`",
        demo.display()
    );
    demo
}

async fn check(dsn: String, expected: &[&str]) {
    let run = move || Command::new(demo()).env("INFLUX_DSN", dsn).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(expected.iter().all(|expected| text.contains(expected)), "{text}");
}

#[tokio::test]
async fn every_failure_is_one_line_with_cause_and_fix() {
    let server = Server::start().await.unwrap();
    let address = server.addr();
    let wrong = format!("influxdb://root:wrong@{address}");
    check(wrong, &["401", "Invalid username/password", "correct user and password"]).await;
    check(server.dsn("nosuch"), &["Database nosuch doesn't exist", "create the database"]).await;
    server.shutdown().await;
    let unreachable = format!("influxdb://{address}?retries=1");
    check(unreachable, &["could not connect to 127.0.0.1", "start the server"]).await;
    check("influxdb:/nonsense".to_owned(), &["INFLUX_DSN is not a DSN", "influxdb://"]).await;
}
