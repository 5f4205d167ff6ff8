//! `acgw` plays Acronis's API Callback Gateway against a callback handler and says, requirement by requirement and with
//! evidence, whether the handler keeps the contract.
//!
//! The folders, from the bottom up: [`protocol`] is the contract, [`generate`] makes inputs, [`gateway`] sends them, [`suite`]
//! judges the answers, [`report`] writes them down, and [`mod@reference`] is a handler that does it right. [`vectors`] are what of it
//! can be said without a handler.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod gateway;
pub mod generate;
pub mod protocol;
pub mod reference;
pub mod report;
pub mod suite;
pub mod vectors;

#[cfg(feature = "cli")]
pub mod cli;

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
