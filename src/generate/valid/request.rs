//! Whole requests.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Map, Value};

use super::{created_at, endpoint_id, media_type, request_id};
use crate::generate::encode::{self, Style};
use crate::generate::extra;
use crate::generate::template::{CREATED_AT, Template};

/// A valid request and how it is spelt.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidCase {
    /// The request.
    pub envelope: Value,
    /// How its body is spelt.
    pub style: Style,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// What `X-CyberApp-Extra` carries.
    pub extra: Map<String, Value>,
}

impl ValidCase {
    /// The canonical request.
    pub fn plain(template: &Template, request_id: &str) -> Self {
        Self {
            envelope: template.envelope(request_id),
            style: Style::plain(),
            content_type: "application/json".to_owned(),
            extra: Map::new(),
        }
    }

    /// The body as it is sent.
    pub fn body(&self) -> String {
        encode::write(&self.envelope, &self.style)
    }

    /// A string of the envelope by its JSON pointer; empty where there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.envelope
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// Which parts of a request vary; the others stay as in the template. The `request_id` always varies; `tenant_id` and
/// `datacenter_url` never do, since a handler may look them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freedom {
    /// `created_at`.
    pub created_at: bool,
    /// `context.endpoint_id`; the token must then name the same.
    pub endpoint_id: bool,
    /// Key order, white space and escapes of the body.
    pub style: bool,
    /// The spelling of the media type.
    pub media_type: bool,
    /// The fields of `X-CyberApp-Extra`, as forms have them.
    pub extra: bool,
}

/// Valid requests in which everything varies; the endpoint only if asked for.
pub fn requests(template: &Template, vary_endpoint: bool) -> SBoxedStrategy<ValidCase> {
    let freedom = Freedom {
        created_at: true,
        endpoint_id: vary_endpoint,
        style: true,
        media_type: true,
        extra: true,
    };
    requests_within(template, freedom)
}

/// Valid requests in which some parts vary.
pub fn requests_within(template: &Template, freedom: Freedom) -> SBoxedStrategy<ValidCase> {
    let template = template.clone();
    let created_at = choose(freedom.created_at, CREATED_AT.to_owned(), created_at);
    let endpoint = choose(
        freedom.endpoint_id,
        template.endpoint_id.clone(),
        endpoint_id,
    );
    let style = choose(freedom.style, Style::plain(), Style::strategy);
    let content_type = choose(
        freedom.media_type,
        "application/json".to_owned(),
        media_type,
    );
    let extra = choose(freedom.extra, Map::new(), || {
        extra::plain_objects(&Map::new())
    });
    (
        request_id(),
        created_at,
        endpoint,
        style,
        content_type,
        extra,
    )
        .prop_map(
            move |(request_id, created_at, endpoint, style, content_type, extra)| {
                let template = Template {
                    endpoint_id: endpoint,
                    ..template.clone()
                };
                let mut envelope = template.envelope(&request_id);
                envelope["created_at"] = Value::String(created_at);
                ValidCase {
                    envelope,
                    style,
                    content_type,
                    extra,
                }
            },
        )
        .sboxed()
}

fn choose<T, F>(varies: bool, fixed: T, strategy: F) -> SBoxedStrategy<T>
where
    T: std::fmt::Debug + Clone + Send + Sync + 'static,
    F: FnOnce() -> SBoxedStrategy<T>,
{
    if varies {
        strategy()
    } else {
        Just(fixed).sboxed()
    }
}
