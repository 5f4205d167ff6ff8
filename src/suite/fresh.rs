//! Whether answers have ids of their own, over the whole run: workers that began with the same random numbers repeat each other's.

use std::collections::{HashMap, VecDeque};

use super::engine::Exchange;
use super::judge::Defect;

/// Answers whose ids are remembered.
const REMEMBERED: usize = 4_096;

/// The ids of the latest answers.
#[derive(Debug, Default)]
pub(crate) struct LatestIds {
    /// The request that was answered, by the `response_id`.
    known: HashMap<String, String>,
    order: VecDeque<String>,
}

impl LatestIds {
    /// Remembers an answer that is a success; a defect where another request's answer had its `response_id`. The same request may be
    /// answered from memory.
    pub fn defect(&mut self, exchange: &Exchange) -> Option<Defect> {
        let request = &exchange.draft.call.request_id;
        let id = exchange.member("response_id")?;
        match self.known.get(id) {
            Some(other) if other == request => None,
            Some(other) => Some(Defect {
                expected: "a `response_id` that no earlier answer had".to_owned(),
                observed: format!(
                    "`response_id` is {id:?} again: the answer to the request {other} had it"
                ),
            }),
            None => {
                self.remember(id, request);
                None
            }
        }
    }

    fn remember(&mut self, id: &str, request: &str) {
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(id.to_owned(), request.to_owned());
        self.order.push_back(id.to_owned());
    }
}
