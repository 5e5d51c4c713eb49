//! Advice for errors of encryption.

use influx_transport::{CertificateFault, ErrorKind, Phase};

/// How a person can correct an error of a handshake or of a certificate.
pub(super) fn hint(kind: ErrorKind, phase: Phase) -> Option<&'static str> {
    match kind {
        ErrorKind::Certificate(fault) => Some(of_certificate(fault)),
        ErrorKind::Invalid(_) if phase == Phase::Handshake => Some(
            "let tls_ca name a readable PEM file with the certificates of authorities, and \
             tls_certificate and tls_key those with the client's own certificate and unencrypted \
             key",
        ),
        ErrorKind::Protocol if phase == Phase::Handshake => {
            Some("use influxdb:// if the server does not encrypt, or correct host and port")
        }
        _ => None,
    }
}

fn of_certificate(fault: CertificateFault) -> &'static str {
    match fault {
        CertificateFault::Authority => {
            "give the server a certificate with CA:FALSE; for tests: openssl req -x509 -nodes \
             -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout key.pem -out cert.pem -subj \
             /CN=HOST -addext subjectAltName=DNS:HOST -addext basicConstraints=critical,CA:FALSE, \
             and name cert.pem by tls_ca"
        }
        CertificateFault::BadSignature => {
            "let tls_ca name the present certificate of the authority: another one of that name, \
             with another key, signed the server's"
        }
        CertificateFault::ChainTooLong => {
            "let the server send its own certificate and only those that lead from it to the \
             authority, 6 at most"
        }
        CertificateFault::Demanded => {
            "let tls_certificate and tls_key name a certificate for this client and its key"
        }
        CertificateFault::Expired => {
            "renew the certificate of the server, or correct the clock of this machine"
        }
        CertificateFault::Missing => "configure a certificate on the server",
        CertificateFault::NotYetValid => {
            "correct the clock of this machine, or wait until the certificate is valid"
        }
        CertificateFault::OtherName => {
            "connect to a name or address that the certificate has, or let tls_server_name name \
             it; a certificate without a subjectAltName has none"
        }
        CertificateFault::Refused => {
            "let tls_certificate name a valid certificate of an authority that the server trusts"
        }
        CertificateFault::Revoked => {
            "get another certificate for the server: its issuer withdrew this one"
        }
        CertificateFault::Unsuitable => {
            "get a certificate for the server that is meant for servers (serverAuth) and signed by \
             a present algorithm"
        }
        _ => {
            "let tls_ca name the certificate of the server's authority, or the server's own one if \
             it is self-signed"
        }
    }
}
