//! `MsgpackDecoder`: any bytes, any cuts, any limits.

use arbitrary::Unstructured;
use influx_proto::decode::{DecodeError, DecodeOptions, InvalidText, MsgpackDecoder};
use influx_proto::{Time, TimeUnit, Value};
use rmpv::Value as Tree;

use crate::cuts::pieces;
use crate::drive::{Outcome, drive};
use crate::series_decoder::{Item, item};

/// A way to cut, limits, then MessagePack.
///
/// Cuts do not change the events, every error but `NotUtf8` is final, the buffer keeps to the
/// limits, and the rows are those that `rmpv` reads.
pub fn msgpack_decoder(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let way = input.arbitrary().unwrap_or_default();
    let choice = input.arbitrary().unwrap_or_default();
    let options = options(choice);
    let answer = input.take_rest();

    let expected = decode([answer], options);
    // A short input is enough to show a fault of single bytes, and a long one takes long.
    if answer.len() <= 256 {
        check_same(&decode(pieces(1, answer), options), &expected);
    }
    check_same(&decode(pieces(way, answer), options), &expected);
    if choice == 0 && expected.1.is_ok() {
        check_rows(answer, &expected.0);
    }
}

/// Compares by `Debug`, for NaN equals nothing.
fn check_same(found: &Outcome<Item>, expected: &Outcome<Item>) {
    assert_eq!(format!("{found:?}"), format!("{expected:?}"), "cut");
}

/// 0 for lax limits, else small ones, which short inputs can exceed.
fn options(choice: u8) -> DecodeOptions {
    let mut options = DecodeOptions::default();
    options.invalid_text = InvalidText::Replace;
    let choice = usize::from(choice);
    if choice > 0 {
        options.invalid_text =
            if choice % 3 == 0 { InvalidText::Replace } else { InvalidText::Refuse };
        options.max_columns = choice % 5;
        options.max_member = choice;
        options.max_row = choice / 2;
        options.max_string = choice % 9;
        options.time_unit = (choice % 2 == 0).then_some(TimeUnit::Milliseconds);
    }
    options
}

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, options: DecodeOptions) -> Outcome<Item> {
    let most = options.max_row.max(options.max_member).max(64);
    let next = |decoder: &mut MsgpackDecoder| match decoder.next_event() {
        // The decoder goes on behind it.
        Err(error @ DecodeError::NotUtf8 { .. }) => Ok(Some(Item::NotUtf8(error))),
        event => Ok(event?.map(item)),
    };
    drive(MsgpackDecoder::with_options(options), pieces, most, next)
}

/// An answer without an error is whole to `rmpv`, too, which finds the same rows.
fn check_rows(mut answer: &[u8], items: &[Item]) {
    let mut expected = Vec::new();
    while !answer.is_empty() {
        let document = rmpv::decode::read_value_with_max_depth(&mut answer, usize::MAX)
            .expect("a document that was taken");
        for result in elements(&document, &["results"]) {
            for series in elements(result, &["series"]) {
                let rows = elements(series, &["values", "points"]);
                expected.extend(rows.map(|row| {
                    row.as_array().expect("a row is a list").iter().map(cell).collect::<Vec<_>>()
                }));
            }
        }
    }
    let rows = items.iter().filter_map(|item| match item {
        Item::Row(cells) => Some(cells),
        _ => None,
    });
    // `Debug`, for NaN equals nothing.
    let found = rows.map(|cells| format!("{cells:?}"));
    assert!(found.eq(expected.iter().map(|cells| format!("{cells:?}"))), "not rows of the answer");
}

/// The elements of every list of these names.
fn elements<'a>(map: &'a Tree, names: &'a [&str]) -> impl Iterator<Item = &'a Tree> {
    let members = map.as_map().into_iter().flatten();
    let lists = members.filter(|(key, _)| key.as_str().is_some_and(|key| names.contains(&key)));
    lists.filter_map(|(_, list)| list.as_array()).flatten()
}

fn cell(cell: &Tree) -> Value {
    match cell {
        Tree::Nil => Value::Null,
        Tree::Boolean(value) => Value::Bool(*value),
        Tree::Integer(value) => match value.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::UInt(value.as_u64().expect("an integer")),
        },
        Tree::F32(value) => Value::Float(f64::from(*value)),
        Tree::F64(value) => Value::Float(*value),
        Tree::String(text) => Value::String(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        Tree::Ext(5, content) => {
            let (seconds, nanos) = content.split_at(8);
            let seconds = i64::from_be_bytes(seconds.try_into().expect("8 bytes"));
            let nanos = i32::from_be_bytes(nanos.try_into().expect("4 bytes"));
            let time = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
            Value::Time(Time::from_nanos(time.try_into().expect("a time in range")))
        }
        other => panic!("{other} was taken for a cell"),
    }
}
