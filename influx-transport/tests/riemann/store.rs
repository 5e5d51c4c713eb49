//! The latest events, as many as fit.

use std::collections::VecDeque;

use prost::Message;

use crate::message::{Event, Msg};

/// Keeps the latest events. When there is no room, the oldest go.
#[derive(Default)]
pub(crate) struct Store {
    events: VecDeque<Event>,
    /// The size of all events together, encoded.
    bytes: usize,
}

impl Store {
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    pub(crate) fn add(&mut self, event: Event) {
        self.bytes += event.encoded_len();
        self.events.push_back(event);
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.encoded_len();
        }
    }

    /// Answers a query: `true` finds all events, `service = "cpu"` those of one service.
    pub(crate) fn query(&self, expression: &str) -> Msg {
        let service = expression
            .strip_prefix("service = \"")
            .and_then(|rest| rest.strip_suffix('"'))
            .filter(|service| !service.contains(['"', '\\']));
        let found: Vec<Event> = match service {
            None if expression == "true" => self.events.iter().cloned().collect(),
            None => return refusal(format!("parse error: {expression}")),
            Some(service) => {
                let events = self.events.iter();
                events.filter(|event| event.service.as_deref() == Some(service)).cloned().collect()
            }
        };
        Msg { ok: Some(true), events: found, ..Msg::default() }
    }
}

/// The answer to a refused request.
pub(crate) fn refusal(reason: String) -> Msg {
    Msg { ok: Some(false), error: Some(reason), ..Msg::default() }
}

/// With these limits the answer to any query fits into one frame.
const MAX_EVENTS: usize = 100_000;
const MAX_BYTES: usize = 8 * 1024 * 1024;
