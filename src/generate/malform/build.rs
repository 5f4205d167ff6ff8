//! Changes one place of a valid request, by JSON pointer.

use serde_json::{Map, Value, json};

use crate::generate::template::Template;

/// A valid request to be changed.
pub(crate) struct Builder<'a> {
    pub(crate) template: &'a Template,
    envelope: Value,
}

/// Stands where raw text is put; nothing else of a request reads so.
const PLACE: &str = "acgw-splice-2f0b9c6e-here";

impl<'a> Builder<'a> {
    pub(crate) fn new(template: &'a Template, request_id: &str) -> Self {
        Self {
            template,
            envelope: template.envelope(request_id),
        }
    }

    /// The valid request.
    pub(crate) fn envelope(&self) -> Value {
        self.envelope.clone()
    }

    /// The valid request's compact text.
    pub(crate) fn text(&self) -> String {
        self.envelope.to_string()
    }

    /// With another value, or a further member, at a place.
    pub(crate) fn with(&self, pointer: &str, value: Value) -> Value {
        let mut envelope = self.envelope();
        if let Some((parent, key)) = parent(&mut envelope, pointer) {
            parent.insert(key.to_owned(), value);
        }
        envelope
    }

    /// Without the member at a place.
    pub(crate) fn without(&self, pointer: &str) -> Value {
        let mut envelope = self.envelope();
        if let Some((parent, key)) = parent(&mut envelope, pointer) {
            parent.shift_remove(key);
        }
        envelope
    }

    /// With any bytes in place of a value.
    pub(crate) fn spliced(&self, pointer: &str, raw: &[u8]) -> Vec<u8> {
        let (before, after) = self.around(pointer);
        [before.as_bytes(), raw, after.as_bytes()].concat()
    }

    /// The compact text before and behind the value at a place.
    pub(crate) fn around(&self, pointer: &str) -> (String, String) {
        let text = self.with(pointer, json!(PLACE)).to_string();
        let marker = format!("\"{PLACE}\"");
        match text.split_once(&marker) {
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (text, String::new()),
        }
    }

    /// With further members, as raw text, at the start of the object at a place (`""` or `/context`).
    pub(crate) fn first(&self, pointer: &str, members: &str) -> String {
        let (start, end) = self.halves(pointer);
        format!("{start}{members},{end}")
    }

    /// With further members, as raw text, at the end of the object at a place (`""` or `/context`).
    pub(crate) fn last(&self, pointer: &str, members: &str) -> String {
        let text = self.text();
        let object = self.object_text(pointer);
        match text.rsplit_once(&object) {
            Some((before, after)) => {
                let open = object.strip_suffix('}').unwrap_or(&object);
                format!("{before}{open},{members}}}{after}")
            }
            None => text,
        }
    }

    /// The compact text, cut behind the opening brace of the object at a place.
    fn halves(&self, pointer: &str) -> (String, String) {
        let text = self.text();
        let at = text
            .find(&self.object_text(pointer))
            .map_or(0, |start| start + 1);
        (text[..at].to_owned(), text[at..].to_owned())
    }

    fn object_text(&self, pointer: &str) -> String {
        self.envelope
            .pointer(pointer)
            .map(Value::to_string)
            .unwrap_or_default()
    }
}

/// `context.callback_id` for `/context/callback_id`.
pub(crate) fn label(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

fn parent<'v, 'p>(
    value: &'v mut Value,
    pointer: &'p str,
) -> Option<(&'v mut Map<String, Value>, &'p str)> {
    let (parent, key) = pointer.rsplit_once('/')?;
    Some((value.pointer_mut(parent)?.as_object_mut()?, key))
}

/// One value of each JSON type, with its text.
pub(crate) fn one_of_each_type() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(1.5),
        json!(""),
        json!([]),
        json!({}),
    ]
}
