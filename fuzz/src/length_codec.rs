//! `LengthCodec` against a naive reading of the whole input.

use arbitrary::Unstructured;
use influx_framing::{AnyCodec, FrameError, LengthCodec, OversizePolicy, Prefix};

use crate::cuts::pieces;
use crate::framing::{Outcome, check_pieces, complete, oversize, policy, too_large};

/// A way to cut, a policy, a limit (255: none), a form of prefix, an adjustment, then the input.
pub fn length_codec(data: &[u8]) {
    let mut options = Unstructured::new(data);
    let [way, policy_choice, limit, form] = options.arbitrary().unwrap_or_default();
    let adjustment: i8 = options.arbitrary().unwrap_or_default();
    let input = options.take_rest();
    let model = Model {
        form: Form::choose(form),
        adjustment: adjustment.into(),
        limit: if limit == u8::MAX { usize::MAX } else { limit.into() },
        policy: policy(policy_choice),
    };

    let mut codec = LengthCodec::new(model.form.prefix());
    codec.adjustment = model.adjustment;
    (codec.max_len, codec.oversize) = (model.limit, model.policy);
    let codec = AnyCodec::Length(codec);
    let expected = model.outcome(input);
    let most = model.limit.saturating_add(MAX_PREFIX);
    for way in [0, 1, way] {
        check_pieces(&codec, pieces(way, input), most, &expected);
    }
}

/// A varint of 64 bits.
const MAX_PREFIX: usize = 10;

enum Form {
    BigEndian(u8),
    LittleEndian(u8),
    Varint,
}

impl Form {
    fn choose(choice: u8) -> Self {
        match choice % 17 {
            width @ 0..8 => Self::BigEndian(width + 1),
            width @ 8..16 => Self::LittleEndian(width - 7),
            _ => Self::Varint,
        }
    }

    fn prefix(&self) -> Prefix {
        match *self {
            Self::BigEndian(width) => Prefix::big_endian(width).expect("1 to 8 bytes"),
            Self::LittleEndian(width) => Prefix::little_endian(width).expect("1 to 8 bytes"),
            Self::Varint => Prefix::VARINT,
        }
    }

    /// The number that begins the input and its length; `None` if it is incomplete.
    fn read(&self, input: &[u8]) -> Result<Option<(u128, usize)>, FrameError> {
        let sum = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte));
        match *self {
            Self::BigEndian(width) => {
                let width = usize::from(width);
                Ok(input.get(..width).map(|bytes| (sum(bytes), width)))
            }
            Self::LittleEndian(width) => {
                let width = usize::from(width);
                let reversed = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<_>>();
                Ok(input.get(..width).map(|bytes| (sum(&reversed(bytes)), width)))
            }
            Self::Varint => {
                let mut number = 0;
                for (at, byte) in input.iter().take(MAX_PREFIX).enumerate() {
                    number |= u128::from(byte & 0x7f) << (7 * at);
                    if *byte < 0x80 && number <= u64::MAX.into() {
                        return Ok(Some((number, at + 1)));
                    }
                }
                let incomplete = input.len() < MAX_PREFIX && number <= u64::MAX.into();
                if incomplete { Ok(None) } else { Err(FrameError::InvalidLength) }
            }
        }
    }
}

struct Model {
    form: Form,
    adjustment: i64,
    limit: usize,
    policy: OversizePolicy,
}

impl Model {
    fn outcome(&self, mut input: &[u8]) -> Outcome {
        let mut frames = Vec::new();
        while !input.is_empty() {
            let truncated = FrameError::Truncated { bytes: input.len() as u64 };
            let (number, width) = match self.form.read(input) {
                Ok(Some(prefix)) => prefix,
                Ok(None) => return (frames, Err(truncated)),
                Err(error) => return (frames, Err(error)),
            };
            let Some(len) = number.checked_add_signed(self.adjustment.into()) else {
                return (frames, Err(FrameError::InvalidLength));
            };
            if len > u64::MAX.into() {
                return (frames, Err(FrameError::InvalidLength));
            }
            let is_oversize = len > self.limit as u128;
            if is_oversize && self.policy == OversizePolicy::Error {
                return (frames, Err(too_large(self.limit)));
            }
            let rest = &input[width..];
            if len > rest.len() as u128 {
                return (frames, Err(truncated));
            }
            let (payload, after) = rest.split_at(usize::try_from(len).expect("it has arrived"));
            input = after;
            if !is_oversize {
                frames.push(complete(payload));
                continue;
            }
            match oversize(self.policy, self.limit, payload) {
                Ok(frame) => frames.push(frame),
                Err(error) => return (frames, Err(error)),
            }
        }
        (frames, Ok(()))
    }
}
