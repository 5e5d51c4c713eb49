//! Frames found by other projects' crates.

use std::io::{self, BufReader, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use futures_util::FutureExt;
use memchr::memmem::Finder;
use tokio::io::{AsyncBufReadExt, AsyncRead, ReadBuf};
use tokio_util::codec::{AnyDelimiterCodec, Decoder, LengthDelimitedCodec};

use super::Format;
use super::input::{Frames, Input, delimiter};

pub(super) fn read_until(input: &Input, frames: &mut Frames) {
    let reads = Reads { rest: &input.bytes, read: input.read };
    let mut reader = tokio::io::BufReader::with_capacity(input.read, reads);
    let mut frame = Vec::new();
    let all = async {
        while reader.read_until(0x17, &mut frame).await.unwrap() > 0 {
            frames.take(&frame[..frame.len() - 1]);
            frame.clear();
        }
    };
    all.now_or_never().expect("the input is always ready");
}

pub(super) fn any_delimiter(input: &Input, frames: &mut Frames) {
    let delimiter = delimiter(Format::Byte).to_vec();
    decode(input, frames, AnyDelimiterCodec::new(delimiter.clone(), delimiter));
}

pub(super) fn length_delimited(input: &Input, frames: &mut Frames) {
    decode(input, frames, LengthDelimitedCodec::new());
}

/// The usual hand-written loop: each read is searched together with the rest of the last.
pub(super) fn memmem(input: &Input, frames: &mut Frames) {
    let delimiter = delimiter(Format::Text);
    let finder = Finder::new(delimiter);
    let mut buffer = BytesMut::new();
    for read in input.reads() {
        buffer.extend_from_slice(read);
        while let Some(at) = finder.find(&buffer) {
            frames.take(&buffer.split_to(at).freeze());
            buffer.advance(delimiter.len());
        }
    }
}

pub(super) fn read_exact(input: &Input, frames: &mut Frames) {
    let reads = Reads { rest: &input.bytes, read: input.read };
    let mut reader = BufReader::with_capacity(input.read, reads);
    let mut length = [0; 4];
    while reader.read_exact(&mut length).is_ok() {
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        reader.read_exact(&mut frame).unwrap();
        frames.take(&frame);
    }
}

fn decode(input: &Input, frames: &mut Frames, mut codec: impl Decoder<Item: AsRef<[u8]>>) {
    let mut buffer = BytesMut::new();
    for read in input.reads() {
        buffer.extend_from_slice(read);
        while let Ok(Some(frame)) = codec.decode(&mut buffer) {
            frames.take(frame.as_ref());
        }
    }
}

/// A stream that gives at most `read` bytes to a read.
struct Reads<'a> {
    rest: &'a [u8],
    read: usize,
}

impl Read for Reads<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, rest) = self.rest.split_at(self.read.min(self.rest.len()).min(buffer.len()));
        buffer[..read.len()].copy_from_slice(read);
        self.rest = rest;
        Ok(read.len())
    }
}

impl AsyncRead for Reads<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let len = self.read.min(self.rest.len()).min(buffer.remaining());
        let (read, rest) = self.rest.split_at(len);
        buffer.put_slice(read);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}
