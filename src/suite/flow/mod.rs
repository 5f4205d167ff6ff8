//! The flow that Acronis verifies (page `callback-handler/verification`, older `certification-checklist`): every step of it
//! sent in the gateway's order and shown as one exchange.

mod act;
mod course;
mod customer;
mod drive;
mod item;
mod look;
mod partner;
mod plan;
mod record;
mod see;

pub use item::{Item, ItemState};
pub use record::{Flow, FlowStep, Readiness, StepState};
