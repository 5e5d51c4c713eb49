//! Our side of the exchanges with bridges: the example `bridge` of influx-transport.

use super::examples::example;
use super::messages::lines;
use crate::Result;
use crate::child::Child;

/// The example in the role of a server on a free port of loopback, which sends once so many peers
/// are there.
pub(super) fn listen(peers: usize) -> Result<(Child, String)> {
    let mut child =
        Child::start(example("bridge")?.args(["listen", "127.0.0.1:0", &peers.to_string()]))?;
    let port = child.port()?;
    Ok((child, port))
}

/// The example in the role of a client.
pub(super) fn connect(port: &str) -> Result<Child> {
    Child::start(example("bridge")?.args(["connect", &format!("127.0.0.1:{port}")]))
}

/// Sends from one and returns what comes to the other.
pub(super) fn pass(sender: Child, receiver: Child, messages: &[String]) -> Result<Vec<String>> {
    sender.run(lines(messages))?;
    receiver.lines(messages.len())
}
