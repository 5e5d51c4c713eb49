//! Rows as servers write them: the ends of their cells are found for 64 bytes at once, so that
//! reading one cell need not wait for the one before.

use wide::u8x16;

use super::{cell, fast_number};
use crate::decode::batch::{Texts, Token};
use crate::text::window::{self, BLOCK, Window};

/// Reads the row that `input` begins with, if it is complete, has one cell for each token, and no
/// blanks between them. Returns its length.
///
/// `None` means that the row needs another look, right or wrong.
#[inline(never)]
pub(super) fn read(tokens: &mut [Token], texts: &mut Texts, input: &[u8]) -> Option<usize> {
    let mut padded;
    let mut slots = tokens.iter_mut();
    let mut slot = slots.next()?;
    let mut rest = input;
    if rest.first() != Some(&b'[') {
        return None;
    }
    // Each round begins with the byte before a cell.
    loop {
        let base = input.len() - rest.len();
        let window = if let Some(bytes) = rest.first_chunk() {
            Window(bytes)
        } else {
            padded = window::pad(rest);
            Window(&padded)
        };
        let (commas, closes) = window.marks(b',', b']');
        let last = closes & closes.wrapping_neg();
        // Without a bracket, these are all commas behind the first byte.
        let mut marks = commas & !1 & last.wrapping_sub(1) | last;
        let mut start = 1;
        while marks != 0 {
            let end = marks.trailing_zeros() as usize % BLOCK;
            if !read_cell(slot, texts, window, start % BLOCK, end, base) {
                break;
            }
            marks &= marks - 1;
            start = end + 1;
            slot = match slots.next() {
                Some(slot) => slot,
                None if marks == 0 && last != 0 => return Some(base + start),
                None => return None,
            };
        }
        if marks == 0 && last != 0 {
            return None;
        }
        if marks == 0 && start > 1 {
            rest = rest.get(start - 1..)?;
            continue;
        }
        // An uncommon cell, or one that is longer than a block.
        rest = cell::read(slot, input, rest.get(start..)?, texts).ok()?;
        match rest.first()? {
            b',' => slot = slots.next()?,
            b']' if slots.len() == 0 => return Some(input.len() - rest.len() + 1),
            _ => return None,
        }
    }
}

/// Reads the cell between two places, if it is a common one. The window is at `base` in the row.
#[expect(clippy::inline_always, reason = "the window and the marks stay in registers")]
#[inline(always)]
fn read_cell(
    slot: &mut Token,
    texts: &Texts,
    window: Window<'_>,
    start: usize,
    end: usize,
    base: usize,
) -> bool {
    if window.byte(start) == b'"' {
        let mut stops = text_stops(window.block(start + 1));
        if stops == 0 {
            stops = text_stops(window.block(start + 17)) << 16;
        }
        let length = stops.trailing_zeros() as usize;
        let is_whole = start + length + 2 == end && window.byte(start + 1 + length) == b'"';
        *slot = Token::Plain { start: base + start + 1, end: base + start + 1 + length };
        return is_whole && length <= texts.max_len;
    }
    fast_number::read(slot, window, start, end) || read_uncommon(slot, window, start, end)
}

/// Where a text may end: at quotes, backslashes and control characters.
#[expect(clippy::inline_always, reason = "the block stays in a register")]
#[inline(always)]
fn text_stops(block: u8x16) -> u32 {
    // With this bit flipped, a quote is next to the control characters, which stay such.
    let flipped = block ^ u8x16::splat(2);
    let stops = flipped.min(u8x16::splat(b' ')).simd_eq(flipped);
    (stops | block.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

/// Reads a literal or a negative number.
#[inline(never)]
fn read_uncommon(slot: &mut Token, window: Window<'_>, start: usize, end: usize) -> bool {
    *slot = match window.bytes(start, end) {
        b"null" => Token::Null,
        b"true" => Token::Bool(true),
        b"false" => Token::Bool(false),
        [b'-', ..] if fast_number::read(slot, window, start + 1, end) => match *slot {
            Token::Int(0) => Token::Float(-0.0),
            Token::Int(value) => Token::Int(-value),
            Token::Float(value) => Token::Float(-value),
            _ => return false,
        },
        _ => return false,
    };
    true
}
