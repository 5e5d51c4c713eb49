//! Our side of the framed exchanges: the example `frames` of influx-transport.

use super::examples::example;
use super::messages::lines;
use super::tally::Tally;
use crate::Result;
use crate::child::Child;

/// The example listening on a free port of loopback.
pub(super) struct Listener {
    child: Child,
    pub(super) port: String,
}

impl Listener {
    /// Receives messages.
    pub(super) fn receive(framing: &str) -> Result<Self> {
        Self::start("listen", framing)
    }

    /// Sends messages to the peer that connects.
    pub(super) fn send(framing: &str, messages: &[String]) -> Result<Self> {
        let mut listener = Self::start("serve", framing)?;
        listener.child.feed(lines(messages));
        Ok(listener)
    }

    /// Compares what comes with what was sent.
    pub(super) fn compare(self, sent: &[String]) -> Result<Tally> {
        Ok(Tally::compare(sent, &self.child.lines(sent.len())?))
    }

    fn start(command: &str, framing: &str) -> Result<Self> {
        let mut child = Child::start(example("frames")?.args([command, framing, "127.0.0.1:0"]))?;
        Ok(Self { port: child.port()?, child })
    }
}

/// Connects and sends messages; done when the system took all of them.
pub(super) fn send(framing: &str, port: &str, messages: &[String]) -> Result {
    let address = format!("127.0.0.1:{port}");
    let sender = Child::start(example("frames")?.args(["send", framing, &address]))?;
    sender.run(lines(messages)).map(drop)
}
