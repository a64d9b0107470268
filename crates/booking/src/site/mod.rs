//! The property in front of a visitor: what the pages of guests share.

pub(crate) mod pages;
pub(crate) mod store;
