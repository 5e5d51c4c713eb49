//! jiter: a pull parser over a slice, so the answer is collected first.

use std::borrow::Cow;

use jiter::{Jiter, JsonValue, NumberInt};

use super::input::Input;
use crate::generate::{COLUMNS, Row};
use crate::tally::Tally;

pub(super) fn cells(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    each_document(&body, push_cells, |cells| {
        let rows = cells.chunks_exact(COLUMNS.len());
        tally.take(rows.len(), rows.map(row));
    });
}

pub(super) fn rows(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    each_document(&body, push_row, |rows| tally.take(rows.len(), rows.iter().copied()));
}

pub(super) fn columns(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    let push = |jiter: &mut Jiter<'_>, columns: &mut Columns| {
        let row = typed(jiter);
        columns.time.push(row.time);
        columns.sequence_number.push(row.sequence_number);
        columns.host.push_str(row.host);
        columns.host_ends.push(columns.host.len());
        columns.value.push(row.value);
        columns.idle.push(row.idle);
    };
    each_document(&body, push, |columns| tally.take(columns.time.len(), columns.rows()));
}

#[derive(Default)]
struct Columns {
    time: Vec<i64>,
    sequence_number: Vec<u64>,
    /// All texts together, as columnar formats have them.
    host: String,
    host_ends: Vec<usize>,
    value: Vec<f64>,
    idle: Vec<f64>,
}

impl Columns {
    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let starts = std::iter::once(&0).chain(&self.host_ends);
        let hosts = starts.zip(&self.host_ends).map(|(&start, &end)| &self.host[start..end]);
        hosts.enumerate().map(|(index, host)| Row {
            time: self.time[index],
            sequence_number: self.sequence_number[index],
            host,
            value: self.value[index],
            idle: self.idle[index],
        })
    }
}

/// Calls `push` at each row of a document, then `done` with what it has pushed.
fn each_document<'a, T: Default>(
    body: &'a [u8],
    push: impl Fn(&mut Jiter<'a>, &mut T),
    mut done: impl FnMut(&T),
) {
    let mut rest = body;
    while !rest.is_empty() {
        let mut jiter = Jiter::new(rest);
        let mut rows = T::default();
        let mut key = jiter.next_object().unwrap().map(|key| key == "points");
        while let Some(is_points) = key {
            if is_points {
                let mut next = jiter.next_array().unwrap();
                while next.is_some() {
                    push(&mut jiter, &mut rows);
                    next = jiter.array_step().unwrap();
                }
            } else {
                jiter.next_skip().unwrap();
            }
            key = jiter.next_key().unwrap().map(|key| key == "points");
        }
        done(&rows);
        rest = &rest[jiter.current_index()..];
    }
}

fn push_cells<'a>(jiter: &mut Jiter<'a>, cells: &mut Vec<JsonValue<'a>>) {
    let mut next = jiter.next_array().unwrap();
    while let Some(peek) = next {
        cells.push(jiter.known_value(peek).unwrap());
        next = jiter.array_step().unwrap();
    }
}

fn push_row<'a>(jiter: &mut Jiter<'a>, rows: &mut Vec<Row<'a>>) {
    rows.push(typed(jiter));
}

fn typed<'a>(jiter: &mut Jiter<'a>) -> Row<'a> {
    jiter.next_array().unwrap();
    let time = int(&jiter.next_int().unwrap());
    jiter.array_step().unwrap();
    let sequence_number = int(&jiter.next_int().unwrap()).cast_unsigned();
    jiter.array_step().unwrap();
    let JsonValue::Str(Cow::Borrowed(host)) = jiter.next_value().unwrap() else {
        panic!("a text without escapes is borrowed");
    };
    jiter.array_step().unwrap();
    let value = jiter.next_float().unwrap();
    jiter.array_step().unwrap();
    let idle = jiter.next_float().unwrap();
    assert!(jiter.array_step().unwrap().is_none(), "five cells a row");
    Row { time, sequence_number, host, value, idle }
}

fn int(number: &NumberInt) -> i64 {
    match number {
        NumberInt::Int(value) => *value,
        NumberInt::BigInt(value) => panic!("{value} is too large"),
    }
}

fn row<'a>(cells: &'a [JsonValue<'_>]) -> Row<'a> {
    let [JsonValue::Int(time), JsonValue::Int(sequence_number), JsonValue::Str(host), value, idle] =
        cells
    else {
        panic!("{cells:?} is not a row");
    };
    let sequence_number = sequence_number.cast_unsigned();
    Row { time: *time, sequence_number, host, value: float(value), idle: float(idle) }
}

fn float(value: &JsonValue<'_>) -> f64 {
    match value {
        JsonValue::Float(value) => *value,
        JsonValue::Int(value) => *value as f64,
        _ => panic!("{value:?} is not a number"),
    }
}
