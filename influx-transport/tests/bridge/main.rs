//! Tests of the bridge, over real sockets on the loopback interface, and in memory where time
//! counts. The books of every bridge are checked when it is dropped.
//!
//! The defects of datalogd's `SocketDataFilter`, and the tests that show them absent here:
//!
//! | defect | test |
//! |---|---|
//! | only the client that connected last receives delimiters | `messages::every_peer_receives_every_message_with_its_delimiter` |
//! | invalid JSON is received as if it was a JSON string | `messages::a_bad_message_is_received_as_such_and_harms_nothing` |
//! | invalid text or deep nesting ends the client's handler and leaves its writer behind, after which no client receives delimiters | `hostile::no_bytes_of_a_peer_harm_it_or_others` |
//! | invalid text ends the client role for ever | `hostile::no_bytes_of_the_server_end_a_client` |
//! | an exception in the program's receiver ends the connection | callbacks do not exist; `hostile::a_codec_that_panics_loses_one_connection` |
//! | a message that is too long arrives in pieces, each as a message; outgoing sizes are not checked | `limits::a_message_that_is_too_long_*` |
//! | `None`, bytes or a number as the delimiter raise an error | delimiters are bytes: `framings::any_codec_of_bytes_*`; no delimiter is `EofCodec`: `framings::one_message_per_connection_*` |
//! | without a delimiter there is no limit, messages are glued together and the connection stays open | `framings::one_message_per_connection_*` |
//! | a delimiter that occurs in JSON text is sent as it is | `framings::a_message_that_contains_its_delimiter_is_refused` |
//! | NaN and infinity are sent and accepted, though JSON has neither | `messages::numbers_that_json_lacks_*` |
//! | map keys that are not text are changed, and other values are dropped with a warning | `messages::what_json_cannot_express_is_an_error` |
//! | numbers and arrays of numpy raise errors or are dropped | numpy does not exist here; all values that serde can serialize are sent: `messages::what_json_cannot_express_is_an_error` |
//! | `None` and empty lists are not sent; an empty message is received as an empty string | `messages::null_and_empty_values_are_messages`, `messages::a_bad_message_*` |
//! | a delimiter in a configuration file is taken as its escape sequence's characters | `framings::any_codec_of_bytes_*` |
//! | an unknown structure is taken as raw, and raw messages may contain the delimiter | codecs are types; `framings::a_message_that_contains_its_delimiter_is_refused` |
//! | an unknown encoding is noticed at the first message; UTF-16 is cut inside of characters, and every message has a byte order mark | `framings::text_in_other_encodings` |
//! | an unfinished message at the end of a connection is received as a message | `hostile::an_unfinished_message_is_the_reason_of_the_departure` |
//! | a client that closed its sending side receives nothing more | `messages::a_peer_that_has_said_all_still_receives` |
//! | an unknown role is taken as the client role | roles are constructors: `Bridge::server`, `Bridge::client` |
//! | port 0 is never reported, an impossible port ends the task in silence | `limits::a_server_says_where_it_listens_and_why_it_cannot` |
//! | a client retries every five seconds and drops what is sent meanwhile | `clients::what_is_sent_before_the_server_is_there_arrives_in_order` |
//! | a client reconnects thousands of times a second to a server that closes at once | `clients::a_server_that_closes_at_once_is_left_alone_longer_and_longer` |
//! | messages for a client that reads nothing fill the memory | `slow_peers`, `crowds`, `memory` |
//! | it cannot be closed | `closing` |
//! | a client that vanished is never noticed | `limits::sockets_are_probed_for_peers_that_have_vanished` |
//! | encryption, authentication and limits for clients are missing | `limits::peers_may_have_to_prove_who_they_are`, `limits::further_peers_*` |

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic; the exception for tests does not reach their helpers"
)]

mod clients;
mod closing;
mod crowds;
mod deadlines;
mod events;
mod framings;
mod hostile;
#[path = "../it/leaks.rs"]
mod leaks;
mod limits;
mod losses;
mod memory;
mod messages;
mod resets;
mod slow_peers;
mod support;
mod threads;
