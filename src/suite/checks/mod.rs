//! The checks, one file an area, each requirement's text beside its check.

mod body;
mod connection;
mod credentials;
pub(crate) mod custom;
pub(crate) mod customer_mirroring;
mod delivery;
pub(crate) mod enablement;
mod envelope;
mod error_answer;
mod extra;
mod header_cases;
mod http;
mod isolation;
mod items;
mod jwt;
mod mapping_write;
pub(crate) mod partner_mirroring;
mod register;
mod rotation;
pub(crate) mod tenant_mapping;
mod tls;
mod token_claims;
pub(crate) mod topology;
mod writes;

pub(crate) use body::replace;
pub(crate) use custom::former;
pub(crate) use isolation::{conclude as conclude_isolation, namesakes};
pub(crate) use items::payload_agrees;
pub(crate) use register::{REQUIREMENTS, all};
pub(crate) use rotation::{COOL_DOWN, epilogue};
pub(crate) use tls::judge_tls;
