//! The formats of answers.

/// The format of an answer that has rows.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AnswerFormat {
    /// JSON, which writes the float 1.0 as an integer. All servers write it.
    #[default]
    Json,
    /// MessagePack, which keeps every type. InfluxDB 1.x writes it.
    Msgpack,
}

impl AnswerFormat {
    /// The media type, for the header `Accept`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Msgpack => "application/x-msgpack",
        }
    }

    /// The format that the value of the header `Content-Type` names. Anything but MessagePack counts
    /// as JSON: a server need not name it.
    pub fn of_content_type(value: &[u8]) -> Self {
        let media_type = value.split(|byte| *byte == b';').next().unwrap_or_default();
        let is_msgpack =
            media_type.trim_ascii().eq_ignore_ascii_case(Self::Msgpack.media_type().as_bytes());
        if is_msgpack { Self::Msgpack } else { Self::Json }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_names_the_format() {
        for (value, expected) in [
            ("application/x-msgpack", AnswerFormat::Msgpack),
            ("Application/X-MsgPack ; charset=x", AnswerFormat::Msgpack),
            ("application/json", AnswerFormat::Json),
            ("application/x-msgpacks", AnswerFormat::Json),
            ("text/plain; application/x-msgpack", AnswerFormat::Json),
            ("", AnswerFormat::Json),
        ] {
            assert_eq!(AnswerFormat::of_content_type(value.as_bytes()), expected, "{value}");
        }
    }
}
