//! Exchanges messages over sockets: HTTP, TCP, UDP and in-memory transports.

mod connect;
mod endpoint;
mod error;
#[cfg(feature = "http")]
mod http;
mod memory;
mod options;
mod tcp;
mod transport;

pub use connect::Connect;
pub use endpoint::Endpoint;
pub use error::{Delivery, Error, ErrorKind, Phase};
#[cfg(feature = "http")]
pub use http::{Body, HttpOptions, HttpTransport};
#[cfg(feature = "http-server")]
pub use http::{HttpServer, Reply, ServerOptions};
pub use memory::MemoryTransport;
pub use options::SocketOptions;
pub use tcp::TcpConnector;
pub use transport::Transport;
