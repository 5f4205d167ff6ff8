//! A handler in this process: hyper serves it over a pipe in memory.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::DuplexStream;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How many bytes each direction of the pipe holds, about what a socket does.
const PIPE_BYTES: usize = 64 * 1024;
/// How long the header fields of a request may take to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the service may go on with a request after the client has gone away, as it would behind a socket.
const AFTERLIFE: Duration = Duration::from_secs(1);

/// Opens served connections to one service.
pub(super) struct ServiceConnector {
    serve: Box<dyn Fn(DuplexStream, oneshot::Receiver<()>) + Send + Sync>,
}

/// Held by the client's end of a pipe. When it is dropped, the task that serves the connection ends soon, whatever the
/// service is waiting for.
#[derive(Debug)]
pub(super) struct ServeGuard(
    #[expect(dead_code, reason = "dropping it is its use")] oneshot::Sender<()>,
);

impl ServiceConnector {
    pub(super) fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Send + Sync + 'static,
        S::Future: Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let service = Arc::new(service);
        let serve = move |pipe: DuplexStream, gone: oneshot::Receiver<()>| {
            let service = Arc::clone(&service);
            tokio::spawn(async move {
                let mut serving = pin!(
                    http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(HEAD_TIMEOUT)
                        .half_close(true)
                        .serve_connection(TokioIo::new(pipe), service)
                );
                // An error here is a request that is no HTTP or a service that failed: the connection closes, and that
                // is what the client observes.
                tokio::select! {
                    _ = serving.as_mut() => {}
                    _ = gone => drop(timeout(AFTERLIFE, serving).await),
                }
            });
        };
        Self {
            serve: Box::new(serve),
        }
    }

    /// One end of a pipe; the service has the other.
    pub(super) fn connect(&self) -> (DuplexStream, ServeGuard) {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let (guard, gone) = oneshot::channel();
        (self.serve)(theirs, gone);
        (ours, ServeGuard(guard))
    }
}
