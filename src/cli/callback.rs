//! A callback, by its name or its id.

use super::nearest::did_you_mean;
use crate::protocol::catalog::{self, CATALOG, Callback};

/// The callback of this name or id.
///
/// # Errors
/// When there is none: names the nearest, or them all.
pub fn callback(name: &str) -> Result<&'static Callback, String> {
    catalog::by_name(name)
        .or_else(|| catalog::by_id(name))
        .ok_or_else(|| {
            let names = || CATALOG.iter().map(|callback| callback.name);
            did_you_mean(name, names()).unwrap_or_else(|| {
                format!(
                    "the callbacks are {}",
                    names().collect::<Vec<_>>().join(", ")
                )
            })
        })
}
