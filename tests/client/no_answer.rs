//! Exchanges without any answer.

use super::support::*;

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    drop(listener);
    let target = Target::url(&format!("http://{addr}/")).expect("a URL");
    let client = Client::new(target, options()).expect("a client");
    assert_error(
        &client.send(&message("{}")).await,
        Connect,
        &addr.to_string(),
    );
    let error = client.connect().await.expect_err("no connection");
    assert_eq!(error.kind, Connect);
}

#[tokio::test]
async fn a_name_without_an_address() {
    let target = Target::url("http://handler.invalid/").expect("a URL");
    let options = ClientOptions {
        timeout: Duration::from_secs(3),
        ..options()
    };
    let client = Client::new(target, options).expect("a client");
    assert_error(
        &client.send(&message("{}")).await,
        Connect,
        "handler.invalid",
    );
}

#[tokio::test]
async fn never() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.until_closed().await;
    })
    .await;
    let started = Instant::now();
    let observation = handler.client().send(&message("{}")).await;
    assert_error(&observation, Timeout, "");
    assert!(started.elapsed() >= Duration::from_millis(400));
    assert!(observation.total >= Duration::from_millis(400));
    assert!(error(&observation).partial.is_none());
    assert_eq!(error(&observation).detail, "", "there is nothing to add");
}

#[tokio::test]
async fn only_interim_answers() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.say("HTTP/1.1 102 Processing\r\n\r\n").await;
        peer.until_closed().await;
    })
    .await;
    let observation = handler.client().send(&message("{}")).await;
    assert_error(&observation, Timeout, "only interim");
    let handler = Handler::closing_after("HTTP/1.1 102 Processing\r\n\r\n").await;
    let observation = handler.client_with(patient()).send(&message("{}")).await;
    assert_error(&observation, ClosedBeforeAnswer, "interim");
}

#[tokio::test]
async fn the_request_is_never_taken() {
    let handler = Handler::tell(|_, peer| async move {
        std::future::pending::<()>().await;
        drop(peer);
    })
    .await;
    let large = message(&"x".repeat(16 << 20));
    let observation = handler.client().send(&large).await;
    assert_error(
        &observation,
        Timeout,
        "the whole request had not been taken",
    );
}

#[tokio::test]
async fn the_connection_is_closed_or_reset() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.request().await;
    })
    .await;
    let observation = handler.client_with(patient()).send(&message("{}")).await;
    assert_error(&observation, ClosedBeforeAnswer, "end of the connection");
    let handler = Handler::tell(|_, mut peer| async move {
        peer.request().await;
        peer.reset();
    })
    .await;
    let observation = handler.client_with(patient()).send(&message("{}")).await;
    assert_error(&observation, ClosedBeforeAnswer, "reset");
}
