//! Where the messages go.
