//! The demo succeeds, or says in one line what is wrong and what to do about it.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Output};

use influx_testkit::{Face, Server};

/// An example as `cargo test` has built it, beside this test's own program. With `--test it`, cargo
/// builds none: then it is the one that was built before.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let example = test.ancestors().nth(2).unwrap().join("examples").join(name);
    assert!(
        example.exists(),
        "{} is missing: build it by `cargo build --all-features --examples`",
        example.display()
    );
    example
}

async fn run(dsn: String) -> Output {
    let run = move || Command::new(example("demo")).env("INFLUX_DSN", dsn).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn check(dsn: String, expected: &[&str]) {
    let output = run(dsn).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(expected.iter().all(|expected| text.contains(expected)), "{text}");
}

#[tokio::test]
async fn it_succeeds_again_and_again_and_leaves_nothing_behind() {
    let server = Server::start(Face::V08).await.unwrap();
    server.create_database("mine");
    let none = server.dsn("mine").replace("/mine", "");
    for dsn in [server.dsn("mine"), server.plain_dsn("mine"), none] {
        let output = run(dsn).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("100000 points"));
        assert_eq!(server.databases(), ["mine"]);
        assert_eq!(server.series_names("mine"), [""; 0]);
    }
}

#[tokio::test]
async fn every_failure_is_one_line_with_cause_and_fix() {
    let server = Server::start(Face::V08).await.unwrap();
    let address = server.local_addr();
    let wrong = format!("influxdb://root:wrong@{address}");
    check(wrong, &["401", "Invalid username/password", "correct user and password"]).await;
    check(server.dsn("nosuch"), &["Database nosuch doesn't exist", "create the database"]).await;
    server.stop().await;
    let unreachable = format!("influxdb://{address}?attempts=1");
    check(unreachable, &["could not connect to 127.0.0.1", "start the server"]).await;
    check("influxdb:/nonsense".to_owned(), &["INFLUX_DSN cannot be used", "influxdb://"]).await;
}

#[cfg(feature = "relay")]
#[test]
fn a_message_to_the_bridge_is_stored() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpStream;
    use std::process::Stdio;

    let mut child = Command::new(example("bridge_to_influx"));
    let child = child.arg("127.0.0.1:0").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on ").unwrap();
    let mut peer = TcpStream::connect(address).unwrap();
    let message = br#"{"device": "roof", "ts": 1, "speed": 3.5}"#;
    peer.write_all(&[message, &b"\x17no JSON\x17"[..]].concat()).unwrap();
    // The message before it is on its way then.
    line.clear();
    output.read_line(&mut line).unwrap();
    assert!(line.starts_with("not mapped: "), "{line}");
    drop(child.stdin.take());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(
        rest.contains("Time(Time(1000000000))") && rest.contains(r#"String("roof")"#),
        "{rest}"
    );
}
