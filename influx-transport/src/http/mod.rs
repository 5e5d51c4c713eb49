//! HTTP/1.1 over any byte stream: a transport with a pool of its own, and a small server.

mod body;
mod connection;
mod full;
mod incoming;
mod options;
mod pool;
#[cfg(feature = "http-server")]
mod reply;
#[cfg(feature = "http-server")]
mod server;
#[cfg(feature = "http-server")]
mod server_options;
mod transport;
mod write_clock;

pub use self::body::HttpBody;
pub use self::options::HttpOptions;
#[cfg(feature = "http-server")]
pub use self::reply::HttpReply;
#[cfg(feature = "http-server")]
pub use self::server::HttpServer;
#[cfg(feature = "http-server")]
pub use self::server_options::HttpServerOptions;
pub use self::transport::HttpTransport;
