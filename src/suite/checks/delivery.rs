//! Delivery as it happens: bursts, concurrent requests, the same request twice.

use super::items::payload_agrees;
use crate::suite::call::Authorization;
use crate::suite::check::{Check, Draft, Expect, Need, Sight, Steps};
use crate::suite::engine::Engine;
use crate::suite::judge::{Defect, Disposition};
use crate::suite::requirement::Requirement;

const ERRORS: &str = "callback-handler/error-handling";

/// Requests of a burst; fewer for a handler that would take longer than the timeout for them.
const BURST: usize = 32;

/// Of what the request is made that is delivered twice, before the cases of other requirements.
pub(super) const TWICE: &str = "ROB-13";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::should("ENV-06", "`response_id` is fresh")
        .states("No two answers have the same `response_id`.")
        .because("It names this one response in logs and support cases.")
        .fix("Make a new random UUID for every answer.")
        .source("callback-handler/formats/responses"),
    Requirement::must("ENV-08", "Concurrent requests get their own answers")
        .states("Of requests that are under way at once, each is answered with its own request_id.")
        .because("A multi-row action sends one request a row; the gateway would take one row's answer for another's.")
        .fix("Keep nothing of a request in global or shared variables.")
        .source(ERRORS),
    Requirement::must("ROB-11", "A right request is answered as before, whatever came before it")
        .states("After each malformed, hostile or refused request a right one is answered as the first one was.")
        .because("One odd request would take the integration down for everyone.")
        .fix("Handle each request on its own: no shared state that an error leaves half changed, no exit on an exception.")
        .source(ERRORS),
    Requirement::must("ROB-12", "A burst is answered in full")
        .states("All requests of a burst are answered with success (after 429, which asks for patience, they are sent again).")
        .because("A multi-row action sends one request a row; what is refused is shown as failed.")
        .fix("Queue rather than refuse, or answer 429 with Retry-After.")
        .source(ERRORS),
    Requirement::should("ROB-13", "The same request delivered twice gets the same answer")
        .states("A request that is sent again, byte by byte, is answered with success and the same payload.")
        .because("The gateway sends a callback again when it is not sure that it arrived.")
        .fix("Do not refuse a request_id that you have seen before; for reads, simply answer again.")
        .source(ERRORS),
    Requirement::must("ROB-23", "A request is answered rightly each time, not most times")
        .states(
            "No request that is answered rightly when it is sent again was answered with a 5xx status, refused though it is \
             right, or left without an answer. This is about right requests, and about wrong ones that must be refused.",
        )
        .because("A callback that is answered with 5xx is not sent again: what fails now and then is shown as \"cannot connect\".")
        .fix(
            "Look into the log for what fails now and then: a pool that runs dry, a timeout behind the handler, an instance \
             behind a load balancer that is not like the others.",
        )
        .source(ERRORS),
    Requirement::hardening("ROB-24", "An unusual request is answered alike each time")
        .states(
            "The same of requests that no obligation is about: odd ones, and right ones in an unusual form. None that was \
             answered in order when it was sent again had failed before.",
        )
        .because("What fails now and then on unusual requests may fail now and then on usual ones, and is hard to find.")
        .fix("Look into the log for what fails now and then: shared state, a pool that runs dry, a timeout behind the handler.")
        .source("good practice"),
];

pub(super) const CHECKS: &[Check] = &[
    Check::procedure("ROB-12", BURST as u64, &["ENV-08", "ENV-06"], burst),
    Check::passive("ENV-08", Sight::Success).needs(&[Need::Concurrency]),
    Check::elsewhere("ENV-06"),
    Check::procedure("ROB-13", 3, &["JWT-01"], twice),
    Check::passive("ROB-11", Sight::Refusal),
    Check::passive("ROB-23", Sight::Success),
    Check::passive("ROB-24", Sight::Refusal),
];

fn burst(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        let most = session.options.concurrency;
        // As many at once as the pace allows, and four times as many in all.
        let count = (engine.pace().limit() * 4).clamp(4, BURST);
        let cases: Vec<_> = (0..count as u64)
            .map(|number| {
                let call = session.case_control(session.main_callback(), "ROB-12", number);
                (
                    "ROB-12",
                    Draft::new(
                        format!("request {} of a burst of {count}", number + 1),
                        call,
                        Expect::Accept,
                    ),
                )
            })
            .collect();
        let exchanges = engine.exchange_all(cases, most).await?;
        let at_once = engine.pace().limit().min(most) > 1;
        for exchange in exchanges {
            let exchange = &engine.firmly(exchange, most > 1).await?;
            engine.settle(exchange);
            // A mix-up has been blamed on ENV-08 by then; an id of nobody's is no evidence for it.
            if at_once && exchange.member("request_id") == Some(&exchange.draft.call.request_id) {
                engine.conclude("ENV-08", None, exchange);
            }
            if exchange.member("response_id").is_some() {
                let defect = engine.latest_ids.defect(exchange);
                engine.conclude("ENV-06", defect, exchange);
            }
        }
        Ok(())
    })
}

fn twice(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        let call = session.case_control(session.main_callback(), TWICE, 0);
        let draft = |name: &str| Draft::new(name, call.clone(), Expect::Accept);
        let first = engine.exchange_firmly("ROB-13", draft("a request")).await?;
        engine.settle_others(&first, "ROB-13");
        // A custom callback may tell something else each time, or nothing.
        let own = first.draft.call.callback.custom.is_some();
        let before = first.judgement.payload().filter(|_| !own);
        if !first.judgement.accepted() || (before.is_none() && !own) {
            engine.ledger.blocked(
                "ROB-13",
                "the request was not answered with a payload the first time",
            );
            return Ok(());
        }
        let second = engine
            .exchange_firmly("ROB-13", draft("the same request again"))
            .await?;
        engine.progress(1);
        let expected = match own {
            true => "success, as the first time".to_owned(),
            false => "the same answer as the first time (but for response_id)".to_owned(),
        };
        let same = before.is_none_or(|before| {
            let again = second.judgement.payload();
            again.is_some_and(|again| payload_agrees(before, again))
        });
        let observed = match &second.judgement.disposition {
            Disposition::Accepted(_) if same => None,
            Disposition::Accepted(_) => Some("success, but with another payload".to_owned()),
            Disposition::Refused(status) => Some(format!("refused with status {status}")),
            Disposition::Slower => Some("status 429 again and again".to_owned()),
            Disposition::Otherwise(status) => Some(format!("status {status}")),
            Disposition::NoAnswer(kind) => Some(kind.to_string()),
        };
        engine.conclude(
            "ROB-13",
            observed.map(|observed| Defect { expected, observed }),
            &second,
        );
        // Who answers from memory must look at the token all the same.
        let mut without = draft("the same request once more, without a token");
        without.call.authorization = Authorization::Absent;
        without.expect = Expect::BAD_TOKEN;
        let third = engine.exchange_firmly("JWT-01", without).await?;
        engine.settle(&third);
        Ok(())
    })
}
