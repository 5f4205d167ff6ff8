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

/// What is put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// A well-formed HTTP/1.1 request.
    Message(Message),
    /// Bytes that may be anything but HTTP: what no HTTP library would send.
    Raw(Raw),
}

/// Bytes to send as they are.
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
}
