//! Decoding the MessagePack of InfluxDB 1.x that arrives in pieces.

mod answer;
mod endless;
mod ours;
mod peers;

use std::hint::black_box;
use std::rc::Rc;

use self::Target::{Cells, Struct};
use super::input::Input;
use crate::generate::points;
use crate::harness::Kind::{self, Limit, Ours, Peer};
use crate::harness::{Case, Contender, Scale, Workload};
use crate::tally::Tally;

pub(super) use self::peers::{Nanos, TimeVisitor};

type Decode = fn(&Input, &mut Tally);

const CONTENDERS: &[(Target, Kind, &str, Decode)] = &[
    (Cells, Peer, "rmp-serde, collected, flat cells", peers::cells),
    (Cells, Peer, "rmp by hand for these columns, collected", peers::by_hand),
    (Cells, Ours, "MsgpackDecoder, Cell", ours::cells),
    (Struct, Peer, "rmp-serde typed tuples, collected", peers::tuples),
    (Struct, Ours, "MsgpackDecoder, struct", ours::structs),
];

#[derive(Clone, Copy, PartialEq)]
enum Target {
    Cells,
    Struct,
}

/// How the answer is divided, and how its times are written.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    documents: usize,
    /// In each document.
    rows: usize,
    /// Whether the request had `epoch=ns`: times are plain integers.
    epoch: bool,
    /// Pieces of 1 to 37 bytes instead of 16 KiB.
    ragged: bool,
}

const SHAPES: &[Shape] = &[
    Shape { name: "200x1000", ..PLAIN },
    Shape { name: "1x100000", documents: 1, rows: 100_000, epoch: true, ..PLAIN },
    Shape { name: "20000x5", documents: 20_000, rows: 5, ..PLAIN },
    Shape { name: "ragged", documents: 20, ragged: true, ..PLAIN },
];

const PLAIN: Shape = Shape { name: "", documents: 200, rows: 1_000, epoch: false, ragged: false };

pub(super) fn workloads() -> impl Iterator<Item = Workload> {
    let targets = [(Cells, "cells"), (Struct, "struct")];
    let shapes = targets.into_iter().flat_map(|(target, name)| {
        SHAPES.iter().map(move |shape| Workload {
            name: format!("proto/decode/msgpack/{name}/{}", shape.name),
            build: Box::new(move |scale| case(target, *shape, scale)),
        })
    });
    shapes.chain([endless::workload()])
}

fn case(target: Target, shape: Shape, scale: Scale) -> Case {
    let rows = shape.rows.min(scale.points());
    let documents = shape.documents.min(scale.points() / rows);
    let points = points(documents * rows, false);
    let answer = answer::encode(&points, rows, shape.epoch);
    let input = Rc::new(Input::new(answer, shape.ragged));
    let expected = Rc::new(Tally::of(&points));
    let collected = Rc::clone(&input);
    let collect = move |_| {
        black_box(collected.collect());
    };
    let mut contenders =
        vec![Contender { kind: Limit, name: "collecting the pieces", pass: Box::new(collect) }];
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
