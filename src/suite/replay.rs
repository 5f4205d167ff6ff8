//! Recorded requests, sent again: each with a fresh token and the credentials of this run, in the order in which they passed.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::call::{Authorization, Call, Spelling};
use super::cases::past;
use super::check::{Draft, Expect, Twin};
use super::engine::{Engine, Stop};
use super::judge::Disposition;
use super::session::{Session, encode_credentials};
use super::traffic::RecordedRequest;
use super::traffic::record::is_hidden;
use super::traffic::request::{self, Standing};
use crate::gateway::{Message, PassedRequest};
use crate::protocol::headers::AUTH_HEADER;
use crate::protocol::{Callback, CallbackIdentity, Cti};

/// The requirement that a right request is answered with success.
const SUCCESS: &str = "HTTP-01";
/// Stands for no requirement: it is right to refuse the request, and right to accept it.
const NOTHING: &str = "";
/// Header fields that belong to the connection on which a request passed, or that every request of ours has its own of.
const NOT_SENT: [&str; 13] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

impl Engine {
    /// Sends what was recorded, if there is a recording. What cannot be sent is counted with the reason.
    pub(super) async fn replay(&mut self) -> Result<(), Stop> {
        let Some(recording) = self.session.options.replay.clone() else {
            return Ok(());
        };
        let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
        for (_, why) in &recording.left_out {
            *left_out.entry(why.clone()).or_default() += 1;
        }
        let unchangeable = self.why_no_changes(&recording.requests).await?;
        self.planned += recording.requests.len() as u64;
        let mut sent = 0;
        for recorded in &recording.requests {
            let again = match past(self.hard) {
                true => Err("the time was over before: --budget".to_owned()),
                false => prepared(&self.session, recorded),
            };
            let why = match (again, &unchangeable) {
                (Ok(again), Some(why)) if again.changes_data => Err(why.clone()),
                (again, _) => again,
            };
            match why {
                Ok(again) => {
                    sent += 1;
                    let name = format!("request {} of {}", recorded.number, recording.name);
                    self.send_again(again, name).await?;
                }
                Err(why) => {
                    self.progress(1);
                    *left_out.entry(why).or_default() += 1;
                }
            }
        }
        let all = recording.requests.len() + recording.left_out.len();
        self.notice(format!("{sent} of {all} recorded requests were sent again"));
        for (why, count) in left_out {
            self.notice(format!(
                "recorded requests that were not sent again: {count}: {why}"
            ));
        }
        if recording.cut {
            self.notice(format!(
                "the last line of {} is cut off and was left out",
                recording.name
            ));
        }
        Ok(())
    }

    /// Why requests that change data are not sent again, if they are not. What is there before is saved first.
    async fn why_no_changes(
        &mut self,
        requests: &[RecordedRequest],
    ) -> Result<Option<String>, Stop> {
        let session = self.session.clone();
        if !session.options.write {
            return Ok(Some(
                "it changes data, which this run may not: --write".to_owned(),
            ));
        }
        let changes = |recorded| prepared(&session, recorded).is_ok_and(|again| again.changes_data);
        if self.ground.is_some()
            || !requests.iter().any(changes)
            || session.options.enablement.callbacks().next().is_none()
        {
            return Ok(None);
        }
        self.survey().await
    }

    async fn send_again(&mut self, again: Again, name: String) -> Result<(), Stop> {
        let Again {
            call,
            expect,
            changes_data,
            may_be_refused,
        } = again;
        let draft = Draft {
            twin: Twin::Nothing,
            ..Draft::new(name, call, expect)
        };
        let about = if expect.is_right() { SUCCESS } else { NOTHING };
        let mut exchange = match changes_data {
            true => self.exchange(about, draft).await?,
            false => self.exchange_firmly(about, draft).await?,
        };
        let for_a_reason = match exchange.judgement.disposition {
            // How large a request may be is not documented.
            Disposition::Refused(413 | 414 | 431) => true,
            Disposition::Refused(400..=499) => may_be_refused,
            _ => false,
        };
        if for_a_reason && expect.is_right() {
            exchange = self.courier.judged_as_refusal(NOTHING, exchange);
        }
        self.settle(&exchange);
        if exchange.broken().is_some() {
            self.wait_until_well("a recorded request got no answer")
                .await?;
        }
        Ok(())
    }
}

/// A request that is sent again.
struct Again {
    call: Call,
    expect: Expect,
    changes_data: bool,
    /// Whether a right handler may refuse it for what it remembers, or does not.
    may_be_refused: bool,
}

/// What is sent of a recorded request; or why it is not sent.
fn prepared(session: &Session, recorded: &RecordedRequest) -> Result<Again, String> {
    let customs: Vec<&'static Callback> = session
        .customs()
        .all()
        .iter()
        .map(|own| own.callback)
        .collect();
    let message = &recorded.request.message;
    if let Some(value) = message.header("authorization")
        && !(is_hidden(value) && value.to_ascii_lowercase().starts_with(b"bearer "))
    {
        return Err("its Authorization is hidden, and was no Bearer token".to_owned());
    }
    let mut call = session.control(session.main_callback(), "");
    call.body = adapted(session, recorded, &customs)?;
    call.spelling = Spelling::Documented;
    call.method = message.method.clone();
    call.auth = session.options.credentials.as_ref().map(encode_credentials);
    call.extra = None;
    let text = |pointer: &str| text(&call.body, pointer);
    let endpoint = text("/context/endpoint_id");
    call.request_id = text("/request_id").unwrap_or_default();
    // An endpoint that is none makes tokens that no server takes, and a right token is not what such a request lacks.
    let own = || super::session::endpoint(&session.options);
    let endpoint = endpoint.filter(|id| Cti::parse(id).is_ok());
    call.authorization = Authorization::Good(endpoint.unwrap_or_else(own));
    let sent = message.headers.iter().filter(|(name, value)| {
        let own =
            name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case(AUTH_HEADER);
        own || !(is_hidden(value) || NOT_SENT.iter().any(|one| name.eq_ignore_ascii_case(one)))
    });
    call.recorded = Some(Arc::new(sent.cloned().collect()));
    // Whether it is right shows from what will be sent, not from what was thought of it then.
    let as_sent = PassedRequest {
        message: with_host(call.message(session), session),
        ..recorded.request.clone()
    };
    let now = jiff::Timestamp::now().as_second();
    let reading = request::read(&as_sent, &customs, now);
    let callback = reading.callback;
    if let Some(callback) = callback.filter(|callback| callback.custom.is_none())
        && !session
            .options
            .enablement
            .callbacks()
            .any(|one| one.id == callback.id)
    {
        let methods = "it is not part of these enablement methods: --partner and --customer";
        return Err(methods.to_owned());
    }
    call.callback = callback.unwrap_or(session.main_callback());
    // Whether the header may be left out depends on how partners are enabled, which the request does not tell.
    let needs_auth = callback.is_some_and(|callback| {
        session.options.enablement.identity(callback) == CallbackIdentity::Credentials
    });
    let right = reading.standing == Standing::Right
        && !(needs_auth && as_sent.message.header(AUTH_HEADER).is_none())
        && session.self_accusation(&call).is_empty();
    if !right
        && session.signer().is_none()
        && reading
            .problems
            .iter()
            .any(|one| one.part == "Authorization")
    {
        return Err("the captured token is not for its endpoint".to_owned());
    }
    // What it would leave behind, nobody could tell from a defect.
    if !right && callback.is_none_or(|callback| callback.changes_data) {
        let why = "it is not as documented, and may change data";
        return Err(why.to_owned());
    }
    // A cursor was right when it was recorded, and need not be any more.
    let stale = text("/paging/after").is_some() || text("/paging/before").is_some();
    let expect = match callback {
        Some(_) if stale => Expect::FREE,
        Some(callback) if right && callback.custom.is_some() => Expect::Declared,
        Some(_) if right => Expect::Accept,
        _ => Expect::FREE,
    };
    // A tenant that is not this run's may be nobody that the handler knows.
    let own = text("/context/tenant_id").is_some_and(|tenant| tenant == session.tenant());
    let remembered = callback
        .is_none_or(|callback| callback.changes_data || !own || !session.is_certain(callback));
    Ok(Again {
        changes_data: callback.is_some_and(|callback| callback.changes_data),
        may_be_refused: right && remembered && call.callback.custom.is_none(),
        call,
        expect,
    })
}

/// The message with the field that the client adds.
fn with_host(mut message: Message, session: &Session) -> Message {
    message.set_header("Host", session.place().authority.as_bytes());
    message
}

/// The body, with the endpoint and the tenant of this run where it names its own. Whatever changes data of a tenant is about
/// the run's own tenant, whose data are put back at the end.
fn adapted(
    session: &Session,
    recorded: &RecordedRequest,
    customs: &[&'static Callback],
) -> Result<Bytes, String> {
    let body = &recorded.request.message.body;
    let options = &session.options;
    let id = text(body, "/context/callback_id");
    let callback = id.as_deref().and_then(|id| {
        let declared = customs.iter().copied().find(|custom| custom.id == id);
        declared.or_else(|| crate::protocol::catalog::by_id(id))
    });
    let changes = callback.is_some_and(|callback| {
        callback.changes_data
            && options.enablement.identity(callback) == CallbackIdentity::ContextTenant
    });
    let mut body = body.clone();
    let own_endpoint = options
        .endpoint_id
        .as_ref()
        .map(|id| id.as_str().to_owned());
    let own_tenant = (changes || options.tenant_id.is_some()).then(|| session.tenant());
    for (pointer, own) in [
        ("/context/endpoint_id", own_endpoint),
        ("/context/tenant_id", own_tenant),
    ] {
        let (Some(own), Some(was)) = (own, text(&body, pointer)) else {
            continue;
        };
        let Ok(written) = std::str::from_utf8(&body) else {
            continue;
        };
        if was.is_empty() || was == own {
            continue;
        }
        // Wherever it stands: in the payload it is the same tenant.
        body = Bytes::from(written.replace(&was, &own));
        if text(&body, pointer).as_deref() != Some(&own) {
            return Err(
                "its tenant or endpoint is spelt so that this run's cannot be put in its place"
                    .to_owned(),
            );
        }
    }
    Ok(body)
}

/// A text in a body.
fn text(body: &[u8], pointer: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(value.pointer(pointer)?.as_str()?.to_owned())
}
