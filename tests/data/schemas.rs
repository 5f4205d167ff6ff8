//! Values that the documents show, with single changes that they allow or forbid.

use acgw_conformance::protocol::schema::{self, Schema};
use serde_json::{Value, json};

pub fn request() -> Value {
    json!({
        "type": "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
        "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
        "created_at": "2023-04-10T15:33:01+00:00",
        "context": {
            "callback_id": "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.read.v1.0",
            "endpoint_id": "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0",
            "tenant_id": "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11",
            "datacenter_url": "https://acronis.cloud",
        },
    })
}

pub fn response() -> Value {
    json!({
        "type": "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.ok.v1.0",
        "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
        "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
        "payload": {"items": [
            {"vendor_tenant_id": "org-1", "acronis_tenant_id": "0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a"},
            {"vendor_tenant_id": "org-2"},
        ]},
    })
}

pub fn topology() -> Value {
    json!({
        "type": "cti.a.p.acgw.response.v1.0~a.p.topology.read.ok.v1.0",
        "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
        "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
        "payload": {"items": [{"id": "org-1", "name": "One"}], "paging": {"offset": 0, "limit": 1, "total_count": 2}},
    })
}

pub fn error() -> Value {
    json!({
        "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
        "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
        "err_message": "The password is wrong.",
    })
}

pub fn claims() -> Value {
    json!({
        "iss": "https://acronis.cloud",
        "aud": "acronis.cloud",
        "exp": 1681144381,
        "iat": 1681140781,
        "jti": "0a8f2f3f-9d11-4f0e-8b2c-6a6e0c3c9d39",
        "sub": "9d390a8f-2f3f-4f0e-8b2c-9d116a6e0c3c",
        "scope": [{"role": "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0"}],
        "ver": 2,
        "sub_type": "platform-acgw",
    })
}

/// The value with one place changed; `None` takes it away.
pub fn with(mut value: Value, pointer: &str, change: &Option<Value>) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = value.pointer_mut(parent).expect("the place is there");
    match (parent, change) {
        (Value::Object(object), Some(change)) => {
            drop(object.insert(key.to_owned(), change.clone()))
        }
        (Value::Object(object), None) => drop(object.remove(key).expect("the key is there")),
        (parent, _) => panic!("{parent} is no object"),
    }
    value
}

pub fn set(value: Value) -> Option<Value> {
    Some(value)
}

/// The last example of a schema, which is the fullest.
fn example(schema: Schema) -> Value {
    let document: Value = serde_json::from_str(schema.text()).expect("JSON");
    let examples = document["examples"].as_array().expect("examples");
    examples.last().expect("an example").clone()
}

const UUID: &str = "0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a";

/// What is no UUID, but has been taken for one.
fn no_uuids() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!("1"),
        json!("0d4a9d1e5f1b4c6e8a637b8f0e2c4d5a"),
        json!("{0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a}"),
        json!(1),
    ]
}

/// Nothing but one changed place.
fn each(pointer: &'static str, values: Vec<Value>) -> Vec<Change> {
    values
        .into_iter()
        .map(|value| (pointer, Some(value)))
        .collect()
}

pub type Change = (&'static str, Option<Value>);

/// What the documents allow beside the plain form.
pub fn allowed() -> Vec<(Schema, Value, Vec<Change>)> {
    let mut all = allowed_in_general();
    all.extend(allowed_of_callbacks());
    all
}

/// What the documents allow in the payloads of the other callbacks.
fn allowed_of_callbacks() -> Vec<(Schema, Value, Vec<Change>)> {
    let of = |schema: Schema, changes: Vec<Change>| (schema, example(schema), changes);
    let settings = || set(json!({"": null, "Number of seats": 5, "会社 名": {"a": []}}));
    vec![
        of(
            schema::ENABLEMENT_READ_RESPONSE,
            vec![
                ("/payload", set(json!({"vendor_tenant_id": " "}))),
                (
                    "/payload",
                    set(json!({"vendor_tenant_id": "1", "acronis_tenant_id": UUID.to_uppercase()})),
                ),
            ],
        ),
        of(
            schema::ENABLEMENT_WRITE_REQUEST,
            vec![("/payload/vendor_tenant_id", set(json!("Zo\u{eb} & Söhne")))],
        ),
        of(schema::ENABLEMENT_WRITE_RESPONSE, Vec::new()),
        of(schema::ENABLEMENT_RESET_REQUEST, Vec::new()),
        of(schema::ENABLEMENT_RESET_RESPONSE, Vec::new()),
        of(
            schema::TENANT_MAPPING_WRITE_REQUEST,
            vec![
                ("/payload/modified", set(json!([]))),
                (
                    "/payload/modified",
                    set(json!([{"vendor_tenant_id": "1"}, {"vendor_tenant_id": "1"}])),
                ),
            ],
        ),
        of(schema::TENANT_MAPPING_WRITE_RESPONSE, Vec::new()),
        of(
            schema::PARTNER_MIRRORING_GET_STATE_REQUEST,
            vec![("/payload", None), ("/payload", set(json!({})))],
        ),
        of(
            schema::PARTNER_MIRRORING_GET_STATE_RESPONSE,
            vec![
                ("/payload/state", set(json!("ENABLED"))),
                ("/payload/state", set(json!("DISABLED"))),
                ("/payload/settings", set(json!({}))),
                ("/payload/settings", settings()),
                ("/payload/further", set(json!(null))),
            ],
        ),
        of(
            schema::PARTNER_MIRRORING_ENABLE_REQUEST,
            vec![
                ("/payload/acronis_tenant_name", set(json!(""))),
                ("/payload/acronis_tenant_name", set(json!("株式会社"))),
                ("/payload/settings", settings()),
                (
                    "/payload",
                    set(json!({"acronis_tenant_id": UUID, "acronis_tenant_name": "A"})),
                ),
            ],
        ),
        of(
            schema::PARTNER_MIRRORING_ENABLE_RESPONSE,
            vec![
                ("/payload/vendor_tenant_id", set(json!("0"))),
                ("/payload/settings", settings()),
            ],
        ),
        of(schema::PARTNER_MIRRORING_RESET_REQUEST, Vec::new()),
        of(schema::PARTNER_MIRRORING_RESET_RESPONSE, Vec::new()),
        of(schema::CUSTOMER_MIRRORING_GET_STATE_REQUEST, Vec::new()),
        of(
            schema::CUSTOMER_MIRRORING_GET_STATE_RESPONSE,
            vec![
                ("/payload", set(json!([]))),
                (
                    "/payload",
                    set(json!([
                        {"vendor_tenant_id": "1", "acronis_tenant_id": UUID, "settings": {}, "further": 1},
                        {"acronis_tenant_id": UUID, "vendor_tenant_id": "2", "name": null},
                    ])),
                ),
            ],
        ),
        of(
            schema::CUSTOMER_MIRRORING_SET_STATE_REQUEST,
            vec![
                ("/payload/enabled", None),
                ("/payload/enabled", set(json!([]))),
                ("/payload/disabled", None),
                ("/payload/disabled", set(json!([]))),
                ("/payload/partner_tenant_name", set(json!(""))),
                (
                    "/payload",
                    set(json!({"partner_tenant_id": UUID, "partner_tenant_name": "A"})),
                ),
            ],
        ),
        of(schema::CUSTOMER_MIRRORING_SET_STATE_RESPONSE, Vec::new()),
    ]
}

fn allowed_in_general() -> Vec<(Schema, Value, Vec<Change>)> {
    vec![
        (
            schema::TENANT_MAPPING_READ_REQUEST,
            request(),
            vec![
                ("/created_at", set(json!("0001-01-01T00:00:00Z"))),
                ("/created_at", set(json!("2023-04-10T15:33:01.362Z"))),
                (
                    "/created_at",
                    set(json!("2023-04-10t15:33:01.362000001-23:59")),
                ),
                ("/created_at", set(json!("2016-12-31T23:59:60Z"))),
                (
                    "/request_id",
                    set(json!("2F1C7A52-6F8D-4A2B-9B63-0F3F0F0C6F0A")),
                ),
                (
                    "/request_id",
                    set(json!("00000000-0000-0000-0000-000000000000")),
                ),
                (
                    "/context/datacenter_url",
                    set(json!("http://[::1]:8080/a?b#c")),
                ),
                (
                    "/context/endpoint_id",
                    set(json!("cti.a.p.x.v1.0~35A0FDEA-077A-4117-AB7A-1EEBC309EE05")),
                ),
            ],
        ),
        (
            schema::TENANT_MAPPING_READ_RESPONSE,
            response(),
            vec![
                ("/payload/items", set(json!([]))),
                (
                    "/payload/items",
                    set(json!([{"vendor_tenant_id": " ", "name": null, "further": {"a": []}}])),
                ),
                (
                    "/payload/items",
                    set(
                        json!([{"vendor_tenant_id": "1", "acronis_tenant_id": "0D4A9D1E-5F1B-4C6E-8A63-7B8F0E2C4D5A"}]),
                    ),
                ),
            ],
        ),
        (
            schema::TOPOLOGY_READ_RESPONSE,
            topology(),
            vec![
                ("/payload/paging", None),
                ("/payload/paging", set(json!({}))),
                ("/payload/paging", set(json!({"before": "a", "after": ""}))),
                (
                    "/payload/paging",
                    set(
                        json!({"offset": 0.0, "limit": 9223372036854775807_i64, "total_count": 1e3}),
                    ),
                ),
                ("/payload/items", set(json!([{"id": "1", "name": ""}]))),
            ],
        ),
        (
            schema::ERROR_RESPONSE,
            error(),
            vec![("/err_message", set(json!("")))],
        ),
        (
            schema::RESPONSE,
            response(),
            vec![
                ("/payload", None),
                ("/payload", set(json!(null))),
                ("/payload", set(json!([{"state": "ENABLED"}]))),
                (
                    "/type",
                    set(json!(
                        "cti.a.p.acgw.response.v1.1~a.p.customer.mirroring.get_state.ok.v1.0"
                    )),
                ),
            ],
        ),
        (
            schema::TOKEN_CLAIMS,
            claims(),
            vec![
                ("/aud", None),
                ("/aud", set(json!(["a", "b"]))),
                ("/aud", set(json!([]))),
                ("/exp", set(json!(1681144381.0))),
                ("/exp", set(json!(-1))),
                ("/scope", set(json!([]))),
                (
                    "/scope",
                    set(json!([{"role": "reader", "resource": "x"}, {"role": ""}])),
                ),
                ("/further", set(json!({"a": null}))),
                ("/ver", None),
            ],
        ),
        (
            schema::TOKEN_HEADER,
            json!({"alg": "RS256", "kid": "1", "iri": "x"}),
            vec![
                ("/iri", None),
                ("/typ", set(json!(1))),
                ("/kid", set(json!(""))),
            ],
        ),
    ]
}

/// The documented slips, and what else is none of the form.
pub fn forbidden() -> Vec<(Schema, Value, Vec<Change>)> {
    let mut all = forbidden_in_general();
    all.extend(forbidden_of_callbacks());
    all
}

/// Slips in the payloads of the other callbacks.
fn forbidden_of_callbacks() -> Vec<(Schema, Value, Vec<Change>)> {
    let of = |schema: Schema, changes: Vec<Vec<Change>>| {
        (
            schema,
            example(schema),
            changes.into_iter().flatten().collect::<Vec<_>>(),
        )
    };
    let ids = || vec![json!(null), json!(""), json!(1), json!({})];
    let no_object = || vec![json!(null), json!([]), json!(""), json!(0), json!(true)];
    let no_list = || {
        vec![
            json!(null),
            json!({}),
            json!(""),
            json!([null]),
            json!([[]]),
            json!(["1"]),
        ]
    };
    let names = || vec![json!(null), json!(1), json!(["A"])];
    // The answer "done, and nothing to say" has no payload at all.
    let no_content = |schema: Schema| {
        let payloads = each(
            "/payload",
            vec![
                json!(null),
                json!({}),
                json!([]),
                json!(""),
                json!({"status": "ok"}),
            ],
        );
        of(
            schema,
            vec![
                payloads,
                vec![
                    ("/type", None),
                    ("/response_id", None),
                    ("/status", set(json!("ok"))),
                ],
            ],
        )
    };
    // Nor has a request that asks for nothing in particular.
    let no_input = |schema: Schema| {
        of(
            schema,
            vec![each("/payload", vec![json!(null), json!({}), json!([])])],
        )
    };
    let mut all = vec![
        no_content(schema::ENABLEMENT_WRITE_RESPONSE),
        no_content(schema::ENABLEMENT_RESET_RESPONSE),
        no_content(schema::TENANT_MAPPING_WRITE_RESPONSE),
        no_content(schema::PARTNER_MIRRORING_RESET_RESPONSE),
        no_content(schema::CUSTOMER_MIRRORING_SET_STATE_RESPONSE),
        no_input(schema::ENABLEMENT_READ_REQUEST),
        no_input(schema::ENABLEMENT_RESET_REQUEST),
        no_input(schema::PARTNER_MIRRORING_RESET_REQUEST),
        no_input(schema::CUSTOMER_MIRRORING_GET_STATE_REQUEST),
    ];
    all.extend([
        of(
            schema::ENABLEMENT_READ_RESPONSE,
            vec![
                vec![
                    ("/payload", None),
                    ("/payload/vendor_tenant_id", None),
                    ("/payload/further", set(json!(1))),
                    ("/payload/items", set(json!([]))),
                    (
                        "/type",
                        set(json!("cti.a.p.acgw.response.v1.0~a.p.enablement.read.v1.0")),
                    ),
                ],
                each("/payload", no_object()),
                each("/payload/vendor_tenant_id", ids()),
                // What is not enabled has no key: neither null nor an empty string stands for it.
                each("/payload/acronis_tenant_id", no_uuids()),
            ],
        ),
        of(
            schema::ENABLEMENT_WRITE_REQUEST,
            vec![
                vec![
                    ("/payload", None),
                    ("/payload/vendor_tenant_id", None),
                    ("/payload/acronis_tenant_id", None),
                    ("/payload/further", set(json!(1))),
                ],
                each("/payload", no_object()),
                each("/payload/vendor_tenant_id", ids()),
                each("/payload/acronis_tenant_id", no_uuids()),
            ],
        ),
        of(
            schema::TENANT_MAPPING_WRITE_REQUEST,
            vec![
                vec![
                    ("/payload", None),
                    ("/payload/modified", None),
                    ("/payload/items", set(json!([]))),
                    ("/payload/modified/0/vendor_tenant_id", None),
                    ("/payload/modified/0/further", set(json!(1))),
                ],
                each("/payload", no_object()),
                each("/payload/modified", no_list()),
                each("/payload/modified/0/vendor_tenant_id", ids()),
                each("/payload/modified/0/acronis_tenant_id", no_uuids()),
            ],
        ),
        of(
            schema::PARTNER_MIRRORING_GET_STATE_REQUEST,
            vec![each(
                "/payload",
                vec![json!(null), json!([]), json!({"a": 1}), json!("")],
            )],
        ),
        of(
            schema::PARTNER_MIRRORING_GET_STATE_RESPONSE,
            vec![
                vec![("/payload", None), ("/payload/state", None)],
                each("/payload", no_object()),
                each(
                    "/payload/state",
                    vec![
                        json!(null),
                        json!(""),
                        json!("enabled"),
                        json!("Disabled"),
                        json!("ENABLED "),
                        json!("ACTIVE"),
                        json!(true),
                        json!(["ENABLED"]),
                        json!({"ENABLED": null}),
                    ],
                ),
                each("/payload/settings", no_object()),
            ],
        ),
        of(
            schema::PARTNER_MIRRORING_ENABLE_REQUEST,
            vec![
                vec![
                    ("/payload", None),
                    ("/payload/acronis_tenant_id", None),
                    ("/payload/acronis_tenant_name", None),
                    ("/payload/further", set(json!(1))),
                ],
                each("/payload", no_object()),
                each("/payload/acronis_tenant_id", no_uuids()),
                each("/payload/acronis_tenant_name", names()),
                each("/payload/settings", no_object()),
            ],
        ),
        of(
            schema::PARTNER_MIRRORING_ENABLE_RESPONSE,
            vec![
                vec![
                    ("/payload", None),
                    ("/payload/state", None),
                    ("/payload/vendor_tenant_id", None),
                    ("/payload/acronis_tenant_id", None),
                ],
                each("/payload", no_object()),
                each(
                    "/payload/state",
                    vec![
                        json!("enabled"),
                        json!("DISABLED"),
                        json!(null),
                        json!(true),
                    ],
                ),
                each("/payload/vendor_tenant_id", ids()),
                each("/payload/acronis_tenant_id", no_uuids()),
            ],
        ),
        of(
            schema::CUSTOMER_MIRRORING_SET_STATE_REQUEST,
            vec![
                vec![
                    ("/payload", None),
                    ("/payload/partner_tenant_id", None),
                    ("/payload/partner_tenant_name", None),
                    ("/payload/modified", set(json!([]))),
                    ("/payload/enabled/0/acronis_tenant_id", None),
                    ("/payload/enabled/0/acronis_tenant_name", None),
                    ("/payload/enabled/0/vendor_tenant_id", set(json!("1"))),
                    ("/payload/disabled/0/acronis_tenant_id", None),
                    ("/payload/disabled/0/acronis_tenant_name", set(json!("A"))),
                ],
                each("/payload", no_object()),
                each("/payload/partner_tenant_id", no_uuids()),
                each("/payload/partner_tenant_name", names()),
                each("/payload/enabled", no_list()),
                each("/payload/disabled", no_list()),
                each("/payload/enabled/0/acronis_tenant_id", no_uuids()),
                each("/payload/enabled/0/acronis_tenant_name", names()),
                each("/payload/enabled/0/settings", no_object()),
                each("/payload/disabled/0/acronis_tenant_id", no_uuids()),
            ],
        ),
    ]);
    // Its last example is the empty list.
    let customer = json!({"vendor_tenant_id": "1", "acronis_tenant_id": UUID});
    let customers = example(schema::CUSTOMER_MIRRORING_GET_STATE_RESPONSE);
    let customers = with(customers, "/payload", &set(json!([customer])));
    let changes = vec![
        vec![
            ("/payload", None),
            // An object in place of the array, as all other callbacks have one.
            ("/payload", set(json!({}))),
            ("/payload", set(json!({"items": [customer]}))),
            ("/payload", set(customer.clone())),
            ("/payload/0/vendor_tenant_id", None),
            ("/payload/0/acronis_tenant_id", None),
        ],
        each(
            "/payload",
            vec![
                json!(null),
                json!(""),
                json!([null]),
                json!([UUID]),
                json!([[]]),
            ],
        ),
        each("/payload/0/vendor_tenant_id", ids()),
        each("/payload/0/acronis_tenant_id", no_uuids()),
        each("/payload/0/settings", no_object()),
    ];
    all.push((
        schema::CUSTOMER_MIRRORING_GET_STATE_RESPONSE,
        customers,
        changes.into_iter().flatten().collect(),
    ));
    all
}

fn forbidden_in_general() -> Vec<(Schema, Value, Vec<Change>)> {
    vec![
        (
            schema::TENANT_MAPPING_READ_REQUEST,
            request(),
            vec![
                ("/payload", set(json!({}))),
                ("/payload", set(json!(null))),
                ("/paging", set(json!({"limit": 1}))),
                ("/type", None),
                (
                    "/type",
                    set(json!("cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0")),
                ),
                ("/type", set(json!("cti.a.p.acgw.request.v1.0"))),
                ("/request_id", None),
                ("/request_id", set(json!(""))),
                (
                    "/request_id",
                    set(json!("2f1c7a526f8d4a2b9b630f3f0f0c6f0a")),
                ),
                (
                    "/request_id",
                    set(json!("{2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a}")),
                ),
                (
                    "/request_id",
                    set(json!("urn:uuid:2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a")),
                ),
                (
                    "/request_id",
                    set(json!("2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0g")),
                ),
                ("/created_at", set(json!("2023-04-10 15:33:01Z"))),
                ("/created_at", set(json!("2023-04-10T15:33:01"))),
                ("/created_at", set(json!("2023-13-10T15:33:01Z"))),
                ("/created_at", set(json!(1681140781))),
                ("/context", None),
                ("/context", set(json!(["a", "b", "c", "d"]))),
                (
                    "/context/callback_id",
                    set(json!("cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0")),
                ),
                (
                    "/context/endpoint_id",
                    set(json!("cti.a.p.acgw.endpoint.v1.0~*")),
                ),
                (
                    "/context/endpoint_id",
                    set(json!("cti.a.p.x.v9223372036854775808.0")),
                ),
                ("/context/endpoint_id", None),
                ("/context/tenant_id", set(json!("1"))),
                ("/context/tenant_id", None),
                ("/context/datacenter_url", set(json!("acronis.cloud"))),
                (
                    "/context/datacenter_url",
                    set(json!("https://acronis cloud")),
                ),
                ("/context/datacenter_url", None),
                ("/context/further", set(json!(1))),
            ],
        ),
        (
            schema::TENANT_MAPPING_READ_RESPONSE,
            response(),
            vec![
                // The page's own example lacks the payload.
                ("/payload", None),
                ("/payload", set(json!(null))),
                ("/payload", set(json!({}))),
                ("/payload", set(json!([]))),
                ("/payload/paging", set(json!({}))),
                ("/payload/items", set(json!({}))),
                ("/payload/items", set(json!([["org-1"]]))),
                ("/payload/items", set(json!(["org-1"]))),
                ("/payload/items", set(json!([{"vendor_tenant_id": ""}]))),
                ("/payload/items", set(json!([{"vendor_tenant_id": 1}]))),
                ("/payload/items", set(json!([{"vendor_tenant_id": null}]))),
                (
                    "/payload/items",
                    set(json!([{"acronis_tenant_id": "0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a"}])),
                ),
                // What is not mapped has no key: neither null nor an empty string stands for it.
                (
                    "/payload/items",
                    set(json!([{"vendor_tenant_id": "1", "acronis_tenant_id": null}])),
                ),
                (
                    "/payload/items",
                    set(json!([{"vendor_tenant_id": "1", "acronis_tenant_id": ""}])),
                ),
                (
                    "/payload/items",
                    set(json!([{"vendor_tenant_id": "1", "acronis_tenant_id": "1"}])),
                ),
                (
                    "/type",
                    set(json!(
                        "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.v1.0"
                    )),
                ),
                ("/type", None),
                ("/response_id", None),
                ("/response_id", set(json!("1"))),
                ("/request_id", None),
                ("/status", set(json!("ok"))),
                ("/err_message", set(json!(""))),
            ],
        ),
        (
            schema::TOPOLOGY_READ_RESPONSE,
            topology(),
            vec![
                ("/payload", None),
                ("/payload/items", None),
                ("/payload/items", set(json!([{"id": "1"}]))),
                ("/payload/items", set(json!([{"id": "", "name": "One"}]))),
                ("/payload/items", set(json!([{"id": 1, "name": "One"}]))),
                ("/payload/items", set(json!([{"id": "1", "name": null}]))),
                (
                    "/payload/items",
                    set(json!([{"id": "1", "name": "One", "further": 1}])),
                ),
                ("/payload/items", set(json!([["1", "One"]]))),
                ("/payload/paging", set(json!(null))),
                ("/payload/paging", set(json!([]))),
                ("/payload/paging", set(json!({"offset": 0}))),
                ("/payload/paging", set(json!({"offset": 0, "limit": 1}))),
                (
                    "/payload/paging",
                    set(json!({"offset": 0, "limit": 1, "total_count": 2, "after": "a"})),
                ),
                (
                    "/payload/paging",
                    set(json!({"offset": "0", "limit": 1, "total_count": 2})),
                ),
                (
                    "/payload/paging",
                    set(json!({"offset": 0.5, "limit": 1, "total_count": 2})),
                ),
                (
                    "/payload/paging",
                    set(json!({"offset": 0, "limit": 9223372036854775808_u64, "total_count": 2})),
                ),
                (
                    "/payload/paging",
                    set(json!({"offset": 0, "limit": 1e300, "total_count": 2})),
                ),
                ("/payload/paging", set(json!({"after": null}))),
                ("/payload/paging", set(json!({"next": "a"}))),
            ],
        ),
        (
            schema::ERROR_RESPONSE,
            error(),
            vec![
                (
                    "/type",
                    set(json!("cti.a.p.acgw.response.v1.0~a.p.error.v1.0")),
                ),
                ("/payload", set(json!({}))),
                ("/err_message", None),
                ("/err_message", set(json!(null))),
                ("/err_message", set(json!({"text": "no"}))),
                ("/request_id", None),
                ("/response_id", set(json!(""))),
            ],
        ),
        (
            schema::TOKEN_CLAIMS,
            claims(),
            vec![
                ("/iss", None),
                ("/iss", set(json!(null))),
                ("/iss", set(json!(["https://acronis.cloud"]))),
                ("/exp", None),
                ("/exp", set(json!("1681144381"))),
                ("/exp", set(json!(1681144381.5))),
                ("/exp", set(json!(null))),
                ("/exp", set(json!(18446744073709551615_u64))),
                ("/iat", set(json!(null))),
                ("/aud", set(json!(null))),
                ("/aud", set(json!([1]))),
                ("/aud", set(json!({}))),
                ("/jti", set(json!(1))),
                ("/sub", set(json!(null))),
                ("/scope", None),
                ("/scope", set(json!(null))),
                ("/scope", set(json!("role"))),
                ("/scope", set(json!({"role": "x"}))),
                ("/scope", set(json!(["x"]))),
                ("/scope", set(json!([["x"]]))),
                ("/scope", set(json!([{"role": null}]))),
                ("/scope", set(json!([{}]))),
                ("/ver", set(json!("2"))),
                ("/sub_type", set(json!(null))),
            ],
        ),
        (
            schema::TOKEN_HEADER,
            json!({"alg": "RS256", "kid": "1"}),
            vec![
                ("/alg", None),
                ("/alg", set(json!("none"))),
                ("/alg", set(json!("HS256"))),
                ("/alg", set(json!("rs256"))),
                ("/alg", set(json!(["RS256"]))),
                ("/kid", None),
                ("/kid", set(json!(1))),
                ("/kid", set(json!(null))),
                ("/iri", set(json!(null))),
            ],
        ),
    ]
}
