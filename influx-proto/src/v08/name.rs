//! Names as path segments, by what they name.

use crate::RequestError;
use crate::quote::{self, NameError};

pub(super) fn database(name: &str) -> Result<String, RequestError> {
    stored("database name", name)
}

pub(super) fn user(name: &str) -> Result<String, RequestError> {
    stored("user name", name)
}

pub(super) fn shard_space(name: &str) -> Result<String, RequestError> {
    quote::path_segment(name).map_err(because("shard space name"))
}

pub(super) fn dropped_series(name: &str) -> Result<String, RequestError> {
    quote::drop_series_segment(name).map_err(because("series name"))
}

/// 0.8 keeps databases and users under keys joined by `%` and refuses it in their names:
/// `400 a%b isn't a valid db name`.
fn stored(what: &'static str, name: &str) -> Result<String, RequestError> {
    quote::check_characters(name, |character| character == '%')
        .and_then(|()| quote::path_segment(name))
        .map_err(because(what))
}

fn because(what: &'static str) -> impl Fn(NameError) -> RequestError {
    move |source| RequestError::Name { what, source }
}
