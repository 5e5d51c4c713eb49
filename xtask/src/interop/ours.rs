//! Our side of the exchanges: examples of our crates as programs.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::messages::lines;
use super::tally::Tally;
use super::work_folder::WorkFolder;
use crate::child::Child;
use crate::process::execute;
use crate::result::Result;
use crate::workspace::{Workspace, cargo};

/// An example of ours. The first call builds all of them.
pub(super) fn example(name: &str) -> Result<Command> {
    static FOLDER: OnceLock<Result<PathBuf>> = OnceLock::new();
    Ok(Command::new(FOLDER.get_or_init(build).clone()?.join(name)))
}

/// Builds as `cargo xtask test` does, so that neither command builds again after the other.
fn build() -> Result<PathBuf> {
    execute(&mut cargo(["build", "--workspace", "--all-features", "--examples"]))?;
    Ok(Workspace::load()?.target.join("debug/examples"))
}

/// The example `frames`, which listens on a free port of loopback.
pub(super) struct Listener {
    child: Child,
    pub(super) port: String,
}

impl Listener {
    /// Receives messages.
    pub(super) fn receive(framing: &str) -> Result<Self> {
        Self::start("listen", framing)
    }

    /// Receives messages over TLS. Puts `ca.pem` into the folder.
    pub(super) fn receive_tls(framing: &str, folder: &WorkFolder) -> Result<Self> {
        folder.certificates()?;
        let mut program = example("frames")?;
        program.args(["listen-tls", framing, "127.0.0.1:0"]);
        let files = ["server.pem", "server.key"].map(|file| folder.path().join(file));
        Self::of(program.args(files))
    }

    /// Sends messages to the peer that connects.
    pub(super) fn send(framing: &str, messages: &[String]) -> Result<Self> {
        let mut listener = Self::start("serve", framing)?;
        listener.child.feed(lines(messages));
        Ok(listener)
    }

    /// Compares the messages that come with those that were sent.
    pub(super) fn compare(self, sent: &[String]) -> Result<Tally> {
        Ok(Tally::compare(sent, &self.child.lines(sent.len())?))
    }

    fn start(command: &str, framing: &str) -> Result<Self> {
        Self::of(example("frames")?.args([command, framing, "127.0.0.1:0"]))
    }

    fn of(program: &mut Command) -> Result<Self> {
        let mut child = Child::start(program)?;
        Ok(Self { port: child.port()?, child })
    }
}

/// Connects and sends messages; done when the system has taken all of them.
pub(super) fn send_frames(framing: &str, port: &str, messages: &[String]) -> Result {
    let address = format!("127.0.0.1:{port}");
    let sender = Child::start(example("frames")?.args(["send", framing, &address]))?;
    sender.run(lines(messages)).map(drop)
}

/// The example `bridge` as a server on a free port of loopback; it sends once `peers` peers are there.
pub(super) fn bridge(peers: usize) -> Result<(Child, String)> {
    let mut child =
        Child::start(example("bridge")?.args(["listen", "127.0.0.1:0", &peers.to_string()]))?;
    let port = child.port()?;
    Ok((child, port))
}

/// The example `bridge` as a client.
pub(super) fn bridge_to(port: &str) -> Result<Child> {
    Child::start(example("bridge")?.args(["connect", &format!("127.0.0.1:{port}")]))
}
