//! The JSON Schemas of `schemas/`, compiled in and validated with `jsonschema`. This is the only module that knows that crate.

use std::sync::LazyLock;

use serde_json::Value;

/// One of the schemas of `schemas/`, named by its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Schema(&'static str);

macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $($(#[$doc])* pub const $name: Schema = Schema($file);)*

        /// Every schema, in the order of their files' names.
        pub static ALL: &[Schema] = &[$($name),*];

        static TEXTS: &[(&str, &str)] = &[$(($file, include_str!(concat!("../../schemas/", $file)))),*];
    };
}

schemas! {
    /// Decoded secrets of `X-CyberApp-Auth`.
    AUTH_SECRETS = "auth_secrets.schema.json";
    /// The error response.
    ERROR_RESPONSE = "error_response.schema.json";
    /// Decoded `X-CyberApp-Extra`.
    EXTRA = "extra.schema.json";
    /// The report of a run.
    REPORT = "report.schema.json";
    /// The envelope of every request.
    REQUEST = "request.schema.json";
    /// The envelope of every successful response.
    RESPONSE = "response.schema.json";
    /// `tenant_mapping.read`, request.
    TENANT_MAPPING_READ_REQUEST = "tenant_mapping.read.request.schema.json";
    /// `tenant_mapping.read`, response.
    TENANT_MAPPING_READ_RESPONSE = "tenant_mapping.read.response.schema.json";
    /// The claims of the token.
    TOKEN_CLAIMS = "token_claims.schema.json";
    /// The header of the token.
    TOKEN_HEADER = "token_header.schema.json";
    /// `topology.read`, request.
    TOPOLOGY_READ_REQUEST = "topology.read.request.schema.json";
    /// `topology.read`, response.
    TOPOLOGY_READ_RESPONSE = "topology.read.response.schema.json";
}

/// One way in which a value breaks a schema.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// JSON pointer into the value; empty for the value as a whole.
    pub instance_path: String,
    /// JSON pointer into the schema.
    pub schema_path: String,
    /// What is wrong, in words. It may quote the value.
    pub message: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.instance_path.is_empty() {
            "(root)"
        } else {
            &self.instance_path
        };
        write!(f, "{place}: {}", self.message)
    }
}

static VALIDATORS: LazyLock<Vec<(Schema, jsonschema::Validator)>> =
    LazyLock::new(|| todo!("compiled lazily, see the plan"));

impl Schema {
    /// The file's name below `schemas/`.
    pub fn file(self) -> &'static str {
        self.0
    }

    /// The schema's JSON text.
    pub fn text(self) -> &'static str {
        TEXTS
            .iter()
            .find(|(file, _)| *file == self.0)
            .map(|(_, text)| *text)
            .expect("every schema has its text")
    }

    /// Whether the value keeps the schema, formats included.
    pub fn is_valid(self, value: &Value) -> bool {
        self.validator().is_valid(value)
    }

    /// Every way in which the value breaks the schema; empty when it keeps it.
    pub fn violations(self, value: &Value) -> Vec<Violation> {
        self.validator()
            .iter_errors(value)
            .map(|error| Violation {
                instance_path: error.instance_path().to_string(),
                schema_path: error.schema_path().to_string(),
                message: error.to_string(),
            })
            .collect()
    }

    fn validator(self) -> &'static jsonschema::Validator {
        VALIDATORS
            .iter()
            .find(|(schema, _)| *schema == self)
            .map(|(_, validator)| validator)
            .expect("every schema is compiled")
    }
}
