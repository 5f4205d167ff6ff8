//! CTI identifiers, such as `cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0`.
//!
//! An identifier is `cti.` and one or more *contexts* joined by `~`, at the end perhaps `~` and a UUID. A context is
//! `vendor.package.entity_name.vMAJOR.MINOR`. Where published regular expressions disagree, the CTI reference parser decides.
//! Reference expressions (wildcards, missing versions, queries, selectors) are no identifiers, and are refused as what they are.

mod error;
mod identifier;
mod parse;

pub use error::{CtiError, CtiErrorKind};
pub use identifier::{Context, Cti};
