//! Bytes behind an answer.

use super::support::*;

#[tokio::test]
async fn bytes_behind_an_answer_are_told_and_the_connection_is_not_used_again() {
    let handler = Handler::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}trailing").await;
    let client = handler.client_with(patient());
    for _ in 0..2 {
        let observation = client.send(&message("{}")).await;
        assert_eq!(body(&observation), b"{}");
        assert_eq!(observation.surplus, "trailing");
        assert!(!observation.reused);
    }
}

#[tokio::test]
async fn bytes_that_come_later_are_never_taken_for_an_answer() {
    let handler = Handler::tell(|_, mut peer| async move {
        while peer.request().await.is_some() {
            peer.say(OK).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            peer.say("HTTP/1.1 500 Surplus\r\nContent-Length: 0\r\n\r\n")
                .await;
        }
    })
    .await;
    let client = handler.client_with(patient());
    for _ in 0..2 {
        let observation = client.send(&message("{}")).await;
        assert_eq!(observation.status(), Some(200));
        assert!(!observation.reused);
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let mut connection = client.connect().await.expect("a connection");
    connection.send(&message("{}")).await;
    let surplus = connection.settle(Duration::from_secs(10)).await;
    assert!(surplus.starts_with(b"HTTP/1.1 500 Surplus"));
    assert!(!connection.is_open());
}
