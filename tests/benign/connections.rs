//! Connections.

use acgw_conformance::reference::Faults;
use acgw_conformance::suite::Options;

use crate::common::front::{Front, Reply, ask};
use crate::common::verdicts::*;
use crate::common::*;

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_that_are_not_read_but_reset() {
    use crate::common::front::{Incoming, Peer};
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::tell(move |_, mut peer: Peer| {
        let reference = reference.clone();
        async move {
            let mut most = 60_000;
            while let Some(incoming) = peer.request_of_at_most(most).await {
                most = 60_000;
                let reply = match incoming {
                    Incoming::Request(arrived) => ask(&reference, &arrived).await.reply(),
                    Incoming::NoHttp | Incoming::End => return peer.reset(),
                };
                if !peer.say(&reply.pieces[0]).await {
                    return;
                }
            }
            peer.reset();
        }
    })
    .await;
    let options = Options {
        skip: Vec::new(),
        cases: 5,
        ..quick()
    };
    assert_right(&run(identity, &front.url(), options).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_http_answered_as_http_0_9() {
    use crate::common::front::{Incoming, Peer};
    // Python's http.server does not know the version of a request line that it cannot read, and answers with the body alone.
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::tell(move |_, mut peer: Peer| {
        let reference = reference.clone();
        async move {
            loop {
                let reply = match peer.request().await {
                    Incoming::Request(arrived) => ask(&reference, &arrived).await.reply(),
                    Incoming::NoHttp => Reply::close(
                        "<!DOCTYPE HTML>\n<html><body><h1>Error response</h1><p>Error code: 400</p></body></html>\n",
                    ),
                    Incoming::End => return,
                };
                if !peer.say(&reply.pieces[0]).await {
                    return;
                }
                if reply.then == crate::common::front::Then::Close {
                    return peer.close().await;
                }
            }
        }
    })
    .await;
    assert_right(&run(identity, &front.url(), brief()).await);
}
