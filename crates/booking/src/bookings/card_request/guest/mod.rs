//! The guest in front of a request.

pub(crate) mod pages;
