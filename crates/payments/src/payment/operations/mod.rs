//! Operations of a payment: asked for by programs, and stored.
//!
//! An [`super::Operation`] is appended; its state and the bank's words are filled in, its kind and
//! amount never changed.

pub mod api;
pub mod describe;
pub mod store;
