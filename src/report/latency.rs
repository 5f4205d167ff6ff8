//! How long right requests took, as the rows of a table.

use std::time::Duration;

use crate::suite::Latencies;

/// The headings behind the callback's name, which is the first column.
pub const HEADINGS: [&str; 6] = ["requests", "p50", "p95", "p99", "max", "alone"];

/// What the table is about, in a line.
pub fn title(latencies: &Latencies) -> String {
    format!(
        "Time to the answer, ms (timeout {}; alone: p50 with no other under way)",
        millis(latencies.allowed)
    )
}

/// A row for each callback: its name, and the cells.
pub fn rows(latencies: &Latencies) -> Vec<(&'static str, [String; 6])> {
    let rows = latencies.callbacks.iter().map(|one| {
        let alone = one.alone.map_or("-".to_owned(), |alone| millis(alone.p50));
        let cells = [
            super::text::number(one.all.count),
            millis(one.all.p50),
            millis(one.all.p95),
            millis(one.all.p99),
            millis(one.all.max),
            alone,
        ];
        (one.callback, cells)
    });
    rows.collect()
}

/// Milliseconds, in tenths where that says something.
fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    match millis < 100.0 {
        true => format!("{millis:.1}"),
        false => super::text::number(millis.round() as u64),
    }
}
