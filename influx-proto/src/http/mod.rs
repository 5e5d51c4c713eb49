//! API calls as data, in the parts that every server generation shares.

mod auth;
mod builder;
mod error;
mod operation;
mod outcome;
mod reply;
mod request;
mod server_error;
mod target;

pub use auth::{Auth, Bearer, Placement, TokenSource};
pub(crate) use builder::{RequestBuilder, percent_encode};
pub use error::{NameError, RequestError, ResponseError};
pub use operation::{FromReply, Idempotency, Operation};
pub use outcome::{Dialect, Outcome};
pub use reply::Reply;
pub use request::Request;
pub use server_error::ServerError;
pub use target::Target;
