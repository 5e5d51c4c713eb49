//! Every recorded scenario is either answered the same or listed as unsupported.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use influx_testkit::v08::UNSUPPORTED;
use influx_testkit::{Face, Options, Server};

use crate::compare::{self, NOW};
use crate::recording::{self, Scenario};

/// The files that are replayed, in the order of the one session that they were.
const REPLAYED: [&str; 10] = [
    "01_meta",
    "02_databases",
    "03_cluster_admins",
    "04_db_users",
    "05_write",
    "06_query",
    "07_chunked",
    "09_auth",
    "10_cluster",
    "13_udp",
];

/// The file of bytes on a connection, which are the transport's work.
const CONNECTIONS: &str = "11_http";

#[tokio::test]
async fn recorded_scenarios_are_answered_the_same_or_listed() {
    let mut options = Options::default();
    options.clock = Arc::new(|| UNIX_EPOCH + Duration::from_micros(NOW));
    options.limits.max_body = 32 << 20;
    let server = Server::start_with(Face::V08, options).await.unwrap();
    let (mut equal, mut listed, mut faults) = (0, 0, Vec::new());
    for file in REPLAYED {
        if file == "10_cluster" {
            // Between the two files the session dropped the database and made it anew.
            send(&server, "DELETE", "/db/qd", "");
            send(&server, "POST", "/db", r#"{"name":"qd"}"#);
        }
        let datagrams = recording::datagrams(file);
        for scenario in Scenario::read_all(file) {
            if let Some(sent) = scenario.id.strip_suffix("-r").and_then(|id| datagrams.get(id)) {
                server.handle_datagram(udp_database(&scenario.id), &sent.bytes());
            }
            let outcome = match scenario.request() {
                Ok(request) => compare::check(&scenario, server.handle(&request).as_ref()),
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
fn the_file_that_is_not_replayed_is_listed() {
    for id in recording::ids(CONNECTIONS) {
        assert!(reason(&format!("{CONNECTIONS}/{id}")).is_some(), "{id} is not listed");
    }
}

#[test]
fn every_listed_pattern_names_a_scenario() {
    let names: Vec<String> = REPLAYED
        .into_iter()
        .chain([CONNECTIONS])
        .flat_map(|file| recording::ids(file).into_iter().map(move |id| format!("{file}/{id}")))
        .collect();
    for (pattern, _) in UNSUPPORTED {
        assert!(names.iter().any(|name| matches(pattern, name)), "{pattern} names nothing");
    }
}

fn send(server: &Server, method: &str, path: &str, body: &'static str) {
    let request = http::Request::builder()
        .method(method)
        .uri(format!("{path}?u=root&p=root"))
        .body(body.into())
        .unwrap();
    let reply = server.handle(&request).unwrap();
    assert!(reply.status().is_success());
}

/// The database of the UDP port that a datagram was sent to.
fn udp_database(id: &str) -> &'static str {
    if id == "u-missingdb-r" { "udpdb_missing" } else { "udpdb" }
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
