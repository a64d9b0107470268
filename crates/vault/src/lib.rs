//! The card vault: its own process, origin, file and keys.

mod keys;
