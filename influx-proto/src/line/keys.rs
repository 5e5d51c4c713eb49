//! The keys of the point before, to write them again without checking them again.

#![expect(clippy::inline_always, reason = "the cursor must stay in a register")]

use super::escape::write_unusual_name;
use crate::encode::{PointPart, PointProblem};
use crate::text::room::{Buffer, put};

/// The keys of the tags and fields of the last points, in order.
///
/// Most points have the keys of the point before, so that comparing is all they cost.
/// Invariant: no two of `known[..distinct]` have one position and one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    known: Vec<Key>,
    distinct: usize,
    /// Where the text of a new key is made.
    pub(super) scratch: Buffer,
}

#[derive(Clone, Debug)]
struct Key {
    position: PointPart,
    name: String,
    text: KeyText,
}

/// A key as it stands in a line: `,name=`. Also a measurement, which is written as often.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyText {
    /// A text of at most this length: a copy of a fixed length needs no call.
    short: [u8; Self::SHORT],
    /// Any longer text.
    long: Vec<u8>,
    len: usize,
}

impl Keys {
    /// The number of keys up to which comparing each with all before it is the fastest way.
    const FEW: usize = 16;

    /// The text of the key at `index`, if the point before had it there.
    #[inline(always)]
    pub(super) fn known(&self, index: usize, name: &str, position: PointPart) -> Option<&KeyText> {
        let known = self.known.get(index)?;
        let same = index < self.distinct && known.name == name && known.position == position;
        same.then_some(&known.text)
    }

    /// Adds a key at `index`, behind those of the unfinished point.
    /// Of many keys, a duplicate is only found by `check`.
    #[cold]
    pub(super) fn add(
        &mut self,
        index: usize,
        name: &str,
        position: PointPart,
    ) -> Result<&KeyText, PointProblem> {
        self.distinct = self.distinct.min(index);
        let few = index < Self::FEW;
        let mut before = self.known.iter().take(index);
        if few && before.any(|other| other.position == position && other.name == name) {
            return Err(PointProblem::Duplicate);
        }
        if index >= self.known.len() {
            let text = KeyText::default();
            self.known.push(Key { position, name: String::new(), text });
        }
        let Some(key) = self.known.get_mut(index) else { return Err(PointProblem::Empty) };
        key.position = position;
        key.name.clear();
        key.name.push_str(name);
        key.text.set(name, position, &mut self.scratch)?;
        if few {
            self.distinct = index + 1;
        }
        Ok(&key.text)
    }

    /// Whether it is known already that no key of a point with `len` keys appears twice.
    #[inline(always)]
    pub(super) fn are_distinct(&self, len: usize) -> bool {
        len <= self.distinct
    }

    /// Checks that none of the point's `len` keys appears twice, once all of one position are
    /// there. The error is the one that does.
    pub(super) fn check(&mut self, len: usize) -> Result<(), &str> {
        // Sorting keeps the cost low when a peer chose the number of keys.
        let mut sorted: Vec<_> = self.known.iter().take(len).collect();
        sorted.sort_unstable_by_key(|key| (key.position as u8, &key.name));
        let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
        if let Some((twice, _)) =
            pairs.find(|(one, next)| one.position == next.position && one.name == next.name)
        {
            return Err(&twice.name);
        }
        self.distinct = len;
        Ok(())
    }
}

impl KeyText {
    const SHORT: usize = 32;

    pub(super) fn set(
        &mut self,
        name: &str,
        position: PointPart,
        scratch: &mut Buffer,
    ) -> Result<(), PointProblem> {
        put(scratch.room(0), 0, *b",");
        let end = write_unusual_name(scratch, 1, name, position)?;
        put(scratch.room(end), 0, *b"=");
        self.set_text(scratch.until(end + 1));
        Ok(())
    }

    /// Becomes a measurement instead of a key.
    pub(super) fn set_measurement(
        &mut self,
        name: &str,
        scratch: &mut Buffer,
    ) -> Result<(), PointProblem> {
        let end = write_unusual_name(scratch, 0, name, PointPart::Measurement)?;
        self.set_text(scratch.until(end));
        Ok(())
    }

    fn set_text(&mut self, text: &[u8]) {
        self.len = text.len();
        match self.short.get_mut(..text.len()) {
            Some(short) => short.copy_from_slice(text),
            None => text.clone_into(&mut self.long),
        }
    }

    /// Writes the key. Returns its end.
    #[inline(always)]
    pub(super) fn write(&self, buffer: &mut Buffer, at: usize) -> usize {
        if self.len > Self::SHORT {
            return self.write_long(buffer, at);
        }
        put(buffer.room(at), 0, self.short);
        at + self.len
    }

    #[cold]
    fn write_long(&self, buffer: &mut Buffer, at: usize) -> usize {
        buffer.write(at, &self.long)
    }

    /// The length of the name, as written.
    #[inline(always)]
    pub(super) fn name_len(&self) -> usize {
        self.len.saturating_sub(2)
    }
}
