//! The peers on top of serde: sonic-rs and `serde_json`.

use serde::Deserialize;

use super::flat::FlatSeries;
use super::input::Input;
use crate::generate::Row;
use crate::tally::Tally;

pub(super) fn sonic_cells(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    let series = sonic_rs::Deserializer::from_slice(&body).into_stream::<FlatSeries<'_>>();
    // The stream takes the end of the input for a document, so it is told how many there are.
    for series in series.take(input.documents(&body).count()) {
        let series = series.unwrap();
        tally.take(series.len(), series.rows());
    }
}

pub(super) fn serde_json_cells(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    for series in serde_json::Deserializer::from_slice(&body).into_iter::<FlatSeries<'_>>() {
        let series = series.unwrap();
        tally.take(series.len(), series.rows());
    }
}

pub(super) fn sonic_struct(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    for document in input.documents(&body) {
        let series: TypedSeries<'_> = sonic_rs::from_slice(document).unwrap();
        series.count(tally);
    }
}

pub(super) fn serde_json_struct(input: &Input, tally: &mut Tally) {
    let body = input.collect();
    for series in serde_json::Deserializer::from_slice(&body).into_iter::<TypedSeries<'_>>() {
        series.unwrap().count(tally);
    }
}

/// A series whose columns and their order are known when the program is written.
#[derive(Deserialize)]
pub(super) struct TypedSeries<'a> {
    #[serde(borrow)]
    points: Vec<Row<'a>>,
}

impl TypedSeries<'_> {
    pub(super) fn count(&self, tally: &mut Tally) {
        tally.take(self.points.len(), self.points.iter().copied());
    }
}
