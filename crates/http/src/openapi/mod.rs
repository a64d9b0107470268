//! The description of an API (OpenAPI 3.1), written beside the handlers that it describes.
//!
//! Requests are read and answers written field by field in this house, so there is no type that
//! a derive could describe. Each `api.rs` has a `describe` beside it that says, in these types,
//! what its routes take and give; enumerations and limits come from the code itself. The whole is
//! kept true from three sides: every route of the list of endpoints must be described, every
//! answer that the tests see must fit, and the server is driven by what the description promises.

mod card;
mod document;
mod node;
mod operation;
mod schema;

pub use card::{card, no_card};
pub use document::{Document, Part, Security};
pub use node::Node;
pub use operation::{Once, Operation};
pub use schema::{
    Schema, any, boolean, constant, date, id, instant, integer, link, list, map, may, minor, must,
    object, one_of, text, words,
};
