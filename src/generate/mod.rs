//! Makes everything that is sent: valid requests, equivalent spellings of them, single faults and hostile values. Pure data:
//! nothing here touches the network, and the same seed always gives the same value.

pub mod credentials;
pub mod cti;
pub mod custom;
pub mod encode;
pub mod extra;
pub mod header;
pub mod hostile;
pub mod malform;
pub mod mutate;
pub mod payload;
pub mod response;
pub mod seed;
pub mod template;
pub mod token;
pub mod valid;
pub mod values;

pub use encode::Style;
pub use header::HeaderCase;
pub use malform::{Class, Damage, Malformation};
pub use template::Template;
pub use valid::ValidCase;
