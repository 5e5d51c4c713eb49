//! Our side of the exchanges with bridges: the example `bridge` of influx-transport.

use std::process::Command;

use super::child::Child;
use super::messages::lines;
use crate::Result;
use crate::process::{cargo, execute};
use crate::workspace::Workspace;

/// The example in the role of a server on a free port of loopback, which sends once so many peers
/// are there.
pub(super) fn listen(peers: usize) -> Result<(Child, String)> {
    let mut child = Child::start(program()?.args(["listen", "127.0.0.1:0", &peers.to_string()]))?;
    let port = port(&child.listening()?)?;
    Ok((child, port))
}

/// The example in the role of a client.
pub(super) fn connect(port: &str) -> Result<Child> {
    Child::start(program()?.args(["connect", &format!("127.0.0.1:{port}")]))
}

/// Sends from one and returns what comes to the other.
pub(super) fn pass(sender: Child, receiver: Child, messages: &[String]) -> Result<Vec<String>> {
    sender.run(lines(messages))?;
    receiver.lines(messages.len())
}

/// The port of an address.
pub(super) fn port(address: &str) -> Result<String> {
    let port = address.rsplit_once(':').map(|(_, port)| port.to_owned());
    port.ok_or_else(|| format!("no port in {address}"))
}

fn program() -> Result<Command> {
    execute(&mut cargo(["build", "--quiet", "-p", "influx-transport", "--example", "bridge"]))?;
    Ok(Command::new(Workspace::load()?.target.join("debug/examples/bridge")))
}
