//! What a requirement is.

use serde::{Deserialize, Serialize};

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Documented as an obligation, or the gateway rejects the answer otherwise, or Acronis verifies it.
    Must,
    /// Documented as advice, or follows from the documents.
    Should,
    /// Undocumented, good sense.
    Hardening,
}

/// What a requirement is about; the part of its id before the dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Status, media type, method, connection.
    Http,
    /// Transport security.
    Tls,
    /// The response envelope.
    Env,
    /// The token.
    Jwt,
    /// `X-CyberApp-Auth`.
    Cred,
    /// `X-CyberApp-Extra`.
    Extra,
    /// Error answers.
    Err,
    /// `enablement.*`.
    Ena,
    /// `topology.read`.
    Top,
    /// `tenant_mapping.*`.
    Map,
    /// `partner.mirroring.*`.
    Pmi,
    /// `customer.mirroring.*`.
    Cmi,
    /// Custom callbacks.
    Cus,
    /// Robustness.
    Rob,
}

/// One testable statement of the contract.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement {
    /// `AREA-NN`, never renumbered.
    pub id: &'static str,
    /// How binding it is.
    pub level: Level,
    /// What it asks, in a few words.
    pub title: &'static str,
    /// What it asks, exactly.
    pub statement: &'static str,
    /// What the gateway or a user would see if it is broken.
    pub why: &'static str,
    /// What to change in a handler that breaks it.
    pub fix: &'static str,
    /// A page path below developer.acronis.com, "Postman collection", "RFC …" or "good practice".
    pub source: &'static str,
    /// Whether it is part of Acronis's own verification.
    pub verification: bool,
    /// Why it cannot be observed from outside, where it cannot.
    pub unobservable: Option<&'static str>,
}

impl Level {
    /// `must`, `should` or `hardening`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Must => "must",
            Level::Should => "should",
            Level::Hardening => "hardening",
        }
    }

    /// Whether a failure at this level counts for the verdict; otherwise it is advice.
    pub fn counts(self, strict: bool) -> bool {
        strict || self == Level::Must
    }
}

impl Area {
    /// Every area, in the order of a report.
    pub const ALL: &'static [Area] = &[
        Area::Http,
        Area::Tls,
        Area::Env,
        Area::Jwt,
        Area::Cred,
        Area::Extra,
        Area::Err,
        Area::Ena,
        Area::Top,
        Area::Map,
        Area::Pmi,
        Area::Cmi,
        Area::Cus,
        Area::Rob,
    ];

    /// The area's part of an id, for example `HTTP`.
    pub fn code(self) -> &'static str {
        match self {
            Area::Http => "HTTP",
            Area::Tls => "TLS",
            Area::Env => "ENV",
            Area::Jwt => "JWT",
            Area::Cred => "CRED",
            Area::Extra => "EXTRA",
            Area::Err => "ERR",
            Area::Ena => "ENA",
            Area::Top => "TOP",
            Area::Map => "MAP",
            Area::Pmi => "PMI",
            Area::Cmi => "CMI",
            Area::Cus => "CUS",
            Area::Rob => "ROB",
        }
    }

    /// What the area is about, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Area::Http => "HTTP exchange",
            Area::Tls => "Transport security",
            Area::Env => "Response envelope",
            Area::Jwt => "Token",
            Area::Cred => "Vendor credentials (X-CyberApp-Auth)",
            Area::Extra => "Extra data (X-CyberApp-Extra)",
            Area::Err => "Error answers",
            Area::Ena => "Mapped partners",
            Area::Top => "Topology",
            Area::Map => "Tenant mapping",
            Area::Pmi => "Mirrored partners",
            Area::Cmi => "Mirrored customers",
            Area::Cus => "Custom callbacks",
            Area::Rob => "Robustness",
        }
    }
}

impl Requirement {
    /// The beginnings of a requirement, to be completed by the methods below.
    const fn new(level: Level, id: &'static str, title: &'static str) -> Self {
        Self {
            id,
            level,
            title,
            statement: "",
            why: "",
            fix: "",
            source: "",
            verification: false,
            unobservable: None,
        }
    }

    pub(crate) const fn must(id: &'static str, title: &'static str) -> Self {
        Self::new(Level::Must, id, title)
    }

    pub(crate) const fn should(id: &'static str, title: &'static str) -> Self {
        Self::new(Level::Should, id, title)
    }

    pub(crate) const fn hardening(id: &'static str, title: &'static str) -> Self {
        Self::new(Level::Hardening, id, title)
    }

    pub(crate) const fn states(mut self, statement: &'static str) -> Self {
        self.statement = statement;
        self
    }

    pub(crate) const fn because(mut self, why: &'static str) -> Self {
        self.why = why;
        self
    }

    pub(crate) const fn fix(mut self, fix: &'static str) -> Self {
        self.fix = fix;
        self
    }

    pub(crate) const fn source(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    pub(crate) const fn verified(mut self) -> Self {
        self.verification = true;
        self
    }

    pub(crate) const fn unobservable(mut self, reason: &'static str) -> Self {
        self.unobservable = Some(reason);
        self
    }

    /// The area the requirement belongs to.
    pub fn area(&self) -> Area {
        let code = self.id.split('-').next().unwrap_or_default();
        Area::ALL
            .iter()
            .copied()
            .find(|area| area.code() == code)
            .unwrap_or(Area::Rob)
    }
}
