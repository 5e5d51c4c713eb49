//! Many texts in one.

/// The texts of a column: one after the other in one text, and where each of them begins.
///
/// Columnar formats, such as Arrow's, have them like this.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Texts<'a> {
    pub(super) joined: &'a str,
    pub(super) offsets: &'a [usize],
}

impl<'a> Texts<'a> {
    /// The text at a position: empty for a null.
    pub fn get(&self, index: usize) -> Option<&'a str> {
        let end = self.offsets.get(index.checked_add(1)?)?;
        self.joined.get(*self.offsets.get(index)?..*end)
    }

    /// All texts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let texts = *self;
        (0..texts.len()).map(move |index| texts.get(index).unwrap_or_default())
    }

    /// All texts in one, without anything between them.
    pub fn joined(&self) -> &'a str {
        self.joined
    }

    /// Where the texts begin in [`joined`](Self::joined), in bytes, and at last where it ends:
    /// one more than there are texts.
    pub fn offsets(&self) -> &'a [usize] {
        self.offsets
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The memory behind [`Texts`].
#[derive(Clone, Debug)]
pub(super) struct TextBuffer {
    joined: String,
    /// Invariant: begins with 0, ends with `joined.len()`.
    offsets: Vec<usize>,
}

impl TextBuffer {
    #[inline]
    pub(super) fn push(&mut self, text: &str) {
        self.joined.push_str(text);
        self.offsets.push(self.joined.len());
    }

    pub(super) fn clear(&mut self) {
        self.joined.clear();
        self.offsets.truncate(1);
    }

    pub(super) fn view(&self) -> Texts<'_> {
        Texts { joined: &self.joined, offsets: &self.offsets }
    }
}

impl Default for TextBuffer {
    fn default() -> Self {
        Self { joined: String::new(), offsets: vec![0] }
    }
}
