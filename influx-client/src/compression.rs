//! Smaller request bodies.

#[cfg(feature = "gzip")]
use std::io::Write as _;

use bytes::Bytes;
use http::Request;

/// The request with its body compressed, if that is asked for and worth it.
#[cfg(feature = "gzip")]
pub(crate) fn compress(request: Request<Bytes>, gzip: bool) -> Request<Bytes> {
    if gzip && request.body().len() >= MIN_BODY { compressed(request) } else { request }
}

/// Without the feature `gzip` no configuration asks for it.
#[cfg(not(feature = "gzip"))]
pub(crate) fn compress(request: Request<Bytes>, _gzip: bool) -> Request<Bytes> {
    request
}

/// Below this, the gzip frame eats up what compression saves.
#[cfg(feature = "gzip")]
const MIN_BODY: usize = 1 << 10;

#[cfg(feature = "gzip")]
fn compressed(request: Request<Bytes>) -> Request<Bytes> {
    let (mut head, body) = request.into_parts();
    let buffer = Vec::with_capacity(body.len() / 4);
    let mut encoder = flate2::write::GzEncoder::new(buffer, flate2::Compression::fast());
    let compressed = encoder.write_all(&body).and_then(|()| encoder.finish());
    // Writing to memory cannot fail; if it did, the plain body is as good.
    let Ok(compressed) = compressed else { return Request::from_parts(head, body) };
    // A 0.8 server takes exactly this spelling.
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
        let request = compress(Request::new(body.clone()), true);
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
