//! Looks for numbers that JSON does not have.

use std::convert::identity;
use std::fmt::Display;

use serde::Serialize;
use serde::ser::{
    self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::FrameError;

/// Visits every number of a message and writes nothing: [`FrameError::NonFinite`] for a NaN or an
/// infinity, [`FrameError::Serialize`] where the message's own `Serialize` fails.
///
/// It has the default `is_human_readable`, as `serde_json`, so that both see the same message.
pub(super) struct FiniteCheck;

impl ser::Error for FrameError {
    fn custom<M: Display>(message: M) -> Self {
        Self::Serialize(message.to_string().into())
    }
}

/// Methods that return this of the check.
macro_rules! give {
    ($type:ty, $value:expr; $($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$type, FrameError> {
            Ok($value(self))
        })*
    };
}

/// Methods with one value inside.
macro_rules! enter {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method<T: Serialize + ?Sized>(
            self,
            $(_: $argument,)*
            value: &T,
        ) -> Result<(), FrameError> {
            value.serialize(self)
        })*
    };
}

fn accept(_: FiniteCheck) {}

impl Serializer for FiniteCheck {
    type Ok = ();
    type Error = FrameError;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    give! {
        (), accept;
        serialize_bool(bool); serialize_char(char); serialize_str(&str); serialize_bytes(&[u8]);
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64);
        serialize_i128(i128); serialize_u128(u128); serialize_none(); serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_f32(self, number: f32) -> Result<(), FrameError> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<(), FrameError> {
        if number.is_finite() { Ok(()) } else { Err(FrameError::NonFinite) }
    }

    enter! {
        serialize_some();
        serialize_newtype_struct(&'static str);
        serialize_newtype_variant(&'static str, u32, &'static str);
    }

    // The elements of a compound are visited next.
    give! {
        Self, identity;
        serialize_seq(Option<usize>); serialize_tuple(usize); serialize_map(Option<usize>);
        serialize_struct(&'static str, usize); serialize_tuple_struct(&'static str, usize);
        serialize_tuple_variant(&'static str, u32, &'static str, usize);
        serialize_struct_variant(&'static str, u32, &'static str, usize);
    }

    /// The default would format `value`.
    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), FrameError> {
        Ok(())
    }
}

macro_rules! visit {
    ($($compound:ident: $($method:ident($($key:ty)?)),*;)*) => {
        $(impl $compound for FiniteCheck {
            type Ok = ();
            type Error = FrameError;

            $(fn $method<T: Serialize + ?Sized>(
                &mut self,
                $(_: $key,)?
                value: &T,
            ) -> Result<(), FrameError> {
                value.serialize(Self)
            })*

            fn end(self) -> Result<(), FrameError> {
                Ok(())
            }
        })*
    };
}

visit! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::Ipv4Addr;

    use bytes::BytesMut;
    use serde_json::json;

    use super::*;
    use crate::{DelimiterCodec, Encoder, JsonCodec};

    /// Encodes `message` after other bytes, and `null` after it, which is written in any case.
    fn check<T: Serialize>(message: T, expected: &Result<(), FrameError>) {
        let text = serde_json::to_string(&message).unwrap_or_default();
        let mut codec = JsonCodec::<Option<T>, _>::new(DelimiterCodec::new(0x17));
        let mut wire = BytesMut::from("before ");
        assert_eq!(codec.encode(Some(message), &mut wire), *expected, "{text}");
        codec.encode(None, &mut wire).unwrap();
        let written = if expected.is_ok() { text + "\x17" } else { String::new() };
        assert_eq!(wire, format!("before {written}null\x17"));
    }

    /// Every variant form, and every way to tag them.
    #[derive(Serialize)]
    enum Form<F> {
        Unit,
        Newtype(F),
        Tuple(u8, F),
        Struct { first: u8, value: F },
    }

    #[derive(Serialize)]
    #[serde(tag = "type")]
    enum Internal<F> {
        Newtype(BTreeMap<u8, F>),
        Struct { value: F },
    }

    #[derive(Serialize)]
    #[serde(tag = "type", content = "content")]
    enum Adjacent<F> {
        Tuple(u8, F),
    }

    #[derive(Serialize)]
    #[serde(untagged)]
    enum Untagged<F> {
        Newtype(F),
    }

    #[derive(Serialize)]
    struct Newtype<F>(F);

    #[derive(Serialize)]
    struct Tuple<F>(u8, F);

    #[derive(Serialize)]
    struct Struct<F> {
        first: Option<u8>,
        value: F,
    }

    #[derive(Serialize)]
    struct Flat<F> {
        #[serde(flatten)]
        inner: Struct<F>,
    }

    /// A map whose key is the number.
    struct Key<F>(F);

    impl<F: Serialize> Serialize for Key<F> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, true)])
        }
    }

    /// Has its number in formats for humans alone.
    struct Readable<F>(F);

    impl<F: Serialize> Serialize for Readable<F> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if serializer.is_human_readable() {
                self.0.serialize(serializer)
            } else {
                serializer.serialize_unit()
            }
        }
    }

    fn check_everywhere<F: Copy + Serialize>(number: F, expected: &Result<(), FrameError>) {
        check(number, expected);
        check(Some(Box::new(&number)), expected);
        check(vec![number], expected);
        check((true, number), expected);
        check(BTreeMap::from([("a", BTreeMap::from([(1, [number])]))]), expected);
        check(Form::Newtype(number), expected);
        check(Form::Tuple(1, number), expected);
        check(Form::Struct { first: 1, value: number }, expected);
        check(Internal::Newtype(BTreeMap::from([(1, number)])), expected);
        check(Internal::Struct { value: number }, expected);
        check(Adjacent::Tuple(1, number), expected);
        check(Untagged::Newtype(number), expected);
        check(Newtype(number), expected);
        check(Tuple(1, number), expected);
        check(Struct { first: None, value: number }, expected);
        check(Flat { inner: Struct { first: Some(1), value: number } }, expected);
        check(Key(number), expected);
        check(Readable(number), expected);
    }

    #[test]
    fn numbers_that_json_does_not_have_are_refused_anywhere() {
        for number in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check_everywhere(number, &Err(FrameError::NonFinite));
        }
        for number in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            check_everywhere(number, &Err(FrameError::NonFinite));
        }
    }

    #[test]
    fn finite_numbers_are_written_anywhere() {
        for number in [0.5, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::from_bits(1)] {
            check_everywhere(number, &Ok(()));
        }
        for number in [0.5, -0.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE, f32::from_bits(1)] {
            check_everywhere(number, &Ok(()));
        }
    }

    #[test]
    fn everything_else_is_left_to_serde_json() {
        struct Bytes;

        impl Serialize for Bytes {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(b"\0\xff")
            }
        }

        struct Failing;

        impl Serialize for Failing {
            fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(ser::Error::custom("never"))
            }
        }

        #[derive(Serialize)]
        struct Unit;

        check((true, 'c', "NaN", String::from("inf")), &Ok(()));
        check((i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN), &Ok(()));
        check((u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX), &Ok(()));
        check((None::<f64>, (), Unit, Form::<f64>::Unit, Bytes), &Ok(()));
        check((Ipv4Addr::LOCALHOST, format_args!("{}", f64::NAN)), &Ok(()));
        check((Vec::<f64>::new(), BTreeMap::<u8, f64>::new()), &Ok(()));
        check(Newtype(json!({"a": [null, {"b": -1.5e300}], "c": u64::MAX})), &Ok(()));
        check([Failing], &Err(FrameError::Serialize("never".into())));
    }
}
