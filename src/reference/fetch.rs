//! Fetches a small document over http or https, within limits of size and time.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, HOST};
use http::uri::Scheme;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::tls;

/// Time for the whole fetch.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest document; a key set is below 10 KiB.
const MAX_LENGTH: usize = 1024 * 1024;

/// The document at this URL, or why it cannot be had.
pub(super) async fn fetch(url: &str) -> Result<Bytes, String> {
    match tokio::time::timeout(TIMEOUT, fetch_in_time(url)).await {
        Ok(Ok(document)) => Ok(document),
        Ok(Err(reason)) => Err(format!("{url}: {reason}")),
        Err(_) => Err(format!("{url}: no answer within {} s", TIMEOUT.as_secs())),
    }
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

async fn fetch_in_time(url: &str) -> Result<Bytes, AnyError> {
    let url: Uri = url.parse()?;
    let host = url.host().ok_or("the URL names no host")?;
    let bare_host = host.trim_start_matches('[').trim_end_matches(']');
    let secure = url.scheme() == Some(&Scheme::HTTPS);
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((bare_host, port)).await?;
    if secure {
        let name = ServerName::try_from(bare_host.to_owned())?;
        get(&url, tls::connector()?.connect(name, stream).await?).await
    } else {
        get(&url, stream).await
    }
}

async fn get<S>(url: &Uri, stream: S) -> Result<Bytes, AnyError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(url.path_and_query().map_or("/", |path| path.as_str()))
        .header(
            HOST,
            url.authority().map_or("", |authority| authority.as_str()),
        )
        .header(ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        if response.status() != StatusCode::OK {
            return Err(format!("answered with {}", response.status()).into());
        }
        let document = Limited::new(response.into_body(), MAX_LENGTH)
            .collect()
            .await?;
        Ok(document.to_bytes())
    };
    // The connection carries the exchange, which knows best how it ended.
    let carry = async {
        let _ = connection.await;
        pending::<Infallible>().await
    };
    tokio::select! {
        outcome = exchange => outcome,
        never = carry => match never {},
    }
}
