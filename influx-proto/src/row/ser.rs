//! A Rust value as a row, whatever the row becomes.

#![expect(clippy::inline_always, reason = "the sink's cursor must stay in a register")]

use std::fmt;

use serde::ser::{Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::sink::{RowSink, owned};
use crate::{Cell, RowError, Time, Value};

/// Writes a struct or a map into a sink.
#[inline(always)]
pub(crate) fn write_row<T: Serialize + ?Sized, S: RowSink>(
    value: &T,
    sink: &mut S,
) -> Result<(), S::Error> {
    value.serialize(ValueWriter::<S, ROW>(sink))
}

/// One value alone, such as the key of a map.
struct Single(Value);

impl RowSink for Single {
    type Error = RowError;

    fn column(&mut self, _: &'static str) -> Result<(), RowError> {
        Ok(())
    }

    fn cell(&mut self, cell: Cell<'_>) -> Result<(), RowError> {
        self.0 = owned(cell);
        Ok(())
    }

    fn locate(&self, error: RowError) -> RowError {
        error
    }
}

fn single<T: Serialize + ?Sized>(value: &T) -> Result<Value, RowError> {
    let mut sink = Single(Value::Null);
    value.serialize(ValueWriter::<_, CELL>(&mut sink))?;
    Ok(sink.0)
}

// The meaning of a value: a row, one cell of it, or the integer inside of a `Time`.
const ROW: u8 = 0;
const CELL: u8 = 1;
const TIME: u8 = 2;

struct ValueWriter<'s, S, const KIND: u8>(&'s mut S);

impl<S: RowSink, const KIND: u8> ValueWriter<'_, S, KIND> {
    #[inline(always)]
    fn cell(self, cell: Cell<'_>) -> Result<(), S::Error> {
        if KIND == ROW { Err(refused::<KIND>("").into()) } else { self.0.cell(cell) }
    }

    fn wide_integer<T>(self, value: T) -> Result<(), S::Error>
    where
        T: TryInto<i64> + TryInto<u64> + Copy + fmt::Display,
    {
        if let Ok(value) = value.try_into() {
            return self.cell(Cell::Int(value));
        }
        match value.try_into() {
            Ok(value) => self.cell(Cell::UInt(value)),
            Err(_) => Err(RowError::of_row(format!("{value} does not fit into 64 bits")).into()),
        }
    }
}

#[cold]
fn refused<const KIND: u8>(what: &str) -> RowError {
    RowError::of_row(match KIND {
        ROW => "only a struct or a map is a row".to_owned(),
        _ => format!("a column cannot hold {what}"),
    })
}

/// Methods for values that become a cell.
macro_rules! cells {
    ($($method:ident($type:ty) => |$value:ident| $cell:expr;)*) => {$(
        #[inline(always)]
        fn $method(self, $value: $type) -> Result<(), S::Error> {
            self.cell($cell)
        }
    )*};
}

/// Methods for values that do not fit into a cell.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $ok:ty: $what:literal;)*) => {$(
        fn $method(self $(, _: $argument)*) -> Result<$ok, S::Error> {
            Err(refused::<KIND>($what).into())
        }
    )*};
}

impl<'s, S: RowSink, const KIND: u8> Serializer for ValueWriter<'s, S, KIND> {
    type Ok = ();
    type Error = S::Error;
    type SerializeSeq = Impossible<(), S::Error>;
    type SerializeTuple = Impossible<(), S::Error>;
    type SerializeTupleStruct = Impossible<(), S::Error>;
    type SerializeTupleVariant = Impossible<(), S::Error>;
    type SerializeMap = MapWriter<'s, S>;
    type SerializeStruct = StructWriter<'s, S, KIND>;
    type SerializeStructVariant = Impossible<(), S::Error>;

    cells! {
        serialize_bool(bool) => |value| Cell::Bool(value);
        serialize_i8(i8) => |value| Cell::Int(value.into());
        serialize_i16(i16) => |value| Cell::Int(value.into());
        serialize_i32(i32) => |value| Cell::Int(value.into());
        serialize_i64(i64) => |value| {
            if KIND == TIME { Cell::Time(Time::from_nanos(value)) } else { Cell::Int(value) }
        };
        serialize_u8(u8) => |value| Cell::Int(value.into());
        serialize_u16(u16) => |value| Cell::Int(value.into());
        serialize_u32(u32) => |value| Cell::Int(value.into());
        serialize_u64(u64) => |value| Cell::UInt(value);
        serialize_f32(f32) => |value| Cell::Float(value.into());
        serialize_f64(f64) => |value| Cell::Float(value);
        serialize_char(char) => |value| Cell::Str(value.encode_utf8(&mut [0; 4]));
        serialize_str(&str) => |value| Cell::Str(value);
        serialize_unit_struct(&'static str) => |_name| Cell::Null;
    }

    refuse! {
        serialize_bytes(&[u8]) -> (): "bytes";
        serialize_seq(Option<usize>) -> Self::SerializeSeq: "a sequence";
        serialize_tuple(usize) -> Self::SerializeTuple: "a tuple";
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct: "a tuple";
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant: "an enum with data";
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant: "an enum with data";
    }

    fn serialize_i128(self, value: i128) -> Result<(), S::Error> {
        self.wide_integer(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), S::Error> {
        self.wide_integer(value)
    }

    #[inline(always)]
    fn serialize_none(self) -> Result<(), S::Error> {
        self.cell(Cell::Null)
    }

    fn serialize_unit(self) -> Result<(), S::Error> {
        self.cell(Cell::Null)
    }

    #[inline(always)]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), S::Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), S::Error> {
        self.cell(Cell::Str(variant))
    }

    #[inline(always)]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        if KIND == CELL && name == Time::NAME {
            return value.serialize(ValueWriter::<S, TIME>(self.0));
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), S::Error> {
        Err(refused::<KIND>("an enum with data").into())
    }

    fn serialize_map(self, len: Option<usize>) -> Result<MapWriter<'s, S>, S::Error> {
        if KIND != ROW {
            return Err(refused::<KIND>("a map").into());
        }
        self.0.begin(len.unwrap_or_default());
        Ok(MapWriter(self.0))
    }

    #[inline(always)]
    fn serialize_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<StructWriter<'s, S, KIND>, S::Error> {
        if KIND == ROW {
            self.0.begin(len);
        } else if name != "SystemTime" {
            return Err(refused::<KIND>("a struct").into());
        }
        Ok(StructWriter { sink: self.0, nanos: 0 })
    }
}

/// The fields of a row, or of a `SystemTime` in a cell.
struct StructWriter<'s, S, const KIND: u8> {
    sink: &'s mut S,
    /// The time so far, in nanoseconds since 1970.
    nanos: u128,
}

impl<S: RowSink, const KIND: u8> SerializeStruct for StructWriter<'_, S, KIND> {
    type Ok = ();
    type Error = S::Error;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        if KIND == ROW {
            self.sink.column(name)?;
            let written = value.serialize(ValueWriter::<S, CELL>(self.sink));
            return written.map_err(|error| self.sink.locate(error));
        }
        let unit = if name == "secs_since_epoch" { 1_000_000_000 } else { 1 };
        self.nanos += u128::from(single(value)?.as_u64().unwrap_or(u64::MAX)) * unit;
        Ok(())
    }

    #[inline(always)]
    fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
        if KIND == ROW { self.sink.skip(name) } else { Ok(()) }
    }

    #[inline(always)]
    fn end(self) -> Result<(), S::Error> {
        if KIND == ROW {
            return Ok(());
        }
        let time = i64::try_from(self.nanos).map_or(Time::MAX, Time::from_nanos);
        self.sink.cell(Cell::Time(time))
    }
}

struct MapWriter<'s, S>(&'s mut S);

impl<S: RowSink> SerializeMap for MapWriter<'_, S> {
    type Ok = ();
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        match single(key)? {
            Value::String(key) => self.0.map_column(key),
            _ => Err(RowError::of_row("the name of a column must be a text").into()),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        let written = value.serialize(ValueWriter::<S, CELL>(self.0));
        written.map_err(|error| self.0.locate(error))
    }

    fn end(self) -> Result<(), S::Error> {
        Ok(())
    }
}
