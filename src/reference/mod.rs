//! The reference handler: how to do it right, and its faults: how to do it wrong, one thing at a time.
