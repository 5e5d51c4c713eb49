//! The meaning of TLS errors.

use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage, OtherError};

use crate::{CertificateFault, Endpoint, Error, ErrorKind, Phase};

/// The error of a client's handshake.
pub(super) fn classify(error: io::Error, endpoint: &Endpoint) -> Error {
    use rustls::Error as Tls;

    let kind = match error.get_ref().and_then(|cause| cause.downcast_ref()) {
        Some(Tls::InvalidCertificate(error)) => ErrorKind::Certificate(fault(error)),
        Some(Tls::InvalidMessage(
            InvalidMessage::CertificatePayloadTooLarge | InvalidMessage::HandshakePayloadTooLarge,
        )) => ErrorKind::Certificate(CertificateFault::ChainTooLong),
        Some(Tls::NoCertificatesPresented) => ErrorKind::Certificate(CertificateFault::Missing),
        // The bytes are not TLS at all, or of an insecure version.
        Some(
            Tls::AlertReceived(AlertDescription::ProtocolVersion)
            | Tls::InvalidMessage(_)
            | Tls::PeerIncompatible(_),
        ) => ErrorKind::Protocol,
        Some(Tls::AlertReceived(alert)) => {
            fault_of_client(*alert).map_or(ErrorKind::Io, ErrorKind::Certificate)
        }
        Some(_) => ErrorKind::Io,
        None => ErrorKind::of_io(&error),
    };
    Error::new(kind, Phase::Handshake).with_endpoint(endpoint).with_source(error)
}

/// The error of a stream whose peer ended the connection by an alert. The library's own error would
/// say that the peer violated the protocol.
pub(super) fn farewell(error: io::Error, is_client: bool) -> io::Error {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let Some(&rustls::Error::AlertReceived(alert)) = cause else { return error };
    // With TLS 1.3 a server refuses a client's certificate after the client's handshake is done.
    let fault = if is_client { fault_of_client(alert) } else { None };
    match fault.map(ErrorKind::Certificate) {
        Some(kind) => {
            let refused = Error::new(kind, Phase::Handshake).with_source(error);
            io::Error::new(io::ErrorKind::ConnectionAborted, refused)
        }
        None => io::Error::new(io::ErrorKind::ConnectionAborted, error),
    }
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
        Certificate::Other(OtherError(error)) => match error.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => CertificateFault::Authority,
            Some(
                webpki::Error::MaximumPathBuildCallsExceeded
                | webpki::Error::MaximumPathDepthExceeded
                | webpki::Error::MaximumSignatureChecksExceeded,
            ) => CertificateFault::ChainTooLong,
            _ => CertificateFault::Unsuitable,
        },
        _ => CertificateFault::Unsuitable,
    }
}

/// The server's reason for refusing the client, if that is the client's certificate.
fn fault_of_client(alert: AlertDescription) -> Option<CertificateFault> {
    use AlertDescription as Alert;

    match alert {
        Alert::CertificateRequired => Some(CertificateFault::Demanded),
        Alert::AccessDenied
        | Alert::BadCertificate
        | Alert::CertificateExpired
        | Alert::CertificateRevoked
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::UnsupportedCertificate => Some(CertificateFault::Refused),
        _ => None,
    }
}
