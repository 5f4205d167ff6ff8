//! Faults in what is done with the data: a faulty handler reads and writes here, in place of the store's own way.

use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::delivery::PUT_OFF;
use super::{Fault, Flaws};
use crate::reference::answer::Refusal;
use crate::reference::callbacks::{Act, Call, Outcome, Read, Write};
use crate::reference::store::{PartnerRecord, State, Store};

/// For how long a read is kept.
const KEPT: Duration = Duration::from_millis(400);

impl Flaws {
    /// What a faulty handler does in place of what is asked.
    pub async fn answer_otherwise(
        &self,
        call: &Call<'_>,
        store: &Store,
        act: Act,
    ) -> Option<Outcome> {
        if self.faults.is_empty() {
            return None;
        }
        Some(match act {
            Act::Read(read) => self.read(call, store, read).map(Some),
            Act::Custom(_) => return None,
            Act::Write(write) => match self.before_write(call, store).await {
                Ok(seen) => self.write(call, store, write, seen.as_ref()),
                Err(refusal) => Err(refusal),
            },
        })
    }

    fn read(&self, call: &Call, store: &Store, read: Read) -> Result<Value, Refusal> {
        let mut state = store.lock();
        self.store_pending(&mut state, Instant::now());
        if let Some(answer) = self.mirrored_otherwise(call, &state, read) {
            return answer;
        }
        let now = Instant::now();
        let may_keep =
            self.has(Fault::ReadKeptBesideWrite) && call.callback.name == "tenant_mapping.read";
        if let (true, Some((until, kept))) = (may_keep, self.memory().kept.get(&call.partner))
            && now < *until
        {
            return Ok(kept.clone());
        }
        let partner = self
            .in_place_of(call, &state)
            .unwrap_or_else(|| call.partner.clone());
        let mut answer = read(&state, &Call { partner, ..*call });
        if self.has(Fault::EnabledIfAnybodyIs)
            && call.callback.name == "enablement.read"
            && let Ok(payload) = &mut answer
            && state.enabled_for(&call.tenant()).is_some()
        {
            payload["acronis_tenant_id"] = call.tenant().as_str().into();
        }
        self.after_read(call, &mut state);
        let mut memory = self.memory();
        let beside = memory.writing_until.is_some_and(|until| now < until);
        if let (true, true, Ok(payload)) = (may_keep, beside, &answer) {
            let kept = (now + KEPT, payload.clone());
            memory.kept.insert(call.partner.clone(), kept);
        }
        answer
    }

    /// What a read leaves behind that should leave nothing.
    fn after_read(&self, call: &Call, state: &mut State) {
        if self.has(Fault::ReadUnmaps) && call.callback.name == "topology.read" {
            let customers = state.partner_mut(&call.partner).into_iter();
            let mut customers = customers.flat_map(|partner| &mut partner.organisations);
            if let Some(customer) = customers.find(|one| one.acronis_tenant_id.is_some()) {
                customer.acronis_tenant_id = None;
            }
        }
        let mirrored = call.callback.name == "customer.mirroring.get_state";
        if self.has(Fault::ReadDisablesCustomer) && mirrored {
            let customers = state.partner_mut(&call.partner).into_iter();
            let mut customers = customers.flat_map(|partner| &mut partner.customers);
            if let Some(customer) = customers.find(|one| one.enabled) {
                customer.disable();
            }
        }
        if self.has(Fault::ReadForgets) && call.callback.name == "enablement.read" {
            let partner = state.partner_mut(&call.partner);
            partner
                .into_iter()
                .for_each(|one| one.acronis_tenant_id = None);
        }
        if self.has(Fault::ReadEnables) && call.callback.name == "partner.mirroring.get_state" {
            let tenant = call.tenant();
            state.record(&tenant).acronis_tenant_id = Some(tenant.clone());
        }
    }

    fn write(&self, call: &Call, store: &Store, write: Write, seen: Option<&State>) -> Outcome {
        let mut state = store.lock();
        // One write after the other.
        self.store_pending(&mut state, Instant::now() + PUT_OFF);
        let outdated = self.any(&[Fault::LostUpdate, Fault::LostCustomers])
            || (self.has(Fault::RivalsEnabled) && is_enable(call))
            || self.has(Fault::FreshCustomersLost);
        let mut before = seen.filter(|_| outdated).unwrap_or(&state).clone();
        // Who locks a partner's own record alone is up to date about that one.
        if let (true, Some(seen)) = (self.has(Fault::OtherPartnersLost), seen) {
            before.clone_from(seen);
            if let (Some(old), Some(now)) = (
                before.partner_mut(&call.partner),
                state.partner(&call.partner),
            ) {
                old.clone_from(now);
            }
        }
        let mut after = before.clone();
        let outcome = self
            .decide_enablement(&mut after, call)
            .or_else(|| self.decide_again(&after, call))
            .or_else(|| self.decide_fresh(seen, &before, call))
            .or_else(|| self.decide_mapping(&mut after, call))
            .or_else(|| self.decide_unread(&mut after, call))
            .unwrap_or_else(|| write(&mut after, call));
        if outcome.is_ok() {
            self.keep_too_little(call, &before, &mut after);
            self.reach_too_far(call, &before, &mut after);
            if self.has(Fault::MappingRenames) && call.callback.name == "tenant_mapping.write" {
                let customers = after.partner_mut(&call.partner).into_iter();
                for customer in customers.flat_map(|partner| &mut partner.organisations) {
                    if let Some(tenant) = &customer.acronis_tenant_id {
                        tenant.as_str().clone_into(&mut customer.name);
                    }
                }
            }
            self.count_twice(call, seen, &before, &mut after);
        }
        if outcome.is_ok() || self.keeps_what_it_refused(call) {
            self.store(call, &mut state, after);
        }
        outcome
    }

    /// Forgets what was written, or part of it.
    fn keep_too_little(&self, call: &Call, before: &State, after: &mut State) {
        let name = call.callback.name;
        let lost = LOST
            .iter()
            .any(|(fault, lossy)| *lossy == name && self.has(*fault));
        let fifth = {
            let mut memory = self.memory();
            memory.writes += 1;
            // Whoever enables fights for it: what comes of that would depend on who comes first.
            let due = memory.writes >= 5 && !is_enable(call);
            if due {
                memory.writes = 0;
            }
            due
        };
        if lost {
            after.clone_from(before);
        } else if self.has(Fault::StateLostAtFifthWrite) && fifth {
            *after = State::at_start(after.enablement);
        } else if name == "tenant_mapping.write" {
            self.keep_too_few_mappings(call, after);
        } else if name == "customer.mirroring.set_state" {
            self.keep_too_few_customers(call, after);
        }
    }
}

/// Writes that are lost, each by a fault of its own.
static LOST: &[(Fault, &str)] = &[
    (Fault::EnableLost, "enablement.write"),
    (Fault::ResetIgnored, "enablement.reset"),
    (Fault::MappingLost, "tenant_mapping.write"),
    (Fault::PartnerEnableLost, "partner.mirroring.enable"),
    (Fault::PartnerResetIgnored, "partner.mirroring.reset"),
    (Fault::CustomersLost, "customer.mirroring.set_state"),
];

/// Whether the callback disables a partner.
pub(super) fn is_reset(call: &Call) -> bool {
    matches!(
        call.callback.name,
        "enablement.reset" | "partner.mirroring.reset"
    )
}

/// Whether the callback enables a partner.
pub(super) fn is_enable(call: &Call) -> bool {
    matches!(
        call.callback.name,
        "enablement.write" | "partner.mirroring.enable"
    )
}

/// The payload as it was sent.
pub(super) fn sent<T: DeserializeOwned>(call: &Call) -> Option<T> {
    let payload = call.request.payload.clone()?;
    serde_json::from_value(Value::Object(payload)).ok()
}

/// Every partner but the one that the request is about.
pub(super) fn others<'a>(
    state: &'a mut State,
    call: &Call,
) -> impl Iterator<Item = &'a mut PartnerRecord> {
    let own = state.partner(&call.partner).cloned();
    let own = own.map(|partner| partner.vendor_tenant_id);
    state
        .partners
        .values_mut()
        .filter(move |partner| own.as_deref() != Some(partner.vendor_tenant_id.as_str()))
}
