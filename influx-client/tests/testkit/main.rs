//! The embedded server against the recorded answers of a real one, and over sockets.

mod bodies;
mod compare;
mod recording;
mod replay;
