//! Byte streams over TCP, in both directions.

mod connector;
mod listener;

pub use self::connector::{TcpConnector, TcpOptions};
pub use self::listener::TcpListener;
