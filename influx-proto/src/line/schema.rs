//! Which columns of a table become tags, fields and the timestamp.

use super::encode::LineEncoder;
use super::error::{LineEncodeError, LinePosition, LineProblem};
use super::escape::write_unusual_name;
use super::keys::KeyText;
use super::value::FieldValue;
use crate::room::Buffer;

/// Which columns of a table become tags and which one the timestamp. All others become fields.
///
/// Names are checked and escaped once for a table, not once for a row.
/// See [`LineEncoder::table`] and [`LineEncoder::rows`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LineSchema {
    measurement: String,
    tags: Vec<String>,
    time: Option<String>,
}

impl LineSchema {
    /// A schema without tags and timestamp.
    pub fn new(measurement: impl Into<String>) -> Self {
        Self { measurement: measurement.into(), tags: Vec::new(), time: None }
    }

    /// Sets the columns that become tags. Numbers and booleans in them become texts.
    #[must_use]
    pub fn tags<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.tags = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the column that becomes the timestamp: integers, in the unit in which the lines will
    /// be sent. Without one, and in a row without a value there, the server takes its own time.
    #[must_use]
    pub fn time(mut self, column: impl Into<String>) -> Self {
        self.time = Some(column.into());
        self
    }

    /// A column that the schema names and the table lacks.
    pub(super) fn missing<'a>(
        &self,
        columns: &(impl Iterator<Item = &'a str> + Clone),
    ) -> Option<&str> {
        let mut named = self.tags.iter().chain(&self.time).map(String::as_str);
        named.find(|name| columns.clone().all(|column| column != *name))
    }

    fn role(&self, column: &str) -> Role {
        if self.time.as_deref() == Some(column) {
            Role::Time
        } else if self.tags.iter().any(|tag| tag == column) {
            Role::Tag
        } else {
            Role::Field
        }
    }
}

/// A column whose name is checked and escaped.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) role: Role,
    /// Empty for the timestamp.
    pub(super) text: KeyText,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    Tag,
    Field,
    Time,
}

/// Writes rows, whose cells may come in any order.
pub(super) struct RowWriter<'e> {
    pub(super) encoder: &'e mut LineEncoder,
    measurement: Vec<u8>,
    /// The end of measurement and tags, as far as they are written.
    at: usize,
    /// The row's fields, since tags stand before them in the line.
    fields: Buffer,
    fields_end: usize,
    /// The length of the row's longest field key, as written.
    longest_key: usize,
    timestamp: Option<i64>,
}

impl<'e> RowWriter<'e> {
    pub(super) fn new(
        encoder: &'e mut LineEncoder,
        schema: &LineSchema,
    ) -> Result<Self, LineEncodeError> {
        let (name, position) = (&schema.measurement, LinePosition::Measurement);
        let mut fields = Buffer::default();
        let end = write_unusual_name(&mut fields, 0, name, position)
            .map_err(|problem| encoder.error(position, "", name, problem))?;
        let measurement = fields.until(end).to_vec();
        Ok(Self {
            encoder,
            measurement,
            at: 0,
            fields,
            fields_end: 0,
            longest_key: 0,
            timestamp: None,
        })
    }

    pub(super) fn column(
        &self,
        schema: &LineSchema,
        name: &str,
    ) -> Result<Column, LineEncodeError> {
        let role = schema.role(name);
        let position = match role {
            Role::Tag => LinePosition::TagKey,
            Role::Field => LinePosition::FieldKey,
            Role::Time => {
                return Ok(Column { name: name.to_owned(), role, text: KeyText::default() });
            }
        };
        let mut text = KeyText::default();
        text.set(name, position, &mut Buffer::default())
            .map_err(|problem| self.encoder.error(position, "", name, problem))?;
        Ok(Column { name: name.to_owned(), role, text })
    }

    pub(super) fn begin(&mut self) {
        self.at = self.encoder.buffer.write(self.encoder.complete, &self.measurement);
        self.fields_end = 0;
        self.longest_key = 0;
        self.timestamp = None;
    }

    #[inline]
    pub(super) fn cell(
        &mut self,
        column: &Column,
        value: &FieldValue<'_>,
    ) -> Result<(), LineEncodeError> {
        let (position, written) = match column.role {
            Role::Tag => {
                let buffer = &mut self.encoder.buffer;
                let at = column.text.write(buffer, self.at);
                let end = value.write_as_tag(buffer, at);
                (LinePosition::TagValue, end.map(|end| self.at = end))
            }
            Role::Field => (LinePosition::FieldValue, self.field(column, value)),
            Role::Time => (LinePosition::Timestamp, self.time(value)),
        };
        written.map_err(|problem| {
            self.encoder.error(position, &column.name, &value.to_string(), problem)
        })
    }

    pub(super) fn end(&mut self) -> Result<(), LineEncodeError> {
        let series_end = self.at;
        self.encoder
            .check_key_len(series_end - self.encoder.complete, self.longest_key)
            .map_err(|problem| self.line_error(problem))?;
        let fields = self.fields.until(self.fields_end);
        let at = self.encoder.buffer.write(series_end, fields);
        self.encoder.end(at, series_end, self.timestamp)
    }

    pub(super) fn line_error(&self, problem: LineProblem) -> LineEncodeError {
        self.encoder.line_error(self.at, problem)
    }

    #[inline]
    fn field(&mut self, column: &Column, value: &FieldValue<'_>) -> Result<(), LineProblem> {
        let at = column.text.write(&mut self.fields, self.fields_end);
        if let Some(end) = value.write(&mut self.fields, at, &self.encoder.options)? {
            self.fields_end = end;
            self.longest_key = self.longest_key.max(column.text.name_len());
        }
        Ok(())
    }

    fn time(&mut self, value: &FieldValue<'_>) -> Result<(), LineProblem> {
        let timestamp = match value {
            FieldValue::Int(value) => Some(*value),
            FieldValue::UInt(value) => i64::try_from(*value).ok(),
            _ => None,
        };
        let range = &self.encoder.options.timestamps;
        let problem = LineProblem::OutOfRange { min: *range.start(), max: *range.end() };
        self.timestamp = Some(timestamp.ok_or(problem)?);
        Ok(())
    }
}
