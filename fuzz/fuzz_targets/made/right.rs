//! Right messages of every callback, with all the freedom that the contract leaves.

use acgw_conformance::protocol::Callback;
use arbitrary::Arbitrary;
use serde_json::{Map, Value, json};

use super::Message;

/// What a message is made of; each takes what it needs.
#[derive(Debug, Arbitrary)]
pub struct Parts {
    request_id: Uuid,
    response_id: Uuid,
    tenant_id: Uuid,
    created_at: Date,
    endpoint: Cti,
    url: Url,
    text: String,
    state: bool,
    settings: Option<Vec<(String, String)>>,
    tenants: Vec<Tenant>,
    others: Option<Vec<Tenant>>,
    paging: Option<Paging>,
    empty_payload: bool,
}

/// A UUID in either case.
#[derive(Debug, Arbitrary)]
struct Uuid(u128, bool);

/// An organisation, whatever it is called where it stands.
#[derive(Debug, Arbitrary)]
struct Tenant {
    vendor: String,
    acronis: Option<Uuid>,
    name: String,
    further: Option<(String, i64)>,
}

#[derive(Debug, Arbitrary)]
enum Paging {
    Offset(i64, i64, i64),
    Cursor(Option<String>, Option<String>),
}

#[derive(Debug, Arbitrary)]
struct Date {
    year: u16,
    month: u8,
    day: u8,
    minute_of_day: u16,
    second: u8,
    fraction: Option<u32>,
    offset: Option<i16>,
    small_letters: bool,
}

#[derive(Debug, Arbitrary)]
struct Cti {
    name: u8,
    major: u32,
    minor: u32,
    instance: Option<u128>,
}

#[derive(Debug, Arbitrary)]
enum Url {
    Https,
    Port(u16),
    Address(u8, u8),
    Urn,
    Query(u8),
}

impl Parts {
    /// The message of this kind.
    pub fn message(&self, message: &Message) -> Value {
        match message {
            Message::Request(callback) => self.request(callback),
            Message::Response(callback) => self.response(callback),
            Message::Error => json!({
                "request_id": self.request_id.text(),
                "response_id": self.response_id.text(),
                "err_message": self.text,
            }),
        }
    }

    fn request(&self, callback: &Callback) -> Value {
        let mut request = json!({
            "type": callback.request_type,
            "request_id": self.request_id.text(),
            "created_at": self.created_at.text(),
            "context": {
                "callback_id": callback.id,
                "endpoint_id": self.endpoint.text(),
                "tenant_id": self.tenant_id.text(),
                "datacenter_url": self.url.text(),
            },
        });
        put(&mut request, "payload", self.asked(callback));
        request
    }

    fn response(&self, callback: &Callback) -> Value {
        let mut response = json!({
            "type": callback.response_type,
            "request_id": self.request_id.text(),
            "response_id": self.response_id.text(),
        });
        put(&mut response, "payload", self.answered(callback));
        response
    }

    fn asked(&self, callback: &Callback) -> Option<Value> {
        match callback.name {
            "enablement.write" => Some(json!({
                "vendor_tenant_id": not_empty(&self.text),
                "acronis_tenant_id": self.tenant_id.text(),
            })),
            "topology.read" => Some(json!({})),
            "tenant_mapping.write" => {
                let modified = self.tenants.iter().map(|tenant| tenant.mapping(false));
                Some(json!({ "modified": modified.collect::<Value>() }))
            }
            "partner.mirroring.get_state" => self.empty_payload.then(|| json!({})),
            "partner.mirroring.enable" => {
                let mut payload = json!({
                    "acronis_tenant_id": self.tenant_id.text(),
                    "acronis_tenant_name": self.text,
                });
                put(&mut payload, "settings", self.settings());
                Some(payload)
            }
            "customer.mirroring.set_state" => {
                let mut payload = json!({
                    "partner_tenant_id": self.tenant_id.text(),
                    "partner_tenant_name": self.text,
                });
                if !self.empty_payload {
                    let enabled = self.tenants.iter().map(|tenant| {
                        let mut entry = json!({
                            "acronis_tenant_id": tenant.acronis_id(),
                            "acronis_tenant_name": tenant.name,
                        });
                        put(&mut entry, "settings", self.settings());
                        entry
                    });
                    payload["enabled"] = enabled.collect();
                }
                let disabled = self.others.as_ref().map(|others| {
                    let entries = others.iter();
                    let entries =
                        entries.map(|tenant| json!({"acronis_tenant_id": tenant.acronis_id()}));
                    entries.collect()
                });
                put(&mut payload, "disabled", disabled);
                Some(payload)
            }
            _ => None,
        }
    }

    fn answered(&self, callback: &Callback) -> Option<Value> {
        match callback.name {
            "enablement.read" => {
                let mut payload = json!({"vendor_tenant_id": not_empty(&self.text)});
                let enabled = self.state.then(|| self.tenant_id.text().into());
                put(&mut payload, "acronis_tenant_id", enabled);
                Some(payload)
            }
            "topology.read" => {
                let items = self.tenants.iter();
                let items = items
                    .map(|tenant| json!({"id": not_empty(&tenant.vendor), "name": tenant.name}));
                let mut payload = json!({"items": items.collect::<Value>()});
                let paging = self.paging.as_ref().map(Paging::value);
                put(&mut payload, "paging", paging);
                Some(payload)
            }
            "tenant_mapping.read" => {
                let items = self.tenants.iter().map(|tenant| tenant.mapping(true));
                Some(json!({"items": items.collect::<Value>()}))
            }
            "partner.mirroring.get_state" => {
                let state = if self.state { "ENABLED" } else { "DISABLED" };
                let mut payload = json!({ "state": state });
                put(&mut payload, "settings", self.settings());
                Some(payload)
            }
            "partner.mirroring.enable" => Some(json!({
                "state": "ENABLED",
                "vendor_tenant_id": not_empty(&self.text),
                "acronis_tenant_id": self.tenant_id.text(),
            })),
            "customer.mirroring.get_state" => {
                let entries = self.tenants.iter().map(|tenant| {
                    let mut entry = json!({
                        "vendor_tenant_id": not_empty(&tenant.vendor),
                        "acronis_tenant_id": tenant.acronis_id(),
                    });
                    put(&mut entry, "settings", self.settings());
                    tenant.add_further(&mut entry);
                    entry
                });
                Some(entries.collect())
            }
            _ => None,
        }
    }

    fn settings(&self) -> Option<Value> {
        let settings = self.settings.as_ref()?.iter();
        let settings = settings.map(|(name, value)| (name.clone(), value.as_str().into()));
        Some(Value::Object(settings.collect::<Map<_, _>>()))
    }
}

impl Tenant {
    fn acronis_id(&self) -> String {
        self.acronis.as_ref().unwrap_or(&Uuid(0, false)).text()
    }

    /// An entry of a mapping; what is read may have further members.
    fn mapping(&self, read: bool) -> Value {
        let mut entry = json!({"vendor_tenant_id": not_empty(&self.vendor)});
        let acronis = self.acronis.as_ref().map(|id| id.text().into());
        put(&mut entry, "acronis_tenant_id", acronis);
        if read {
            self.add_further(&mut entry);
        }
        entry
    }

    fn add_further(&self, entry: &mut Value) {
        if let Some((name, value)) = &self.further {
            entry[format!("x_{name}")] = (*value).into();
        }
    }
}

impl Paging {
    fn value(&self) -> Value {
        match self {
            Self::Offset(offset, limit, total) => {
                json!({"offset": offset, "limit": limit, "total_count": total})
            }
            Self::Cursor(before, after) => {
                let mut cursor = json!({});
                put(&mut cursor, "before", before.clone().map(Value::from));
                put(&mut cursor, "after", after.clone().map(Value::from));
                cursor
            }
        }
    }
}

impl Uuid {
    fn text(&self) -> String {
        let digits = format!("{:032x}", self.0);
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
        let text = parts.join("-");
        if self.1 {
            text.to_ascii_uppercase()
        } else {
            text
        }
    }
}

impl Date {
    fn text(&self) -> String {
        let mut text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year % 10_000,
            self.month % 12 + 1,
            self.day % 28 + 1,
            self.minute_of_day % 1_440 / 60,
            self.minute_of_day % 60,
            self.second % 60,
        );
        if let Some(fraction) = self.fraction {
            text.push_str(&format!(".{fraction}"));
        }
        match self.offset {
            None => text.push('Z'),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.unsigned_abs() % 1_440;
                text.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
            }
        }
        if self.small_letters {
            text.make_ascii_lowercase();
        }
        text
    }
}

impl Cti {
    fn text(&self) -> String {
        let name = ["endpoint", "list_devices", "a.b", "_x1"][usize::from(self.name % 4)];
        // Version 0.0 is none.
        let major = u64::from(self.major) + 1;
        let base = format!(
            "cti.a.p.acgw.endpoint.v1.0~vendor.app.{name}.v{major}.{}",
            self.minor
        );
        match self.instance {
            None => base,
            Some(id) => format!("{base}~{}", Uuid(id, false).text()),
        }
    }
}

impl Url {
    fn text(&self) -> String {
        match self {
            Self::Https => "https://acronis.cloud".to_owned(),
            Self::Port(port) => format!("https://eu2-cloud.acronis.com:{port}/"),
            Self::Address(a, b) => format!("http://10.0.{a}.{b}"),
            Self::Urn => "urn:x".to_owned(),
            Self::Query(byte) => format!("https://acronis.cloud/bc/api?x=%{byte:02X}#y"),
        }
    }
}

fn not_empty(text: &str) -> &str {
    if text.is_empty() { "0" } else { text }
}

fn put(object: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[name] = value;
    }
}
