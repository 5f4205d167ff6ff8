//! The custom callback that the reference handler serves: a quote for a plan. It is declared as in
//! `examples/custom-callback/acgw.toml`, whose schemas it has.

use std::sync::LazyLock;

use crate::protocol::{Callback, CustomCallback, PayloadSchema};

macro_rules! schema {
    ($file:literal) => {
        PayloadSchema::parse(
            $file,
            include_str!(concat!("../../examples/custom-callback/", $file)),
        )
        .expect("the example has schemas")
    };
}

static DECLARED: LazyLock<CustomCallback> = LazyLock::new(|| {
    let declared = CustomCallback::new(
        "cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0",
        "cti.a.p.acgw.request.v1.0~acgw.reference.quote.v1.0",
        Some(schema!("quote.request.json")),
    )
    .and_then(|quote| {
        quote.responds(
            200,
            "cti.a.p.acgw.response.v1.0~acgw.reference.quote.ok.v1.0",
            Some(schema!("quote.ok.json")),
        )
    })
    .and_then(|quote| {
        quote.responds(
            404,
            "cti.a.p.acgw.response.v1.0~acgw.reference.quote.unknown.v1.0",
            Some(schema!("quote.unknown.json")),
        )
    });
    declared
        .expect("the example is a declaration")
        .changes_data(false)
});

/// The declaration of the custom callback that the reference handler serves, without an example: it takes whatever keeps the
/// schema.
pub fn custom_callback() -> CustomCallback {
    DECLARED.clone()
}

/// The callback as the handler knows it.
pub(super) fn quote() -> &'static Callback {
    static QUOTE: LazyLock<&'static Callback> =
        LazyLock::new(|| DECLARED.callback().expect("the example has a success"));
    &QUOTE
}
