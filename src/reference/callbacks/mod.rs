//! The callbacks that are served, one file each.

mod served;
mod tenant_mapping;
mod topology;

pub(super) use served::find;
