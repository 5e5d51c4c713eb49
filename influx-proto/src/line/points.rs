//! Everything that can be written, through the encoder of lines.

use super::encode::LineEncoder;
use super::lines::lines;
use super::rows::RowWriter;
use crate::encode::{Encode, EncodeError};
use crate::{Point, Series, Table, Time};

impl Encode for LineEncoder {
    fn point(&mut self, point: &Point) -> Result<(), EncodeError> {
        let mut line = self.point(&point.name)?;
        for (key, value) in &point.tags {
            if !value.is_null() {
                line = line.tag_cell(key, value.into())?;
            }
        }
        let mut line = line.into_fields()?;
        for (key, value) in &point.fields {
            line = line.field_cell(key, value.into())?;
        }
        line.end(point.time)
    }

    fn rows<T: serde::Serialize>(&mut self, table: &Table, rows: &[T]) -> Result<(), EncodeError> {
        RowWriter::new(self, table, table.name())?.rows(rows)
    }

    fn series(&mut self, table: &Table, series: &Series) -> Result<(), EncodeError> {
        RowWriter::new(self, table, series.name())?.series(series)
    }

    fn lines(&mut self, text: &[u8]) -> Result<(), EncodeError> {
        let mut lines = lines(text);
        while let Some(line) = lines.next_with_text() {
            let (line, text) = match line {
                Ok(line) => line,
                Err(error) => return Err(error.into_encode_error(self.points())),
            };
            let at = self.buffer.write(self.complete, text.as_bytes());
            self.end_line(at, line.timestamp.map(Time::from_nanos))?;
        }
        Ok(())
    }
}
