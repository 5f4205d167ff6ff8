//! The requests that change and show the state.

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Action, Change, Manner, Model, Party, Settings, Step, by_turns, with_unknown};
use super::passing::{LIST, odd_name_of};
use super::settings;
use crate::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, ENABLEMENT_READ, ENABLEMENT_RESET,
    ENABLEMENT_WRITE, PARTNER_MIRRORING_ENABLE, PARTNER_MIRRORING_GET_STATE,
    PARTNER_MIRRORING_RESET, TENANT_MAPPING_READ, TENANT_MAPPING_WRITE,
};
use crate::protocol::{Callback, CallbackIdentity, Credentials, EnablementMethod};
use crate::suite::call::{Authorization, Call};
use crate::suite::session::Session;

/// What the name of every tenant begins with that the suite makes up.
pub(super) const NAME: &str = "acgw conformance – Zoë & Söhne";

/// What that of a partner begins with that is enabled already.
const RENAMED: &str = "acgw conformance – Zoë & Söhne & Töchter";
/// The endpoint of another CyberApp.
const OTHER_APP: &str = "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.further_app.v1.0";
/// An issuer that no handler trusts.
const OTHER_ISSUER: &str = "https://issuer.acgw-conformance.invalid";
/// Seconds for which a token is good.
const LIFETIME: i64 = 3_600;
/// Seconds by which an expired token is older than a good one.
const EXPIRED_FOR: i64 = 3 * LIFETIME;

impl Model {
    /// The callback that shows whether a partner is enabled.
    pub fn partner_read(&self) -> Option<&'static Callback> {
        match self.enablement.partner() {
            EnablementMethod::Mapped => Some(&ENABLEMENT_READ),
            EnablementMethod::Mirrored => Some(&PARTNER_MIRRORING_GET_STATE),
            EnablementMethod::Explicit => None,
        }
    }

    /// The callback that shows a partner's customers.
    pub fn customer_read(&self) -> Option<&'static Callback> {
        match self.enablement.customer() {
            EnablementMethod::Mapped => Some(&TENANT_MAPPING_READ),
            EnablementMethod::Mirrored => Some(&CUSTOMER_MIRRORING_GET_STATE),
            EnablementMethod::Explicit => None,
        }
    }

    /// The callback of an action, and its payload.
    pub fn request(
        &self,
        party: usize,
        action: &Action,
    ) -> (&'static Callback, Option<Value>, String) {
        let party = &self.parties[party];
        let mapped = self.maps_partners();
        let tenant = party.tenant().to_owned();
        match action {
            Action::Enable { acronis, .. } if mapped => (
                &ENABLEMENT_WRITE,
                Some(json!({"vendor_tenant_id": party.vendor, "acronis_tenant_id": acronis})),
                acronis.clone(),
            ),
            Action::EnableForeign { acronis, vendor } => (
                &ENABLEMENT_WRITE,
                Some(json!({"vendor_tenant_id": vendor, "acronis_tenant_id": acronis})),
                acronis.clone(),
            ),
            Action::Enable {
                acronis,
                settings,
                odd_name,
            } => {
                let again = party.state.enabled.is_some() && *settings != Settings::Before;
                let usual = if again { RENAMED } else { NAME };
                let odd = odd_name.and_then(odd_name_of);
                let name = odd.unwrap_or_else(|| name_of_tenant(usual, acronis));
                (
                    &PARTNER_MIRRORING_ENABLE,
                    Some(with_settings(
                        json!({"acronis_tenant_id": acronis, "acronis_tenant_name": name}),
                        match settings {
                            Settings::Before => party.before.partner.clone(),
                            other => other.made_up(acronis),
                        },
                    )),
                    acronis.clone(),
                )
            }
            Action::Disable if mapped => (&ENABLEMENT_RESET, None, tenant),
            Action::Disable => (&PARTNER_MIRRORING_RESET, None, tenant),
            Action::Change {
                changes,
                settings,
                moves,
            } => {
                let (callback, payload, tenant) = self.change(party, changes, *settings, tenant);
                let turned = *moves && changes.first().is_some_and(|(_, to)| to.is_none());
                let payload = match turned {
                    true => payload.map(turn),
                    false => payload,
                };
                (callback, payload, tenant)
            }
            Action::ChangeBoth { own, .. } => self.change(party, own, Settings::None, tenant),
            Action::ChangeUnknown {
                changes,
                unknown,
                first,
            } => {
                let all = with_unknown(changes, unknown, *first);
                self.change(party, &all, Settings::None, tenant)
            }
        }
    }

    fn change(
        &self,
        party: &Party,
        changes: &[Change],
        settings: Settings,
        tenant: String,
    ) -> (&'static Callback, Option<Value>, String) {
        if self.maps_customers() {
            let modified: Vec<Value> = changes
                .iter()
                .map(|(customer, to)| match to {
                    Some(to) => json!({"vendor_tenant_id": customer, "acronis_tenant_id": to}),
                    None => json!({"vendor_tenant_id": customer}),
                })
                .collect();
            return (
                &TENANT_MAPPING_WRITE,
                Some(json!({ "modified": modified })),
                tenant,
            );
        }
        let name = name_of_tenant(NAME, &tenant);
        let mut payload = json!({"partner_tenant_id": tenant, "partner_tenant_name": name});
        let enabled: Vec<Value> = changes
            .iter()
            .filter(|(_, to)| to.is_some())
            .enumerate()
            .map(|(place, (customer, _))| {
                with_settings(
                    json!({"acronis_tenant_id": customer, "acronis_tenant_name": party.name_of(customer)}),
                    match settings {
                        Settings::Before => party.before.customers.get(customer).cloned(),
                        Settings::EveryOther if place % 2 == 1 => None,
                        other => other.made_up(customer),
                    },
                )
            })
            .collect();
        let disabled: Vec<Value> = changes
            .iter()
            .filter(|(_, to)| to.is_none())
            .map(|(customer, _)| json!({ "acronis_tenant_id": customer }))
            .collect();
        if !enabled.is_empty() {
            payload["enabled"] = json!(enabled);
        }
        if !disabled.is_empty() {
            payload["disabled"] = json!(disabled);
        }
        (&CUSTOMER_MIRRORING_SET_STATE, Some(payload), tenant)
    }

    /// A request of a partner.
    pub fn call(
        &self,
        session: &Session,
        number: u64,
        party: usize,
        (callback, payload, tenant): (&'static Callback, Option<Value>, String),
    ) -> Call {
        let request_id = session.request_id(callback, "state", number);
        let mut template = session.template(callback);
        template.tenant_id = tenant;
        template.payload = payload;
        let mut call = session.control(callback, &request_id);
        let auth = self.parties[party].auth.clone();
        call.auth = match self.enablement.identity(callback) {
            CallbackIdentity::Credentials => auth,
            // Where they are sent without need, they are the partner's own all the same.
            _ => call.auth.and(auth),
        };
        call.body = Bytes::from(template.envelope(&request_id).to_string());
        call
    }

    /// The requests of a step: several where each change goes by itself.
    pub fn calls(&self, session: &Session, number: u64, step: &Step) -> Vec<Call> {
        let of = |number, party, action: &Action| {
            let mut call = self.call(session, number, party, self.request(party, action));
            spoil(&mut call, session, step.manner);
            call
        };
        let one = |number, action: &Action| of(number, step.party, action);
        match (&step.action, step.manner) {
            (Action::ChangeBoth { own, other, others }, _) => {
                let all = by_turns((step.party, own), (*other, others));
                let all = all.into_iter().zip(number..);
                all.map(|((party, change), number)| of(number, party, &Action::single(change)))
                    .collect()
            }
            (
                Action::Change {
                    changes, settings, ..
                },
                Manner::Parallel | Manner::InLists,
            ) => changes
                .chunks(step.manner.entries())
                .zip(number..)
                .map(|(changes, number)| {
                    let action = Action::Change {
                        changes: changes.to_vec(),
                        settings: *settings,
                        moves: false,
                    };
                    one(number, &action)
                })
                .collect(),
            (Action::Enable { settings, .. }, Manner::Rivals) => {
                let tenants = &self.parties[step.party].tenants;
                let rival = |(acronis, number): (&String, u64)| {
                    let action = Action::Enable {
                        acronis: acronis.clone(),
                        settings: *settings,
                        odd_name: None,
                    };
                    one(number, &action)
                };
                tenants.iter().zip(number..).map(rival).collect()
            }
            _ => vec![one(number, &step.action)],
        }
    }
}

/// A name that no other tenant has: whoever wants that is free to.
pub(super) fn name_of_tenant(beginning: &str, tenant: &str) -> String {
    let own = tenant.rsplit('-').next().unwrap_or_default();
    format!("{beginning} {own}")
}

/// The payload with the list of the disabled before that of the enabled.
fn turn(mut payload: Value) -> Value {
    if let Some(members) = payload.as_object_mut()
        && let Some(enabled) = members.shift_remove("enabled")
    {
        members.insert("enabled".to_owned(), enabled);
    }
    payload
}

impl Manner {
    /// Changes that go into one of several requests.
    pub fn entries(self) -> usize {
        match self {
            Manner::InLists => LIST,
            _ => 1,
        }
    }
}

impl Settings {
    /// What the suite makes up for a tenant, where that is asked for.
    fn made_up(self, tenant: &str) -> Option<Value> {
        matches!(self, Settings::Sample | Settings::EveryOther).then(|| settings::made_up(tenant))
    }
}

fn with_settings(mut object: Value, settings: Option<Value>) -> Value {
    if let Some(settings) = settings {
        object["settings"] = settings;
    }
    object
}

fn spoil(call: &mut Call, session: &Session, manner: Manner) {
    match manner {
        Manner::NoToken => call.authorization = Authorization::Absent,
        Manner::BadToken => {
            let Authorization::Good(endpoint) = &call.authorization else {
                return;
            };
            let mut token = session.token(endpoint).into_bytes();
            // A letter well inside the signature: the last ones may carry bits that nobody reads.
            if let Some(place) = token.len().checked_sub(20) {
                token[place] = if token[place] == b'A' { b'B' } else { b'A' };
            }
            call.authorization = Authorization::Text([b"Bearer ", &token[..]].concat());
        }
        Manner::OtherApp => {
            call.authorization = Authorization::made(|signer| {
                let mut claims = signer.claims();
                claims["scope"] = json!([{"role": OTHER_APP}]);
                signer.sign_claims(&claims)
            });
        }
        Manner::Expired => {
            call.authorization = Authorization::made(|signer| {
                let mut claims = signer.claims();
                let exp = claims["exp"].as_i64().unwrap_or_default() - EXPIRED_FOR;
                claims["exp"] = json!(exp);
                claims["iat"] = json!(exp - LIFETIME);
                signer.sign_claims(&claims)
            });
        }
        Manner::OtherIssuer => {
            call.authorization = Authorization::made(|signer| {
                let mut claims = signer.claims();
                claims["iss"] = json!(OTHER_ISSUER);
                signer.sign_claims(&claims)
            });
        }
        Manner::BadSecret => call.auth = call.auth.as_deref().and_then(wrong_secret),
        Manner::BadIdentity => call.auth = call.auth.as_deref().and_then(wrong_identity),
        Manner::Plain
        | Manner::Twice
        | Manner::AtOnce
        | Manner::Parallel
        | Manner::InLists
        | Manner::Rivals => {}
    }
}

/// The secrets under an identity that nobody has.
fn wrong_identity(auth: &[u8]) -> Option<Vec<u8>> {
    let credentials = Credentials::decode(std::str::from_utf8(auth).ok()?).ok()?;
    let secrets = credentials.secrets().clone();
    let wrong = Credentials::new("acgw-no-such-identity", secrets).ok()?;
    Some(wrong.encode().into_bytes())
}

/// The credentials with something behind every secret.
fn wrong_secret(auth: &[u8]) -> Option<Vec<u8>> {
    let credentials = Credentials::decode(std::str::from_utf8(auth).ok()?).ok()?;
    let mut secrets = credentials.secrets().clone();
    for secret in secrets.as_object_mut()?.values_mut() {
        *secret = match secret.as_str() {
            Some(text) => json!(format!("{text}x")),
            None => json!("x"),
        };
    }
    let wrong = Credentials::new(credentials.identity(), secrets).ok()?;
    Some(wrong.encode().into_bytes())
}
