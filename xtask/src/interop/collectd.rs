//! collectd, which sends several events in a message.

use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::riemann::{Listener, event};
use super::tally::Tally;
use super::work_folder::WorkFolder;
use super::{Peer, daemon, exchange, installed};
use crate::child::{Child, wait_for};
use crate::result::Result;

pub(super) const PEER: Peer = Peer {
    name: "collectd",
    available: || {
        installed("collectd", "collectd-core")?;
        // Its plugin needs the library of that package.
        installed("riemann-client", "riemann-c-client")?;
        installed("openssl", "openssl")
    },
    exchanges: &[
        exchange(SENDS, "Riemann over TCP", || run("TCP")),
        exchange(SENDS, "Riemann over TLS", || run("TLS")),
    ],
};

const SENDS: &str = "collectd -> us";

/// These events fill one message to the byte; the configuration has its size. With more, Debian's
/// collectd 5.12 garbles tags and ends by SIGSEGV: its plugin reads uninitialized memory (valgrind
/// names `riemann_event_set`). Over UDP, each event is a message, and it garbles all but the first.
const NUMBERS: Range<usize> = 10..30;

fn run(protocol: &str) -> Result<Tally> {
    let folder = WorkFolder::new("collectd")?;
    let listener = match protocol {
        "TLS" => Listener::start_tls(&folder)?,
        _ => Listener::start(&protocol.to_lowercase(), &[])?,
    };
    let values = [("folder", &*folder.text()), ("port", &listener.port), ("protocol", protocol)];
    let config = include_str!("../../interop/collectd.conf");
    let config = folder.write("collectd.conf", config, &values)?;
    let collectd = Child::start(daemon("collectd").arg("-f").arg("-C").arg(config))?;
    let socket = folder.path().join("socket");
    let socket = wait_for("collectd's socket", || UnixStream::connect(&socket).ok())?;
    put_values(socket).map_err(|error| format!("collectd takes no values: {error}"))?;
    let events: Vec<String> = NUMBERS.map(sent).collect();
    let tally = listener.compare(&events);
    drop(collectd);
    tally
}

fn put_values(mut socket: UnixStream) -> std::io::Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    for n in NUMBERS {
        let time = 1_700_000_000 + n;
        writeln!(socket, "PUTVAL web-1/interop-{n}/gauge interval=10 {time}:{n}.5")?;
    }
    // collectd answers for each value.
    BufReader::new(socket).lines().take(NUMBERS.len()).try_for_each(|answer| match answer? {
        taken if taken.starts_with("0 ") => Ok(()),
        refused => Err(std::io::Error::other(refused)),
    })
}

fn sent(n: usize) -> String {
    let attributes = [
        ("plugin", "interop"),
        ("type", "gauge"),
        ("ds_name", "value"),
        ("plugin_instance", &n.to_string()),
        ("ds_type", "gauge"),
        ("ds_index", "0"),
    ];
    let attributes =
        attributes.map(|(key, value)| format!(r#"{{"key":"{key}","value":"{value}"}}"#));
    event(&[
        ("time", &(1_700_000_000 + n).to_string()),
        ("service", &format!("\"interop-{n}/gauge\"")),
        ("host", "\"web-1\""),
        ("ttl", "20.0"),
        ("attributes", &format!("[{}]", attributes.join(","))),
        ("time_micros", &(1_700_000_000_000_000 + 1_000_000 * n).to_string()),
        ("metric_d", &format!("{n}.5")),
    ])
}
