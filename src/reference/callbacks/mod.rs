//! The callbacks that are served, one file for those that belong together.

mod call;
mod customer_mirroring;
mod enablement;
mod partner_mirroring;
mod quote;
mod served;
mod tenant_mapping;
mod topology;

pub(super) use call::{Call, conflict};
pub(super) use served::{Act, Outcome, Read, Reply, Write, find, is_known, known_prefix};
