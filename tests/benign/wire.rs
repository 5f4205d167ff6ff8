//! How the answer is put on the wire.

use crate::common::front::Reply;
use crate::common::verdicts::*;
use crate::put_otherwise;

#[tokio::test(flavor = "multi_thread")]
async fn header_names_in_lower_case() {
    let outcome = put_otherwise(|_, mut answer| {
        for (name, _) in &mut answer.headers {
            *name = name.to_ascii_lowercase();
        }
        let length = answer.body.len();
        answer.headers.retain(|(name, _)| name != "content-length");
        answer
            .headers
            .push(("content-length".to_owned(), length.to_string()));
        Reply::keep([answer.head().into_bytes(), answer.body].concat())
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn header_names_in_upper_case_and_no_space_behind_the_colon() {
    let outcome = put_otherwise(|_, mut answer| {
        answer.set_header("Content-Length", &answer.body.len().to_string());
        let mut head = format!("{}\r\n", answer.status_line);
        for (name, value) in &answer.headers {
            head.push_str(&format!("{}:{value}\r\n", name.to_ascii_uppercase()));
        }
        Reply::keep([format!("{head}\r\n").into_bytes(), answer.body].concat())
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn further_header_fields() {
    let outcome = put_otherwise(|_, mut answer| {
        for (name, value) in [
            ("Date", "Mon, 10 Apr 2023 15:33:01 GMT"),
            ("Server", "gunicorn/20.1.0"),
            ("X-Powered-By", "PHP/8.2"),
            (
                "Set-Cookie",
                "session=eyJfcGVybWFuZW50Ijp0cnVlfQ.ZDQ.abc; HttpOnly; Path=/",
            ),
            ("Vary", "Accept, Cookie"),
            ("ETag", "W/\"1f-abc\""),
            ("Cache-Control", "no-store"),
            ("Keep-Alive", "timeout=5"),
            ("Connection", "keep-alive"),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("X-Empty", ""),
        ] {
            answer
                .headers
                .insert(0, (name.to_owned(), value.to_owned()));
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn chunked_answers_in_several_writes() {
    let outcome = put_otherwise(|_, mut answer| {
        answer.headers.retain(|(name, _)| name != "Content-Length");
        answer.set_header("Transfer-Encoding", "chunked");
        let mut body = Vec::new();
        for chunk in answer.body.chunks(37) {
            body.extend_from_slice(format!("{:X};part=1\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        let mut reply = Reply::keep(answer.head());
        reply.pieces.push(body);
        reply.pieces.push(b"0\r\nX-Trailer: 1\r\n\r\n".to_vec());
        reply
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_0_answers_that_end_with_the_connection() {
    let outcome = put_otherwise(|_, mut answer| {
        answer
            .headers
            .retain(|(name, _)| name != "Content-Length" && name != "Connection");
        answer.status_line = answer.status_line.replace("HTTP/1.1", "HTTP/1.0");
        Reply::close([answer.head().into_bytes(), answer.body].concat())
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_closed_after_each_answer() {
    let outcome = put_otherwise(|_, mut answer| {
        answer.set_header("Connection", "close");
        answer.reply().closing()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_closed_after_each_answer_without_a_word() {
    let outcome = put_otherwise(|_, answer| answer.reply().closing()).await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reason_phrase() {
    let outcome = put_otherwise(|_, mut answer| {
        // With and without the space before it.
        let space = if answer.status == 200 { " " } else { "" };
        answer.status_line = format!("HTTP/1.1 {}{space}", answer.status);
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}
