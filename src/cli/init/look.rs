//! A look at a handler: what it says to a request without a token, which changes nothing.

use std::time::Duration;

use bytes::Bytes;

use crate::gateway::{Client, ClientOptions, Message, Target};
use crate::report::text::one_line;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It refuses what has no token, as it should.
    Refuses(u16),
    /// It serves what has no token.
    Serves,
    /// There is nothing at this path, or not for POST.
    NotHere(u16),
    /// It sends the caller elsewhere.
    Redirects(u16, String),
    /// It failed.
    Fails(u16),
    /// Some other status.
    Other(u16),
    /// No answer came, and why.
    Nothing(String),
}

impl Seen {
    /// All of it in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Refuses(status) => format!(
                "the handler answers, and refuses a request without a token with {status}, as it should"
            ),
            Self::Serves => {
                "the handler answers, and serves a request without a token, which it must refuse (JWT-01)".to_owned()
            }
            Self::NotHere(status) => format!(
                "the handler answers {status}: is this its address, path included?"
            ),
            Self::Redirects(status, to) => format!(
                "the handler answers {status} and sends the caller to {}: is that its address? The gateway follows no redirect (HTTP-05)",
                one_line(to)
            ),
            Self::Fails(status) => format!(
                "the handler answers {status}: it failed at a request without a token; its log may say why"
            ),
            Self::Other(status) => format!("the handler answers {status}"),
            Self::Nothing(why) => format!(
                "no answer came: {}. The file is written all the same",
                one_line(why)
            ),
        }
    }
}

/// Sends one request without a token.
pub async fn at(target: Target) -> Seen {
    let options = ClientOptions {
        timeout: Duration::from_secs(5),
        ..ClientOptions::default()
    };
    let client = match Client::new(target, options) {
        Ok(client) => client,
        Err(error) => return Seen::Nothing(error.to_string()),
    };
    let message = Message {
        method: "POST".to_owned(),
        headers: vec![("Content-Type".to_owned(), b"application/json".to_vec())],
        body: Bytes::from_static(b"{}"),
    };
    let observation = client.send(&client.prepare(&message)).await;
    match observation.result {
        Err(error) => Seen::Nothing(error.to_string()),
        Ok(answer) => {
            let location = answer.header("Location");
            match (answer.status, location) {
                (status @ 300..=399, Some(to)) => Seen::Redirects(status, to),
                (status @ (404 | 405), _) => Seen::NotHere(status),
                (status @ 400..=499, _) => Seen::Refuses(status),
                (200..=299, _) => Seen::Serves,
                (status @ 500..=599, _) => Seen::Fails(status),
                (status, _) => Seen::Other(status),
            }
        }
    }
}
