//! The state of an encoder: the points so far, as bodies.

use super::cell::CellWriter;
use super::groups::Groups;
use crate::encode::EncodeOptions;
use crate::text::room::Buffer;

/// The points so far, and the writer of their cells.
#[derive(Default)]
pub(super) struct Bodies<'n> {
    pub(super) cells: CellWriter<'n>,
    pub(super) groups: Groups,
    /// Where the head of a point is made, to look for its group.
    pub(super) head: Buffer,
}

impl Bodies<'_> {
    pub(super) fn new(options: EncodeOptions) -> Self {
        let groups = Groups::new(options.max_points, options.max_bytes);
        Self { cells: CellWriter::new(options), groups, head: Buffer::default() }
    }
}
