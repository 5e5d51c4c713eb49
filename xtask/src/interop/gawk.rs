//! GNU awk and its sockets.

use std::process::Command;

use super::frames::Listener;
use super::messages::{json, lines};
use super::tally::Tally;
use super::{Exchange, Peer, installed};
use crate::Result;
use crate::child::Child;

pub(super) const PEER: Peer = Peer {
    name: "gawk",
    available: || installed("gawk", "gawk"),
    exchanges: &[
        Exchange { direction: "gawk -> us", transport: TRANSPORT, run: from_gawk },
        Exchange { direction: "us -> gawk", transport: TRANSPORT, run: to_gawk },
    ],
};

const TRANSPORT: &str = "TCP, 0x17";
const FRAMING: &str = "delim:0x17";
const COUNT: usize = 10_000;

const SEND: &str = r#"BEGIN { ORS = "\x17"; us = "/inet/tcp/0/127.0.0.1/" port }
{ print |& us }
END { close(us) }"#;

const RECEIVE: &str = r#"BEGIN {
    RS = "\x17"; us = "/inet/tcp/0/127.0.0.1/" port
    while ((us |& getline message) > 0) print message
}"#;

fn from_gawk() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::receive(FRAMING)?;
    gawk(SEND, &listener.port)?.run(lines(&messages))?;
    listener.compare(&messages)
}

fn to_gawk() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::send(FRAMING, &messages)?;
    let received = reader(&listener.port)?.lines(COUNT)?;
    Ok(Tally::compare(&messages, &received))
}

/// Prints the messages that a server sends.
pub(super) fn reader(port: &str) -> Result<Child> {
    gawk(RECEIVE, port)
}

fn gawk(program: &str, port: &str) -> Result<Child> {
    Child::start(Command::new("gawk").args(["-v", &format!("port={port}"), program]))
}
