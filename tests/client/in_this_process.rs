//! A service in place of a socket.

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;

use super::support::*;

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, String> {
    match request.uri().path_and_query().map(|path| path.as_str()) {
        Some("/") => {}
        other => return Err(format!("asked for {other:?}")),
    }
    let body = request
        .into_body()
        .collect()
        .await
        .map_err(|error| error.to_string())?
        .to_bytes();
    match &body[..] {
        b"fail" => Err("told to fail".to_owned()),
        b"panic" => panic!("told to panic"),
        b"hang" => std::future::pending().await,
        _ => Ok(Response::new(Full::new(body))),
    }
}

#[tokio::test]
async fn a_service_is_a_handler_without_a_socket() {
    let client = Client::new(Target::service(service_fn(echo)), patient()).expect("a client");
    let first = client.send(&message("hello")).await;
    assert_eq!(body(&first), b"hello");
    assert!(!first.reused);
    let large = "x".repeat(1 << 20);
    let second = client.send(&message(&large)).await;
    assert_eq!(body(&second), large.as_bytes());
    assert!(second.reused);
    let observation = client.send_raw(&raw("POST / HTTP/9.9\r\n\r\n")).await;
    assert_eq!(observation.status(), Some(400));
    let half = Raw {
        half_close: true,
        ..raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
    };
    assert_eq!(body(&client.send_raw(&half).await), b"hi");
}

#[tokio::test]
async fn a_service_that_fails_panics_or_hangs_is_observed_as_such() {
    let client = Client::new(Target::service(service_fn(echo)), options()).expect("a client");
    for text in ["fail", "panic"] {
        let observation = client.send(&message(text)).await;
        assert_error(&observation, ClosedBeforeAnswer, "");
    }
    assert_error(&client.send(&message("hang")).await, Timeout, "");
    assert_eq!(
        body(&client.send(&message("still there")).await),
        b"still there"
    );
}

#[tokio::test]
async fn what_serves_a_connection_ends_soon_after_it() {
    let running = Arc::new(());
    let held = Arc::downgrade(&running);
    let target = Target::service(service_fn(move |_: Request<Incoming>| {
        let running = Arc::clone(&running);
        async move {
            let _running = running;
            std::future::pending::<Result<Response<Full<Bytes>>, String>>().await
        }
    }));
    let client = Client::new(target, options()).expect("a client");
    assert_error(&client.send(&message("hang")).await, Timeout, "");
    drop(client);
    let started = Instant::now();
    while held.strong_count() > 0 {
        assert!(started.elapsed() < Duration::from_secs(10), "it still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
