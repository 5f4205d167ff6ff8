//! The conformance suite against the handler in this process: no port but the one of the keys.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::suite::{Options, Suite, TestIdentity};
use callback_handler::Handler;
use hyper::service::service_fn;

#[tokio::test(flavor = "multi_thread")]
async fn the_handler_conforms() -> Result<(), Box<dyn Error>> {
    // Serves the keys while it lives; the handler fetches them from there.
    let identity = TestIdentity::start(([127, 0, 0, 1], 0).into()).await?;
    let handler = Arc::new(Handler::new(&identity.jwks_url(), "https://acronis.cloud"));
    let target = Target::service(service_fn(move |request| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(handler.respond(request).await) }
    }));
    let options = Options {
        enablement: Enablement::new(EnablementMethod::Mirrored, EnablementMethod::Explicit).ok_or("offered")?,
        // The data is the test's own, so writing is checked too.
        write: true,
        strict: true,
        ..Options::default()
    };
    let outcome = Suite::new(target).identity(identity).options(options).run().await?;
    outcome.assert_conforms();
    Ok(())
}
