//! The test identity provider.
