//! The framings of other systems against a naive reading of the whole input.

use arbitrary::Unstructured;
use influx_framing::{AnyCodec, Frame, FrameError, OversizePolicy};

use crate::cuts::pieces;
use crate::framing::{Outcome, check_pieces, complete, malformed, oversize, policy, too_large};

/// Reads a whole input.
type Read = fn(&Model, &[u8]) -> Outcome;

const FRAMINGS: &[(&str, Read)] = &[
    ("octet-count", |model, input| model.counted(input, 0, |input| decimal(input, b' ', b""))),
    ("netstring", |model, input| model.counted(input, 0, |input| decimal(input, b':', b","))),
    ("grpc", |model, input| model.counted(input, 1, |input| big_endian(input, 1, 4, 0))),
    ("postgres", |model, input| model.counted(input, 1, |input| big_endian(input, 1, 4, 4))),
    ("modbus", |model, input| model.counted(input, 4, |input| big_endian(input, 4, 2, 0))),
    ("eol", |model, input| model.delimited(input, b"\n", line)),
    ("stx", |model, input| model.delimited(input, b"\x03", |wire, _| after(wire, b"\x02"))),
    ("mllp", |model, input| model.delimited(input, b"\x1c\r", |wire, _| after(wire, b"\x0b"))),
    ("json-seq", |model, input| model.delimited(input, b"\x1e", element)),
    ("slip", |model, input| model.delimited(input, b"\xc0", |wire, _| unslip(wire))),
    ("cobs", |model, input| model.delimited(input, b"\0", |wire, _| uncobs(wire))),
];

/// A framing, a way to cut, a policy, a limit (255: none), then the input.
pub fn preset_codec(data: &[u8]) {
    let mut options = Unstructured::new(data);
    let [framing, way, policy_choice, limit] = options.arbitrary().unwrap_or_default();
    let input = options.take_rest();
    let (name, read) = FRAMINGS[usize::from(framing) % FRAMINGS.len()];
    let policy = policy(policy_choice);
    let limit = if limit == u8::MAX { 1 << 20 } else { usize::from(limit) };
    let text = format!("{name},max={limit},over={}", format!("{policy:?}").to_lowercase());
    let codec: AnyCodec = text.parse().expect("the table has valid codecs");
    let expected = read(&Model { name, limit, policy }, input);
    // An escape doubles each byte; the longest delimiter and length have 2 and 20.
    let most = 2 * limit + 22;
    for way in [0, 1, way] {
        check_pieces(&codec, pieces(way, input), most, &expected);
    }
}

struct Model {
    name: &'static str,
    limit: usize,
    policy: OversizePolicy,
}

/// The bytes before the counted ones, their number, and the bytes that must follow.
type Counted = (usize, u128, &'static [u8]);

/// The bytes between two delimiters: a frame, nothing, or bytes that are not a frame.
type Opened = Result<Option<Vec<u8>>, ()>;

impl Model {
    /// Frames whose length stands behind `offset` bytes of them.
    fn counted(
        &self,
        mut input: &[u8],
        offset: usize,
        read: impl Fn(&[u8]) -> Result<Option<Counted>, ()>,
    ) -> Outcome {
        let mut frames = Vec::new();
        while !input.is_empty() {
            let truncated = FrameError::Truncated { bytes: input.len() as u64 };
            let (head, len, trailer) = match read(input) {
                Ok(Some(counted)) => counted,
                Ok(None) => return (frames, Err(truncated)),
                Err(()) => return (frames, Err(FrameError::InvalidLength)),
            };
            let is_oversize = len + offset as u128 > self.limit as u128;
            if is_oversize && self.policy == OversizePolicy::Error {
                return (frames, Err(too_large(self.limit)));
            }
            let rest = &input[head..];
            if len + trailer.len() as u128 > rest.len() as u128 {
                return (frames, Err(truncated));
            }
            let (counted, behind) = rest.split_at(usize::try_from(len).expect("it has arrived"));
            let Some(behind) = behind.strip_prefix(trailer) else {
                return (frames, Err(FrameError::InvalidLength));
            };
            let frame = [&input[..offset], counted].concat();
            input = behind;
            frames.push(if is_oversize {
                oversize(self.policy, self.limit, &frame).expect("it is an item")
            } else {
                complete(&frame)
            });
        }
        (frames, Ok(()))
    }

    fn delimited(
        &self,
        mut input: &[u8],
        delimiter: &[u8],
        open: impl Fn(&[u8], bool) -> Opened,
    ) -> Outcome {
        let (mut frames, mut is_first) = (Vec::new(), true);
        let overhead = |len: usize| match self.name {
            "slip" => len,
            "cobs" => len / 254 + 1,
            // A carriage return, and the mark that the first line may begin with.
            "eol" => 1 + MARK.len(),
            _ => 1,
        };
        let wire_limit = self.limit + overhead(self.limit);
        loop {
            let found = input.windows(delimiter.len()).position(|bytes| bytes == delimiter);
            let is_sequence = self.name == "json-seq";
            let Some(len) =
                found.or_else(|| (is_sequence && !input.is_empty()).then_some(input.len()))
            else {
                break;
            };
            let wire = &input[..len];
            input = input.get(len + delimiter.len()..).unwrap_or_default();
            let was_first = std::mem::take(&mut is_first);
            let opened = open(wire, was_first);
            let frame = match opened {
                _ if wire.len() > wire_limit => None,
                Ok(None) => continue,
                Err(()) => {
                    frames.push(malformed(wire));
                    continue;
                }
                Ok(Some(frame)) => Some(frame),
            };
            match frame {
                Some(frame) if frame.len() <= self.limit => frames.push(complete(&frame)),
                _ => match self.oversize(wire, wire_limit, |wire| open(wire, was_first)) {
                    Ok(frame) => frames.push(frame),
                    Err(error) => return (frames, Err(error)),
                },
            }
        }
        let certain = (input.len() + 1).saturating_sub(delimiter.len());
        if self.policy == OversizePolicy::Error && certain > wire_limit {
            return (frames, Err(too_large(self.limit)));
        }
        let is_noise = match self.name {
            "stx" => !input.contains(&2),
            "mllp" => !input.contains(&0x0b),
            _ => false,
        };
        let bytes = input.len() as u64;
        let is_end = bytes == 0 || is_noise && certain <= wire_limit;
        (frames, if is_end { Ok(()) } else { Err(FrameError::Truncated { bytes }) })
    }

    /// A frame above the limit: the head is as much of it as can be read.
    fn oversize(
        &self,
        wire: &[u8],
        wire_limit: usize,
        open: impl Fn(&[u8]) -> Opened,
    ) -> Result<Frame, FrameError> {
        let kept = &wire[..wire.len().min(wire_limit)];
        let head = match self.name {
            "json-seq" if wire.len() > wire_limit => kept.to_vec(),
            "slip" => longest(kept, unslip),
            "cobs" => cobs_head(kept),
            _ => open(kept).ok().flatten().unwrap_or_default(),
        };
        let head = head.get(..self.limit).unwrap_or(&head);
        // Of the wire form, its length alone counts.
        let mut frame = oversize(self.policy, 0, wire).map_err(|_| too_large(self.limit))?;
        if let Frame::Oversize { head: kept, .. } = &mut frame
            && self.policy == OversizePolicy::Truncate
        {
            *kept = bytes::Bytes::copy_from_slice(head);
        }
        Ok(frame)
    }
}

fn decimal(input: &[u8], separator: u8, trailer: &'static [u8]) -> Result<Option<Counted>, ()> {
    let digits = input.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(&input[..digits]).expect("digits are ASCII");
    let is_padded = digits > 1 && text.starts_with('0');
    let number = if digits == 0 { Some(0) } else { text.parse::<u64>().ok() };
    match (number, input.get(digits)) {
        (None, _) => Err(()),
        _ if is_padded => Err(()),
        (_, None) => Ok(None),
        (Some(number), Some(byte)) if *byte == separator && digits > 0 => {
            Ok(Some((digits + 1, number.into(), trailer)))
        }
        _ => Err(()),
    }
}

fn big_endian(input: &[u8], offset: usize, width: usize, own: u128) -> Result<Option<Counted>, ()> {
    let Some(bytes) = input.get(offset..offset + width) else { return Ok(None) };
    let number = bytes.iter().fold(0, |sum: u128, byte| sum << 8 | u128::from(*byte));
    Ok(Some((offset + width, number.checked_sub(own).ok_or(())?, b"")))
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

#[expect(clippy::unnecessary_wraps, reason = "as the other envelopes")]
fn line(wire: &[u8], is_first: bool) -> Opened {
    let marked = if is_first { wire.strip_prefix(MARK) } else { None };
    let line = marked.unwrap_or(wire);
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
}

fn after(wire: &[u8], start: &[u8]) -> Opened {
    let at = wire.windows(start.len()).rposition(|bytes| bytes == start).ok_or(())?;
    Ok(Some(wire[at + start.len()..].to_vec()))
}

fn element(wire: &[u8], is_first: bool) -> Opened {
    match wire.split_last() {
        None => Ok(None),
        Some((b'\n', element)) if !is_first => Ok(Some(element.to_vec())),
        _ => Err(()),
    }
}

fn unslip(wire: &[u8]) -> Opened {
    if wire.is_empty() {
        return Ok(None);
    }
    let (mut frame, mut rest) = (Vec::new(), wire);
    while let [first, behind @ ..] = rest {
        (rest, ()) = match (first, behind) {
            (0xdb, [0xdc, behind @ ..]) => (behind, frame.push(0xc0)),
            (0xdb, [0xdd, behind @ ..]) => (behind, frame.push(0xdb)),
            (0xdb, _) => return Err(()),
            (byte, behind) => (behind, frame.push(*byte)),
        };
    }
    Ok(Some(frame))
}

fn uncobs(wire: &[u8]) -> Opened {
    if wire.is_empty() {
        return Ok(None);
    }
    let (mut frame, mut at) = (Vec::new(), 0);
    while at < wire.len() {
        let end = at + usize::from(wire[at]);
        frame.extend(wire.get(at + 1..end).ok_or(())?);
        if wire[at] < 0xff && end < wire.len() {
            frame.push(0);
        }
        at = end;
    }
    Ok(Some(frame))
}

/// The frame of the longest beginning that can be read.
fn longest(wire: &[u8], open: fn(&[u8]) -> Opened) -> Vec<u8> {
    let opened = (0..=wire.len()).rev().find_map(|len| open(&wire[..len]).ok().flatten());
    opened.unwrap_or_default()
}

/// As much of the frame as there is, if its last block is cut off.
fn cobs_head(wire: &[u8]) -> Vec<u8> {
    let (mut frame, mut at) = (Vec::new(), 0);
    while at < wire.len() {
        let end = at + usize::from(wire[at]);
        frame.extend(&wire[at + 1..end.min(wire.len())]);
        if wire[at] < 0xff && end < wire.len() {
            frame.push(0);
        }
        at = end;
    }
    frame
}
