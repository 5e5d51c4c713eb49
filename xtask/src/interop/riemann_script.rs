//! Clients of Riemann that a script drives.

use std::process::Command;

use super::riemann::Listener;
use super::tally::Tally;
use crate::Result;
use crate::child::Child;

/// A client behind a script that is called with `tcp`, `udp` or `ask`, a port and a number of
/// events. It sends the events, and if it is to ask, it asks for them and prints what it gets.
pub(super) struct ScriptedClient {
    pub(super) script: fn() -> Result<Command>,
    /// The event with this number, as our listener prints it.
    pub(super) event: fn(usize) -> String,
}

impl ScriptedClient {
    pub(super) fn by_tcp(&self) -> Result<Tally> {
        self.send("tcp", 2_000)
    }

    /// As many as the system surely keeps while the listener is busy.
    pub(super) fn by_udp(&self) -> Result<Tally> {
        self.send("udp", 200)
    }

    pub(super) fn asks(&self) -> Result<Tally> {
        let count = 2_000;
        let listener = Listener::start("tcp", &[])?;
        let received = self.run("ask", &listener, count)?;
        Ok(Tally::compare(&self.events(count), &received))
    }

    fn send(&self, way: &str, count: usize) -> Result<Tally> {
        let listener = Listener::start(way, &[])?;
        self.run(way, &listener, count)?;
        listener.compare(&self.events(count))
    }

    fn run(&self, command: &str, listener: &Listener, count: usize) -> Result<Vec<String>> {
        let mut script = (self.script)()?;
        script.args([command, &listener.port]).arg(count.to_string());
        Child::start(&mut script)?.run(Vec::new())
    }

    fn events(&self, count: usize) -> Vec<String> {
        (0..count).map(self.event).collect()
    }
}
