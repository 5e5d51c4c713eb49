//! syslog-ng, which makes an event for Riemann of each line.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::messages::lines;
use super::riemann::{Listener, event};
use super::tally::Tally;
use super::work_folder::WorkFolder;
use super::{Peer, daemon, exchange, installed};
use crate::child::{Child, wait_for};
use crate::result::Result;

pub(super) const PEER: Peer = Peer {
    name: "syslog-ng",
    available: || {
        installed("syslog-ng", "syslog-ng-core")?;
        installed("openssl", "openssl")
    },
    exchanges: &[
        exchange(SENDS, "Riemann over TCP", || by("tcp", COUNT)),
        // The system surely keeps 200 datagrams while the listener is busy.
        exchange(SENDS, "Riemann over UDP", || by("udp", 200)),
        exchange(SENDS, "Riemann over TLS", by_tls),
    ],
};

const SENDS: &str = "syslog-ng -> us";
const COUNT: usize = 2_000;

fn by(way: &str, count: usize) -> Result<Tally> {
    let folder = WorkFolder::new("syslog-ng")?;
    run(Listener::start(way, &[])?, &folder, &format!("type(\"{way}\")"), count)
}

fn by_tls() -> Result<Tally> {
    let folder = WorkFolder::new("syslog-ng")?;
    let file = |option, name| format!("{option}(\"{}/{name}\")", folder.text());
    let files = [
        file("ca-file", "ca.pem"),
        file("cert-file", "client.pem"),
        file("key-file", "client.key"),
    ];
    let way = format!(r#"type("tls") tls({})"#, files.join(" "));
    run(Listener::start_tls(&folder)?, &folder, &way, COUNT)
}

fn run(listener: Listener, folder: &WorkFolder, way: &str, count: usize) -> Result<Tally> {
    let config = include_str!("../../interop/syslog-ng.conf");
    let values = [("folder", &*folder.text()), ("port", &listener.port), ("way", way)];
    let config = folder.write("syslog-ng.conf", config, &values)?;
    let (syslog_ng, mut socket) = start(folder, &config)?;
    let messages: Vec<String> =
        (0..count).map(|n| format!("{n}: {}", "ü".repeat(n % 100))).collect();
    let written = socket.write_all(&lines(&messages));
    written.map_err(|error| format!("syslog-ng takes no lines: {error}"))?;
    let events: Vec<String> = messages.iter().map(|message| sent(message)).collect();
    let tally = listener.compare(&events);
    drop(syslog_ng);
    tally
}

/// Starts syslog-ng, and connects to the socket that it opens in the folder.
pub(super) fn start(folder: &WorkFolder, config: &Path) -> Result<(Child, UnixStream)> {
    let mut command = daemon("syslog-ng");
    // Stays in the foreground, as the present user, and with all files in one folder.
    command.args(["--foreground", "--no-caps", "--cfgfile"]).arg(config);
    command.arg("--persist-file").arg(folder.path().join("persist"));
    command.arg("--control").arg(folder.path().join("control"));
    command.arg("--pidfile").arg(folder.path().join("pid"));
    let syslog_ng = Child::start(&mut command)?;
    let socket = folder.path().join("socket");
    let socket = wait_for("syslog-ng's socket", || UnixStream::connect(&socket).ok())?;
    Ok((syslog_ng, socket))
}

fn sent(message: &str) -> String {
    event(&[
        ("time", "1700000000"),
        ("state", "\"ok\""),
        ("service", "\"log\""),
        ("host", "\"web-1\""),
        ("description", &format!("\"{message}\"")),
        ("tags", r#"["a","b"]"#),
        ("ttl", "60.0"),
        ("attributes", r#"[{"key":"k","value":"v"}]"#),
        ("metric_sint64", &message.len().to_string()),
    ])
}
