//! Valid payloads of requests over the whole documented freedom: batches of any length, entries with and without Acronis
//! tenant, names in any script, settings whose keys have blanks. Nothing in them troubles a right handler, whatever it stores
//! them in: no control characters, no empty or padded ids, and no tenant twice in one batch.

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Map, Value, json};

use super::extra;
use super::valid::tenant_uuid;
use crate::protocol::Callback;

/// Most entries of a batch.
const MOST_ENTRIES: usize = 6;

/// The payloads that a request of this callback may have; `None` where it has none. The first case of a shrunk batch is a
/// short one.
pub fn of(callback: &'static Callback) -> SBoxedStrategy<Option<Value>> {
    match callback.name {
        "enablement.write" => some(enablement_write()),
        "tenant_mapping.write" => some(tenant_mapping_write()),
        "partner.mirroring.enable" => some(partner_enable()),
        "customer.mirroring.set_state" => some(customer_set_state()),
        // Documented without, and shown with an empty one too.
        "partner.mirroring.get_state" => {
            prop_oneof![2 => Just(None), 1 => Just(Some(json!({})))].sboxed()
        }
        _ => {
            // The catalog's own tests see to it that the text is JSON.
            let fixed = callback
                .request_payload
                .and_then(|text| serde_json::from_str(text).ok());
            Just(fixed).sboxed()
        }
    }
}

/// A payload of `enablement.write`.
fn enablement_write() -> SBoxedStrategy<Value> {
    (vendor_id(), tenant_uuid())
        .prop_map(
            |(vendor, acronis)| json!({"vendor_tenant_id": vendor, "acronis_tenant_id": acronis}),
        )
        .sboxed()
}

/// A payload of `tenant_mapping.write`: mappings and removals in any order.
fn tenant_mapping_write() -> SBoxedStrategy<Value> {
    let entry = (vendor_id(), prop::option::weighted(0.7, tenant_uuid()));
    prop::collection::vec(entry, 0..=MOST_ENTRIES)
        .prop_map(|entries| {
            let mut vendors = HashSet::new();
            let mut tenants = HashSet::new();
            let modified: Vec<Value> = entries
                .into_iter()
                .filter(|(vendor, acronis)| {
                    acronis.as_ref().is_none_or(|id| tenants.insert(id.clone()))
                        && vendors.insert(vendor.clone())
                })
                .map(|(vendor, acronis)| {
                    let mut entry = json!({ "vendor_tenant_id": vendor });
                    if let Some(acronis) = acronis {
                        entry["acronis_tenant_id"] = json!(acronis);
                    }
                    entry
                })
                .collect();
            json!({ "modified": modified })
        })
        .sboxed()
}

/// A payload of `partner.mirroring.enable`.
fn partner_enable() -> SBoxedStrategy<Value> {
    named_tenant()
}

/// A payload of `customer.mirroring.set_state`: both lists, one or none; no customer is in both.
fn customer_set_state() -> SBoxedStrategy<Value> {
    let enabled = prop::collection::vec(named_tenant(), 0..=MOST_ENTRIES);
    let disabled = prop::collection::vec(tenant_uuid(), 0..=MOST_ENTRIES);
    (
        tenant_uuid(),
        name(),
        prop::option::weighted(0.8, enabled),
        prop::option::weighted(0.5, disabled),
    )
        .prop_map(|(partner, name, enabled, disabled)| {
            let mut payload = json!({"partner_tenant_id": partner, "partner_tenant_name": name});
            let mut seen = HashSet::from([partner]);
            let mut once = |id: &str| seen.insert(id.to_owned());
            if let Some(mut enabled) = enabled {
                enabled.retain(|entry| entry["acronis_tenant_id"].as_str().is_some_and(&mut once));
                payload["enabled"] = json!(enabled);
            }
            if let Some(mut disabled) = disabled {
                disabled.retain(|id| once(id));
                payload["disabled"] = disabled
                    .into_iter()
                    .map(|id| json!({ "acronis_tenant_id": id }))
                    .collect();
            }
            payload
        })
        .sboxed()
}

/// An Acronis tenant with its name and, now and then, its settings.
fn named_tenant() -> SBoxedStrategy<Value> {
    (
        tenant_uuid(),
        name(),
        prop::option::weighted(0.4, settings()),
    )
        .prop_map(|(id, name, settings)| {
            let mut tenant = json!({"acronis_tenant_id": id, "acronis_tenant_name": name});
            if let Some(settings) = settings {
                tenant["settings"] = Value::Object(settings);
            }
            tenant
        })
        .sboxed()
}

/// What was chosen in an enablement form: ids of fields with blanks and Unicode, values of the kinds that forms have.
pub fn settings() -> SBoxedStrategy<Map<String, Value>> {
    let value = prop_oneof![
        3 => name().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (0..1_000_000_u32).prop_map(|number| json!(number)),
        1 => prop::collection::vec(name(), 0..=3).prop_map(|chosen| json!(chosen)),
    ];
    prop::collection::vec((extra::field_id(), value), 0..=4)
        .prop_map(|fields| fields.into_iter().collect())
        .sboxed()
}

/// A tenant's name: in any script, long or short, with the signs that names have.
pub fn name() -> SBoxedStrategy<String> {
    let known = prop::sample::select(vec![
        "Anchor MSP",
        "Zo\u{eb} & S\u{f6}hne GmbH",
        "O'Brien \"IT\" Ltd.",
        "株式会社アクロ",
        "شركة المثال",
        "חברה לדוגמה",
        "Общество «Пример»",
        "Ελληνική Εταιρεία",
        "บริษัท ตัวอย่าง จำกัด",
        "उदाहरण कंपनी",
        "e\u{301}cole",
        "A/B <C> 50 %; --",
        "\u{1f680} Rocket",
        "null",
        "0",
    ]);
    let long = (known.clone(), 5..=12_usize).prop_map(|(name, times)| {
        let long = [name].repeat(times).join(" ");
        // Columns for names often end at 255 characters.
        long.chars().take(200).collect::<String>().trim().to_owned()
    });
    prop_oneof![
        6 => known.prop_map(str::to_owned),
        2 => letters(),
        1 => long,
    ]
    .sboxed()
}

/// A vendor's id for an organisation. Which ids there are is the vendor's business, so these fit no handler in particular.
pub fn vendor_id() -> SBoxedStrategy<String> {
    prop_oneof![
        2 => (1..100_000_u32).prop_map(|id| format!("org-{id}")),
        2 => tenant_uuid(),
        1 => (0..100_000_u32).prop_map(|id| id.to_string()),
        1 => letters(),
    ]
    .sboxed()
}

/// Letters of any script, and blanks between them.
fn letters() -> SBoxedStrategy<String> {
    use std::sync::LazyLock;
    // A regular expression is costly to compile, so it is done once.
    static LETTERS: LazyLock<SBoxedStrategy<String>> = LazyLock::new(|| {
        prop::string::string_regex("[\\p{Latin}\\p{Greek}\\p{Cyrillic}\\p{Han}\\p{Arabic}0-9&&[\\p{L}\\p{Nd}]]{1,12}( [a-z0-9]{1,8}){0,2}")
            .expect("the expression is valid")
            .sboxed()
    });
    LETTERS.clone()
}

fn some(payloads: SBoxedStrategy<Value>) -> SBoxedStrategy<Option<Value>> {
    payloads.prop_map(Some).sboxed()
}

#[cfg(test)]
mod tests {
    use proptest::strategy::ValueTree;

    use super::*;
    use crate::generate::Template;
    use crate::generate::seed::{case_seed, tree};
    use crate::generate::template::tests::example;
    use crate::protocol::CATALOG;
    use crate::protocol::catalog::{CUSTOMER_MIRRORING_SET_STATE, TENANT_MAPPING_WRITE};

    fn payloads(callback: &'static Callback, count: u64) -> Vec<Option<Value>> {
        let all = of(callback);
        (0..count)
            .map(|case| {
                tree(&all, case_seed(1, callback.name, case))
                    .expect("no filter")
                    .current()
            })
            .collect()
    }

    #[test]
    fn all_keep_the_schema() {
        for callback in CATALOG {
            for payload in payloads(callback, 300) {
                let mut envelope = Template {
                    payload: None,
                    ..example(callback)
                }
                .envelope("9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c10");
                let members = envelope.as_object_mut().expect("an object");
                members.shift_remove("payload");
                members.extend(payload.map(|payload| ("payload".to_owned(), payload)));
                let violations = callback.request_schema.violations(&envelope);
                assert!(violations.is_empty(), "{envelope}: {violations:?}");
            }
        }
    }

    #[test]
    fn batches_are_of_all_kinds_and_name_nobody_twice() {
        let mut kinds = HashSet::new();
        for payload in payloads(&TENANT_MAPPING_WRITE, 200).into_iter().flatten() {
            let entries = payload["modified"].as_array().expect("a list");
            let vendors: HashSet<&Value> =
                entries.iter().map(|one| &one["vendor_tenant_id"]).collect();
            assert_eq!(vendors.len(), entries.len(), "{payload}");
            let mapped = entries
                .iter()
                .filter(|one| one.get("acronis_tenant_id").is_some());
            let mapped = mapped.count();
            kinds.insert((mapped > 0, mapped < entries.len(), entries.len() > 2));
        }
        assert!(kinds.len() >= 6, "{kinds:?}");
        for payload in payloads(&CUSTOMER_MIRRORING_SET_STATE, 200)
            .into_iter()
            .flatten()
        {
            let ids = |list: &str| -> Vec<String> {
                let entries = payload[list].as_array().into_iter().flatten();
                entries
                    .map(|one| one["acronis_tenant_id"].to_string())
                    .collect()
            };
            let (enabled, disabled) = (ids("enabled"), ids("disabled"));
            let all: HashSet<&String> = enabled.iter().chain(&disabled).collect();
            assert_eq!(all.len(), enabled.len() + disabled.len(), "{payload}");
        }
    }

    #[test]
    fn nothing_in_them_troubles_a_store() {
        let texts = (name(), vendor_id());
        for case in 0..500 {
            let (name, id) = tree(&texts, case_seed(1, "texts", case))
                .expect("no filter")
                .current();
            for text in [name, id] {
                assert!(!text.is_empty() && text.trim() == text, "{text:?}");
                assert!(!text.chars().any(char::is_control), "{text:?}");
                assert!(text.chars().count() <= 200, "{text:?}");
            }
        }
    }
}
