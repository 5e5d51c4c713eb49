//! Octet-counted syslog: `logger` over TCP (RFC 6587), syslog-ng over TLS (RFC 5425).

use std::io::Write;
use std::process::Command;

use super::messages::{json, lines};
use super::ours::Listener;
use super::tally::Tally;
use super::work_folder::WorkFolder;
use super::{Peer, exchange, installed, syslog_ng};
use crate::child::Child;
use crate::result::Result;

pub(super) const LOGGER: Peer = Peer {
    name: "logger (util-linux)",
    available: || installed("logger", "bsdutils"),
    exchanges: &[exchange("logger -> us", "TCP, octet-count", logger)],
};

pub(super) const SYSLOG_NG: Peer = Peer {
    name: "syslog-ng",
    available: syslog_ng::PEER.available,
    exchanges: &[exchange("syslog-ng -> us", "TLS, octet-count", by_tls)],
};

const FRAMING: &str = "octet-count";
const COUNT: usize = 2_000;

fn logger() -> Result<Tally> {
    let messages = json(COUNT);
    let listener = Listener::receive(FRAMING)?;
    let mut logger = Command::new("logger");
    logger.args(["--octet-count", "--tcp", "--server", "127.0.0.1", "--port", &listener.port]);
    logger.args(["--rfc5424=notime,notq,nohost", "--tag", "t", "--size", "8KiB"]);
    Child::start(&mut logger)?.run(lines(&messages))?;
    // A notice of a user's program, without time and host.
    let sent: Vec<_> =
        messages.iter().map(|message| format!("<13>1 - - t - - - {message}")).collect();
    listener.compare(&sent)
}

fn by_tls() -> Result<Tally> {
    let messages = json(COUNT);
    let folder = WorkFolder::new("syslog-tls")?;
    let listener = Listener::receive_tls(FRAMING, &folder)?;
    let values = [("folder", &*folder.text()), ("port", &listener.port)];
    let config = include_str!("../../interop/syslog-tls.conf");
    let config = folder.write("syslog-ng.conf", config, &values)?;
    let (syslog_ng, mut socket) = syslog_ng::start(&folder, &config)?;
    let header = "<13>1 2026-01-01T00:00:00+00:00 web-1 t - -";
    let sent: Vec<_> = messages.iter().map(|message| format!("{header} - {message}")).collect();
    let written = socket.write_all(&lines(&sent));
    written.map_err(|error| format!("syslog-ng takes no messages: {error}"))?;
    // It numbers the messages.
    let numbered = |(number, message)| format!("{header} [meta sequenceId=\"{number}\"] {message}");
    let numbered: Vec<_> = (1..).zip(&messages).map(numbered).collect();
    let tally = listener.compare(&numbered);
    drop(syslog_ng);
    tally
}
