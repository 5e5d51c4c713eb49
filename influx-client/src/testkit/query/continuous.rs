//! Continuous queries: selects whose answer is written into another series.

use influx_proto::Value;

use super::ast::{Select, Source};
use super::filter::{evaluate, holds};
use crate::testkit::engine::Point;

impl Select {
    /// Whether the select is a continuous query.
    pub(in crate::testkit) fn is_continuous(&self) -> bool {
        self.into.is_some()
    }

    /// Whether each point written to `series` is copied at once.
    /// Queries with functions would run at intervals; the embedded server only lists them.
    pub(in crate::testkit) fn is_fanout_of(&self, series: &str) -> bool {
        let reads = match &self.from {
            Source::Names(names) => names.iter().any(|name| name == series),
            Source::Pattern(pattern) => pattern.matches(series),
        };
        self.is_continuous() && !self.has_calls() && self.group_by.is_empty() && reads
    }

    /// The target series and the cells that a new point of `series` is copied to, if it matches.
    ///
    /// In the target's name `:series_name` stands for the source's,
    /// and `[column]` for the value of a column, which is then left out of the copy.
    pub(in crate::testkit) fn copy_of(
        &self,
        series: &str,
        point: Point<'_>,
    ) -> Option<(String, Vec<(String, Value)>)> {
        if self.condition.as_ref().is_some_and(|condition| !holds(condition, point)) {
            return None;
        }
        let mut target = self.into.as_ref()?.replace(":series_name", series);
        let mut cells = Vec::new();
        for (title, expression) in self.outputs(point.columns()) {
            let value = evaluate(&expression, point);
            let placeholder = format!("[{title}]");
            if target.contains(&placeholder) {
                let text = match &value {
                    Value::String(text) => text.clone(),
                    other => crate::testkit::json::Json::from(other).print(false),
                };
                target = target.replace(&placeholder, &text);
            } else if !value.is_null() {
                cells.push((title, value));
            }
        }
        (!cells.is_empty()).then_some((target, cells))
    }
}
