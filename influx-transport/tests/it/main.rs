//! Tests over real sockets on the loopback interface, and over scripts in memory where time counts.
//!
//! Which test shows what becomes of a fault:
//!
//! | fault | tests |
//! |---|---|
//! | the connection is refused, or the host is silent | `tcp`; `framed_connections::a_refused_connection_*` |
//! | the host has several addresses, and some are dead | `src/tcp.rs` |
//! | the peer is down for long | `framed_connections::pauses_*` |
//! | the peer accepts connections and closes them at once | `framed_connections::a_peer_that_accepts_and_closes_at_once_*` |
//! | the peer closed a connection that was not in use | `pool`; `framed_connections::a_connection_that_the_peer_closed_while_idle_*`; `framed_one_way::a_peer_that_closed_*` |
//! | the connection is reset inside a request | `framed_connections::a_request_reset_at_any_byte_*`; `framed_one_way::messages_that_*` |
//! | the answer is cut off | `faults::an_answer_cut_at_any_byte_*`; `framed_answers::a_cut_off_answer_*`; `framed_halves::an_input_that_breaks_off_*` |
//! | the answer comes in pieces, or several come at once | `framed_answers::an_answer_in_two_segments_*`, `two_answers_in_one_segment_*`, `answers_in_segments_of_one_byte_*`; `framed_halves::frames_are_the_same_*` |
//! | the answer comes too late | `timeouts`; `framed_answers::an_answer_that_comes_after_its_timeout_*` |
//! | the answer never comes | `timeouts`; `framed_answers::a_peer_that_answers_no_more_*` |
//! | the answer is too large, or no answer at all | `faults`; `framed_answers::an_answer_above_the_limit_*`, `what_is_no_frame_*`, `an_answer_that_nobody_asked_for_*` |
//! | the peer reads nothing | `timeouts`; `framed_answers::a_peer_that_takes_nothing_*`; `framed_one_way::a_peer_that_takes_nothing_*` |
//! | the peer talks without end | `framed_one_way::a_peer_that_talks_without_end_*` |
//! | callers give up | `pool`; `framed_callers::callers_that_give_up_*`, `a_request_may_be_dropped_after_any_number_of_polls` |
//! | there are too many messages | `framed_callers::more_requests_than_may_be_under_way_*`; `framed_one_way::the_queue_has_room_*` |
//! | a datagram is too large, or nobody receives it | `udp`; `listeners::a_datagram_above_the_limit_*` |
//! | the system has no file descriptor for a peer | `src/listen/patience.rs` |
//! | tasks or connections are left over | `framed_connections::dropping_transports_*`, `a_transport_outlives_*` |

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

mod fault_proxy;
mod faults;
mod framed_answers;
mod framed_callers;
mod framed_connections;
mod framed_halves;
mod framed_one_way;
mod frames;
mod listeners;
mod pool;
mod server;
mod support;
mod tcp;
mod timeouts;
mod tls;
mod udp;
