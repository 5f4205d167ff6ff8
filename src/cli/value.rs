//! The values of options, the same on the command line and in `acgw.toml`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::nearest::did_you_mean;
use crate::gateway::client::LONGEST;
use crate::protocol::text::UriText;
use crate::report::Format;

/// Reads a value of the command line's kind out of a file's string.
macro_rules! deserialize_from_str {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

deserialize_from_str!(Seed, Timeout, Budget, ReportSpec, ListenAddr, Issuer);

/// Decides every generated case: up to 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("a seed is hexadecimal, as a report shows it".to_owned());
        }
        u64::from_str_radix(digits, 16)
            .map(Seed)
            .map_err(|_| "a seed has at most 16 hexadecimal digits".to_owned())
    }
}

/// A number of cases or requests, for the command line.
///
/// # Errors
/// When it is none from 1 to the most that fits: says which that is.
pub fn count<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| {
        let most = u64::MAX >> (64 - 8 * size_of::<N>());
        format!("it must be a whole number from 1 to {most}")
    })
}

/// Time allowed for one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Duration);

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration(text).map(Timeout)
    }
}

/// Time for the whole run; `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(pub Option<Duration>);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Budget(None));
        }
        if humantime::parse_duration(text.trim()) == Ok(Duration::ZERO) {
            return Ok(Budget(Some(Duration::ZERO)));
        }
        duration(text)
            .map(|duration| Budget(Some(duration)))
            .map_err(|error| format!("{error}; `none` lifts the limit"))
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    const EXAMPLE: &str = "write a number with its unit, for example 500ms, 10s or 2m";
    match humantime::parse_duration(text.trim()) {
        Ok(Duration::ZERO) => Err("it must be longer than nothing".to_owned()),
        Ok(long) if long >= LONGEST => Err("it must be less than a year".to_owned()),
        Ok(duration) => Ok(duration),
        Err(_) => Err(EXAMPLE.to_owned()),
    }
}

/// The issuer of the tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(pub String);

impl FromStr for Issuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        UriText::new(text)
            .map(|uri| Issuer(uri.as_str().to_owned()))
            .map_err(|_| "an issuer is a URL, for example https://acronis.cloud".to_owned())
    }
}

/// Where a server of ours listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddr(pub SocketAddr);

impl FromStr for ListenAddr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numeric = text
            .strip_prefix("localhost:")
            .map(|port| format!("127.0.0.1:{port}"));
        numeric
            .as_deref()
            .unwrap_or(text)
            .parse()
            .map(ListenAddr)
            .map_err(|_| "write an address and a port, for example 127.0.0.1:9180".to_owned())
    }
}

/// A report to write, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSpec {
    /// In which format.
    pub format: Format,
    /// Where to.
    pub to: Destination,
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output, written `-`.
    Output,
    /// A file.
    File(PathBuf),
}

impl FromStr for ReportSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Format::ALL.iter().map(|format| format.name());
        let known = || names().collect::<Vec<_>>().join(", ");
        let (format, to) = text.split_once('=').ok_or_else(|| {
            let known = known();
            format!("write FORMAT=FILE, for example json=report.json; the formats are {known}")
        })?;
        let format = Format::from_name(format).ok_or_else(|| {
            let advice =
                did_you_mean(format, names()).unwrap_or_else(|| format!("there are {}", known()));
            format!("there is no format `{format}`; {advice}")
        })?;
        let to = match to {
            "" => return Err("the file after `=` is missing; `-` is standard output".to_owned()),
            "-" => Destination::Output,
            file => Destination::File(PathBuf::from(file)),
        };
        Ok(Self { format, to })
    }
}

/// A JSON text that may be secret, unread. In a file it may be a table.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(pub String);

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonText(***)")
    }
}

impl From<&str> for JsonText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Errors here must not quote the value, so the check is by hand.
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            table @ toml::Value::Table(_) => serde_json::to_string(&table)
                .map(Self)
                .map_err(|_| D::Error::custom("this table cannot be written as JSON")),
            _ => Err(D::Error::custom(
                "expected a table or a string with a JSON text",
            )),
        }
    }
}

/// Text that is not to be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("expected a string")),
        }
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A list in a file, where one entry needs no brackets.
pub fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct OneOrMany<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a list of strings")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            T::deserialize(serde::de::value::StrDeserializer::new(text)).map(|one| vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut many = Vec::new();
            while let Some(one) = list.next_element()? {
                many.push(one);
            }
            Ok(many)
        }
    }

    deserializer.deserialize_any(OneOrMany(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_hexadecimal() {
        assert_eq!("deadbeef".parse(), Ok(Seed(0xdead_beef)));
        assert_eq!("0xFFFFFFFFFFFFFFFF".parse(), Ok(Seed(u64::MAX)));
        for bad in ["", "0x", "xyz", "+1", "-1", "1ffffffffffffffff"] {
            assert!(bad.parse::<Seed>().is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!("500ms".parse(), Ok(Timeout(Duration::from_millis(500))));
        assert_eq!("none".parse(), Ok(Budget(None)));
        assert_eq!("2m".parse(), Ok(Budget(Some(Duration::from_secs(120)))));
        for bad in [
            "",
            "10",
            "0s",
            "-1s",
            "none",
            "soon",
            "365d",
            "584000000000y",
        ] {
            assert!(bad.parse::<Timeout>().is_err(), "{bad}");
        }
        assert_eq!("0s".parse(), Ok(Budget(Some(Duration::ZERO))));
        for bad in ["", "10", "-1s", "soon", "584000000000y"] {
            assert!(bad.parse::<Budget>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_report_has_a_format_and_a_place() {
        let spec: ReportSpec = "junit=a=b.xml".parse().expect("a report");
        assert_eq!(spec.format, Format::Junit);
        assert_eq!(spec.to, Destination::File("a=b.xml".into()));
        let spec: ReportSpec = "json=-".parse().expect("a report");
        assert_eq!(spec.to, Destination::Output);
        let error = "jsn=x".parse::<ReportSpec>().expect_err("no such format");
        assert!(error.ends_with("did you mean json?"), "{error}");
        assert!("json".parse::<ReportSpec>().is_err());
        assert!("json=".parse::<ReportSpec>().is_err());
    }

    #[test]
    fn addresses_need_a_port() {
        assert!("127.0.0.1:9180".parse::<ListenAddr>().is_ok());
        assert_eq!(
            "localhost:1".parse(),
            Ok(ListenAddr(([127, 0, 0, 1], 1).into()))
        );
        assert!("[::1]:0".parse::<ListenAddr>().is_ok());
        assert!("127.0.0.1".parse::<ListenAddr>().is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", Secret("hunter2".into())).contains("hunter2"));
        assert!(!format!("{:?}", JsonText("hunter2".into())).contains("hunter2"));
    }
}
