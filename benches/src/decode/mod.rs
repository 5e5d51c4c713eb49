//! Decoding the answers of servers that arrive in pieces: here the chunked JSON of InfluxDB 0.8.

mod endless;
mod flat;
mod input;
mod jiter;
mod limits;
mod msgpack;
mod ours;
mod serde;
mod simd_json;

use std::rc::Rc;

use self::Target::{Cells, Columns, Struct};
use self::input::Input;
use crate::generate::{Answer, points};
use crate::harness::Kind::{self, Ours, Peer};
use crate::harness::{Case, Contender, Scale, Workload};
use crate::tally::Tally;

type Decode = fn(&Input, &mut Tally);

/// All contenders. To add one, write its function and one line here.
const CONTENDERS: &[(Target, Kind, &str, Decode)] = &[
    (Cells, Peer, "sonic-rs, collected, flat cells", serde::sonic_cells),
    (Cells, Peer, "serde_json stream, collected, flat cells", serde::serde_json_cells),
    (Cells, Peer, "jiter, collected, flat cells", jiter::cells),
    (Cells, Peer, "simd-json tape, collected, pre-split", simd_json::tape),
    (Cells, Ours, "ChunkDecoder, Series", ours::chunks_cells),
    (Cells, Ours, "SeriesDecoder, Cell", ours::rows_cells),
    (Struct, Peer, "sonic-rs typed, collected, pre-split", serde::sonic_struct),
    (Struct, Peer, "serde_json stream typed, collected", serde::serde_json_struct),
    (Struct, Peer, "jiter typed, collected", jiter::rows),
    (Struct, Peer, "simd-json typed, collected, pre-split", simd_json::rows),
    (Struct, Ours, "ChunkDecoder, typed", ours::chunks_struct),
    (Struct, Ours, "SeriesDecoder, struct", ours::rows_struct),
    (Columns, Peer, "jiter typed, collected", jiter::columns),
    (Columns, Ours, "SeriesDecoder, ColumnBatch", ours::columns),
];

/// The form in which the decoded answer is handed out.
#[derive(Clone, Copy, PartialEq)]
enum Target {
    /// Values of a type that is known only at run time.
    Cells,
    /// The user's struct for each row, its text borrowed.
    Struct,
    /// One vector for each column.
    Columns,
}

impl Target {
    const ALL: [(Self, &str); 3] = [(Cells, "cells"), (Struct, "struct"), (Columns, "columns")];
}

/// How the answer is divided.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    documents: usize,
    /// In each document.
    rows: usize,
    /// Whether strings have escapes. A borrowed `&str` of most peers cannot carry them.
    escapes: bool,
    /// Pieces of 1 to 37 bytes instead of 16 KiB.
    ragged: bool,
}

const SHAPES: &[Shape] = &[
    Shape { name: "200x1000", ..PLAIN },
    Shape { name: "1x100000", documents: 1, rows: 100_000, ..PLAIN },
    Shape { name: "20000x5", documents: 20_000, rows: 5, ..PLAIN },
    Shape { name: "escapes", escapes: true, ..PLAIN },
    Shape { name: "ragged", documents: 20, ragged: true, ..PLAIN },
];

const PLAIN: Shape = Shape { name: "", documents: 200, rows: 1_000, escapes: false, ragged: false };

pub(crate) fn workloads() -> impl Iterator<Item = Workload> {
    let shapes = Target::ALL.into_iter().flat_map(|(target, name)| {
        let shapes = SHAPES.iter().filter(move |shape| target == Cells || !shape.escapes);
        shapes.map(move |shape| Workload {
            name: format!("proto/decode/{name}/{}", shape.name),
            build: Box::new(move |scale| case(target, *shape, scale)),
        })
    });
    shapes.chain([endless::workload()]).chain(msgpack::workloads())
}

fn case(target: Target, shape: Shape, scale: Scale) -> Case {
    let rows = shape.rows.min(scale.points());
    let documents = shape.documents.min(scale.points() / rows);
    let points = points(documents * rows, shape.escapes);
    let input = Rc::new(Input::new(Answer::new(&points, rows), shape.ragged));
    let expected = Rc::new(Tally::of(&points));
    let mut contenders = limits::contenders(&input);
    let decoders = CONTENDERS.iter().filter(|(for_target, ..)| *for_target == target);
    contenders.extend(decoders.map(|&(_, kind, name, decode)| {
        let (input, expected) = (Rc::clone(&input), Rc::clone(&expected));
        let pass = move |pass| {
            let mut tally = Tally::new(pass);
            decode(&input, &mut tally);
            tally.verify(&expected);
        };
        Contender { kind, name, pass: Box::new(pass) }
    }));
    Case { bytes: input.body().len(), points: points.len(), contenders }
}
