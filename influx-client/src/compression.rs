//! Smaller request bodies.

#[cfg(feature = "gzip")]
use std::io::Write as _;

use bytes::Bytes;
use http::Request;

/// How request bodies are compressed. The 0.8 server knows gzip for what it is sent.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// By gzip, from 1 KiB on.
    #[cfg(feature = "gzip")]
    Gzip,
    /// Not at all.
    #[default]
    None,
}

impl Compression {
    /// The request with its body compressed, if that is chosen and worth it.
    pub(crate) fn apply(self, request: Request<Bytes>) -> Request<Bytes> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip if request.body().len() >= MIN_BODY => gzip(request),
            _ => request,
        }
    }
}

/// Below this, the gzip frame eats up what compression saves.
#[cfg(feature = "gzip")]
const MIN_BODY: usize = 1 << 10;

#[cfg(feature = "gzip")]
fn gzip(request: Request<Bytes>) -> Request<Bytes> {
    let (mut head, body) = request.into_parts();
    let buffer = Vec::with_capacity(body.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(buffer, flate2::Compression::fast());
    let compressed = encoder.write_all(&body).and_then(|()| encoder.finish());
    // Writing to memory cannot fail; if it did, the plain body is as good.
    let Ok(compressed) = compressed else { return Request::from_parts(head, body) };
    // The server takes exactly this spelling.
    head.headers.insert(http::header::CONTENT_ENCODING, http::HeaderValue::from_static("gzip"));
    Request::from_parts(head, compressed.into())
}

#[cfg(test)]
#[cfg(feature = "gzip")]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn check(length: usize, compressed: bool) {
        let body = Bytes::from(vec![b'x'; length]);
        let request = Compression::Gzip.apply(Request::new(body.clone()));
        assert_eq!(request.headers().contains_key("content-encoding"), compressed, "{length}");
        if !compressed {
            assert_eq!(*request.body(), body);
            return;
        }
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&request.body()[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, body);
    }

    #[test]
    fn bodies_are_compressed_when_it_is_worth_it() {
        check(0, false);
        check(MIN_BODY - 1, false);
        check(MIN_BODY, true);
        check(1 << 20, true);
    }
}
