//! InfluxDB 0.8 as a dialect, and the beginnings of its requests.

use http::Method;

use crate::Target;
use crate::http::RequestBuilder;

/// InfluxDB 0.8 as a [`Dialect`](crate::Dialect).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct V08;

pub(super) fn get<'a>(target: &'a Target, segments: &[&str]) -> RequestBuilder<'a> {
    RequestBuilder::new::<V08>(target, Method::GET, segments)
}

pub(super) fn post<'a>(target: &'a Target, segments: &[&str]) -> RequestBuilder<'a> {
    RequestBuilder::new::<V08>(target, Method::POST, segments)
}

pub(super) fn delete<'a>(target: &'a Target, segments: &[&str]) -> RequestBuilder<'a> {
    RequestBuilder::new::<V08>(target, Method::DELETE, segments)
}
