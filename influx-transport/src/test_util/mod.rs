//! Peers that play scripts, for tests of programs that use this crate.
//!
//! A [`Script`] has the steps of a peer on one connection, byte by byte, including those of a broken
//! server. [`ScriptedServer`] plays scripts on real sockets, [`ScriptedConnector`] in memory,
//! where tokio's paused time works; with real sockets, paused time runs ahead of the data. At a
//! [`Gate`] the peer waits for the test, or the test for the peer.
//!
//! A [`FaultProxy`] stands between a client and any server, and breaks their connections.

mod fault_proxy;
mod gate;
mod script;
mod scripted_connector;
mod scripted_server;

pub use self::fault_proxy::{Direction, FaultProxy, ProxyEvent};
pub use self::gate::Gate;
pub use self::script::Script;
pub use self::scripted_connector::ScriptedConnector;
pub use self::scripted_server::ScriptedServer;
