//! A request as it goes out: every byte of it decided.

use bytes::Bytes;

/// One HTTP request, complete but for `Host` and `Content-Length`, which the client adds from the target and the body
/// unless they are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The method, `POST` for every callback.
    pub method: String,
    /// Header fields in order, names spelt as they are sent; a value may be any bytes that HTTP permits.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Bytes,
}

/// Bytes to send as they are, which may be anything but HTTP: what no HTTP library would send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// All that is sent.
    pub bytes: Bytes,
    /// Whether the sending side is shut down after the last byte.
    pub half_close: bool,
    /// Whether the connection is dropped after the last byte, without waiting for an answer.
    pub abandon: bool,
}

impl Message {
    /// The value of the first header field of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// Replaces every header field of this name by one in the first one's place, or appends it.
    pub fn set_header(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let place = self
            .headers
            .iter()
            .position(|(field, _)| field.eq_ignore_ascii_case(name));
        match place {
            Some(place) => {
                self.headers[place].1 = value.into();
                let mut index = 0;
                self.headers.retain(|(field, _)| {
                    index += 1;
                    index - 1 <= place || !field.eq_ignore_ascii_case(name)
                });
            }
            None => self.headers.push((name.to_owned(), value.into())),
        }
    }

    /// Removes every header field of this name.
    pub fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    /// What keeps the message from being HTTP, if anything does: such a message can only be sent by mistake, and what a
    /// handler does with it says nothing about the handler. Bytes that are meant to be broken are a [`Raw`].
    pub fn problem(&self) -> Option<String> {
        if !is_token(&self.method) {
            return Some(format!("{:?} is no method", self.method));
        }
        self.headers.iter().find_map(|(name, value)| {
            if !is_token(name) {
                return Some(format!("{name:?} is no header field name"));
            }
            let byte = value.iter().find(|byte| !is_field_byte(**byte))?;
            Some(format!(
                "the value of {name} has the byte {byte:#04x} in it"
            ))
        })
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_tchar)
}

/// RFC 9110, section 5.5.
fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || byte >= b' ' && byte != 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(headers: &[(&str, &[u8])]) -> Message {
        Message {
            method: "POST".to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
                .collect(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn header_fields_are_found_replaced_and_removed_whatever_their_case() {
        let mut message = message(&[("A", b"1"), ("b", b"2"), ("a", b"3")]);
        assert_eq!(message.header("a"), Some(&b"1"[..]));
        message.set_header("a", "4");
        message.set_header("C", b"5".to_vec());
        let expected = [("A", "4"), ("b", "2"), ("C", "5")];
        let headers: Vec<(&str, &str)> = message
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), std::str::from_utf8(value).expect("text")))
            .collect();
        assert_eq!(headers, expected);
        message.remove_header("B");
        assert_eq!(message.header("b"), None);
        assert_eq!(message.headers.len(), 2);
    }

    #[test]
    fn what_is_no_http_is_told() {
        assert_eq!(message(&[("X-1", b"\t any \xff byte ~")]).problem(), None);
        assert_eq!(message(&[("X", b"")]).problem(), None);
        for (name, value, told) in [
            ("", &b"x"[..], "no header field name"),
            ("A B", b"x", "no header field name"),
            ("A:", b"x", "no header field name"),
            ("\u{e4}", b"x", "no header field name"),
            ("A", b"x\r\nB: y", "0x0d"),
            ("A", b"x\n", "0x0a"),
            ("A", b"\0", "0x00"),
            ("A", b"\x7f", "0x7f"),
        ] {
            let problem = message(&[("Ok", b"1"), (name, value)]).problem();
            assert!(
                problem.is_some_and(|problem| problem.contains(told)),
                "{name:?}"
            );
        }
        let mut spaced = message(&[]);
        spaced.method = "PO ST".to_owned();
        assert!(
            spaced
                .problem()
                .is_some_and(|problem| problem.contains("no method"))
        );
    }
}
