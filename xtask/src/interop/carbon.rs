//! carbon-cache, the receiver of Graphite.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;

use super::ours::example;
use super::tally::Tally;
use super::work_folder::WorkFolder;
use super::{Peer, exchange, installed};
use crate::child::{Child, wait_for};
use crate::result::Result;
use crate::workspace::root;

pub(super) const PEER: Peer = Peer {
    name: "carbon-cache",
    available: || {
        installed("carbon-cache", "graphite-carbon")?;
        installed("python3", "python3")
    },
    exchanges: &[exchange("us -> carbon -> us", "TCP, u32be", run)],
};

/// The script makes the pickles, drives our example, and compares.
fn run() -> Result<Tally> {
    let folder = WorkFolder::new("carbon")?;
    let (carbon, [pickle_port, query_port]) = start(&folder)?;
    let mut script = Command::new("python3");
    script.arg(root().join("xtask/interop/carbon.py")).arg(example("frames")?.get_program());
    let lines = Child::start(script.args([pickle_port, query_port]))?.run(Vec::new())?;
    drop(carbon);
    Tally::read(&lines)
}

/// Starts carbon-cache on two free ports, which it cannot choose itself. Another program may take a
/// port first, so there are three tries.
fn start(folder: &WorkFolder) -> Result<(Child, [String; 2])> {
    attempt(folder).or_else(|_| attempt(folder)).or_else(|_| attempt(folder))
}

fn attempt(folder: &WorkFolder) -> Result<(Child, [String; 2])> {
    let ports = free_ports().map_err(|error| format!("there is no free port: {error}"))?;
    let [pickle_port, query_port] = ports.map(|port| port.to_string());
    let values =
        [("folder", &*folder.text()), ("pickle_port", &pickle_port), ("query_port", &query_port)];
    let config = folder.write("carbon.conf", include_str!("../../interop/carbon.conf"), &values)?;
    folder.write("storage-schemas.conf", "[all]\npattern = .*\nretentions = 1s:1h\n", &[])?;
    let mut command = Command::new("carbon-cache");
    command.arg("--config").arg(config).arg("--pidfile").arg(folder.path().join("pid"));
    let mut carbon = Child::start(command.args(["--nodaemon", "start"]))?;
    wait_for("carbon's ports", || {
        let connects = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let listens = ports.into_iter().all(connects);
        (listens || carbon.has_ended()).then_some(())
    })?;
    if carbon.has_ended() {
        return Err("carbon-cache ended at once".to_owned());
    }
    Ok((carbon, [pickle_port, query_port]))
}

fn free_ports() -> std::io::Result<[u16; 2]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    // Both are held until both are known, so that they differ.
    let (first, second) = (bind()?, bind()?);
    Ok([first.local_addr()?.port(), second.local_addr()?.port()])
}
