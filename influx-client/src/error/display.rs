//! The text of an error: host, event, cause.

use std::error::Error as StdError;
use std::fmt;

use influx_proto::Printable;

use super::{Error, ErrorKind, Inner};
use crate::{Sent, Written};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { host, attempts, elapsed, written, sent, .. } = &*self.0;
        if let Some(host) = host {
            write!(f, "{}: ", Printable(host))?;
        }
        self.event(f)?;
        if *attempts > 1 {
            write!(f, "; gave up after {attempts} attempts in {elapsed:.1?}")?;
        }
        if let Some(Written { points, .. }) = written {
            write!(f, "; {points} points before it are stored")?;
        }
        match sent {
            Some(Sent { points, .. }) if *points > 0 => {
                write!(f, "; {points} other points were sent")
            }
            _ => Ok(()),
        }
    }
}

impl Error {
    /// Writes the event and its causes, without the host.
    fn event(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            ErrorKind::NoDatabase => f.write_str("no database is chosen"),
            ErrorKind::Row { series, source } => {
                write!(f, "a row of series {:?} does not fit: {source}", beginning(series))
            }
            ErrorKind::Timeout { limit, last } => {
                write!(f, "the call took longer than its limit of {limit:?}")?;
                match last {
                    Some(last) => {
                        f.write_str("; the attempt before had failed: ")?;
                        last.event(f)
                    }
                    None => Ok(()),
                }
            }
            ErrorKind::TooLarge { what, limit } => {
                write!(f, "the {what} is larger than the limit of {limit} bytes")
            }
            ErrorKind::WrongDialect { found } => {
                write!(f, "the server is of another generation: {}", Printable(beginning(found)))
            }
            _ => self.below().map_or(Ok(()), |error| write_levels(f, error)),
        }
    }
}

/// Writes an error and its cause.
fn write_levels(f: &mut fmt::Formatter<'_>, error: &dyn StdError) -> fmt::Result {
    let text = error.to_string();
    write!(f, "{}", Printable(&text))?;
    let Some(cause) = error.source().map(ToString::to_string) else { return Ok(()) };
    // The transport ends its text in a short form of some causes.
    let end = text.rsplit(": ").next().unwrap_or_default();
    let repeats = cause.get(..end.len()).is_some_and(|head| head.eq_ignore_ascii_case(end));
    if repeats {
        return Ok(());
    }
    // It may quote a peer at length, such as the names in its certificate.
    write!(f, ": {}", Printable(beginning(&cause)))
}

/// The beginning of a text from a peer: at most 1,024 characters.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(1024).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}
