//! The room in a queue, and the line of callers that wait for it.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign};
use std::task::{Poll, Waker};

/// Room for messages and for their bytes, given to callers in the order in which they ask.
///
/// A caller that does not fit gets a ticket and waits its turn. Free room goes to the first caller
/// in the line only, so that small messages never overtake a large one for ever.
pub(crate) struct Room {
    max: Share,
    used: Share,
    /// The callers that wait, first come, first served.
    line: BTreeMap<Ticket, Place>,
    next: Ticket,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Share {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Ticket(u64);

struct Place {
    share: Share,
    waker: Waker,
}

impl Room {
    pub(crate) fn new(max: Share) -> Self {
        Self { max, used: Share::default(), line: BTreeMap::new(), next: Ticket::default() }
    }

    /// Takes a share if it fits and the line is empty.
    pub(crate) fn take(&mut self, share: Share) -> bool {
        let fits = self.line.is_empty() && (self.used + share).fits(self.max);
        if fits {
            self.used += share;
        }
        fits
    }

    pub(crate) fn force(&mut self, share: Share) {
        self.used += share;
    }

    /// Joins the end of the line for a share.
    pub(crate) fn wait(&mut self, share: Share, waker: &Waker) -> Ticket {
        let ticket = self.next;
        self.next.0 += 1;
        self.line.insert(ticket, Place { share, waker: waker.clone() });
        ticket
    }

    /// Is ready when the share has been taken for the ticket. Its owner is woken then.
    pub(crate) fn poll(&mut self, ticket: Ticket, waker: &Waker) -> Poll<()> {
        match self.line.get_mut(&ticket) {
            Some(place) => {
                place.waker.clone_from(waker);
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }

    /// Gives up a ticket, or its share if that has been taken.
    pub(crate) fn leave(&mut self, ticket: Ticket, share: Share, wakers: &mut Vec<Waker>) {
        match self.line.remove(&ticket) {
            Some(_) => self.serve(wakers),
            None => self.release(share, wakers),
        }
    }

    pub(crate) fn release(&mut self, share: Share, wakers: &mut Vec<Waker>) {
        self.used.messages -= share.messages;
        self.used.bytes -= share.bytes;
        self.serve(wakers);
    }

    /// Serves the line as far as the room allows.
    fn serve(&mut self, wakers: &mut Vec<Waker>) {
        while let Some(first) = self.line.first_entry()
            && (self.used + first.get().share).fits(self.max)
        {
            let Place { share, waker } = first.remove();
            self.used += share;
            wakers.push(waker);
        }
    }
}

impl Share {
    fn fits(self, max: Self) -> bool {
        self.messages <= max.messages && self.bytes <= max.bytes
    }
}

impl Add for Share {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.bytes += other.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: Share = Share { messages: 4, bytes: 100 };

    fn bytes(bytes: usize) -> Share {
        Share { messages: 1, bytes }
    }

    /// A room with one message of `used` bytes, and callers that wait for `shares`, which do not
    /// fit.
    fn waiting<const N: usize>(used: usize, shares: [usize; N]) -> (Room, [Ticket; N]) {
        let mut room = Room::new(MAX);
        assert!(room.take(bytes(used)));
        let tickets = shares.map(|share| {
            assert!(!room.take(bytes(share)), "{share} bytes wait");
            room.wait(bytes(share), Waker::noop())
        });
        (room, tickets)
    }

    /// Whether each ticket was served.
    fn served<const N: usize>(room: &mut Room, tickets: [Ticket; N]) -> [bool; N] {
        tickets.map(|ticket| room.poll(ticket, Waker::noop()).is_ready())
    }

    #[test]
    fn a_share_is_taken_at_once_if_there_is_room() {
        let check = |shares: &[(usize, bool)]| {
            let mut room = Room::new(MAX);
            for (share, fits) in shares {
                assert_eq!(room.take(bytes(*share)), *fits, "{share} of {shares:?}");
            }
        };
        check(&[(100, true), (0, true), (1, false), (0, true)]);
        check(&[(0, true), (0, true), (0, true), (0, true), (0, false)]);
        check(&[(60, true), (41, false), (40, true)]);
    }

    #[test]
    fn the_first_caller_is_served_first_and_small_shares_do_not_overtake_a_large_one() {
        let (mut room, tickets) = waiting(60, [70, 10, 10]);
        let mut wakers = Vec::new();
        // There is room for the small ones, but they came later.
        assert_eq!(served(&mut room, tickets), [false; 3]);
        room.release(bytes(60), &mut wakers);
        assert_eq!(served(&mut room, tickets), [true; 3]);
        assert_eq!(wakers.len(), 3);
        assert!(room.take(bytes(10)));
        // Four messages are in.
        assert!(!room.take(bytes(0)));
    }

    #[test]
    fn callers_are_served_as_far_as_the_room_allows() {
        let (mut room, tickets) = waiting(100, [50, 40, 30, 1]);
        let mut wakers = Vec::new();
        room.release(bytes(100), &mut wakers);
        assert_eq!(served(&mut room, tickets), [true, true, false, false]);
        assert_eq!(wakers.len(), 2);
        room.release(bytes(50), &mut wakers);
        assert_eq!(served(&mut room, tickets), [true; 4]);
    }

    #[test]
    fn a_caller_that_leaves_lets_the_next_take_its_turn() {
        for (first, second) in [(0, 1), (1, 0)] {
            let (mut room, tickets) = waiting(60, [70, 70, 10]);
            let mut wakers = Vec::new();
            room.leave(tickets[first], bytes(70), &mut wakers);
            assert!(wakers.is_empty(), "70 bytes do not fit, and 10 must wait for them");
            room.leave(tickets[second], bytes(70), &mut wakers);
            assert_eq!(wakers.len(), 1, "a caller that left is not woken");
            assert_eq!(served(&mut room, [tickets[2]]), [true]);
            assert!(room.line.is_empty());
        }
    }

    #[test]
    fn a_caller_that_leaves_after_its_turn_gives_the_share_back() {
        let (mut room, [first, second]) = waiting(60, [90, 20]);
        let mut wakers = Vec::new();
        room.release(bytes(60), &mut wakers);
        assert_eq!(served(&mut room, [first, second]), [true, false]);
        room.leave(first, bytes(90), &mut wakers);
        assert_eq!(served(&mut room, [second]), [true]);
        assert_eq!(wakers.len(), 2);
        room.release(bytes(20), &mut wakers);
        assert_eq!(room.used, Share::default());
    }

    #[test]
    fn a_share_that_was_taken_without_room_keeps_others_waiting() {
        let (mut room, tickets) = waiting(100, [1]);
        let mut wakers = Vec::new();
        room.force(bytes(100));
        room.release(bytes(100), &mut wakers);
        assert_eq!(served(&mut room, tickets), [false]);
        room.release(bytes(100), &mut wakers);
        assert_eq!(served(&mut room, tickets), [true]);
    }
}
