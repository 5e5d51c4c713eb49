//! API calls as values: each builds its request, reads its reply and judges it.

use http::StatusCode;

use super::{Dialect, Outcome, Reply, Request, RequestError, ResponseError, ServerError, Target};

/// One API call as a value.
///
/// It builds its request, reads its reply and knows the effect of a repetition. It does no I/O:
/// any HTTP client can carry it.
///
/// ```
/// use influx_proto::{Operation, Outcome, Reply, Target, v08};
///
/// let target = Target::new("http://localhost:8086".parse()?)?;
/// let request = v08::Ping.request(&target)?;
/// assert_eq!(request.uri(), "http://localhost:8086/ping");
/// // … send it with the client of your choice, then:
/// let headers = http::HeaderMap::new();
/// let reply = Reply::new(http::StatusCode::OK, &headers, br#"{"status":"ok"}"#);
/// assert_eq!(v08::Ping.outcome(&reply), Outcome::Done);
/// v08::Ping.response(&reply)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Operation {
    /// The server generation that has the call.
    type Dialect: Dialect;

    /// The content of a reply that reports success.
    type Output: FromReply<Self::Dialect>;

    /// The status of a reply that reports success.
    const SUCCESS: StatusCode = StatusCode::OK;

    /// The effect of sending the request twice.
    const IDEMPOTENCY: Idempotency;

    /// Whether a reply of this status reports success, for calls that have several such statuses.
    fn is_success(&self, status: StatusCode) -> bool {
        status == Self::SUCCESS
    }

    /// Builds the request, with an absolute URI and the target's credentials.
    ///
    /// The request holds secrets in the clear: a password that the call sets is in its body, and
    /// [`Placement::Query`](crate::Placement::Query) puts the target's into its address. Its
    /// `Debug` shows neither.
    ///
    /// # Errors
    ///
    /// [`RequestError`] if a name or the credentials cannot be sent. Nothing has been sent then.
    fn request(&self, target: &Target) -> Result<Request, RequestError>;

    /// Reads the reply.
    ///
    /// # Errors
    ///
    /// [`ResponseError::Server`] with the server's own words if it refused, points elsewhere, or
    /// reports success with a text in the place of the promised content; [`ResponseError::Decode`]
    /// and [`ResponseError::Row`] if the content is not the promised one in another way.
    fn response(&self, reply: &Reply<'_>) -> Result<Self::Output, ResponseError> {
        reply.expect(Self::SUCCESS)?;
        Self::Output::from_reply(reply)
    }

    /// Judges the reply: the meaning of its status, headers and body for what was sent.
    ///
    /// Costs as much as [`response`](Operation::response). After an error of that,
    /// [`ResponseError::outcome`] gives the same answer for nothing.
    fn outcome(&self, reply: &Reply<'_>) -> Outcome {
        match self.response(reply) {
            Ok(_) => Outcome::Done,
            Err(error) => error.outcome::<Self::Dialect>(),
        }
    }

    /// The user's remedy for a refusal of this call, if known: one sentence without a full stop.
    fn hint(refusal: &ServerError) -> Option<&'static str> {
        Self::Dialect::hint(refusal)
    }

    /// The effect of sending this request twice, for calls where it depends on their parameters.
    fn idempotency(&self) -> Idempotency {
        Self::IDEMPOTENCY
    }
}

/// The output of a call, read as the server generation `D` writes it.
pub trait FromReply<D>: Sized {
    /// Reads a reply that has the status of success.
    ///
    /// # Errors
    ///
    /// As those of [`Operation::response`].
    fn from_reply(reply: &Reply<'_>) -> Result<Self, ResponseError>;
}

/// The effect of sending a request twice, and so the limit of a retry.
///
/// It describes the state of the server, not the answer: a database that is created twice exists
/// once, but the second answer is that it exists.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a retry must decide on each")]
pub enum Idempotency {
    /// The request changes nothing: it may always be repeated.
    Safe,
    /// A repetition changes nothing more: it may be repeated.
    Idempotent,
    /// A repetition may do it again: it may be repeated only if the first was surely not sent.
    NonIdempotent,
}
