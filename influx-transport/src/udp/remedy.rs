//! Remedies for a datagram that the system does not take.

use std::io;
use std::time::Duration;

use crate::Backoff;

/// The pause before the next attempt after this failure of an attempt, of which the first is 0;
/// `None` gives the datagram up. Most failures have no remedy.
pub(super) fn remedy(attempt: u32, failure: io::Error) -> io::Result<Option<Duration>> {
    let refused = is_refusal(&failure);
    let no_buffer = failure.raw_os_error() == Some(ENOBUFS);
    if !refused && !no_buffer {
        return Err(failure);
    }
    let pause = if refused { Duration::ZERO } else { PAUSES.longest(attempt) };
    Ok((attempt < ATTEMPTS).then_some(pause))
}

/// Whether the host reported a port without a listener. That concerns an earlier datagram; this one
/// was not sent.
pub(super) fn is_refusal(failure: &io::Error) -> bool {
    failure.kind() == io::ErrorKind::ConnectionRefused
}

/// Whether the datagram is larger than the system can send to this peer.
pub(super) fn is_too_large(failure: &io::Error) -> bool {
    failure.raw_os_error() == Some(EMSGSIZE)
}

/// The largest payload of a UDP datagram over IPv4, in bytes.
pub(super) const MAX_PAYLOAD: usize = 65_507;

/// The attempts after the first one.
const ATTEMPTS: u32 = 3;

/// The pauses before them, for a buffer to become free.
const PAUSES: Backoff = Backoff::new(Duration::from_millis(2), Duration::from_millis(8));

/// The system has no buffer left. The standard library has no name for this error.
const ENOBUFS: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    105
} else if cfg!(windows) {
    10_055
} else {
    55
};

/// A message is too long. The standard library has no name for this error either.
const EMSGSIZE: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    90
} else if cfg!(windows) {
    10_040
} else {
    40
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_three_times_more() {
        let check = |failure: fn() -> io::Error, millis: [u64; 3]| {
            let found = [0, 1, 2, 3].map(|attempt| remedy(attempt, failure()).unwrap());
            let [first, second, third] = millis.map(|millis| Some(Duration::from_millis(millis)));
            assert_eq!(found, [first, second, third, None]);
        };
        let no_buffer = || io::Error::from_raw_os_error(ENOBUFS);
        check(no_buffer, [2, 4, 8]);
        let refused = || io::ErrorKind::ConnectionRefused.into();
        check(refused, [0, 0, 0]);
        remedy(0, io::ErrorKind::PermissionDenied.into()).unwrap_err();
    }
}
