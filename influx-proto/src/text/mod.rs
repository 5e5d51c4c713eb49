//! Values as text, both ways.

pub(crate) mod rfc3339;
pub(crate) mod room;
pub(crate) mod write_number;
