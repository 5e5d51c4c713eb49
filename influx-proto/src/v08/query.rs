//! Queries.

use super::dialect::{V08, get};
use super::precision::Precision;
use super::{path, reply};
use crate::decode::DecodeOptions;
use crate::{Idempotency, Operation, Reply, Request, RequestError, ResponseError, Series, Target};

/// Runs a query: `GET /db/:db/series?q=…`.
///
/// Statements separated by `;` run **last first**. Some statements change data although
/// they are queries: `delete`, `drop` and `select … into …`, which is a continuous query.
/// Build texts from foreign input with the functions of [`quote`](super::quote).
///
/// In a reply, `time` and `sequence_number` come first. Behind them, the columns that a raw
/// `select` names come sorted by name, those of aggregates as in the query, and those of `select *`
/// in any order, another one for each query (measured on 0.8.9): look columns up by name. A float without fraction comes as an integer, and
/// infinities and NaN come as null. The server finds points in the future only if the query
/// has an upper bound for `time`.
///
/// In a chunked reply, a refusal can follow data. This call then returns the refusal and loses
/// the data; a streaming client hands over both.
///
/// ```
/// use influx_proto::{Operation, Target, v08};
///
/// let target = Target::new("http://localhost:8086".parse()?)?;
/// let query = v08::RunQuery::new("metrics", "list series").precision(v08::Precision::Seconds);
/// assert_eq!(
///     query.request(&target)?.uri(),
///     "http://localhost:8086/db/metrics/series?q=list%20series&time_precision=s",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RunQuery<'a> {
    database: &'a str,
    text: &'a str,
    precision: Option<Precision>,
    chunked: bool,
    max_values: usize,
}

impl<'a> RunQuery<'a> {
    /// Runs this text on this database.
    pub fn new(database: &'a str, text: &'a str) -> Self {
        let max_values = DecodeOptions::default().max_values;
        Self { database, text, precision: None, chunked: false, max_values }
    }

    /// Sets the unit of the times in the reply; the server's own is milliseconds.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Asks for a reply in pieces, which neither side has to hold in memory: one series after the
    /// other, without an array around them, and the same name repeatedly.
    #[must_use]
    pub fn chunked(mut self, chunked: bool) -> Self {
        self.chunked = chunked;
        self
    }

    /// Limits the values of a reply that are collected, as [`DecodeOptions::max_values`] does. The
    /// default is the same.
    #[must_use]
    pub fn max_values(mut self, max_values: usize) -> Self {
        self.max_values = max_values;
        self
    }
}

impl RunQuery<'_> {
    /// The options of a decoder that reads the reply piece by piece, and judges it as this call does.
    pub fn decode_options(&self) -> DecodeOptions {
        let time_unit = Some(self.precision.unwrap_or_default().into());
        DecodeOptions { time_unit, ..self.untimed_options() }
    }

    /// The same options for times that stay in their unit.
    fn untimed_options(&self) -> DecodeOptions {
        DecodeOptions { max_values: self.max_values, ..reply::options() }
    }
}

impl Operation for RunQuery<'_> {
    type Dialect = V08;
    type Output = Vec<Series>;
    const IDEMPOTENCY: Idempotency = Idempotency::NonIdempotent;

    fn request(&self, target: &Target) -> Result<Request, RequestError> {
        get(target, &["db", &path::database(self.database)?, "series"])
            .pair("q", self.text)
            .optional_pair("time_precision", self.precision.map(Precision::as_str))
            .optional_pair("chunked", self.chunked.then_some("true"))
            .build()
    }

    fn response(&self, reply: &Reply<'_>) -> Result<Vec<Series>, ResponseError> {
        reply.expect(Self::SUCCESS)?;
        let mut all = reply::series(reply, self.untimed_options())?;
        let unit = self.precision.unwrap_or_default().into();
        all.iter_mut().try_for_each(|series| series.scale_times(unit))?;
        Ok(all)
    }

    /// [`Idempotency::Safe`] for a single `select` without `into`, `list` or `explain`;
    /// everything else is [`Idempotency::NonIdempotent`].
    fn idempotency(&self) -> Idempotency {
        if only_reads(self.text) { Idempotency::Safe } else { Idempotency::NonIdempotent }
    }
}

/// Whether a text surely changes nothing. A word inside quotes counts too: it only costs a retry.
fn only_reads(text: &str) -> bool {
    let text = text.trim();
    let statement = text.strip_suffix(';').unwrap_or(text);
    let mut words = statement.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let reads = words.next().is_some_and(|first| {
        ["explain", "list", "select"].iter().any(|verb| first.eq_ignore_ascii_case(verb))
    });
    reads && !statement.contains(';') && !words.any(|word| word.eq_ignore_ascii_case("into"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_reading_statement_is_safe() {
        for (text, safe) in [
            ("select * from cpu", true),
            ("  SELECT * FROM cpu ; ", true),
            ("select\n*\nfrom points", true),
            ("list series", true),
            ("list continuous queries", true),
            ("explain select * from cpu", true),
            ("", false),
            ("selected", false),
            ("select * from cpu into cpu.copy", false),
            ("select * from cpu INTO\tcopy", false),
            ("select * from /x/into copy", false),
            ("select * from cpu; drop series cpu", false),
            ("select * from cpu;;", false),
            ("delete from cpu", false),
            ("drop series cpu", false),
            ("drop continuous query 1", false),
        ] {
            let expected = if safe { Idempotency::Safe } else { Idempotency::NonIdempotent };
            assert_eq!(RunQuery::new("db", text).idempotency(), expected, "{text:?}");
        }
    }
}
