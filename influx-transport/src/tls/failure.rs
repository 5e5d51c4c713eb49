//! Why a handshake failed.

use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::{CertificateFault, Endpoint, Error, ErrorKind, Phase};

pub(super) fn classify(error: io::Error, endpoint: &Endpoint) -> Error {
    let tls = error.get_ref().and_then(|cause| cause.downcast_ref());
    let kind = match tls {
        Some(rustls::Error::InvalidCertificate(error)) => ErrorKind::Certificate(fault(error)),
        Some(rustls::Error::NoCertificatesPresented) => {
            ErrorKind::Certificate(CertificateFault::Missing)
        }
        // What came is no TLS at all, or of a version that is broken.
        Some(
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
            | rustls::Error::InvalidMessage(_)
            | rustls::Error::PeerIncompatible(_),
        ) => ErrorKind::Protocol,
        Some(_) => ErrorKind::Io,
        None => ErrorKind::of_io(&error),
    };
    Error::new(kind, Phase::Handshake).with_endpoint(endpoint).with_source(error)
}

fn fault(error: &CertificateError) -> CertificateFault {
    use CertificateError as Certificate;

    match error {
        Certificate::BadSignature => CertificateFault::BadSignature,
        Certificate::Expired | Certificate::ExpiredContext { .. } => CertificateFault::Expired,
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            CertificateFault::OtherName
        }
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            CertificateFault::NotYetValid
        }
        Certificate::Revoked => CertificateFault::Revoked,
        Certificate::UnknownIssuer => CertificateFault::UnknownIssuer,
        _ => CertificateFault::Unsuitable,
    }
}
