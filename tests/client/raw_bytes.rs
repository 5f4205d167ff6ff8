//! Bytes that no HTTP library would send.

use super::support::*;

#[tokio::test]
async fn are_sent_as_they_are() {
    let bytes = "POST /x HTTP/1.1\nhost:x\nContent-Length: 1\nContent-Length: 2\n\nab";
    let handler = Handler::tell(move |_, mut peer| async move {
        let mut seen = vec![0; bytes.len()];
        peer.0.read_exact(&mut seen).await.expect("all bytes");
        assert_eq!(seen, bytes.as_bytes());
        peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
            .await;
    })
    .await;
    let observation = handler.client_with(patient()).send_raw(&raw(bytes)).await;
    assert_eq!(observation.status(), Some(400));
    assert_eq!(observation.surplus, "HTTP/1.1 200 OK\r\n\r\n");
}

#[tokio::test]
async fn half_closing_ends_the_request_but_not_the_answer() {
    let handler = Handler::tell(|_, mut peer| async move {
        assert_eq!(peer.until_closed().await, b"POST / HTT");
        peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            .await;
    })
    .await;
    let raw = Raw {
        half_close: true,
        ..raw("POST / HTT")
    };
    let observation = handler.client_with(patient()).send_raw(&raw).await;
    assert_eq!(observation.status(), Some(400));
}

#[tokio::test]
async fn abandoning_sends_everything_and_waits_for_nothing() {
    let (told, hears) = tokio::sync::oneshot::channel();
    let told = Arc::new(Mutex::new(Some(told)));
    let handler = Handler::tell(move |_, mut peer| {
        let told = Arc::clone(&told);
        async move {
            let seen = peer.until_closed().await;
            let told = told.lock().unwrap().take().expect("one connection");
            told.send(seen).expect("the test listens");
        }
    })
    .await;
    let raw = Raw {
        abandon: true,
        ..raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart")
    };
    let observation = handler.client_with(patient()).send_raw(&raw).await;
    assert_error(&observation, ClosedBeforeAnswer, ABANDONED);
    assert_eq!(hears.await.expect("the handler sees it"), raw.bytes);
}

#[tokio::test]
async fn have_the_same_limits() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.until_closed().await;
    })
    .await;
    let observation = handler.client().send_raw(&raw("GET / HTTP/1.1\r\n")).await;
    assert_error(&observation, Timeout, "");
    let handler = Handler::closing_after("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").await;
    let raw = raw("GET / HTTP/1.1\r\n\r\n");
    let observation = handler.client().send_raw(&raw).await;
    assert_error(&observation, TooLarge, "5000");
}
