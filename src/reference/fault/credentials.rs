//! Faults in the check of `X-CyberApp-Auth`, and of `X-CyberApp-Extra`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::arrival::failure;
use super::stumble::crash;
use super::{Fault, Flaws};
use crate::protocol::Extra;
use crate::reference::answer::Refusal;
use crate::reference::store::{PARTNERS, Partner};

/// What a handler makes of an identity that it does not know.
static NOBODY: Partner = Partner {
    name: "Nobody",
    identity: "",
    secrets: "{}",
    customers: &[],
};

impl Flaws {
    /// The partner that a faulty handler serves without a full check of the credentials.
    pub fn takes_credentials(
        &self,
        header: Option<&str>,
    ) -> Result<Option<&'static Partner>, Refusal> {
        if self.faults.is_empty() {
            return Ok(None);
        }
        let first = |fault: Fault| Ok(self.has(fault).then_some(&PARTNERS[0]));
        let Some(header) = header else {
            if self.has(Fault::MissingCredentials500) {
                return Err(failure());
            }
            return first(Fault::CredentialsNotRequired);
        };
        if header.len() > 4096 && self.has(Fault::LongCredentials500) {
            return Err(failure());
        }
        let Ok(decoded) = STANDARD.decode(header) else {
            return first(Fault::NotBase64Accepted);
        };
        let Ok(text) = String::from_utf8(decoded) else {
            return if self.has(Fault::CredentialsNotUtf8500) {
                Err(failure())
            } else {
                Ok(None)
            };
        };
        if text.contains('\0') && self.has(Fault::CredentialsNulCrash) {
            return Err(crash());
        }
        let Some((identity, secrets)) = text.split_once(':') else {
            let named = |partner: &&Partner| text.starts_with(partner.identity);
            let found = PARTNERS.iter().find(named);
            return Ok(found.filter(|_| self.has(Fault::NoColonAccepted)));
        };
        let partner = PARTNERS.iter().find(|partner| partner.identity == identity);
        let is_json = serde_json::from_str::<Value>(secrets).is_ok();
        if self.has(Fault::NotJsonAccepted) && !is_json {
            return Ok(partner);
        }
        if self.has(Fault::UnknownIdentityAccepted) && partner.is_none() && is_json {
            return Ok(Some(&NOBODY));
        }
        if self.has(Fault::IdentityIgnored) {
            return Ok(owner_of(secrets));
        }
        Ok(None)
    }

    /// Refuses what a faulty handler does not take for the partner's secrets though they are.
    pub fn minds_credentials(&self, partner: &Partner, header: &str) -> bool {
        let text = STANDARD.decode(header).unwrap_or_default();
        (self.has(Fault::SecretsAsText)
            && text != format!("{}:{}", partner.identity, partner.secrets).into_bytes())
            || (self.has(Fault::SplitAtLastColon)
                && text.rsplitn(2, |byte| *byte == b':').last()
                    != Some(partner.identity.as_bytes()))
    }

    /// Whether secrets that are not the partner's are as good.
    pub fn takes_secrets(&self, partner: &Partner, given: &Value) -> bool {
        if self.faults.is_empty() {
            return false;
        }
        let right = partner.secrets_value();
        let like = |same: fn(&Value, &Value) -> bool| fields_are(&right, given, same);
        self.has(Fault::SecretsIgnored)
            || (self.has(Fault::AnyPartnersSecrets) && owner_of(&given.to_string()).is_some())
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
            return match () {
                () if self.has(Fault::MalformedExtra500) => Err(failure()),
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
fn owner_of(secrets: &str) -> Option<&'static Partner> {
    let secrets: Value = serde_json::from_str(secrets).ok()?;
    PARTNERS
        .iter()
        .find(|partner| partner.secrets_value() == secrets)
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
