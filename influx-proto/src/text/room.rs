//! A buffer that is written through windows of a fixed length.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use wide::u8x16;

/// The bytes that one step may write: the places in it are constants or bounded, so that most
/// writes need no check.
pub(crate) type Room = [u8; ROOM];

const ROOM: usize = 128;

/// A buffer that always keeps its full length, filled with zeros.
///
/// The end of the text is a cursor of the writer. In a register, it costs neither the load and
/// store nor the reservation that a `Vec` needs for each append, and a text that is given up
/// needs no cleaning.
#[derive(Clone, Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// Only there for the compiler, which cannot see that `grow` makes room.
    nowhere: Room,
}

impl Buffer {
    /// The room from a position on.
    #[inline(always)]
    pub(crate) fn room(&mut self, at: usize) -> &mut Room {
        // Without the highest bit, which no length has, the sum cannot overflow: one check is left.
        let at = at & (usize::MAX >> 1);
        let end = at + ROOM;
        if self.bytes.get(at..end).is_none() {
            self.grow(end);
        }
        match self.bytes.get_mut(at..end).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => room,
            None => nowhere(&mut self.nowhere),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        const STEP: usize = 4096;
        // Memory that is there is filled step by step, since a body may not need all of it.
        let len = match self.bytes.capacity() {
            capacity if len <= capacity => capacity.min(len + 8 * STEP),
            _ => len.max(2 * self.bytes.len()).max(STEP),
        };
        self.bytes.resize(len, 0);
    }

    /// Gets memory for about `len` bytes behind `at`, so that it is not moved as it grows.
    pub(crate) fn expect(&mut self, at: usize, len: usize) {
        // A guess from one row must not take all memory.
        const MAX: usize = 16 << 20;
        let len = len.min(MAX);
        let missing = (at + len + len / 8 + ROOM).saturating_sub(self.bytes.len());
        self.bytes.reserve_exact(missing);
    }

    /// An empty buffer in memory that was used before.
    pub(crate) fn reuse(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// The bytes before a position.
    pub(crate) fn until(&self, end: usize) -> &[u8] {
        self.bytes.get(..end).unwrap_or_default()
    }

    /// The bytes before a position, or all bytes if it lies behind them.
    pub(crate) fn until_at_most(&self, end: usize) -> &[u8] {
        self.until(end.min(self.bytes.len()))
    }

    /// Takes the bytes before a position out, and leaves the buffer empty.
    pub(crate) fn take(&mut self, end: usize) -> Vec<u8> {
        self.bytes.truncate(end);
        std::mem::take(&mut self.bytes)
    }

    /// Writes one byte over another one.
    #[inline(always)]
    pub(crate) fn set(&mut self, at: usize, byte: u8) {
        if let Some(place) = self.bytes.get_mut(at) {
            *place = byte;
        }
    }

    /// Writes bytes of any number. Returns their end.
    pub(crate) fn write(&mut self, at: usize, bytes: &[u8]) -> usize {
        let end = at + bytes.len();
        self.room(end);
        if let Some(place) = self.bytes.get_mut(at..end) {
            place.copy_from_slice(bytes);
        }
        end
    }

    /// Writes a text of any length. `escape` is given the text from a special byte on, and
    /// writes what stands for this byte at the start of the room. Returns the end.
    ///
    /// # Errors
    ///
    /// Those of `escape`.
    #[inline(always)]
    pub(crate) fn write_escaped<E>(
        &mut self,
        at: usize,
        text: &str,
        special: impl Fn(u8x16) -> u8x16,
        mut escape: impl FnMut(&[u8], &mut Room) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let (mut at, mut rest) = (at, text.as_bytes());
        while !rest.is_empty() {
            let (block, len) = match rest.first_chunk() {
                Some(block) => (u128::from_le_bytes(*block), 16),
                None => (load_short(rest), rest.len()),
            };
            put(self.room(at), 0, block.to_le_bytes());
            let plain = special(u8x16::new(block.to_le_bytes())).to_bitmask().trailing_zeros();
            let plain = len.min(plain as usize);
            rest = rest.get(plain..).unwrap_or_default();
            at += plain;
            if plain < len {
                at += escape(rest, self.room(at))?;
                rest = rest.get(1..).unwrap_or_default();
            }
        }
        Ok(at)
    }
}

/// At most 16 bytes as a block whose other bytes are zero.
#[inline(always)]
fn load_short(bytes: &[u8]) -> u128 {
    // Where the two parts overlap, their bytes are the same.
    let shift = |len| 8 * bytes.len().saturating_sub(len);
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let last = u128::from(u64::from_le_bytes(*last)) << (shift(8) % 128);
        return u128::from(u64::from_le_bytes(*first)) | last;
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last)) << (shift(4) % 64);
        return (u64::from(u32::from_le_bytes(*first)) | last).into();
    }
    let last = bytes.last_chunk().map_or(0, |[last]| u32::from(*last) << (shift(1) % 32));
    let first = bytes.first_chunk().map_or(0, |first| u16::from_le_bytes(*first));
    (u32::from(first) | last).into()
}

/// A call, so that the compiler branches instead of choosing between two addresses, for which
/// each write would have to wait.
#[cold]
#[inline(never)]
fn nowhere(room: &mut Room) -> &mut Room {
    room
}

impl Default for Buffer {
    fn default() -> Self {
        Self { bytes: Vec::new(), nowhere: [0; ROOM] }
    }
}

/// Writes bytes that fit into the room behind `at`.
#[inline(always)]
pub(crate) fn put<const N: usize>(room: &mut Room, at: usize, bytes: [u8; N]) {
    if at <= ROOM - N
        && let Some(place) = room.get_mut(at..at + N).and_then(<[u8]>::first_chunk_mut)
    {
        *place = bytes;
    }
}

/// Writes a text of 1 to 32 bytes, its first and its last ones as two blocks that overlap.
/// Returns its end, or `None` if it is longer, is empty or has a special byte.
#[inline(always)]
pub(crate) fn put_plain(
    room: &mut Room,
    at: usize,
    text: &[u8],
    special: impl Fn(u8x16) -> u8x16,
) -> Option<usize> {
    let end = at + text.len();
    match text.len() {
        16..=32 => {
            let (first, last) = (text.first_chunk::<16>()?, text.last_chunk::<16>()?);
            if (special(u8x16::new(*first)) | special(u8x16::new(*last))).to_bitmask() != 0 {
                return None;
            }
            put(room, at, *first);
            put(room, end - 16, *last);
        }
        8..16 => {
            let (first, last) = (text.first_chunk::<8>()?, text.last_chunk::<8>()?);
            let last_word = u128::from(u64::from_le_bytes(*last));
            if any(u128::from(u64::from_le_bytes(*first)) | last_word << 64, special) {
                return None;
            }
            put(room, at, *first);
            put(room, end - 8, *last);
        }
        4..8 => {
            let (first, last) = (text.first_chunk::<4>()?, text.last_chunk::<4>()?);
            let last_word = u128::from(u32::from_le_bytes(*last));
            if any((u128::from(u32::from_le_bytes(*first)) | last_word << 32) * TWICE, special) {
                return None;
            }
            put(room, at, *first);
            put(room, end - 4, *last);
        }
        2..4 => {
            let (first, last) = (text.first_chunk::<2>()?, text.last_chunk::<2>()?);
            let last_word = u128::from(u16::from_le_bytes(*last));
            let both = (u128::from(u16::from_le_bytes(*first)) | last_word << 16) * (1 << 32 | 1);
            if any(both * TWICE, special) {
                return None;
            }
            put(room, at, *first);
            put(room, end - 2, *last);
        }
        1 => {
            let [byte] = *text.first_chunk()?;
            if special(u8x16::splat(byte)).to_bitmask() != 0 {
                return None;
            }
            put(room, at, [byte]);
        }
        _ => return None,
    }
    Some(end)
}

/// Repeats the lower half of a block in its upper half.
const TWICE: u128 = 1 << 64 | 1;

#[inline(always)]
fn any(block: u128, special: impl Fn(u8x16) -> u8x16) -> bool {
    special(u8x16::new(block.to_le_bytes())).to_bitmask() != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_x(block: u8x16) -> u8x16 {
        block.simd_eq(u8x16::splat(b'x'))
    }

    #[test]
    fn texts_of_every_length_with_a_special_byte_anywhere() {
        for len in 0..70 {
            let text: String = ('a'..'x').cycle().take(len).collect();
            let (mut room, mut buffer) = ([0; ROOM], Buffer::default());
            let end = put_plain(&mut room, 3, text.as_bytes(), is_x);
            assert_eq!(end, (1..=32).contains(&len).then_some(3 + len));
            if let Some(end) = end {
                assert_eq!(&room[3..end], text.as_bytes());
            }
            assert_eq!(buffer.write(5, text.as_bytes()), 5 + len);
            assert_eq!(buffer.until(5 + len)[5..], *text.as_bytes());
            for special in 0..len {
                let text = format!("{}x{}", &text[..special], &text[special + 1..]);
                assert_eq!(put_plain(&mut room, 0, text.as_bytes(), is_x), None);
                let end = buffer.write_escaped(1, &text, is_x, |rest, room| {
                    assert_eq!(rest, &text.as_bytes()[special..]);
                    put(room, 0, *b"yz");
                    Ok::<_, ()>(2)
                });
                assert_eq!(end, Ok(len + 2));
                assert_eq!(buffer.until(len + 2)[1..], *text.replace('x', "yz").as_bytes());
            }
        }
    }

    #[test]
    fn the_buffer_grows_and_keeps_what_it_has() {
        let mut buffer = Buffer::default();
        let mut at = 0;
        for number in 0..10_000_u32 {
            put(buffer.room(at), 0, number.to_le_bytes());
            at += 4;
        }
        let all: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(buffer.take(at), all);
        assert_eq!(buffer.until(0), b"");
    }
}
