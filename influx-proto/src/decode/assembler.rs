//! Whole series out of the rows of an answer.

use super::error::DecodeError;
use super::event::Event;
use super::options::DecodeOptions;
use super::series::SeriesDecoder;
use crate::{Series, Value};

/// Takes a server's answer in pieces of any size and hands out each of its series whole.
///
/// It reads what a [`SeriesDecoder`] reads, and judges it alike. A series that the server sends in
/// several documents is handed out as several.
///
/// Every series that is complete is handed out before an error is reported, and so are the rows
/// before a member `error`. Such an error is [`DecodeError::Trailer`], as is a text behind the
/// documents. An error is final: every further call returns it again.
///
/// ```
/// use influx_proto::decode::{DecodeError, SeriesAssembler};
///
/// let mut assembler = SeriesAssembler::new();
/// assembler.push(br#"[{"name":"cpu","columns":["v"],"points":[[1],[2]]},{"error":"disk full"}]"#);
/// assembler.finish();
/// assert_eq!(assembler.next_series()?.unwrap().len(), 2);
/// let error = assembler.next_series().unwrap_err();
/// assert_eq!(error, DecodeError::Trailer("disk full".to_owned()));
/// # Ok::<(), DecodeError>(())
/// ```
///
/// # Memory
///
/// One series has at most [`DecodeOptions::max_document`] bytes of input, and all series since the
/// last call of [`refill`](Self::refill) have at most [`DecodeOptions::max_values`] values.
#[derive(Clone, Debug, Default)]
pub struct SeriesAssembler {
    decoder: SeriesDecoder,
    options: DecodeOptions,
    /// The series whose rows arrive.
    open: Option<Series>,
    /// The values so far.
    values: usize,
    /// The end, for every further call.
    error: Option<DecodeError>,
}

impl SeriesAssembler {
    /// An assembler with the default [`DecodeOptions`].
    pub fn new() -> Self {
        Self::default()
    }

    /// An assembler with options of the caller.
    pub fn with_options(options: DecodeOptions) -> Self {
        Self { decoder: SeriesDecoder::with_options(options), options, ..Self::default() }
    }

    /// Takes the next piece of the input, of any length.
    ///
    /// Ignored after an error and after [`finish`](Self::finish).
    pub fn push(&mut self, piece: &[u8]) {
        if self.error.is_none() {
            self.decoder.push(piece);
        }
    }

    /// Declares the end of the input.
    pub fn finish(&mut self) {
        self.decoder.finish();
    }

    /// Forgets the values of the series that were handed out, for a caller that does not keep them.
    pub fn refill(&mut self) {
        self.values = 0;
    }

    /// The next complete series, or `None` if more input is needed (before
    /// [`finish`](Self::finish)) or all is done (after it).
    ///
    /// # Errors
    ///
    /// [`DecodeError`], the same on every further call.
    pub fn next_series(&mut self) -> Result<Option<Series>, DecodeError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        self.read().or_else(|error| {
            self.error = Some(error.clone());
            // The rows before the server's own error are whole.
            let open = self.open.take().filter(|series| !series.is_empty());
            match (&error, open) {
                (DecodeError::Trailer(_), Some(series)) => Ok(Some(series)),
                _ => Err(error),
            }
        })
    }

    fn read(&mut self) -> Result<Option<Series>, DecodeError> {
        loop {
            let added = match self.decoder.next_event()? {
                None => return Ok(None),
                Some(Event::Series(head)) => {
                    let columns = head.columns().to_vec();
                    let count = columns.len();
                    self.open = Some(Series::of_reply(head.name(), columns));
                    1 + count
                }
                Some(Event::Row(row)) => {
                    let Some(series) = &mut self.open else { continue };
                    let cells = row.cells();
                    let count = cells.len();
                    series.push_cells(cells.map(Value::from));
                    count
                }
                Some(Event::Error(text)) => return Err(DecodeError::Trailer(text.to_owned())),
                Some(Event::Statement(_)) => 0,
                Some(Event::End { .. }) => {
                    self.check(0)?;
                    return Ok(self.open.take());
                }
            };
            self.check(added)?;
        }
    }

    /// Counts more values, and checks the limits.
    #[inline]
    fn check(&mut self, added: usize) -> Result<(), DecodeError> {
        self.values += added;
        let (offset, length) = self.decoder.document();
        if self.values > self.options.max_values {
            let limit = self.options.max_values;
            return Err(DecodeError::TooLarge { what: "max_values", limit, offset });
        }
        if length > self.options.max_document as u64 {
            let limit = self.options.max_document;
            return Err(DecodeError::TooLarge { what: "max_document", limit, offset });
        }
        Ok(())
    }
}
