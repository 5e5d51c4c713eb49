//! The client role.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;

use super::certificates::invalid;
use super::failure::classify;
use super::options::TlsOptions;
use super::stream::TlsStream;
use crate::connect::deadline;
use crate::{Connect, Endpoint, Error, Phase};

/// Encrypts another connector's streams with TLS 1.2 or 1.3.
///
/// The peer must prove that it is the configured host, by a certificate of an authority that the
/// system or the [`TlsOptions`] trust. The name is never taken from the peer, and the connector
/// never falls back to a connection without encryption. It asks a known server to resume the
/// session, which saves most of the handshake. The clones of a connector share its sessions; no
/// process-wide setting is touched.
///
/// ```
/// use influx_transport::Connect;
/// use influx_transport::tcp::TcpConnector;
/// use influx_transport::tls::{TlsAuthorities, TlsConnector, TlsOptions};
/// use tokio::io::AsyncWriteExt;
///
/// async fn example(ca: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
///     let connector = TcpConnector::new("metrics.example.org", 5556)?;
///     let mut options = TlsOptions::default();
///     options.authorities = Some(TlsAuthorities::from_pem(ca)?);
///     let mut stream = TlsConnector::with_options(connector, options)?.connect().await?;
///     stream.write_all(b"encrypted").await?;
///     stream.shutdown().await?;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct TlsConnector<C> {
    connector: C,
    tls: tokio_rustls::TlsConnector,
    server_name: ServerName<'static>,
    handshake_timeout: Duration,
}

impl<C: Connect> TlsConnector<C> {
    /// Encrypts this connector's streams, with the default options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the system has no list of trusted
    /// authorities, or the host is neither a name nor an address.
    pub fn new(connector: C) -> Result<Self, Error> {
        Self::with_options(connector, TlsOptions::default())
    }

    /// Encrypts this connector's streams, with these options.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the certificate does not belong to the key,
    /// the system has no list of trusted authorities, or the host or server name is neither a name
    /// nor an address.
    pub fn with_options(connector: C, options: TlsOptions) -> Result<Self, Error> {
        let host = connector.endpoint().host();
        let name = options.server_name.as_deref().unwrap_or(host).to_owned();
        let server_name = ServerName::try_from(name)
            .map_err(|error| invalid("the host is neither a name nor an address", error))?;
        let handshake_timeout = options.handshake_timeout;
        let tls = Arc::new(options.into_config()?).into();
        Ok(Self { connector, tls, server_name, handshake_timeout })
    }
}

impl<C: Connect> Connect for TlsConnector<C> {
    type Stream = TlsStream<C::Stream>;

    async fn connect(&self) -> Result<Self::Stream, Error> {
        let stream = self.connector.connect().await?;
        let endpoint = self.endpoint();
        deadline(self.handshake_timeout, Phase::Handshake, endpoint, async {
            match self.tls.connect(self.server_name.clone(), stream).await {
                Ok(stream) => Ok(TlsStream::new(stream)),
                Err(error) => Err(classify(error, endpoint)),
            }
        })
        .await
    }

    fn endpoint(&self) -> &Endpoint {
        self.connector.endpoint()
    }
}

impl<C: fmt::Debug> fmt::Debug for TlsConnector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnector")
            .field("connector", &self.connector)
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}
