//! Finds what answers a callback: by `context.callback_id`, never by path.

use http::StatusCode;
use serde_json::Value;

use super::super::answer::{Refusal, Subject};
use super::super::fault::Flaws;
use super::super::store::{State, Store};
use super::call::Call;
use super::{customer_mirroring, enablement, partner_mirroring, tenant_mapping, topology};
use crate::protocol::{Callback, Enablement, Request, catalog};

/// A callback and what answers it.
pub(in super::super) struct Served {
    /// The facts about it.
    pub callback: &'static Callback,
    act: Act,
}

/// What a callback comes to: the payload of the answer, if there is one.
pub(in super::super) type Outcome = Result<Option<Value>, Refusal>;

/// Answers without changing anything.
pub(in super::super) type Read = fn(&State, &Call) -> Result<Value, Refusal>;
/// Changes something.
pub(in super::super) type Write = fn(&mut State, &Call) -> Outcome;

/// What answers a callback.
#[derive(Clone, Copy)]
pub(in super::super) enum Act {
    /// A callback that asks.
    Read(Read),
    /// A callback that tells.
    Write(Write),
}

/// Every callback, in the order of the catalog.
static SERVED: &[Served] = &[
    Served {
        callback: &catalog::ENABLEMENT_READ,
        act: Act::Read(enablement::read),
    },
    Served {
        callback: &catalog::ENABLEMENT_WRITE,
        act: Act::Write(enablement::write),
    },
    Served {
        callback: &catalog::ENABLEMENT_RESET,
        act: Act::Write(enablement::reset),
    },
    Served {
        callback: &catalog::TOPOLOGY_READ,
        act: Act::Read(topology::read),
    },
    Served {
        callback: &catalog::TENANT_MAPPING_READ,
        act: Act::Read(tenant_mapping::read),
    },
    Served {
        callback: &catalog::TENANT_MAPPING_WRITE,
        act: Act::Write(tenant_mapping::write),
    },
    Served {
        callback: &catalog::PARTNER_MIRRORING_GET_STATE,
        act: Act::Read(partner_mirroring::get_state),
    },
    Served {
        callback: &catalog::PARTNER_MIRRORING_ENABLE,
        act: Act::Write(partner_mirroring::enable),
    },
    Served {
        callback: &catalog::PARTNER_MIRRORING_RESET,
        act: Act::Write(partner_mirroring::reset),
    },
    Served {
        callback: &catalog::CUSTOMER_MIRRORING_GET_STATE,
        act: Act::Read(customer_mirroring::get_state),
    },
    Served {
        callback: &catalog::CUSTOMER_MIRRORING_SET_STATE,
        act: Act::Write(customer_mirroring::set_state),
    },
];

/// What answers this request, if the enablement methods have such a callback.
pub(in super::super) fn find(
    request: &Request,
    enablement: Enablement,
    flaws: &Flaws,
) -> Result<&'static Served, Refusal> {
    let id = flaws.callback_id(request)?;
    let served = SERVED
        .iter()
        .find(|served| served.callback.id == id && enablement.has(served.callback.family))
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
    /// Does what is asked, within the data of the partner that asks.
    pub async fn answer(&self, call: &Call<'_>, store: &Store) -> Outcome {
        if let Some(outcome) = call.flaws.answer_otherwise(call, store, self.act).await {
            return outcome;
        }
        match self.act {
            Act::Read(read) => store.read(|state| read(state, call)).map(Some),
            Act::Write(write) => store.write(|state| write(state, call)),
        }
    }
}
