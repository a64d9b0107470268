//! A bank on paper, and servers in front of it that speak like the real ones: the wire of the
//! vault and the interface of the simulated bank. What the bank did is known exactly.

pub(crate) mod api;
pub(crate) mod bank;
