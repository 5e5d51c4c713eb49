//! HTTP/1.1 over any byte stream: a transport with a pool of its own, and a small server.

mod body;
#[cfg(feature = "http-server")]
mod budget;
mod connection;
mod data;
mod options;
mod pace;
#[cfg(feature = "http-server")]
mod parting;
mod pool;
#[cfg(feature = "http-server")]
mod reply;
#[cfg(feature = "http-server")]
mod server;
#[cfg(feature = "http-server")]
mod service;
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
