//! GNU bash and its `/dev/tcp`.

use std::process::Command;

use super::frames::Listener;
use super::messages::{json, lines};
use super::tally::Tally;
use super::{Exchange, Peer, installed};
use crate::Result;
use crate::child::Child;

pub(super) const PEER: Peer = Peer {
    name: "bash",
    available: || installed("bash", "bash"),
    exchanges: &[
        Exchange { direction: "bash -> us", transport: TRANSPORT, run: from_bash },
        Exchange { direction: "us -> bash", transport: TRANSPORT, run: to_bash },
    ],
};

const TRANSPORT: &str = "TCP, 0x17";
const FRAMING: &str = "delim:0x17";

/// It reads a byte at a time.
const COUNT: usize = 2_000;

const SEND: &str =
    r#"while IFS= read -r message; do printf '%s\x17' "$message"; done >"/dev/tcp/127.0.0.1/$0""#;
const RECEIVE: &str = r#"while IFS= read -r -d $'\x17' message; do printf '%s\n' "$message"; done <"/dev/tcp/127.0.0.1/$0""#;

fn from_bash() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::receive(FRAMING)?;
    bash(SEND, &listener.port)?.run(lines(&messages))?;
    listener.compare(&messages)
}

fn to_bash() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::send(FRAMING, &messages)?;
    let received = reader(&listener.port)?.lines(COUNT)?;
    Ok(Tally::compare(&messages, &received))
}

/// Prints the messages that a server sends.
pub(super) fn reader(port: &str) -> Result<Child> {
    bash(RECEIVE, port)
}

fn bash(script: &str, port: &str) -> Result<Child> {
    Child::start(Command::new("bash").args(["-c", script, port]))
}
