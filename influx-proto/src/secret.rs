//! A text that must not be shown.

use std::fmt;

use zeroize::Zeroizing;

/// A password or token: never shown by `Debug`, overwritten in memory when dropped.
///
/// It implements neither `Display` nor `Serialize`, so that it cannot reach a log by accident:
/// only [`Secret::expose`] shows it.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A text that must not be shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, to send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_text_nor_length() {
        assert_eq!(format!("{:?}", Secret::new("CANARY-7f3a")), "[redacted]");
        assert_eq!(format!("{:#?}", Some(Secret::new(""))), "Some(\n    [redacted],\n)");
    }
}
