//! The codecs through their public interface: against naive models, at every cut of the input.

#![cfg(test)]

mod bounds;
mod delimiter;
mod drive;
mod envelope;
mod fixed_and_eof;
mod header_and_decimal;
mod length;
mod prompt;
mod reclaim;
mod round_trip;
