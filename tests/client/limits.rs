//! Answers that would never end.

use super::support::*;

/// Says the beginning once and then the rest for ever, until the client goes away; tells how many bytes it could.
async fn endless(beginning: &'static str, rest: &'static str) -> (Handler, Arc<AtomicUsize>) {
    let said = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&said);
    let handler = Handler::tell(move |_, mut peer| {
        let count = Arc::clone(&count);
        async move {
            peer.request().await;
            peer.say(beginning).await;
            let block = rest.repeat(64 * 1024 / rest.len());
            while peer.say(&block).await {
                count.fetch_add(block.len(), Ordering::SeqCst);
            }
        }
    })
    .await;
    (handler, said)
}

#[tokio::test]
async fn endless_answers_end() {
    let stories = [
        ("HTTP/1.1 200 OK\r\n", "X-Filler: y\r\n", "header fields"),
        ("HTTP/1.1 200 OK\r\nX: ", "y", "header fields"),
        ("", "\r\n", "header fields"),
        ("", "HTTP/1.1 100 Continue\r\n\r\n", "header fields"),
        ("HTTP/1.1 200 OK\r\n\r\n", "body", "4096 bytes of body"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "4\r\nbody\r\n",
            "4096 bytes of body",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;",
            "x",
            "begins with a line",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n",
            "x",
            "4096 bytes of body",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            "X-Trailer: y\r\n",
            "header fields",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            "x",
            "99999999",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
            "x",
            "18446744073709551615",
        ),
    ];
    for (beginning, rest, detail) in stories {
        let (handler, said) = endless(beginning, rest).await;
        let options = ClientOptions {
            timeout: Duration::from_secs(20),
            ..options()
        };
        let observation = handler.client_with(options).send(&message("{}")).await;
        assert_error(&observation, TooLarge, detail);
        assert!(observation.total < Duration::from_secs(10), "{beginning:?}");
        // What the sockets' buffers hold, and no more: the client stopped reading at its limit.
        assert!(said.load(Ordering::SeqCst) < 32 << 20, "{beginning:?}");
    }
}

#[tokio::test]
async fn just_within_the_limits() {
    let filler = "y".repeat(1900);
    let large = "z".repeat(4096);
    let answer = format!("HTTP/1.1 200 OK\r\nX: {filler}\r\nContent-Length: 4096\r\n\r\n{large}");
    let handler = Handler::saying(answer).await;
    assert_eq!(
        body(&handler.client().send(&message("{}")).await),
        large.as_bytes()
    );
    let fields = "A: b\r\n".repeat(200);
    let handler = Handler::saying(format!(
        "HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\n{{}}"
    ))
    .await;
    let observation = handler.client().send(&message("{}")).await;
    assert_eq!(observation.result.expect("an answer").headers.len(), 201);
}
