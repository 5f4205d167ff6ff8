//! One file a format; decides nothing.
