//! Riemann's clients for Ruby and JavaScript, each behind a script of ours.

use std::process::Command;

use super::riemann::{Listener, event};
use super::tally::Tally;
use super::{Peer, exchange, installed, node};
use crate::child::Child;
use crate::process::capture;
use crate::result::Result;
use crate::workspace::root;

pub(super) const RUBY: Peer = Peer {
    name: "ruby-riemann-client",
    available: || {
        installed("ruby", "ruby")?;
        let library = capture(Command::new("ruby").args(["-e", "require 'riemann/client'"]));
        library.map(drop).map_err(|error| {
            format!("install its library, the Debian package ruby-riemann-client\n{error}")
        })
    },
    exchanges: &[
        exchange(SENDS, TCP, || sends("tcp", 2_000, RUBY_SCRIPT, ruby_event)),
        exchange(SENDS, UDP, || sends("udp", FEW, RUBY_SCRIPT, ruby_event)),
        exchange(ASKS, TCP, || asks(RUBY_SCRIPT, ruby_event)),
    ],
};

pub(super) const NODE: Peer = Peer {
    name: "riemann 2.2.0 (npm)",
    available: || node::available("riemann", "2.2.0"),
    exchanges: &[
        exchange(SENDS, TCP, || sends("tcp", 2_000, NODE_SCRIPT, node_event)),
        exchange(SENDS, UDP, || sends("udp", FEW, NODE_SCRIPT, node_event)),
        exchange(ASKS, TCP, || asks(NODE_SCRIPT, node_event)),
    ],
};

const SENDS: &str = "its client -> us";
const ASKS: &str = "its client asks us";
const TCP: &str = "Riemann over TCP";
const UDP: &str = "Riemann over UDP";

/// The system surely keeps this many datagrams while the listener is busy.
const FEW: usize = 200;

/// A script that is called with `tcp`, `udp` or `ask`, a port and a number of events. It sends the
/// events. After `ask`, it also asks for them and prints the answer.
type Script = fn() -> Result<Command>;

const RUBY_SCRIPT: Script = || {
    let mut ruby = Command::new("ruby");
    ruby.arg(root().join("xtask/interop/riemann.rb"));
    Ok(ruby)
};
const NODE_SCRIPT: Script = || node::script("riemann.js");

/// The event with this number, as our listener prints it.
type Event = fn(usize) -> String;

fn sends(way: &str, count: usize, script: Script, event: Event) -> Result<Tally> {
    let listener = Listener::start(way, &[])?;
    run(way, count, script, &listener)?;
    listener.compare(&(0..count).map(event).collect::<Vec<_>>())
}

fn asks(script: Script, event: Event) -> Result<Tally> {
    let received = run("ask", 2_000, script, &Listener::start("tcp", &[])?)?;
    Ok(Tally::compare(&(0..2_000).map(event).collect::<Vec<_>>(), &received))
}

fn run(command: &str, count: usize, script: Script, listener: &Listener) -> Result<Vec<String>> {
    let mut script = script()?;
    script.args([command, &listener.port, &count.to_string()]);
    Child::start(&mut script)?.run(Vec::new())
}

/// The client sends every metric as `metric_f` too, for old servers.
fn ruby_event(n: usize) -> String {
    let metric = format!("{:?}", f64::from(u32::try_from(n).unwrap_or_default()) / 8.0);
    numbered(n, "\"ruby\"", "60.0", &[("metric_d", &metric), ("metric_f", &metric)])
}

/// The client sends every metric as `metric_f`.
fn node_event(n: usize) -> String {
    numbered(n, "\"node\"", "60.5", &[("metric_f", &format!("{n}.5"))])
}

fn numbered(n: usize, service: &str, ttl: &str, metrics: &[(&str, &str)]) -> String {
    let time = (1_700_000_000 + n).to_string();
    let description = format!("\"number {n}, ü\"");
    let fields = [
        ("time", &*time),
        ("state", "\"ok\""),
        ("service", service),
        ("host", "\"web-1\""),
        ("description", &description),
        ("tags", r#"["a","b"]"#),
        ("ttl", ttl),
        ("attributes", r#"[{"key":"k","value":"v"}]"#),
    ];
    event(&[&fields, metrics].concat())
}
