//! Whom a client trusts, and as whom it introduces itself.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;

use super::TlsIdentity;
#[cfg(feature = "dangerous-no-verification")]
use super::no_verification::NoVerification;
use super::pem::{authorities, invalid, read};
use crate::Error;

/// Whom a [`TlsConnector`](crate::tls::TlsConnector) trusts, and as whom it introduces itself.
///
/// `Debug` does not show the key.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    pub(super) server_name: Option<ServerName<'static>>,
    pub(super) handshake_timeout: Duration,
    trust: Trust,
    identity: Option<TlsIdentity>,
}

impl TlsOptions {
    /// Trusts these authorities, given in the PEM format, instead of those that the system trusts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the text holds no certificate, or one
    /// that cannot be read.
    pub fn ca_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        self.trust = Trust::Authorities(Arc::new(authorities(pem.as_ref())?));
        Ok(self)
    }

    /// As [`ca_pem`](Self::ca_pem), with the content of a file, which is read here and now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the file cannot be read, holds no
    /// certificate, or one that cannot be read.
    pub fn ca_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.ca_pem(read(path, "the CA file cannot be read")?)
    }

    /// Introduces the client as this to servers that ask.
    #[must_use]
    pub fn identity(mut self, identity: TlsIdentity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The name or address that the server's certificate must have, if it is not that of the host
    /// to which to connect.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): it is neither a name nor an address.
    pub fn server_name(mut self, name: &str) -> Result<Self, Error> {
        self.server_name = Some(server_name(name)?);
        Ok(self)
    }

    /// How long the handshake may take. Default: 10 s.
    #[must_use]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.handshake_timeout = limit;
        self
    }

    /// **Trusts whoever answers.** Anybody on the way to the server can then read and change all
    /// that is said, passwords included: the encryption keeps out only those who do nothing but
    /// listen. It is for measurements and for a look at a server whose certificate is broken.
    ///
    /// To reach a server whose certificate the system does not trust, give that certificate's
    /// authority to [`ca_pem`](Self::ca_pem) instead; if the certificate is for another name, give
    /// that to [`server_name`](Self::server_name).
    #[cfg(feature = "dangerous-no-verification")]
    #[must_use]
    pub fn dangerously_trust_anybody(mut self) -> Self {
        self.trust = Trust::Anybody;
        self
    }

    pub(super) fn into_config(self) -> Result<ClientConfig, Error> {
        // The provider is passed by value: a process-wide one would be everybody's choice.
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("no version of TLS is available", error))?;
        let builder = match self.trust {
            Trust::System => builder.with_platform_verifier().map_err(|error| {
                invalid(
                    "the system trusts no authority; install ca-certificates or name one",
                    error,
                )
            })?,
            Trust::Authorities(roots) => builder.with_root_certificates(roots),
            #[cfg(feature = "dangerous-no-verification")]
            Trust::Anybody => {
                let verifier = NoVerification(Arc::clone(builder.crypto_provider()));
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
            }
        };
        match self.identity.as_ref().map(TlsIdentity::parts) {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|error| {
                invalid("the certificate cannot be used with this private key", error)
            }),
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            server_name: None,
            handshake_timeout: Duration::from_secs(10),
            trust: Trust::System,
            identity: None,
        }
    }
}

/// The name that a server's certificate must have.
pub(super) fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    ServerName::try_from(name.to_owned())
        .map_err(|error| invalid("the host cannot stand in a certificate", error))
}

#[derive(Clone)]
enum Trust {
    System,
    Authorities(Arc<RootCertStore>),
    #[cfg(feature = "dangerous-no-verification")]
    Anybody,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("System"),
            // Their certificates would fill pages.
            Self::Authorities(roots) => f.debug_tuple("Authorities").field(&roots.len()).finish(),
            #[cfg(feature = "dangerous-no-verification")]
            Self::Anybody => f.write_str("Anybody"),
        }
    }
}
