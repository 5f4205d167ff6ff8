//! How much the handler reads: bodies up to a limit, key sets of any size that occurs.

use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::reference::Faults;
use http::StatusCode;

use crate::support::*;

/// The largest body that is served.
const SERVED: usize = 256 * 1024;
/// The largest body that is read to its end, so that the connection can be used again.
const READ: usize = 8 * 1024 * 1024;

/// A right body that white space makes so long.
fn body_of_length(length: usize) -> String {
    let body = body(&TENANT_MAPPING_READ).to_string();
    " ".repeat(length - body.len()) + &body
}

#[tokio::test]
async fn a_body_is_served_up_to_its_limit_and_refused_beyond() {
    let reference = right();
    for (length, status, closes) in [
        (SERVED, 200, false),
        (SERVED + 1, 413, false),
        (READ, 413, false),
        (READ + 1, 413, true),
    ] {
        let answer = ask(&reference, with_body(body_of_length(length))).await;
        assert_eq!(answer.status, status, "{length} bytes: {}", answer.body);
        let close = answer.headers.get("connection");
        assert_eq!(close.is_some(), closes, "{length} bytes: {close:?}");
        if status == 413 {
            let message = answer.body["err_message"].as_str().expect("a message");
            assert!(message.contains("262144"), "{message}");
        }
    }
}

#[tokio::test]
async fn the_key_is_found_among_many() {
    let House { idp, reference } = house(Faults::none());
    for number in 0..20 {
        let mut other = stranger().jwk();
        other.kid = format!("other {number}");
        idp.publish(other);
    }
    assert_eq!(ask(&reference, mapping_read()).await.status, StatusCode::OK);
}
