//! Reads certificates from texts in the PEM format.

use std::error::Error as StdError;
use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::{Error, ErrorKind, Phase};

/// The authorities in this text, at least one.
pub(super) fn authorities(pem: &[u8]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, "the CA file is not valid PEM")? {
        let added = roots.add(certificate);
        added.map_err(|error| invalid("the CA certificate cannot be used", error))?;
    }
    if roots.is_empty() {
        return Err(unusable("the CA file holds no certificate"));
    }
    Ok(roots)
}

/// The content of a file, whose name is in the error's source.
pub(super) fn read(path: impl AsRef<Path>, reason: &'static str) -> Result<Vec<u8>, Error> {
    let path = path.as_ref();
    std::fs::read(path).map_err(|error| {
        let named = format!("{}: {error}", path.display());
        invalid(reason, io::Error::new(error.kind(), named))
    })
}

pub(super) fn certificates(
    pem: &[u8],
    reason: &'static str,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>();
    certificates.map_err(|error| invalid(reason, error))
}

pub(super) fn invalid(
    reason: &'static str,
    source: impl StdError + Send + Sync + 'static,
) -> Error {
    unusable(reason).with_source(source)
}

pub(super) fn unusable(reason: &'static str) -> Error {
    Error::new(ErrorKind::Invalid(reason), Phase::Handshake)
}
