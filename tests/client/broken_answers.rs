//! Answers that begin and are not right.

use super::support::*;

#[tokio::test]
async fn closed_in_the_middle() {
    let ends = [
        ("HTTP/1.1 200 O", "within the header fields"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nonly this",
            "after 9 of the 40 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n",
            "before the last chunk",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\non",
            "before the last chunk",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n0\r\n",
            "before the empty line",
        ),
    ];
    for (answer, detail) in ends {
        let handler = Handler::closing_after(answer).await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        assert_error(&observation, ClosedInAnswer, detail);
    }
}

#[tokio::test]
async fn what_had_come_is_told() {
    for (answer, so_far) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nonly this",
            "only this",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n",
            "only",
        ),
    ] {
        let handler = Handler::closing_after(answer).await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        let partial = error(&observation).partial.as_ref().expect("a part");
        assert_eq!(
            (partial.status, &partial.body[..]),
            (200, so_far.as_bytes())
        );
    }
}

#[tokio::test]
async fn reset_in_the_middle() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\npart of a body").await;
        // The client must have read it, for a reset takes away what it has not.
        tokio::time::sleep(Duration::from_millis(50)).await;
        peer.reset();
    })
    .await;
    let observation = handler.client_with(patient()).send(&message("{}")).await;
    assert_error(&observation, ClosedInAnswer, "reset");
}

#[tokio::test]
async fn not_http() {
    let answers = [
        ("SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0"),
        ("{\"type\": \"no status line\"}", "type"),
        ("HTTP/2.0 200 OK\r\n\r\n", "HTTP/2.0"),
        ("HTTP/1.1 099 Low\r\n\r\n", "no status 099"),
        ("HTTP/1.1 2000 High\r\n\r\n", "2000"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header name"),
        ("HTTP/1.1 200 OK\r\nSpace : x\r\n\r\n", "header name"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
            "Content-Length is no length",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
            "Content-Length is no length",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            "two different",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "does not begin with its size",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}more\r\n0\r\n\r\n",
            "not as long as its size",
        ),
        (
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0",
        ),
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}", "it looks like TLS"),
    ];
    for (answer, detail) in answers {
        let handler = Handler::closing_after(answer).await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        assert_error(&observation, InvalidHttp, detail);
    }
}

#[tokio::test]
async fn lengths_that_agree_and_a_length_beside_chunks_are_http() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ] {
        let handler = Handler::saying(answer).await;
        assert_eq!(body(&handler.client().send(&message("{}")).await), b"{}");
    }
}

#[tokio::test]
async fn a_length_that_is_too_long_on_an_open_connection() {
    let handler = Handler::saying("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}").await;
    let observation = handler.client().send(&message("{}")).await;
    assert_error(&observation, TimeoutInAnswer, "");
    let partial = error(&observation).partial.as_ref().expect("a part");
    assert_eq!(partial.body, "{}");
}

#[tokio::test]
async fn one_byte_at_a_time() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.request().await;
        for byte in format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(1000)).bytes() {
            if !peer.say([byte]).await {
                break;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    })
    .await;
    let observation = handler.client().send(&message("{}")).await;
    assert_error(&observation, TimeoutInAnswer, "");
    assert!(observation.total < Duration::from_secs(2));
}
