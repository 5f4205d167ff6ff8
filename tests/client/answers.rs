//! Answers that are right, in all their forms.

use super::support::*;

#[tokio::test]
async fn everything_of_an_answer_is_told() {
    let handler = Handler::saying(
        "HTTP/1.1 299 Fine enough\r\ncontent-TYPE:  application/json \r\nX-A: 1\r\nx-a: \u{e9}\r\nContent-Length: 2\r\n\r\n{}"
            .chars()
            .map(|char| char as u8)
            .collect::<Vec<u8>>(),
    )
    .await;
    let observation = handler.client().send(&message("{}")).await;
    let answer = observation.result.as_ref().expect("an answer");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (299, "Fine enough")
    );
    assert_eq!(answer.version, "HTTP/1.1");
    let headers: Vec<(&str, &[u8])> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect();
    assert_eq!(
        headers,
        [
            ("content-TYPE", &b"application/json"[..]),
            ("X-A", b"1"),
            ("x-a", b"\xe9"),
            ("Content-Length", b"2"),
        ]
    );
    assert_eq!(answer.body, "{}");
    assert!(!observation.reused && observation.tls.is_none() && observation.surplus.is_empty());
}

#[tokio::test]
async fn chunks_are_joined_wherever_they_are_cut() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;note=\"x\"\r\nhello\r\n1\r\n \r\n005\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n";
    let handler = Handler::tell(move |_, mut peer| async move {
        while peer.request().await.is_some() {
            for byte in answer.as_bytes() {
                peer.say([*byte]).await;
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let client = handler.client_with(patient());
    assert_eq!(body(&client.send(&message("{}")).await), b"hello world");
    let again = client.send(&message("{}")).await;
    assert_eq!(body(&again), b"hello world");
    assert!(again.reused);
}

#[tokio::test]
async fn without_a_length_the_body_ends_with_the_connection() {
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 200\r\nConnection: close\r\n\r\n",
    ] {
        let handler = Handler::closing_after(format!("{head}{{\"a\":1}}")).await;
        let client = handler.client_with(patient());
        for _ in 0..2 {
            let observation = client.send(&message("{}")).await;
            assert_eq!(body(&observation), b"{\"a\":1}", "{head}");
            assert!(!observation.reused);
        }
        assert_eq!(handler.connections(), 2);
    }
}

#[tokio::test]
async fn some_answers_have_no_body_whatever_they_say() {
    let handler = Handler::saying("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").await;
    let client = handler.client();
    let head = Message {
        method: "HEAD".to_owned(),
        ..message("")
    };
    for _ in 0..2 {
        assert_eq!(body(&client.send(&head).await), b"");
    }
    assert_eq!(handler.connections(), 1);
    for status in ["204 No Content", "304 Not Modified"] {
        let handler = Handler::saying(format!("HTTP/1.1 {status}\r\n\r\n")).await;
        assert_eq!(body(&handler.client().send(&message("{}")).await), b"");
    }
}

#[tokio::test]
async fn interim_answers_are_passed_over() {
    let handler = Handler::saying(format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{OK}"
    ))
    .await;
    let observation = handler.client().send(&message("{}")).await;
    assert_eq!(observation.status(), Some(200));
    assert_eq!(body(&observation), b"{}");
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_was_read_is_read() {
    let large = "x".repeat(4 << 20);
    let handler = Handler::tell(|_, mut peer| async move {
        let mut some = [0; 100];
        assert!(peer.0.read(&mut some).await.expect("some bytes") > 0);
        peer.say("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
            .await;
        // The client stops sending once it has its answer.
        peer.until_closed().await;
    })
    .await;
    let client = handler.client_with(patient());
    let observation = client.send(&message(&large)).await;
    assert_eq!(observation.status(), Some(413));
    assert_eq!(body(&observation), b"no");
}

#[tokio::test]
async fn an_early_answer_on_a_connection_that_takes_no_more_bytes_is_read() {
    let large = "x".repeat(4 << 20);
    let handler = Handler::tell(|_, mut peer| async move {
        let mut some = [0; 100];
        assert!(peer.0.read(&mut some).await.expect("some bytes") > 0);
        peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            .await;
        // Not a byte more is read, and the connection stays open.
        std::future::pending::<()>().await;
    })
    .await;
    let client = handler.client_with(patient());
    for _ in 0..2 {
        let observation = client.send(&message(&large)).await;
        assert_eq!(observation.status(), Some(413));
        assert!(!observation.reused);
    }
}
