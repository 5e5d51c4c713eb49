//! Feeds a decoder in pieces.

use influx_proto::decode::{ChunkDecoder, DecodeError, MsgpackDecoder, SeriesDecoder};

/// The items that came out, and the end.
pub(crate) type Outcome<T> = (Vec<T>, Result<(), DecodeError>);

/// The input of a decoder.
pub(crate) trait Feed {
    fn push(&mut self, piece: &[u8]);
    fn finish(&mut self);
    fn buffered(&self) -> usize;
}

macro_rules! feed {
    ($($decoder:ty),*) => {$(
        impl Feed for $decoder {
            fn push(&mut self, piece: &[u8]) {
                self.push(piece);
            }

            fn finish(&mut self) {
                self.finish();
            }

            fn buffered(&self) -> usize {
                self.buffered()
            }
        }
    )*};
}

feed!(ChunkDecoder, MsgpackDecoder, SeriesDecoder);

/// Everything that `next` takes out of the decoder, until the end or the first error.
///
/// An error is final, and the decoder keeps no more than `most` bytes and one piece.
pub(crate) fn drive<'a, D: Feed, T>(
    mut decoder: D,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    most: usize,
    mut next: impl FnMut(&mut D) -> Result<Option<T>, DecodeError>,
) -> Outcome<T> {
    let mut items = Vec::new();
    let mut kept = 0;
    let mut drain = |decoder: &mut D| loop {
        match next(decoder) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => return Ok(()),
            Err(error) => {
                decoder.push(b"{}");
                assert_eq!(next(decoder).err().as_ref(), Some(&error), "an error is final");
                return Err(error);
            }
        }
    };
    let mut end = Ok(());
    for piece in pieces {
        decoder.push(piece);
        end = drain(&mut decoder);
        if end.is_err() {
            break;
        }
        kept = kept.max(decoder.buffered().saturating_sub(piece.len()));
    }
    if end.is_ok() {
        decoder.finish();
        end = drain(&mut decoder);
    }
    // Of a text behind the JSON, the beginning is kept.
    let most = if matches!(end, Err(DecodeError::Trailer(_))) { 8 << 10 } else { most };
    assert!(kept <= most, "{kept} bytes were kept, more than {most}");
    (items, end)
}
