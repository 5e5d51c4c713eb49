//! Room in the input buffer for the rest of a frame.

use bytes::BytesMut;

/// How far ahead of the arrived bytes a codec takes memory for a frame whose length it knows.
const MOST_AHEAD: usize = 64 * 1024;

/// Makes room for the `missing` bytes of a frame: all of it in memory that the buffer owns, and
/// which earlier frames have left, but takes new memory for little more than has arrived.
pub(crate) fn make_room(src: &mut BytesMut, missing: usize) {
    if !src.try_reclaim(missing) {
        src.reserve(missing.min(MOST_AHEAD));
    }
}
