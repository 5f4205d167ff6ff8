//! The connection: its reuse, malformed framing, clients that go away.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::gateway::{Message, Raw, TransportErrorKind};
use crate::protocol::Callback;
use crate::suite::batch::stumbled;
use crate::suite::call::{Framing, Place};
use crate::suite::check::{Check, Draft, Expect, Sight, Steps, telling_first};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Defect;
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const PRACTICE: &str = "good practice";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("HTTP-09", "A connection is reused or closed, nothing between")
        .states("A second request on the same connection is answered, or the handler had closed the connection.")
        .because("A client that reuses a connection waits for an answer that does not come: \"cannot connect\".")
        .fix("Read each request's body to its end, and close the connection when you will not serve another.")
        .source("RFC 9112, section 9.3"),
    Requirement::must("HTTP-10", "The answer is HTTP")
        .states("Every right request is answered, and what comes is a valid HTTP/1.0 or HTTP/1.1 response.")
        .because("The gateway shows \"cannot connect\".")
        .fix("Serve the callback with an HTTP library, and look for a crash in its log.")
        .source("RFC 9112"),
    Requirement::hardening("ROB-14", "Malformed HTTP does no harm")
        .states("Contradicting lengths, bad chunks, missing line ends and the like are answered, or the connection is closed, in time.")
        .because("Anyone can send them, without a token.")
        .fix("Leave HTTP to a maintained server, and keep it up to date.")
        .source(PRACTICE),
    Requirement::hardening("ROB-15", "A client that goes away does no harm")
        .states("After a connection that ends in the middle of a request the handler goes on.")
        .because("Networks fail; one lost connection must not stop the handler.")
        .fix("Treat a read error as the end of this one request.")
        .source(PRACTICE),
];

pub(super) const CHECKS: &[Check] = &[
    Check::procedure("HTTP-09", 2, &[], reuse),
    Check::passive("HTTP-10", Sight::Any),
    Check::cases("ROB-14", Sight::Refusal, malformed),
    Check::cases("ROB-15", Sight::Refusal, abandoned),
];

/// Time in which a handler that closes connections after each answer does so: mostly at once. As often, a connection that
/// was left open may be lost under a second request before that is no coincidence.
const CLOSING_TIME: [Duration; 3] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(200),
];

/// What came of two requests on one connection.
enum Reuse {
    /// There was no connection.
    Unconnected,
    /// The first was not accepted.
    Unaccepted(Box<Exchange>),
    /// The handler closed the connection behind the answer to the first.
    Closed(Box<Exchange>),
    /// The second, on a connection that was left open.
    Second(Box<Exchange>),
}

fn reuse(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        // What the handler failed at, and what it did not fail at when it was tried again.
        let mut failed = Vec::new();
        for (attempt, closing_time) in (1..).zip(CLOSING_TIME) {
            let is_last = attempt == CLOSING_TIME.len() as u64;
            match two_requests(engine, attempt - 1, closing_time).await? {
                Reuse::Unconnected => {
                    (engine.ledger).blocked("HTTP-09", "no connection could be made");
                    return Ok(());
                }
                Reuse::Unaccepted(first) if stumbled(&first) && !is_last => failed.push(first),
                Reuse::Unaccepted(_) => {
                    engine.ledger.blocked(
                        "HTTP-09",
                        "the first request on the connection was not accepted",
                    );
                    return Ok(());
                }
                Reuse::Closed(first) => {
                    engine.conclude("HTTP-09", None, &first);
                    break;
                }
                // It may have been closed at this very moment, so one loss proves nothing.
                Reuse::Second(second)
                    if second.broken() == Some(TransportErrorKind::ClosedBeforeAnswer)
                        && !is_last => {}
                Reuse::Second(second) if stumbled(&second) && !is_last => failed.push(second),
                Reuse::Second(second) => {
                    let defect = second_defect(&second);
                    let is_right = defect.is_none();
                    engine.conclude("HTTP-09", defect, &second);
                    match is_right {
                        true => break,
                        false => return Ok(()),
                    }
                }
            }
        }
        for exchange in &failed {
            engine.note_flake(exchange);
        }
        Ok(())
    })
}

/// What is wrong with the answer to a second request on a connection that was left open.
fn second_defect(second: &Exchange) -> Option<Defect> {
    let observed = match &second.observation.result {
        Ok(_) if second.judgement.accepted() => return None,
        Ok(answer) => format!("status {} for a right request", answer.status),
        Err(error) => format!("{error}, on a connection that was left open"),
    };
    Some(Defect {
        expected: "an answer, or a connection that is closed".to_owned(),
        observed,
    })
}

/// Sends two requests on one connection, the second when the handler has had time to close it.
async fn two_requests(
    engine: &mut Engine,
    attempt: u64,
    closing_time: Duration,
) -> Result<Reuse, Stop> {
    let session = engine.session.clone();
    let draft = |number| {
        let call = session.case_control(session.main_callback(), "HTTP-09", attempt * 2 + number);
        Draft::new(
            "a second request on the same connection",
            call,
            Expect::Accept,
        )
    };
    let Ok(mut connection) = engine.client.connect().await else {
        return Ok(Reuse::Unconnected);
    };
    let first = engine
        .exchange_on(&mut connection, "HTTP-09", draft(0))
        .await?;
    if !first.judgement.accepted() {
        return Ok(Reuse::Unaccepted(Box::new(first)));
    }
    connection.settle(closing_time).await;
    if !connection.is_open() {
        return Ok(Reuse::Closed(Box::new(first)));
    }
    let second = engine
        .exchange_on(&mut connection, "HTTP-09", draft(1))
        .await?;
    Ok(Reuse::Second(Box::new(second)))
}

/// A case whose bytes are made by hand.
fn framed(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    number: u64,
    name: &str,
    expect: Expect,
    framing: impl Fn(&Message, &Place) -> Raw + Send + Sync + 'static,
) -> Draft {
    let mut call = session.case_control(callback, id, number);
    let framing: Framing = Arc::new(framing);
    call.framing = Some(framing);
    Draft::new(name, call, expect)
}

/// The head of a request, with these fields in place of `Host` and `Content-Length`.
fn head(message: &Message, request_line: &str, fields: &str) -> String {
    let mut head = format!("{request_line}\r\n{fields}");
    for (name, value) in &message.headers {
        if name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case("content-length") {
            continue;
        }
        head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value)));
    }
    head.push_str("\r\n");
    head
}

fn raw(head: String, body: &[u8]) -> Raw {
    Raw {
        bytes: Bytes::from([head.as_bytes(), body].concat()),
        half_close: true,
        abandon: false,
    }
}

fn post(place: &Place) -> String {
    format!("POST {} HTTP/1.1", place.path)
}

fn malformed(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    // A server may say that it does not know a version or a method, and it may simply close the connection.
    const EXPECT: Expect = Expect::Free {
        may_close: true,
        also: &[501, 505],
    };
    // The body is mostly read by the application, whose framework then takes the server's error for its own.
    const IN_THE_BODY: Expect = Expect::Free {
        may_close: true,
        also: &[500, 501, 502, 505],
    };
    type Make = fn(&Message, &Place) -> Raw;
    let cases: Vec<(&str, Make)> = vec![
        (
            "two Content-Length that contradict each other",
            |message, place| {
                let length = message.body.len();
                let fields = format!(
                    "Host: {}\r\nContent-Length: {length}\r\nContent-Length: {}\r\n",
                    place.authority,
                    length + 1
                );
                raw(head(message, &post(place), &fields), &message.body)
            },
        ),
        ("a Content-Length that is no number", |message, place| {
            let fields = format!("Host: {}\r\nContent-Length: many\r\n", place.authority);
            raw(head(message, &post(place), &fields), &message.body)
        }),
        ("a chunk whose size is no number", |message, place| {
            let fields = format!(
                "Host: {}\r\nTransfer-Encoding: chunked\r\n",
                place.authority
            );
            let body = [b"zz\r\n", &message.body[..], b"\r\n0\r\n\r\n"].concat();
            raw(head(message, &post(place), &fields), &body)
        }),
        (
            "a body that ends before its Content-Length",
            |message, place| {
                let fields = format!(
                    "Host: {}\r\nContent-Length: {}\r\n",
                    place.authority,
                    message.body.len() + 100
                );
                raw(head(message, &post(place), &fields), &message.body)
            },
        ),
        ("a chunked body without its last chunk", |message, place| {
            let fields = format!(
                "Host: {}\r\nTransfer-Encoding: chunked\r\n",
                place.authority
            );
            let body = [
                format!("{:x}\r\n", message.body.len()).as_bytes(),
                &message.body[..],
                b"\r\n",
            ]
            .concat();
            raw(head(message, &post(place), &fields), &body)
        }),
        ("no Host", |message, place| {
            let fields = format!("Content-Length: {}\r\n", message.body.len());
            raw(head(message, &post(place), &fields), &message.body)
        }),
        ("a negative Content-Length", |message, place| {
            let fields = format!("Host: {}\r\nContent-Length: -1\r\n", place.authority);
            raw(head(message, &post(place), &fields), &message.body)
        }),
        ("a version of HTTP that does not exist", |message, place| {
            let fields = format!(
                "Host: {}\r\nContent-Length: {}\r\n",
                place.authority,
                message.body.len()
            );
            raw(
                head(message, &format!("POST {} HTTP/9.9", place.path), &fields),
                &message.body,
            )
        }),
        ("bytes that are no HTTP at all", |_, _| {
            raw("\u{1}\u{2}\u{3} no HTTP\r\n\r\n".to_owned(), b"")
        }),
        ("a header field without a colon", |message, place| {
            let fields = format!(
                "Host: {}\r\nno colon here\r\nContent-Length: {}\r\n",
                place.authority,
                message.body.len()
            );
            raw(head(message, &post(place), &fields), &message.body)
        }),
    ];
    let drafts = cases.into_iter().zip(0..).map(|((name, make), number)| {
        let in_the_body = ["chunk", "body that ends"];
        let expect = match in_the_body.iter().any(|part| name.contains(part)) {
            true => IN_THE_BODY,
            false => EXPECT,
        };
        framed(session, callback, "ROB-14", number, name, expect, make)
    });
    telling_first(drafts.collect(), 3)
}

fn abandoned(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    const EXPECT: Expect = Expect::Free {
        may_close: true,
        also: &[501, 505],
    };
    let cut = |name: &str, number: u64, part: fn(usize, usize) -> usize| {
        framed(
            session,
            callback,
            "ROB-15",
            number,
            name,
            EXPECT,
            move |message, place| {
                let fields = format!(
                    "Host: {}\r\nContent-Length: {}\r\n",
                    place.authority,
                    message.body.len()
                );
                let mut raw = raw(head(message, &post(place), &fields), &message.body);
                let head_length = raw.bytes.len() - message.body.len();
                raw.bytes.truncate(part(head_length, raw.bytes.len()));
                raw.half_close = false;
                raw.abandon = true;
                raw
            },
        )
    };
    vec![
        cut(
            "the client goes away in the middle of the body",
            0,
            |head, all| head + (all - head) / 2,
        ),
        cut(
            "the client goes away in the middle of the head",
            1,
            |head, _| head / 2,
        ),
        cut(
            "the client goes away without waiting for the answer",
            2,
            |_, all| all,
        ),
    ]
}
