//! Every recorded scenario is either answered the same or listed as unsupported.

use influx_client::testkit::{Answer, Engine, UNSUPPORTED};

use crate::compare::{self, NOW};
use crate::recording::{self, Scenario};

/// The files whose exchanges are requests and answers, in the order of the one session that they were.
const EXCHANGES: [&str; 9] = [
    "01_meta",
    "02_databases",
    "03_cluster_admins",
    "04_db_users",
    "05_write",
    "06_query",
    "07_chunked",
    "09_auth",
    "10_cluster",
];

/// The files that hold other things: bytes on a connection, datagrams.
const OTHERS: [&str; 2] = ["11_http", "13_udp"];

#[test]
fn recorded_scenarios_are_answered_the_same_or_listed() {
    let engine = Engine::builder().now(|| NOW).build();
    let (mut equal, mut listed, mut faults) = (0, 0, Vec::new());
    for file in EXCHANGES {
        if file == "10_cluster" {
            // Between the two files the session dropped the database and made it anew.
            send(&engine, "DELETE", "/db/qd", "");
            send(&engine, "POST", "/db", r#"{"name":"qd"}"#);
        }
        for scenario in Scenario::read_all(file) {
            let outcome = match scenario.request() {
                Ok(request) => compare::check(&scenario, &engine.handle(&request)),
                Err(error) => Err(error.to_string()),
            };
            let name = format!("{file}/{}", scenario.id);
            match (outcome, reason(&name)) {
                (Ok(()), None) => equal += 1,
                (Err(_), Some(_)) => listed += 1,
                (Ok(()), Some(_)) => faults.push(format!("{name}: listed, but answered the same")),
                (Err(difference), None) => faults.push(format!("{name}: {difference}")),
            }
        }
    }
    println!("{equal} recorded scenarios are answered the same, {listed} are listed");
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn files_that_cannot_be_replayed_are_listed() {
    for file in OTHERS {
        for id in recording::ids(file) {
            assert!(reason(&format!("{file}/{id}")).is_some(), "{file}/{id} is not listed");
        }
    }
}

#[test]
fn every_listed_pattern_names_a_scenario() {
    let names: Vec<String> = EXCHANGES
        .into_iter()
        .chain(OTHERS)
        .flat_map(|file| recording::ids(file).into_iter().map(move |id| format!("{file}/{id}")))
        .collect();
    for (pattern, _) in UNSUPPORTED {
        assert!(names.iter().any(|name| matches(pattern, name)), "{pattern} names nothing");
    }
}

fn send(engine: &Engine, method: &str, path: &str, body: &'static str) {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{path}?u=root&p=root"))
        .body(body.into())
        .unwrap();
    let Answer::Reply(reply) = engine.handle(&request) else { panic!("no answer") };
    assert!(reply.status().is_success());
}

fn reason(name: &str) -> Option<&'static str> {
    UNSUPPORTED.iter().find(|(pattern, _)| matches(pattern, name)).map(|(_, reason)| *reason)
}

/// A pattern is a name, or the beginning of names and a `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}
