//! `acgw.toml`: the settings of a run in a file, under the names that they have on the command line, and the vendor's own callbacks.

use std::io;
use std::path::Path;

use toml::de::DeTable;

use super::custom;
use super::nearest::did_you_mean;
use super::settings::{self, Settings};
use super::usage::UsageError;
use crate::cli::output::read_text;
use crate::report::text::{boundary, one_line};

/// The file that is read where no other is named.
pub const DEFAULT: &str = "acgw.toml";

/// Reads the settings of the named file, or of the one in the working folder if there is one.
///
/// # Errors
/// When a named file is not there, or any cannot be read or says what is not known.
pub fn load(named: Option<&Path>) -> Result<Settings, UsageError> {
    let path = named.unwrap_or(Path::new(DEFAULT));
    match read_text(path) {
        Ok(text) => parse(&path.display().to_string(), &text),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => {
            Ok(Settings::default())
        }
        Err(error) => Err(UsageError::new(format!(
            "the configuration file {} cannot be read: {error}",
            path.display()
        ))),
    }
}

/// Reads settings. What is wrong is named by line and column and never quoted, for it may be a secret.
///
/// # Errors
/// When the text is not TOML, has an unknown key or a value of the wrong kind, or declares a callback that cannot be.
pub fn parse(name: &str, text: &str) -> Result<Settings, UsageError> {
    let at = |error: &toml::de::Error| refused(name, text, error);
    let table = DeTable::parse(text).map_err(|error| at(&error))?;
    let known = known_keys();
    for key in table.get_ref().keys() {
        if !known.iter().any(|known| known == key.get_ref().as_ref()) {
            return Err(unknown(name, text, key.get_ref(), key.span().start, &known));
        }
    }
    let mut settings: Settings = toml::from_str(text).map_err(|error| at(&error))?;
    settings.custom = custom::load(name, text, &settings.callback)?;
    Ok(settings)
}

/// What is wrong with a text that is not as it should be, with its place.
pub(super) fn refused(name: &str, text: &str, error: &toml::de::Error) -> UsageError {
    let place = error.span().map(|span| place(text, span.start));
    UsageError::new(format!(
        "{name}:{}: {}",
        place.unwrap_or_else(|| "1:1".to_owned()),
        first_line(error.message())
    ))
}

fn unknown(name: &str, text: &str, key: &str, start: usize, known: &[String]) -> UsageError {
    let near = did_you_mean(key, known.iter().map(String::as_str));
    UsageError::new(format!(
        "{name}:{}: there is no setting `{}`",
        place(text, start),
        one_line(key)
    ))
    .tip(near.unwrap_or_else(|| format!("the settings are {}", known.join(", "))))
}

/// The names of the command line's options, which are those of the file.
fn known_keys() -> Vec<String> {
    let mut keys = vec!["url".to_owned()];
    keys.extend(
        settings::alone()
            .get_arguments()
            .filter_map(|argument| argument.get_long())
            .map(str::to_owned),
    );
    keys.push("callback".to_owned());
    keys
}

/// A byte's place as `line:column`, both counted from 1.
pub(super) fn place(text: &str, offset: usize) -> String {
    let before = &text[..boundary(text, offset)];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    format!("{line}:{}", before[start..].chars().count() + 1)
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::settings::{Method, Profile};
    use crate::cli::value::{Destination, JsonText};

    fn refused(text: &str) -> String {
        parse("acgw.toml", text).expect_err("refused").to_string()
    }

    #[test]
    fn every_setting_has_its_key() {
        let settings = parse(
            "acgw.toml",
            r##"
            url = "http://127.0.0.1:8080/callback"
            identity = "acme"
            secrets = { password = "hunter2" }
            other-identity = "globex"
            other-secrets = '{"password": "x"}'
            extra = { "Data center" = "EU" }
            endpoint-id = "cti.a.p.acgw.endpoint.v1.0~acme.app.endpoint.v1.0"
            tenant-id = "0f8d9e9a-8d6b-4b0a-9d5c-0d4f7f0f3f11"
            other-tenant-id = "1f8d9e9a-8d6b-4b0a-9d5c-0d4f7f0f3f12"
            datacenter-url = "https://eu2-cloud.acronis.com"
            partner = "mapped"
            customer = "mapped"
            cacert = "root.pem"
            idp = "127.0.0.1:9999"
            issuer = "https://cloud.acronis.com"
            audience = "acme"
            signing-key = "key.pem"
            token = "a.b.c"
            write = true
            i-own-this-handler = true
            only = ["JWT-*", "ENV-01"]
            skip = "ROB-*"
            profile = "verification"
            cases = 10
            replay = "traffic.jsonl"
            seed = "00000000deadbeef"
            timeout = "3s"
            concurrency = 2
            budget = "none"
            strict = true
            baseline = "known.toml"
            report = ["json=report.json", "markdown=-"]
            reveal = false
            "##,
        )
        .expect("a complete file");
        assert_eq!(
            settings.secrets,
            Some(JsonText(r#"{"password":"hunter2"}"#.into()))
        );
        assert_eq!(
            settings.extra,
            Some(JsonText(r#"{"Data center":"EU"}"#.into()))
        );
        assert_eq!(settings.partner, Some(Method::Mapped));
        assert_eq!(settings.profile, Some(Profile::Verification));
        assert_eq!(settings.skip, ["ROB-*"]);
        assert_eq!(settings.report[1].to, Destination::Output);
        assert_eq!(settings.budget.map(|budget| budget.0), Some(None));

        let set = format!("{settings:?}");
        assert!(
            !set.contains("None,"),
            "a key is missing from this test: {set}"
        );
        assert!(!set.contains("hunter2") && !set.contains("a.b.c"), "{set}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest() {
        assert_eq!(
            refused("identity = \"a\"\n  secretz = 1\n"),
            "acgw.toml:2:3: there is no setting `secretz`\n\n  tip: did you mean secrets?"
        );
        assert!(refused("identity_ = 1").contains("did you mean identity"));
        assert!(refused("[check]\nx = 1").contains("the settings are url, identity,"));
    }

    #[test]
    fn what_is_wrong_is_named_and_secrets_are_not() {
        assert_eq!(
            refused("seed = \"xyz\""),
            "acgw.toml:1:8: a seed is hexadecimal, as a report shows it"
        );
        assert!(refused("\ncases = 0").starts_with("acgw.toml:2:9: "));
        assert!(refused("profile = \"ful\"").starts_with("acgw.toml:1:11: unknown variant `ful`"));
        for text in [
            "secrets = 4711",
            "secrets = \"4711",
            "secrets = {password = 4711",
            "token = 4711",
            "secrets = 4711-",
        ] {
            let error = refused(text);
            assert!(error.starts_with("acgw.toml:1:"), "{error}");
            assert!(!error.contains("4711"), "{error}");
        }
    }

    #[test]
    fn a_named_file_must_be_there() {
        assert!(load(Some(Path::new("no/such.toml"))).is_err());
    }
}
