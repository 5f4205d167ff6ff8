//! Custom callbacks: what a vendor declares of one of its own (page `callback-handler/custom-callbacks`).

use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::catalog::{CATALOG, Callback, Family};
use super::cti::Cti;
use super::paging::PAGING;
use super::schema::composed::{Composed, Parts};
use super::schema::{PayloadSchema, Schema};

/// What identifiers begin with, by what they are of.
const CALLBACK: &str = "cti.a.p.acgw.callback.";
const REQUEST: &str = "cti.a.p.acgw.request.";
const RESPONSE: &str = "cti.a.p.acgw.response.";
/// The page that tells of custom callbacks.
const PAGE: &str = "callback-handler/custom-callbacks";

/// A callback that a vendor defines: what the gateway sends, and with what a handler may answer.
///
/// ```
/// use acgw_conformance::protocol::{CustomCallback, PayloadSchema};
///
/// let request = PayloadSchema::parse("request.json", r#"{"type": "object", "required": ["name"]}"#)?;
/// let find = CustomCallback::new(
///     "cti.a.p.acgw.callback.v1.0~acme.app.find.v1.0",
///     "cti.a.p.acgw.request.v1.0~acme.app.find.v1.0",
///     Some(request),
/// )?
/// .responds(200, "cti.a.p.acgw.response.v1.0~acme.app.find.ok.v1.0", None)?
/// .changes_data(false)
/// .example(serde_json::json!({"name": "Anchor"}))?;
/// assert_eq!(find.name(), "acme.app.find.v1.0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CustomCallback {
    id: Cti,
    request_type: Cti,
    custom: Custom,
    changes_data: bool,
}

/// What a custom callback has that a predefined one has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Custom {
    /// The schema of the request's payload; `None` where there is none.
    pub request: Option<PayloadSchema>,
    /// A payload that the handler is known to answer with success.
    pub example: Option<Value>,
    /// The responses, at least one of them a success; no two have the same status.
    pub responses: Vec<DeclaredResponse>,
    /// Whether its requests ask for a page, so that they have `paging` beside `payload`.
    pub paging: bool,
}

/// A response that a custom callback may have.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredResponse {
    /// The HTTP status, from 200 to 499.
    pub status: u16,
    /// The response's `type`, a CTI.
    pub response_type: String,
    /// The schema of its payload; `None` where there is none.
    pub payload: Option<PayloadSchema>,
}

impl DeclaredResponse {
    /// Whether it says that what was asked for was done.
    pub fn is_success(&self) -> bool {
        (200..=299).contains(&self.status)
    }
}

/// What is wrong with the declaration of a custom callback.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CustomError {
    field: CustomField,
    message: String,
}

/// What of a declaration is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomField {
    /// The callback's id.
    Id,
    /// The type of the request.
    RequestType,
    /// The schema of the request's payload.
    RequestSchema,
    /// The status of a response.
    Status,
    /// The type of a response.
    ResponseType,
    /// The responses as a whole.
    Responses,
    /// The example.
    Example,
    /// Whether it pages.
    Paging,
}

impl CustomError {
    fn new(field: CustomField, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }

    /// What of the declaration is wrong.
    pub fn field(&self) -> CustomField {
        self.field
    }
}

impl CustomCallback {
    /// A callback with this `context.callback_id`, whose requests have this `type` and a payload of this schema; without a schema, or
    /// with one that says nothing, they have none. Unless said otherwise, it changes data.
    ///
    /// # Errors
    /// When the id is not that of a custom callback, the type not that of a request, or the schema not one of objects, which
    /// payloads of requests are.
    pub fn new(
        id: &str,
        request_type: &str,
        request: Option<PayloadSchema>,
    ) -> Result<Self, CustomError> {
        let id = identifier(id, CALLBACK, CustomField::Id)?;
        if CATALOG.iter().any(|callback| callback.id == id.as_str()) {
            return Err(CustomError::new(
                CustomField::Id,
                format!("{id} is a predefined callback, which is checked without being declared"),
            ));
        }
        let request_type = identifier(request_type, REQUEST, CustomField::RequestType)?;
        let request = request.filter(|schema| !schema.is_empty());
        if request
            .as_ref()
            .is_some_and(|schema| !schema.takes_objects())
        {
            return Err(CustomError::new(
                CustomField::RequestSchema,
                "the payload of a request is an object, which this schema does not allow: \"type\": \"object\"",
            ));
        }
        Ok(Self {
            id,
            request_type,
            custom: Custom {
                request,
                example: None,
                responses: Vec::new(),
                paging: false,
            },
            changes_data: true,
        })
    }

    /// Declares a response; without a schema, or with one that says nothing, it has no payload.
    ///
    /// # Errors
    /// When the status is not one of 200 to 499, another response has it, or the type is not that of a response.
    pub fn responds(
        mut self,
        status: u16,
        response_type: &str,
        payload: Option<PayloadSchema>,
    ) -> Result<Self, CustomError> {
        if !(200..=499).contains(&status) {
            return Err(CustomError::new(
                CustomField::Status,
                format!(
                    "the status of a response is one of 200 to 499, not {status}; the gateway reads no answer with another"
                ),
            ));
        }
        if self.custom.responses.iter().any(|one| one.status == status) {
            return Err(CustomError::new(
                CustomField::Status,
                format!("two responses have the status {status}; each needs one of its own"),
            ));
        }
        let response_type = identifier(response_type, RESPONSE, CustomField::ResponseType)?;
        self.custom.responses.push(DeclaredResponse {
            status,
            response_type: response_type.to_string(),
            payload: payload.filter(|schema| !schema.is_empty()),
        });
        Ok(self)
    }

    /// Says whether it changes the handler's data. One that does is only sent where that is allowed.
    #[must_use]
    pub fn changes_data(mut self, changes: bool) -> Self {
        self.changes_data = changes;
        self
    }

    /// A payload that the handler is known to answer with success.
    ///
    /// # Errors
    /// When it breaks the schema of the request, or there is none.
    pub fn example(mut self, payload: Value) -> Result<Self, CustomError> {
        let wrong = |why: String| Err(CustomError::new(CustomField::Example, why));
        let Some(schema) = &self.custom.request else {
            return wrong("there is an example, but no schema of the request".to_owned());
        };
        if let Some(violation) = schema.violations(&payload).first() {
            return wrong(format!("the example breaks {}: {violation}", schema.name()));
        }
        if !payload.is_object() || !schema.is_right(&payload) {
            return wrong(format!(
                "the example is no object, or a text in it does not have its format by {}",
                schema.name()
            ));
        }
        self.custom.example = Some(payload);
        Ok(self)
    }

    /// Says whether its requests ask for a page of the answer. Unless said otherwise, they do not.
    ///
    /// # Errors
    /// When they cannot, because its id is not of version 2.
    pub fn paging(mut self, pages: bool) -> Result<Self, CustomError> {
        let id = &self.id;
        if pages && !id.as_str().starts_with(PAGING) {
            return Err(CustomError::new(
                CustomField::Paging,
                format!(
                    "{id} cannot page: only callbacks of version 2 can, whose ids begin with {PAGING}"
                ),
            ));
        }
        self.custom.paging = pages;
        Ok(self)
    }

    /// What people call it: the last part of its id.
    pub fn name(&self) -> &str {
        let id = self.id.as_str();
        id.rsplit_once('~').map_or(id, |(_, own)| own)
    }

    /// Its schemas, that of the request first.
    pub fn schemas(&self) -> impl Iterator<Item = &PayloadSchema> {
        let responses = self.custom.responses.iter();
        let of_responses = responses.filter_map(|one| one.payload.as_ref());
        self.custom.request.iter().chain(of_responses)
    }

    /// What of its schemas is not supported, and what comes of it: one sentence each.
    pub fn remarks(&self) -> impl Iterator<Item = String> {
        let own = self.custom.request.as_ref();
        self.schemas().flat_map(move |schema| {
            let comes = match own.is_some_and(|request| std::ptr::eq(request, schema)) {
                true => "so no payloads are made of this schema; only an `example` is sent",
                false => "so no answer is judged by it",
            };
            schema.unsupported().iter().map(move |unsupported| {
                format!(
                    "{}: {}{}: the keyword `{}` is not supported, {comes}",
                    self.name(),
                    schema.name(),
                    unsupported.pointer,
                    unsupported.keyword,
                )
            })
        })
    }

    /// The callback as the suite knows it, beside those of the catalog. Callbacks are referred to from everywhere, so each that is
    /// declared is kept until the program ends, however often it is asked for.
    ///
    /// # Errors
    /// When none of its responses is a success.
    pub fn callback(&self) -> Result<&'static Callback, CustomError> {
        static KNOWN: Mutex<Vec<(CustomCallback, &'static Callback)>> = Mutex::new(Vec::new());
        let Some(success) = self.custom.responses.iter().find(|one| one.is_success()) else {
            return Err(CustomError::new(
                CustomField::Responses,
                "none of its responses is a success: one needs a status from 200 to 299",
            ));
        };
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, callback)) = known.iter().find(|(declared, _)| declared == self) {
            return Ok(callback);
        }
        let callback: &'static Callback = Box::leak(Box::new(self.kept(success)));
        known.push((self.clone(), callback));
        Ok(callback)
    }

    fn kept(&self, success: &DeclaredResponse) -> Callback {
        let composed =
            |callback_id: Option<String>, kind: &str, payload: &Option<PayloadSchema>| {
                Schema::composed(Composed::new(Box::leak(Box::new(Parts {
                    callback_id,
                    kind: kind.to_owned(),
                    payload: payload.clone(),
                }))))
            };
        let id = self.id.to_string();
        Callback {
            request_schema: composed(
                Some(id.clone()),
                self.request_type.as_str(),
                &self.custom.request,
            ),
            response_schema: composed(None, &success.response_type, &success.payload),
            id: id.leak(),
            name: self.name().to_owned().leak(),
            request_type: self.request_type.to_string().leak(),
            response_type: success.response_type.clone().leak(),
            request_payload: None,
            response_payload: success.payload.is_some(),
            family: Family::Custom,
            changes_data: self.changes_data,
            effect: "Defined by the vendor.",
            page: PAGE,
            custom: Some(Box::leak(Box::new(self.custom.clone()))),
        }
    }
}

/// An identifier of a kind: that of the gateway, and the vendor's own behind it.
fn identifier(text: &str, base: &str, field: CustomField) -> Result<Cti, CustomError> {
    let cti = Cti::parse(text).map_err(|error| {
        CustomError::new(
            field,
            format!(
                "{text:?} is no CTI identifier: {error}, at character {}",
                error.position()
            ),
        )
    })?;
    if !cti.as_str().starts_with(base) || cti.contexts().len() < 2 {
        return Err(CustomError::new(
            field,
            format!(
                "{cti} is not of the kind asked for, which is {base}v1.0~<vendor>.<app>.<name>.v1.0"
            ),
        ));
    }
    Ok(cti)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "cti.a.p.acgw.callback.v1.0~acme.app.find.v1.0";
    const ASK: &str = "cti.a.p.acgw.request.v1.0~acme.app.find.v1.0";
    const OK: &str = "cti.a.p.acgw.response.v1.0~acme.app.find.ok.v1.0";

    fn schema(value: Value) -> Option<PayloadSchema> {
        Some(PayloadSchema::parse("s.json", &value.to_string()).expect("a schema"))
    }

    fn find() -> CustomCallback {
        CustomCallback::new(ID, ASK, schema(json!({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}})))
            .and_then(|find| find.responds(200, OK, schema(json!({"type": "array"}))))
            .expect("a declaration")
    }

    #[test]
    fn the_same_declaration_is_kept_once() {
        let kept = find().callback().expect("complete");
        assert!(std::ptr::eq(kept, find().callback().expect("complete")));
        let other = find().changes_data(false).callback().expect("complete");
        assert!(!std::ptr::eq(kept, other));
        assert_eq!((kept.id, kept.name), (ID, "acme.app.find.v1.0"));
        assert!(kept.changes_data && !other.changes_data && kept.response_payload);
    }

    #[test]
    fn messages_are_held_against_the_envelope_and_the_vendors_schema() {
        let callback = find().callback().expect("complete");
        let request = |kind: &str, payload: Value| {
            json!({
                "type": kind, "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
                "created_at": "2023-04-10T15:33:01+00:00", "payload": payload,
                "context": {"callback_id": ID, "endpoint_id": "cti.a.p.x.v1.0",
                    "tenant_id": "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11", "datacenter_url": "https://a.b"},
            })
        };
        let wrong = |message: Value| -> Vec<String> {
            let violations = callback.request_schema.violations(&message);
            violations
                .into_iter()
                .map(|one| one.instance_path)
                .collect()
        };
        assert!(wrong(request(ASK, json!({"at": "2023-04-10T15:33:01Z"}))).is_empty());
        assert_eq!(wrong(request(OK, json!({}))), ["/type"]);
        assert_eq!(wrong(request(ASK, json!({"at": 3}))), ["/payload/at"]);
        assert_eq!(wrong(request(ASK, json!({"at": "soon"}))), ["/payload"]);
        let mut without = request(ASK, json!({}));
        without
            .as_object_mut()
            .expect("an object")
            .shift_remove("payload");
        assert_eq!(wrong(without), [""]);
    }

    #[test]
    fn requests_of_version_2_may_ask_for_a_page() {
        let id = ID.replace("callback.v1.0", "callback.v2.0");
        let listed = CustomCallback::new(&id, ASK, None)
            .and_then(|one| one.responds(200, OK, None))
            .and_then(|one| one.paging(true))
            .expect("a declaration");
        let schema = listed.callback().expect("complete").request_schema;
        let mut request = json!({
            "type": ASK, "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
            "created_at": "2023-04-10T15:33:01+00:00",
            "context": {"callback_id": id, "endpoint_id": "cti.a.p.x.v1.0",
                "tenant_id": "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11", "datacenter_url": "https://a.b"},
        });
        assert!(schema.is_valid(&request));
        request["paging"] = json!({"limit": 10, "after": "x"});
        assert!(schema.is_valid(&request));
        request["paging"]["limit"] = json!(null);
        assert_eq!(
            schema.violations(&request)[0].instance_path,
            "/paging/limit"
        );
    }

    #[test]
    fn declarations_that_cannot_be_are_refused() {
        let field =
            |declared: Result<CustomCallback, CustomError>| declared.expect_err("refused").field();
        for id in [
            "cti.a.p.acgw.callback.v1.0",
            "nonsense",
            ASK,
            "cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0",
        ] {
            assert_eq!(
                field(CustomCallback::new(id, ASK, None)),
                CustomField::Id,
                "{id}"
            );
        }
        assert_eq!(
            field(CustomCallback::new(ID, OK, None)),
            CustomField::RequestType
        );
        let list = schema(json!({"type": "array"}));
        assert_eq!(
            field(CustomCallback::new(ID, ASK, list)),
            CustomField::RequestSchema
        );
        assert_eq!(field(find().responds(200, OK, None)), CustomField::Status);
        assert_eq!(field(find().responds(500, OK, None)), CustomField::Status);
        assert_eq!(
            field(find().responds(404, ASK, None)),
            CustomField::ResponseType
        );
        assert_eq!(
            field(find().example(json!({"at": "soon"}))),
            CustomField::Example
        );
        assert_eq!(field(find().example(json!([]))), CustomField::Example);
        assert_eq!(field(find().paging(true)), CustomField::Paging);
        assert_eq!(find().paging(false), Ok(find()));
        let refusing =
            CustomCallback::new(ID, ASK, None).and_then(|one| one.responds(404, OK, None));
        let error = refusing
            .expect("so far")
            .callback()
            .expect_err("no success");
        assert_eq!(error.field(), CustomField::Responses);
    }
}
