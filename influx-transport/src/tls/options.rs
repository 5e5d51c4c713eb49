//! The settings of both roles.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ServerConfig};
use rustls_platform_verifier::BuilderVerifierExt;

use super::certificates::{MISMATCH, TlsAuthorities, TlsIdentity, invalid};
#[cfg(feature = "dangerous-no-verification")]
use super::no_verification::NoVerification;
use crate::Error;

/// The settings of a [`TlsConnector`](super::TlsConnector): trusted authorities, client
/// certificate, server name.
///
/// ```no_run
/// use influx_transport::tls::{TlsAuthorities, TlsIdentity, TlsOptions};
///
/// let mut options = TlsOptions::default();
/// options.authorities = Some(TlsAuthorities::from_file("ca.pem")?);
/// options.identity = Some(TlsIdentity::from_files("client.pem", "client.key")?);
/// # Ok::<(), influx_transport::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TlsOptions {
    /// The trusted authorities. Default: `None`, those that the system trusts.
    pub authorities: Option<TlsAuthorities>,
    /// The certificate and key for servers that demand them. Default: `None`.
    pub identity: Option<TlsIdentity>,
    /// The name or address that the server's certificate must have. Default: `None`, that of the
    /// host to connect to.
    pub server_name: Option<String>,
    /// The longest time until the handshake is done. Default: 10 s.
    pub handshake_timeout: Duration,
    /// **Accepts every certificate.** Any machine on the way to the server can then read and change
    /// all traffic, passwords included: the encryption keeps out only those that do no more than
    /// listen. It is for measurements and for a look at a server whose certificate is broken.
    /// Default: no.
    ///
    /// To reach a server whose certificate the system does not trust, set
    /// [`authorities`](Self::authorities) to the issuer instead; if the certificate is for another
    /// name, set [`server_name`](Self::server_name).
    #[cfg(feature = "dangerous-no-verification")]
    pub dangerously_trust_anybody: bool,
}

impl TlsOptions {
    pub(super) fn into_config(self) -> Result<ClientConfig, Error> {
        // The provider is passed by value: a process-wide one would be chosen for all crates.
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("no version of TLS is available", error))?;
        #[cfg(feature = "dangerous-no-verification")]
        let trust_any = self.dangerously_trust_anybody.then(|| {
            let verifier = NoVerification(Arc::clone(builder.crypto_provider()));
            builder.clone().dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        });
        #[cfg(not(feature = "dangerous-no-verification"))]
        let trust_any = None;
        let builder = match (trust_any, self.authorities) {
            (Some(builder), _) => builder,
            (None, Some(TlsAuthorities(roots))) => builder.with_root_certificates(roots),
            (None, None) => builder.with_platform_verifier().map_err(|error| {
                let reason = "the system trusts no authority: install the package \
                              ca-certificates, or name an authority";
                invalid(reason, error)
            })?,
        };
        match self.identity.as_ref().map(TlsIdentity::parts) {
            Some((chain, key)) => {
                builder.with_client_auth_cert(chain, key).map_err(|error| invalid(MISMATCH, error))
            }
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            authorities: None,
            identity: None,
            server_name: None,
            handshake_timeout: Duration::from_secs(10),
            #[cfg(feature = "dangerous-no-verification")]
            dangerously_trust_anybody: false,
        }
    }
}

/// The settings of a [`TlsListener`](super::TlsListener).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TlsServerOptions {
    /// The certificate and key of the server.
    pub identity: TlsIdentity,
    /// The authorities of which each client must present a certificate. Default: `None`, clients
    /// need no certificate.
    pub client_authorities: Option<TlsAuthorities>,
    /// The longest time until a handshake is done. Default: 10 s.
    pub handshake_timeout: Duration,
    /// The number of peers that may be in their handshake at once, at least 1; further ones wait in
    /// the queue of the listener below. Default: 256.
    pub max_handshakes: usize,
}

impl TlsServerOptions {
    /// The default options of a server with this certificate.
    pub fn new(identity: TlsIdentity) -> Self {
        Self {
            identity,
            client_authorities: None,
            handshake_timeout: Duration::from_secs(10),
            max_handshakes: 256,
        }
    }

    pub(super) fn into_config(self) -> Result<ServerConfig, Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("no version of TLS is available", error))?;
        let builder = match self.client_authorities {
            Some(TlsAuthorities(roots)) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(roots, provider)
                    .build()
                    .map_err(|error| invalid("the client authorities cannot be used", error))?,
            ),
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = self.identity.parts();
        builder.with_single_cert(chain, key).map_err(|error| invalid(MISMATCH, error))
    }
}
