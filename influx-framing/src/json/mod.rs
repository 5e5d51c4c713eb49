//! Typed JSON messages over any codec.

mod finite;

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::{fmt, io};

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::{Formatter, Serializer};

use self::finite::FiniteCheck;
use crate::{Decoder, Encoder, FrameError, Message};

/// JSON messages of type `T`, one in each frame of the codec `C`.
///
/// `C` is any codec of bytes, or a `TextCodec` (feature `encoding`) where the JSON is not UTF-8.
/// A frame that is not JSON, not a `T`, or nested deeper than 127 levels is [`Message::Bad`], and
/// the next frame is decoded as ever.
///
/// This codec writes no byte below 0x20, so such a delimiter never occurs in a message. A message
/// that contains its delimiter, as `,`, is [`FrameError::Delimiter`].
///
/// JSON has neither infinities nor NaN: a message with one is [`FrameError::NonFinite`], never
/// `null`. To look for them, `encode` calls the `Serialize` of a message that has a `null` twice.
/// A [`serde_json::Value`] has neither: it made them null when it was built.
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decoder, DelimiterCodec, Encoder, JsonCodec, Message};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Deserialize, PartialEq, Serialize)]
/// struct Reading {
///     sensor: String,
///     value: f64,
/// }
///
/// let mut codec = JsonCodec::<Reading, _>::new(DelimiterCodec::new(0x17));
/// let reading = Reading { sensor: "t1".to_owned(), value: 21.5 };
/// let mut wire = BytesMut::from("nonsense\x17");
/// codec.encode(&reading, &mut wire)?;
/// assert_eq!(wire, b"nonsense\x17{\"sensor\":\"t1\",\"value\":21.5}\x17"[..]);
///
/// assert!(matches!(codec.decode(&mut wire)?, Some(Message::Bad { .. })));
/// assert_eq!(codec.decode(&mut wire)?, Some(Message::Value(reading)));
/// # Ok::<(), influx_framing::FrameError>(())
/// ```
pub struct JsonCodec<T, C> {
    frames: C,
    message: PhantomData<fn(T) -> T>,
}

impl<T, C> JsonCodec<T, C> {
    /// A codec for messages in the frames of `frames`.
    pub fn new(frames: C) -> Self {
        Self { frames, message: PhantomData }
    }
}

impl<T, C> Decoder for JsonCodec<T, C>
where
    T: DeserializeOwned,
    C: Decoder,
    C::Item: Into<Message<Bytes>>,
{
    type Item = Message<T>;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Message<T>>, FrameError> {
        Ok(self.frames.decode(src)?.map(read))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Message<T>>, FrameError> {
        Ok(self.frames.decode_eof(src)?.map(read))
    }
}

/// Accepts messages by value and by reference.
impl<T, C, M> Encoder<M> for JsonCodec<T, C>
where
    T: Serialize,
    C: for<'a> Encoder<&'a str>,
    M: Borrow<T>,
{
    fn encode(&mut self, message: M, dst: &mut BytesMut) -> Result<(), FrameError> {
        self.frames.encode(&write(message.borrow())?, dst)
    }
}

impl<T, C: Clone> Clone for JsonCodec<T, C> {
    fn clone(&self) -> Self {
        Self::new(self.frames.clone())
    }
}

impl<T, C: fmt::Debug> fmt::Debug for JsonCodec<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonCodec").field(&self.frames).finish()
    }
}

fn read<T: DeserializeOwned>(frame: impl Into<Message<Bytes>>) -> Message<T> {
    frame.into().read(|bytes| serde_json::from_slice(bytes).map_err(|error| error.to_string()))
}

fn write<T: Serialize>(message: &T) -> Result<String, FrameError> {
    let (mut text, mut nulls) = (Vec::with_capacity(128), Nulls(false));
    let written = message.serialize(&mut Serializer::with_formatter(&mut text, &mut nulls));
    // It writes NaN and infinities as null, and refuses them as keys of maps.
    if nulls.0 || written.is_err() {
        message.serialize(FiniteCheck)?;
    }
    written.map_err(|error| FrameError::Serialize(error.into()))?;
    String::from_utf8(text).map_err(|error| FrameError::Serialize(error.into()))
}

/// Writes as `serde_json::to_string` does, and remembers whether there was a null.
struct Nulls(bool);

impl Formatter for &mut Nulls {
    fn write_null<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0 = true;
        writer.write_all(b"null")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::error::Error as _;
    use std::iter::from_fn;

    use proptest::collection::{hash_map, vec};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{DelimiterCodec, LengthCodec, OversizePolicy, Prefix};

    /// Decodes `wire` as messages delimited by 0x17, cut anywhere; of bad ones, how the reason
    /// begins.
    fn check<T>(wire: &[u8], expected: &[Result<T, &str>])
    where
        T: DeserializeOwned + fmt::Debug + PartialEq,
    {
        // Every cut of a short input, some cuts of a long one.
        for cut in (0..=wire.len()).step_by(1 + wire.len() / 100) {
            let mut codec = JsonCodec::<T, _>::new(DelimiterCodec::new(0x17));
            let mut src = BytesMut::new();
            let mut messages = Vec::new();
            for piece in [&wire[..cut], &wire[cut..]] {
                src.extend_from_slice(piece);
                messages.extend(from_fn(|| codec.decode(&mut src).unwrap()));
            }
            assert_eq!(codec.decode_eof(&mut src).unwrap(), None);
            assert_eq!(messages.len(), expected.len());
            for (message, expected) in messages.iter().zip(expected) {
                match (message, expected) {
                    (Message::Value(value), Ok(expected)) => assert_eq!(value, expected),
                    (Message::Bad { reason, .. }, Err(expected)) => {
                        assert!(reason.starts_with(expected), "{reason}");
                    }
                    _ => panic!("{message:?} is not {expected:?}"),
                }
            }
        }
    }

    #[test]
    fn bad_messages_do_not_end_the_stream() {
        check(
            b"1\x17 \"x\" \x17\x17{\x17[2]\x17",
            &[
                Ok(json!(1)),
                Ok(json!("x")),
                Err("EOF while parsing a value"),
                Err("EOF while parsing an object"),
                Ok(json!([2])),
            ],
        );
        check(
            b"1\x17-1\x17\"\xff\"\x17\xef\xbb\xbf3\x172\x17",
            &[
                Ok(1_u8),
                Err("invalid value: integer `-1`, expected u8"),
                Err("invalid unicode code point"),
                Err("expected value"),
                Ok(2),
            ],
        );
    }

    #[test]
    fn reasons_are_short_single_lines() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Empty {}

        let mut codec = JsonCodec::<Empty, _>::new(DelimiterCodec::new(0x17));
        let mut src = BytesMut::new();
        src.extend_from_slice(format!("{{\"\\n{}\":1}}\x17", "x".repeat(1000)).as_bytes());
        let Ok(Some(Message::Bad { bytes, reason })) = codec.decode(&mut src) else { panic!() };
        assert_eq!(bytes.len(), 1008);
        assert_eq!(reason.chars().count(), 200);
        assert!(reason.starts_with("unknown field `\u{fffd}xxx"), "{reason}");
    }

    #[test]
    fn deep_nesting_is_bad_on_a_small_stack() {
        let test = || {
            let deep = |open: &str, levels| format!("{}\x17", open.repeat(levels));
            let too_deep = || Err("recursion limit exceeded");
            check::<Value>(deep("[", 1_000_000).as_bytes(), &[too_deep()]);
            check::<Value>(deep(r#"{"a":["#, 150_000).as_bytes(), &[too_deep()]);
        };
        std::thread::Builder::new().stack_size(256 * 1024).spawn(test).unwrap().join().unwrap();
    }

    #[test]
    fn control_delimiters_cannot_occur_in_a_message() {
        for delimiter in 0..0x20_u8 {
            let text = char::from(delimiter).to_string();
            let message = json!({ text.clone(): [text] });
            let mut codec = JsonCodec::<Value, _>::new(DelimiterCodec::new(delimiter));
            let mut wire = BytesMut::new();
            codec.encode(&message, &mut wire).unwrap();
            assert_eq!(codec.decode(&mut wire), Ok(Some(Message::Value(message))));
        }
    }

    #[test]
    fn messages_that_cannot_be_sent() {
        let mut wire = BytesMut::from("before");
        let mut codec = JsonCodec::<Value, _>::new(DelimiterCodec::new(b','));
        assert_eq!(codec.encode(json!([1, 2]), &mut wire), Err(FrameError::Delimiter));
        let mut codec = JsonCodec::<HashMap<(), u8>, _>::new(DelimiterCodec::new(0x17));
        let error = codec.encode(HashMap::from([((), 1)]), &mut wire).unwrap_err();
        assert_eq!(error, FrameError::Serialize("key must be a string".into()));
        assert_eq!(error.source().unwrap().to_string(), "key must be a string");
        assert_eq!(wire, "before");
    }

    #[test]
    fn oversize_frames_stay_what_they_are() {
        let mut frames = LengthCodec::new(Prefix::U8);
        (frames.max_len, frames.oversize) = (2, OversizePolicy::Truncate);
        let mut codec = JsonCodec::<u8, _>::new(frames);
        let mut src = BytesMut::from("\x03123\x02-1\x017");
        let oversize = Message::Oversize { head: "12".into(), seen: 3 };
        assert_eq!(codec.decode(&mut src), Ok(Some(oversize)));
        assert!(matches!(codec.decode(&mut src), Ok(Some(Message::Bad { .. }))));
        assert_eq!(codec.decode(&mut src).unwrap().unwrap().into_value(), Some(7));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            proptest::num::f64::NORMAL.prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                hash_map(any::<String>(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn messages_survive(sent in vec(json(), 0..4)) {
            let mut codec = JsonCodec::<Value, _>::new(DelimiterCodec::new(0x17));
            let mut wire = BytesMut::new();
            for message in &sent {
                codec.encode(message, &mut wire).unwrap();
            }
            let received: Vec<_> = from_fn(|| codec.decode(&mut wire).unwrap()).collect();
            let sent: Vec<_> = sent.into_iter().map(Message::Value).collect();
            prop_assert_eq!(received, sent);
            prop_assert_eq!(codec.decode_eof(&mut wire), Ok(None));
        }
    }
}
