//! Storage of [`super::Operation`]s: appended, their state and the bank's words filled in, their
//! kind and amount never changed.

pub mod store;
