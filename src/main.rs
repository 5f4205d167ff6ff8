//! The `acgw` program.

fn main() {}
