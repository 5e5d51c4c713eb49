//! Certificates of authorities that exist in the tests only.

use std::sync::Arc;

use influx_transport::tls::{TlsAuthorities, TlsIdentity, TlsOptions, TlsServerOptions};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that issues certificates.
pub(crate) struct Authority(pub(crate) CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("authority")
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn issue(&self, name: &str) -> Issued {
        self.issue_with(name, |_| ())
    }

    pub(crate) fn issue_with(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Issued {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Issued { intermediates: Vec::new(), chain: certificate.pem(), key, certificate }
    }

    /// A certificate below a row of this many intermediate authorities.
    pub(crate) fn issue_below(&self, name: &str, intermediates: usize) -> Issued {
        let mut issued = self.issue(name);
        let mut row: Vec<Self> = Vec::new();
        for index in 0..intermediates {
            let mut params = CertificateParams::new([]).unwrap();
            params.distinguished_name.push(DnType::CommonName, format!("{name} {index}"));
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let (key, above) = (KeyPair::generate().unwrap(), row.last().unwrap_or(self));
            row.push(Self(CertifiedIssuer::signed_by(params, key, &above.0).unwrap()));
        }
        if let Some(last) = row.last() {
            issued = last.issue(name);
        }
        issued.intermediates = row.iter().rev().map(|one| one.0.der().clone()).collect();
        issued
    }

    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }

    pub(crate) fn authorities(&self) -> TlsAuthorities {
        TlsAuthorities::from_pem(self.0.pem()).unwrap()
    }

    /// A client that trusts this authority.
    pub(crate) fn options(&self) -> TlsOptions {
        let mut options = TlsOptions::default();
        options.authorities = Some(self.authorities());
        options
    }

    /// A client that trusts this authority and expects a server of this name.
    pub(crate) fn options_for(&self, name: &str) -> TlsOptions {
        let mut options = self.options();
        options.server_name = Some(name.to_owned());
        options
    }

    /// A client that trusts this authority and presents this certificate.
    pub(crate) fn options_with(&self, identity: TlsIdentity) -> TlsOptions {
        let mut options = self.options();
        options.identity = Some(identity);
        options
    }

    /// A server with a certificate of this authority.
    pub(crate) fn server_options(&self, name: &str) -> TlsServerOptions {
        TlsServerOptions::new(self.issue(name).identity())
    }

    /// The same, which demands a certificate of this authority from each client.
    pub(crate) fn mutual_options(&self, name: &str) -> TlsServerOptions {
        let mut options = self.server_options(name);
        options.client_authorities = Some(self.authorities());
        options
    }
}

pub(crate) struct Issued {
    /// The certificates that lead from this one to the authority, as a server sends them.
    pub(crate) intermediates: Vec<CertificateDer<'static>>,
    pub(crate) chain: String,
    pub(crate) key: KeyPair,
    pub(crate) certificate: Certificate,
}

impl Issued {
    pub(crate) fn identity(&self) -> TlsIdentity {
        TlsIdentity::from_pem(&self.chain, self.key.serialize_pem()).unwrap()
    }
}

pub(crate) fn self_signed(name: &str) -> Issued {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Issued { intermediates: Vec::new(), chain: certificate.pem(), key, certificate }
}

/// The configuration of a server by rustls itself; with `clients`, it demands their certificates.
pub(crate) fn server_config(
    issued: &Issued,
    versions: &[&'static SupportedProtocolVersion],
    clients: Option<&Authority>,
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let roots = authority.roots().into();
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::try_from(issued.key.serialize_der()).unwrap();
    let chain = [&[issued.certificate.der().clone()][..], &issued.intermediates].concat();
    builder.with_single_cert(chain, key).unwrap()
}
