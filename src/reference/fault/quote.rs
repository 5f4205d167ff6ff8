//! Faults of the custom callback.

use http::StatusCode;
use serde_json::{Value, json};

use super::arrival::failure;
use super::stumble::crash;
use super::{Fault, Flaws};
use crate::protocol::Request;
use crate::reference::answer::{Refusal, Subject};
use crate::reference::callbacks::{Call, Reply};

impl Flaws {
    /// What becomes of a request whose token is not right.
    pub fn on_untrusted(&self, request: &Request, refusal: Refusal) -> Result<(), Refusal> {
        let quote = request
            .context
            .callback_id
            .as_str()
            .ends_with("~acgw.reference.quote.v1.0");
        // As the set of those that were served has it: JSON.
        let id = Value::from(request.request_id.as_str()).to_string();
        let seen = self.has(Fault::SeenRequestTrusted) && self.memory().served.contains(&id);
        let careless = self.resets_in_spite_of(request, &refusal);
        match seen || careless || quote && self.has(Fault::QuoteForAnybody) {
            true => Ok(()),
            false => Err(refusal),
        }
    }

    /// Whether a quote is made for a tenant, by whether it has a mapping.
    pub fn takes_for_mapped(&self, call: &Call, mapped: bool) -> Result<bool, Refusal> {
        if self.faults.is_empty() {
            return Ok(mapped);
        }
        if self.has(Fault::QuoteUnmapped500) && !mapped {
            return Err(failure());
        }
        let mut memory = self.memory();
        if mapped {
            memory.quoted_for.insert(call.tenant());
        }
        let once = self.has(Fault::QuoteOnceMapped) && memory.quoted_for.contains(&call.tenant());
        Ok(mapped || once || self.has(Fault::QuoteForAnyTenant))
    }

    /// What a faulty handler refuses, or fails at, before it looks at the payload.
    pub fn before_quote(&self, call: &Call) -> Result<(), Refusal> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let payload = call.request.payload.clone().unwrap_or_default();
        let has = |key: &str| payload.contains_key(key);
        let refusal = |status, why: &str| Refusal::new(Subject::Data, status, why);
        let id = call.request.request_id.as_str().to_owned();
        for fault in self.faults.iter() {
            match fault {
                Fault::QuoteRefused => {
                    return Err(Refusal::malformed("the payload has no `data`"));
                }
                Fault::QuoteMostSeats500 if payload.get("seats") == Some(&json!(500)) => {
                    return Err(failure());
                }
                Fault::QuoteSeatsText500 if payload.get("seats").is_some_and(Value::is_string) => {
                    return Err(failure());
                }
                Fault::QuotePlanMissingCrash if has("seats") && !has("plan") => {
                    return Err(crash());
                }
                Fault::QuoteCouponRefused if has("coupon") => {
                    return Err(refusal(
                        StatusCode::CONFLICT,
                        "the coupon is not for this plan",
                    ));
                }
                Fault::QuoteOnce if !self.memory().quoted.insert(id.clone()) => {
                    return Err(refusal(StatusCode::CONFLICT, "this was asked before"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Spoils a quote that was made.
    pub fn spoil_quote(&self, call: &Call, reply: &mut Reply) -> Result<(), Refusal> {
        let coupon = (call.request.payload.iter()).any(|payload| payload.contains_key("coupon"));
        let known = reply.status == 200;
        for fault in self.faults.iter() {
            match (fault, &mut reply.payload) {
                (Fault::QuoteStatus202, _) if coupon && known => reply.status = 202,
                (Fault::QuoteUnknownUntyped, _) if !known => {
                    return Err(Refusal::new(
                        Subject::Data,
                        StatusCode::NOT_FOUND,
                        "there is no such customer",
                    ));
                }
                (Fault::QuoteUnknownWithoutPayload, payload) if !known => *payload = None,
                (Fault::QuoteAmountText, Some(payload)) if known => {
                    payload["monthly"] = json!(payload["monthly"].to_string());
                }
                (Fault::QuoteLinesNull, Some(payload)) if known && !coupon => {
                    payload["lines"] = Value::Null;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The `type` of a quote with this status.
    pub fn type_of_quote<'a>(&self, status: u16, right: &'a str, ok: &'a str) -> &'a str {
        match self.has(Fault::QuoteUnknownTypedOk) && status == 404 {
            true => ok,
            false => right,
        }
    }
}
