//! What a handler can do in place of an answer.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acgw_conformance::reference::Faults;
use acgw_conformance::suite::{Options, Outcome};

use crate::common::front::{Answer, Front, Incoming, Peer, ask};
use crate::common::verdicts::brief;
use crate::common::{identity, reference, run};

/// What a handler does in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    Silence,
    OneByteASecond,
    EndlessBody,
    EndlessChunks,
    EndlessHeaderFields,
    EndlessHeaderField,
    HundredMegabytes,
    HundredMegabytesAnnounced,
    NoHttp,
    CloseAtOnce,
    ResetAtOnce,
    CloseInTheBody,
    CloseInTheHead,
    InvalidUtf8,
    DeepJson,
    RedirectLoop,
    LengthTooLong,
    LengthTooShort,
    NeverRead,
    InterimForEver,
}

/// The smallest part of a body that is sent again and again.
const PIECE: &[u8] = &[b'x'; 16 * 1024];

impl Mischief {
    /// Does it, to a request that has been read.
    pub async fn work(self, peer: &mut Peer) {
        let mut right = Answer::new(200, "application/json", r#"{"type":"text"}"#);
        let length = right.body.len();
        match self {
            Self::Silence | Self::NeverRead => std::future::pending().await,
            Self::OneByteASecond => {
                for byte in right.reply().pieces[0].chunks(1) {
                    if !peer.say(byte).await {
                        return;
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Self::EndlessBody => {
                peer.say("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
                    .await;
                while peer.say(PIECE).await {}
            }
            Self::EndlessChunks => {
                peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .await;
                let chunk = [b"4000\r\n", PIECE, b"\r\n"].concat();
                while peer.say(&chunk).await {}
            }
            Self::EndlessHeaderFields => {
                peer.say("HTTP/1.1 200 OK\r\n").await;
                while peer
                    .say("X-Further: and another one, and another one\r\n".repeat(100))
                    .await
                {}
            }
            Self::EndlessHeaderField => {
                peer.say("HTTP/1.1 200 OK\r\nX-Long: ").await;
                while peer.say(PIECE).await {}
            }
            Self::HundredMegabytes => {
                peer.say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                    .await;
                for _ in 0..100_000_000 / PIECE.len() {
                    if !peer.say(PIECE).await {
                        return;
                    }
                }
            }
            Self::HundredMegabytesAnnounced => {
                peer.say("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
                    .await;
                while peer.say(PIECE).await {}
            }
            Self::NoHttp => drop(peer.say("220 mail.example.com ESMTP ready\r\n").await),
            Self::CloseAtOnce => {}
            Self::ResetAtOnce => drop(peer.stream.set_zero_linger()),
            Self::CloseInTheBody => {
                right.set_header("Content-Length", &length.to_string());
                peer.say(right.head()).await;
                peer.say(&right.body[..length / 2]).await;
            }
            Self::CloseInTheHead => drop(peer.say("HTTP/1.1 200 OK\r\nContent-Ty").await),
            Self::InvalidUtf8 => {
                right.body = b"{\"type\":\"\xff\xfe\"}".to_vec();
                peer.say(&right.reply().pieces[0]).await;
            }
            Self::DeepJson => {
                right.body = ["[".repeat(100_000), "]".repeat(100_000)]
                    .concat()
                    .into_bytes();
                peer.say(&right.reply().pieces[0]).await;
            }
            Self::RedirectLoop => {
                right.set_status(307);
                right.set_header("Location", "/callback");
                peer.say(&right.reply().pieces[0]).await;
            }
            Self::LengthTooLong => {
                right.set_header("Content-Length", &(length + 10).to_string());
                peer.say([right.head().as_bytes(), &right.body].concat())
                    .await;
                std::future::pending().await
            }
            Self::LengthTooShort => {
                right.body = br#"{"type":"text"}, and then some"#.to_vec();
                right.set_header("Content-Length", "15");
                peer.say([right.head().as_bytes(), &right.body].concat())
                    .await;
            }
            Self::InterimForEver => {
                while peer.say("HTTP/1.1 102 Processing\r\n\r\n").await {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }
}

/// Options for these runs: little time for an answer, little for coming back.
pub fn hasty() -> Options {
    Options {
        timeout: Duration::from_millis(300),
        recovery_patience: Duration::from_millis(600),
        write: false,
        ..brief()
    }
}

/// The outcome for a handler that answers so many requests rightly and then does this for ever.
pub async fn right_for(requests: usize, mischief: Mischief, options: Options) -> Outcome {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let arrived = Arc::new(AtomicUsize::new(0));
    let front = Front::tell(move |_, mut peer| {
        let (reference, arrived) = (reference.clone(), arrived.clone());
        async move {
            if mischief == Mischief::NeverRead && arrived.load(Ordering::SeqCst) >= requests {
                mischief.work(&mut peer).await;
            }
            while let Incoming::Request(request) = peer.request().await {
                if arrived.fetch_add(1, Ordering::SeqCst) >= requests {
                    mischief.work(&mut peer).await;
                    return;
                }
                if !peer
                    .say(&ask(&reference, &request).await.reply().pieces[0])
                    .await
                {
                    return;
                }
            }
        }
    })
    .await;
    bounded(run(identity, &front.url(), options)).await
}

/// What a run comes to, which must not take longer than half a minute, however slow the machine.
pub async fn bounded(run: impl Future<Output = Outcome>) -> Outcome {
    let outcome = tokio::time::timeout(Duration::from_secs(30), run).await;
    outcome.expect("the run ends in time")
}

/// The most memory that this process has ever had, in bytes; `None` where nobody says.
pub fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
