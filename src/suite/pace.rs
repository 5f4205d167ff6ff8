//! The pace of a run: how many requests at once, and how long between them.

use std::time::{Duration, Instant};

use crate::gateway::Observation;

/// The first pause between requests once a handler has asked for patience.
const FIRST_INTERVAL: Duration = Duration::from_millis(60);
/// Answers after which a pause may be shorter.
const CALM: u32 = 8;
/// Time within which several 429 are one reason to slow down.
const ONE_REASON: Duration = Duration::from_millis(500);
/// The longest pause between requests.
const LONGEST_INTERVAL: Duration = Duration::from_secs(2);
/// How often a request is sent again for a handler that asks for patience.
const PATIENCE: u32 = 8;
/// The same once patience has been in vain this often.
const LITTLE_PATIENCE: u32 = 1;
/// As many times.
const IN_VAIN: u32 = 3;
/// The longest a handler may make us wait with `Retry-After`.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What TCP waits before it knocks again at a server whose queue of new connections is full; a bit less.
const KNOCK_AGAIN: Duration = Duration::from_millis(900);

/// How fast requests go out.
#[derive(Debug)]
pub(crate) struct Pace {
    most: usize,
    limit: usize,
    timeout: Duration,
    interval: Duration,
    next: Instant,
    slowed: Option<Instant>,
    /// The pause that was too short.
    too_short: Duration,
    /// Answers since the pause was changed.
    calm: u32,
    alone: Duration,
    /// Requests in a row that were answered 429 to the end.
    in_vain: u32,
}

impl Pace {
    /// At most so many at once, each allowed so long.
    pub fn new(concurrency: usize, timeout: Duration) -> Self {
        let most = concurrency.max(1);
        Self {
            most,
            limit: most,
            timeout,
            interval: Duration::ZERO,
            slowed: None,
            too_short: Duration::ZERO,
            calm: 0,
            alone: timeout,
            in_vain: 0,
            next: Instant::now(),
        }
    }

    /// How many may be under way at once now.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether a single request is so slow that no other may be under way, though the user allows it.
    pub fn is_crawling(&self) -> bool {
        self.limit == 1 && self.most > 1
    }

    /// When the next request may go out; books that moment.
    pub fn book(&mut self) -> Instant {
        let at = self.next.max(Instant::now());
        self.next = at + self.interval;
        at
    }

    /// Learns from an answer: a handler that takes long is not asked so much at once, lest its queue be taken for its
    /// slowness. Whether the limit changed.
    pub fn learn(&mut self, observation: &Observation) -> bool {
        if observation.total * 2 > self.timeout && self.limit > 1 {
            self.limit = (self.limit / 2).max(1);
            return true;
        }
        false
    }

    /// Learns from the answers to what was sent at once. One that took a second, where a request alone takes next to
    /// nothing, waited for a connection: the handler's queue is shorter than the suite's.
    pub fn learn_batch<'a>(&mut self, observations: impl Iterator<Item = &'a Observation>) {
        let queue = self.alone * 4 * u32::try_from(self.limit).unwrap_or(u32::MAX);
        let stalled = observations
            .filter(|observation| observation.result.is_ok())
            .any(|observation| observation.total > KNOCK_AGAIN.max(queue));
        if stalled && self.limit > 2 {
            self.limit = (self.limit / 2).max(2);
        }
    }

    /// Learns how long a request takes while no other is under way.
    pub fn note_alone(&mut self, total: Duration) {
        self.alone = self.alone.min(total);
    }

    /// Learns from an answer that came while no other request was under way: how many of those fit into the timeout.
    pub fn learn_alone(&mut self, total: Duration) {
        self.note_alone(total);
        let total = total.max(Duration::from_micros(1));
        let fit = (self.timeout.as_secs_f64() / (total.as_secs_f64() * 2.0)) as usize;
        self.limit = self.most.min(fit.max(1));
    }

    /// How often a request is sent again that is answered 429. A handler that answers so whatever the pace, wrong
    /// passwords for example, would take the time that the others need.
    pub fn patience(&self) -> u32 {
        if self.in_vain < IN_VAIN {
            PATIENCE
        } else {
            LITTLE_PATIENCE
        }
    }

    /// A request has been given up, having been answered 429 to the end.
    pub fn give_up(&mut self) {
        self.in_vain += 1;
    }

    /// A request was answered after the handler had asked for patience.
    pub fn paid_off(&mut self) {
        self.in_vain = 0;
    }

    /// The handler did not ask for patience: after a while the pause may be shorter again, but not as short as it was when
    /// it did.
    pub fn answered(&mut self) {
        self.calm += 1;
        if self.calm >= CALM && !self.interval.is_zero() {
            self.interval = (self.interval * 15 / 16).max(self.too_short * 13 / 12);
            self.calm = 0;
        }
    }

    /// The handler asked for patience: slows down, and tells how long to wait now.
    pub fn slow_down(&mut self, observation: &Observation) -> Duration {
        // Answers to what was already under way are no further reason.
        if self
            .slowed
            .is_none_or(|slowed| slowed.elapsed() > ONE_REASON)
        {
            self.too_short = self.interval;
            self.interval = (self.interval * 3 / 2).clamp(FIRST_INTERVAL, LONGEST_INTERVAL);
            self.slowed = Some(Instant::now());
        }
        self.calm = 0;
        let asked = observation
            .result
            .as_ref()
            .ok()
            .and_then(|answer| answer.header("retry-after"))
            .and_then(|value| value.trim().parse::<u64>().ok())
            .map(Duration::from_secs);
        let wait = asked.unwrap_or(Duration::from_secs(1)).min(LONGEST_WAIT);
        self.next = self.next.max(Instant::now() + wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::gateway::Answer;

    fn answered_after(total: Duration) -> Observation {
        Observation {
            result: Ok(Answer {
                status: 200,
                reason: String::new(),
                version: "HTTP/1.1".to_owned(),
                headers: Vec::new(),
                body: Bytes::new(),
            }),
            total,
            reused: false,
            tls: None,
            surplus: Bytes::new(),
        }
    }

    fn limit_after(alone: Duration, together: Duration) -> usize {
        let mut pace = Pace::new(8, Duration::from_secs(10));
        pace.learn_alone(alone);
        pace.learn_batch([answered_after(alone), answered_after(together)].iter());
        pace.limit()
    }

    #[test]
    fn a_full_queue_of_connections_lowers_the_number_of_requests_at_once() {
        let quick = Duration::from_millis(3);
        assert_eq!(limit_after(quick, Duration::from_millis(1_020)), 4);
        assert_eq!(limit_after(quick, Duration::from_millis(40)), 8);
    }

    #[test]
    fn a_handler_that_answers_one_after_the_other_is_only_slow() {
        let slow = Duration::from_millis(250);
        assert_eq!(limit_after(slow, Duration::from_secs(2)), 8);
    }
}
