//! The keys of one point, to find one that appears twice.

use std::ops::Range;

use super::error::LineProblem;

/// The keys of one point's tags or of its fields, as they stand in the encoder's buffer.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    written: Vec<Range<usize>>,
}

impl Keys {
    /// Up to so many keys, comparing each with all before it is the fastest way.
    const FEW: usize = 16;

    pub(super) fn clear(&mut self) {
        self.written.clear();
    }

    /// Adds the key that ends the buffer. Only the first few are compared here.
    #[inline]
    pub(super) fn insert(&mut self, buffer: &[u8], start: usize) -> Result<(), LineProblem> {
        let key = start..buffer.len();
        let few = self.written.len() < Self::FEW;
        if few && self.written.iter().any(|other| text(buffer, other) == text(buffer, &key)) {
            return Err(LineProblem::Duplicate);
        }
        self.written.push(key);
        Ok(())
    }

    /// Removes the key that was added last.
    pub(super) fn pop(&mut self) {
        self.written.pop();
    }

    /// A key that appears twice, once all are there.
    ///
    /// Sorting keeps the cost low when somebody else chose the number of keys.
    #[inline]
    pub(super) fn duplicate(&mut self, buffer: &[u8]) -> Option<String> {
        if self.written.len() <= Self::FEW {
            return None;
        }
        self.written.sort_unstable_by_key(|key| text(buffer, key));
        let mut pairs = self.written.iter().zip(self.written.iter().skip(1));
        let (twice, _) = pairs.find(|(one, next)| text(buffer, one) == text(buffer, next))?;
        Some(String::from_utf8_lossy(text(buffer, twice)).into_owned())
    }
}

fn text<'b>(buffer: &'b [u8], key: &Range<usize>) -> &'b [u8] {
    buffer.get(key.clone()).unwrap_or_default()
}
