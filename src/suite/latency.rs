//! How long answers took: percentiles a callback, in memory that does not depend on how many there were.

use std::collections::BTreeMap;
use std::time::Duration;

use super::outcome::{CallbackLatency, Latencies, Percentiles};

/// Microseconds up to which each has a bucket of its own.
const EXACT: u64 = 64;
/// Buckets for each doubling behind that, so that a bucket is at most a 32nd of its value wide.
const PARTS: u64 = EXACT / 2;
/// Doublings that are told apart: up to 19 hours.
const DOUBLINGS: u64 = 30;

/// Durations, by how many there were of about each length.
#[derive(Debug, Clone)]
struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max: Duration,
}

impl Histogram {
    fn new() -> Self {
        Self {
            buckets: vec![0; bucket(u64::MAX) + 1],
            count: 0,
            max: Duration::ZERO,
        }
    }

    fn note(&mut self, total: Duration) {
        let micros = u64::try_from(total.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(micros)] += 1;
        self.count += 1;
        self.max = self.max.max(total);
    }

    /// The duration within which so many of a hundred came: the end of their bucket, and never more than the longest.
    fn percentile(&self, percent: u64) -> Duration {
        let wanted = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(end(place)).min(self.max);
            }
        }
        self.max
    }

    fn percentiles(&self) -> Percentiles {
        Percentiles {
            count: self.count,
            p50: self.percentile(50),
            p95: self.percentile(95),
            p99: self.percentile(99),
            max: self.max,
        }
    }
}

/// The bucket of a number of microseconds.
fn bucket(micros: u64) -> usize {
    let doublings = u64::from((micros / EXACT).checked_ilog2().map_or(0, |log| log + 1));
    let place = match doublings {
        0 => micros,
        doublings if doublings > DOUBLINGS => EXACT + DOUBLINGS * PARTS - 1,
        doublings => EXACT + (doublings - 1) * PARTS + (micros >> doublings) - PARTS,
    };
    place as usize
}

/// The last microsecond that belongs to a bucket.
fn end(place: usize) -> u64 {
    let place = place as u64;
    if place < EXACT {
        return place;
    }
    let (doublings, part) = ((place - EXACT) / PARTS + 1, (place - EXACT) % PARTS);
    ((PARTS + part + 1) << doublings) - 1
}

/// What is known of the time that right requests take.
#[derive(Debug, Default)]
pub(crate) struct Latency {
    /// By callback: all of them, and those beside which none was under way.
    callbacks: BTreeMap<&'static str, (Histogram, Histogram)>,
}

impl Latency {
    /// A right request was answered rightly.
    pub fn note(&mut self, callback: &'static str, total: Duration, alone: bool) {
        let entry = self.callbacks.entry(callback);
        let (all, by_itself) = entry.or_insert_with(|| (Histogram::new(), Histogram::new()));
        all.note(total);
        if alone {
            by_itself.note(total);
        }
    }

    /// What the outcome tells, beside the time that was allowed.
    pub fn told(&self, allowed: Duration) -> Latencies {
        let callbacks = self.callbacks.iter();
        Latencies {
            allowed,
            callbacks: callbacks
                .map(|(name, (all, alone))| CallbackLatency {
                    callback: name,
                    all: all.percentiles(),
                    alone: (alone.count > 0).then(|| alone.percentiles()),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_are_narrow() {
        assert_eq!((bucket(0), bucket(63), bucket(64)), (0, 63, 64));
        let mut before = None;
        for place in 0..=bucket(u64::MAX) {
            let end = end(place);
            assert_eq!(bucket(end), place);
            let begin = before.map_or(0, |before| before + 1);
            assert_eq!(bucket(begin), place);
            assert!((end - begin) * 32 <= end, "{begin} to {end}");
            before = Some(end);
        }
    }

    #[test]
    fn percentiles_are_those_of_the_durations_but_for_a_32nd() {
        let mut histogram = Histogram::new();
        for millis in 1..=1_000 {
            histogram.note(Duration::from_millis(millis));
        }
        let found = histogram.percentiles();
        assert_eq!((found.count, found.max), (1_000, Duration::from_secs(1)));
        for (found, millis) in [(found.p50, 500), (found.p95, 950), (found.p99, 990)] {
            let right = Duration::from_millis(millis);
            assert!(found >= right && found <= right + right / 32, "{found:?}");
        }
    }

    #[test]
    fn no_duration_is_too_long() {
        let mut histogram = Histogram::new();
        histogram.note(Duration::MAX);
        assert_eq!(histogram.percentiles().max, Duration::MAX);
    }
}
