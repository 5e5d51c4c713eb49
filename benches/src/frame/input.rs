//! The stream and the frames in it.

use std::hint::black_box;

use fastrand::Rng;

use super::Format;
use crate::harness::Pass;

pub(super) struct Input {
    pub(super) format: Format,
    pub(super) bytes: Vec<u8>,
    /// The bytes of one read.
    pub(super) read: usize,
    /// The number of frames.
    pub(super) count: usize,
    /// All frames, without delimiters and prefixes.
    frames: Vec<u8>,
}

impl Input {
    /// Frames of the length `frame`, a quarter more or less, in a stream of at least `len` bytes.
    pub(super) fn new(format: Format, frame: usize, read: usize, len: usize) -> Self {
        let mut rng = Rng::with_seed(3);
        let mut input = Self { format, bytes: Vec::new(), read, count: 0, frames: Vec::new() };
        while input.bytes.len() < len {
            let start = input.frames.len();
            let length = rng.usize(frame - frame / 4..=frame + frame / 4);
            input.frames.extend((0..length).map(|_| content(format, &mut rng)));
            let frame = &input.frames[start..];
            if format == Format::Length {
                let length = u32::try_from(length).unwrap();
                input.bytes.extend_from_slice(&length.to_be_bytes());
            }
            input.bytes.extend_from_slice(frame);
            input.bytes.extend_from_slice(delimiter(format));
            input.count += 1;
        }
        input
    }

    pub(super) fn reads(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(self.read)
    }
}

/// The bytes behind a frame.
pub(super) fn delimiter(format: Format) -> &'static [u8] {
    match format {
        Format::Byte => b"\x17",
        Format::Text => b"\r\n\x17",
        Format::Length => b"",
    }
}

fn content(format: Format, rng: &mut Rng) -> u8 {
    match (format, rng.u8(..100)) {
        (Format::Text, 0) => b'\r',
        (Format::Text, 1) => b'\n',
        _ => rng.u8(b' '..=b'~'),
    }
}

/// Counts frames; in a checked pass it also collects them.
pub(super) struct Frames {
    pass: Pass,
    count: usize,
    len: usize,
    found: Vec<u8>,
}

impl Frames {
    pub(super) fn new(pass: Pass) -> Self {
        Self { pass, count: 0, len: 0, found: Vec::new() }
    }

    #[inline]
    pub(super) fn take(&mut self, frame: &[u8]) {
        self.count += 1;
        self.len += black_box(frame).len();
        if self.pass == Pass::Checked {
            self.found.extend_from_slice(frame);
        }
    }

    /// Panics if these are not the input's frames, byte by byte in a checked pass.
    pub(super) fn verify(&self, input: &Input) {
        assert_eq!((self.count, self.len), (input.count, input.frames.len()));
        assert!(self.pass == Pass::Timed || self.found == input.frames);
    }
}
