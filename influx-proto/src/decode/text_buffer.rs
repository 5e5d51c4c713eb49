//! The text that arrived and was not handed out yet.

use std::mem;
use std::ops::Range;
use std::str;

use super::pending::Pending;
use crate::text::{block, window};

/// A queue of UTF-8, which is checked once, many bytes at a time, and not for every string.
#[derive(Clone, Debug, Default)]
pub(super) struct TextBuffer {
    /// The text, and behind it [`PADDING`] once there was some.
    pub(super) text: String,
    /// It begins at a border between two characters of `text`.
    pub(super) pending: Pending,
    /// Where the text ends.
    end: usize,
    /// The bytes behind the text: not checked yet, an unfinished character, or not UTF-8.
    rest: Vec<u8>,
    state: Rest,
    is_finished: bool,
}

/// The state of the bytes behind the text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Rest {
    /// There are none, or they begin a character.
    #[default]
    Unfinished,
    Unchecked,
    /// They are not UTF-8.
    Broken,
}

impl TextBuffer {
    /// All of a text that was at `offset` in the stream.
    pub(super) fn of(text: String, offset: u64) -> Self {
        let end = text.len();
        let pending = Pending::all_from(offset);
        Self { text: text + PADDING, pending, end, is_finished: true, ..Self::default() }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        let mut piece = piece;
        if piece.len() >= FEW {
            self.check();
            // First the rest of a character.
            while self.state == Rest::Unfinished && !self.rest.is_empty() {
                let Some((byte, tail)) = piece.split_first() else { break };
                self.rest.push(*byte);
                self.check_rest();
                piece = tail;
            }
            if self.state == Rest::Unfinished {
                piece = self.append(piece);
            }
        } else if self.state == Rest::Unfinished {
            self.state = Rest::Unchecked;
        }
        self.rest.extend_from_slice(piece);
    }

    /// Declares that nothing more will be pushed.
    pub(super) fn finish(&mut self) {
        self.is_finished = true;
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Whether nothing will be behind the pending text.
    #[inline]
    pub(super) fn is_all(&self) -> bool {
        self.is_finished || self.is_broken()
    }

    /// Whether invalid UTF-8 is behind the pending text.
    #[inline]
    pub(super) fn is_broken(&self) -> bool {
        self.state == Rest::Broken
    }

    /// Checks the bytes that arrived.
    pub(super) fn check(&mut self) {
        if self.state == Rest::Unchecked {
            self.check_rest();
        }
    }

    /// Whether little arrived since the last check, without this byte, and more may come.
    #[inline]
    pub(super) fn can_wait_for(&self, byte: u8) -> bool {
        self.state == Rest::Unchecked
            && !self.is_finished
            && self.rest.len() < FEW
            && !block::any(&self.rest, |found| found == byte)
    }

    /// Whether there is little besides `first`, without `last`, and more may come.
    #[inline]
    pub(super) fn is_only(&self, first: u8, last: u8) -> bool {
        let Some(pending) = self.padded().first_chunk::<FEW>() else { return false };
        pending.first() == Some(&first)
            && self.end - self.pending.start < FEW
            && self.rest.is_empty()
            && !self.is_finished
            && !block::any(pending, |found| found == last)
    }

    /// The text that was checked and not consumed.
    #[inline]
    pub(super) fn pending(&self) -> &[u8] {
        self.text.as_bytes().get(self.pending.start..self.end).unwrap_or_default()
    }

    /// The same, with zeros behind it, which let it be read in blocks.
    #[inline]
    pub(super) fn padded(&self) -> &[u8] {
        self.text.as_bytes().get(self.pending.start..).unwrap_or_default()
    }

    /// The bytes behind the text.
    pub(super) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// Consumes the whitespace of JSON. Returns the byte behind it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.pending().first() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.pending.start += 1,
                None if self.is_all() => return self.rest.first().copied(),
                byte => return byte.copied(),
            }
        }
    }

    /// Consumes at most `count` bytes, which are whole characters. They stay readable by their
    /// range until the next push.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) -> Range<usize> {
        self.pending.consume(count, self.end)
    }

    /// Consumes a comma and an element of `length` bytes, which are there. Returns its place.
    #[inline]
    pub(super) fn consume_element(&mut self, length: usize) -> Range<usize> {
        let start = self.pending.start + 1;
        self.pending.start = start + length;
        start..self.pending.start
    }

    #[inline]
    pub(super) fn consumed(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The consumed text from an offset in the stream on, if it is still there.
    pub(super) fn since(&self, offset: u64) -> Option<&str> {
        self.text.get(self.pending.index_of(offset)?..self.pending.start)
    }

    /// The stream's offset of the byte at `index`, an end of a consumed range.
    pub(super) fn offset_of(&self, index: usize) -> u64 {
        self.pending.offset_of(index)
    }

    /// The stream's offset of the first pending byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset_of(self.pending.start)
    }

    /// The number of bytes that were not consumed.
    pub(super) fn len(&self) -> usize {
        self.pending().len() + self.rest.len()
    }

    fn check_rest(&mut self) {
        let mut rest = mem::take(&mut self.rest);
        self.state = Rest::Unfinished;
        let left = self.append(&rest).len();
        rest.drain(..rest.len() - left);
        self.rest = rest;
    }

    /// Appends bytes as far as they are text. Returns the others.
    fn append<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (text, left) = match str::from_utf8(bytes) {
            Ok(text) => (text, [].as_slice()),
            Err(error) => {
                if error.error_len().is_some() {
                    self.state = Rest::Broken;
                }
                let (valid, left) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
                (str::from_utf8(valid).unwrap_or_default(), left)
            }
        };
        self.text.truncate(self.end);
        let wanted = text.len() + PADDING.len();
        let consumed = self.pending.to_drop(wanted, self.end, self.text.capacity());
        if consumed > 0 && self.text.is_char_boundary(consumed) {
            self.text.drain(..consumed);
            self.pending.dropped(consumed);
        }
        self.text.push_str(text);
        self.end = self.text.len();
        self.text.push_str(PADDING);
        left
    }
}

/// As many zeros as a [`Window`](window::Window) has bytes.
pub(super) const PADDING: &str = match str::from_utf8(&[0; size_of::<window::Bytes>()]) {
    Ok(zeros) => zeros,
    Err(_) => "",
};

/// Pieces of fewer bytes are checked together.
const FEW: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes the input in pieces of every size: `text` is found, and `rest` behind it.
    fn check(input: &[u8], text: &str, rest: &[u8], is_broken: bool) {
        for size in 1..=input.len() {
            let mut buffer = TextBuffer::default();
            input.chunks(size).for_each(|piece| buffer.push(piece));
            buffer.check();
            assert_eq!(buffer.pending(), text.as_bytes(), "{size}");
            assert_eq!((buffer.rest(), buffer.is_broken()), (rest, is_broken), "{size}");
            assert_eq!(buffer.len(), input.len());
        }
    }

    #[test]
    fn text_ends_before_other_bytes() {
        for length in [0, 50, 62, 200] {
            let text = "é\u{1f600}".repeat(length) + "x";
            check(text.as_bytes(), &text, b"", false);
            check(&[text.as_bytes(), b"\xf0\x9f\x98"].concat(), &text, b"\xf0\x9f\x98", false);
            check(&[text.as_bytes(), b"\xffabc\xc3"].concat(), &text, b"\xffabc\xc3", true);
            check(&[text.as_bytes(), b"\xf0\x9fab"].concat(), &text, b"\xf0\x9fab", true);
        }
    }
}
