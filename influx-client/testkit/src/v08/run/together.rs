//! Answers `select` from `merge` and `inner join`: one series of the points of several.

use super::budget::Budget;
use super::columns::Wanted;
use super::evaluate::holds;
use super::group::Grouping;
use super::heap::Heap;
use super::passthrough::{Passthrough, Sink};
use super::projection::Projection;
use super::select::{Context, Series};
use super::streams::Streams;
use crate::StoredValue;
use crate::v08::query::{self, Members, Select};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Columns, Point, PointKey, Shard};

/// The column that names the series of a merged point.
const ORIGIN: &str = "_orig_series";

/// The points of one series that the server hands on together at most.
const NEIGHBOURS: usize = 1_000;

/// A series of a merge or a join.
struct Member<'a> {
    series: Series<'a>,
    /// The name after `as`, or else that of the series.
    name: String,
}

/// A point that is put together from those of the members.
struct Built {
    key: PointKey,
    cells: Vec<(usize, StoredValue)>,
}

/// The last stage: the points that are put together, on their way to the answer.
struct Answer<'a, 'n> {
    name: &'a str,
    columns: &'a Columns,
    projection: Projection<'a>,
    grouping: Option<Grouping<'a>>,
    /// The position of the first column that is read.
    first: usize,
    last: Passthrough<'n>,
    budget: &'a Budget,
}

impl Answer<'_, '_> {
    /// Takes a point; returns whether more are wanted.
    fn take(&mut self, built: &Built) -> Result<bool, Refusal> {
        let point = [Point::new(built.key, self.columns, &built.cells)];
        match &mut self.grouping {
            Some(grouping) => {
                grouping.push(self.name, &point, self.first, &mut self.last)?;
                Ok(true)
            }
            None => self.last.take(self.projection.block(self.name, &point, self.budget)?),
        }
    }

    fn close(&mut self) -> Result<(), Refusal> {
        if let Some(grouping) = &mut self.grouping {
            grouping.close(&mut self.last)?;
        }
        self.last.close()
    }
}

impl Select {
    /// Answers the points of all members by their times, each with the name of its series.
    pub(super) fn run_merge(
        &self,
        members: &Members,
        context: &Context<'_>,
        output: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let members = context.members(members)?;
        let shards = context.shards_of(self, &members)?;
        if shards.is_empty() {
            return Ok(());
        }
        let read = self.read(&members, context)?;
        let mut names: Vec<&str> = Vec::new();
        for (member, positions) in members.iter().zip(&read) {
            names.extend(member.titles(positions));
        }
        names.sort_unstable();
        names.dedup();
        context.random.shuffle(&mut names);
        let columns: Columns = names.into_iter().chain([ORIGIN]).collect();
        let origin = columns.names().len() - 1;
        let answered: Vec<usize> = (0..=origin)
            .filter(|&position| {
                let name = columns.names().get(position);
                position == origin || name.is_some_and(|name| self.answers(name, &members))
            })
            .collect();
        let projection = Projection::of_positions(&columns, &answered);
        let mut answer = self.answer("merged", &columns, projection, context, output)?;
        let build = |index: usize, point: Point<'_>| {
            let Some((member, positions)) = members.get(index).zip(read.get(index)) else {
                return Ok(None);
            };
            let place = |(name, position): (&str, &usize)| {
                Some((columns.position(name)?, point.at(*position).clone()))
            };
            let mut cells: Vec<_> =
                member.titles(positions).zip(positions).filter_map(place).collect();
            cells.sort_by_key(|(place, _)| *place);
            let holds = self.filtered(vec![Point::new(point.key, &columns, &cells)])?;
            Ok((!holds.is_empty()).then(|| Built { key: point.key, cells: cells.clone() }))
        };
        self.read_shards(&shards, &members, &read, context, build, &mut |index, mut built| {
            // The server adds this column behind the filter.
            let name = members.get(index).map_or("", |member| member.series.name);
            built.cells.push((origin, StoredValue::from(name)));
            answer.take(&built)
        })?;
        answer.close()
    }

    /// Answers a point whenever every member has a new one, with the columns of all.
    pub(super) fn run_join(
        &self,
        members: &Members,
        context: &Context<'_>,
        output: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let members = context.members(members)?;
        let title = match &members[..] {
            [] => return Ok(()),
            // The server looks for a second one.
            [_] => return Err(Refusal::Abandoned),
            [first, second, ..] => format!("{} inner join {}", first.shown(), second.shown()),
        };
        let shards = context.shards_of(self, &members)?;
        if shards.is_empty() {
            return Ok(());
        }
        let read = self.read(&members, context)?;
        let mut columns = Columns::default();
        let mut answered = Vec::new();
        for (member, positions) in members.iter().zip(&read) {
            // With a condition the server knows the columns of an alias no more.
            let is_kept = self.condition.is_none() || member.name == member.series.name;
            for name in member.titles(positions) {
                let place = columns.add(&format!("{}.{name}", member.name));
                if is_kept && self.answers(name, &members) {
                    answered.push(place);
                }
            }
        }
        let projection = Projection::of_positions(&columns, &answered).unnumbered();
        let mut answer = self.answer(&title, &columns, projection, context, output)?;
        let build = |index: usize, point: Point<'_>| {
            let positions = read.get(index).map(Vec::as_slice).unwrap_or_default();
            let cells = positions.iter().map(|&position| point.at(position).clone()).enumerate();
            Ok(Some(Built { key: point.key, cells: cells.collect() }))
        };
        let mut latest: Vec<Option<Built>> = members.iter().map(|_| None).collect();
        self.read_shards(&shards, &members, &read, context, build, &mut |index, built| {
            if let Some(place) = latest.get_mut(index) {
                *place = Some(built);
            }
            if !latest.iter().all(Option::is_some) {
                return Ok(true);
            }
            let (mut key, mut cells) = (None, Vec::new());
            for (built, positions) in latest.iter_mut().filter_map(Option::take).zip(&read) {
                key = key.or(Some(built.key));
                let offset = cells.len();
                let values = built.cells.into_iter().map(|(_, value)| value);
                let values = values.chain(std::iter::repeat(StoredValue::Null));
                cells.extend((offset..offset + positions.len()).zip(values));
            }
            let Some(key) = key else { return Ok(true) };
            let joined = Built { key, cells };
            let holds = match &self.condition {
                Some(condition) => holds(condition, Point::new(key, &columns, &joined.cells)),
                None => Ok(true),
            };
            if holds.map_err(Refusal::invalid)? { answer.take(&joined) } else { Ok(true) }
        })?;
        answer.close()
    }

    /// The last stage, which gives two points in an object as the server does.
    fn answer<'a, 'n>(
        &'a self,
        name: &'a str,
        columns: &'a Columns,
        plain: Projection<'a>,
        context: &Context<'a>,
        output: &'n mut dyn Sink,
    ) -> Result<Answer<'a, 'n>, Refusal> {
        let is_numbered = plain.is_numbered();
        let projection = match Projection::of_expressions(self, context.random) {
            Some(computed) if is_numbered => computed,
            Some(computed) => computed.unnumbered(),
            None => plain,
        };
        let grouping = self.has_calls().then(|| Grouping::new(self, context.budget));
        let grouping = grouping.transpose()?;
        let last = Passthrough::new(1, self.limit, output);
        let budget = context.budget;
        Ok(Answer { name, columns, projection, grouping, first: 0, last, budget })
    }

    /// Reads the shards one after the other: hands on what `put_together` makes of the points, by their
    /// times, with the position of the member that the server takes each for.
    fn read_shards(
        &self,
        shards: &[Shard],
        members: &[Member<'_>],
        read: &[Vec<usize>],
        context: &Context<'_>,
        put_together: impl Fn(usize, Point<'_>) -> Result<Option<Built>, Refusal>,
        emit: &mut impl FnMut(usize, Built) -> Result<bool, Refusal>,
    ) -> Result<(), Refusal> {
        let mut streams = Streams::new(shards.len(), self.ascending);
        // With a limit or functions, neighbours of one series go on together.
        let most = if self.has_calls() || self.limit.is_some() { NEIGHBOURS } else { 1 };
        let limit = if self.has_calls() { None } else { self.limit };
        for (shard_index, shard) in shards.iter().enumerate() {
            let mut counts = vec![0; members.len()];
            let mut neighbours: (usize, Vec<(i64, Built)>) = (0, Vec::new());
            for (index, point) in self.events(shard, members, read, context)? {
                let Some(built) = put_together(index, point)? else { continue };
                if !neighbours.1.is_empty() && (neighbours.0 != index || neighbours.1.len() >= most)
                {
                    let points = std::mem::take(&mut neighbours.1);
                    streams.push(shard_index, neighbours.0, points, emit)?;
                }
                neighbours.0 = index;
                neighbours.1.push((built.key.time, built));
                // The server stops as soon as one of the series has reached the limit.
                if let (Some(count), Some(limit)) = (counts.get_mut(index), limit) {
                    *count += 1;
                    if *count >= limit {
                        break;
                    }
                }
            }
            if !neighbours.1.is_empty() {
                streams.push(shard_index, neighbours.0, neighbours.1, emit)?;
            }
        }
        streams.close(emit).map(|_| ())
    }

    /// The points of all members in a shard by their times, each with the position of its member.
    fn events<'p>(
        &self,
        shard: &Shard,
        members: &'p [Member<'p>],
        read: &'p [Vec<usize>],
        context: &Context<'_>,
    ) -> Result<Vec<(usize, Point<'p>)>, Refusal> {
        let mut all: Vec<_> = members
            .iter()
            .zip(read)
            .map(|(member, positions)| self.points(shard, member.series.table, positions))
            .collect();
        let columns: Vec<usize> = read.iter().map(Vec::len).collect();
        let mut heads = Heap::new();
        let mut events = Vec::new();
        let mut advance = |index: usize, heads: &mut Heap<_>| {
            let point = all.get_mut(index).and_then(Iterator::next);
            let Some(point) = point else { return Ok(()) };
            // Points are also put together, which takes more room.
            context.budget.read(2 * (1 + columns.get(index).copied().unwrap_or_default()))?;
            let time = point.key.time;
            let key = if self.ascending { time } else { time.saturating_neg() };
            heads.push(key, (index, point));
            Ok(())
        };
        for index in 0..members.len() {
            advance(index, &mut heads)?;
        }
        while let Some((index, point)) = heads.pop() {
            events.push((index, point));
            advance(index, &mut heads)?;
        }
        Ok(events)
    }

    /// The positions of the columns that are read of each member.
    fn read(
        &self,
        members: &[Member<'_>],
        context: &Context<'_>,
    ) -> Result<Vec<Vec<usize>>, Refusal> {
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        let read = members.iter().map(|member| {
            let wanted = self.read_columns(&member.name, &names);
            let Series { name, table, .. } = &member.series;
            let mut positions = wanted.positions(name, table.columns())?;
            if matches!(wanted, Wanted::All) {
                context.random.shuffle(&mut positions);
            }
            Ok(positions)
        });
        read.collect()
    }

    /// Whether a column is answered and not only read by the condition.
    fn answers(&self, column: &str, members: &[Member<'_>]) -> bool {
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        self.condition.is_none()
            || members.iter().any(|member| match self.answered_columns(&member.name, &names) {
                Wanted::All => true,
                Wanted::Named(names) => names.iter().any(|name| name == column),
            })
    }
}

impl<'a> Member<'a> {
    /// The names of columns by their positions.
    fn titles<'p>(&self, positions: &'p [usize]) -> impl Iterator<Item = &'a str> + use<'a, 'p> {
        let names = self.series.table.columns().names();
        positions.iter().map(move |&position| names.get(position).map_or("", String::as_str))
    }

    /// The member as the name of a join shows it.
    fn shown(&self) -> String {
        if self.name == self.series.name {
            self.name.clone()
        } else {
            format!("{} as {}", self.series.name, self.name)
        }
    }
}

impl<'a> Context<'a> {
    /// The members that a query names or that a regex finds, which must be readable.
    fn members(&self, members: &Members) -> Result<Vec<Member<'a>>, Refusal> {
        match members {
            Members::Named(members) => {
                let found = self.named(members.iter().map(|member| member.series.as_str()))?;
                let name = |member: &query::Member| {
                    member.alias.clone().unwrap_or_else(|| member.series.clone())
                };
                let names = members.iter().map(name);
                Ok(found
                    .into_iter()
                    .zip(names)
                    .map(|(series, name)| Member { series, name })
                    .collect())
            }
            Members::Pattern(pattern) => {
                let names = self.series.all_readable().map(|(name, _)| name);
                let names: Vec<&str> = names.filter(|name| pattern.matches(name)).collect();
                let may_read = self.requester.reader();
                if !names.iter().all(|name| may_read(name)) {
                    let text = "User does not have access to one or more of the series requested.";
                    return Err(Refusal::invalid(text));
                }
                let found = self.named(names.into_iter())?;
                let member = |series: Series<'a>| Member { name: series.name.to_owned(), series };
                Ok(found.into_iter().map(member).collect())
            }
        }
    }

    /// The shards of the members.
    /// Error: the server's text if a series is named twice.
    fn shards_of(&self, select: &Select, members: &[Member<'_>]) -> Result<Vec<Shard>, Refusal> {
        let series = members.iter().map(|member| &member.series);
        let shards = self.shards(select, series.clone())?;
        let mut names: Vec<&str> = series.map(|series| series.name).collect();
        names.sort_unstable();
        if !shards.is_empty() && names.windows(2).any(|pair| pair.first() == pair.last()) {
            let text = "Cannot have the same table joined more than once";
            return Err(Refusal::invalid(text));
        }
        Ok(shards)
    }
}
