//! Faults in the check of `X-CyberApp-Auth`, and of `X-CyberApp-Extra`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use http::HeaderMap;
use serde_json::{Value, json};

use super::arrival::failure;
use super::stumble::crash;
use super::{Fault, Flaws};
use crate::protocol::Extra;
use crate::protocol::headers::AUTH_HEADER;
use crate::reference::answer::Refusal;
use crate::reference::store::{PARTNERS, Partner};

/// What a handler makes of an identity that it does not know.
static NOBODY: Partner = Partner {
    name: "Nobody",
    identity: "",
    secrets: "{}",
    vendor_tenant_id: "",
    acronis_tenant_id: "",
    customers: &[],
};

impl Flaws {
    /// The partner that a faulty handler serves without a full check of the credentials.
    pub fn takes_credentials(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<&'static Partner>, Refusal> {
        if self.faults.is_empty() {
            return Ok(None);
        }
        let first = |fault: Fault| Ok(self.has(fault).then_some(&PARTNERS[0]));
        if !headers.contains_key(AUTH_HEADER) {
            if self.has(Fault::MissingCredentials500) {
                return Err(failure());
            }
            return first(Fault::CredentialsNotRequired);
        }
        let decoded = headers
            .get(AUTH_HEADER)
            .map(|value| STANDARD.decode(value.as_bytes()));
        let Some(Ok(decoded)) = decoded else {
            return first(Fault::NotBase64Accepted);
        };
        let Some(colon) = decoded.iter().position(|byte| *byte == b':') else {
            let named = |partner: &&Partner| decoded.starts_with(partner.identity.as_bytes());
            let found = PARTNERS.iter().find(named);
            return Ok(found.filter(|_| self.has(Fault::NoColonAccepted)));
        };
        let (identity, secrets) = (&decoded[..colon], &decoded[colon + 1..]);
        let partner = PARTNERS
            .iter()
            .find(|partner| partner.identity.as_bytes() == identity);
        self.stumble_over_secrets(partner, secrets)?;
        match serde_json::from_slice(secrets) {
            Err(_) if self.has(Fault::NotJsonAccepted) => Ok(partner),
            Ok(secrets) if self.has(Fault::IdentityIgnored) => Ok(owner_of(&secrets)),
            Ok(secrets)
                if self.has(Fault::InheritedIdentity)
                    && identity == b"constructor"
                    && secrets == json!({}) =>
            {
                Ok(Some(&NOBODY))
            }
            Ok(secrets) if self.has(Fault::IdentityInPart) && partner.is_none() => {
                Ok(owner_of(&secrets).filter(|owner| begins(owner, identity)))
            }
            Ok(_) if self.has(Fault::UnknownIdentityAccepted) && partner.is_none() => {
                Ok(Some(&NOBODY))
            }
            _ => Ok(None),
        }
    }

    fn stumble_over_secrets(
        &self,
        partner: Option<&Partner>,
        secrets: &[u8],
    ) -> Result<(), Refusal> {
        let is_text = std::str::from_utf8(secrets).is_ok();
        if partner.is_none() {
            Ok(())
        } else if (self.has(Fault::SecretsNotUtf8500) && !is_text)
            || (self.has(Fault::SecretsArray500) && secrets.trim_ascii().starts_with(b"["))
        {
            Err(failure())
        } else if self.has(Fault::SecretsNulCrash) && secrets.contains(&0) {
            Err(crash())
        } else {
            Ok(())
        }
    }

    /// Refuses what a faulty handler does not take for the partner's secrets though they are.
    pub fn minds_credentials(&self, partner: &Partner, header: &str) -> bool {
        let text = STANDARD.decode(header).unwrap_or_default();
        (self.has(Fault::SecretsAsText)
            && text != format!("{}:{}", partner.identity, partner.secrets).into_bytes())
            || (self.has(Fault::SplitAtLastColon)
                && text.rsplitn(2, |byte| *byte == b':').last()
                    != Some(partner.identity.as_bytes()))
            // What is read in another encoding, or not at all, is nobody's secret.
            || (self.has(Fault::CredentialsInLatin1) && !text.is_ascii())
            || (self.has(Fault::CredentialsForUrls) && URL_SAFE.decode(header).is_err())
    }

    /// Whether secrets that are not the partner's are as good.
    pub fn takes_secrets(&self, partner: &Partner, given: &Value) -> bool {
        if self.faults.is_empty() {
            return false;
        }
        let right = partner.secrets_value();
        let like = |same: fn(&Value, &Value) -> bool| fields_are(&right, given, same);
        self.has(Fault::SecretsIgnored)
            || (self.has(Fault::SecretsGivenOnly) && has_all(&right, given))
            || (self.has(Fault::AnyPartnersSecrets) && owner_of(given).is_some())
            || (self.has(Fault::SecretCaseInsensitive) && like(same_but_for_case))
            || (self.has(Fault::SecretLengthOnly) && like(same_length))
            || (self.has(Fault::LooseComparison) && like(|_, given| given == &json!(true)))
            || (self.has(Fault::OperatorObjects) && like(|_, given| given.get("$ne").is_some()))
            || (self.has(Fault::NullSecret) && like(|_, given| given.is_null()))
    }

    /// Stumbles over extra data.
    pub fn on_extra(&self, header: Option<&str>, extra: Option<&Extra>) -> Result<(), Refusal> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let Some(Extra(fields)) = extra else {
            let text = STANDARD
                .decode(header.unwrap_or_default())
                .unwrap_or_default();
            let is_array = matches!(serde_json::from_slice(&text), Ok(Value::Array(_)));
            return match () {
                () if self.has(Fault::ExtraArray500) && is_array => Err(failure()),
                () if self.has(Fault::MalformedExtraCrash) => Err(crash()),
                () => Ok(()),
            };
        };
        if self.has(Fault::ExtraCompactOnly) {
            let compact = STANDARD.encode(json!(fields).to_string());
            if header != Some(compact.as_str()) {
                return Err(Refusal::malformed("X-CyberApp-Extra is not compact"));
            }
        }
        let has_key = |key: &str| fields.contains_key(key);
        let odd = (self.has(Fault::ExtraNotAscii500) && !json!(fields).to_string().is_ascii())
            || (self.has(Fault::ExtraBoolean500) && fields.values().any(Value::is_boolean))
            || (self.has(Fault::ExtraProto500) && (has_key("__proto__") || has_key("constructor")));
        if odd { Err(failure()) } else { Ok(()) }
    }
}

/// The partner whose secrets these are.
fn owner_of(secrets: &Value) -> Option<&'static Partner> {
    PARTNERS
        .iter()
        .find(|partner| partner.secrets_value() == *secrets)
}

/// Whether both are objects with the same keys, and the given values are the same as the right ones or pass for them.
fn fields_are(right: &Value, given: &Value, pass: fn(&Value, &Value) -> bool) -> bool {
    let (Some(right), Some(given)) = (right.as_object(), given.as_object()) else {
        return pass(right, given);
    };
    right.len() == given.len()
        && right.iter().all(|(key, right)| {
            given
                .get(key)
                .is_some_and(|given| given == right || pass(right, given))
        })
}

fn same_but_for_case(right: &Value, given: &Value) -> bool {
    match (right.as_str(), given.as_str()) {
        (Some(right), Some(given)) => right.to_lowercase() == given.to_lowercase(),
        _ => false,
    }
}

fn same_length(right: &Value, given: &Value) -> bool {
    match (right.as_str(), given.as_str()) {
        (Some(right), Some(given)) => right.chars().count() == given.chars().count(),
        _ => false,
    }
}

/// Whether an object has all that another one has.
fn has_all(whole: &Value, part: &Value) -> bool {
    let (Value::Object(whole), Value::Object(part)) = (whole, part) else {
        return false;
    };
    part.iter()
        .all(|(key, value)| whole.get(key) == Some(value))
}

/// Whether the partner's identity begins like this.
fn begins(partner: &Partner, identity: &[u8]) -> bool {
    !identity.is_empty() && partner.identity.as_bytes().starts_with(identity)
}
