//! A callback, by its name or its id: a predefined one, or one that is declared in `acgw.toml`.

use super::nearest::did_you_mean;
use super::usage::UsageError;
use crate::protocol::CustomCallback;
use crate::protocol::catalog::{self, CATALOG, Callback};
use crate::report::text::one_line;

/// The callback of this name or id. `customs` are those that are declared.
///
/// # Errors
/// When there is none: why, and the nearest, or them all.
pub fn callback(
    name: &str,
    customs: &[&'static Callback],
) -> Result<&'static Callback, (String, String)> {
    let own = customs
        .iter()
        .copied()
        .find(|own| own.name == name || own.id == name);
    let known = catalog::by_name(name).or_else(|| catalog::by_id(name));
    known.or(own).ok_or_else(|| {
        let names = || {
            CATALOG
                .iter()
                .chain(customs.iter().copied())
                .map(|callback| callback.name)
        };
        let near = did_you_mean(name, names()).unwrap_or_else(|| {
            let names: Vec<&str> = names().collect();
            format!(
                "the callbacks are {}; others are declared in acgw.toml",
                names.join(", ")
            )
        });
        (format!("there is no callback `{}`", one_line(name)), near)
    })
}

/// The same, for the command line.
///
/// # Errors
/// When there is none.
pub fn named(name: &str, customs: &[&'static Callback]) -> Result<&'static Callback, UsageError> {
    callback(name, customs).map_err(|(why, near)| UsageError::new(why).tip(near))
}

/// Callbacks that are declared, as the catalog's are.
///
/// # Errors
/// When one is not declared in full.
pub fn declared(customs: &[CustomCallback]) -> Result<Vec<&'static Callback>, UsageError> {
    let callbacks = customs.iter().map(|own| {
        let wrong = |error| UsageError::new(format!("the callback {}: {error}", own.name()));
        own.callback().map_err(wrong)
    });
    callbacks.collect()
}
