//! Permission as an extractor: a handler that asks for `May<needs::PaymentsRefund>` or
//! `Staff<needs::PaymentsRefund>` cannot run without that right.
//!
//! [`May`] is for the API (a key), [`Staff`] for pages (a session). Both carry the scope that
//! store functions ask for, and where the request came from.

pub mod api;
pub mod needs;
pub mod pages;

pub use api::{Caller, May};
pub use pages::{Menu, Staff};
