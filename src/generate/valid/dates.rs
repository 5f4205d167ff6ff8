//! Dates and times: what the documentation shows, and all that RFC 3339 allows.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

/// Forms that a handler must take, the most telling first: those of the documentation, then the ends of what it allows.
pub fn created_at_examples() -> &'static [&'static str] {
    &[
        "0001-01-01T00:00:00Z",
        "2023-04-10T15:33:01+00:00",
        "2023-04-10T15:33:01.362Z",
        "2023-04-10T15:33:01Z",
        "2023-04-10T17:33:01+02:00",
        "2023-04-10T07:03:01.362-08:30",
        "2024-02-29T23:59:59.999999Z",
        "1969-12-31T23:59:59Z",
        "2023-04-10T15:33:01.123456789Z",
    ]
}

/// A valid `created_at` as a gateway may send it: upper-case `T` and `Z`, offsets that are in use on Earth, up to nine
/// digits of a second's fraction, years 1 to 2025 in local time and in UTC. No date is too old, the documents say; of dates that are
/// still to come they say nothing.
pub fn created_at() -> SBoxedStrategy<String> {
    let offset = prop_oneof![
        3 => Just(Offset::Zulu),
        2 => Just(Offset::Minutes(0)),
        4 => (-48_i16..=56).prop_map(|quarters| Offset::Minutes(quarters * 15)),
    ];
    (date(1, PAST), time(0..60), fraction(), offset)
        .prop_map(|(date, time, fraction, offset)| {
            // At the beginning of the calendar the offset must not carry the instant out of it.
            let offset = match (date, offset) {
                ((1, 1, 1), Offset::Minutes(minutes)) => Offset::Minutes(-minutes.abs()),
                (_, offset) => offset,
            };
            text(date, 'T', time, &fraction, &offset.text('Z'))
        })
        .sboxed()
}

/// Any date and time of RFC 3339: also lower-case `t` and `z`, year 0, the offset `-00:00`, offsets up to 23:59, long
/// fractions and leap seconds. For types and schemas; a handler is not asked for all of these.
pub fn any_rfc3339() -> SBoxedStrategy<String> {
    let offset = prop_oneof![
        2 => Just("Z".to_owned()),
        1 => Just("z".to_owned()),
        1 => Just("-00:00".to_owned()),
        3 => (prop::bool::ANY, 0..24_u8, 0..60_u8).prop_map(|(east, hours, minutes)| {
            format!("{}{hours:02}:{minutes:02}", if east { '+' } else { '-' })
        }),
    ];
    let separator = prop_oneof![3 => Just('T'), 1 => Just('t')];
    let fraction = prop_oneof![9 => fraction(), 1 => "\\.[0-9]{10,20}"];
    let ordinary = (
        date(0, 9999),
        separator.clone(),
        time(0..60),
        fraction,
        offset,
    )
        .prop_map(|(date, separator, time, fraction, offset)| {
            text(date, separator, time, &fraction, &offset)
        });
    let leap = (1972..=2016_u16, prop::bool::ANY, separator).prop_map(|(year, june, separator)| {
        let date = if june { (year, 6, 30) } else { (year, 12, 31) };
        text(date, separator, (23, 59, 60), "", "Z")
    });
    prop_oneof![9 => ordinary, 1 => leap].sboxed()
}

/// The last year of which every day is past.
const PAST: u16 = 2025;

#[derive(Debug, Clone, Copy)]
enum Offset {
    Zulu,
    Minutes(i16),
}

impl Offset {
    fn text(self, zulu: char) -> String {
        match self {
            Self::Zulu => zulu.to_string(),
            Self::Minutes(minutes) => format!(
                "{}{:02}:{:02}",
                if minutes < 0 { '-' } else { '+' },
                minutes.abs() / 60,
                minutes.abs() % 60
            ),
        }
    }
}

type Date = (u16, u8, u8);
type Time = (u8, u8, u8);

fn date(first_year: u16, last_year: u16) -> impl Strategy<Value = Date> + Send + Sync {
    let year = prop_oneof![
        4 => 1970..=last_year.min(2100),
        4 => first_year..=last_year,
        1 => Just(1),
        1 => Just(last_year),
    ];
    (year, 1..=12_u8, 1..=31_u8)
        .prop_map(|(year, month, day)| (year, month, day.min(days_in(year, month))))
}

fn time(seconds: std::ops::Range<u8>) -> impl Strategy<Value = Time> + Send + Sync {
    (0..24_u8, 0..60_u8, seconds)
}

fn fraction() -> impl Strategy<Value = String> + Send + Sync {
    prop_oneof![
        1 => Just(String::new()),
        1 => prop::collection::vec(0..=9_u8, 1..=9).prop_map(|digits| {
            std::iter::once('.').chain(digits.iter().map(|digit| char::from(b'0' + digit))).collect()
        }),
    ]
}

fn text(date: Date, separator: char, time: Time, fraction: &str, offset: &str) -> String {
    let ((year, month, day), (hour, minute, second)) = (date, time);
    format!(
        "{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    )
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
