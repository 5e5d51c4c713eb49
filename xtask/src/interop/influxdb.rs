//! A real InfluxDB 1.6.7, and the 1.x client's way through all of its calls.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;

use super::ours::example;
use super::ports::free_ports;
use super::tally::Tally;
use super::work_folder::WorkFolder;
use super::{Peer, exchange, installed};
use crate::Result;
use crate::child::{Child, wait_for};
use crate::process::{capture, execute};
use crate::workspace::root;

pub(super) const PEER: Peer = Peer {
    name: "InfluxDB 1.6.7",
    available: || {
        installed("influxd", "influxdb")?;
        installed("openssl", "openssl")
    },
    exchanges: &[
        exchange("our client -> it", "HTTP", plain),
        exchange("our client -> it", "HTTP, Unix socket", unix),
        exchange("our client -> it", "HTTPS with users", guarded),
        exchange("our client -> it", "line protocol over UDP", datagrams),
    ],
};

fn plain() -> Result<Tally> {
    let folder = WorkFolder::new("influxdb")?;
    let server = Server::start(&folder, &[])?;
    client(&[&format!("influxdb1://127.0.0.1:{}", server.port)])
}

fn unix() -> Result<Tally> {
    let folder = WorkFolder::new("influxdb-unix")?;
    let socket = format!("{}/socket", folder.text());
    let settings = [("HTTP_UNIX_SOCKET_ENABLED", "true"), ("HTTP_BIND_SOCKET", &*socket)];
    let _server = Server::start(&folder, &settings)?;
    client(&[&format!("unix+influxdb1://{}", socket.replace('/', "%2F"))])
}

fn datagrams() -> Result<Tally> {
    let folder = WorkFolder::new("influxdb-udp")?;
    let [udp, _] = free_ports()?;
    let server = Server::start(
        &folder,
        &[
            ("UDP_0_ENABLED", "true"),
            ("UDP_0_BIND_ADDRESS", &*format!("127.0.0.1:{udp}")),
            ("UDP_0_DATABASE", "udp"),
            // The server waits this long for more points.
            ("UDP_0_BATCH_TIMEOUT", "100ms"),
        ],
    )?;
    let dsn = format!("influxdb1://127.0.0.1:{}/udp", server.port);
    client(&[&dsn, "lines", &format!("udp+influxdb1://127.0.0.1:{udp}")])
}

/// The client creates the administrator, who is in its DSN.
fn guarded() -> Result<Tally> {
    let folder = WorkFolder::new("influxdb-tls")?;
    let script = root().join("xtask/interop/certificates.sh");
    execute(Command::new("sh").arg(script).current_dir(folder.path()))?;
    let file = |name| format!("{}/{name}", folder.text());
    let server = Server::start(
        &folder,
        &[
            ("HTTP_AUTH_ENABLED", "true"),
            ("HTTP_SHARED_SECRET", SECRET),
            ("HTTP_HTTPS_ENABLED", "true"),
            ("HTTP_HTTPS_CERTIFICATE", &file("server.pem")),
            ("HTTP_HTTPS_PRIVATE_KEY", &file("server.key")),
        ],
    )?;
    let authority = file("ca.pem").replace('/', "%2F");
    let dsn = format!("https+influxdb1://root:root@127.0.0.1:{}?tls_ca={authority}", server.port);
    let calls = client(&[&dsn, "first-admin"])?;
    let tokens = client(&[&dsn, "tokens", &token("-3600")?, &token("3600")?])?;
    Ok(calls.and(&tokens))
}

/// The secret that signs bearer tokens.
const SECRET: &str = "a-shared-secret";

/// A bearer token that is valid for this many seconds.
fn token(seconds: &str) -> Result<String> {
    let script = root().join("xtask/interop/token.sh");
    let token = capture(Command::new("sh").arg(script).args([SECRET, seconds]))?;
    Ok(token.trim().to_owned())
}

/// Runs the example, which counts its own checks.
fn client(arguments: &[&str]) -> Result<Tally> {
    let lines = Child::start(example("interop_v1")?.args(arguments))?.run(Vec::new())?;
    Tally::passed(&lines)
}

/// A server with its data in a folder of ours; ends when it is dropped.
struct Server {
    _child: Child,
    port: u16,
}

impl Server {
    /// Starts it on free ports; as another program may take one first, there are three tries.
    fn start(folder: &WorkFolder, settings: &[(&str, &str)]) -> Result<Self> {
        let attempt = || Self::attempt(folder, settings);
        attempt().or_else(|_| attempt()).or_else(|_| attempt())
    }

    fn attempt(folder: &WorkFolder, settings: &[(&str, &str)]) -> Result<Self> {
        let [port, rpc_port] = free_ports()?;
        let log = folder.path().join("log");
        let log = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = Command::new("influxd");
        for (name, value) in [
            ("REPORTING_ENABLED", "false"),
            ("MONITOR_STORE_ENABLED", "false"),
            ("BIND_ADDRESS", &*format!("127.0.0.1:{rpc_port}")),
            ("HTTP_BIND_ADDRESS", &*format!("127.0.0.1:{port}")),
            ("META_DIR", &*format!("{}/meta", folder.text())),
            ("DATA_DIR", &*format!("{}/data", folder.text())),
            ("DATA_WAL_DIR", &*format!("{}/wal", folder.text())),
        ]
        .iter()
        .chain(settings)
        {
            command.env(format!("INFLUXDB_{name}"), value);
        }
        let mut child = Child::start(command.args(["run", "-config", "/dev/null"]).stderr(log))?;
        wait_for("InfluxDB's port", || {
            let listens = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            (listens || child.has_ended()).then_some(())
        })?;
        if child.has_ended() {
            return Err("InfluxDB ended at once".to_owned());
        }
        Ok(Self { _child: child, port })
    }
}
