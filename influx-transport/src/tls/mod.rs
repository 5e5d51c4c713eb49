//! Encryption over any other connection, in both roles.

mod client_options;
mod connector;
mod failure;
mod identity;
mod listener;
#[cfg(feature = "dangerous-no-verification")]
mod no_verification;
mod pem;
mod server_options;
mod stream;

pub use self::client_options::TlsOptions;
pub use self::connector::TlsConnector;
pub use self::identity::TlsIdentity;
pub use self::listener::TlsListener;
pub use self::server_options::TlsServerOptions;
pub use self::stream::TlsStream;
