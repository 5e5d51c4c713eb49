//! The keys of the point before, to write them again without checking them again.

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
    /// As it stands in a line: `,name=`.
    text: Vec<u8>,
}

impl Keys {
    /// Up to so many keys, comparing each with all before it is the fastest way.
    const FEW: usize = 16;

    /// Begins a point.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds a key and gives its text. Of many keys, a duplicate is only found by `check`.
    #[inline]
    pub(super) fn add(&mut self, name: &str, position: LinePosition) -> Result<&[u8], LineProblem> {
        let is_known = self.known.get(self.len).is_some_and(|known| {
            self.len < self.distinct && known.name == name && known.position == position
        });
        if !is_known {
            self.replace(name, position)?;
        }
        self.len += 1;
        Ok(self.known.get(self.len - 1).map_or(&[], |key| &key.text))
    }

    /// Checks that no key appears twice, once all of one position are there.
    /// The error is the one that does.
    #[inline]
    pub(super) fn check(&mut self) -> Result<(), &str> {
        if self.len <= self.distinct {
            return Ok(());
        }
        self.check_many()
    }

    /// Puts a key in the place of what the point before had there.
    #[cold]
    fn replace(&mut self, name: &str, position: LinePosition) -> Result<(), LineProblem> {
        let index = self.len;
        self.distinct = self.distinct.min(index);
        let few = index < Self::FEW;
        let mut before = self.known.iter().take(index);
        if few && before.any(|other| other.position == position && other.name == name) {
            return Err(LineProblem::Duplicate);
        }
        if index == self.known.len() {
            self.known.push(Key { position, name: String::new(), text: Vec::new() });
        }
        if let Some(place) = self.known.get_mut(index) {
            place.write(name, position)?;
        }
        if few {
            self.distinct = index + 1;
        }
        Ok(())
    }

    /// Sorting keeps the cost low when somebody else chose the number of keys.
    #[cold]
    fn check_many(&mut self) -> Result<(), &str> {
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
        self.text.clear();
        self.text.push(b',');
        write_name(&mut self.text, name, position)?;
        self.text.push(b'=');
        Ok(())
    }
}
