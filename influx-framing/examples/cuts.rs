//! Frames out and in: `cargo run -p influx-framing --example frames -- len:u16be hello world`.
//!
//! The first argument is a codec in its form as text, the others are frames. The bytes on the wire
//! are decoded in reads of 3 bytes, as a socket might deliver them.

use std::env;
use std::error::Error;

use bytes::BytesMut;
use influx_framing::{AnyCodec, Decoder, Encoder};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let codec = arguments.next().unwrap_or_else(|| "delim:0x17,max=64KiB,over=skip".to_owned());
    let codec: AnyCodec = codec.parse()?;

    let mut encoder = codec.clone();
    let mut wire = BytesMut::new();
    for frame in arguments {
        encoder.encode(frame, &mut wire)?;
    }
    println!("{codec} sends {}", wire.escape_ascii());

    let mut decoder = codec;
    let mut input = BytesMut::new();
    for read in wire.chunks(3) {
        input.extend_from_slice(read);
        while let Some(frame) = decoder.decode(&mut input)? {
            println!("received {frame:?}");
        }
    }
    while let Some(frame) = decoder.decode_eof(&mut input)? {
        println!("received {frame:?} at the end");
    }
    Ok(())
}
