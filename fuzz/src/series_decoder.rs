//! `SeriesDecoder`: any bytes, any cuts, any limits.

use std::mem;

use arbitrary::Unstructured;
use influx_proto::decode::{
    ChunkDecoder, DecodeError, DecodeOptions, Event, Notice, Row, SeriesDecoder, SeriesHead,
};
use influx_proto::{Series, TimeUnit, Value};
use serde_json::{Deserializer, Value as Json};

use crate::cuts::pieces;
use crate::drive::{Outcome, drive};

/// A way to cut, limits, then JSON.
///
/// Cuts do not change the events, an error is final, the buffer keeps to the limits, no error of
/// a server is lost, and series are those that `ChunkDecoder` reads.
pub fn series_decoder(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let way = input.arbitrary().unwrap_or_default();
    let options = options(input.arbitrary().unwrap_or_default());
    let json = input.take_rest();

    let expected = decode([json], options);
    // A short input is enough to show a fault of single bytes, and a long one takes long.
    if json.len() <= 256 {
        assert_eq!(decode(pieces(1, json), options), expected, "byte by byte");
    }
    assert_eq!(decode(pieces(way, json), options), expected, "cut in way {way}");
    if options == lax() {
        check_errors(json, &expected);
        check_series(json, &expected);
    }
}

/// An event that owns what it says.
#[derive(Debug, PartialEq)]
pub(crate) enum Item {
    Series(SeriesHead),
    Row(Vec<Value>),
    End(SeriesHead, bool),
    Statement(Option<u64>, Option<String>, Vec<Notice>, bool),
    Error(String),
    /// Only of MessagePack.
    NotUtf8(DecodeError),
}

fn lax() -> DecodeOptions {
    let mut options = DecodeOptions::default();
    options.max_depth = 127;
    options
}

/// 0 for lax limits, else small ones, which short inputs can exceed.
fn options(choice: u8) -> DecodeOptions {
    let mut options = lax();
    let choice = usize::from(choice);
    if choice > 0 {
        options.max_columns = choice % 5;
        options.max_depth = choice % 11;
        options.max_member = choice;
        options.max_row = choice / 2;
        options.max_string = choice % 9;
        options.time_unit = (choice % 2 == 0).then_some(TimeUnit::Milliseconds);
    }
    options
}

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, options: DecodeOptions) -> Outcome<Item> {
    // Inside a document, enough is kept to show it. Rows that came before their columns are one
    // member more.
    let most = options.max_row.max(options.max_member).max(64) + options.max_member;
    let next = |decoder: &mut SeriesDecoder| Ok(decoder.next_event()?.map(item));
    drive(SeriesDecoder::with_options(options), pieces, most, next)
}

pub(crate) fn item(event: Event<'_>) -> Item {
    match event {
        Event::Series(head) => Item::Series(head.clone()),
        Event::Row(row) => {
            let cells: Vec<Value> = row.cells().map(Value::from).collect();
            assert_eq!(cells.len(), row.columns().len());
            check_row(row, &cells);
            Item::Row(cells)
        }
        Event::End { head, partial } => Item::End(head.clone(), partial),
        Event::Statement(statement) => Item::Statement(
            statement.id,
            statement.error.map(str::to_owned),
            statement.notices.to_vec(),
            statement.partial,
        ),
        Event::Error(text) => Item::Error(text.to_owned()),
        _ => panic!("an event without an item: {event:?}"),
    }
}

/// A row is read as its cells, but for a time out of range; a time is read as its nanoseconds.
fn check_row(row: Row<'_>, cells: &[Value]) {
    let expected = cells.iter().map(|cell| match cell {
        Value::Time(time) => Value::Int(time.nanos()),
        cell => cell.clone(),
    });
    match row.deserialize::<Vec<Value>>() {
        Ok(found) => {
            // `Debug`, for NaN equals nothing.
            let expected = expected.map(|cell| format!("{cell:?}"));
            assert!(found.iter().map(|cell| format!("{cell:?}")).eq(expected), "{found:?}");
        }
        Err(error) => assert!(error.to_string().contains("the time"), "{error}"),
    }
}

/// Every error that a tree of the answer shows is among the items.
fn check_errors(json: &[u8], (items, end): &Outcome<Item>) {
    let documents: Result<Vec<Json>, _> = Deserializer::from_slice(json).into_iter().collect();
    let (Ok(documents), Ok(())) = (documents, end) else { return };
    let documents = documents.iter().flat_map(|document| match document {
        Json::Array(elements) => elements.as_slice(),
        document => std::slice::from_ref(document),
    });
    for document in documents {
        if let Some(error) = document["error"].as_str() {
            let own = |item: &Item| matches!(item, Item::Error(text) if text == error);
            assert!(items.iter().any(own), "the error {error:?} is lost");
        }
        for result in document["results"].as_array().into_iter().flatten() {
            let Some(error) = result["error"].as_str() else { continue };
            let own =
                |item: &Item| matches!(item, Item::Statement(_, Some(text), ..) if text == error);
            assert!(items.iter().any(own), "a statement's error {error:?} is lost");
        }
    }
}

/// A body that is nothing but series of 0.8 to `ChunkDecoder` gives the same series here.
fn check_series(json: &[u8], (items, end): &Outcome<Item>) {
    let Some(expected) = series_of_08(json) else { return };
    assert_eq!(end, &Ok(()));
    let mut found = Vec::new();
    let mut rows = Vec::new();
    for item in items {
        match item {
            Item::Series(_) => {}
            Item::Row(cells) => rows.push(cells.clone()),
            Item::End(head, false) => {
                let (name, columns) = (head.name().to_owned(), head.columns().to_vec());
                found.push(Table { name, columns, points: mem::take(&mut rows) });
            }
            item => panic!("0.8 knows no {item:?}"),
        }
    }
    assert_eq!(found, expected);
}

/// A series without the checks of one that is to be written.
#[derive(Debug, PartialEq)]
struct Table {
    name: String,
    columns: Vec<String>,
    points: Vec<Vec<Value>>,
}

/// The series of every document, if all have columns and no other member.
fn series_of_08(json: &[u8]) -> Option<Vec<Table>> {
    let mut decoder = ChunkDecoder::new();
    decoder.push(json);
    decoder.finish();
    let mut all = Vec::new();
    while let Some(document) = decoder.next_document().ok()? {
        let tree: Json = serde_json::from_slice(document).ok()?;
        let known = |key: &String| ["name", "columns", "points"].contains(&key.as_str());
        let series: Series = serde_json::from_slice(document).ok()?;
        if series.columns().is_empty() || !tree.as_object()?.keys().all(known) {
            return None;
        }
        all.push(Table {
            name: series.name().to_owned(),
            columns: series.columns().to_vec(),
            points: series.points().map(<[Value]>::to_vec).collect(),
        });
    }
    Some(all)
}
