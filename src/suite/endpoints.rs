//! Which endpoints the requests of a run name: no document says that a handler serves more than its own.

use proptest::strategy::ValueTree;

use super::check::{Draft, Expect};
use super::engine::{Engine, Stop};
use super::session::Session;
use crate::generate::{seed, valid};
use crate::protocol::Callback;

/// The requirement whose requests name several.
pub(super) const NAMED: &str = "ENV-10";
/// How many endpoints the requests of a run name. Each needs a token, and signing one takes longer than all else about a
/// request.
const ENDPOINTS: u64 = 12;
/// Endpoints as good as the control's, which no other case names.
const OTHERS: [&str; 2] = [
    "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.second_app.v1.0",
    "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.third_app.v1.0",
];

/// The endpoints that generated requests of this run name.
pub(crate) fn endpoints(session: &Session, callback: &'static Callback) -> Vec<String> {
    let mut endpoints = vec![session.template(callback).endpoint_id];
    if session.may_vary_endpoint() {
        let strategy = valid::endpoint_id();
        endpoints.extend((1..ENDPOINTS).filter_map(|number| {
            let seed = seed::case_seed(session.options.seed, "ENV-10 endpoint", number);
            let tree = seed::tree(&strategy, seed).ok()?;
            Some(tree.current())
        }));
    }
    endpoints
}

impl Engine {
    /// Learns whether the handler serves any endpoint that the token is for, or one that it is set to.
    pub(super) async fn meet_endpoints(&mut self) -> Result<(), Stop> {
        let session = self.session.clone();
        if !session.may_vary_endpoint() {
            return Ok(());
        }
        for (endpoint, number) in OTHERS.into_iter().zip(0..) {
            let main = session.main_callback();
            let call = session.case_control(main, "endpoints", number);
            let draft = Draft::new(
                "a right request that names another endpoint",
                call.naming_endpoint(endpoint),
                Expect::FREE,
            );
            let exchange = self.exchange_firmly(NAMED, draft).await?;
            // Whether it may serve others is left open; that it does not fail at them is not.
            self.settle_others(&exchange, NAMED);
            if let Some(defect) = exchange.defect(NAMED).cloned() {
                self.conclude("ROB-04", Some(defect), &exchange);
            }
            if exchange.judgement.accepted() {
                return Ok(());
            }
        }
        session.keep_to_endpoint();
        self.notice(
            "the handler serves one endpoint only, which it may: no request names another. --endpoint-id says which is yours",
        );
        Ok(())
    }
}
