//! A shell command that sends a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::mask::Mask;
use crate::gateway::Message;
use crate::protocol::headers::AUTH_HEADER;

/// Longer bodies do not fit on a command line.
const MOST: usize = 8_192;

/// The command. Unless the mask reveals, the token and the credentials are shell variables to be set first.
pub(crate) fn curl(message: &Message, url: &str, mask: &Mask) -> String {
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
            command.push_str(&format!(" -H \"{name}: Bearer $TOKEN\""));
        } else if masked && name.eq_ignore_ascii_case(AUTH_HEADER) {
            command.push_str(&format!(" -H \"{name}: $AUTH\""));
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
