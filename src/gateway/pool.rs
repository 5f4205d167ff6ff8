//! Idle connections, kept for the next message.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout, timeout_at};

use super::connect::Live;

/// Most idle connections that are kept.
const MAX_IDLE: usize = 64;
/// How long an idle connection is kept. Servers close theirs too, after 5 seconds or more, and a request that meets such
/// a close looks like one that crashed the handler.
const MAX_AGE: Duration = Duration::from_secs(3);
/// How long a fresh connection waits before the idle ones are given up for it.
const PATIENCE: Duration = Duration::from_millis(250);

/// Idle connections.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<Live>>,
    starving: AtomicUsize,
}

/// What an idle connection was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Idle {
    /// Open, and nothing has come.
    Quiet,
    /// Bytes have come that nobody asked for; they are in the buffer.
    Surplus,
    /// Closed or reset.
    Closed,
}

impl Pool {
    /// The connection that was used last, if it is still good.
    pub(super) fn take(&self) -> Option<Live> {
        loop {
            let mut live = self.idle().pop()?;
            if !is_old(&live) && peek(&mut live) == Idle::Quiet {
                return Some(live);
            }
        }
    }

    /// Keeps a connection for later.
    pub(super) fn put(&self, mut live: Live) {
        if self.starving.load(Ordering::Relaxed) > 0 {
            return;
        }
        live.since = Instant::now();
        let mut idle = self.idle();
        // The oldest stand in front, and nothing else would ever close them.
        if idle.first().is_some_and(is_old) {
            idle.retain(|live| !is_old(live));
        }
        if idle.len() < MAX_IDLE {
            idle.push(live);
        }
    }

    /// Waits for something that happens on a fresh connection. A server that serves one connection at a time does not
    /// look at it while it keeps an idle one open; so if it takes long, the idle ones are closed, and no further ones
    /// kept until this one is served.
    pub(super) async fn patiently<F: Future>(
        &self,
        deadline: Instant,
        future: F,
    ) -> Option<F::Output> {
        let mut future = pin!(future);
        let patience = deadline.min(Instant::now() + PATIENCE);
        if let Ok(output) = timeout_at(patience, future.as_mut()).await {
            return Some(output);
        }
        self.starving.fetch_add(1, Ordering::Relaxed);
        let _guard = Starving(self);
        drop(std::mem::take(&mut *self.idle()));
        timeout_at(deadline, future).await.ok()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Live>> {
        self.idle
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn is_old(live: &Live) -> bool {
    live.since.elapsed() >= MAX_AGE
}

struct Starving<'a>(&'a Pool);

impl Drop for Starving<'_> {
    fn drop(&mut self) {
        self.0.starving.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Looks at an idle connection without waiting.
pub(super) fn peek(live: &mut Live) -> Idle {
    match poll_idle(&mut Context::from_waker(Waker::noop()), live) {
        Poll::Ready(idle) => idle,
        Poll::Pending => Idle::Quiet,
    }
}

/// Looks at an idle connection until something happens on it, but no longer than this.
pub(super) async fn watch(live: &mut Live, wait: Duration) -> Idle {
    timeout(wait, poll_fn(|cx| poll_idle(cx, live)))
        .await
        .unwrap_or(Idle::Quiet)
}

fn poll_idle(cx: &mut Context<'_>, live: &mut Live) -> Poll<Idle> {
    if !live.buffer.is_empty() {
        return Poll::Ready(Idle::Surplus);
    }
    live.buffer.reserve(512);
    let read: Poll<io::Result<usize>> = pin!(live.stream.read_buf(&mut live.buffer)).poll(cx);
    read.map(|result| match result {
        Ok(0) | Err(_) => Idle::Closed,
        Ok(_) => Idle::Surplus,
    })
}
