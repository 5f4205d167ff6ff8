//! The files of `schemas/`, each under a name of its own; and those that a custom callback brings.

use serde_json::Value;

use super::compiled;
use super::composed::Composed;
use super::violation::Violation;

/// One of the schemas of `schemas/`, named by its file, or that of a custom callback's messages.
///
/// Formats are asserted: `uuid`, `date-time`, `uri` and `cti` are checked by the very functions that the types of
/// [`protocol`](crate::protocol) use, so that a schema and a type cannot disagree on a string.
///
/// ```
/// use acgw_conformance::protocol::schema;
/// use serde_json::json;
///
/// assert!(schema::CTI.is_valid(&json!("cti.a.p.acgw.request.v1.0")));
/// let violations = schema::CTI.violations(&json!("cti.a.p.acgw.request.v01.0"));
/// assert_eq!(violations[0].instance_path, "");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Schema(Source);

/// Where a schema is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    /// A file of `schemas/`.
    File(&'static str),
    /// What a custom callback declares.
    Composed(Composed),
}

macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        $($(#[$doc])* pub const $name: Schema = Schema(Source::File($file));)*

        /// Every schema, in the order of their files' names.
        pub static ALL: &[Schema] = &[$($name),*];

        static TEXTS: &[(&str, &str)] = &[$(($file, include_str!(concat!("../../../schemas/", $file)))),*];
    };
}

schemas! {
    /// Decoded secrets of `X-CyberApp-Auth`.
    AUTH_SECRETS = "auth_secrets.schema.json";
    /// A CTI identifier; the other schemas refer to it.
    CTI = "cti.schema.json";
    /// `customer.mirroring.get_state`, request.
    CUSTOMER_MIRRORING_GET_STATE_REQUEST = "customer.mirroring.get_state.request.schema.json";
    /// `customer.mirroring.get_state`, response.
    CUSTOMER_MIRRORING_GET_STATE_RESPONSE = "customer.mirroring.get_state.response.schema.json";
    /// `customer.mirroring.set_state`, request.
    CUSTOMER_MIRRORING_SET_STATE_REQUEST = "customer.mirroring.set_state.request.schema.json";
    /// `customer.mirroring.set_state`, response.
    CUSTOMER_MIRRORING_SET_STATE_RESPONSE = "customer.mirroring.set_state.response.schema.json";
    /// `enablement.read`, request.
    ENABLEMENT_READ_REQUEST = "enablement.read.request.schema.json";
    /// `enablement.read`, response.
    ENABLEMENT_READ_RESPONSE = "enablement.read.response.schema.json";
    /// `enablement.reset`, request.
    ENABLEMENT_RESET_REQUEST = "enablement.reset.request.schema.json";
    /// `enablement.reset`, response.
    ENABLEMENT_RESET_RESPONSE = "enablement.reset.response.schema.json";
    /// `enablement.write`, request.
    ENABLEMENT_WRITE_REQUEST = "enablement.write.request.schema.json";
    /// `enablement.write`, response.
    ENABLEMENT_WRITE_RESPONSE = "enablement.write.response.schema.json";
    /// The error response.
    ERROR_RESPONSE = "error_response.schema.json";
    /// Decoded `X-CyberApp-Extra`.
    EXTRA = "extra.schema.json";
    /// `partner.mirroring.enable`, request.
    PARTNER_MIRRORING_ENABLE_REQUEST = "partner.mirroring.enable.request.schema.json";
    /// `partner.mirroring.enable`, response.
    PARTNER_MIRRORING_ENABLE_RESPONSE = "partner.mirroring.enable.response.schema.json";
    /// `partner.mirroring.get_state`, request.
    PARTNER_MIRRORING_GET_STATE_REQUEST = "partner.mirroring.get_state.request.schema.json";
    /// `partner.mirroring.get_state`, response.
    PARTNER_MIRRORING_GET_STATE_RESPONSE = "partner.mirroring.get_state.response.schema.json";
    /// `partner.mirroring.reset`, request.
    PARTNER_MIRRORING_RESET_REQUEST = "partner.mirroring.reset.request.schema.json";
    /// `partner.mirroring.reset`, response.
    PARTNER_MIRRORING_RESET_RESPONSE = "partner.mirroring.reset.response.schema.json";
    /// A line of a recording of traffic.
    RECORDING = "recording.schema.json";
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
    /// `tenant_mapping.write`, request.
    TENANT_MAPPING_WRITE_REQUEST = "tenant_mapping.write.request.schema.json";
    /// `tenant_mapping.write`, response.
    TENANT_MAPPING_WRITE_RESPONSE = "tenant_mapping.write.response.schema.json";
    /// The claims of the token.
    TOKEN_CLAIMS = "token_claims.schema.json";
    /// The header of the token.
    TOKEN_HEADER = "token_header.schema.json";
    /// `topology.read`, request.
    TOPOLOGY_READ_REQUEST = "topology.read.request.schema.json";
    /// `topology.read`, response.
    TOPOLOGY_READ_RESPONSE = "topology.read.response.schema.json";
    /// The test vectors.
    VECTORS = "vectors.schema.json";
}

/// Those of what the program writes for its users, which no handler has to do with.
pub static OF_THE_PROGRAM: &[Schema] = &[RECORDING, REPORT, VECTORS];

impl Schema {
    /// The schema of a custom callback's messages.
    pub(in crate::protocol) fn composed(composed: Composed) -> Self {
        Schema(Source::Composed(composed))
    }

    /// The file's name below `schemas/`, or what the vendor's file is called.
    pub fn file(self) -> &'static str {
        match self.0 {
            Source::File(file) => file,
            Source::Composed(composed) => composed.name(),
        }
    }

    /// Its name: that of its file without the ending, for example `topology.read.response`.
    pub fn name(self) -> &'static str {
        let file = self.file();
        file.strip_suffix(".schema.json").unwrap_or(file)
    }

    /// The schema's JSON text; empty for that of a custom callback, whose envelope stands in no file of the vendor's.
    pub fn text(self) -> &'static str {
        match self.0 {
            Source::File(_) => TEXTS[self.index()].1,
            Source::Composed(_) => "",
        }
    }

    /// Whether the value keeps the schema, formats included.
    pub fn is_valid(self, value: &Value) -> bool {
        match self.0 {
            Source::File(_) => compiled::validator(self).is_valid(value),
            Source::Composed(composed) => composed.violations(value).is_empty(),
        }
    }

    /// How the value breaks the schema: empty when it keeps it, at most [`Violation::MOST`] otherwise.
    ///
    /// A schema is made of several, so one defect may break it in several ways, all of which are told here; `validate` tells one.
    pub fn violations(self, value: &Value) -> Vec<Violation> {
        match self.0 {
            Source::File(_) => compiled::validator(self)
                .iter_errors(value)
                .take(Violation::MOST)
                .map(|error| Violation::new(&error))
                .collect(),
            Source::Composed(composed) => composed.violations(value),
        }
    }

    /// The place in [`ALL`].
    pub(super) fn index(self) -> usize {
        ALL.iter()
            .position(|schema| *schema == self)
            .expect("only the schemas of ALL are files")
    }
}
