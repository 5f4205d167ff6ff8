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

/// How often the longest answer must fit into the timeout before more is sent at once. Half of that makes it less.
const ROOM: f64 = 4.0;

/// How fast requests go out.
#[derive(Debug)]
pub(crate) struct Pace {
    most: usize,
    limit: usize,
    /// Answers still to come to what was under way when the limit was lowered.
    under_way: usize,
    /// The limit at which requests waited for a connection, which is too high.
    too_many: Option<usize>,
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
    /// Requests that were, while others were answered at once: it is not the pace that the handler minds.
    singled_out: u32,
    /// Whether another request was answered at once since a request was given up.
    others_answered: bool,
}

impl Pace {
    /// At most so many at once, each allowed so long.
    pub fn new(concurrency: usize, timeout: Duration) -> Self {
        let most = concurrency.max(1);
        Self {
            most,
            limit: most,
            under_way: 0,
            too_many: None,
            timeout,
            interval: Duration::ZERO,
            slowed: None,
            too_short: Duration::ZERO,
            calm: 0,
            alone: timeout,
            in_vain: 0,
            singled_out: 0,
            others_answered: false,
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
        if self.under_way > 0 {
            // It was sent before the limit changed, and says nothing of what that does.
            self.under_way -= 1;
            return false;
        }
        if observation.total * 2 > self.timeout && self.limit > 1 {
            self.under_way = self.limit - 1;
            self.limit = (self.limit / 2).max(1);
            return true;
        }
        false
    }

    /// Learns from the answers to what was sent at once. One that took a second, where a request alone takes next to
    /// nothing, waited for a connection: the handler's queue is shorter than the suite's. Where none took long, there may
    /// be more at once again, step by step, but not as many as once were too many.
    pub fn learn_batch<'a>(&mut self, observations: impl Iterator<Item = &'a Observation>) {
        let limit = u32::try_from(self.limit).unwrap_or(u32::MAX);
        let queue = self.alone.saturating_mul(4).saturating_mul(limit);
        let (mut slowest, mut answers, mut all_came) = (Duration::ZERO, 0, true);
        for observation in observations {
            match observation.result {
                Ok(_) => slowest = slowest.max(observation.total),
                Err(_) => all_came = false,
            }
            answers += 1;
        }
        if slowest > KNOCK_AGAIN.max(queue) {
            if self.limit > 2 {
                self.too_many = Some(self.limit);
                self.limit = (self.limit / 2).max(2);
            }
        } else if all_came && answers >= self.limit {
            let step = (self.limit / 4).max(1);
            // So much that the longest wait would still be far from the timeout.
            let expected = slowest.as_secs_f64() * (self.limit + step) as f64 / self.limit as f64;
            let most = self
                .too_many
                .map_or(self.most, |many| (many - 1).min(self.most));
            if expected * ROOM < self.timeout.as_secs_f64() {
                self.limit = (self.limit + step).min(most).max(self.limit);
            }
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
        self.singled_out += u32::from(std::mem::take(&mut self.others_answered));
        if self.minds_something_else() {
            self.interval = self.interval.min(FIRST_INTERVAL);
        }
    }

    /// Whether 429 is what some requests are answered whatever the pace: those without a token, say.
    fn minds_something_else(&self) -> bool {
        self.singled_out >= IN_VAIN
    }

    /// A request was answered after the handler had asked for patience.
    pub fn paid_off(&mut self) {
        self.in_vain = 0;
    }

    /// The handler did not ask for patience: after a while the pause may be shorter again, but not as short as it was when
    /// it did.
    pub fn answered(&mut self) {
        self.others_answered = true;
        self.calm += 1;
        if self.calm >= CALM && !self.interval.is_zero() {
            self.interval = (self.interval * 15 / 16).max(self.too_short * 13 / 12);
            self.calm = 0;
        }
    }

    /// The handler asked for patience: slows down, and tells how long to wait now.
    pub fn slow_down(&mut self, observation: &Observation) -> Duration {
        let asked = observation
            .result
            .as_ref()
            .ok()
            .and_then(|answer| answer.header("retry-after"))
            .and_then(|value| value.trim().parse::<u64>().ok())
            .map(Duration::from_secs);
        // Who says that it may be at once has not been asked too often.
        let longest = match asked {
            Some(Duration::ZERO) => FIRST_INTERVAL,
            _ if self.minds_something_else() => FIRST_INTERVAL,
            _ => LONGEST_INTERVAL,
        };
        // Answers to what was already under way are no further reason.
        if self
            .slowed
            .is_none_or(|slowed| slowed.elapsed() > ONE_REASON)
        {
            self.too_short = self.interval;
            let longer = (self.interval * 3 / 2).clamp(FIRST_INTERVAL, longest);
            self.interval = self.interval.max(longer);
            self.slowed = Some(Instant::now());
        }
        self.calm = 0;
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
    fn who_says_that_it_may_be_at_once_is_not_asked_less_and_less() {
        let interval_after = |retry_after: Option<&str>| {
            let mut told = answered_after(Duration::from_millis(1));
            if let Ok(answer) = &mut told.result {
                answer.status = 429;
                let header = retry_after.map(|value| ("Retry-After".to_owned(), value.into()));
                answer.headers.extend(header);
            }
            let mut pace = Pace::new(8, Duration::from_secs(10));
            for _ in 0..40 {
                pace.slowed = None;
                pace.slow_down(&told);
            }
            pace.interval
        };
        assert_eq!(interval_after(Some("0")), FIRST_INTERVAL);
        assert_eq!(interval_after(Some("1")), LONGEST_INTERVAL);
        assert_eq!(interval_after(None), LONGEST_INTERVAL);
    }

    #[test]
    fn what_is_answered_429_whatever_the_pace_does_not_slow_down_the_others() {
        let answered = answered_after(Duration::from_millis(1));
        let given_up_after = |others: bool| {
            let mut pace = Pace::new(8, Duration::from_secs(10));
            for _ in 0..40 {
                for _ in 0..3 {
                    pace.slowed = None;
                    pace.slow_down(&answered);
                }
                pace.give_up();
                if others {
                    pace.answered();
                }
            }
            pace.interval
        };
        assert_eq!(given_up_after(true), FIRST_INTERVAL);
        assert_eq!(given_up_after(false), LONGEST_INTERVAL);
    }

    /// A handler that takes so long for each request, one after the other, and is asked this many times as much as fits.
    fn limits(service: Duration, timeout: Duration, windows: usize) -> Vec<usize> {
        let mut pace = Pace::new(64, timeout);
        pace.learn_alone(service);
        (0..windows)
            .map(|_| {
                let count = u32::try_from(pace.limit()).expect("few");
                let mut answers = vec![answered_after(service * count); 64];
                // What is slow is learnt from as it comes.
                let slow = pace.learn(&answers[0]);
                answers.truncate(if slow { 1 } else { 64 });
                pace.learn_batch(answers.iter());
                pace.limit()
            })
            .collect()
    }

    #[test]
    fn the_number_at_once_goes_down_and_up_again_with_what_the_handler_sustains() {
        let mut pace = Pace::new(64, Duration::from_secs(1));
        let together = |pace: &mut Pace, millis| {
            let answers = vec![answered_after(Duration::from_millis(millis)); 64];
            pace.learn_batch(answers.iter());
        };
        // A slow time, in which every answer takes most of what is allowed.
        for _ in 0..64 {
            pace.learn(&answered_after(Duration::from_millis(600)));
        }
        assert_eq!(pace.limit(), 32, "what was under way is one reason");
        for _ in 0..128 {
            pace.learn(&answered_after(Duration::from_millis(600)));
        }
        assert_eq!(pace.limit(), 1);
        together(&mut pace, 300);
        assert_eq!(pace.limit(), 1, "too slow for more");
        let mut before = 1;
        while before < 64 {
            together(&mut pace, 20);
            assert!(pace.limit() > before, "{before}");
            before = pace.limit();
        }
        together(&mut pace, 20);
        assert_eq!(pace.limit(), 64, "never more than the user allows");
    }

    #[test]
    fn a_handler_with_one_worker_is_kept_busy_and_never_near_the_timeout() {
        let limits = limits(Duration::from_millis(1), Duration::from_secs(10), 20);
        assert_eq!(limits.last(), Some(&64));
        let service = Duration::from_millis(1);
        let timeout = Duration::from_millis(100);
        for limit in self::limits(service, timeout, 40).into_iter().skip(1) {
            assert!((8..=50).contains(&limit), "{limit}");
        }
    }

    #[test]
    fn what_was_too_many_for_the_queue_of_connections_is_not_tried_again() {
        let mut pace = Pace::new(64, Duration::from_secs(10));
        let quick = answered_after(Duration::from_millis(3));
        pace.learn_alone(quick.total);
        pace.learn_batch([answered_after(Duration::from_millis(1_020))].iter());
        assert_eq!(pace.limit(), 32);
        for _ in 0..20 {
            pace.learn_batch(vec![quick.clone(); 64].iter());
        }
        assert_eq!(pace.limit(), 63);
    }

    #[test]
    fn a_handler_that_answers_one_after_the_other_is_only_slow() {
        let slow = Duration::from_millis(250);
        assert_eq!(limit_after(slow, Duration::from_secs(2)), 8);
    }
}
