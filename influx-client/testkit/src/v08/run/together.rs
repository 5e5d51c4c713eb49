//! Answers `select` from `merge` and `inner join`: one series of the points of several.

use std::collections::HashMap;

use super::columns::Wanted;
use super::evaluate::holds;
use super::group::Grouping;
use super::passthrough::{Passthrough, Sink};
use super::projection::Projection;
use super::select::{Context, Series};
use crate::StoredValue;
use crate::v08::query::{self, Members, Select};
use crate::v08::refusal::Refusal;
use crate::v08::store::{Columns, Point, PointKey, Shard};

/// The column that names the series of a merged point.
const ORIGIN: &str = "_orig_series";

/// A series of a merge or a join.
struct Member<'a> {
    series: Series<'a>,
    /// The name after `as`, or else that of the series.
    name: String,
}

/// A point of the member at a position.
type Event<'a> = (usize, Point<'a>);

/// A point that is put together from those of the members.
struct Built {
    key: PointKey,
    cells: Vec<(usize, StoredValue)>,
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
            for name in member.titles(positions) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        context.random.shuffle(&mut names);
        let columns: Columns = names.into_iter().chain([ORIGIN]).collect();
        let mut built = Vec::new();
        for shard in &shards {
            let mut counts = self.limits();
            for (index, point) in self.events(shard, &members, &read, context)? {
                let Some((member, positions)) = members.get(index).zip(read.get(index)) else {
                    continue;
                };
                let mut cells = Vec::new();
                for (name, position) in member.titles(positions).zip(positions) {
                    if let Some(place) = columns.position(name) {
                        cells.push((place, point.at(*position).clone()));
                    }
                }
                cells.sort_by_key(|(place, _)| *place);
                if self.filtered(vec![Point::new(point.key, &columns, &cells)])?.is_empty() {
                    continue;
                }
                // The server adds this column behind the filter.
                let origin = StoredValue::from(member.series.name);
                cells.push((columns.names().len() - 1, origin));
                built.push(Built { key: point.key, cells });
                if counts.has_reached(&member.name) {
                    break;
                }
            }
        }
        let answered = |name: &String| name == ORIGIN || self.answers(name, &members);
        let positions: Vec<usize> = (0..columns.names().len())
            .filter(|&position| columns.names().get(position).is_some_and(answered))
            .collect();
        let projection = Projection::of_positions(&columns, &positions);
        self.answer("merged", &columns, built, projection, context, output)
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
        let mut events = Vec::new();
        for shard in &shards {
            let mut counts = self.limits();
            for (index, point) in self.events(shard, &members, &read, context)? {
                events.push((index, point));
                if members.get(index).is_some_and(|member| counts.has_reached(&member.name)) {
                    break;
                }
            }
        }
        self.sort(&mut events, |(_, point)| point.key.time);
        let mut built = Vec::new();
        let mut latest: Vec<Option<Point<'_>>> = vec![None; members.len()];
        for (index, point) in events {
            if let Some(place) = latest.get_mut(index) {
                *place = Some(point);
            }
            if !latest.iter().all(Option::is_some) {
                continue;
            }
            let points = latest.iter_mut().filter_map(Option::take).zip(&read);
            let (mut cells, mut key) = (Vec::new(), None);
            for (point, positions) in points {
                key = key.or(Some(point.key));
                let values = positions.iter().map(|&position| point.at(position).clone());
                cells.extend((cells.len()..).zip(values));
            }
            let Some(key) = key else { continue };
            let holds = match &self.condition {
                Some(condition) => holds(condition, Point::new(key, &columns, &cells)),
                None => Ok(true),
            };
            if holds.map_err(Refusal::invalid)? {
                built.push(Built { key, cells });
            }
        }
        let projection = Projection::of_positions(&columns, &answered).unnumbered();
        self.answer(&title, &columns, built, projection, context, output)
    }

    /// Answers points that are put together, two in an object as the server does.
    fn answer(
        &self,
        name: &str,
        columns: &Columns,
        mut built: Vec<Built>,
        plain: Projection<'_>,
        context: &Context<'_>,
        output: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        self.sort(&mut built, |built| built.key.time);
        let is_numbered = plain.is_numbered();
        let projection = match Projection::of_expressions(self, context.random) {
            Some(computed) if is_numbered => computed,
            Some(computed) => computed.unnumbered(),
            None => plain,
        };
        let grouping = self.has_calls().then(|| Grouping::new(self, context.budget));
        let mut grouping = grouping.transpose()?;
        let mut last = Passthrough::new(1, self.limit, output);
        for Built { key, cells } in &built {
            let point = [Point::new(*key, columns, cells)];
            let wants_more = match &mut grouping {
                Some(grouping) => {
                    grouping.push(name, &point, &mut last)?;
                    true
                }
                None => last.take(projection.block(name, &point, context.budget)?)?,
            };
            if !wants_more {
                break;
            }
        }
        if let Some(mut grouping) = grouping {
            grouping.close(&mut last)?;
        }
        last.close()
    }

    /// The points of all members in a shard by their times.
    fn events<'p>(
        &self,
        shard: &Shard,
        members: &'p [Member<'p>],
        read: &'p [Vec<usize>],
        context: &Context<'_>,
    ) -> Result<Vec<Event<'p>>, Refusal> {
        let mut events = Vec::new();
        for (index, (member, positions)) in members.iter().zip(read).enumerate() {
            for point in self.points(shard, member.series.table, positions) {
                // Points are also put together, as many as all columns.
                context.budget.read(2 * (1 + positions.len()))?;
                events.push((index, point));
            }
        }
        self.sort(&mut events, |(_, point)| point.key.time);
        Ok(events)
    }

    /// Sorts by time in the order of the query; what is of one time keeps its order.
    fn sort<T>(&self, items: &mut [T], time: impl Fn(&T) -> i64) {
        if self.ascending {
            items.sort_by_key(|item| time(item));
        } else {
            items.sort_by_key(|item| std::cmp::Reverse(time(item)));
        }
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

    /// The counters of a shard, which stops as soon as one of its series has reached the limit.
    fn limits(&self) -> Counts {
        let limit = if self.has_calls() { None } else { self.limit };
        Counts { limit, counts: HashMap::new() }
    }
}

struct Counts {
    limit: Option<usize>,
    counts: HashMap<String, usize>,
}

impl Counts {
    /// Counts a point; whether its series has reached the limit.
    fn has_reached(&mut self, series: &str) -> bool {
        let Some(limit) = self.limit else { return false };
        let count = self.counts.entry(series.to_owned()).or_default();
        *count += 1;
        *count >= limit
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
                Ok(found.into_iter().zip(names).map(|(series, name)| Member { series, name }).collect())
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
    fn shards_of(
        &self,
        select: &Select,
        members: &[Member<'_>],
    ) -> Result<Vec<Shard>, Refusal> {
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
