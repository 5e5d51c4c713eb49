//! A binary heap that takes items of one key in the order in which a real server takes them.

/// A heap whose least item comes first. The order of items with equal keys is that of the binary
/// heap of the server, which decides how points of one time are joined (measured on 0.8.9).
pub(super) struct Heap<T>(Vec<(i64, T)>);

impl<T> Heap<T> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn push(&mut self, key: i64, item: T) {
        self.0.push((key, item));
        let mut child = self.0.len() - 1;
        while child > 0 {
            let parent = (child - 1) / 2;
            if !self.is_less(child, parent) {
                break;
            }
            self.0.swap(child, parent);
            child = parent;
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let last = self.0.len().checked_sub(1)?;
        self.0.swap(0, last);
        let (_, item) = self.0.pop()?;
        let mut parent = 0;
        loop {
            let (left, right) = (2 * parent + 1, 2 * parent + 2);
            let child = if self.is_less(right, left) { right } else { left };
            if !self.is_less(child, parent) {
                return Some(item);
            }
            self.0.swap(child, parent);
            parent = child;
        }
    }

    /// Whether there is an item at the first position, and it is less than that at the second.
    fn is_less(&self, first: usize, second: usize) -> bool {
        let key = |position: usize| self.0.get(position).map(|(key, _)| *key);
        key(first).zip(key(second)).is_some_and(|(first, second)| first < second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the order in which items come out, which are pushed before the first or, as the
    /// next ones of streams, after each.
    fn check(keys: &[i64], expected: &[usize]) {
        let mut heap = Heap::new();
        for (position, &key) in keys.iter().enumerate() {
            heap.push(key, position);
        }
        let found: Vec<usize> = std::iter::from_fn(|| heap.pop()).collect();
        assert_eq!(found, expected, "{keys:?}");
    }

    #[test]
    fn the_least_comes_first() {
        check(&[], &[]);
        check(&[3, 1, 2], &[1, 2, 0]);
        check(&[5, 4, 3, 2, 1, 0], &[5, 4, 3, 2, 1, 0]);
        check(&[1, 1], &[0, 1]);
        check(&[1, 1, 1], &[0, 2, 1]);
    }
}
