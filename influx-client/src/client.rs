//! The methods that the clients of all dialects have, with the same words.

use std::sync::Arc;

use influx_proto::{Auth, Placement};

use crate::Config;
use crate::connect::Defaults;
use crate::exchange::{Exchange, HttpTransport};

/// The part that the clones of a client share, and clients that differ only by their user.
#[derive(Debug)]
pub(crate) struct Shared<S> {
    pub(crate) exchange: Exchange,
    pub(crate) config: Config,
    /// The settings that only the dialect has.
    pub(crate) settings: S,
}

impl<S> Shared<S> {
    pub(crate) fn new(
        config: Config,
        settings: S,
        defaults: &Defaults,
        transport: HttpTransport,
    ) -> Self {
        let host: Arc<str> = crate::connect::host_text(&config, defaults);
        let exchange = Exchange::new(transport, host, &config);
        Self { exchange, config, settings }
    }
}

/// The credentials where the key `credentials` wants them.
pub(crate) fn place(auth: Auth, placement: Placement) -> Auth {
    match auth {
        Auth::Basic { user, password, .. } => Auth::Basic { user, password, placement },
        other => other,
    }
}

/// Implements the methods for a client with `shared: Arc<Shared<Settings>>` and
/// `target: Arc<Target>`, in a module that has `settings::read`.
macro_rules! client_methods {
    ($type:ident, $defaults:expr) => {
        impl $type {
            /// A client for a DSN or a [`Config`](crate::Config). Opens nothing.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the DSN cannot be read, or the
            /// configuration is not one of an HTTP server of this generation.
            pub fn new(
                config: impl TryInto<$crate::Config, Error: Into<$crate::ConfigError>>,
            ) -> Result<Self, $crate::Error> {
                Self::build(config.try_into().map_err(Into::into)?, |config, defaults| {
                    let settings = settings::read(config, defaults)?;
                    Ok((settings, $crate::connect::http(config, defaults)?))
                })
            }

            /// A client over a transport of your own, such as a `MemoryTransport` or an `Arc` of
            /// one in a test.
            ///
            /// The address of the configuration then appears only in the requests. A setting that
            /// only a socket of this crate has is refused by name.
            ///
            /// # Errors
            ///
            /// As [`Client::new`].
            pub fn with_transport(
                config: impl TryInto<$crate::Config, Error: Into<$crate::ConfigError>>,
                transport: impl influx_transport::Transport<
                    Request = http::Request<bytes::Bytes>,
                    Response = http::Response<influx_transport::http::HttpBody>,
                >,
            ) -> Result<Self, $crate::Error> {
                Self::build(config.try_into().map_err(Into::into)?, |config, defaults| {
                    $crate::connect::check_own_transport(config)?;
                    let settings = settings::read(config, defaults)?;
                    Ok((settings, influx_transport::BoxTransport::new(transport)))
                })
            }

            /// Builds a client; each error names the host.
            fn build(
                config: $crate::Config,
                parts: impl FnOnce(
                    &$crate::Config,
                    &$crate::connect::Defaults,
                )
                    -> Result<(Settings, $crate::exchange::HttpTransport), $crate::Error>,
            ) -> Result<Self, $crate::Error> {
                let defaults = $defaults;
                let host = $crate::connect::named_host(&config, &defaults);
                let parts = parts(&config, &defaults);
                let client = parts.and_then(|parts| Self::of_parts(config, &defaults, parts));
                client.map_err(|error| match host {
                    Some(host) => error.at(&host),
                    None => error,
                })
            }

            /// The same server and connections with other credentials.
            #[must_use]
            pub fn with_auth(&self, auth: influx_proto::Auth) -> Self {
                let auth = $crate::client::place(auth, self.shared.settings.placement);
                let target = influx_proto::Target::clone(&self.target).with_auth(auth);
                Self { target: std::sync::Arc::new(target), ..self.clone() }
            }

            /// The database of the configuration. Asks nothing.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::NoDatabase`](crate::ErrorKind::NoDatabase) if the configuration names
            /// none.
            pub fn default_database(&self) -> Result<Database, $crate::Error> {
                let name = self.config().database.as_deref();
                let missing = || $crate::Error::no_database().at(self.shared.exchange.host());
                Ok(self.database(name.ok_or_else(missing)?))
            }

            /// Opens one connection now, instead of with the first call.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the server cannot be
            /// reached.
            ///
            /// # Cancel safety
            ///
            /// Safe: a dropped call closes what it opened.
            pub async fn connect(&self) -> Result<(), $crate::Error> {
                self.shared.exchange.connect().await
            }

            /// Closes the idle connections. Calls that are under way go on; later ones open new
            /// ones.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) as the transport says.
            ///
            /// # Cancel safety
            ///
            /// Safe: what is not closed yet stays open.
            pub async fn disconnect(&self) -> Result<(), $crate::Error> {
                self.shared.exchange.disconnect().await
            }

            /// Carries out any operation, also one of your own.
            ///
            /// All methods of this client and its handles come down to this one.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Request`](crate::ErrorKind::Request) if it cannot be sent,
            /// [`ErrorKind::Server`](crate::ErrorKind::Server) if the server refuses,
            /// [`ErrorKind::Transport`](crate::ErrorKind::Transport) if the connection fails,
            /// [`ErrorKind::Response`](crate::ErrorKind::Response) if the answer is unreadable,
            /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if all of it takes too long.
            ///
            /// # Cancel safety
            ///
            /// Dropping the call closes its connection; whether the server carries it out is
            /// unknown.
            pub async fn execute<O: influx_proto::Operation>(
                &self,
                operation: &O,
            ) -> Result<O::Output, $crate::Error> {
                self.call(operation, None).await
            }

            pub(super) async fn call<O: influx_proto::Operation>(
                &self,
                operation: &O,
                limit: Option<std::time::Duration>,
            ) -> Result<O::Output, $crate::Error> {
                self.shared.exchange.call(operation, &self.target, limit).await
            }

            /// Runs a query whose answer is read piece by piece.
            pub(super) async fn open_answer<O: influx_proto::Operation>(
                &self,
                query: &O,
                options: influx_proto::decode::DecodeOptions,
                limit: Option<std::time::Duration>,
            ) -> Result<$crate::cursor::Answer, $crate::Error> {
                self.shared.exchange.open_answer(query, &self.target, options, limit).await
            }

            pub(super) fn config(&self) -> &$crate::Config {
                &self.shared.config
            }
        }
    };
}
pub(crate) use client_methods;
