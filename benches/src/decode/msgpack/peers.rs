//! rmp-serde, and `rmp` by hand for exactly these columns. Both need the whole answer at once.

use std::fmt;
use std::iter;

use rmp::decode::{
    read_array_len, read_bool, read_ext_meta, read_f64, read_int, read_map_len, read_str_from_slice,
};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::decode::flat::FlatSeries;
use crate::decode::input::Input;
use crate::generate::Row;
use crate::tally::Tally;

#[derive(Deserialize)]
struct Document<S> {
    results: Vec<Statement<S>>,
}

#[derive(Deserialize)]
struct Statement<S> {
    series: Vec<S>,
}

#[derive(Deserialize)]
struct TypedSeries<'a> {
    #[serde(borrow)]
    values: Vec<TypedRow<'a>>,
}

#[derive(Deserialize)]
struct TypedRow<'a>(Nanos, u64, &'a str, f64, f64);

impl TypedRow<'_> {
    fn row(&self) -> Row<'_> {
        let Self(Nanos(time), sequence_number, host, value, idle) = *self;
        Row { time, sequence_number, host, value, idle }
    }
}

pub(super) fn cells(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    for_each(input, &body, |series: FlatSeries<'_>| tally.take(series.len(), series.rows()));
}

pub(super) fn tuples(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    for_each(input, &body, |series: TypedSeries<'_>| {
        tally.take(series.values.len(), series.values.iter().map(TypedRow::row));
    });
}

/// The documents are read one after the other; their number is told for free.
fn for_each<'de, S: Deserialize<'de>>(input: &Input, body: &'de [u8], mut take: impl FnMut(S)) {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(body);
    for _ in input.documents(body) {
        let document = Document::<S>::deserialize(&mut deserializer).unwrap();
        document.results.into_iter().flat_map(|result| result.series).for_each(&mut take);
    }
}

/// A time in nanoseconds, as an integer or as the server's own type.
pub(crate) struct Nanos(pub(crate) i64);

impl<'de> Deserialize<'de> for Nanos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor)
    }
}

pub(crate) struct TimeVisitor;

impl<'de> Visitor<'de> for TimeVisitor {
    type Value = Nanos;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Nanos, E> {
        Ok(Nanos(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Nanos, E> {
        Ok(Nanos(value.cast_signed()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, time: D) -> Result<Nanos, D::Error> {
        time.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut time: A) -> Result<Nanos, A::Error> {
        let kind: i8 = time.next_element()?.unwrap();
        assert_eq!(kind, 5);
        let content: &[u8] = time.next_element()?.unwrap();
        Ok(Nanos(nanos(content)))
    }
}

fn nanos(content: &[u8]) -> i64 {
    let seconds = i64::from_be_bytes(content[..8].try_into().unwrap());
    seconds * 1_000_000_000 + i64::from(i32::from_be_bytes(content[8..].try_into().unwrap()))
}

pub(super) fn by_hand(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    let mut rest = &body[..];
    while !rest.is_empty() {
        read_document(&mut rest, tally);
    }
}

fn read_document(rest: &mut &[u8], tally: &mut Tally) {
    for _ in 0..read_map_len(rest).unwrap() {
        assert_eq!(text(rest), "results");
        for _ in 0..read_array_len(rest).unwrap() {
            for _ in 0..read_map_len(rest).unwrap() {
                match text(rest) {
                    "statement_id" => assert_eq!(read_int::<u64, _>(rest).unwrap(), 0),
                    "series" => read_list(rest, |rest| read_series(rest, tally)),
                    _ => assert!(read_bool(rest).unwrap()),
                }
            }
        }
    }
}

fn read_series(rest: &mut &[u8], tally: &mut Tally) {
    for _ in 0..read_map_len(rest).unwrap() {
        match text(rest) {
            "name" => assert_eq!(text(rest), "cpu"),
            "columns" => read_list(rest, |rest| assert!(!text(rest).is_empty())),
            "values" => read_list(rest, |rest| tally.take(1, iter::once(read_row(rest)))),
            _ => assert!(read_bool(rest).unwrap()),
        }
    }
}

fn read_row<'a>(rest: &mut &'a [u8]) -> Row<'a> {
    assert_eq!(read_array_len(rest).unwrap(), 5);
    let time = if rest[0] == 0xc7 {
        read_ext_meta(rest).unwrap();
        let (content, behind) = rest.split_at(12);
        *rest = behind;
        nanos(content)
    } else {
        read_int(rest).unwrap()
    };
    let sequence_number = read_int(rest).unwrap();
    let host = text(rest);
    let value = read_f64(rest).unwrap();
    Row { time, sequence_number, host, value, idle: read_f64(rest).unwrap() }
}

fn read_list<'a>(rest: &mut &'a [u8], mut read: impl FnMut(&mut &'a [u8])) {
    for _ in 0..read_array_len(rest).unwrap() {
        read(rest);
    }
}

fn text<'a>(rest: &mut &'a [u8]) -> &'a str {
    let (text, behind) = read_str_from_slice(*rest).unwrap();
    *rest = behind;
    text
}
