//! The points of one body, grouped by name and columns.

use std::collections::HashMap;

use super::cell::put_string;
use crate::encode::{Body, EncodeError, PointPart, PointProblem};
use crate::text::room::{Buffer, put};

/// The groups of the open body, and the bodies before it.
pub(super) struct Groups {
    max_points: usize,
    max_bytes: usize,
    bodies: Vec<Body>,
    /// The memory of the next group.
    pub(super) memory: Vec<u8>,
    open: Vec<Group>,
    by_head: HashMap<Vec<u8>, usize>,
    /// The group that was found last.
    last: usize,
    /// The length of the open body if it ended here.
    len: usize,
    /// The number of all points, and of those before the open body.
    points: usize,
    before: usize,
    /// Whether all points of the open body are identified.
    identified: bool,
}

/// Points of one name with the same columns: a comma, the head, and each point with a comma.
struct Group {
    head: Vec<u8>,
    bytes: Buffer,
    end: usize,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.end == 1 + self.head.len()
    }

    /// The whole object.
    fn take(&mut self) -> Vec<u8> {
        self.bytes.set(self.end - 1, b']');
        put(self.bytes.room(self.end), 0, *b"}");
        self.bytes.take(self.end + 1)
    }
}

impl Groups {
    pub(super) fn new(max_points: usize, max_bytes: usize) -> Self {
        Self {
            max_points,
            max_bytes,
            bodies: Vec::new(),
            memory: Vec::new(),
            open: Vec::new(),
            by_head: HashMap::new(),
            last: 0,
            len: EMPTY,
            points: 0,
            before: 0,
            identified: true,
        }
    }

    pub(super) fn points(&self) -> usize {
        self.points
    }

    /// The group with this head.
    pub(super) fn find(&mut self, head: &[u8]) -> Option<usize> {
        if self.open.get(self.last).is_none_or(|group| group.head != head) {
            self.last = *self.by_head.get(head)?;
        }
        Some(self.last)
    }

    /// Begins a group, unless there is one with this head.
    pub(super) fn add(&mut self, head: &[u8]) -> usize {
        if let Some(group) = self.find(head) {
            return group;
        }
        let mut bytes = Buffer::reuse(std::mem::take(&mut self.memory));
        put(bytes.room(0), 0, *b",");
        let end = bytes.write(1, head);
        self.open.push(Group { head: head.to_vec(), bytes, end });
        self.len += end + END_OF_GROUP;
        self.last = self.open.len() - 1;
        self.by_head.insert(head.to_vec(), self.last);
        self.last
    }

    /// Takes the bytes of a group out, to write points behind their end.
    pub(super) fn take(&mut self, group: usize) -> (Buffer, usize) {
        let group = self.open.get_mut(group);
        group.map(|group| (std::mem::take(&mut group.bytes), group.end)).unwrap_or_default()
    }

    pub(super) fn give_back(&mut self, group: usize, bytes: Buffer) {
        if let Some(group) = self.open.get_mut(group) {
            group.bytes = bytes;
        }
    }

    /// The numbers of points and of bytes up to which a group can be extended without a new body.
    pub(super) fn limits(&self, group: usize) -> (usize, usize) {
        let end = self.open.get(group).map_or(0, |group| group.end);
        let points = self.max_points.saturating_sub(self.points - self.before);
        (points, end.saturating_add(self.max_bytes.saturating_sub(self.len)))
    }

    /// Adds points that were written behind a group and that the limits allow.
    pub(super) fn extend(&mut self, group: usize, end: usize, points: usize, identified: bool) {
        if let Some(group) = self.open.get_mut(group) {
            self.len += end - group.end;
            group.end = end;
            self.points += points;
            self.identified &= identified;
        }
    }

    /// Adds one point that was written behind a group, in a new body if it does not fit.
    /// Returns its group there.
    ///
    /// # Errors
    ///
    /// [`PointProblem::TooLarge`].
    pub(super) fn commit(
        &mut self,
        group: usize,
        end: usize,
        identified: bool,
    ) -> Result<usize, EncodeError> {
        let (points, bytes) = self.limits(group);
        if points > 0 && end <= bytes {
            self.extend(group, end, 1, identified);
            return Ok(group);
        }
        self.commit_to_new_body(group, end, identified)
    }

    #[cold]
    fn commit_to_new_body(
        &mut self,
        group: usize,
        end: usize,
        identified: bool,
    ) -> Result<usize, EncodeError> {
        let Some(old) = self.open.get(group) else { return Ok(group) };
        let point = old.bytes.until(end).get(old.end..).unwrap_or_default().to_vec();
        let head = old.head.clone();
        self.end_body();
        let group = self.add(&head);
        if self.len + point.len() > self.max_bytes {
            self.clear();
            let problem = PointProblem::large_point(self.max_bytes);
            return Err(EncodeError::new(PointPart::Point, "", "", problem));
        }
        let mut end = end;
        if let Some(new) = self.open.get_mut(group) {
            end = new.bytes.write(new.end, &point);
        }
        self.extend(group, end, 1, identified);
        Ok(group)
    }

    fn end_body(&mut self) {
        let points = self.points - self.before;
        if points > 0 {
            let mut groups = self.open.iter_mut().filter(|group| !group.is_empty());
            let mut all = Vec::new();
            if let Some(first) = groups.next() {
                first.bytes.set(0, b'[');
                all = first.take();
            }
            groups.for_each(|group| all.extend_from_slice(&group.take()));
            all.push(b']');
            self.bodies.push(Body { bytes: all.into(), points, identified: self.identified });
        }
        self.clear();
    }

    fn clear(&mut self) {
        self.open.clear();
        self.by_head.clear();
        self.last = 0;
        self.len = EMPTY;
        self.before = self.points;
        self.identified = true;
    }

    pub(super) fn finish(mut self) -> Vec<Body> {
        self.end_body();
        self.bodies
    }
}

impl Default for Groups {
    fn default() -> Self {
        Self::new(usize::MAX, usize::MAX)
    }
}

/// The length of the brackets around all groups, without the first one, which stands in the place
/// of a comma.
const EMPTY: usize = 1;

/// A group's last comma becomes its bracket, and a brace follows.
const END_OF_GROUP: usize = 1;

/// Writes an object up to its first point. Returns the end.
pub(super) fn write_head<'c>(
    buffer: &mut Buffer,
    name: &str,
    columns: impl Iterator<Item = &'c str>,
) -> usize {
    let at = buffer.write(0, br#"{"name":"#);
    let at = put_string(buffer, at, name);
    let mut at = buffer.write(at, br#""columns":["#);
    for column in columns {
        at = put_string(buffer, at, column);
    }
    // In the place of the last comma.
    buffer.write(at - 1, br#"],"points":["#)
}
