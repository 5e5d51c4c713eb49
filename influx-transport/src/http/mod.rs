//! HTTP/1.1 over any byte stream: a transport with a pool of its own, and a small server.

mod body;
mod connection;
mod data;
mod options;
mod pool;
#[cfg(feature = "http-server")]
mod reply;
#[cfg(feature = "http-server")]
mod server;
mod transport;
mod watched;

pub use self::body::HttpBody;
pub use self::options::HttpOptions;
#[cfg(feature = "http-server")]
pub use self::options::HttpServerOptions;
#[cfg(feature = "http-server")]
pub use self::reply::HttpReply;
#[cfg(feature = "http-server")]
pub use self::server::{HttpServer, HttpServerStats};
pub use self::transport::HttpTransport;
