//! The suite against the reference handler, or against the handler at `ACGW_URL`.
mod common;

use acgw_conformance::reference::Faults;
use common::*;

#[tokio::test(flavor = "multi_thread")]
async fn probe() {
    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let outcome = run(identity, &server.url(), options()).await;
    for r in &outcome.requirements {
        println!(
            "{} {:?} {} cut {}",
            r.requirement.id, r.state, r.cases, r.cut
        );
        for f in &r.failures {
            println!(
                "   case {}\n   expected {}\n   observed {}\n{}\n--\n{}\n",
                f.case, f.expected, f.observed, f.request, f.response
            );
        }
    }
    println!(
        "{:?} {:?} {:?} {}",
        outcome.ended, outcome.notices, outcome.run.duration, outcome.run.exchanges
    );
    outcome.assert_conforms();
}
