//! A shell command that sends a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::mask::Mask;
use crate::gateway::Message;
use crate::protocol::Credentials;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::call::{Authorization, Call};
use crate::suite::session::{Session, encode_credentials};

/// Longer bodies do not fit on a command line.
const MOST: usize = 8_192;

/// What stands in a command for the header fields that hold secrets: shell variables to be set first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variables {
    /// In place of the value of `Authorization`.
    pub authorization: &'static str,
    /// In place of the value of `X-CyberApp-Auth`.
    pub auth: &'static str,
}

impl Variables {
    /// Those of a right request.
    pub const RIGHT: Self = Self {
        authorization: "Bearer $TOKEN",
        auth: "$AUTH",
    };

    /// Those of a call: right values, the second partner's, or what is the case's own and nobody could make by hand.
    pub fn of(call: &Call, session: &Session) -> Self {
        let sends = |credentials: Option<&Credentials>| {
            credentials.is_some_and(|known| call.auth == Some(encode_credentials(known)))
        };
        let options = &session.options;
        Self {
            authorization: match call.authorization {
                Authorization::Good(_) => Self::RIGHT.authorization,
                _ => "$CASE_AUTHORIZATION",
            },
            auth: match () {
                () if sends(options.credentials.as_ref()) => Self::RIGHT.auth,
                () if sends(options.other_credentials.as_ref()) => "$OTHER_AUTH",
                () => "$CASE_AUTH",
            },
        }
    }
}

/// The command. Unless the mask reveals, variables stand for what is secret.
pub(crate) fn curl(message: &Message, url: &str, mask: &Mask, variables: Variables) -> String {
    let mut command = format!("curl -sS -i -X {} {}", quote(&message.method), quote(url));
    let mut sends_type = false;
    let own = ["host", "content-length"];
    let given = message
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()));
    for (name, value) in given {
        let Ok(value) = std::str::from_utf8(value) else {
            return format!("# not possible with curl: the value of {name} is not UTF-8");
        };
        sends_type |= name.eq_ignore_ascii_case("content-type");
        let masked = !mask.reveals();
        if masked && name.eq_ignore_ascii_case("authorization") {
            command.push_str(&format!(" -H \"{name}: {}\"", variables.authorization));
        } else if masked && name.eq_ignore_ascii_case(AUTH_HEADER) {
            command.push_str(&format!(" -H \"{name}: {}\"", variables.auth));
        } else if value.is_empty() {
            command.push_str(&format!(" -H {}", quote(&format!("{name};"))));
        } else {
            command.push_str(&format!(" -H {}", quote(&format!("{name}: {value}"))));
        }
    }
    if !sends_type {
        command.push_str(" -H 'Content-Type:'");
    }
    if message.body.is_empty() {
        return command;
    }
    if message.body.len() > MOST {
        return format!(
            "# too long for a command line ({} bytes); repeat it with acgw",
            message.body.len()
        );
    }
    match std::str::from_utf8(&message.body) {
        Ok(text)
            if !text
                .chars()
                .any(|character| character.is_control() && character != '\n') =>
        {
            format!("{command} --data-binary {}", quote(text))
        }
        _ => {
            let encoded = STANDARD.encode(&message.body);
            format!("echo {encoded} | base64 -d | {command} --data-binary @-")
        }
    }
}

/// One word for a POSIX shell.
pub(crate) fn quote(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(quote("plain-1.0"), "plain-1.0");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
    }
}
