//! The text of the file: every setting with its help, as the command line has it, commented out but for the address.

use super::look::Seen;
use crate::cli::settings;
use crate::gateway::Target;
use crate::report::text::{one_line, wrap};

/// Width that comments are broken to.
const WIDTH: usize = 100;
const HEAD: &str = "\
# Settings of `acgw check`, under the names that they have on the command line, which goes before this file; so do variables of the
# environment. Take away the # in front of what you want to change. `acgw check --help` says the same of all of them.
";

/// What stands behind a setting's name: its default where it has one, an example otherwise.
const VALUES: &[(&str, &str)] = &[
    ("identity", r#""acme""#),
    (
        "secrets",
        r#"{ password = "better in ACGW_SECRETS than here" }"#,
    ),
    ("other-identity", r#""globex""#),
    (
        "other-secrets",
        r#"{ password = "better in ACGW_OTHER_SECRETS than here" }"#,
    ),
    ("extra", "{}"),
    (
        "endpoint-id",
        r#""cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0""#,
    ),
    ("tenant-id", r#""7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11""#),
    (
        "other-tenant-id",
        r#""0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a""#,
    ),
    ("datacenter-url", r#""https://eu2-cloud.acronis.com""#),
    ("partner", r#""mapped""#),
    ("customer", r#""mapped""#),
    ("cacert", r#""root.pem""#),
    ("idp", r#""127.0.0.1:9180""#),
    ("issuer", r#""https://acronis.cloud""#),
    ("audience", r#""acronis.cloud""#),
    ("signing-key", r#""acgw-key.pem""#),
    ("token", r#""eyJ…""#),
    ("write", "false"),
    ("i-own-this-handler", "false"),
    ("only", r#"["JWT-*", "CRED-*"]"#),
    ("skip", r#"["ROB-06"]"#),
    ("profile", r#""full""#),
    ("cases", "100"),
    ("replay", r#""traffic.jsonl""#),
    ("seed", r#""00000000deadbeef""#),
    ("timeout", r#""10s""#),
    ("concurrency", "8"),
    ("budget", r#""60s""#),
    ("strict", "false"),
    ("baseline", r#""known.toml""#),
    ("report", r#"["html=acgw.html", "junit=acgw.xml"]"#),
    ("reveal", "false"),
];

/// The text.
pub fn text(target: Option<&Target>, seen: Option<&Seen>) -> String {
    let mut text = HEAD.to_owned();
    let mut heading = String::new();
    text.push_str("\n# The handler's URL.\n");
    match target {
        Some(target) => {
            if let Some(seen) = seen {
                comment(
                    &mut text,
                    &format!("Looked at when this file was made: {}.", seen.sentence()),
                );
            }
            text.push_str(&format!(
                "url = {}\n",
                toml_edit::Value::from(target.as_url())
            ));
        }
        None => text.push_str("# url = \"http://127.0.0.1:8080/callback\"\n"),
    }
    for argument in settings::alone().get_arguments() {
        let Some(name) = argument.get_long() else {
            continue;
        };
        let Some((_, value)) = VALUES.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        let under = argument.get_help_heading().unwrap_or_default();
        if under != heading {
            heading = under.to_owned();
            text.push_str(&format!("\n# ── {heading}\n"));
        }
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        text.push('\n');
        comment(&mut text, &one_line(&help));
        text.push_str(&format!("# {name} = {value}\n"));
    }
    text
}

fn comment(text: &mut String, prose: &str) {
    for line in wrap(prose, WIDTH) {
        text.push_str(&format!("# {line}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config;
    use crate::cli::options::{TargetSpec, options};
    use crate::cli::settings::Settings;

    #[test]
    fn every_setting_stands_in_the_file_with_a_value_that_is_understood() {
        let text = text(None, None);
        for argument in settings::alone().get_arguments() {
            let Some(name) = argument.get_long() else {
                continue;
            };
            if name == "help" {
                continue;
            }
            assert!(
                text.contains(&format!("\n# {name} = ")),
                "{name} is missing"
            );
        }
        let settings: String = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| {
                VALUES
                    .iter()
                    .any(|(name, _)| line.starts_with(&format!("{name} = ")))
            })
            .map(|line| format!("{line}\n"))
            .collect();
        let parsed = config::parse("acgw.toml", &settings).expect("settings");
        assert!(
            !format!("{parsed:?}")
                .replace("url: None", "")
                .contains("None,"),
            "{parsed:?}"
        );
        // As it is made it changes nothing.
        let untouched = config::parse("acgw.toml", &text).expect("comments");
        assert_eq!(untouched, Settings::default());
    }

    #[test]
    fn what_is_told_as_the_default_is_the_default() {
        let defaults = [
            "extra",
            "partner",
            "customer",
            "issuer",
            "write",
            "profile",
            "cases",
            "timeout",
            "concurrency",
            "budget",
            "strict",
            "reveal",
        ];
        let written: String = VALUES
            .iter()
            .filter(|(name, _)| defaults.contains(name))
            .map(|(name, value)| format!("{name} = {value}\n"))
            .collect();
        let target = TargetSpec::Url("http://127.0.0.1".to_owned());
        let of = |text: &str| {
            let settings = config::parse("acgw.toml", text).expect("settings");
            let mut options = options(&settings, &target).expect("options");
            options.seed = 0;
            format!("{options:?}")
        };
        assert_eq!(of(&written), of(""));
    }

    #[test]
    fn the_address_and_what_was_seen_there_stand_above_the_rest() {
        let target = Target::url("https://handler.example/a%22b").expect("a URL");
        let text = text(Some(&target), Some(&Seen::Serves));
        assert!(
            text.contains("# Looked at when this file was made: the handler answers, and serves"),
            "{text}"
        );
        let settings = config::parse("acgw.toml", &text).expect("settings");
        assert_eq!(
            settings.url.as_deref(),
            Some("https://handler.example/a%22b")
        );
    }
}
