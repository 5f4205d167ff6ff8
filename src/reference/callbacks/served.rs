//! Finds what answers a callback: by `context.callback_id`, never by path.

use http::StatusCode;
use serde_json::Value;

use super::super::answer::{Refusal, Subject};
use super::super::fault::Flaws;
use super::super::store::Partner;
use super::{tenant_mapping, topology};
use crate::protocol::{Callback, Request, catalog};

/// A callback and what answers it.
pub(in super::super) struct Served {
    /// The facts about it.
    pub callback: &'static Callback,
    read: fn(&Partner) -> Value,
}

/// Every callback that is served.
static SERVED: &[Served] = &[
    Served {
        callback: &catalog::TOPOLOGY_READ,
        read: topology::read,
    },
    Served {
        callback: &catalog::TENANT_MAPPING_READ,
        read: tenant_mapping::read,
    },
];

/// What answers this request.
pub(in super::super) fn find(request: &Request, flaws: &Flaws) -> Result<&'static Served, Refusal> {
    let id = flaws.callback_id(request)?;
    let served = SERVED
        .iter()
        .find(|served| served.callback.id == id)
        .ok_or_else(|| {
            Refusal::new(
                Subject::Callback,
                StatusCode::NOT_FOUND,
                "this handler does not serve the callback",
            )
        })?;
    if request.kind.as_str() == served.callback.request_type {
        Ok(served)
    } else {
        Err(Refusal::malformed(
            "the type of the request is not that of the callback",
        ))
    }
}

impl Served {
    /// The payload of the answer: the data of this partner and nobody else's.
    pub fn answer(&self, partner: &'static Partner, flaws: &Flaws) -> Value {
        (self.read)(flaws.in_place_of(partner, self.callback))
    }
}
