//! proptest strategies for everything that is sent.
