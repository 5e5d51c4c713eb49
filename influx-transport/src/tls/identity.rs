//! As whom a program introduces itself.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::pem::{certificates, invalid, read, unusable};
use crate::Error;

/// A certificate and its private key: what a server, or a client that is asked, shows to its peer.
///
/// Both are texts in the PEM format. Clones share them; `Debug` does not show the key.
#[derive(Clone)]
pub struct TlsIdentity(Arc<Parts>);

impl TlsIdentity {
    /// The certificate, followed by those that lead from it to an authority that the peer knows,
    /// and the certificate's private key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): a text holds no certificate or no key, or
    /// one that cannot be read.
    pub fn from_pem(chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let chain = certificates(chain.as_ref(), "the certificate is not valid PEM")?;
        if chain.is_empty() {
            return Err(unusable("the certificate file holds no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key.as_ref())
            .map_err(|error| invalid("the private key is not valid PEM", error))?;
        Ok(Self(Arc::new(Parts { chain, key })))
    }

    /// As [`from_pem`](Self::from_pem), with the contents of files, which are read here and now.
    /// One file may hold both.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid): a file cannot be read, holds no
    /// certificate or no key, or one that cannot be read.
    pub fn from_files(chain: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, Error> {
        let chain = read(chain, "the certificate file cannot be read")?;
        let key = read(key, "the private key file cannot be read")?;
        Self::from_pem(chain, key)
    }

    /// What rustls takes.
    pub(super) fn parts(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.0.chain.clone(), self.0.key.clone_key())
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsIdentity")
            .field("certificates", &self.0.chain.len())
            .finish_non_exhaustive()
    }
}

struct Parts {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}
