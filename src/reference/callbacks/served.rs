//! Finds what answers a callback: by `context.callback_id`, never by path.

use std::sync::LazyLock;

use http::StatusCode;
use serde_json::Value;

use super::super::answer::{Refusal, Subject};
use super::super::custom;
use super::super::fault::Flaws;
use super::super::store::{State, Store};
use super::call::Call;
use super::{customer_mirroring, enablement, partner_mirroring, quote, tenant_mapping, topology};
use crate::protocol::{Callback, Enablement, Request, catalog};

/// A callback and what answers it.
pub(in super::super) struct Served {
    /// The facts about it.
    pub callback: &'static Callback,
    act: Act,
}

/// What a callback comes to: the payload of the answer, if there is one.
pub(in super::super) type Outcome = Result<Option<Value>, Refusal>;

/// What a request is answered with, other than a refusal.
pub(in super::super) struct Reply {
    /// 200, or what a custom callback declares.
    pub status: u16,
    /// The payload, if there is one.
    pub payload: Option<Value>,
}

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
    /// A custom callback, which asks.
    Custom(fn(&State, &Call) -> Result<Reply, Refusal>),
}

/// Every predefined callback, in the order of the catalog.
static PREDEFINED: &[Served] = &[
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

/// The custom callback.
static CUSTOM: LazyLock<Served> = LazyLock::new(|| Served {
    callback: custom::quote(),
    act: Act::Custom(quote::quote),
});

/// Every callback.
fn served() -> impl Iterator<Item = &'static Served> {
    PREDEFINED.iter().chain([&*CUSTOM])
}

/// Whether there is such a callback, whatever the enablement methods.
pub(in super::super) fn is_known(id: &str) -> bool {
    served().any(|served| served.callback.id == id)
}

/// The callback whose name, without its version, an identifier begins with.
pub(in super::super) fn known_prefix(id: &str) -> Option<&'static str> {
    let name = |known: &'static str| known.rsplit_once(".v").map_or(known, |(name, _)| name);
    let mut all = served().map(|served| served.callback.id);
    all.find(|known| id.starts_with(name(known)))
}

/// What answers this request, if the enablement methods have such a callback.
pub(in super::super) fn find(
    request: &Request,
    enablement: Enablement,
    flaws: &Flaws,
) -> Result<&'static Served, Refusal> {
    let id = flaws.callback_id(request)?;
    let served = served()
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
    pub async fn answer(&self, call: &Call<'_>, store: &Store) -> Result<Reply, Refusal> {
        let outcome = match (
            call.flaws.answer_otherwise(call, store, self.act).await,
            self.act,
        ) {
            (Some(outcome), _) => outcome,
            (None, Act::Read(read)) => store.read(|state| read(state, call)).map(Some),
            (None, Act::Write(write)) => store.write(|state| write(state, call)),
            (None, Act::Custom(answer)) => {
                let mut reply = store.read(|state| answer(state, call))?;
                call.flaws.spoil_quote(call, &mut reply)?;
                return Ok(reply);
            }
        };
        outcome.map(|payload| Reply {
            status: 200,
            payload,
        })
    }
}
