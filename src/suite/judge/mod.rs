//! What an exchange says about the requirements: pure functions from what was sent and observed to findings.
//!
//! The stages follow the gateway's way through an answer. A stage that finds a defect ends the way, so that one defect is
//! blamed on one requirement.

pub(crate) mod custom;
pub(crate) mod disclosure;
pub(crate) mod envelope;
pub(crate) mod findings;
pub(crate) mod http;
pub(crate) mod payload;
pub(crate) mod refusal;
pub(crate) mod stages;
pub(crate) mod transport;

pub(crate) use findings::{Defect, Findings};
pub(crate) use stages::{Disposition, Judgement, Sent, judge};
