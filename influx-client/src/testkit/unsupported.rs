//! What of the recorded server the embedded one does not do.

/// The recorded scenarios that the embedded server answers otherwise: a pattern of ids and the reason.
pub const UNSUPPORTED: &[(&str, &str)] = &[];
