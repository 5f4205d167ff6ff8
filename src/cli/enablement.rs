//! The enablement methods of a run, and what follows from them.

use super::settings::{Method, Settings};
use super::usage::UsageError;
use crate::protocol::{Callback, CallbackIdentity, Enablement, EnablementMethod};

/// What is told where there is nothing to check.
pub const NOTHING_TO_CHECK: &str = "explicit partners and explicit customers are enabled without callbacks, so there is \
    nothing to check";

/// The combination of `--partner` and `--customer`.
///
/// # Errors
/// When Acronis does not offer it.
pub fn enablement(settings: &Settings) -> Result<Enablement, UsageError> {
    let method = |given: Option<Method>| given.map_or(EnablementMethod::Mapped, Into::into);
    let (partner, customer) = (method(settings.partner), method(settings.customer));
    Enablement::new(partner, customer).ok_or_else(|| {
        UsageError::new(format!(
            "--partner {partner} with --customer {customer} is not offered by Acronis: customers are mapped to the \
             organisations of a partner, and explicit enablement has no callback that makes a partner known"
        ))
        .tip("say --customer mirrored or --customer explicit, or another --partner")
    })
}

/// The combination that a callback is sent in: the one that is given, else the first that has the callback.
///
/// # Errors
/// When what is given has not the callback.
pub fn enablement_with(
    settings: &Settings,
    callback: &'static Callback,
) -> Result<Enablement, UsageError> {
    let (partner, customer) = (settings.partner, settings.customer);
    if partner.is_some() && customer.is_some() {
        enablement(settings)?;
    }
    let fits = |given: Option<Method>, method: EnablementMethod| {
        given.is_none_or(|given| EnablementMethod::from(given) == method)
    };
    Enablement::all()
        .filter(|one| one.has(callback.family))
        .find(|one| fits(partner, one.partner()) && fits(customer, one.customer()))
        .ok_or_else(|| {
            let used_by: Vec<String> = Enablement::all()
                .filter(|one| one.has(callback.family))
                .map(|one| format!("--partner {} --customer {}", one.partner(), one.customer()))
                .collect();
            UsageError::new(format!(
                "{} is not among the callbacks of these enablement methods",
                callback.name
            ))
            .tip(format!("it is among those of {}", used_by.join(", or ")))
        })
}

/// A callback of the combination that is made on behalf of vendor credentials.
pub fn identified_by_credentials(enablement: Enablement) -> Option<&'static Callback> {
    enablement
        .callbacks()
        .find(|callback| enablement.identity(callback) == CallbackIdentity::Credentials)
}
