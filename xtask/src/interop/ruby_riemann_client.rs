//! Riemann's client for Ruby.

use std::process::Command;

use super::child::Child;
use super::riemann::{Listener, event};
use super::tally::Tally;
use super::{Exchange, Peer, installed};
use crate::Result;
use crate::process::capture;
use crate::workspace::root;

pub(super) const PEER: Peer = Peer {
    name: "ruby-riemann-client",
    available,
    exchanges: &[
        Exchange { direction: "its client -> us", transport: "Riemann over TCP", run: by_tcp },
        Exchange { direction: "its client -> us", transport: "Riemann over UDP", run: by_udp },
        Exchange { direction: "its client asks us", transport: "Riemann over TCP", run: asks },
    ],
};

fn available() -> Result {
    installed("ruby", "ruby")?;
    let library = capture(Command::new("ruby").args(["-e", "require 'riemann/client'"]));
    library.map(drop).map_err(|error| {
        format!("there is no library; it is in the Debian package ruby-riemann-client\n{error}")
    })
}

fn by_tcp() -> Result<Tally> {
    send("tcp", 2_000)
}

/// As many as the system surely keeps while the listener is busy.
fn by_udp() -> Result<Tally> {
    send("udp", 200)
}

fn send(way: &str, count: usize) -> Result<Tally> {
    let listener = Listener::start(way, &[])?;
    ruby(way, &listener, count)?;
    listener.compare(&events(count))
}

/// It also prints what it gets back.
fn asks() -> Result<Tally> {
    let count = 2_000;
    let listener = Listener::start("tcp", &[])?;
    let received = ruby("ask", &listener, count)?;
    Ok(Tally::compare(&events(count), &received))
}

fn ruby(command: &str, listener: &Listener, count: usize) -> Result<Vec<String>> {
    let mut ruby = Command::new("ruby");
    ruby.arg(root().join("xtask/interop/riemann.rb")).args([command, &listener.port]);
    Child::start(ruby.arg(count.to_string()))?.run(Vec::new())
}

/// What the script sends. The client sends every metric as `metric_f` too, for old servers.
fn events(count: usize) -> Vec<String> {
    let events = (0..count).map(|n| {
        let metric = format!("{:?}", f64::from(u32::try_from(n).unwrap_or_default()) / 8.0);
        event(&[
            ("time", &(1_700_000_000 + n).to_string()),
            ("state", "\"ok\""),
            ("service", "\"ruby\""),
            ("host", "\"web-1\""),
            ("description", &format!("\"number {n}, ü\"")),
            ("tags", r#"["a","b"]"#),
            ("ttl", "60.0"),
            ("attributes", r#"[{"key":"k","value":"v"}]"#),
            ("metric_d", &metric),
            ("metric_f", &metric),
        ])
    });
    events.collect()
}
