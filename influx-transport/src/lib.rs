//! Exchanges messages over sockets: HTTP, TCP, UDP and in-memory transports.

mod connect;
mod endpoint;
mod error;
#[cfg(feature = "http")]
mod http;
mod memory;
mod options;
mod resolve;
mod tcp;
#[cfg(feature = "test-util")]
pub mod test_util;
mod transport;
mod udp;

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
pub use udp::UdpTransport;
