//! Why a certificate cannot be trusted.

use std::fmt;

/// Why the certificate of a peer cannot be trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// Something else than its name's authority signed it, or it was changed since.
    BadSignature,
    /// Its time is over, or the clock of this machine is ahead.
    Expired,
    /// The peer has none.
    Missing,
    /// Its time has not come, or the clock of this machine is behind.
    NotYetValid,
    /// It is for other names or addresses than the one that was asked for. A certificate for a
    /// name does not serve for the address to which the name leads, nor the other way round.
    OtherName,
    /// Its authority took it back.
    Revoked,
    /// It cannot be read, or is not meant for this use.
    Unsuitable,
    /// No authority that is trusted here issued it: the authority is another one, or the
    /// certificate vouches for itself.
    UnknownIssuer,
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadSignature => "its signature is wrong",
            Self::Expired => "it has expired",
            Self::Missing => "there is none",
            Self::NotYetValid => "it is not valid yet",
            Self::OtherName => "it is for another name",
            Self::Revoked => "it is revoked",
            Self::Unsuitable => "it is not valid for this use",
            Self::UnknownIssuer => "its issuer is unknown",
        })
    }
}
