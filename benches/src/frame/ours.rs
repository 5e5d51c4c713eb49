//! influx-framing, with frames handed out or lent.

use std::ops::ControlFlow;

use bytes::BytesMut;
use influx_framing::{Decoder, Delimiter, DelimiterCodec, Frame, LengthCodec, Prefix};

use super::input::{Frames, Input, delimiter as delimiter_of};

pub(super) fn delimiter(input: &Input, frames: &mut Frames) {
    hand_out(input, frames, delimiter_codec(input));
}

pub(super) fn delimiter_lent(input: &Input, frames: &mut Frames) {
    lend(input, frames, delimiter_codec(input));
}

pub(super) fn length(input: &Input, frames: &mut Frames) {
    hand_out(input, frames, length_codec());
}

pub(super) fn length_lent(input: &Input, frames: &mut Frames) {
    lend(input, frames, length_codec());
}

fn delimiter_codec(input: &Input) -> DelimiterCodec {
    let delimiter = delimiter_of(input.format);
    let mut codec = DelimiterCodec::new(Delimiter::new(delimiter).unwrap());
    codec.max_len = MAX_LEN;
    codec
}

fn length_codec() -> LengthCodec {
    let mut codec = LengthCodec::new(Prefix::U32_BE);
    codec.max_len = MAX_LEN;
    codec
}

/// The limit of a frame, the same as that of the peers.
const MAX_LEN: usize = 8 << 20;

fn hand_out(input: &Input, frames: &mut Frames, mut codec: impl Decoder<Item = Frame>) {
    let mut buffer = BytesMut::new();
    for read in input.reads() {
        buffer.extend_from_slice(read);
        while let Some(frame) = codec.decode(&mut buffer).unwrap() {
            frames.take(&frame.into_complete().unwrap());
        }
    }
}

fn lend(input: &Input, frames: &mut Frames, mut codec: impl Decoder<Item = Frame>) {
    let mut buffer = BytesMut::new();
    for read in input.reads() {
        buffer.extend_from_slice(read);
        let lent = codec.decode_each(&mut buffer, |frame| {
            frames.take(frame.into_complete().unwrap());
            ControlFlow::Continue(())
        });
        lent.unwrap();
    }
}
