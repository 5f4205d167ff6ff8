//! Connections that are kept, closed and replaced.

use super::support::*;

#[tokio::test]
async fn a_connection_is_used_again() {
    let handler = Handler::saying(OK).await;
    let client = handler.client_with(patient());
    let reused: Vec<bool> = [
        client.send(&message("{}")).await,
        client.send(&message("{}")).await,
        client.clone().send(&message("{}")).await,
    ]
    .iter()
    .map(|observation| observation.reused)
    .collect();
    assert_eq!(reused, [false, true, true]);
    assert_eq!(handler.connections(), 1);
}

#[tokio::test]
async fn a_fresh_connection_is_fresh() {
    let handler = Handler::saying(OK).await;
    let client = handler.client_with(patient());
    for _ in 0..3 {
        assert!(!client.send_fresh(&message("{}")).await.reused);
    }
    assert_eq!(handler.connections(), 3);
}

#[tokio::test]
async fn a_connection_that_the_handler_says_it_closes_is_not_used_again() {
    for answer in [
        "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        let handler = Handler::saying(answer).await;
        let client = handler.client_with(patient());
        for _ in 0..2 {
            assert!(!client.send(&message("{}")).await.reused);
        }
    }
    let answer =
        "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}".to_owned();
    let handler = Handler::saying(answer).await;
    let client = handler.client_with(patient());
    client.send(&message("{}")).await;
    assert!(client.send(&message("{}")).await.reused);
}

#[tokio::test]
async fn a_kept_connection_that_is_closed_costs_no_answer() {
    // Closed after each answer without a word, at once or when the next request comes.
    for late in [false, true] {
        let handler = Handler::tell(move |_, mut peer| async move {
            peer.request().await.expect("a request");
            peer.say(OK).await;
            if late {
                peer.request().await;
                peer.reset();
            }
        })
        .await;
        let client = handler.client_with(patient());
        for _ in 0..5 {
            let observation = client.send(&message("{}")).await;
            assert_eq!(body(&observation), b"{}");
            assert!(!observation.reused);
        }
    }
}

#[tokio::test]
async fn a_second_failure_in_a_row_is_told() {
    let handler = Handler::tell(|number, mut peer| async move {
        peer.request().await.expect("a request");
        if number == 0 {
            peer.say(OK).await;
            peer.request().await.expect("a second request");
        }
    })
    .await;
    let client = handler.client_with(patient());
    client.send(&message("{}")).await;
    let observation = client.send(&message("{}")).await;
    assert_error(&observation, ClosedBeforeAnswer, "end of the connection");
    assert!(!observation.reused);
    assert_eq!(handler.connections(), 2);
}

#[tokio::test]
async fn a_handler_that_goes_away_with_the_request_took_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let story = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut peer = Peer(stream);
        peer.request().await;
        peer.say(OK).await;
        peer.request().await;
        drop(listener);
    });
    let client = Client::new(Target::url(&url).expect("a URL"), patient()).expect("a client");
    client.send(&message("{}")).await;
    let observation = client.send(&message("{}")).await;
    story.await.expect("the story ends");
    assert_error(&observation, ClosedBeforeAnswer, "; then no connection");
}

#[tokio::test]
async fn an_answer_that_has_begun_is_never_asked_for_again() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.request().await.expect("a request");
        peer.say(OK).await;
        peer.request().await.expect("a second request");
        peer.say("HTTP/1.1 2").await;
    })
    .await;
    let client = handler.client_with(patient());
    client.send(&message("{}")).await;
    let observation = client.send(&message("{}")).await;
    assert_error(&observation, ClosedInAnswer, "within the header fields");
    assert!(observation.reused);
    assert_eq!(handler.connections(), 1);
}

#[tokio::test]
async fn a_connection_of_ones_own_is_never_replaced() {
    let handler = Handler::tell(|_, mut peer| async move {
        for _ in 0..2 {
            peer.request().await.expect("a request");
            peer.say(OK).await;
        }
    })
    .await;
    let client = handler.client_with(patient());
    let mut connection = client.connect().await.expect("a connection");
    assert!(connection.is_open());
    for reused in [false, true] {
        let observation = connection.send(&message("{}")).await;
        assert_eq!(body(&observation), b"{}");
        assert_eq!(observation.reused, reused);
    }
    assert_eq!(connection.settle(Duration::from_secs(10)).await, "");
    assert!(!connection.is_open());
    assert_error(
        &connection.send(&message("{}")).await,
        ClosedBeforeAnswer,
        "closed by then",
    );
    assert_eq!(handler.connections(), 1);
}

#[tokio::test]
async fn a_quiet_connection_settles_as_open() {
    let handler = Handler::saying(OK).await;
    let mut connection = handler.client().connect().await.expect("a connection");
    connection.send(&message("{}")).await;
    assert_eq!(connection.settle(Duration::from_millis(20)).await, "");
    assert!(connection.is_open());
    assert!(connection.send(&message("{}")).await.reused);
}

#[tokio::test]
async fn idle_connections_do_not_keep_a_handler_busy_that_serves_one_at_a_time() {
    let busy = Arc::new(tokio::sync::Mutex::new(()));
    let handler = Handler::tell(move |_, mut peer| {
        let busy = Arc::clone(&busy);
        async move {
            let _one_at_a_time = busy.lock().await;
            while peer.request().await.is_some() {
                peer.say(OK).await;
            }
        }
    })
    .await;
    let client = handler.client_with(patient());
    assert_eq!(client.send(&message("{}")).await.status(), Some(200));
    let fresh = client.send_fresh(&message("{}")).await;
    assert_eq!(fresh.status(), Some(200));
    let raw = client
        .send_raw(&raw("POST / HTTP/1.1\r\nHost: x\r\n\r\n"))
        .await;
    assert_eq!(raw.status(), Some(200));
    let sending: Vec<_> = (0..6)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(&message("{}")).await.status() })
        })
        .collect();
    for sent in sending {
        assert_eq!(sent.await.expect("no panic"), Some(200));
    }
}

/// A server that leaves Nagle's algorithm on and sends head and body one by one waits for an acknowledgement between
/// the two, which by itself comes 40 ms later once a connection is no longer new.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_handler_that_sends_head_and_body_apart_is_not_slowed_down() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.0.set_nodelay(false).expect("an open socket");
        while peer.request().await.is_some() {
            let (head, body) = OK.split_at(OK.len() - 2);
            peer.say(head).await;
            peer.say(body).await;
        }
    })
    .await;
    let client = handler.client_with(patient());
    let mut fastest = Duration::MAX;
    for number in 0..40 {
        let observation = client.send(&message("{}")).await;
        assert_eq!(body(&observation), b"{}");
        if number >= 20 {
            fastest = fastest.min(observation.total);
        }
    }
    assert!(fastest < Duration::from_millis(20), "{fastest:?}");
}
