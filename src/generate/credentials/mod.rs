//! Values of `X-CyberApp-Auth`: the same credentials spelt otherwise, malformed ones, and ones of nobody.

mod equivalent;
mod hostile;
mod leaves;
mod malformed;
mod replaced;
#[cfg(test)]
mod tests;
mod wrong;

pub use equivalent::{equivalents, in_plain_letters, restyled};
pub use hostile::{generated, hostile};
pub use malformed::{no_colon, not_base64, secrets_not_json};
pub use replaced::replaced_secrets;
pub use wrong::{crossed, unknown_identities, wrong_secrets};
