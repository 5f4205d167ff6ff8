//! Custom callbacks: those that change data are held to their tokens, those that page are asked for pages.

#[path = "common/mod.rs"]
mod common;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use acgw_conformance::protocol::text::UuidText;
use acgw_conformance::protocol::{CustomCallback, Enablement, EnablementMethod};
use acgw_conformance::reference::{Fault, Faults, Server, custom_callback};
use acgw_conformance::suite::{Options, Outcome};
use common::front::{Front, ask};
use common::own::{NO, OK, Told, callback, own, schema};
use common::verdicts::*;
use common::*;
use serde_json::{Value, json};

/// What the fault breaks that serves a custom callback whatever the token.
fn of_the_token() -> Vec<&'static str> {
    Fault::QuoteForAnybody.breaks().to_vec()
}

/// The outcome for the reference handler with these faults, whose quote is declared to change data.
async fn quote_that_changes_data(faults: Faults, options: Options) -> Outcome {
    let identity = identity();
    let server = server(&identity, faults).await;
    let options = Options {
        custom: vec![custom_callback().changes_data(true)],
        ..options
    };
    run(identity, &server.url(), options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_data_and_is_right_is_not_failed() {
    let outcome = quote_that_changes_data(Faults::none(), brief()).await;
    // These are of callbacks that change nothing.
    assert_fails_but(&outcome, &[], &["CUS-07", "CUS-08"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_data_whatever_the_token_is_caught() {
    let faults = || Faults::from(Fault::QuoteForAnybody);
    let outcome = quote_that_changes_data(faults(), brief()).await;
    assert_eq!(failed(&outcome), of_the_token(), "{}", account(&outcome));
    for id in of_the_token() {
        let [failure] = &of(&outcome, id).failures[..] else {
            panic!("{id}: {}", account(&outcome));
        };
        assert_eq!(failure.callback, Some("acgw.reference.quote.v1.0"), "{id}");
        let repeat = &failure.repeat;
        assert!(
            repeat.contains(&format!("--only {id}")) && repeat.contains("--write"),
            "{repeat}"
        );
    }
    // As the command does that repeats one: it is served to a tenant with a mapping only, so that there must be one then, too.
    let outcome = quote_that_changes_data(faults(), only(&["JWT-10"])).await;
    assert_eq!(failed(&outcome), ["JWT-10"], "{}", account(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_requirement_alone_is_looked_into_with_few_changes() {
    let identity = identity();
    let reference = reference(&identity, Fault::QuoteForAnybody.into());
    let made = Arc::new(Mutex::new(0));
    let counted = made.clone();
    let front = Front::answer(move |arrived| {
        let (reference, counted) = (reference.clone(), counted.clone());
        async move {
            own(&reference, arrived, |_, _| {
                *counted.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                (200, OK, None)
            })
            .await
        }
    })
    .await;
    let declared = callback(schema(json!({"type": "object"})))
        .changes_data(true)
        .responds(200, OK, None)
        .expect("a declaration");
    let options = Options {
        custom: vec![declared],
        ..only(&["JWT-01"])
    };
    let outcome = run(identity, &front.url(), options).await;
    assert_eq!(failed(&outcome), ["JWT-01"], "{}", account(&outcome));
    // Whether it is served, whether it is served again, and what should not be.
    assert_eq!(*made.lock().unwrap_or_else(PoisonError::into_inner), 3);
}

/// The outcome for a handler that makes things with such names, each name once, and none with a name that is reserved. It answers a
/// request_id that it has seen as it did before.
async fn names(faults: Faults, name: Value, reserved: fn(&str) -> bool) -> Outcome {
    let declared = callback(schema(json!({
        "type": "object", "properties": {"name": name}, "required": ["name"]
    })))
    .changes_data(true)
    .responds(201, OK, None)
    .and_then(|it| it.responds(409, NO, None))
    .and_then(|it| it.example(json!({"name": "first"})))
    .expect("a declaration");
    let identity = identity();
    let reference = reference(&identity, faults);
    let known = Arc::new(Mutex::new((HashSet::new(), HashMap::new())));
    let front = Front::answer(move |arrived| {
        let (reference, known) = (reference.clone(), known.clone());
        async move {
            own(&reference, arrived, |body, mapped| {
                let id = body["request_id"].to_string();
                let name = body.pointer("/payload/name").and_then(Value::as_str);
                let name = name.filter(|name| !reserved(name));
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                let (names, answered) = &mut *known;
                let made = *answered.entry(id).or_insert_with(|| {
                    name.is_some_and(|name| mapped && names.insert(name.to_owned()))
                });
                match made {
                    true => (201, OK, None),
                    false => (409, NO, None),
                }
            })
            .await
        }
    })
    .await;
    let options = Options {
        custom: vec![declared],
        ..brief()
    };
    run(identity, &front.url(), options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_twice_is_tried_with_something_else_each_time() {
    let any = || json!({"type": "string", "minLength": 1});
    let none: fn(&str) -> bool = |_| false;
    // It answers 409 to what it has seen and to what is reserved, whatever the token: only what it would have accepted shows that it
    // does not look at the token.
    let some: fn(&str) -> bool = |name| name != "first" && name.chars().count() % 2 == 1;
    for reserved in [none, some] {
        let outcome = names(Faults::none(), any(), reserved).await;
        assert_fails_but(&outcome, &[], &["CUS-07", "CUS-08"]);
        let outcome = names(Fault::QuoteForAnybody.into(), any(), reserved).await;
        assert_eq!(failed(&outcome), of_the_token(), "{}", account(&outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_nothing_left_for_is_said_not_to_be_tried() {
    let told = |outcome: &Outcome| {
        let notice = (outcome.notices.iter()).find(|notice| notice.contains("not tried with it:"));
        notice.cloned()
    };
    let none: fn(&str) -> bool = |_| false;
    let some: fn(&str) -> bool = |name| ["2", "4"].contains(&name);
    let all: fn(&str) -> bool = |name| name != "first";
    // Of the names, how many are free for what should be refused: one is, to begin with, each time.
    let few = || json!({"enum": ["first", "2", "3", "4", "5"]});
    for (reserved, free) in [(none, 4), (some, 2), (all, 0)] {
        let outcome = names(Faults::none(), few(), reserved).await;
        assert_fails_but(&outcome, &[], &["CUS-07", "CUS-08"]);
        assert_eq!(told(&outcome).is_some(), free == 0, "{}", account(&outcome));
        // What was tried shows it, and what was not is listed: nothing passes for want of something new.
        let outcome = names(Fault::QuoteForAnybody.into(), few(), reserved).await;
        let untried = told(&outcome).unwrap_or_else(|| panic!("{}", account(&outcome)));
        let tried: Vec<_> = (of_the_token().into_iter())
            .filter(|id| !untried.contains(id))
            .collect();
        assert_eq!(tried.len(), free, "{untried}");
        assert_eq!(failed(&outcome), tried, "{}", account(&outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everything_changes_data_there_is_no_verdict() {
    let identity = identity();
    let explicit = Enablement::new(EnablementMethod::Explicit, EnablementMethod::Explicit);
    let enablement = explicit.expect("offered");
    let handler = reference_for(enablement, &identity, Faults::none());
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    let options = Options {
        enablement,
        custom: vec![custom_callback().changes_data(true)],
        ..brief()
    };
    let outcome = run(identity, &server.url(), options).await;
    assert_eq!(outcome.exit_code(), 3, "{}", account(&outcome));
    let reason = of(&outcome, "JWT-01").state.reason();
    assert!(
        reason.is_some_and(|reason| reason.contains("`changes-data = false`")),
        "{reason:?}"
    );
}

/// A callback that lists things by pages.
fn listing() -> CustomCallback {
    callback(schema(json!({"type": "object"})))
        .responds(
            200,
            OK,
            schema(json!({"type": "object", "required": ["items"]})),
        )
        .and_then(|it| it.responds(409, NO, None))
        .and_then(|it| it.paging(true))
        .expect("a declaration")
}

/// The outcome for a handler that answers it so.
async fn pages(answer: fn(Option<&Value>) -> Told) -> Outcome {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| {
        let reference = reference.clone();
        async move {
            own(&reference, arrived, |body, mapped| match mapped {
                true => answer(body.get("paging")),
                false => (409, NO, None),
            })
            .await
        }
    })
    .await;
    let options = Options {
        custom: vec![listing()],
        cases: 30,
        ..brief()
    };
    run(identity, &front.url(), options).await
}

/// As many things as a page is to have.
fn page(limit: u64) -> Told {
    let items: Vec<u64> = (0..limit.min(120)).collect();
    (200, OK, Some(json!({ "items": items })))
}

#[tokio::test(flavor = "multi_thread")]
async fn right_handlers_that_page_are_not_failed() {
    // Strict about everything, and about pages that are not asked for.
    let outcome = pages(|paging| {
        let limit = paging.and_then(|paging| paging["limit"].as_u64());
        let further = paging
            .and_then(Value::as_object)
            .map_or(0, serde_json::Map::len);
        match limit {
            Some(limit @ 1..=100) if further == 1 => page(limit),
            _ => (409, NO, None),
        }
    })
    .await;
    // What it refuses need not be accepted, so nothing shows how it refuses what is right.
    assert_fails_but(&outcome, &[], &["CUS-06"]);
    // It takes what comes, and has one page only.
    let outcome = pages(|_| page(3)).await;
    assert_fails_but(&outcome, &[], &["CUS-06"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn handlers_that_fail_at_pages_are_caught() {
    for (answer, broken) in [
        (
            (|paging| match paging.map(|paging| &paging["limit"]) {
                Some(Value::String(_)) => (500, OK, None),
                _ => page(1),
            }) as fn(Option<&Value>) -> Told,
            "CUS-05",
        ),
        (
            |paging| match paging.is_none() {
                true => (500, OK, None),
                false => page(1),
            },
            "CUS-05",
        ),
        (
            |paging| match paging.is_some_and(|paging| paging.get("after").is_some()) {
                true => (500, OK, None),
                false => page(1),
            },
            "CUS-05",
        ),
        (
            |paging| match paging.map(|paging| paging["limit"].as_u64()) {
                Some(Some(1)) => (500, OK, None),
                _ => page(1),
            },
            "CUS-01",
        ),
        (
            |paging| match paging.map(|paging| paging["limit"].as_u64()) {
                Some(Some(limit @ 3..)) => page(limit),
                _ => (200, OK, Some(json!({"items_": []}))),
            },
            "CUS-03",
        ),
    ] {
        let outcome = pages(answer).await;
        assert_eq!(failed(&outcome), [broken], "{}", account(&outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_sent_are_read_or_let_be() {
    let explicit = Enablement::new(EnablementMethod::Explicit, EnablementMethod::Explicit);
    for (fault, broken) in [
        (None, None),
        (Some(Fault::QuoteCredentials500), Some("CRED-10")),
        (Some(Fault::QuoteCredentialsAsText), Some("CRED-08")),
    ] {
        let identity = identity();
        let enablement = explicit.expect("offered");
        let handler = reference_for(enablement, &identity, fault.into_iter().collect());
        let server = Server::start(anywhere(), handler, None)
            .await
            .expect("a free port");
        let options = Options {
            enablement,
            ..only(&["CRED-*"])
        };
        let outcome = run(identity, &server.url(), options).await;
        assert_eq!(
            failed(&outcome),
            Vec::from_iter(broken),
            "{}",
            account(&outcome)
        );
        for id in ["CRED-08", "CRED-10"] {
            let state = &of(&outcome, id).state;
            assert!(
                Some(id) == broken || state.name() == "passed",
                "{id}: {state:?}"
            );
        }
        // Whether they are right, a custom callback need not ask.
        let state = &of(&outcome, "CRED-05").state;
        assert_eq!(state.name(), "not exercised");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_example_may_be_refused_to_a_tenant_that_has_no_mapping() {
    let tried = |tenant_id: Option<UuidText>| async {
        let identity = identity();
        let reference = reference(&identity, Faults::none());
        let front = Front::answer(move |arrived| {
            let reference = reference.clone();
            async move {
                let callback = arrived.json()["context"]["callback_id"].to_string();
                if !callback.contains("enablement.read") {
                    return own(&reference, arrived, |_, _| (409, NO, None)).await;
                }
                // As if it were not enabled.
                let mut answer = ask(&reference, &arrived).await;
                let mut body = answer.json();
                if let Some(members) = body["payload"].as_object_mut() {
                    members.shift_remove("acronis_tenant_id");
                    answer.body = body.to_string().into_bytes();
                }
                answer.reply()
            }
        })
        .await;
        let declared = callback(schema(json!({"type": "object"})))
            .responds(200, OK, None)
            .and_then(|it| it.responds(409, NO, None))
            .and_then(|it| it.example(json!({})))
            .expect("a declaration");
        let options = Options {
            custom: vec![declared],
            write: false,
            tenant_id,
            ..only(&["CUS-04"])
        };
        run(identity, &front.url(), options).await
    };
    let outcome = tried(None).await;
    assert_eq!(outcome.exit_code(), 3, "{}", account(&outcome));
    assert_noticed(&outcome, "where the tenant has no mapping");
    // Of a tenant that the user names, it is to be served.
    let named = UuidText::new("7d1e4c1f-52d7-4f3f-9c41-2b0a5c1e8a10").ok();
    assert_eq!(failed(&tried(named).await), ["CUS-04"]);
}

/// The outcome for a handler that falls over some values of members without bounds.
async fn boundless(falls: fn(&Value) -> bool) -> Outcome {
    let request = json!({
        "type": "object", "required": ["number"],
        "properties": {"number": {"type": "integer"}, "share": {"type": "number"}, "text": {"type": "string"}},
    });
    let declared = callback(schema(request))
        .responds(200, OK, schema(json!({"type": "object"})))
        .expect("a response");
    let answer = move |asked: &Value, mapped: bool| match falls(&asked["payload"]) {
        _ if !mapped => (403, NO, None),
        true => (500, OK, None),
        false => (200, OK, Some(json!({"found": 1}))),
    };
    let options = Options {
        custom: vec![declared],
        cases: 1,
        ..only(&["CUS-01"])
    };
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| {
        let reference = reference.clone();
        async move { own(&reference, arrived, answer).await }
    })
    .await;
    run(identity, &front.url(), options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_bound_is_tried_beyond_what_is_usual() {
    let outcome = boundless(|_| false).await;
    assert_right(&outcome);
    let falls: [fn(&Value) -> bool; 5] = [
        |asked| asked["number"].as_i64().is_some_and(|number| number < 0),
        |asked| {
            asked["number"]
                .as_i64()
                .is_some_and(|number| number > i64::from(i32::MAX))
        },
        |asked| asked["share"].as_f64().is_some_and(|share| share < 0.0),
        |asked| asked["text"] == "",
        |asked| asked["text"].as_str().is_some_and(|text| text.len() > 255),
    ];
    for falls in falls {
        let outcome = boundless(falls).await;
        assert_eq!(failed(&outcome), ["CUS-01"], "{}", account(&outcome));
    }
}
