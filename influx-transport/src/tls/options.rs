//! Whom to trust, and as whom.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::{Error, ErrorKind, Phase};

/// Whom a [`TlsConnector`](crate::TlsConnector) trusts, and as whom it introduces itself.
///
/// Certificates and keys are texts in the PEM format. `Debug` does not show the key.
#[derive(Clone)]
pub struct TlsOptions {
    pub(super) server_name: Option<ServerName<'static>>,
    pub(super) handshake_timeout: Duration,
    roots: Option<Arc<RootCertStore>>,
    client: Option<Arc<ClientCertificate>>,
}

impl TlsOptions {
    /// Trusts these authorities instead of those that the system trusts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`]: the text holds no certificate, or one that cannot be read.
    pub fn ca_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(pem.as_ref(), "the CA file is not valid PEM")? {
            let added = roots.add(certificate);
            added.map_err(|error| invalid("the CA certificate cannot be used", error))?;
        }
        if roots.is_empty() {
            return Err(none("the CA file holds no certificate"));
        }
        self.roots = Some(Arc::new(roots));
        Ok(self)
    }

    /// As [`ca_pem`](Self::ca_pem), with the content of a file, which is read here and now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`]: the file cannot be read, holds no certificate, or one that cannot be
    /// read.
    pub fn ca_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        match std::fs::read(path) {
            Ok(pem) => self.ca_pem(pem),
            Err(error) => Err(invalid("the CA file cannot be read", error)),
        }
    }

    /// Introduces the client to servers that ask: its certificate, followed by those that lead to
    /// an authority that the server knows, and its private key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`]: a text holds no certificate or no key, or one that cannot be read.
    pub fn client_certificate_pem(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, Error> {
        let chain = certificates(chain.as_ref(), "the client certificate is not valid PEM")?;
        if chain.is_empty() {
            return Err(none("the client certificate file holds no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key.as_ref())
            .map_err(|error| invalid("the client key is not valid PEM", error))?;
        self.client = Some(Arc::new(ClientCertificate { chain, key }));
        Ok(self)
    }

    /// The name or address that the server's certificate must have, if it is not that of the host
    /// to which to connect.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`]: it is neither a name nor an address.
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

    pub(super) fn into_config(self) -> Result<ClientConfig, Error> {
        // The provider is passed by value: a process-wide one would be everybody's choice.
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("no version of TLS is available", error))?;
        let builder = match self.roots {
            Some(roots) => builder.with_root_certificates(roots),
            None => builder.with_platform_verifier().map_err(|error| {
                invalid(
                    "the system trusts no authority; install ca-certificates or name one",
                    error,
                )
            })?,
        };
        match self.client {
            Some(client) => builder
                .with_client_auth_cert(client.chain.clone(), client.key.clone_key())
                .map_err(|error| invalid("the client certificate cannot be used", error)),
            None => Ok(builder.with_no_client_auth()),
        }
    }
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            server_name: None,
            handshake_timeout: Duration::from_secs(10),
            roots: None,
            client: None,
        }
    }
}

impl fmt::Debug for TlsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsOptions")
            .field("server_name", &self.server_name)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("authorities", &self.roots.as_ref().map(|roots| roots.len()))
            .field("client_certificate", &self.client.is_some())
            .finish()
    }
}

/// The name that a server's certificate must have.
pub(super) fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    ServerName::try_from(name.to_owned())
        .map_err(|error| invalid("the host cannot stand in a certificate", error))
}

struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn certificates(pem: &[u8], reason: &'static str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>();
    certificates.map_err(|error| invalid(reason, error))
}

fn none(reason: &'static str) -> Error {
    Error::new(ErrorKind::Invalid(reason), Phase::Handshake)
}

fn invalid(reason: &'static str, source: impl StdError + Send + Sync + 'static) -> Error {
    none(reason).with_source(source)
}
