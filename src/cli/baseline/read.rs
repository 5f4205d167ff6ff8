//! A file of known failures, read. Whatever is wrong in it is named with its place.

use std::io;
use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use toml::Spanned;

use crate::cli::callback::callback;
use crate::cli::config;
use crate::cli::nearest::did_you_mean;
use crate::cli::output::read_text;
use crate::cli::usage::UsageError;
use crate::protocol::Callback;
use crate::suite::{Baseline, KnownFailure, register};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    requirement: Spanned<String>,
    callback: Option<Spanned<String>>,
    reason: Spanned<String>,
    #[serde(default, deserialize_with = "date")]
    until: Option<Date>,
}

/// Reads the known failures of a file. `own` are the custom callbacks.
///
/// # Errors
/// When the file cannot be read, is no TOML, or an entry names what does not exist, gives no reason or comes twice.
pub fn read(path: &Path, own: &[&'static Callback]) -> Result<Baseline, UsageError> {
    let name = path.display();
    let text = read_text(path).map_err(|error| {
        let refused = UsageError::new(format!("the baseline {name} cannot be read: {error}"));
        match error.kind() {
            io::ErrorKind::NotFound => refused.tip(format!(
                "--write-baseline {name} makes it of what fails now"
            )),
            _ => refused,
        }
    })?;
    parse(&name.to_string(), &text, own)
}

/// Reads known failures.
///
/// # Errors
/// As [`read`].
pub fn parse(name: &str, text: &str, own: &[&'static Callback]) -> Result<Baseline, UsageError> {
    let file: File = toml::from_str(text).map_err(|error| config::refused(name, text, &error))?;
    let refused = |span: Range<usize>, why: String| {
        let place = config::place(text, span.start);
        UsageError::new(format!("{name}:{place}: {why}"))
    };
    let mut entries: Vec<KnownFailure> = Vec::new();
    for entry in file.known {
        let whole = entry.span();
        let entry = entry.into_inner();
        let requirement = entry.requirement.get_ref();
        if register::find(requirement).is_none() {
            let ids = register::all().iter().map(|one| one.id);
            let error = refused(
                entry.requirement.span(),
                format!("there is no requirement `{requirement}`"),
            );
            return Err(match did_you_mean(requirement, ids) {
                Some(near) => error.tip(near),
                None => error.tip("a requirement is named by its id, for example JWT-04"),
            });
        }
        let of = match &entry.callback {
            None => None,
            Some(of) => {
                let known = callback(of.get_ref(), own)
                    .map_err(|(why, near)| refused(of.span(), why).tip(near));
                Some(known?.name.to_owned())
            }
        };
        if entry.reason.get_ref().trim().is_empty() {
            return Err(refused(
                entry.reason.span(),
                "the reason is empty; say why this failure is left as it is".to_owned(),
            ));
        }
        let known = KnownFailure {
            requirement: requirement.clone(),
            callback: of,
            reason: entry.reason.into_inner(),
            until: entry.until,
        };
        let same = |other: &KnownFailure| {
            other.requirement == known.requirement && other.callback == known.callback
        };
        if entries.iter().any(same) {
            return Err(refused(whole, format!("{} comes twice", known.name())));
        }
        entries.push(known);
    }
    Baseline::new(entries).map_err(|error| UsageError::new(format!("{name}: {error}")))
}

/// A date, as TOML writes it or as a string.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    const EXAMPLE: &str = "write a date, for example 2027-01-31";
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(moment) if moment.time.is_none() => moment.to_string(),
        _ => return Err(D::Error::custom(EXAMPLE)),
    };
    text.parse()
        .map(Some)
        .map_err(|_| D::Error::custom(EXAMPLE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::CustomCallback;

    fn refused(text: &str) -> String {
        parse("b.toml", text, &[]).expect_err("refused").to_string()
    }

    fn declared(name: &str) -> &'static Callback {
        let id = |kind| format!("cti.a.p.acgw.{kind}.v1.0~acme.app.{name}.v1.0");
        let own = CustomCallback::new(&id("callback"), &id("request"), None).expect("ids");
        let own = own
            .responds(200, &id("response"), None)
            .expect("a response");
        own.callback().expect("complete")
    }

    fn entry(rest: &str) -> String {
        format!("[[known]]\nrequirement = \"JWT-04\"\nreason = \"because\"\n{rest}")
    }

    #[test]
    fn entries_are_read() {
        let text = entry("callback = \"topology.read\"\nuntil = 2027-01-31\n")
            + &entry("until = \"2027-02-28\"");
        let baseline = parse("b.toml", &text, &[]).expect("a baseline");
        let [first, second] = baseline.entries() else {
            panic!("{baseline:?}");
        };
        assert_eq!(first.callback.as_deref(), Some("topology.read"));
        assert_eq!(first.until, Some(jiff::civil::date(2027, 1, 31)));
        assert_eq!(second.callback, None);
        assert_eq!(second.until, Some(jiff::civil::date(2027, 2, 28)));
        let own = entry("callback = \"acme.app.users.v1.0\"");
        assert!(parse("b.toml", &own, &[declared("users")]).is_ok());
        assert!(parse("b.toml", &own, &[declared("other")]).is_err());
        assert!(
            parse("b.toml", "", &[])
                .expect("empty")
                .entries()
                .is_empty()
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, told) in [
            ("[[known]", "b.toml:1:9: "),
            ("[[knwon]]\n", "b.toml:1:3: unknown field `knwon`"),
            (
                "[[known]]\nreason = \"x\"",
                "b.toml:1:1: missing field `requirement`",
            ),
            (
                "[[known]]\nrequirement = \"JWT-99\"\nreason = \"x\"",
                "b.toml:2:15: there is no requirement `JWT-99`",
            ),
            (
                "[[known]]\nrequirement = \"JWT-04\"\nreason = \" \"",
                "b.toml:3:10: the reason is empty",
            ),
            (
                &entry("callback = \"topology.reed\""),
                "b.toml:4:12: there is no callback `topology.reed`\n\n  tip: did you mean topology.read?",
            ),
            (&entry("until = 2027-02-30"), "b.toml:4:"),
            (&entry("until = \"soon\""), "b.toml:4:9: write a date"),
            (
                &entry("until = 2027-01-31T00:00:00Z"),
                "b.toml:4:9: write a date",
            ),
            (&(entry("") + &entry("")), "b.toml:4:1: JWT-04 comes twice"),
        ] {
            let error = refused(text);
            assert!(error.starts_with(told), "{text}\n{error}");
        }
    }
}
