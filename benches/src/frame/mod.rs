//! Taking frames out of a stream that arrives in reads of one size.

mod input;
mod limits;
mod ours;
mod peers;

use std::rc::Rc;

use self::Format::{Byte, Length, Text};
use self::input::{Frames, Input};
use crate::harness::Kind::{self, Limit, Ours, Peer};
use crate::harness::{Case, Contender, Scale, Workload};

type Decode = fn(&Input, &mut Frames);

/// All contenders. To add one, write its function and one line here.
const CONTENDERS: &[(&[Format], Kind, &str, Decode)] = &[
    (&[Byte, Text, Length], Limit, "copying the reads", limits::copy),
    (&[Byte], Limit, "copying the reads and memchr", limits::memchr),
    (&[Byte], Peer, "tokio read_until, one Vec", peers::read_until),
    (&[Byte], Peer, "tokio-util AnyDelimiterCodec", peers::any_delimiter),
    (&[Text], Peer, "memmem from the start, split_to", peers::memmem),
    (&[Length], Peer, "tokio-util LengthDelimitedCodec", peers::length_delimited),
    (&[Length], Peer, "std read_exact into a Vec", peers::read_exact),
    (&[Byte, Text], Ours, "DelimiterCodec, Bytes", ours::delimiter),
    (&[Byte, Text], Ours, "DelimiterCodec, lent", ours::delimiter_lent),
    (&[Length], Ours, "LengthCodec, Bytes", ours::length),
    (&[Length], Ours, "LengthCodec, lent", ours::length_lent),
];

/// The boundary between frames.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    /// By 0x17.
    Byte,
    /// By a carriage return, a line feed and 0x17; the frames have the first two in them too.
    Text,
    /// By four bytes of length, big-endian.
    Length,
}

/// The frames' length, and that of the reads.
struct Shape {
    format: Format,
    name: &'static str,
    frame: usize,
    read: usize,
}

const SHAPES: &[Shape] = &[
    Shape { format: Byte, name: "byte/32", frame: 32, read: READ },
    Shape { format: Byte, name: "byte/200", frame: 200, read: READ },
    Shape { format: Byte, name: "byte/4096", frame: 4096, read: READ },
    Shape { format: Byte, name: "byte/1MiB-trickle", frame: 1 << 20, read: TRICKLE },
    Shape { format: Text, name: "text/200", frame: 200, read: READ },
    Shape { format: Text, name: "text/4096", frame: 4096, read: READ },
    Shape { format: Text, name: "text/1MiB", frame: 1 << 20, read: READ },
    Shape { format: Length, name: "length/32", frame: 32, read: READ },
    Shape { format: Length, name: "length/200", frame: 200, read: READ },
    Shape { format: Length, name: "length/1MiB-trickle", frame: 1 << 20, read: TRICKLE },
];

const READ: usize = 8 * 1024;

/// So short that a search from the start again would show.
const TRICKLE: usize = 100;

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    SHAPES.iter().map(|shape| Workload {
        name: format!("framing/decode/{}", shape.name),
        build: Box::new(move |scale| case(shape, scale)),
    })
}

fn case(shape: &Shape, scale: Scale) -> Case {
    let (len, frame) = match scale {
        Scale::Full => (16 << 20, shape.frame),
        Scale::Small => (256 << 10, shape.frame.min(64 << 10)),
    };
    let input = Rc::new(Input::new(shape.format, frame, shape.read, len));
    let contenders = CONTENDERS.iter().filter(|(formats, ..)| formats.contains(&shape.format));
    let contenders = contenders.map(|&(_, kind, name, decode)| {
        let input = Rc::clone(&input);
        let pass = move |pass| {
            let mut frames = Frames::new(pass);
            decode(&input, &mut frames);
            if kind != Limit {
                frames.verify(&input);
            }
        };
        Contender { kind, name, pass: Box::new(pass) }
    });
    Case { bytes: input.bytes.len(), points: input.count, contenders: contenders.collect() }
}
