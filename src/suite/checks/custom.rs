//! Custom callbacks: what the vendor declares of them, and what is documented of all.

use bytes::Bytes;
use proptest::prop_oneof;
use proptest::strategy::{Just, SBoxedStrategy, Strategy};
use serde_json::Value;

use super::items::payload_agrees;
use crate::generate::custom::paging;
use crate::generate::seed;
use crate::protocol::{Callback, EnablementMethod};
use crate::suite::check::{Check, Draft, Expect, Need, Sight, Steps, telling_first};
use crate::suite::customs::{Own, draft};
use crate::suite::engine::{Engine, Stop};
use crate::suite::judge::{Defect, Disposition};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const PAGE: &str = "callback-handler/custom-callbacks";
const RESPONSES: &str = "callback-handler/formats/responses";
const ERRORS: &str = "callback-handler/error-handling";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("CUS-01", "A right request is answered with a declared status")
        .states(
            "A custom callback whose payload keeps the request's schema is answered with the status of one of its responses, or \
             refused with another 4xx status; never with another status below 400, and never with 5xx.",
        )
        .because("A status from 200 to 399 that is not defined for the callback is shown as \"invalid format\", 5xx as \"cannot connect\".")
        .fix("Answer with the statuses that the callback declares, and declare those that you answer with.")
        .source(ERRORS),
    Requirement::must("CUS-02", "The type is the one declared for the status")
        .states("An answer with a declared status has the `type` that is declared for it.")
        .because("The gateway reads the payload by the type: \"invalid format\".")
        .fix("Set status and type together, in one place for each response.")
        .source(RESPONSES),
    Requirement::must("CUS-03", "The payload keeps the response's schema")
        .states("The payload of an answer keeps the schema of its response; where that is empty, there is no payload.")
        .because("The form shows \"invalid format\" in place of the data.")
        .fix("Check what you answer against the schema in your tests; mind types, missing members and further ones.")
        .source(ERRORS),
    Requirement::must("CUS-04", "A declared callback is served")
        .states(
            "The `example` of a callback, where one is given, is answered with a declared success. Without one, not all right \
             requests are refused with responses that are not declared.",
        )
        .because("The form that needs the callback shows an error whatever the user does.")
        .fix("Dispatch on the callback's id as it is declared, version included; where the handler must know what is asked for, give an `example`.")
        .source(PAGE),
    Requirement::hardening("CUS-05", "A payload that breaks the schema does no harm")
        .states(
            "A custom callback whose payload breaks the request's schema in one place (a member missing, null, of another type, \
             past a bound), or whose `paging` is of another form or has a cursor that the handler never told, is accepted or \
             refused with 4xx, never answered with 5xx.",
        )
        .because("A 5xx status is shown as \"cannot connect\", which sends the user looking in the wrong place.")
        .fix("Check the payload against the request's schema, and `paging` for its form, before using them, and answer 400.")
        .source("good practice"),
    Requirement::should("CUS-06", "A refusal is a declared response")
        .states("A right request that is refused is answered with a response that is declared, or with 401 or 403.")
        .because("Other statuses from 400 to 499 are shown as \"invalid format\", whatever the reason was.")
        .fix("Declare a response for each reason that you refuse for, with a status of its own; or narrow the request's schema.")
        .source(ERRORS),
    Requirement::should("CUS-07", "A custom callback delivered twice is answered alike")
        .states("A request of a custom callback that changes nothing, delivered again byte by byte, is answered with the same status and type.")
        .because("The gateway sends a callback again when it is not sure that it arrived, and believes the last answer.")
        .fix("Do not refuse a request_id that you have seen.")
        .source(ERRORS),
    Requirement::must("CUS-08", "A tenant without a mapping gets nobody's data")
        .states(
            "A custom callback for a tenant that has no mapping is not answered with what the mapped tenant is answered with, nor with 5xx.",
        )
        .because("Any tenant could read, or use, what belongs to another.")
        .fix("Look up the mapping of context.tenant_id first, refuse the request where there is none, and limit every query to that tenant.")
        .source(PAGE),
];

const NEEDS: &[Need] = &[Need::Custom];

pub(super) const CHECKS: &[Check] = &[
    Check::cases("CUS-01", Sight::Success, right)
        .and_generated(any_right)
        .needs(NEEDS),
    Check::passive("CUS-02", Sight::Success).needs(NEEDS),
    Check::passive("CUS-03", Sight::Success).needs(NEEDS),
    Check::elsewhere("CUS-04").needs(NEEDS),
    Check::cases("CUS-05", Sight::Refusal, near)
        .and_generated(any_near)
        .needs(NEEDS),
    Check::passive("CUS-06", Sight::Success).needs(NEEDS),
    Check::procedure("CUS-07", 2, &[], twice).needs(NEEDS),
    Check::procedure("CUS-08", 1, &[], stranger).needs(NEEDS),
];

/// Cases of a callback that changes data: each is one more change.
const WRITES: usize = 24;

fn right(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let Some(own) = session.customs().own(callback) else {
        return Vec::new();
    };
    let payloads = own.right().into_iter().map(|payload| {
        let name = shown("a right payload", payload.as_ref());
        Asked::payload(name, payload)
    });
    let pages = pages(callback, paging::right);
    let pages = pages.map(|paging| {
        let name = shown("a right page", Some(&paging));
        Asked::paging(session, callback, name, Some(paging))
    });
    let asked = by_turns(payloads.collect(), pages.collect());
    telling_first(
        drafts(session, callback, "CUS-01", asked, Expect::Declared),
        6,
    )
}

/// What a request of a custom callback asks.
#[derive(Debug)]
struct Asked {
    /// What it is, in a few words.
    name: String,
    payload: Option<Value>,
    /// What stands in place of the control's; `None` leaves that.
    paging: Option<Option<Value>>,
}

impl Asked {
    /// The control with another payload.
    fn payload(name: String, payload: Option<Value>) -> Self {
        Self {
            name,
            payload,
            paging: None,
        }
    }

    /// The control with another page.
    fn paging(session: &Session, callback: &Callback, name: String, paging: Option<Value>) -> Self {
        Self {
            name,
            payload: session.customs().payload(callback),
            paging: Some(paging),
        }
    }

    /// Puts it in an envelope that has no payload.
    fn put_into(self, envelope: &mut Value) {
        let Some(members) = envelope.as_object_mut() else {
            return;
        };
        if let Some(paging) = self.paging {
            members.shift_remove("paging");
            members.extend(paging.map(|paging| ("paging".to_owned(), paging)));
        }
        members.extend(self.payload.map(|payload| ("payload".to_owned(), payload)));
    }
}

/// What is made of pages, where the callback's requests ask for them.
fn pages<T>(callback: &Callback, make: fn() -> Vec<T>) -> impl Iterator<Item = T> {
    let pages = callback.custom.is_some_and(|custom| custom.paging);
    pages.then(make).into_iter().flatten()
}

/// One of each in turn, so that the telling cases have both.
fn by_turns(first: Vec<Asked>, second: Vec<Asked>) -> Vec<Asked> {
    let mut all = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let before = all.len();
        all.extend(first.next());
        all.extend(second.next());
        if all.len() == before {
            return all;
        }
    }
}

/// The cases of a check.
fn drafts(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    asked: Vec<Asked>,
    expect: Expect,
) -> Vec<Draft> {
    let drafts = asked.into_iter().zip(0..).map(|(asked, number)| {
        let make = maker(session, callback, (id, number), expect);
        make(asked)
    });
    drafts.collect()
}

fn any_right(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let payloads = session
        .customs()
        .own(callback)
        .and_then(|own| own.payloads.as_ref());
    let place = ("CUS-01", u64::MAX);
    let Some(payloads) = payloads else {
        let payload = session.customs().payload(callback);
        let make = maker(session, callback, place, Expect::Declared);
        return any_page(callback)
            .prop_map(move |paging| {
                make(Asked {
                    name: shown("a right payload", payload.as_ref()),
                    payload: payload.clone(),
                    paging,
                })
            })
            .sboxed();
    };
    let make = maker(session, callback, place, Expect::Declared);
    (payloads.any(), any_page(callback))
        .prop_map(move |(payload, paging)| {
            make(Asked {
                name: shown("a right payload", Some(&payload)),
                payload: Some(payload),
                paging,
            })
        })
        .sboxed()
}

/// Any right page in the control's place, where the callback's requests ask for one.
fn any_page(callback: &Callback) -> SBoxedStrategy<Option<Option<Value>>> {
    match callback.custom.is_some_and(|custom| custom.paging) {
        true => paging::any_right()
            .prop_map(|paging| Some(Some(paging)))
            .sboxed(),
        false => Just(None).sboxed(),
    }
}

fn near(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let control = session.customs().payload(callback);
    let near = session
        .customs()
        .own(callback)
        .map(|own| near_payloads(own, control.as_ref()));
    let near = near.into_iter().flatten();
    let near = near.map(|(name, payload)| Asked::payload(name, payload));
    let pages = pages(callback, paging::near);
    let pages = pages.map(|(name, paging)| Asked::paging(session, callback, name, paging));
    let asked = by_turns(near.collect(), pages.collect());
    telling_first(drafts(session, callback, "CUS-05", asked, Expect::FREE), 12)
}

/// What has one thing wrong: the control first, then what only the largest payload has. Where the callback has no payload, one that nobody asked for.
fn near_payloads(own: &Own, control: Option<&Value>) -> Vec<(String, Option<Value>)> {
    let right = own.right();
    let richest = right
        .iter()
        .flatten()
        .max_by_key(|payload| payload.to_string().len());
    match (&own.payloads, richest) {
        (Some(payloads), Some(richest)) => {
            let mut all: Vec<(String, Option<Value>)> = Vec::new();
            for right in control.into_iter().chain([richest]) {
                for near in payloads.near(right) {
                    if all.iter().all(|(name, _)| *name != near.name) {
                        all.push((near.name, near.payload));
                    }
                }
            }
            all
        }
        _ => [
            Value::Null,
            serde_json::json!([]),
            serde_json::json!("text"),
        ]
        .map(|payload| (format!("payload = {payload}"), Some(payload)))
        .into(),
    }
}

fn any_near(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let payloads = session
        .customs()
        .own(callback)
        .and_then(|own| own.payloads.as_ref());
    let place = ("CUS-05", u64::MAX);
    let make = maker(session, callback, place, Expect::FREE);
    let payloads = match payloads {
        Some(payloads) => payloads
            .any_near()
            .prop_map(|near| Asked::payload(near.name, near.payload))
            .sboxed(),
        None => Just(())
            .prop_map(|()| Asked::payload("payload = null".to_owned(), Some(Value::Null)))
            .sboxed(),
    };
    if callback.custom.is_none_or(|custom| !custom.paging) {
        return payloads.prop_map(make).sboxed();
    }
    let control = session.customs().payload(callback);
    let pages = paging::any_near().prop_map(move |(name, paging)| Asked {
        name,
        payload: control.clone(),
        paging: Some(paging),
    });
    prop_oneof![payloads, pages].prop_map(make).sboxed()
}

/// Makes requests that ask anything, of which all else is made once.
fn maker(
    session: &Session,
    callback: &'static Callback,
    place: (&str, u64),
    expect: Expect,
) -> impl Fn(Asked) -> Draft + Send + Sync + 'static {
    let plain = draft(session, callback, place, (String::new(), None), expect);
    let envelope = plain.call.json().unwrap_or_default();
    move |asked| {
        let mut envelope = envelope.clone();
        let mut draft = plain.clone();
        draft.name.clone_from(&asked.name);
        asked.put_into(&mut envelope);
        draft.call.body = Bytes::from(envelope.to_string());
        draft
    }
}

/// The cases of a callback that changes data: right ones and near ones, some of each generated.
pub(crate) fn writes(session: &Session, own: &Own) -> Vec<(&'static str, Draft)> {
    use proptest::strategy::ValueTree;
    let callback = own.callback;
    let generated = |id: &'static str, all: SBoxedStrategy<Draft>| {
        let count = (session.options.cases as usize).min(WRITES) as u64;
        (0..count).filter_map(move |number| {
            let seed = seed::case_seed(session.options.seed, id, number);
            let mut draft = seed::tree(&all, seed).ok()?.current();
            let own = session.request_id(callback, id, (1 << 32) + number);
            draft.call = draft.call.renamed(own);
            Some((id, draft))
        })
    };
    let left_out = |id: &str| crate::suite::register::matches_any(&session.options.skip, id);
    let right = right(session, callback)
        .into_iter()
        .take(WRITES)
        .map(|draft| ("CUS-01", draft));
    let near = near(session, callback)
        .into_iter()
        .take(WRITES)
        .map(|draft| ("CUS-05", draft));
    // Of one that refuses everything, what is wrong shows nothing.
    let accepted = session.customs().is_accepted(callback);
    let wrong = near.chain(generated("CUS-05", any_near(session, callback)));
    right
        .chain(generated("CUS-01", any_right(session, callback)))
        .chain(wrong.filter(|_| accepted))
        .filter(|(id, _)| !left_out(id))
        .collect()
}

/// What a payload is, in a few words.
fn shown(what: &str, payload: Option<&Value>) -> String {
    const MOST: usize = 120;
    match payload {
        None => format!("{what}: none"),
        Some(payload) => {
            let text = payload.to_string();
            let short: String = text.chars().take(MOST).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("{what}: {short}{more}")
        }
    }
}

/// Why what builds on a success is not run.
const NOT_SERVED: &str = "no custom callback that changes nothing was answered with success";

fn twice(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        if engine.met.accepted.is_empty() {
            engine.ledger.unexercised("CUS-07", NOT_SERVED);
        }
        for callback in engine.met.accepted.clone() {
            let payload = session.customs().payload(callback);
            let place = (&*format!("CUS-07 {}", callback.name), 0);
            let name = format!("{}, a right request", callback.name);
            let request = draft(&session, callback, place, (name, payload), Expect::Declared);
            let first = engine.exchange_firmly("CUS-07", request.clone()).await?;
            engine.settle_others(&first, "CUS-07");
            if !first.judgement.accepted() {
                engine
                    .ledger
                    .blocked("CUS-07", "the request was not accepted the first time");
                continue;
            }
            // What was answered with success is right: refused now and then, it is sent again.
            let expect = match first.observation.status() {
                Some(200) => Expect::Accept,
                _ => request.expect,
            };
            let again = Draft {
                name: format!("{}, the same request again", callback.name),
                expect,
                ..request
            };
            let second = engine.exchange_firmly("CUS-07", again).await?;
            let same = second.observation.status() == first.observation.status()
                && second.member("type") == first.member("type");
            let told = |status: Option<u16>| {
                status.map_or("no answer".to_owned(), |it| format!("status {it}"))
            };
            let defect = (!same).then(|| Defect {
                expected: format!(
                    "{} and the same type, as the first time",
                    told(first.observation.status())
                ),
                observed: told(second.observation.status()),
            });
            engine.conclude("CUS-07", defect, &second);
            engine.progress(1);
        }
        Ok(())
    })
}

fn stranger(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        if engine.met.accepted.is_empty() {
            engine.ledger.unexercised("CUS-08", NOT_SERVED);
        }
        if session.options.enablement.partner() == EnablementMethod::Explicit {
            engine.ledger.unexercised(
                "CUS-08",
                "explicit partners are enabled by the vendor's own means, so of no tenant it is known that it has no mapping",
            );
            return Ok(());
        }
        if !session.knows_tenant() {
            engine.ledger.unexercised(
                "CUS-08",
                "needs a tenant that the handler has a mapping for: --tenant-id, or --write, which enables one for the run",
            );
            return Ok(());
        }
        for callback in engine.met.accepted.clone() {
            let payload = session.customs().payload(callback);
            let place = (&*format!("CUS-08 {}", callback.name), 0);
            let name = format!("{}, a right request", callback.name);
            let mapped = draft(&session, callback, place, (name, payload), Expect::Declared);
            let first = engine.exchange_firmly("CUS-08", mapped).await?;
            engine.settle_others(&first, "CUS-08");
            let own = first.judgement.payload();
            let mut call = session.case_control(callback, "CUS-08 stranger", 0);
            let tenant = session.made_up_id("CUS-08 tenant", 0);
            call.body = super::replace(&call.body, &session.tenant(), &tenant);
            let name = format!("{}, for a tenant that nobody mapped", callback.name);
            let request = Draft::new(name, call, Expect::FREE);
            let exchange = engine.exchange_firmly("CUS-08", request).await?;
            engine.settle_others(&exchange, "CUS-08");
            let told = match &exchange.judgement.disposition {
                Disposition::Accepted(_) => exchange.judgement.payload(),
                _ => None,
            };
            let own = own.filter(|own| !is_nothing(own));
            let same = own.is_some_and(|own| told.is_some_and(|told| payload_agrees(own, told)));
            let defect = same.then(|| Defect {
                expected: "a refusal, or at least other data, for a tenant without a mapping"
                    .to_owned(),
                observed: "success, with the data of the mapped tenant".to_owned(),
            });
            // Who does not look the mapping up may fall over what it has not found.
            let defect = defect.or_else(|| exchange.defect("CUS-08").cloned());
            if defect.is_none() && first.judgement.payload().is_none() {
                engine.ledger.unexercised(
                    "CUS-08",
                    "an answer without payload does not show whose data it is about",
                );
                continue;
            }
            let is_refused = matches!(exchange.judgement.disposition, Disposition::Refused(_));
            if defect.is_none() && own.is_some() && is_refused {
                engine.met.guarded.push(callback);
            }
            engine.conclude("CUS-08", defect, &exchange);
        }
        Ok(())
    })
}

/// Whether a tenant whose mapping is gone is answered as it was before. Those callbacks are asked that refuse a tenant which never
/// had one. What was prepared for the bench does not fit behind it, so it comes late.
pub(crate) async fn former(engine: &mut Engine) -> Result<(), Stop> {
    let session = engine.session.clone();
    let mut told = Vec::new();
    for callback in std::mem::take(&mut engine.met.guarded) {
        let payload = session.customs().payload(callback);
        let name = format!("{}, a right request", callback.name);
        let place = (&*format!("CUS-08 before {}", callback.name), 0);
        let mapped = draft(&session, callback, place, (name, payload), Expect::Declared);
        let exchange = engine.exchange_firmly("CUS-08", mapped).await?;
        engine.settle_others(&exchange, "CUS-08");
        let own = exchange.judgement.payload().filter(|own| !is_nothing(own));
        told.extend(own.map(|own| (callback, own.clone())));
    }
    if told.is_empty() || !engine.leave_bench().await? {
        return Ok(());
    }
    for (callback, own) in told {
        let call = session.case_control(callback, "CUS-08 former", 0);
        let name = format!("{}, for a tenant that was disabled", callback.name);
        let request = Draft::new(name, call, Expect::FREE);
        let exchange = engine.exchange_firmly("CUS-08", request).await?;
        engine.settle_others(&exchange, "CUS-08");
        let now = exchange.judgement.payload();
        let same =
            exchange.judgement.accepted() && now.is_some_and(|now| payload_agrees(&own, now));
        let defect = same.then(|| Defect {
            expected: "a refusal, as for a tenant that never had a mapping".to_owned(),
            observed: "success, with the data of before the partner was disabled".to_owned(),
        });
        let defect = defect.or_else(|| exchange.defect("CUS-08").cloned());
        engine.conclude("CUS-08", defect, &exchange);
    }
    engine.return_to_bench().await
}

/// Whether a payload tells nothing that could be anybody's: no members and no items but empty ones.
fn is_nothing(payload: &Value) -> bool {
    match payload {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}
