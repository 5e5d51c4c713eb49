//! How much may wait in a queue, and who waits for room in it.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign};
use std::task::{Poll, Waker};

/// Room for messages and for their bytes, given to callers in the order in which they ask.
///
/// Who finds no room draws a ticket. Room that comes free goes to the first in the line, and to
/// nobody behind it before there is enough: small messages do not pass a large one for ever.
pub(super) struct Room {
    max: Share,
    used: Share,
    /// Those who wait, first come, first served.
    line: BTreeMap<Ticket, Place>,
    next: Ticket,
}

/// How much of the room something takes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Share {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

/// Numbers those who wait.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Ticket(u64);

struct Place {
    share: Share,
    waker: Waker,
}

impl Room {
    pub(super) fn new(max: Share) -> Self {
        Self { max, used: Share::default(), line: BTreeMap::new(), next: Ticket::default() }
    }

    /// Takes a share if there is room and nobody waits for it.
    pub(super) fn take(&mut self, share: Share) -> bool {
        let fits = self.line.is_empty() && (self.used + share).fits(self.max);
        if fits {
            self.used += share;
        }
        fits
    }

    /// Takes a share whether or not there is room.
    pub(super) fn force(&mut self, share: Share) {
        self.used += share;
    }

    /// Waits behind all others for a share.
    pub(super) fn wait(&mut self, share: Share, waker: &Waker) -> Ticket {
        let ticket = self.next;
        self.next.0 += 1;
        self.line.insert(ticket, Place { share, waker: waker.clone() });
        ticket
    }

    /// Is ready when the share was taken for the ticket, whose owner is woken then.
    pub(super) fn poll(&mut self, ticket: Ticket, waker: &Waker) -> Poll<()> {
        match self.line.get_mut(&ticket) {
            Some(place) => {
                place.waker.clone_from(waker);
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }

    /// The owner of a ticket goes without its share, for which others may have waited.
    pub(super) fn leave(&mut self, ticket: Ticket, share: Share, wakers: &mut Vec<Waker>) {
        match self.line.remove(&ticket) {
            Some(_) => self.serve(wakers),
            None => self.release(share, wakers),
        }
    }

    /// Gives room back.
    pub(super) fn release(&mut self, share: Share, wakers: &mut Vec<Waker>) {
        self.used.messages -= share.messages;
        self.used.bytes -= share.bytes;
        self.serve(wakers);
    }

    /// Takes for those who wait what there is room for.
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

    /// A room of which so many bytes are taken by one message, and callers who wait for such
    /// shares, which do not fit.
    fn waiting<const N: usize>(used: usize, shares: [usize; N]) -> (Room, [Ticket; N]) {
        let mut room = Room::new(MAX);
        assert!(room.take(bytes(used)));
        let tickets = shares.map(|share| {
            assert!(!room.take(bytes(share)), "{share} bytes wait");
            room.wait(bytes(share), Waker::noop())
        });
        (room, tickets)
    }

    /// Which of the tickets were served.
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
    fn who_came_first_is_served_first_and_a_large_share_is_not_passed_by_small_ones() {
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
    fn as_many_are_served_as_there_is_room_for() {
        let (mut room, tickets) = waiting(100, [50, 40, 30, 1]);
        let mut wakers = Vec::new();
        room.release(bytes(100), &mut wakers);
        assert_eq!(served(&mut room, tickets), [true, true, false, false]);
        assert_eq!(wakers.len(), 2);
        room.release(bytes(50), &mut wakers);
        assert_eq!(served(&mut room, tickets), [true; 4]);
    }

    #[test]
    fn who_goes_lets_those_behind_take_the_turn() {
        for (first, second) in [(0, 1), (1, 0)] {
            let (mut room, tickets) = waiting(60, [70, 70, 10]);
            let mut wakers = Vec::new();
            room.leave(tickets[first], bytes(70), &mut wakers);
            assert!(wakers.is_empty(), "70 bytes do not fit, and 10 must wait for them");
            room.leave(tickets[second], bytes(70), &mut wakers);
            assert_eq!(wakers.len(), 1, "nobody is woken who has gone");
            assert_eq!(served(&mut room, [tickets[2]]), [true]);
            assert!(room.line.is_empty());
        }
    }

    #[test]
    fn who_goes_after_the_turn_came_gives_the_share_back() {
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
