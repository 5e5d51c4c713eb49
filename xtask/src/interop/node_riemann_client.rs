//! Riemann's client for JavaScript.

use super::child::Child;
use super::riemann::{Listener, event};
use super::tally::Tally;
use super::{Exchange, Peer, node};
use crate::Result;

pub(super) const PEER: Peer = Peer {
    name: "riemann 2.2.0 (npm)",
    available: || node::available("riemann", "2.2.0"),
    exchanges: &[
        Exchange { direction: "its client -> us", transport: "Riemann over TCP", run: by_tcp },
        Exchange { direction: "its client -> us", transport: "Riemann over UDP", run: by_udp },
        Exchange { direction: "its client asks us", transport: "Riemann over TCP", run: asks },
    ],
};

fn by_tcp() -> Result<Tally> {
    send("tcp", 2_000)
}

/// As many as the system surely keeps while the listener is busy.
fn by_udp() -> Result<Tally> {
    send("udp", 200)
}

fn send(way: &str, count: usize) -> Result<Tally> {
    let listener = Listener::start(way, &[])?;
    node(way, &listener, count)?;
    listener.compare(&events(count))
}

/// It also prints what it gets back.
fn asks() -> Result<Tally> {
    let count = 2_000;
    let listener = Listener::start("tcp", &[])?;
    let received = node("ask", &listener, count)?;
    Ok(Tally::compare(&events(count), &received))
}

fn node(command: &str, listener: &Listener, count: usize) -> Result<Vec<String>> {
    let mut node = node::script("riemann.js")?;
    node.args([command, &listener.port]).arg(count.to_string());
    Child::start(&mut node)?.run(Vec::new())
}

/// What the script sends. The client sends every metric as `metric_f`.
fn events(count: usize) -> Vec<String> {
    let events = (0..count).map(|n| {
        event(&[
            ("time", &(1_700_000_000 + n).to_string()),
            ("state", "\"ok\""),
            ("service", "\"node\""),
            ("host", "\"web-1\""),
            ("description", &format!("\"number {n}, ü\"")),
            ("tags", r#"["a","b"]"#),
            ("ttl", "60.5"),
            ("attributes", r#"[{"key":"k","value":"v"}]"#),
            ("metric_f", &format!("{n}.5")),
        ])
    });
    events.collect()
}
