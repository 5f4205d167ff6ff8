//! What goes out: order, spelling, what is added.

use super::support::*;

#[tokio::test]
async fn order_spelling_and_duplicates_are_kept_and_the_rest_is_added() {
    let seen = Arc::new(Mutex::new(String::new()));
    let store = Arc::clone(&seen);
    let handler = Handler::tell(move |_, mut peer| {
        let store = Arc::clone(&store);
        async move {
            *store.lock().unwrap() = peer.request().await.expect("a request");
            peer.say(OK).await;
        }
    })
    .await;
    let mut message = message("{\"a\":1}");
    message.headers = vec![
        ("CONTENT-TYPE".to_owned(), b"application/json".to_vec()),
        ("x-thing".to_owned(), b"1".to_vec()),
        ("X-Thing".to_owned(), b"2".to_vec()),
        ("accept".to_owned(), b"*/*".to_vec()),
    ];
    let observation = handler.client_with(patient()).send(&message).await;
    assert_eq!(observation.status(), Some(200));
    let expected = format!(
        "POST /callback?a=b HTTP/1.1\r\nHost: {}\r\nUser-Agent: acgw/{}\r\nAccept-Encoding: identity\r\n\
         CONTENT-TYPE: application/json\r\nx-thing: 1\r\nX-Thing: 2\r\naccept: */*\r\nContent-Length: 7\r\n\r\n\
         {{\"a\":1}}",
        handler.addr,
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn preparing_shows_what_is_sent_and_preparing_twice_changes_nothing() {
    let handler = Handler::saying(OK).await;
    let client = handler.client();
    let once = client.prepare(&message("{}"));
    let names: Vec<&str> = once.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Host",
            "User-Agent",
            "Accept",
            "Accept-Encoding",
            "Content-Type",
            "Content-Length"
        ]
    );
    assert_eq!(once.header("content-length"), Some(&b"2"[..]));
    assert_eq!(client.prepare(&once), once);
}

#[tokio::test]
async fn a_method_without_a_body_has_no_content_length_and_a_chunked_body_none_either() {
    let client = Handler::saying(OK).await.client();
    let get = Message {
        method: "GET".to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    assert_eq!(client.prepare(&get).header("content-length"), None);
    let empty_post = Message {
        method: "POST".to_owned(),
        ..get.clone()
    };
    assert_eq!(
        client.prepare(&empty_post).header("content-length"),
        Some(&b"0"[..])
    );
    let mut chunked = message("2\r\n{}\r\n0\r\n\r\n");
    chunked.set_header("Transfer-Encoding", "chunked");
    assert_eq!(client.prepare(&chunked).header("content-length"), None);
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let large = "x".repeat(1 << 20);
    let handler = Handler::tell(|_, mut peer| async move {
        let request = peer.request().await.expect("a request");
        let (_, body) = request.split_once("\r\n\r\n").expect("a head");
        let length = body.len().to_string();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{length}",
            length.len()
        );
        peer.say(answer).await;
    })
    .await;
    let observation = handler.client_with(patient()).send(&message(&large)).await;
    assert_eq!(body(&observation), b"1048576");
}
