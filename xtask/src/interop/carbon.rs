//! carbon-cache, the receiver of Graphite.

use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;

use super::ours::example;
use super::ports::free_ports;
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
    let ports = free_ports()?;
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
