//! Answers `select` from series that stand each by itself.
//!
//! A real server sends the points of each shard through a chain of processors, and those of all
//! shards through another one. The sizes of its objects, their order, and buckets that come once for
//! each shard follow from these chains, so that they are imitated here (measured on 0.8.9).

use super::budget::Budget;
use super::columns::Wanted;
use super::evaluate::{PANIC, holds};
use super::group::Grouping;
use super::passthrough::{Passthrough, Sink};
use super::projection::Projection;
use super::random::Random;
use crate::v08::query::{Condition, Select, Source};
use crate::v08::refusal::Refusal;
use crate::v08::store::{AllSeries, Cluster, Point, PointKey, Requester, Shard, Table};

/// The points that the server reads in one go.
const BATCH: usize = 100;

/// The input of a select.
pub(super) struct Context<'a> {
    pub(super) database: &'a str,
    pub(super) series: &'a AllSeries,
    pub(super) cluster: &'a Cluster,
    pub(super) requester: &'a Requester,
    pub(super) budget: &'a Budget,
    pub(super) random: &'a Random,
}

/// A series that a select reads.
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    pub(super) table: &'a Table,
    /// How often the query names it: its points are answered as often.
    times: usize,
}

/// The way of points from a shard: through a grouping, if the select has functions.
struct Way<'w, 'a> {
    grouping: Option<&'w mut Grouping<'a>>,
    sink: &'w mut dyn Sink,
}

impl Select {
    /// Answers each series, block by block.
    /// Error: the server's text; blocks of earlier series were handed over by then.
    pub(super) fn run(&self, context: &Context<'_>, output: &mut dyn Sink) -> Result<(), Refusal> {
        match &self.from {
            Source::Merge(_) | Source::Join(_) if self.group_by.time == Err(Refusal::Abandoned) => {
                Err(Refusal::Abandoned)
            }
            Source::Merge(members) => self.run_merge(members, context, output),
            Source::Join(members) => self.run_join(members, context, output),
            Source::Names(names) => {
                let mut series: Vec<Series<'_>> = Vec::new();
                for found in context.named(names.iter().map(String::as_str))? {
                    match series.iter_mut().find(|known| known.name == found.name) {
                        Some(known) => known.times += 1,
                        None => series.push(found),
                    }
                }
                self.run_each(&series, context, output)
            }
            Source::Pattern(pattern) => {
                let may_read = context.requester.reader();
                context.series.must_be_readable(pattern)?;
                let all = context.series.all_readable();
                let found = all.filter(|(name, _)| pattern.matches(name) && may_read(name));
                let series: Vec<_> =
                    found.map(|(name, table)| Series { name, table, times: 1 }).collect();
                self.run_each(&series, context, output)
            }
        }
    }

    fn run_each(
        &self,
        series: &[Series<'_>],
        context: &Context<'_>,
        output: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let shards = context.shards(self, series)?;
        if shards.is_empty() {
            return Ok(());
        }
        let is_local = self.is_local(&shards)?;
        let is_grouped = self.has_calls();
        let single = self.single_point()?;
        let mut last = Passthrough::new(if is_local { BATCH } else { 1 }, self.limit, output);
        let grouping = || is_grouped.then(|| Grouping::new(self, context.budget)).transpose();
        let mut central = if is_local { None } else { grouping()? };
        for shard in &shards {
            let limit = if single.is_some() { None } else { self.limit };
            let max = if is_local { 1 } else { 1_000 };
            let mut first = Passthrough::new(max, limit, &mut last);
            let mut local = if is_local { grouping()? } else { None };
            for each in series {
                context.budget.read(1)?;
                let mut way = match (&mut central, &mut local) {
                    (Some(grouping), _) => Way { grouping: Some(grouping), sink: first.next() },
                    (None, grouping) => Way { grouping: grouping.as_mut(), sink: &mut first },
                };
                match single {
                    Some(key) => self.read_single(key, shard, each, context, &mut way),
                    None => self.scan(shard, each, context, &mut way),
                }?;
            }
            if let Some(mut grouping) = local {
                grouping.close(&mut first)?;
            }
            first.close()?;
        }
        if let Some(mut grouping) = central {
            grouping.close(&mut last)?;
        }
        last.close()
    }

    /// Whether each shard groups its own points: if the buckets are as long as a part of it, even
    /// if they begin elsewhere.
    fn is_local(&self, shards: &[Shard]) -> Result<bool, Refusal> {
        let interval = match &self.group_by.time {
            Ok(Some(interval)) => interval,
            Err(Refusal::Abandoned) => return Err(Refusal::Abandoned),
            _ => return Ok(!self.has_calls()),
        };
        if interval.nanos == 0 {
            return Err(Refusal::Abandoned);
        }
        let fits = |shard: &Shard| shard.nanos().checked_rem(interval.nanos) == Some(0);
        Ok(interval.calendar.is_none() && shards.iter().all(fits))
    }

    /// Reads the points of a series in a shard, batch by batch.
    fn scan(
        &self,
        shard: &Shard,
        series: &Series<'_>,
        context: &Context<'_>,
        way: &mut Way<'_, '_>,
    ) -> Result<(), Refusal> {
        let Series { name, table, times } = series;
        let read = self.read_columns(name, &[name]).positions(name, table.columns())?;
        let projection = if let Some(computed) = Projection::of_expressions(self, context.random) {
            computed
        } else {
            let answered = self.answered_columns(name, &[name]);
            let mut positions = answered.positions(name, table.columns())?;
            if matches!(answered, Wanted::All) {
                context.random.shuffle(&mut positions);
            }
            Projection::of_positions(table.columns(), &positions)
        };
        let first = read.first().copied().unwrap_or_default();
        let mut points = self.points(shard, table, &read);
        loop {
            let mut batch: Vec<Point<'_>> = points.by_ref().take(BATCH).collect();
            let is_last = batch.len() < BATCH;
            context.budget.read(batch.len().saturating_mul(1 + read.len()))?;
            if !batch.is_empty() {
                batch = self.filtered(batch)?;
                if batch.is_empty() && !is_last {
                    continue;
                }
            }
            let is_filtered = self.condition.is_some() && batch.is_empty();
            for _ in 0..*times {
                match &mut way.grouping {
                    _ if is_filtered => {}
                    Some(grouping) => grouping.push(name, &batch, first, way.sink)?,
                    None => {
                        let block = projection.block(name, &batch, context.budget)?;
                        if !way.sink.take(block)? {
                            return Ok(());
                        }
                    }
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// The points of a shard that have a value in one of the columns, in the order of the query.
    pub(super) fn points<'p>(
        &self,
        shard: &Shard,
        table: &'p Table,
        read: &'p [usize],
    ) -> Box<dyn Iterator<Item = Point<'p>> + 'p> {
        let since = self.range.since.unwrap_or(i64::MIN);
        let points = table.points(shard.place.shard, PointKey::between(since, self.range.until));
        let has_value =
            |point: &Point<'_>| read.iter().any(|&position| !point.at(position).is_null());
        let points = points.filter(has_value);
        if self.ascending { Box::new(points) } else { Box::new(points.rev()) }
    }

    /// The points for which the condition holds.
    pub(super) fn filtered<'p>(&self, points: Vec<Point<'p>>) -> Result<Vec<Point<'p>>, Refusal> {
        let Some(condition) = &self.condition else { return Ok(points) };
        let mut kept = Vec::with_capacity(points.len());
        for point in points {
            let holds = holds(condition, point).map_err(|text| {
                if text == PANIC {
                    return Refusal::invalid(text);
                }
                let text = format!("Error while filtering points: {text} [query = {self}]");
                Refusal::invalid(text)
            })?;
            if holds {
                kept.push(point);
            }
        }
        Ok(kept)
    }

    /// The one point that `time = X and sequence_number = Y` means. The server looks for the `=`
    /// of one of the two only.
    /// Error: 400 if the sequence number is not a whole number.
    fn single_point(&self) -> Result<Option<PointKey>, Refusal> {
        let Some(Condition::And(left, right)) = &self.condition else { return Ok(None) };
        let (
            Condition::Compare { left: time, comparison: first, .. },
            Condition::Compare { left: sequence, comparison: second, right: value },
        ) = (&**left, &**right)
        else {
            return Ok(None);
        };
        let is_equal = *first == "=" || *second == "=";
        if !is_equal || !time.is_named("time") || !sequence.is_named("sequence_number") {
            return Ok(None);
        }
        let sequence = value.name().parse().map_err(|_| {
            Refusal::invalid("The column sequence_number can only be queried as an integer.")
        })?;
        Ok(Some(PointKey { time: self.range.until, sequence }))
    }

    /// Reads one point by its key; one that does not exist is answered without values.
    fn read_single(
        &self,
        key: PointKey,
        shard: &Shard,
        series: &Series<'_>,
        context: &Context<'_>,
        way: &mut Way<'_, '_>,
    ) -> Result<(), Refusal> {
        let columns = series.table.columns();
        let answered = self.answered_columns(series.name, &[series.name]);
        let mut positions = answered.positions(series.name, columns)?;
        if matches!(answered, Wanted::All) {
            context.random.shuffle(&mut positions);
        }
        let stored = series.table.points(shard.place.shard, key..=key).next();
        let point = stored.unwrap_or(Point::new(key, columns, &[]));
        if let Some(grouping) = &mut way.grouping {
            let first = positions.first().copied().unwrap_or_default();
            return grouping.push(series.name, &[point], first, way.sink);
        }
        positions.retain(|&position| !point.at(position).is_null());
        let projection = Projection::of_positions(columns, &positions);
        way.sink.take(projection.block(series.name, &[point], context.budget)?)?;
        Ok(())
    }
}

impl<'a> Context<'a> {
    /// The series of these names, which must be readable and exist.
    pub(super) fn named<'n>(
        &self,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Result<Vec<Series<'a>>, Refusal> {
        let may_read = self.requester.reader();
        if let Some(name) = names.clone().find(|name| !may_read(name)) {
            let text = format!("User doesn't have read access to {name}");
            return Err(Refusal::forbidden(text));
        }
        let find = |name| {
            let missing = || Refusal::invalid(format!("Couldn't find series: {name}"));
            let (name, table) = self.series.readable(name).ok_or_else(missing)?;
            Ok(Series { name, table, times: 1 })
        };
        names.map(find).collect()
    }

    /// The shards that a select reads of some series, in the order of the query.
    /// Error: the server's text if no server keeps one of them.
    pub(super) fn shards<'s>(
        &self,
        select: &Select,
        series: impl IntoIterator<Item = &'s Series<'s>>,
    ) -> Result<Vec<Shard>, Refusal> {
        let names = series.into_iter().map(|series| series.name);
        let range = (select.range.since.unwrap_or(i64::MIN), select.range.until);
        let shards = self.cluster.shards_of(self.database, names, range, select.ascending);
        match shards.iter().find(|shard| !shard.place.is_kept) {
            Some(shard) => {
                Err(Refusal::invalid(format!("No servers up to query shard {}", shard.place.shard)))
            }
            None => Ok(shards),
        }
    }
}
