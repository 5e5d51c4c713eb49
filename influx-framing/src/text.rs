//! Text in other encodings than UTF-8.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::{Decoder, Encoder, FrameError, InvalidCodec, Message};

/// Text in an encoding of the WHATWG Encoding Standard, one in each frame of the codec `C`.
///
/// A frame that is not valid in the encoding is [`Message::Bad`], never repaired; a character
/// that the encoding lacks cannot be sent: [`FrameError::Unmappable`]. A byte order mark of the
/// encoding is removed from each frame that has one; none is written.
///
/// A delimiter is a byte string in the encoded text, where it may be part of a character: 0x17
/// is half of U+1700 in UTF-16. Prefer a length codec for such encodings.
///
/// ```
/// use bytes::BytesMut;
/// use influx_framing::{Decoder, DelimiterCodec, Encoder, Message, TextCodec};
///
/// let mut codec = TextCodec::new(DelimiterCodec::new(b'\n'), "latin1")?;
/// let mut wire = BytesMut::new();
/// codec.encode("23 °C", &mut wire)?;
/// assert_eq!(wire, b"23 \xb0C\n"[..]);
/// assert_eq!(codec.decode(&mut wire)?, Some(Message::Value("23 °C".to_owned())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextCodec<C> {
    frames: C,
    encoding: &'static Encoding,
}

impl<C> TextCodec<C> {
    /// A codec for text in the frames of `frames`. `label` is one of the standard's names, in any
    /// case: `utf-16le`, `shift_jis`, `windows-1252` or its synonym `latin1`.
    ///
    /// # Errors
    ///
    /// [`InvalidCodec::Encoding`] if the standard lacks the name.
    pub fn new(frames: C, label: &str) -> Result<Self, InvalidCodec> {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes());
        Ok(Self { frames, encoding: encoding.ok_or(InvalidCodec::Encoding)? })
    }

    fn read(&self, frame: impl Into<Message<Bytes>>) -> Message<String> {
        frame.into().read(|bytes| match self.encoding.decode_with_bom_removal(bytes) {
            (text, false) => Ok(text.into_owned()),
            (_, true) => Err(format!("not valid {}", self.encoding.name())),
        })
    }
}

impl<C> Decoder for TextCodec<C>
where
    C: Decoder,
    C::Item: Into<Message<Bytes>>,
{
    type Item = Message<String>;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Message<String>>, FrameError> {
        let frame = self.frames.decode(src)?;
        Ok(frame.map(|frame| self.read(frame)))
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Message<String>>, FrameError> {
        let frame = self.frames.decode_eof(src)?;
        Ok(frame.map(|frame| self.read(frame)))
    }
}

impl<S, C> Encoder<S> for TextCodec<C>
where
    S: AsRef<str>,
    C: for<'a> Encoder<&'a [u8]>,
{
    fn encode(&mut self, text: S, dst: &mut BytesMut) -> Result<(), FrameError> {
        let text = text.as_ref();
        // The standard, and so encoding_rs, reads UTF-16 but does not write it.
        let bytes = if self.encoding == UTF_16LE {
            Cow::Owned(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
        } else if self.encoding == UTF_16BE {
            Cow::Owned(text.encode_utf16().flat_map(u16::to_be_bytes).collect())
        } else {
            encode(self.encoding, text)?
        };
        self.frames.encode(&bytes, dst)
    }
}

fn encode<'a>(encoding: &'static Encoding, text: &'a str) -> Result<Cow<'a, [u8]>, FrameError> {
    let (bytes, _, is_lossy) = encoding.encode(text);
    let lacks = |character: &char| encoding.encode(character.encode_utf8(&mut [0; 4])).2;
    match text.chars().find(|character| is_lossy && lacks(character)) {
        Some(character) => Err(FrameError::Unmappable { character, encoding: encoding.name() }),
        None => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DelimiterCodec, LengthCodec, Prefix};

    /// `text` is `wire` in the encoding, in both directions.
    fn check(label: &str, text: &str, wire: &[u8]) {
        let mut codec = TextCodec::new(LengthCodec::new(Prefix::U8), label).unwrap();
        let mut dst = BytesMut::new();
        codec.encode(text, &mut dst).unwrap();
        assert_eq!(dst[1..], *wire, "{label} {text}");
        assert_eq!(codec.decode(&mut dst), Ok(Some(Message::Value(text.to_owned()))));
    }

    #[test]
    fn encodings() {
        check("utf-8", "µ🚀", "µ🚀".as_bytes());
        check("latin1", "µ€", b"\xb5\x80");
        check("UTF-16LE", "aµ🚀", b"a\0\xb5\0\x3d\xd8\x80\xde");
        check("utf-16be", "aµ🚀", b"\0a\0\xb5\xd8\x3d\xde\x80");
        check("shift_jis", "温度", b"\x89\xb7\x93\x78");
    }

    #[test]
    fn invalid_text_is_an_item() {
        for (label, wire) in [
            ("utf-8", &b"\xff"[..]),
            ("utf-16le", b"a"),
            ("utf-16be", b"\xd8\x3d\0a"),
            ("shift_jis", b"\x89"),
        ] {
            let mut codec = TextCodec::new(LengthCodec::new(Prefix::U8), label).unwrap();
            let mut src = BytesMut::new();
            LengthCodec::new(Prefix::U8).encode(wire, &mut src).unwrap();
            codec.encode("next", &mut src).unwrap();
            let Ok(Some(Message::Bad { bytes, reason })) = codec.decode(&mut src) else { panic!() };
            assert_eq!(bytes, wire);
            assert_eq!(reason.to_lowercase(), format!("not valid {label}"));
            assert_eq!(codec.decode(&mut src), Ok(Some(Message::Value("next".to_owned()))));
        }
    }

    #[test]
    fn byte_order_marks_are_removed() {
        let mut codec = TextCodec::new(LengthCodec::new(Prefix::U8), "utf-16le").unwrap();
        let mut src = BytesMut::from(&b"\x04\xff\xfea\0"[..]);
        assert_eq!(codec.decode(&mut src), Ok(Some(Message::Value("a".to_owned()))));
    }

    #[test]
    fn text_that_cannot_be_sent() {
        let mut dst = BytesMut::new();
        let mut codec = TextCodec::new(DelimiterCodec::new(0x17), "latin1").unwrap();
        let unmappable = FrameError::Unmappable { character: '温', encoding: "windows-1252" };
        assert_eq!(codec.encode("23 温度", &mut dst), Err(unmappable));
        let mut codec = TextCodec::new(DelimiterCodec::new(0x17), "utf-16be").unwrap();
        assert_eq!(codec.encode("\u{1700}", &mut dst), Err(FrameError::Delimiter));
        assert!(dst.is_empty());
    }

    #[test]
    fn unknown_labels() {
        for label in ["", "nonsense", "replacement"] {
            let codec = TextCodec::new(DelimiterCodec::new(0x17), label);
            assert_eq!(codec.unwrap_err(), InvalidCodec::Encoding);
        }
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_in_another_encoding() {
        let text = TextCodec::new(LengthCodec::new(Prefix::U16_BE), "utf-16be").unwrap();
        let mut codec = crate::JsonCodec::<String, _>::new(text);
        let mut wire = BytesMut::new();
        codec.encode("°".to_owned(), &mut wire).unwrap();
        assert_eq!(wire, b"\0\x06\0\"\0\xb0\0\""[..]);
        assert_eq!(codec.decode(&mut wire), Ok(Some(Message::Value("°".to_owned()))));
        wire.extend_from_slice(b"\0\x01x");
        assert!(matches!(codec.decode(&mut wire), Ok(Some(Message::Bad { .. }))));
    }
}
