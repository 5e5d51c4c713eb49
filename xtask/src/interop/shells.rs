//! GNU awk and bash with their sockets.

use std::process::Command;

use super::messages::{json, lines};
use super::ours::Listener;
use super::tally::Tally;
use super::{Peer, exchange, installed};
use crate::child::Child;
use crate::result::Result;

pub(super) const GAWK: Peer = Peer {
    name: "gawk",
    available: || installed("gawk", "gawk"),
    exchanges: &[
        exchange("gawk -> us", TRANSPORT, || from(gawk, GAWK_SENDS, 10_000)),
        exchange("us -> gawk", TRANSPORT, || to(gawk, GAWK_READS, 10_000)),
    ],
};

/// bash reads a byte at a time, so it gets fewer messages.
pub(super) const BASH: Peer = Peer {
    name: "bash",
    available: || installed("bash", "bash"),
    exchanges: &[
        exchange("bash -> us", TRANSPORT, || from(bash, BASH_SENDS, 2_000)),
        exchange("us -> bash", TRANSPORT, || to(bash, BASH_READS, 2_000)),
    ],
};

const TRANSPORT: &str = "TCP, 0x17";
const FRAMING: &str = "delim:0x17";

const GAWK_SENDS: &str = r#"BEGIN { ORS = "\x17"; us = "/inet/tcp/0/127.0.0.1/" port }
{ print |& us }
END { close(us) }"#;

/// Prints the messages from a server.
pub(super) const GAWK_READS: &str = r#"BEGIN {
    RS = "\x17"; us = "/inet/tcp/0/127.0.0.1/" port
    while ((us |& getline message) > 0) print message
}"#;

const BASH_SENDS: &str =
    r#"while IFS= read -r message; do printf '%s\x17' "$message"; done >"/dev/tcp/127.0.0.1/$0""#;

/// Prints the messages from a server.
pub(super) const BASH_READS: &str = r#"while IFS= read -r -d $'\x17' message; do printf '%s\n' "$message"; done <"/dev/tcp/127.0.0.1/$0""#;

pub(super) fn gawk(program: &str, port: &str) -> Result<Child> {
    Child::start(Command::new("gawk").args(["-v", &format!("port={port}"), program]))
}

pub(super) fn bash(script: &str, port: &str) -> Result<Child> {
    Child::start(Command::new("bash").args(["-c", script, port]))
}

/// Starts a program with the port of its peer.
type Shell = fn(&str, &str) -> Result<Child>;

fn from(shell: Shell, program: &str, count: usize) -> Result<Tally> {
    let messages = json(count);
    let listener = Listener::receive(FRAMING)?;
    shell(program, &listener.port)?.run(lines(&messages))?;
    listener.compare(&messages)
}

fn to(shell: Shell, program: &str, count: usize) -> Result<Tally> {
    let messages = json(count);
    let listener = Listener::send(FRAMING, &messages)?;
    let received = shell(program, &listener.port)?.lines(count)?;
    Ok(Tally::compare(&messages, &received))
}
