//! Python libraries that speak framings: each exchanges messages with our `FramedTransport`.

use super::ours::{Listener, example};
use super::python::{available, script};
use super::tally::Tally;
use super::{Peer, exchange};
use crate::child::Child;
use crate::result::Result;

pub(super) const PEER: Peer = Peer {
    name: "framings (Python)",
    available: || PINNED.iter().try_for_each(|(package, version)| available(package, version)),
    exchanges: &[
        exchange("us <-> pynetstring 0.5", "TCP, netstring", || ask("netstring")),
        exchange("us <-> protobuf 7.36.2", "TCP, protobuf", || ask("protobuf")),
        exchange("us <-> hl7 0.4.5", "TCP, mllp", || ask("mllp")),
        exchange("us <-> sliplib 0.7.2", "TCP, slip", || ask("slip")),
        exchange("us <-> cobs 1.2.2", "TCP, cobs", || ask("cobs")),
        exchange("graypy 2.1.0 -> us", "TCP, gelf", gelf),
    ],
};

const PINNED: [(&str, &str); 6] = [
    ("pynetstring", "0.5"),
    ("protobuf", "7.36.2"),
    ("hl7", "0.4.5"),
    ("sliplib", "0.7.2"),
    ("cobs", "1.2.2"),
    ("graypy", "2.1.0"),
];

/// The script serves with the library, drives our example, and compares.
fn ask(framing: &str) -> Result<Tally> {
    let mut script = script("framings.py")?;
    let script = script.arg(example("frames")?.get_program()).arg(framing);
    Tally::read(&Child::start(script)?.run(Vec::new())?)
}

/// The script prints each message as the library sends it.
fn gelf() -> Result<Tally> {
    let listener = Listener::receive("gelf")?;
    let sent = Child::start(script("gelf.py")?.arg(&listener.port))?.run(Vec::new())?;
    listener.compare(&sent)
}
