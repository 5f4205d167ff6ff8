//! What a malformation is, and all of them.

use bytes::Bytes;

use super::{build::Builder, encoding, fields, large, payload, shape, transport};
use crate::generate::hostile;
use crate::generate::template::Template;

/// What is wrong with a request, and so what may be asked of a handler that gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// The body is no JSON object (ROB-01).
    NotAnObject,
    /// `context` or `context.callback_id` is missing or of another JSON type (ROB-02).
    Dispatch,
    /// `context.callback_id` is a string that names no callback (ENV-11).
    UnknownCallback,
    /// `request_id` is missing or of another JSON type (ROB-03).
    RequestId,
    /// `context.endpoint_id` is missing or of another JSON type, so no role of the token equals it (JWT-17).
    Endpoint,
    /// A field is damaged that a handler may have no use for (ROB-04).
    Ignorable,
    /// The JSON is odd: some parsers take it and some do not (ROB-05).
    Encoding,
    /// The body is large (ROB-06).
    Large,
    /// `Content-Type` is missing or says something else (ROB-07).
    MediaType,
    /// The method is not POST (HTTP-08).
    Method,
    /// A field holds a value that has broken programs before (ROB-08).
    Hostile,
    /// The payload breaks the callback's schema. Callbacks without anything in their payloads have none of these.
    Payload,
}

impl Class {
    /// Every class.
    pub const ALL: &'static [Class] = &[
        Class::NotAnObject,
        Class::Dispatch,
        Class::UnknownCallback,
        Class::RequestId,
        Class::Endpoint,
        Class::Ignorable,
        Class::Encoding,
        Class::Large,
        Class::MediaType,
        Class::Method,
        Class::Hostile,
        Class::Payload,
    ];

    /// Whether a right handler, whatever its language, refuses every request of this class. The others it may accept
    /// or refuse.
    pub fn must_be_refused(self) -> bool {
        match self {
            Self::NotAnObject
            | Self::Dispatch
            | Self::UnknownCallback
            | Self::RequestId
            | Self::Endpoint
            | Self::Method => true,
            // A handler may have no use for a name, take null for what is absent, or any text for an id.
            Self::Payload => false,
            Self::Ignorable | Self::Encoding | Self::Large | Self::MediaType | Self::Hostile => {
                false
            }
        }
    }
}

/// A valid request with exactly one thing changed for the worse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformation {
    /// Says what is wrong; no two of one template share a name.
    pub name: String,
    /// What may be asked of a handler that gets it.
    pub class: Class,
    /// The body.
    pub body: Bytes,
    /// `None`: `Content-Type` is as it should be. `Some(None)`: there is none. `Some(Some(value))`: it has this value.
    pub content_type: Option<Option<String>>,
    /// The method, where it is not POST.
    pub method: Option<String>,
}

impl Malformation {
    pub(crate) fn body(name: impl Into<String>, class: Class, body: impl Into<Bytes>) -> Self {
        Self {
            name: name.into(),
            class,
            body: body.into(),
            content_type: None,
            method: None,
        }
    }
}

/// Every malformation of the template's request, class by class, the most telling of each class first.
pub fn enumerated(template: &Template, request_id: &str) -> Vec<Malformation> {
    Class::ALL
        .iter()
        .flat_map(|class| of_class(template, request_id, *class))
        .collect()
}

/// The malformations of one class, the most telling first.
pub fn of_class(template: &Template, request_id: &str, class: Class) -> Vec<Malformation> {
    each_of_class(template, request_id, class).collect()
}

/// The malformations of one class, the most telling first. Long lists, and long bodies, are made as they are taken.
pub fn each_of_class<'a>(
    template: &'a Template,
    request_id: &str,
    class: Class,
) -> Box<dyn Iterator<Item = Malformation> + 'a> {
    let builder = Builder::new(template, request_id);
    let list = match class {
        Class::NotAnObject => shape::not_an_object(&builder),
        Class::Dispatch => fields::dispatch(&builder),
        Class::UnknownCallback => fields::unknown_callback(&builder),
        Class::RequestId => fields::request_id(&builder),
        Class::Endpoint => fields::endpoint(&builder),
        Class::Ignorable => fields::ignorable(&builder),
        Class::Encoding => encoding::odd(&builder),
        Class::MediaType => transport::media_types(&builder),
        Class::Method => transport::methods(&builder),
        Class::Payload => payload::payload(&builder),
        Class::Large => return Box::new(large::large(builder)),
        Class::Hostile => return Box::new(hostile::in_fields(template, request_id)),
    };
    Box::new(list.into_iter())
}
