//! The keys of the point before, to write them again without checking them again.

#![expect(clippy::inline_always, reason = "a call would move a large result through memory")]

use super::error::{LinePosition, LineProblem};
use super::escape::write_name;

/// The keys of the tags and fields of the last points, in order.
///
/// Most points have the keys of the point before, so that comparing is all they cost.
/// Invariants: no two of `known[..distinct]` have one position and one name;
/// the unfinished point has the keys `known[..len]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    known: Vec<Key>,
    distinct: usize,
    len: usize,
}

#[derive(Clone, Debug)]
struct Key {
    position: LinePosition,
    name: String,
    text: KeyText,
}

/// A key as it stands in a line: `,name=`.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyText {
    /// The text, filled up to `PADDED_LEN`: a copy of a fixed length needs no call.
    padded: Vec<u8>,
    len: usize,
}

impl Keys {
    /// Up to so many keys, comparing each with all before it is the fastest way.
    const FEW: usize = 16;

    /// Begins a point.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds a key if the point before had it in this place, and appends its text.
    #[inline(always)]
    pub(super) fn repeat(&mut self, name: &str, position: LinePosition, out: &mut Vec<u8>) -> bool {
        match self.known.get(self.len) {
            Some(known)
                if self.len < self.distinct && known.name == name && known.position == position =>
            {
                known.text.append_to(out);
                self.len += 1;
                true
            }
            _ => false,
        }
    }

    /// Adds any key and appends its text. Of many keys, a duplicate is only found by `check`.
    #[cold]
    pub(super) fn add(
        &mut self,
        name: &str,
        position: LinePosition,
        out: &mut Vec<u8>,
    ) -> Result<(), LineProblem> {
        let index = self.len;
        self.distinct = self.distinct.min(index);
        let few = index < Self::FEW;
        let mut before = self.known.iter().take(index);
        if few && before.any(|other| other.position == position && other.name == name) {
            return Err(LineProblem::Duplicate);
        }
        if index == self.known.len() {
            let text = KeyText::default();
            self.known.push(Key { position, name: String::new(), text });
        }
        if let Some(place) = self.known.get_mut(index) {
            place.write(name, position)?;
            place.text.append_to(out);
        }
        if few {
            self.distinct = index + 1;
        }
        self.len += 1;
        Ok(())
    }

    /// Whether it is known already that no key appears twice.
    #[inline(always)]
    pub(super) fn are_distinct(&self) -> bool {
        self.len <= self.distinct
    }

    /// Checks that no key appears twice, once all of one position are there.
    /// The error is the one that does.
    pub(super) fn check(&mut self) -> Result<(), &str> {
        // Sorting keeps the cost low when somebody else chose the number of keys.
        let mut sorted: Vec<_> = self.known.iter().take(self.len).collect();
        sorted.sort_unstable_by_key(|key| (key.position as u8, &key.name));
        let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
        if let Some((twice, _)) =
            pairs.find(|(one, next)| one.position == next.position && one.name == next.name)
        {
            return Err(&twice.name);
        }
        self.distinct = self.len;
        Ok(())
    }
}

impl Key {
    fn write(&mut self, name: &str, position: LinePosition) -> Result<(), LineProblem> {
        self.position = position;
        self.name.clear();
        self.name.push_str(name);
        self.text.write(name, position)
    }
}

impl KeyText {
    const PADDED_LEN: usize = 32;

    pub(super) fn write(&mut self, name: &str, position: LinePosition) -> Result<(), LineProblem> {
        self.padded.clear();
        self.padded.push(b',');
        write_name(&mut self.padded, name, position)?;
        self.padded.push(b'=');
        self.len = self.padded.len();
        self.padded.resize(self.len.max(Self::PADDED_LEN), 0);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len;
        match <&[u8; Self::PADDED_LEN]>::try_from(self.padded.as_slice()) {
            Ok(padded) => {
                out.extend_from_slice(padded);
                out.truncate(end);
            }
            Err(_) => self.append_long_to(out),
        }
    }

    #[cold]
    fn append_long_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.padded);
    }

    /// The length of the name, as written.
    #[inline(always)]
    pub(super) fn name_len(&self) -> usize {
        self.len.saturating_sub(2)
    }
}
