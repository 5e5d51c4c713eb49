//! As whom a server introduces itself, and whom it lets in.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use super::TlsIdentity;
use super::pem::{authorities, invalid, read};
use crate::Error;

/// As whom a [`TlsListener`](crate::tls::TlsListener) introduces itself, and whom it lets in.
///
/// `Debug` does not show the key.
#[derive(Clone, Debug)]
pub struct TlsServerOptions {
    pub(super) handshake_timeout: Duration,
    pub(super) max_handshakes: usize,
    identity: TlsIdentity,
    client_roots: Option<Arc<RootCertStore>>,
}

impl TlsServerOptions {
    /// Introduces itself as this, and lets anybody in.
    pub fn new(identity: TlsIdentity) -> Self {
        Self {
            handshake_timeout: Duration::from_secs(10),
            max_handshakes: 256,
            identity,
            client_roots: None,
        }
    }

    /// Lets only clients in that have a certificate of one of these authorities, given in the PEM
    /// format.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the text holds no certificate, or one
    /// that cannot be read.
    pub fn client_ca_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        self.client_roots = Some(Arc::new(authorities(pem.as_ref())?));
        Ok(self)
    }

    /// As [`client_ca_pem`](Self::client_ca_pem), with the content of a file, which is read here
    /// and now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): the file cannot be read, holds no
    /// certificate, or one that cannot be read.
    pub fn client_ca_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.client_ca_pem(read(path, "the CA file cannot be read")?)
    }

    /// How long a handshake may take. Default: 10 s.
    #[must_use]
    pub fn handshake_timeout(mut self, limit: Duration) -> Self {
        self.handshake_timeout = limit;
        self
    }

    /// How many peers may be in their handshake at once, at least 1; more wait in the queue of the
    /// listener below. Default: 256.
    #[must_use]
    pub fn max_handshakes(mut self, limit: usize) -> Self {
        self.max_handshakes = limit.max(1);
        self
    }

    pub(super) fn into_config(self) -> Result<ServerConfig, Error> {
        // The provider is passed by value: a process-wide one would be everybody's choice.
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("no version of TLS is available", error))?;
        let builder = match self.client_roots {
            Some(roots) => {
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                let verifier = verifier.build();
                builder.with_client_cert_verifier(
                    verifier.map_err(|error| invalid("the CA file cannot be used", error))?,
                )
            }
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = self.identity.parts();
        builder
            .with_single_cert(chain, key)
            .map_err(|error| invalid("the certificate cannot be used with this private key", error))
    }
}
