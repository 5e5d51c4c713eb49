//! Encryption over any other connection, in both roles.

mod client_options;
mod connector;
mod identity;
mod listener;
mod pem;
mod server_options;
mod stream;

pub use self::client_options::TlsOptions;
pub use self::connector::TlsConnector;
pub use self::identity::TlsIdentity;
pub use self::listener::TlsListener;
pub use self::server_options::TlsServerOptions;
pub use self::stream::TlsStream;
