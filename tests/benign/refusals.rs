//! How refusals are written.

use serde_json::json;

use crate::common::front::{Answer, Arrived};
use crate::common::verdicts::*;
use crate::put_otherwise;

/// Whether an answer is a refusal that its handler puts as it likes, and no response that is declared.
fn is_free(answer: &Answer) -> bool {
    answer.status != 200 && answer.json().get("type").is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_in_place_of_unauthorized() {
    let outcome = put_otherwise(|_, mut answer| {
        if answer.status == 401 {
            answer.set_status(403);
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthorized_for_every_denial_and_bad_request_for_every_malformation() {
    let outcome = put_otherwise(|_, mut answer| {
        match answer.status {
            401 | 403 => answer.set_status(401),
            400..=499 if is_free(&answer) => answer.set_status(400),
            _ => {}
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn unusual_statuses_for_refusals() {
    let outcome = put_otherwise(|_, mut answer| {
        match answer.status {
            400 => answer.set_status(422),
            404 if is_free(&answer) => answer.set_status(410),
            405 => answer.set_status(501),
            415 => answer.set_status(406),
            _ => {}
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn error_bodies_in_plain_text_html_and_none_at_all_break_advice_alone() {
    type Write = fn(u16) -> Answer;
    let plain: Write = |status| Answer::new(status, "text/plain", "Unauthorized\n");
    let html: Write = |status| {
        Answer::new(
            status,
            "text/html; charset=iso-8859-1",
            "<!doctype html><title>Error</title><h1>Error</h1><p>at /callback line 7</p>",
        )
    };
    let empty: Write = |status| Answer::new(status, "application/json", "");
    let other_json: Write = |status| {
        Answer::new(
            status,
            "application/json",
            r#"{"message":"no","statusCode":401,"type":"about:blank"}"#,
        )
    };
    for write in [plain, html, empty, other_json] {
        let outcome = put_otherwise(move |_, answer| match is_free(&answer) {
            false => answer.reply(),
            true => write(answer.status).reply(),
        })
        .await;
        assert_fails_but(&outcome, &["ERR-01"], &["ERR-02"]);
        assert_eq!(outcome.exit_code(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn error_bodies_with_further_members() {
    let outcome = put_otherwise(|_, mut answer| {
        if is_free(&answer) {
            let mut body = answer.json();
            body["code"] = json!(answer.status);
            body["details"] = json!([{"field": "token", "why": null}]);
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_elsewhere_and_not_implemented_for_other_methods() {
    let outcome = put_otherwise(|arrived, answer| match arrived {
        Arrived { target, .. } if target != "/callback" => {
            Answer::new(404, "text/plain", "not found").reply()
        }
        Arrived { method, .. } if method != "POST" => {
            Answer::new(501, "text/html", "<p>Unsupported method")
                .reply()
                .closing()
        }
        _ => answer.reply(),
    })
    .await;
    assert_right(&outcome);
}
