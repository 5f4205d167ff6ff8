//! The reference handler does what it is there to show, and its faults do what they say.

mod denials;
mod faults;
mod forgetting;
mod keys;
mod limits;
mod mapped;
mod mirrored;
mod mixed;
mod right;
mod socket;
mod support;
mod together;
