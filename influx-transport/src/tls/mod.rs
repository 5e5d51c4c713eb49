//! Encryption over any other byte stream, in both roles.

mod certificates;
mod connector;
mod failure;
mod listener;
#[cfg(feature = "dangerous-no-verification")]
mod no_verification;
mod options;
mod stream;

pub use self::certificates::{TlsAuthorities, TlsIdentity};
pub use self::connector::TlsConnector;
pub use self::listener::TlsListener;
pub use self::options::{TlsOptions, TlsServerOptions};
pub use self::stream::TlsStream;
