//! Serves the handler: `ACRONIS_JWKS=http://127.0.0.1:9180/api/idp/v1/keys ACRONIS_ISSUER=https://acronis.cloud PORT=8080 cargo run`

use std::{convert::Infallible, env, sync::Arc};

use callback_handler::Handler;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jwks = env::var("ACRONIS_JWKS").unwrap_or_else(|_| "https://acronis.cloud/api/idp/v1/keys".to_owned());
    let issuer = env::var("ACRONIS_ISSUER").unwrap_or_else(|_| "https://acronis.cloud".to_owned());
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let handler = Arc::new(Handler::new(&jwks, &issuer));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/callback", listener.local_addr()?);
    loop {
        // A connection that fails before it is accepted is no reason to end.
        let Ok((connection, _)) = listener.accept().await else { continue };
        let handler = Arc::clone(&handler);
        let service = service_fn(move |request| {
            let handler = Arc::clone(&handler);
            async move { Ok::<_, Infallible>(handler.respond(request).await) }
        });
        // A client that breaks off is nobody to tell.
        tokio::spawn(
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(connection), service),
        );
    }
}
