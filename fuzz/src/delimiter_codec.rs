//! `DelimiterCodec` against a naive search of the whole input.

use arbitrary::Unstructured;
use influx_framing::{AnyCodec, Delimiter, DelimiterCodec, FrameError, OversizePolicy};

use crate::cuts::pieces;
use crate::framing::{Outcome, check_pieces, complete, oversize, policy, too_large};

/// A way to cut, a policy, a limit, the delimiter's length and bytes, then the input.
pub fn delimiter_codec(data: &[u8]) {
    let mut options = Unstructured::new(data);
    let [way, policy_choice, limit, len] = options.arbitrary().unwrap_or_default();
    let Ok(delimiter) = options.bytes(1 + usize::from(len % 8)) else { return };
    let input = options.take_rest();
    let (policy, limit) = (policy(policy_choice), usize::from(limit));

    let mut codec = DelimiterCodec::new(Delimiter::new(delimiter).expect("it has 1 to 8 bytes"));
    (codec.max_len, codec.oversize) = (limit, policy);
    let codec = AnyCodec::Delimiter(codec);
    let expected = model(input, delimiter, limit, policy);
    let most = limit + delimiter.len();
    for way in [0, 1, way] {
        check_pieces(&codec, pieces(way, input), most, &expected);
    }
}

fn model(mut input: &[u8], delimiter: &[u8], limit: usize, policy: OversizePolicy) -> Outcome {
    let mut frames = Vec::new();
    while let Some(len) = input.windows(delimiter.len()).position(|bytes| bytes == delimiter) {
        let payload = &input[..len];
        input = &input[len + delimiter.len()..];
        if len <= limit {
            frames.push(complete(payload));
            continue;
        }
        match oversize(policy, limit, payload) {
            Ok(frame) => frames.push(frame),
            Err(error) => return (frames, Err(error)),
        }
    }
    // The last bytes may be the beginning of a delimiter, all before them are the frame's.
    let certain = (input.len() + 1).saturating_sub(delimiter.len());
    if policy == OversizePolicy::Error && certain > limit {
        return (frames, Err(too_large(limit)));
    }
    let bytes = input.len() as u64;
    (frames, if bytes == 0 { Ok(()) } else { Err(FrameError::Truncated { bytes }) })
}
