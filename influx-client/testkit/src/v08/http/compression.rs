//! Compressed answers.

use std::io::Read;

use bytes::Bytes;
use flate2::Compression as Level;
use flate2::read::{GzEncoder, ZlibEncoder};
use http::HeaderValue;
use http::header::CONTENT_ENCODING;

use crate::Body;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Compression {
    Deflate,
    Gzip,
}

impl Compression {
    /// The encoding that is the first item of `Accept-Encoding`, without parameters; the server
    /// does not look further.
    pub(crate) fn wanted(accepted: Option<&HeaderValue>) -> Option<Self> {
        match accepted?.to_str().ok()?.split(',').next()?.trim() {
            "deflate" => Some(Self::Deflate),
            "gzip" => Some(Self::Gzip),
            _ => None,
        }
    }

    /// Compresses a body. The chunks of a chunked body become one.
    pub(crate) fn apply(self, response: &mut http::Response<Body>) {
        let plain = response.body().to_bytes();
        if plain.is_empty() {
            return;
        }
        let Ok(compressed) = self.compress(&plain) else { return };
        *response.body_mut() = match response.body() {
            Body::Chunks(_) => Body::Chunks(vec![compressed]),
            Body::Full(_) => Body::Full(compressed),
        };
        let name = match self {
            Self::Deflate => "deflate",
            Self::Gzip => "gzip",
        };
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }

    fn compress(self, plain: &[u8]) -> std::io::Result<Bytes> {
        let mut compressed = Vec::new();
        match self {
            Self::Deflate => ZlibEncoder::new(plain, Level::fast()).read_to_end(&mut compressed)?,
            Self::Gzip => GzEncoder::new(plain, Level::fast()).read_to_end(&mut compressed)?,
        };
        Ok(compressed.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_item_counts() {
        for (accepted, expected) in [
            ("gzip", Some(Compression::Gzip)),
            ("deflate, gzip", Some(Compression::Deflate)),
            ("gzip;q=1.0", None),
            ("br, gzip", None),
            ("*", None),
        ] {
            let header = HeaderValue::from_static(accepted);
            assert_eq!(Compression::wanted(Some(&header)), expected, "{accepted}");
        }
        assert_eq!(Compression::wanted(None), None);
    }
}
