//! The faults in what is remembered: each shows in a conversation that has everything in it, and a right handler says the same
//! each time.

use std::collections::{HashMap, HashSet};

use acgw_conformance::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, ENABLEMENT_READ, ENABLEMENT_RESET,
    ENABLEMENT_WRITE, PARTNER_MIRRORING_ENABLE, PARTNER_MIRRORING_GET_STATE,
    PARTNER_MIRRORING_RESET, TENANT_MAPPING_READ, TENANT_MAPPING_WRITE, TOPOLOGY_READ,
};
use acgw_conformance::protocol::{Callback, Credentials, Enablement};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Fault, Faults, Reference};
use serde_json::{Value, json};

use crate::support::*;

/// Requirements about what a handler remembers.
const MEMORY: [&str; 9] = [
    "ENV-12", "ENA", "MAP-09", "MAP-1", "PMI", "CMI", "ROB-16", "ROB-17", "ROB-19",
];

/// What was said, but for what is random.
struct Transcript<'a> {
    reference: &'a Reference,
    said: Vec<(u16, Value)>,
}

impl Transcript<'_> {
    async fn hear(&mut self, requests: Vec<http::Request<http_body_util::Full<bytes::Bytes>>>) {
        let asking = requests.into_iter().map(|request| {
            let reference = self.reference.clone();
            tokio::spawn(async move { ask(&reference, request).await })
        });
        for answer in asking.collect::<Vec<_>>() {
            let answer = answer.await.expect("an answer");
            let mut body = answer.body;
            body["response_id"] = Value::Null;
            if answer.status != 200 {
                body["err_message"] = Value::Null;
            }
            self.said.push((answer.status.as_u16(), body));
        }
    }

    async fn say(&mut self, partner: &Talk<'_>, callback: &Callback, payload: Option<Value>) {
        self.hear(vec![partner.request(callback, payload)]).await;
    }

    /// Says what breaks the callback's schema, in a request that is right otherwise.
    async fn say_unread(
        &mut self,
        partner: &Talk<'_>,
        callback: &Callback,
        right: Option<Value>,
        pointer: &str,
    ) {
        let mut request = partner.request(callback, right.clone());
        let mut body = body_of(callback, &partner.tenant, right);
        *body.pointer_mut(pointer).expect("a member") = json!(5);
        *request.body_mut() = http_body_util::Full::from(body.to_string());
        self.hear(vec![request]).await;
    }

    async fn without_token(
        &mut self,
        partner: &Talk<'_>,
        callback: &Callback,
        payload: Option<Value>,
    ) {
        let mut request = partner.request(callback, payload);
        request.headers_mut().remove("authorization");
        self.hear(vec![request]).await;
    }
}

async fn mapped(reference: &Reference) -> Vec<(u16, Value)> {
    let [alpha, bravo] = [0, 1].map(|index| Talk::as_partner(reference, &PARTNERS[index]));
    let wrong = r#"{"password":"wrong"}"#;
    let as_user = |user: &str| Talk {
        credentials: Some(Credentials::encode_raw(user, wrong)),
        ..Talk::as_partner(reference, &PARTNERS[0])
    };
    let enable = |vendor: &str, tenant: &str| {
        Some(json!({"vendor_tenant_id": vendor, "acronis_tenant_id": tenant}))
    };
    let map = |entries: &[(&str, Option<u32>)]| {
        let entries = entries.iter().map(|(id, number)| match number {
            Some(number) => json!({"vendor_tenant_id": id, "acronis_tenant_id": tenant(*number)}),
            None => json!({"vendor_tenant_id": id}),
        });
        Some(json!({"modified": entries.collect::<Vec<_>>()}))
    };
    let mut talk = Transcript {
        reference,
        said: Vec::new(),
    };
    let org = "org-alpha";
    // One organisation in the name of the tenant of another.
    let in_bravos_name = Talk {
        tenant: PARTNERS[1].acronis_tenant_id.to_owned(),
        ..Talk::as_partner(reference, &PARTNERS[0])
    };
    talk.say(&in_bravos_name, &ENABLEMENT_READ, None).await;
    for step in 0..30 {
        match step {
            1 => {
                talk.say(
                    &alpha,
                    &TENANT_MAPPING_WRITE,
                    map(&[("1002", Some(2)), ("org-eagle", Some(3))]),
                )
                .await
            }
            2 => {
                talk.say(&alpha, &TENANT_MAPPING_WRITE, map(&[("1002", None)]))
                    .await
            }
            3 => {
                talk.say(
                    &alpha,
                    &TENANT_MAPPING_WRITE,
                    map(&[("1002", Some(3)), ("org-eagle", None)]),
                )
                .await
            }
            4 => {
                talk.say(
                    &alpha,
                    &TENANT_MAPPING_WRITE,
                    map(&[("1003", Some(9)), ("no one", Some(4))]),
                )
                .await
            }
            5 => {
                talk.say(&alpha, &TENANT_MAPPING_WRITE, map(&[("b/2", Some(4))]))
                    .await
            }
            6 => {
                talk.without_token(
                    &alpha,
                    &TENANT_MAPPING_WRITE,
                    map(&[("org-eagle", Some(4))]),
                )
                .await
            }
            7 => {
                talk.say(&alpha, &ENABLEMENT_WRITE, enable(org, TENANT))
                    .await
            }
            8 => {
                talk.say(&alpha, &ENABLEMENT_WRITE, enable(org, &tenant(1)))
                    .await
            }
            9 => {
                for organisation in ["org-alpha-acgw", "org-alph", "org-bravo"] {
                    let payload = enable(organisation, TENANT);
                    talk.say(&alpha, &ENABLEMENT_WRITE, payload).await;
                }
            }
            10 => talk.without_token(&alpha, &ENABLEMENT_RESET, None).await,
            11 => {
                talk.say(&as_user("alpha"), &ENABLEMENT_WRITE, enable(org, TENANT))
                    .await
            }
            12 => {
                talk.say(&as_user("nobody"), &ENABLEMENT_WRITE, enable(org, TENANT))
                    .await
            }
            13 => talk.say(&as_user("alpha"), &ENABLEMENT_RESET, None).await,
            14 | 15 => {
                let payload = map(&[("org-eagle", Some(5))]);
                talk.say(&alpha, &TENANT_MAPPING_WRITE, payload).await;
            }
            16 => {
                let write = |entries| alpha.request(&TENANT_MAPPING_WRITE, map(entries));
                let mut other = write(&[("org-eagle", Some(7))]);
                let text = body_of(
                    &TENANT_MAPPING_WRITE,
                    TENANT,
                    map(&[("org-eagle", Some(7))]),
                );
                let text = text.to_string().replace(REQUEST_ID, &tenant(77));
                *other.body_mut() = http_body_util::Full::from(text);
                talk.hear(vec![write(&[("1002", Some(6))]), other]).await;
            }
            17 => talk.say(&alpha, &ENABLEMENT_RESET, None).await,
            18 => {
                talk.say(
                    &bravo,
                    &ENABLEMENT_WRITE,
                    enable("org-bravo", PARTNERS[1].acronis_tenant_id),
                )
                .await
            }
            19 => {
                talk.say(&alpha, &ENABLEMENT_WRITE, enable(org, &tenant(1)))
                    .await
            }
            20 => talk.say(&alpha, &ENABLEMENT_RESET, None).await,
            // What cannot be read.
            21 => {
                let right = enable(org, &tenant(1));
                let place = "/payload/vendor_tenant_id";
                talk.say_unread(&alpha, &ENABLEMENT_WRITE, right, place)
                    .await
            }
            22 => {
                talk.say(&alpha, &ENABLEMENT_WRITE, enable(org, &tenant(1)))
                    .await
            }
            // Two tenants for one organisation, at once.
            23 => talk.say(&alpha, &ENABLEMENT_RESET, None).await,
            24 => {
                let rivals = [1, 2].map(|number| enable(org, &tenant(number)));
                let rivals = rivals.map(|wanted| alpha.request(&ENABLEMENT_WRITE, wanted));
                talk.hear(Vec::from(rivals)).await;
            }
            25 => {
                let mut claims = claims();
                claims["scope"] = json!([{"role": "cti.a.p.acgw.endpoint.v1.0~another.app.v1.0"}]);
                let mut request = alpha.request(&ENABLEMENT_RESET, None);
                let token = bearer(&claims).parse().expect("a header value");
                request.headers_mut().insert("authorization", token);
                talk.hear(vec![request]).await;
            }
            // Two organisations at once.
            26 => {
                let write = |talk: &Talk, id, number| {
                    talk.request(&TENANT_MAPPING_WRITE, map(&[(id, Some(number))]))
                };
                talk.hear(vec![write(&alpha, "1002", 8), write(&bravo, "b/1", 9)])
                    .await;
            }
            _ => continue,
        }
        for partner in [&alpha, &bravo] {
            for callback in [&ENABLEMENT_READ, &TENANT_MAPPING_READ] {
                talk.say(partner, callback, None).await;
            }
        }
    }
    talk.say(&alpha, &TENANT_MAPPING_WRITE, map(&[("1002", Some(2))]))
        .await;
    talk.say(&alpha, &TOPOLOGY_READ, Some(json!({}))).await;
    talk.say(&alpha, &TENANT_MAPPING_READ, None).await;
    talk.said
}

async fn mirrored(reference: &Reference) -> Vec<(u16, Value)> {
    let [one, two] = [1, 2].map(|number| Talk::as_tenant(reference, &tenant(number)));
    let enable = |partner: &Talk, settings: bool| {
        let mut payload =
            json!({"acronis_tenant_id": partner.tenant, "acronis_tenant_name": "MSP"});
        if settings {
            payload["settings"] = json!({"Plan": "gold"});
        }
        Some(payload)
    };
    let customers = |numbers: &[u32], named: bool| -> Vec<Value> {
        let customer = |number: &u32| match named {
            true => json!({"acronis_tenant_id": tenant(*number), "acronis_tenant_name": "C"}),
            false => json!({"acronis_tenant_id": tenant(*number)}),
        };
        numbers.iter().map(customer).collect()
    };
    let set = |partner: &Talk, enabled: &[u32], disabled: &[u32]| {
        Some(json!({
            "partner_tenant_id": partner.tenant,
            "partner_tenant_name": "MSP",
            "enabled": customers(enabled, true),
            "disabled": customers(disabled, false),
        }))
    };
    let mut talk = Transcript {
        reference,
        said: Vec::new(),
    };
    let set_state = &CUSTOMER_MIRRORING_SET_STATE;
    for step in 0..30 {
        match step {
            0 | 1 => {}
            2 => {
                talk.say(&two, &PARTNER_MIRRORING_ENABLE, enable(&two, true))
                    .await
            }
            3 | 4 => {
                talk.say(&one, &PARTNER_MIRRORING_ENABLE, enable(&one, false))
                    .await
            }
            5 => {
                talk.say(&one, set_state, set(&one, &[11, 12, 13], &[]))
                    .await
            }
            6 => {
                talk.say(&two, set_state, set(&two, &[21, 22], &[])).await;
                // One that is another's.
                talk.say(&two, set_state, set(&two, &[], &[13])).await;
            }
            7 => {
                talk.say(&one, set_state, set(&one, &[14, 11], &[12, 13]))
                    .await
            }
            8 => talk.say(&one, set_state, set(&one, &[], &[14])).await,
            9 => {
                let mut payload = set(&one, &[15, 19], &[11]).expect("a payload");
                payload["enabled"][0]["settings"] = json!({"Seats": 5});
                talk.say(&one, set_state, Some(payload)).await;
            }
            10 => {
                talk.without_token(&one, set_state, set(&one, &[16], &[15]))
                    .await
            }
            11 => {
                talk.without_token(&one, &PARTNER_MIRRORING_RESET, None)
                    .await
            }
            12 => {
                let turned = json!({
                    "partner_tenant_id": one.tenant,
                    "disabled": customers(&[15], false),
                    "enabled": customers(&[17], true),
                    "partner_tenant_name": "MSP",
                });
                talk.say(&one, set_state, Some(turned)).await;
            }
            13 => {
                let twice = [0, 1].map(|_| one.request(set_state, set(&one, &[18], &[])));
                talk.hear(twice.into()).await;
            }
            14 => {
                let both = [31, 32].map(|number| one.request(set_state, set(&one, &[number], &[])));
                talk.hear(both.into()).await;
            }
            15 => talk.say(&one, &PARTNER_MIRRORING_RESET, None).await,
            16 => {
                talk.say(&one, &PARTNER_MIRRORING_ENABLE, enable(&one, false))
                    .await
            }
            17 => {
                // One to disable that was never seen.
                let payload = set(&one, &[19], &[99]);
                talk.say(&one, set_state, payload).await;
            }
            18 => {
                // One that cannot be read.
                let right = set(&one, &[20, 24], &[]);
                let place = "/payload/enabled/1/acronis_tenant_id";
                talk.say_unread(&one, set_state, right, place).await
            }
            19 => talk.say(&one, &PARTNER_MIRRORING_RESET, None).await,
            20 => {
                let right = enable(&one, false);
                let place = "/payload/acronis_tenant_name";
                talk.say_unread(&one, &PARTNER_MIRRORING_ENABLE, right, place)
                    .await
            }
            21 => {
                talk.say(&one, &PARTNER_MIRRORING_ENABLE, enable(&one, false))
                    .await;
                talk.say(&one, set_state, set(&one, &[41], &[])).await;
            }
            22 => talk.say(&one, set_state, set(&one, &[42, 43], &[])).await,
            // One that was never seen, before one that was.
            23 => talk.say(&one, set_state, set(&one, &[], &[98, 42])).await,
            24 => {
                let mut payload = set(&one, &[44], &[]).expect("a payload");
                payload["enabled"][0]["settings"] = json!({"Seats": 7});
                talk.say(&one, set_state, Some(payload)).await;
            }
            25 => {
                let crowd: Vec<u32> = (100..160).collect();
                talk.say(&one, set_state, set(&one, &crowd, &[])).await;
            }
            26 => {
                for (number, name) in [(45, "O'Neil"), (46, "Café 🙂")] {
                    let mut payload = set(&one, &[number], &[]).expect("a payload");
                    payload["enabled"][0]["acronis_tenant_name"] = json!(name);
                    talk.say(&one, set_state, Some(payload)).await;
                }
            }
            27 => {
                for name in ["Café 🙂".to_owned(), "L".repeat(199)] {
                    let mut payload = enable(&one, false).expect("a payload");
                    payload["acronis_tenant_name"] = json!(name);
                    talk.say(&one, &PARTNER_MIRRORING_ENABLE, Some(payload))
                        .await;
                }
            }
            _ => continue,
        }
        for partner in [&one, &two] {
            for callback in [&PARTNER_MIRRORING_GET_STATE, &CUSTOMER_MIRRORING_GET_STATE] {
                talk.say(partner, callback, None).await;
            }
        }
    }
    for (_, body) in &mut talk.said {
        // Of two that come at once, either may get the lower number.
        if let Some(list) = body["payload"].as_array_mut() {
            let ids = list
                .iter()
                .map(|one| one["vendor_tenant_id"].clone())
                .collect::<Vec<_>>();
            list.sort_by_key(|one| one["acronis_tenant_id"].to_string());
            for (one, id) in list.iter_mut().zip(ids) {
                if one.get("vendor_tenant_id").is_some() {
                    one["vendor_tenant_id"] = id;
                }
            }
        }
    }
    talk.said
}

async fn conversation(enablement: Enablement, faults: Faults) -> Vec<(u16, Value)> {
    let reference = serving(enablement, faults);
    if enablement == Enablement::MAPPED {
        mapped(&reference).await
    } else {
        mirrored(&reference).await
    }
}

#[tokio::test]
async fn every_fault_in_what_is_remembered_shows() {
    let mut shown = 0;
    let mut hidden = Vec::new();
    let mut rights = HashMap::new();
    let used: HashSet<Enablement> = Fault::all()
        .iter()
        .map(|fault| fault.enablement())
        .collect();
    for enablement in used {
        let right = conversation(enablement, Faults::none()).await;
        let again = conversation(enablement, Faults::none()).await;
        assert_eq!(right, again, "{enablement}");
        rights.insert(enablement, right);
    }
    for fault in Fault::all() {
        // What these do wrong does not show in a conversation of right requests, or only sometimes.
        let elsewhere = [
            Fault::IdentityIgnored,
            Fault::MappingUnstable,
            Fault::ReadKeptBesideWrite,
        ];
        if elsewhere.contains(fault) {
            continue;
        }
        let concerns = |id: &&str| MEMORY.iter().any(|area| id.starts_with(area));
        if !fault.breaks().iter().any(concerns) {
            continue;
        }
        shown += 1;
        let right = conversation(fault.enablement(), Faults::none()).await;
        assert_eq!(
            right,
            conversation(fault.enablement(), Faults::none()).await
        );
        if conversation(fault.enablement(), Faults::from(*fault)).await == right {
            hidden.push(fault.name());
        }
    }
    assert_eq!(hidden, [""; 0], "of {shown}");
    assert!(shown > 75, "{shown} faults");
}

#[tokio::test]
async fn a_reset_brings_customers_back_or_leaves_them() {
    for (fault, between) in [
        (Fault::ResetHidesCustomers, 0),
        (Fault::ResetLeavesCustomers, 2),
    ] {
        let reference = faulty(fault);
        let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
        let mapped = async || {
            let payload = alpha.get(&TENANT_MAPPING_READ).await;
            let items = payload["items"].as_array().expect("items").iter();
            items
                .filter(|item| item.get("acronis_tenant_id").is_some())
                .count()
        };
        alpha.get(&ENABLEMENT_RESET).await;
        assert_eq!(mapped().await, between, "{fault}");
        let again = json!({"vendor_tenant_id": "org-alpha", "acronis_tenant_id": tenant(1)});
        alpha.ok(&ENABLEMENT_WRITE, Some(again)).await;
        assert_eq!(mapped().await, 2, "{fault}");
    }
}

#[tokio::test]
async fn a_list_is_applied_half() {
    let reference = faulty(Fault::ListAppliedHalf);
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    let list = json!({"modified": [
        {"vendor_tenant_id": "1002", "acronis_tenant_id": tenant(1)},
        {"vendor_tenant_id": "no one", "acronis_tenant_id": tenant(2)},
        {"vendor_tenant_id": "org-eagle", "acronis_tenant_id": tenant(3)},
    ]});
    alpha.refused(404, &TENANT_MAPPING_WRITE, Some(list)).await;
    let items = alpha.get(&TENANT_MAPPING_READ).await["items"].clone();
    assert_eq!(items[1]["acronis_tenant_id"], tenant(1));
    assert_eq!(items[3].get("acronis_tenant_id"), None);
}

#[tokio::test]
async fn the_password_is_unchecked_where_the_partner_is_enabled() {
    let reference = faulty(Fault::PasswordUncheckedAtEnable);
    let alpha = Talk {
        credentials: Some(Credentials::encode_raw("alpha", r#"{"password":"wrong"}"#)),
        ..Talk::as_partner(&reference, &PARTNERS[0])
    };
    alpha.refused(401, &ENABLEMENT_READ, None).await;
    let wanted = json!({"vendor_tenant_id": "org-alpha", "acronis_tenant_id": TENANT});
    alpha.ok(&ENABLEMENT_WRITE, Some(wanted)).await;
}
