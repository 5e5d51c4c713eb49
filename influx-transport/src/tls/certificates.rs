//! Certificates, keys and authorities, from texts and files in the PEM format.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::{Error, ErrorKind, Phase};

/// The certificate and the private key that a program presents to its peers.
///
/// Clones share them; `Debug` does not show the key.
#[derive(Clone)]
pub struct TlsIdentity(Arc<Parts>);

impl TlsIdentity {
    /// Reads texts in the PEM format: `certificate` holds the certificate, followed by those that
    /// lead from it to an authority that the peer knows, and `key` the private key. One text may
    /// hold both.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`]: a text holds no certificate or no key, or an unreadable one.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let (chain, key) = (chain(certificate.as_ref())?, private_key(key.as_ref())?);
        Ok(Self(Arc::new(Parts { chain, key })))
    }

    /// Reads files as [`from_pem`](Self::from_pem) reads texts, now and only once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`], with the name of the file: it cannot be read, or holds no certificate
    /// or no key, or an unreadable one.
    pub fn from_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, Error> {
        let chain = read(certificate.as_ref(), chain)?;
        let key = read(key.as_ref(), private_key)?;
        Ok(Self(Arc::new(Parts { chain, key })))
    }

    /// The form that rustls takes.
    pub(super) fn parts(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.0.chain.clone(), self.0.key.clone_key())
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificates = self.0.chain.len();
        f.debug_struct("TlsIdentity").field("certificates", &certificates).finish_non_exhaustive()
    }
}

struct Parts {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// The certificates of the authorities that a program trusts. Clones share them.
#[derive(Clone)]
pub struct TlsAuthorities(pub(super) Arc<RootCertStore>);

impl TlsAuthorities {
    /// Reads a text in the PEM format with at least one certificate.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`]: the text holds no certificate, or an unreadable one.
    pub fn from_pem(certificates: impl AsRef<[u8]>) -> Result<Self, Error> {
        authorities(certificates.as_ref()).map(|roots| Self(Arc::new(roots)))
    }

    /// Reads a file as [`from_pem`](Self::from_pem) reads a text, now and only once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`], with the name of the file: it cannot be read, or holds no
    /// certificate, or an unreadable one.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        read(path.as_ref(), authorities).map(|roots| Self(Arc::new(roots)))
    }
}

impl fmt::Debug for TlsAuthorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The certificates would fill pages.
        f.debug_tuple("TlsAuthorities").field(&self.0.len()).finish()
    }
}

fn authorities(pem: &[u8]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(pem)? {
        let added = roots.add(certificate);
        added.map_err(|error| invalid("unusable as the certificate of an authority", error))?;
    }
    Ok(roots)
}

/// All certificates of a text, at least one.
fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| invalid("not valid PEM", error))?;
    if found.is_empty() {
        Err(unusable("holds no certificate in the PEM format"))
    } else {
        Ok(found)
    }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|error| invalid("holds no private key in the PEM format", error))
}

/// Parses the content of a file, whose name every error has.
fn read<T>(path: &Path, parse: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
    let content = std::fs::read(path).map_err(|error| invalid("cannot be read", error));
    content.and_then(|pem| parse(&pem)).map_err(|error| error.with_file(path))
}

pub(super) fn invalid(
    reason: &'static str,
    source: impl StdError + Send + Sync + 'static,
) -> Error {
    unusable(reason).with_source(source)
}

fn unusable(reason: &'static str) -> Error {
    Error::new(ErrorKind::Invalid(reason), Phase::Handshake)
}
