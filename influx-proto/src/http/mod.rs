//! API calls as data, in the parts that every server generation shares.

mod auth;
mod error;
mod operation;
mod outcome;
mod redacted;
mod reply;
mod request;
mod server_error;
mod target;

pub use auth::{Auth, Bearer, Placement, TokenSource};
pub use error::{NameError, RequestError, ResponseError};
pub use operation::{FromReply, Idempotency, Operation};
pub use outcome::{Dialect, Outcome};
pub use redacted::Request;
pub use reply::Reply;
pub(crate) use request::{RequestBuilder, percent_encode};
pub use server_error::ServerError;
pub use target::Target;
