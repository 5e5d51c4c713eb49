//! Certificates, keys and authorities, from texts and files in the PEM format.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::sign::CertifiedKey;
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
    /// [`ErrorKind::Invalid`]: a text holds no certificate or no key, or an unreadable or encrypted
    /// one, or the key is that of another certificate.
    pub fn from_pem(certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(chain(certificate.as_ref())?, private_key(key.as_ref())?)
    }

    /// Reads files as [`from_pem`](Self::from_pem) reads texts, now and only once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`], with the name of the file: it cannot be read, or has one of the faults
    /// of such a text.
    pub fn from_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, Error> {
        let chain = read(certificate.as_ref(), chain)?;
        read(key.as_ref(), |pem| Self::new(chain, private_key(pem)?))
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, Error> {
        CertifiedKey::from_der(chain.clone(), key.clone_key(), &ring::default_provider())
            .map_err(|error| invalid(MISMATCH, error))?;
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
    match found {
        Ok(found) if found.is_empty() => Err(unusable(reason(
            pem,
            &INSTEAD_OF_CERTIFICATE,
            "holds no certificate in the PEM format",
        ))),
        found => found.map_err(|error| invalid("not valid PEM", error)),
    }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
    // The cause is not kept: it might quote the key.
    PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        unusable(reason(pem, &INSTEAD_OF_KEY, "holds no private key in the PEM format"))
    })
}

/// Why a text is of no use: a part of it, with the reason that follows, or `otherwise`.
fn reason(pem: &[u8], parts: &[(&str, &'static str)], otherwise: &'static str) -> &'static str {
    match pem.trim_ascii_start() {
        [] => "is empty",
        // The first byte of a sequence in DER.
        [0x30, ..] => "is in a binary format (DER or PKCS #12), not in the PEM format",
        text => {
            let text = String::from_utf8_lossy(text);
            let found = parts.iter().find(|(part, _)| text.contains(part));
            found.map_or(otherwise, |(_, reason)| reason)
        }
    }
}

/// The labels of RFC 7468 and of OpenSSL for blocks that are not certificates.
const INSTEAD_OF_CERTIFICATE: [(&str, &str); 5] = [
    ("CERTIFICATE REQUEST-----", "holds a certificate request instead of a certificate"),
    ("BEGIN TRUSTED CERTIFICATE-----", "holds a certificate with additions of OpenSSL"),
    ("BEGIN X509 CRL-----", "holds a revocation list instead of a certificate"),
    ("PRIVATE KEY-----", "holds a private key instead of a certificate"),
    ("BEGIN PUBLIC KEY-----", "holds a public key instead of a certificate"),
];

/// The labels for blocks that are not private keys, or not usable ones.
const INSTEAD_OF_KEY: [(&str, &str); 7] = [
    ("BEGIN ENCRYPTED PRIVATE KEY-----", ENCRYPTED),
    ("Proc-Type: 4,ENCRYPTED", ENCRYPTED),
    ("BEGIN OPENSSH PRIVATE KEY-----", "holds a private key in the format of OpenSSH, not PKCS #8"),
    ("PRIVATE KEY-----", "holds a private key that is not valid PEM"),
    ("CERTIFICATE REQUEST-----", "holds a certificate request instead of a private key"),
    ("CERTIFICATE-----", "holds a certificate instead of a private key"),
    ("PUBLIC KEY-----", "holds a public key instead of a private key"),
];

pub(super) const MISMATCH: &str = "the certificate cannot be used with this private key";

const ENCRYPTED: &str = "holds an encrypted private key: decrypt it, as with `openssl pkey`";

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
