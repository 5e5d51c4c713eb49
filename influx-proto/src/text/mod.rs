//! Values as text, both ways.

pub(crate) mod rfc3339;
